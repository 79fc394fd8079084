#include "sync/rows/lost.h"

#include "schema/statements.h"
#include "sync/merge.h"

/* What a lock was put on: what the other end wrote there; else what stood there for it. */

/* What we have written since of the row of a change, as one change of ours. */
struct written {
    void *bytes;                  /* owned */
    sqlite3_changeset_iter *iter; /* owned */
    struct row_change change;     /* as it stands on it … */
    bool found;                   /* … if it does */
};

static void written_release(struct written *w)
{
    (void)sqlite3changeset_finalize(w->iter); /* ours, made a moment ago */
    sqlite3_free(w->bytes);
    *w = (struct written){0};
}

/* All that we have written since the frame, by what it had seen. */
static int gather(const struct losing *g, struct written *w, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(g->lost->written);
    sqlite3_changegroup *group = NULL;
    int row = -1, count = 0, rc = SQLITE_OK;

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)g->frame->seen);
    if (rows_lost_group(&group, g->lost->tables.db, e) == 0)
        while (rc != SQLITE_NOMEM && (row = statement_step(s, e)) == 1)
            rc = sqlite3changegroup_add(group, sqlite3_column_bytes(s, 0),
                                        (void *)(uintptr_t)sqlite3_column_blob(s, 0));
    (void)statement_fresh(s);
    if (row == 0)
        rc = sqlite3changegroup_output(group, &count, &w->bytes);
    if (row == 0 && rc == SQLITE_OK)
        rc = sqlite3changeset_start(&w->iter, count, w->bytes);
    sqlite3changegroup_delete(group);
    return row < 0 ? -1 : rc == SQLITE_OK ? 0 : err_set(e, ERR_MEMORY, "lost locks");
}

static bool is_same_row(const struct row_change *a, const struct row_change *b)
{
    if (sqlite3_stricmp(a->name, b->name) != 0 || a->columns != b->columns)
        return false;
    for (int i = 0; i < b->columns; i++)
        if (b->table->is_key[i] &&
            !merge_values_equal(change_key(a, i), change_key(b, i)))
            return false;
    return true;
}

static int find_written(const struct losing *g, struct written *w, struct err *e)
{
    if (gather(g, w, e) != 0)
        return -1;
    while (!w->found && sqlite3changeset_next(w->iter) == SQLITE_ROW) {
        if (change_read(&w->change, w->iter, e) != 0)
            return -1;
        w->found = w->change.verb == SQLITE_UPDATE && is_same_row(&w->change, g->change);
    }
    return 0;
}

/* Where we wrote since, the lock is on their value, or on the one that we wrote over; where
 * they knew what we wrote and wrote or locked after it, on what is here. */
static int put_column(const struct losing *g, const struct written *w, sqlite3_stmt *here,
                      int column)
{
    const struct row_change *c = g->change;
    sqlite3_value *old = sqlite3_column_value(here, column);
    sqlite3_value *new = change_new(c, column);
    bool locks = change_new(c, c->table->locked) != NULL;

    if (new == NULL && !locks)
        return SQLITE_OK;
    if (!rows_lost_is_ours(g, column))
        new = old;
    else if (new == NULL && w->found)
        new = change_old(&w->change, column);
    return new == NULL ? SQLITE_OK : rows_lost_put(g->lost->locked, column, old, new);
}

/* Whether the lock is lost: of a row that they made, it is. */
static int put_lock(const struct losing *g)
{
    const struct row_change *c = g->change;
    sqlite3_changegroup *group = g->lost->locked;
    int lock = c->table->locked, rc;

    if (change_new(c, lock) == NULL || rows_lost_is_ours(g, lock))
        return SQLITE_OK;
    if (c->verb == SQLITE_UPDATE)
        return rows_lost_put(group, lock, change_old(c, lock), change_new(c, lock));
    rc = sqlite3changegroup_change_int64(group, false, lock, 0);
    return rc == SQLITE_OK ? change_put(group, true, lock, change_new(c, lock)) : rc;
}

static int put_row(const struct losing *g, const struct written *w, sqlite3_stmt *here)
{
    const struct row_change *c = g->change;
    sqlite3_changegroup *group = g->lost->locked;
    int rc =
        sqlite3changegroup_change_begin(group, SQLITE_UPDATE, c->table->name, 0, NULL);

    for (int i = 0; rc == SQLITE_OK && i < c->columns; i++)
        rc = c->table->is_key[i]     ? change_put(group, false, i, change_key(c, i))
             : i == c->table->locked ? put_lock(g)
                                     : put_column(g, w, here, i);
    return rc == SQLITE_OK ? sqlite3changegroup_change_finish(group, 0, NULL) : rc;
}

int rows_lost_add_locked(const struct losing *g, sqlite3_stmt *here, struct err *e)
{
    const struct row_change *c = g->change;
    struct written w = {0};
    int rc = 0;

    if (c->verb == SQLITE_UPDATE && change_new(c, c->table->locked) != NULL)
        rc = find_written(g, &w, e);
    if (rc == 0)
        rc = rows_lost_failed(c, put_row(g, &w, here), e);
    written_release(&w);
    return rc;
}
