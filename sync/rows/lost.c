#include "sync/rows/lost.h"

#include "schema/statements.h"
#include "schema/store.h"
#include "sync/merge.h"

#define VALUE_BYTES 10 /* what a value has beside its bytes, at most */

static int new_group(sqlite3_changegroup **out, sqlite3 *db, struct err *e)
{
    int rc = sqlite3changegroup_new(out);

    /* An older program's changes have fewer columns, and are one with ours all the same. */
    if (rc == SQLITE_OK)
        rc = sqlite3changegroup_schema(*out, db, "main");
    return rc == SQLITE_OK ? 0 : err_set(e, ERR_MEMORY, "lost changes");
}

int rows_lost_init(struct rows_lost *l, sqlite3 *db, const char *const *names,
                   size_t count, struct err *e)
{
    *l = (struct rows_lost){0};
    if (rows_tables_init(&l->tables, db, names, count, e) != 0)
        return -1;
    return new_group(&l->net, db, e);
}

void rows_lost_release(struct rows_lost *l)
{
    sqlite3changegroup_delete(l->net);
    rows_tables_release(&l->tables);
    *l = (struct rows_lost){0};
}

int rows_lost_add(struct rows_lost *l, const void *changeset, size_t count, struct err *e)
{
    int rc = sqlite3changegroup_add(l->net, (int)count, (void *)(uintptr_t)changeset);

    return rc == SQLITE_NOMEM ? err_set(e, ERR_MEMORY, "lost changes") : 0;
}

/* ---------------------------------------------------------------------- telling */

struct telling {
    struct rows_lost *lost;
    sqlite3_changegroup *group; /* owned: what is to be said next */
    size_t changes, bytes;      /* in it */
    int (*say)(void *arg, const struct buffer *changeset, struct err *e);
    void *arg;
};

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
    sqlite3_free(bytes);
    sqlite3changegroup_delete(t->group);
    t->group = NULL;
    t->changes = t->bytes = 0;
    return rc == 0 ? new_group(&t->group, t->lost->tables.db, e) : -1;
}

/* The other end had another value there before, and has it again. */
static bool is_told(const struct row_change *c, sqlite3_stmt *here, int column)
{
    sqlite3_value *old = change_old(c, column);

    if (c->verb == SQLITE_INSERT)
        return true;
    return !c->table->is_key[column] && change_new(c, column) != NULL && old != NULL &&
           !merge_values_equal(old, sqlite3_column_value(here, column));
}

static int put_column(struct telling *t, const struct row_change *c, sqlite3_stmt *here,
                      int column, bool *changed)
{
    sqlite3_value *now = sqlite3_column_value(here, column);
    int rc = SQLITE_OK;

    if (c->verb == SQLITE_UPDATE && c->table->is_key[column])
        return change_put(t->group, false, column, now);
    if (!is_told(c, here, column))
        return SQLITE_OK;
    *changed = true;
    if (c->verb == SQLITE_UPDATE)
        rc = change_put(t->group, false, column, change_old(c, column));
    t->bytes += 2 * VALUE_BYTES + (size_t)sqlite3_column_bytes(here, column);
    return rc == SQLITE_OK ? change_put(t->group, true, column, now) : rc;
}

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
    return rc == SQLITE_OK
               ? 0
               : err_set(e, (rc & 0xff) == SQLITE_NOMEM ? ERR_MEMORY : ERR_FAILED,
                         "lost changes: %s: %s", c->table->name, sqlite3_errstr(rc));
}

static int tell_change(struct telling *t, const struct row_change *c, struct err *e)
{
    sqlite3_stmt *here;
    int row, rc = 0;

    if (c->table == NULL || c->columns != c->table->columns || c->verb == SQLITE_DELETE)
        return 0;
    here = statement_fresh(c->table->select);
    for (int i = 0; i < c->columns; i++)
        if (c->table->is_key[i])
            (void)sqlite3_bind_value(here, i + 1, change_key(c, i));
    row = statement_step(here, e);
    if (row == 1)
        rc = put_row(t, c, here, e);
    (void)statement_fresh(here); /* lets go of the row */
    if (row < 0 || rc != 0)
        return -1;
    return t->changes < STORE_CHANGES_MAX / 2 && t->bytes < STORE_CHANGESET_BYTES_MAX / 2
               ? 0
               : say(t, e);
}

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

int rows_lost_tell(struct rows_lost *l,
                   int (*say_one)(void *arg, const struct buffer *changeset,
                                  struct err *e),
                   void *arg, struct err *e)
{
    struct telling t = {.lost = l, .say = say_one, .arg = arg};
    void *bytes = NULL;
    int count = 0, rc = -1;

    if (new_group(&t.group, l->tables.db, e) != 0)
        goto out;
    if (sqlite3changegroup_output(l->net, &count, &bytes) != SQLITE_OK)
        (void)err_set(e, ERR_MEMORY, "lost changes");
    else
        rc = tell_all(&t, bytes, count, e);
out:
    sqlite3changegroup_delete(t.group);
    sqlite3_free(bytes);
    return rc;
}
