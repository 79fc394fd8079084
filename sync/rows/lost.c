#include "sync/rows/lost.h"

#include "schema/statements.h"

int rows_lost_group(sqlite3_changegroup **out, sqlite3 *db, struct err *e)
{
    int rc = sqlite3changegroup_new(out);

    if (rc == SQLITE_OK)
        rc = sqlite3changegroup_schema(*out, db, "main");
    return rc == SQLITE_OK ? 0 : err_set(e, ERR_MEMORY, "lost changes");
}

int rows_lost_init(struct rows_lost *l, sqlite3 *db, const char *const *names,
                   size_t count, struct err *e)
{
    *l = (struct rows_lost){0};
    if (rows_tables_init(&l->tables, db, names, count, e) != 0 ||
        rows_lost_group(&l->made, db, e) != 0 || rows_lost_group(&l->given, db, e) != 0)
        return -1;
    return rows_lost_group(&l->locked, db, e);
}

void rows_lost_release(struct rows_lost *l)
{
    sqlite3changegroup_delete(l->made);
    sqlite3changegroup_delete(l->given);
    sqlite3changegroup_delete(l->locked);
    rows_own_release(&l->own);
    rows_tables_release(&l->tables);
    *l = (struct rows_lost){0};
}

int rows_lost_find(const struct row_change *c, struct err *e)
{
    sqlite3_stmt *here = statement_fresh(c->table->select);

    for (int i = 0; i < c->table->columns; i++)
        if (c->table->is_key[i])
            (void)sqlite3_bind_value(here, i + 1, change_key(c, i));
    return statement_step(here, e);
}

/* ---------------------------------------------------------------------- one change */

bool rows_lost_is_ours(const struct losing *g, int column)
{
    return rows_own_ask(&g->lost->own, g->change, column, g->frame) != OWN_BEFORE;
}

int rows_lost_put(sqlite3_changegroup *group, int column, sqlite3_value *old,
                  sqlite3_value *new)
{
    int rc = change_put(group, false, column, old);

    return rc == SQLITE_OK ? change_put(group, true, column, new) : rc;
}

int rows_lost_failed(const struct row_change *c, int rc, struct err *e)
{
    if (rc == SQLITE_OK)
        return 0;
    return err_set(e, (rc & 0xff) == SQLITE_NOMEM ? ERR_MEMORY : ERR_FAILED,
                   "lost changes: %s: %s", c->name, sqlite3_errstr(rc));
}

/* What we have not written over, from the value that it was made on. */
static int add_given(const struct losing *g)
{
    const struct row_change *c = g->change;
    sqlite3_changegroup *group = g->lost->given;
    bool any = false;
    int rc;

    if (c->verb == SQLITE_INSERT)
        return sqlite3changegroup_add_change(g->lost->made, c->iter);
    rc = sqlite3changegroup_change_begin(group, c->verb, c->table->name, 0, NULL);
    for (int i = 0; rc == SQLITE_OK && i < c->columns; i++) {
        if (c->table->is_key[i]) {
            rc = change_put(group, false, i, change_key(c, i));
        } else if (change_new(c, i) != NULL && change_old(c, i) != NULL &&
                   !rows_lost_is_ours(g, i)) {
            rc = rows_lost_put(group, i, change_old(c, i), change_new(c, i));
            any = true;
        }
    }
    return rc == SQLITE_OK ? sqlite3changegroup_change_finish(group, !any, NULL) : rc;
}

static int add_change(const struct losing *g, struct err *e)
{
    const struct row_change *c = g->change;
    int rc = 0, row;

    if (c->table == NULL || c->columns != c->table->columns || c->verb == SQLITE_DELETE ||
        (c->verb == SQLITE_INSERT && rows_lost_is_ours(g, -1)))
        return 0;
    if (rows_lost_failed(c, add_given(g), e) != 0)
        return -1;
    if (c->table->locked < 0)
        return 0;
    row = rows_lost_find(c, e);
    if (row == 1 && sqlite3_column_int(c->table->select, c->table->locked) == 1)
        rc = rows_lost_add_locked(g, c->table->select, e);
    (void)statement_fresh(c->table->select); /* lets go of the row */
    return row < 0 ? -1 : rc;
}

/* ----------------------------------------------------------------------- one frame */

static int add_changes(struct losing *g, const void *bytes, int count, struct err *e)
{
    sqlite3_changeset_iter *iter = NULL;
    struct row_change c;
    int rc = 0;

    if (sqlite3changeset_start(&iter, count, (void *)(uintptr_t)bytes) != SQLITE_OK)
        return err_set(e, ERR_MEMORY, "lost changes");
    g->change = &c;
    while (rc == 0 && sqlite3changeset_next(iter) == SQLITE_ROW) {
        rc = change_read(&c, iter, e);
        if (rc == 0)
            rc = rows_table_find(&g->lost->tables, c.name, &c.table, e);
        if (rc == 0)
            rc = add_change(g, e);
    }
    (void)sqlite3changeset_finalize(iter); /* ours, made a moment ago */
    return rc;
}

int rows_lost_add(struct rows_lost *l, const struct own_question *q,
                  const void *changeset, size_t count, struct err *e)
{
    struct losing g = {.lost = l, .frame = q};
    sqlite3_changegroup *whole = NULL;
    void *bytes = NULL;
    int bytes_count = 0, sound, rc = -1;

    /* Through a group: what comes out is well-formed, and has our tables and columns. */
    if (rows_lost_group(&whole, l->tables.db, e) != 0)
        goto out;
    sound = sqlite3changegroup_add(whole, (int)count, (void *)(uintptr_t)changeset);
    if (sound == SQLITE_OK)
        sound = sqlite3changegroup_output(whole, &bytes_count, &bytes);
    if (sound == SQLITE_NOMEM)
        (void)err_set(e, ERR_MEMORY, "lost changes");
    else
        rc = sound == SQLITE_OK ? add_changes(&g, bytes, bytes_count, e) : 0;
out:
    sqlite3changegroup_delete(whole);
    sqlite3_free(bytes);
    return rc;
}
