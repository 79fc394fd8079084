/* Fold: a history gone through once more, in a database of its own, for verify: our own
 * frames by SQLite's own means, those that came through rows.h, whose decisions depend
 * on nothing else. What comes out must be the rows that stand. */
#ifndef TRAM_SYNC_ROWS_FOLD_H
#define TRAM_SYNC_ROWS_FOLD_H

#include "sync/rows/rows.h"

struct rows_fold {
    struct rows rows;
    uint64_t conflicts; /* changes of our own frames that could not be applied */
};

/* `db` is empty but for this program's schema, and outlives it. */
int rows_fold_init(struct rows_fold *f, sqlite3 *db, const char *const *names,
                   size_t count, uint16_t site, bool from_box, struct err *e);
void rows_fold_release(struct rows_fold *f); /* a zeroed one is fine */

/* A frame of our own: applied, and remembered for what comes after it. */
int rows_fold_own(struct rows_fold *f, const struct own_frame *own, struct err *e);
int rows_fold_came(struct rows_fold *f, const struct rows_frame *came, struct err *e);

#endif
