/* Fold: one site's history, its frames and ours to it, gone through once more in an empty
 * database in memory (sync/rows/fold.h); for verify, which compares the outcome with the
 * rows that stand. */
#ifndef TRAM_SYNC_CENTRE_FOLD_H
#define TRAM_SYNC_CENTRE_FOLD_H

#include "sync/centre/late.h"
#include "sync/rows/fold.h"

struct fold;

int fold_create(struct fold **out, struct centre *c, uint16_t site, struct err *e);
void fold_destroy(struct fold *f); /* NULL is fine */

/* The box's next frame, before it our own that were made without it. ERR_CORRUPT: the
 * chain of our own is broken. */
int fold_add(struct fold *f, const struct rows_frame *frame, struct err *e);
/* One that came late (late.h), before our own of this number. */
int fold_add_late(struct fold *f, const struct rows_frame *frame,
                  struct late_place *place, uint64_t before, struct err *e);
/* Our own that are left. */
int fold_finish(struct fold *f, struct err *e);
/* Changes of our own frames that could not be applied. */
uint64_t fold_conflicts(const struct fold *f);

/* *equal: the table holds the same rows of this site here and in the fold. */
int fold_compare(struct fold *f, const char *table, bool *equal, struct err *e);

#endif
