/* Fold: one site's frames applied, one after the other, to an empty database in
 * memory, by SQLite's own means and none of ours; for verify, which compares the
 * outcome with the rows that stand. */
#ifndef TRAM_SYNC_CENTRE_FOLD_H
#define TRAM_SYNC_CENTRE_FOLD_H

#include "sync/bundle.h"
#include "sync/centre/centre.h"

struct fold;

int fold_create(struct fold **out, struct err *e);
void fold_destroy(struct fold *f); /* NULL is fine */

/* Changes that could not be applied are counted. */
int fold_add(struct fold *f, const struct frame *frame, struct err *e);
uint64_t fold_conflicts(const struct fold *f);

/* *equal: the table holds the same rows of this site here and in the fold. */
int fold_compare(struct fold *f, struct centre *c, uint16_t site, const char *table,
                 bool *equal, struct err *e);

#endif
