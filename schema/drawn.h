/* Drawn: the machine's values of a document, each with its evidence. They are rows of
 * table field with source 'machine' and a rule; a machine's row without a rule is
 * somebody else's, and rows of clerks and of the province are never touched. What a person
 * has deleted of the machine's stays deleted: it has its value still. */
#ifndef TRAM_SCHEMA_DRAWN_H
#define TRAM_SCHEMA_DRAWN_H

#include "schema/records.h"

struct drawn_value {
    const char *name, *value, *rule;
    unsigned ordinal, confidence;     /* per cent */
    uint64_t page;                    /* 0: it stands on none */
    int32_t left, top, width, height; /* on it, pixels of the original */
};

/* By name and ordinal; of two struct drawn_value, as qsort() asks for it. */
int drawn_compare(const void *a, const void *b);

/* Inside a write of the caller's: these, by name and ordinal, in the place of all that was drawn before, and
 * the document's search row brought up to date. A register has more values than one
 * transaction may hold: as many as fit are written, *at is the first that is left, and
 * *done that none is. */
#define DRAWN_SLICE_ROWS  400
#define DRAWN_SLICE_BYTES 65536
int record_drawn(struct records *r, uint64_t document, const struct drawn_value *values,
                 size_t count, size_t *at, bool *done, struct err *e);

#endif
