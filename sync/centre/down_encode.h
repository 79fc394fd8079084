/* Encoder: writes changes for the schema of a box. Columns that it lacks are left out
 * when they are NULL; else the row cannot be told yet. Internal to sync/centre/down*.c. */
#ifndef TRAM_SYNC_CENTRE_DOWN_ENCODE_H
#define TRAM_SYNC_CENTRE_DOWN_ENCODE_H

#include "base/buffer.h"
#include "sync/rows/change.h"

struct encoder {
    sqlite3 *db;                /* owned: empty tables of that schema */
    sqlite3_changegroup *group; /* owned: what was taken */
    sqlite3_stmt *columns;      /* owned: how many a table has there */
    unsigned changes;
    size_t bytes; /* of texts and blobs in them */
};

int encoder_init(struct encoder *x, uint32_t schema, struct err *e);
void encoder_release(struct encoder *x); /* a zeroed one is fine */

/* *fits false: nothing was taken. */
int encoder_take(struct encoder *x, const struct row_change *c, bool *fits,
                 struct err *e);
/* A whole row, as an insert. */
int encoder_take_row(struct encoder *x, const struct rows_table *t, sqlite3_stmt *row,
                     bool *fits, struct err *e);
/* Appends all of them to `out`; nothing was taken: nothing. */
int encoder_finish(struct encoder *x, struct buffer *out, struct err *e);

#endif
