#include "sync/rows/lost.h"

#include "schema/statements.h"
#include "schema/store.h"
#include "sync/merge.h"

#define VALUE_BYTES 10 /* what a value has beside its bytes, at most */

enum step {
    STEP_BACK,
    STEP_GIVEN,
    STEP_OVER,
};

struct telling {
    struct rows_lost *lost;
    enum step step;
    sqlite3_changegroup *group; /* owned: what is to be said next */
    size_t changes, bytes;      /* in it */
    int (*say)(void *arg, const struct buffer *changeset, struct err *e);
    void *arg;
};

static int stop(void *arg, int kind, sqlite3_changeset_iter *iter)
{
    (void)arg;
    (void)kind;
    (void)iter;
    return SQLITE_CHANGESET_ABORT;
}

/* What was locked stands here too between the first step and the last, so that what is
 * said of its row meanwhile is what stands. */
static int do_it(struct telling *t, const struct buffer *changeset, struct err *e)
{
    int rc = SQLITE_OK;

    if (t->step != STEP_GIVEN)
        rc = sqlite3changeset_apply_v2(t->lost->tables.db, (int)changeset->count,
                                       changeset->bytes, NULL, stop, NULL, NULL, NULL, 0);
    return rc == SQLITE_OK ? 0
                           : err_set(e, ERR_FAILED, "lost locks: %s", sqlite3_errstr(rc));
}

static int say(struct telling *t, struct err *e)
{
    struct buffer changeset = {0};
    void *bytes = NULL;
    int count = 0, rc = 0;

    if (t->changes == 0)
        return 0;
    if (sqlite3changegroup_output(t->group, &count, &bytes) != SQLITE_OK)
        return err_set(e, ERR_MEMORY, "lost changes");
    changeset.bytes = bytes;
    changeset.count = (size_t)count;
    rc = t->say(t->arg, &changeset, e);
    if (rc == 0)
        rc = do_it(t, &changeset, e);
    sqlite3_free(bytes);
    sqlite3changegroup_delete(t->group);
    t->group = NULL;
    t->changes = t->bytes = 0;
    return rc == 0 ? rows_lost_group(&t->group, t->lost->tables.db, e) : -1;
}

/* --------------------------------------------------------------------- one column */

/* What a step says of a column: nothing where `new` is NULL, or where both are equal. */
struct saying {
    sqlite3_value *old, *new;
};

static struct saying what_to_say(const struct telling *t, const struct row_change *c,
                                 sqlite3_stmt *here, int column)
{
    struct saying s = {change_old(c, column), change_new(c, column)};

    if (s.new == NULL || (t->step != STEP_GIVEN && column == c->table->locked))
        return (struct saying){0};
    switch (t->step) {
    case STEP_BACK:
        break;
    case STEP_GIVEN:
        s.new = sqlite3_column_value(here, column);
        break;
    case STEP_OVER:
        return (struct saying){s.new, s.old};
    }
    return s;
}

static int put_column(struct telling *t, const struct row_change *c, sqlite3_stmt *here,
                      int column, bool *changed)
{
    const struct saying s = what_to_say(t, c, here, column);
    int rc = SQLITE_OK;

    if (c->verb == SQLITE_UPDATE && c->table->is_key[column])
        return change_put(t->group, false, column, change_key(c, column));
    if (s.new == NULL || (s.old != NULL && merge_values_equal(s.old, s.new)))
        return SQLITE_OK;
    *changed = true;
    t->bytes += 2 * VALUE_BYTES + (size_t)sqlite3_value_bytes(s.new);
    if (s.old != NULL)
        rc = change_put(t->group, false, column, s.old);
    return rc == SQLITE_OK ? change_put(t->group, true, column, s.new) : rc;
}

/* ------------------------------------------------------------------------ one row */

static int put_row(struct telling *t, const struct row_change *c, sqlite3_stmt *here,
                   struct err *e)
{
    bool changed = false;
    int rc = sqlite3changegroup_change_begin(t->group, c->verb, c->table->name, 0, NULL);

    for (int i = 0; rc == SQLITE_OK && i < c->table->columns; i++)
        rc = put_column(t, c, here, i, &changed);
    if (rc == SQLITE_OK)
        rc = sqlite3changegroup_change_finish(t->group, !changed, NULL);
    t->changes += changed;
    return rows_lost_failed(c, rc, e);
}

/* Where the other end still has the lock, it refuses what we wrote by itself. */
static bool is_lock_lost(const struct row_change *c)
{
    sqlite3_value *lock = change_new(c, c->table->locked);

    return lock != NULL && sqlite3_value_int(lock) == 1;
}

static int tell_change(struct telling *t, const struct row_change *c, struct err *e)
{
    int row, rc = 0;

    if (c->table == NULL || (t->step != STEP_GIVEN && !is_lock_lost(c)))
        return 0;
    row = rows_lost_find(c, e);
    if (row == 1)
        rc = put_row(t, c, c->table->select, e);
    (void)statement_fresh(c->table->select); /* lets go of the row */
    if (row < 0 || rc != 0)
        return -1;
    return t->changes < STORE_CHANGES_MAX / 2 && t->bytes < STORE_CHANGESET_BYTES_MAX / 2
               ? 0
               : say(t, e);
}

/* ----------------------------------------------------------------------- the steps */

static int tell_all(struct telling *t, const void *bytes, int count, struct err *e)
{
    sqlite3_changeset_iter *iter = NULL;
    struct row_change c;
    int rc = 0;

    if (sqlite3changeset_start(&iter, count, (void *)(uintptr_t)bytes) != SQLITE_OK)
        return err_set(e, ERR_MEMORY, "lost changes");
    while (rc == 0 && sqlite3changeset_next(iter) == SQLITE_ROW) {
        rc = change_read(&c, iter, e);
        if (rc == 0)
            rc = rows_table_find(&t->lost->tables, c.name, &c.table, e);
        if (rc == 0)
            rc = tell_change(t, &c, e);
    }
    (void)sqlite3changeset_finalize(iter); /* ours, made a moment ago */
    return rc == 0 ? say(t, e) : -1;
}

static int tell_step(struct telling *t, enum step step, sqlite3_changegroup *from,
                     struct err *e)
{
    void *bytes = NULL;
    int count = 0, rc = -1;

    t->step = step;
    if (sqlite3changegroup_output(from, &count, &bytes) != SQLITE_OK)
        (void)err_set(e, ERR_MEMORY, "lost changes");
    else
        rc = tell_all(t, bytes, count, e);
    sqlite3_free(bytes);
    return rc;
}

int rows_lost_tell(struct rows_lost *l,
                   int (*say_one)(void *arg, const struct buffer *changeset,
                                  struct err *e),
                   void *arg, struct err *e)
{
    struct telling t = {.lost = l, .say = say_one, .arg = arg};
    int rc = -1;

    if (rows_lost_group(&t.group, l->tables.db, e) == 0 &&
        tell_step(&t, STEP_BACK, l->locked, e) == 0 &&
        tell_step(&t, STEP_GIVEN, l->made, e) == 0 &&
        tell_step(&t, STEP_GIVEN, l->given, e) == 0)
        rc = tell_step(&t, STEP_OVER, l->locked, e);
    sqlite3changegroup_delete(t.group);
    return rc;
}
