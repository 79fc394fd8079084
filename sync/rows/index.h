/* Index: which search rows a frame's changes have made stale, and bringing them up to
 * date in the same transaction. */
#ifndef TRAM_SYNC_ROWS_INDEX_H
#define TRAM_SYNC_ROWS_INDEX_H

#include "schema/records.h"

struct rows_index {
    struct records *records; /* not owned */
    uint64_t *ids;           /* owned: pages and documents */
    size_t count, capacity;
};

/* A row of this table with this id first in its key was written. */
int rows_index_touch(struct rows_index *x, const char *table, uint64_t id, struct err *e);

/* Writes their search rows, once each, and forgets them. */
int rows_index_refresh(struct rows_index *x, struct err *e);
void rows_index_release(struct rows_index *x); /* a zeroed one is fine */

#endif
