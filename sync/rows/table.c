#include "sync/rows/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "schema/fork_ids.h"
#include "schema/guard.h"
#include "schema/statements.h"

#define SQL_BYTES_MAX 8192

static bool is_reference(const char *table, const char *column)
{
    for (size_t i = 0; i < fork_columns_count; i++)
        if (strcmp(fork_columns[i].table, table) == 0 &&
            strcmp(fork_columns[i].column, column) == 0)
            return strcmp(column, "id") != 0;
    return false;
}

static int rank_of(const char *table)
{
    static const char *const ranks[TABLE_RANKS - 1] = {"fonds",    "dossier", "document",
                                                       "original", "page",    "reading"};
    int rank = 0;

    while (rank < TABLE_RANKS - 1 && strcmp(ranks[rank], table) != 0)
        rank++;
    return rank;
}

/* What SQLite knows of it without compiling anything. */
static int add_column(struct rows_table *t, sqlite3 *db, const char *name, struct err *e)
{
    int i = t->columns++, is_key = 0;

    if (sqlite3_table_column_metadata(db, "main", t->name, name, NULL, NULL, NULL,
                                      &is_key, NULL) != SQLITE_OK)
        return sqlite_err(db, e, t->name);
    (void)snprintf(t->column_names[i], sizeof t->column_names[i], "%s", name);
    t->is_key[i] = is_key != 0;
    t->is_reference[i] = is_reference(t->name, t->column_names[i]);
    if (strcmp(t->column_names[i], "locked") == 0)
        t->locked = i;
    if (i == 0)
        t->has_id = is_key && strcmp(t->column_names[i], "id") == 0;
    return 0;
}

/* By a statement that is never run, because the shelf has it compiled from the second
 * time on; the pragma would be compiled at each look. */
static int read_columns(struct rows_table *t, sqlite3 *db, struct err *e)
{
    char sql[128];
    const char *text = sql;
    sqlite3_stmt *s;
    int rc = 0;

    (void)snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", t->name);
    if (statements_prepare(db, &s, &text, 1, e) != 0)
        return -1;
    t->columns = 0;
    t->locked = -1;
    if (sqlite3_column_count(s) > TABLE_COLUMNS_MAX)
        rc = err_set(e, ERR_FAILED, "%s has more than %d columns", t->name,
                     TABLE_COLUMNS_MAX);
    for (int i = 0; rc == 0 && i < sqlite3_column_count(s); i++)
        rc = add_column(t, db, sqlite3_column_name(s, i), e);
    statements_finalize(&s, 1);
    t->rank = rank_of(t->name);
    t->immutable = guard_is_immutable(t->name);
    t->silent = strcmp(t->name, "conflict") == 0 || strcmp(t->name, "parked") == 0;
    return rc;
}

int rows_tables_init(struct rows_tables *t, sqlite3 *db, const char *const *names,
                     size_t count, struct err *e)
{
    *t = (struct rows_tables){.db = db, .list = calloc(count, sizeof *t->list)};
    if (t->list == NULL)
        return err_set(e, ERR_MEMORY, "rows");
    for (t->count = 0; t->count < count; t->count++)
        (void)snprintf(t->list[t->count].name, sizeof t->list[0].name, "%s",
                       names[t->count]);
    return 0;
}

void rows_tables_release(struct rows_tables *t)
{
    for (size_t i = 0; i < t->count; i++) {
        statements_finalize(&t->list[i].select, 1);
        statements_finalize(&t->list[i].insert, 1);
        statements_finalize(&t->list[i].update, 1);
    }
    free(t->list);
    *t = (struct rows_tables){0};
}

/* "a" = ?1, "b" = ?2 … of the keys or of the other columns. */
static void append_equal(struct buffer *sql, const struct rows_table *t, bool keys,
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

static int prepare(sqlite3 *db, sqlite3_stmt **out, struct buffer *text, struct err *e)
{
    const char *sql = (const char *)text->bytes;

    if (buffer_check(text, e) != 0)
        return -1;
    return statements_prepare(db, out, &sql, 1, e);
}

static int prepare_all(struct rows_table *t, sqlite3 *db, struct err *e)
{
    struct buffer sql;
    int rc = -1;

    buffer_init(&sql, SQL_BYTES_MAX);
    buffer_append_format(&sql, "SELECT * FROM \"%s\" WHERE ", t->name);
    append_equal(&sql, t, true, " AND ");
    if (prepare(db, &t->select, &sql, e) != 0)
        goto out;
    buffer_clear(&sql);
    buffer_append_format(&sql, "INSERT INTO \"%s\" VALUES (", t->name);
    for (int i = 0; i < t->columns; i++)
        buffer_append_format(&sql, "%s?%d", i == 0 ? "" : ", ", i + 1);
    buffer_append_text(&sql, ")");
    if (prepare(db, &t->insert, &sql, e) != 0)
        goto out;
    buffer_clear(&sql);
    buffer_append_format(&sql, "UPDATE \"%s\" SET ", t->name);
    append_equal(&sql, t, false, ", ");
    buffer_append_text(&sql, " WHERE ");
    append_equal(&sql, t, true, " AND ");
    rc = prepare(db, &t->update, &sql, e);
out:
    buffer_release(&sql);
    return rc;
}

int rows_table_find(struct rows_tables *t, const char *name, struct rows_table **out,
                    struct err *e)
{
    *out = NULL;
    for (size_t i = 0; i < t->count; i++) {
        if (sqlite3_stricmp(t->list[i].name, name) != 0)
            continue;
        if (t->list[i].update == NULL && (read_columns(&t->list[i], t->db, e) != 0 ||
                                          prepare_all(&t->list[i], t->db, e) != 0))
            return -1;
        *out = &t->list[i];
        return 0;
    }
    return 0;
}
