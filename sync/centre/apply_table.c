#include "sync/centre/apply_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/statements.h"

#define SQL_BYTES_MAX 8192

static int read_columns(struct apply_table *t, struct centre *c, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(c, &s, "SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid",
                         e) != 0)
        return -1;
    bind_text(s, 1, t->name);
    t->locked = -1;
    while ((row = statement_step(s, e)) == 1 && t->columns < APPLY_COLUMNS_MAX) {
        const char *name = (const char *)sqlite3_column_text(s, 0);

        (void)snprintf(t->column_names[t->columns], sizeof t->column_names[0], "%s",
                       name == NULL ? "" : name);
        t->is_key[t->columns] = sqlite3_column_int(s, 1) > 0;
        if (strcmp(t->column_names[t->columns], "locked") == 0)
            t->locked = t->columns;
        t->columns++;
    }
    statements_finalize(&s, 1);
    if (row == 1)
        return err_set(e, ERR_FAILED, "%s has more than %d columns", t->name,
                       APPLY_COLUMNS_MAX);
    return row;
}

int apply_tables_init(struct apply_tables *t, struct centre *c, struct err *e)
{
    const char *const *names;
    size_t count = store_synced_tables(c->store, &names);

    *t = (struct apply_tables){.list = calloc(count, sizeof *t->list)};
    if (t->list == NULL)
        return err_set(e, ERR_MEMORY, "apply");
    for (t->count = 0; t->count < count; t->count++) {
        (void)snprintf(t->list[t->count].name, sizeof t->list[0].name, "%s",
                       names[t->count]);
        if (read_columns(&t->list[t->count], c, e) != 0)
            return -1;
    }
    return 0;
}

void apply_tables_release(struct apply_tables *t)
{
    for (size_t i = 0; i < t->count; i++) {
        statements_finalize(&t->list[i].select, 1);
        statements_finalize(&t->list[i].insert, 1);
        statements_finalize(&t->list[i].update, 1);
    }
    free(t->list);
    *t = (struct apply_tables){0};
}

/* "a" = ?1, "b" = ?2 … of the keys or of the other columns. */
static void append_equal(struct buffer *sql, const struct apply_table *t, bool keys,
                         const char *between)
{
    const char *before = "";

    for (int i = 0; i < t->columns; i++) {
        if (t->is_key[i] != keys)
            continue;
        buffer_append_format(sql, "%s\"%s\" = ?%d", before, t->column_names[i], i + 1);
        before = between;
    }
}

static int prepare(struct centre *c, sqlite3_stmt **out, struct buffer *sql,
                   struct err *e)
{
    if (buffer_check(sql, e) != 0)
        return -1;
    return centre_statement(c, out, (const char *)sql->bytes, e);
}

static int prepare_all(struct apply_table *t, struct centre *c, struct err *e)
{
    struct buffer sql;
    int rc = -1;

    buffer_init(&sql, SQL_BYTES_MAX);
    buffer_append_format(&sql, "SELECT * FROM \"%s\" WHERE ", t->name);
    append_equal(&sql, t, true, " AND ");
    if (prepare(c, &t->select, &sql, e) != 0)
        goto out;
    buffer_clear(&sql);
    buffer_append_format(&sql, "INSERT INTO \"%s\" VALUES (", t->name);
    for (int i = 0; i < t->columns; i++)
        buffer_append_format(&sql, "%s?%d", i == 0 ? "" : ", ", i + 1);
    buffer_append_text(&sql, ")");
    if (prepare(c, &t->insert, &sql, e) != 0)
        goto out;
    buffer_clear(&sql);
    buffer_append_format(&sql, "UPDATE \"%s\" SET ", t->name);
    append_equal(&sql, t, false, ", ");
    buffer_append_text(&sql, " WHERE ");
    append_equal(&sql, t, true, " AND ");
    rc = prepare(c, &t->update, &sql, e);
out:
    buffer_release(&sql);
    return rc;
}

int apply_table_find(struct apply_tables *t, struct centre *c, const char *name,
                     struct apply_table **out, struct err *e)
{
    *out = NULL;
    for (size_t i = 0; i < t->count; i++) {
        if (sqlite3_stricmp(t->list[i].name, name) != 0)
            continue;
        if (t->list[i].update == NULL && prepare_all(&t->list[i], c, e) != 0)
            return -1;
        *out = &t->list[i];
        return 0;
    }
    return 0;
}
