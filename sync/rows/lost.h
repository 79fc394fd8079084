/* Lost: changes that came from the other end, which has lost them since. They are told to
 * it again as this end's own, each row and column of theirs once, with the value that
 * stands here now; but not where this end has written since: that has gone to the other
 * end before, or goes before, and stands there too by then. So a column is told from the
 * value on which they wrote it after us, not from their first one.
 *
 * A lock of the province's would then guard, there, what was written here against it. So
 * what it was put on is told around the rest:
 *
 *   back    what this end has written over locked values is taken back, here too
 *   given   all that they wrote, and the locks
 *   over    it is written over them once more: the lock refuses it, as it did or would
 *           have, and a conflict tells of it
 */
#ifndef TRAM_SYNC_ROWS_LOST_H
#define TRAM_SYNC_ROWS_LOST_H

#include "base/buffer.h"
#include "sync/rows/own.h"

struct rows_lost {
    struct rows_tables tables;
    /* What this end wrote itself: the caller fills and gives them first. */
    struct rows_own own;
    sqlite3_stmt *written; /* not owned: the changesets of our frames after ?1 */
    /* Owned: rows that came whole, and what all else comes to. Two, for a row may come whole
     * after a change of it, where a value had waited for this program: a group would drop it. */
    sqlite3_changegroup *made, *given;
    /* Owned: of rows that are locked, from what stands here to what the lock was put on. */
    sqlite3_changegroup *locked;
};

/* `db` has the rows, and outlives it; `names` are the synced tables. */
int rows_lost_init(struct rows_lost *l, sqlite3 *db, const char *const *names,
                   size_t count, struct err *e);
void rows_lost_release(struct rows_lost *l); /* a zeroed one is fine */

/* A frame of theirs, in the order in which they came; `q` is which. One that is
 * malformed, and so was parked whole, is passed over. */
int rows_lost_add(struct rows_lost *l, const struct own_question *q,
                  const void *changeset, size_t count, struct err *e);

/* Tells them, inside a transaction in which synced tables may be written; the rows are as
 * before when it is done. `say` is called with one changeset after the other, each of half
 * a frame's size at most, but for one row. What never came to be a row here is left out. */
int rows_lost_tell(struct rows_lost *l,
                   int (*say)(void *arg, const struct buffer *changeset, struct err *e),
                   void *arg, struct err *e);

/* ------------------------------------------------------- between the files of lost */

/* A change of theirs, on its way in. */
struct losing {
    struct rows_lost *lost;
    const struct own_question *frame;
    const struct row_change *change;
};

/* We wrote there, and the other end did not know it. Column -1: we made the row. */
bool rows_lost_is_ours(const struct losing *g, int column);

/* lost_locked.c: the row, on which `here` stands, is locked here. */
int rows_lost_add_locked(const struct losing *g, sqlite3_stmt *here, struct err *e);

/* An empty group, in which changes of an older program, that have fewer columns, are one
 * with ours. */
int rows_lost_group(sqlite3_changegroup **out, sqlite3 *db, struct err *e);
/* Both values into the change that it has begun; SQLite's result code. */
int rows_lost_put(sqlite3_changegroup *group, int column, sqlite3_value *old,
                  sqlite3_value *new);
/* What SQLite's result code is in our words. */
int rows_lost_failed(const struct row_change *c, int rc, struct err *e);

/* The row that a change is of, as it is here: 1, and `c->table->select` stands on it;
 * 0: it is not. */
int rows_lost_find(const struct row_change *c, struct err *e);

#endif
