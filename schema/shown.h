/* Shown: what of the records somebody asks to see, and its text; the same at the box
 * and at the centre. */
#ifndef TRAM_SCHEMA_SHOWN_H
#define TRAM_SCHEMA_SHOWN_H

#include "schema/records.h"

#define SHOWN_TEXT_BYTES_MAX (64u << 20) /* of a whole document */

struct shown {
    uint64_t document;
    uint64_t page; /* 0: the whole document */
};

/* What an id as text names; ERR_USAGE if it is no number; *out zeroed when nothing
 * here has that id. */
int shown_find(struct records *r, const char *id, struct shown *out, struct err *e);

/* Its text; pages after the first begin with a form feed. */
int shown_text(struct records *r, const struct shown *what, struct buffer *out,
               struct err *e);

#endif
