/* Show: one document or page as an object for `show --json` and the desk, and its
 * originals as files. */
#ifndef TRAM_APPLIANCE_SHOW_H
#define TRAM_APPLIANCE_SHOW_H

#include <jansson.h>

#include "appliance/box.h"

#define SHOW_TEXT_BYTES_MAX (64u << 20) /* of a whole document */

struct shown {
    uint64_t document;
    uint64_t page; /* 0: the whole document */
};

/* What an id as text names; ERR_USAGE if it is no number; *out zeroed when nothing
 * here has that id. */
int show_find(struct box *b, const char *id, struct shown *out, struct err *e);

/* {"document", "page" (if one was asked for), "site", "dossier", "type", "fields":
 * [{"name", "ordinal", "value", "source"}], "pages": [{"page", "number", "state":
 * "read"|"waiting"|"quarantined", "reason", "text"}], "originals": [{"sha256",
 * "name", "media", "bytes", "pages"}]}. *out is the caller's. */
int show_json(struct box *b, const struct shown *what, json_t **out, struct err *e);

/* Its text; pages after the first begin with a form feed. */
int show_text(struct box *b, const struct shown *what, struct buffer *out, struct err *e);

/* Writes the original that holds the (document's first) page to `path`, or, if that
 * ends in '/', all of them into that directory under their own names; a file that is
 * there is replaced whole. *count is how many; 0 for records without originals. */
int show_originals(struct box *b, const struct shown *what, const char *path,
                   unsigned *count, struct err *e);

/* Writes the small image of the page, or of the document's first, to `path`; a file
 * that is there is replaced whole. *written is false if it has none yet. */
int show_image(struct box *b, const struct shown *what, const char *path, bool *written,
               struct err *e);

#endif
