#include "schema/verify_internal.h"

#include <stdio.h>
#include <string.h>

#include "schema/statements.h"

/* Order of two keys' parts as SQLite's ORDER BY has it. Keys are integers and
 * text; what else a damaged row may hold is only told apart by its type. */
static int value_order(sqlite3_stmt *a, sqlite3_stmt *b, int column)
{
    int type_a = sqlite3_column_type(a, column), type_b = sqlite3_column_type(b, column);

    if (type_a != type_b)
        return type_a < type_b ? -1 : 1;
    if (type_a == SQLITE_INTEGER) {
        sqlite3_int64 x = sqlite3_column_int64(a, column),
                      y = sqlite3_column_int64(b, column);

        return (x > y) - (x < y);
    }
    const void *bytes_a = sqlite3_column_blob(a, column);
    const void *bytes_b = sqlite3_column_blob(b, column);
    int count_a = sqlite3_column_bytes(a, column),
        count_b = sqlite3_column_bytes(b, column);
    int count = count_a < count_b ? count_a : count_b;
    int order = count == 0 ? 0 : memcmp(bytes_a, bytes_b, (size_t)count);

    return order != 0 ? order : (count_a > count_b) - (count_a < count_b);
}

static int row_order(sqlite3_stmt *a, sqlite3_stmt *b, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        int order = value_order(a, b, i);

        if (order != 0)
            return order;
    }
    return 0;
}

/* "SELECT keys, * FROM table ORDER BY keys" for both databases. */
static int select_sql(struct verification *v, const char *table, struct buffer *out,
                      int *keys, struct err *e)
{
    static const char *const find_sql =
        "SELECT group_concat('\"' || name || '\"'), count(*) FROM"
        " (SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk)";
    sqlite3_stmt *find;
    int row;

    buffer_init(out, 4096);
    if (statements_prepare(v->db, &find, &find_sql, 1, e) != 0)
        return -1;
    bind_text(find, 1, table);
    row = statement_step(find, e);
    if (row == 1 && sqlite3_column_int(find, 1) > 0) {
        const char *names = (const char *)sqlite3_column_text(find, 0);

        *keys = sqlite3_column_int(find, 1);
        buffer_append_format(out, "SELECT %s, * FROM \"%s\" ORDER BY %s", names, table,
                             names);
        row = buffer_check(out, e);
    } else if (row >= 0) {
        row = err_set(e, ERR_CORRUPT, "%s has no key", table);
    }
    statements_finalize(&find, 1);
    return row < 0 ? -1 : 0;
}

/* "dossier 4503599627370497", "field 42/so/0/clerk": where to look. */
static void row_problem(struct verification *v, const char *table, sqlite3_stmt *s,
                        int keys, const char *what)
{
    char name[256];
    size_t used = 0;

    for (int i = 0; i < keys && used < sizeof name; i++) {
        const char *text = (const char *)sqlite3_column_text(s, i);
        int n = snprintf(name + used, sizeof name - used, "%s%s", i == 0 ? "" : "/",
                         text == NULL ? "" : text);

        used += n < 0 ? 0 : (size_t)n;
    }
    verification_problem(v, "%s %s: %s", table, name, what);
}

/* Walks both in the order of their keys. */
static int compare_rows(struct verification *v, const char *table, sqlite3_stmt *here,
                        sqlite3_stmt *folded, int keys, struct err *e)
{
    int columns = sqlite3_column_count(here) - keys;
    int row_here = statement_step(here, e), row_folded = statement_step(folded, e);

    while (row_here >= 0 && row_folded >= 0 && (row_here == 1 || row_folded == 1)) {
        int order = row_here == 0     ? 1
                    : row_folded == 0 ? -1
                                      : row_order(here, folded, 0, keys);

        if (order < 0)
            row_problem(v, table, here, keys, "a row that no frame made");
        else if (order > 0)
            row_problem(v, table, folded, keys, "a frame's row that is not there");
        else if (row_order(here, folded, keys, columns) != 0)
            row_problem(v, table, here, keys, "differs from what the frames made of it");
        if (order <= 0)
            row_here = statement_step(here, e);
        if (order >= 0 && row_here >= 0)
            row_folded = statement_step(folded, e);
    }
    return row_here < 0 || row_folded < 0 ? -1 : 0;
}

int verification_table(struct verification *v, const char *table, struct err *e)
{
    struct buffer text = {0};
    sqlite3_stmt *here = NULL, *folded = NULL;
    const char *select;
    int keys = 0, rc = -1;

    if (select_sql(v, table, &text, &keys, e) != 0)
        goto out;
    select = (const char *)text.bytes;
    if (statements_prepare(v->db, &here, &select, 1, e) != 0 ||
        statements_prepare(v->fold, &folded, &select, 1, e) != 0)
        goto out;
    if (sqlite3_column_count(here) != sqlite3_column_count(folded)) {
        verification_problem(v, "%s: not the columns of this schema version", table);
        rc = 0;
        goto out;
    }
    rc = compare_rows(v, table, here, folded, keys, e);
out:
    statements_finalize(&here, 1);
    statements_finalize(&folded, 1);
    buffer_release(&text);
    return rc;
}
