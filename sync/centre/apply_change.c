#include "sync/centre/apply_change.h"

#include <string.h>

#include "schema/statements.h"
#include "sync/centre/apply_park.h"
#include "sync/merge.h"

sqlite3_value *change_new(const struct change *c, int column)
{
    sqlite3_value *v = NULL;

    if (c->verb != SQLITE_DELETE &&
        sqlite3changeset_new(c->iter, column, &v) != SQLITE_OK)
        v = NULL;
    return v;
}

sqlite3_value *change_old(const struct change *c, int column)
{
    sqlite3_value *v = NULL;

    if (c->verb != SQLITE_INSERT &&
        sqlite3changeset_old(c->iter, column, &v) != SQLITE_OK)
        v = NULL;
    return v;
}

sqlite3_value *change_key(const struct change *c, int column)
{
    return c->verb == SQLITE_INSERT ? change_new(c, column) : change_old(c, column);
}

/* ------------------------------------------------------------------- judgement */

static bool has_our_keys(const struct change *c)
{
    unsigned char *keys = NULL;
    int count = 0;

    if (sqlite3changeset_pk(c->iter, &keys, &count) != SQLITE_OK || count != c->columns)
        return false;
    for (int i = 0; i < count; i++)
        if ((keys[i] != 0) != c->table->is_key[i] ||
            (keys[i] != 0 && change_key(c, i) == NULL))
            return false;
    return true;
}

/* Columns are only ever added, at the end; so an older schema has the first ones. */
static bool has_our_columns(const struct applying *a, const struct change *c)
{
    if (c->columns == c->table->columns)
        return true;
    return a->frame->schema < a->schema && c->columns < c->table->columns;
}

/* Every synced table's key begins with an id, and that with the site. */
static bool is_of_site(const struct applying *a, const struct change *c)
{
    sqlite3_value *id = change_key(c, 0);

    return sqlite3_value_type(id) == SQLITE_INTEGER &&
           id_site((uint64_t)sqlite3_value_int64(id)) == a->site;
}

/* Why this can be no change of a row here; NULL if it can. */
static const char *objection(const struct applying *a, const struct change *c)
{
    if (c->table == NULL)
        return "no synced table has this name";
    if (!has_our_columns(a, c))
        return "not the columns that its schema version has";
    if (!has_our_keys(c))
        return "not the key that its schema version has";
    if (!is_of_site(a, c))
        return "a row of another site";
    if (c->verb == SQLITE_DELETE)
        return "rows are never deleted";
    return NULL;
}

/* ------------------------------------------------------------------ concurrency */

static bool is_same_row(const struct change *ours, const struct change *theirs)
{
    if (sqlite3_stricmp(ours->name, theirs->name) != 0 || ours->columns < theirs->columns)
        return false;
    for (int i = 0; i < theirs->columns; i++) {
        sqlite3_value *mine = theirs->table->is_key[i] ? change_key(ours, i) : NULL;

        if (theirs->table->is_key[i] &&
            (mine == NULL || !merge_values_equal(mine, change_key(theirs, i))))
            return false;
    }
    return true;
}

/* Whether one changeset of ours changed this column of the row. */
static bool changes_it(const void *bytes, int count, const struct change *theirs,
                       int column)
{
    sqlite3_changeset_iter *iter = NULL;
    bool changed = false;

    if (sqlite3changeset_start(&iter, count, (void *)(uintptr_t)bytes) != SQLITE_OK)
        return true; /* it cannot be said that it did not */
    while (!changed && sqlite3changeset_next(iter) == SQLITE_ROW) {
        struct change ours = {.iter = iter};
        int indirect;

        if (sqlite3changeset_op(iter, &ours.name, &ours.columns, &ours.verb, &indirect) ==
            SQLITE_OK)
            changed = is_same_row(&ours, theirs) && change_new(&ours, column) != NULL;
    }
    (void)sqlite3changeset_finalize(iter); /* repeats what stopped the walk */
    return changed;
}

/* Two changes are concurrent when the box made its own without having seen ours: our
 * own changes since frame.seen are looked through. The centre has few. */
static int is_concurrent(struct applying *a, const struct change *c, int column,
                         bool *out, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *out = false;
    if (a->own_last <= a->frame->seen)
        return 0;
    if (centre_statement(a->centre, &s,
                         "SELECT changeset FROM changelog WHERE sequence > ?1", e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)a->frame->seen);
    while ((row = statement_step(s, e)) == 1 && !*out)
        *out =
            changes_it(sqlite3_column_blob(s, 0), sqlite3_column_bytes(s, 0), c, column);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* ---------------------------------------------------------------------- writing */

/* A value that does not fit the table is the box's doing; all else is our trouble. */
static int park_unless_ours(struct applying *a, const struct change *c,
                            sqlite3_stmt *here, struct err *e)
{
    char reason[sizeof e->text];

    if ((e->code != ERR_FAILED && e->code != ERR_TOO_BIG) ||
        sqlite3_get_autocommit(store_db(a->centre->store)))
        return -1;
    memcpy(reason, e->text, sizeof reason);
    return park_change(a, c, here, reason, e);
}

static int insert_row(struct applying *a, const struct change *c, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(c->table->insert);

    for (int i = 0; i < c->columns; i++)
        (void)sqlite3_bind_value(s, i + 1, change_new(c, i));
    if (statement_run(s, e) != 0)
        return park_unless_ours(a, c, NULL, e);
    return apply_index_touch(&a->index, c->table->name,
                             (uint64_t)sqlite3_value_int64(change_key(c, 0)), e);
}

/* What becomes of one column; remembers a conflict. */
static int merge_column(struct applying *a, const struct change *c, sqlite3_stmt *here,
                        int column, bool *take, struct err *e)
{
    struct merge_case m = {.incoming_old = change_old(c, column),
                           .incoming_new = change_new(c, column),
                           .here = sqlite3_column_value(here, column),
                           .incoming_from_box = true};
    enum merge_result result;

    *take = false;
    if (m.incoming_new == NULL)
        return 0;
    m.locked = c->table->locked >= 0 && sqlite3_column_int(here, c->table->locked) == 1;
    if (is_concurrent(a, c, column, &m.concurrent, e) != 0)
        return -1;
    result = merge(&m);
    *take = result == MERGE_TAKE || result == MERGE_TAKE_CONFLICT;
    if (result == MERGE_TAKE || result == MERGE_KEEP)
        return 0;
    return park_conflict(a, c, here, column, *take, e);
}

/* Takes what merge() says into the row that `here` stands on. */
static int merge_row(struct applying *a, const struct change *c, sqlite3_stmt *here,
                     struct err *e)
{
    sqlite3_stmt *s = statement_fresh(c->table->update);
    bool changed = false;

    for (int i = 0; i < c->table->columns; i++) {
        bool take = false;

        if (i < c->columns && !c->table->is_key[i] &&
            merge_column(a, c, here, i, &take, e) != 0)
            return -1;
        (void)sqlite3_bind_value(s, i + 1,
                                 take ? change_new(c, i) : sqlite3_column_value(here, i));
        changed = changed || take;
    }
    if (!changed)
        return 0;
    if (statement_run(s, e) != 0)
        return park_unless_ours(a, c, here, e);
    return apply_index_touch(&a->index, c->table->name,
                             (uint64_t)sqlite3_value_int64(change_key(c, 0)), e);
}

static int apply_to_row(struct applying *a, const struct change *c, struct err *e)
{
    sqlite3_stmt *here = statement_fresh(c->table->select);
    int row, rc;

    for (int i = 0; i < c->columns; i++)
        if (c->table->is_key[i])
            (void)sqlite3_bind_value(here, i + 1, change_key(c, i));
    row = statement_step(here, e);
    if (row < 0)
        return -1;
    if (c->verb == SQLITE_INSERT)
        rc = row == 1 ? park_change(a, c, here, "the row is there already", e)
                      : insert_row(a, c, e);
    else
        rc = row == 1 ? merge_row(a, c, here, e)
                      : park_change(a, c, NULL, "the row is not there", e);
    (void)statement_fresh(here); /* lets go of the row */
    return rc;
}

int change_apply(struct applying *a, sqlite3_changeset_iter *iter, struct err *e)
{
    struct change c = {.iter = iter};
    const char *why;
    int indirect;

    if (sqlite3changeset_op(iter, &c.name, &c.columns, &c.verb, &indirect) != SQLITE_OK)
        return err_set(e, ERR_MEMORY, "changeset");
    if (apply_table_find(&a->tables, a->centre, c.name, &c.table, e) != 0)
        return -1;
    why = objection(a, &c);
    if (why != NULL)
        return park_change(a, &c, NULL, why, e);
    return apply_to_row(a, &c, e);
}
