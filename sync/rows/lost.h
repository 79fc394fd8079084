/* Lost: changes that came from the other end, which has lost them since. They are told to
 * it again as this end's own, each row and column of theirs once, with the value that
 * stands here now: what this end itself wrote over them has gone to the other end before,
 * or goes before, and must not be undone there. */
#ifndef TRAM_SYNC_ROWS_LOST_H
#define TRAM_SYNC_ROWS_LOST_H

#include "base/buffer.h"
#include "sync/rows/change.h"

struct rows_lost {
    struct rows_tables tables;
    sqlite3_changegroup *net; /* owned: what all of them come to */
};

/* `db` has the rows, and outlives it; `names` are the synced tables. */
int rows_lost_init(struct rows_lost *l, sqlite3 *db, const char *const *names,
                   size_t count, struct err *e);
void rows_lost_release(struct rows_lost *l); /* a zeroed one is fine */

/* A frame's changeset, in the order in which they came. One that is malformed, and so was
 * parked whole, is passed over. */
int rows_lost_add(struct rows_lost *l, const void *changeset, size_t count,
                  struct err *e);

/* Tells them: `say` is called with one changeset after the other, each of half a frame's
 * size at most, but for one row. What never came to be a row here is left out. */
int rows_lost_tell(struct rows_lost *l,
                   int (*say)(void *arg, const struct buffer *changeset, struct err *e),
                   void *arg, struct err *e);

#endif
