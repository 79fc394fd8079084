/* Apply's index: which search rows a frame's changes have made stale, and bringing
 * them up to date in the same transaction. Internal to sync/centre/apply*.c. */
#ifndef TRAM_SYNC_CENTRE_APPLY_INDEX_H
#define TRAM_SYNC_CENTRE_APPLY_INDEX_H

#include "sync/centre/centre.h"

struct apply_index {
    struct centre *centre; /* not owned */
    uint64_t *ids;         /* owned: pages and documents */
    size_t count, capacity;
};

/* A row of this table with this id first in its key was written. */
int apply_index_touch(struct apply_index *x, const char *table, uint64_t id,
                      struct err *e);

/* Writes their search rows, once each, and forgets them. */
int apply_index_refresh(struct apply_index *x, struct err *e);
void apply_index_release(struct apply_index *x); /* a zeroed one is fine */

#endif
