#include "sync/centre/down_encode.h"

#include "schema/empty.h"
#include "schema/statements.h"

int encoder_init(struct encoder *x, uint32_t schema, struct err *e)
{
    static const char *const sql = "SELECT count(*) FROM pragma_table_info(?1)";

    *x = (struct encoder){0};
    if (empty_open(&x->db, schema, e) != 0 ||
        statements_prepare(x->db, &x->columns, &sql, 1, e) != 0)
        return -1;
    if (sqlite3changegroup_new(&x->group) != SQLITE_OK ||
        sqlite3changegroup_schema(x->group, x->db, "main") != SQLITE_OK)
        return err_set(e, ERR_MEMORY, "encoder");
    return 0;
}

void encoder_release(struct encoder *x)
{
    sqlite3changegroup_delete(x->group);
    statements_finalize(&x->columns, 1);
    (void)sqlite3_close(x->db); /* everything on it is finalised */
    *x = (struct encoder){0};
}

static int count_columns(struct encoder *x, const char *table, int *out, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(x->columns);
    int row;

    bind_text(s, 1, table);
    row = statement_step(s, e);
    *out = row == 1 ? sqlite3_column_int(s, 0) : 0;
    (void)statement_fresh(s); /* lets go of the row */
    return row < 0 ? -1 : 0;
}

/* Where a change's values come from: a changeset, or a row that stands. */
struct source {
    const struct row_change *change;
    sqlite3_stmt *row; /* NULL: `change` has them */
};

static sqlite3_value *value_of(const struct source *s, bool new, int column)
{
    if (s->row != NULL)
        return new ? sqlite3_column_value(s->row, column) : NULL;
    return new ? change_new(s->change, column) : change_old(s->change, column);
}

static bool is_left_out(const struct source *s, int first, int columns)
{
    for (int i = first; i < columns; i++) {
        sqlite3_value *v = value_of(s, true, i);

        if (v != NULL && sqlite3_value_type(v) != SQLITE_NULL)
            return false;
    }
    return true;
}

static int put(struct encoder *x, bool new, int column, sqlite3_value *v)
{
    int type = sqlite3_value_type(v);

    if (type == SQLITE_TEXT || type == SQLITE_BLOB)
        x->bytes += (size_t)sqlite3_value_bytes(v);
    return change_put(x->group, new, column, v);
}

static int take(struct encoder *x, const struct source *s, const char *table, int verb,
                int columns, struct err *e)
{
    int rc = sqlite3changegroup_change_begin(x->group, verb, table, 0, NULL);
    int changed = 0;

    for (int i = 0; rc == SQLITE_OK && i < columns; i++) {
        sqlite3_value *old = value_of(s, false, i), *new = value_of(s, true, i);

        if (old != NULL)
            rc = put(x, false, i, old);
        if (rc == SQLITE_OK && new != NULL)
            rc = put(x, true, i, new);
        changed += new != NULL;
    }
    /* An update of nothing but what was left out is none. */
    if (rc == SQLITE_OK)
        rc = sqlite3changegroup_change_finish(x->group, changed == 0, NULL);
    if (rc != SQLITE_OK)
        return err_set(e, (rc & 0xff) == SQLITE_NOMEM ? ERR_MEMORY : ERR_FAILED,
                       "encoder: %s: %s", table, sqlite3_errstr(rc));
    x->changes += changed != 0;
    return 0;
}

int encoder_take(struct encoder *x, const struct row_change *c, bool *fits, struct err *e)
{
    const struct source s = {.change = c};
    int columns;

    if (count_columns(x, c->name, &columns, e) != 0)
        return -1;
    *fits = columns > 0 && is_left_out(&s, columns, c->columns);
    if (!*fits)
        return 0;
    return take(x, &s, c->name, c->verb, columns < c->columns ? columns : c->columns, e);
}

int encoder_take_row(struct encoder *x, const struct rows_table *t, sqlite3_stmt *row,
                     bool *fits, struct err *e)
{
    const struct source s = {.row = row};
    int columns;

    if (count_columns(x, t->name, &columns, e) != 0)
        return -1;
    *fits = columns > 0 && is_left_out(&s, columns, t->columns);
    return *fits ? take(x, &s, t->name, SQLITE_INSERT, columns, e) : 0;
}

int encoder_finish(struct encoder *x, struct buffer *out, struct err *e)
{
    void *bytes = NULL;
    int count = 0;

    if (x->changes == 0)
        return 0;
    if (sqlite3changegroup_output(x->group, &count, &bytes) != SQLITE_OK)
        return err_set(e, ERR_MEMORY, "encoder");
    buffer_append(out, bytes, (size_t)count);
    sqlite3_free(bytes);
    return buffer_check(out, e);
}
