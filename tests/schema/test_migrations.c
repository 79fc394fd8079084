/* Migrations: from every earlier version the schema comes out as a fresh one, and
 * the rows stay. */
#include "tests/lib/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/empty.h"
#include "schema/migrations.h"
#include "schema/statements.h"
#include "schema/tokenizer.h"

#define ROWS_PER_TABLE 3

/* A second migration as a later program may bring it: a column at the end, a table
 * and an index. It proves the mechanism while there is only one. */
static const char later_migration[] =
    "ALTER TABLE document ADD COLUMN note TEXT;"
    "CREATE TABLE visitor (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL);"
    "CREATE INDEX visitor_by_name ON visitor (name);"
    "INSERT INTO table_kind (name, kind) VALUES ('visitor', 'local');";

static sqlite3 *database_open(const char *path)
{
    struct err e;
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    must(tokenizer_register(db, &e), &e);
    return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    struct err e;
    sqlite3_stmt *s;

    must(statements_prepare(db, &s, &sql, 1, &e), &e);
    return s;
}

/* Every row of a query as text, a line a row; the caller frees it. */
static char *rows_of(sqlite3 *db, const char *sql)
{
    struct buffer out;
    struct err e;
    sqlite3_stmt *s = prepare(db, sql);

    buffer_init(&out, 1 << 22);
    buffer_append_text(&out, "");
    while (statement_step(s, &e) == 1) {
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            const char *text = (const char *)sqlite3_column_text(s, i);

            buffer_append_text(&out, text == NULL ? "NULL" : text);
            buffer_append_byte(&out, '|');
        }
        buffer_append_byte(&out, '\n');
    }
    statements_finalize(&s, 1);
    must(buffer_check(&out, &e), &e);
    return (char *)out.bytes;
}

static char *schema_of(sqlite3 *db)
{
    return rows_of(db, "SELECT type, name, tbl_name, sql FROM sqlite_schema"
                       " ORDER BY type, name");
}

/* Ordinary tables; the index is derived from them. */
static const char tables_sql[] =
    "SELECT name FROM table_kind WHERE name NOT IN ('search', 'table_kind')"
    " ORDER BY name";

/* A state that the table's CHECK allows. */
static const char *state_of(const char *table)
{
    if (strcmp(table, "job") == 0)
        return "done";
    if (strcmp(table, "unpacking") == 0)
        return "waiting";
    return strcmp(table, "journal") == 0 ? "held" : "taken";
}

/* "INSERT INTO t (…) VALUES (…)" with a value of the declared type everywhere. */
static void insert_row(sqlite3 *db, const char *table, int number)
{
    struct buffer names, values, sql;
    char query[128];
    sqlite3_stmt *s;
    struct err e;

    buffer_init(&names, 4096);
    buffer_init(&values, 4096);
    buffer_init(&sql, 8192);
    (void)snprintf(query, sizeof query, "SELECT name, type FROM pragma_table_info('%s')",
                   table);
    s = prepare(db, query);
    while (statement_step(s, &e) == 1) {
        const char *name = (const char *)sqlite3_column_text(s, 0);
        const char *type = (const char *)sqlite3_column_text(s, 1);
        const char *comma = names.count == 0 ? "" : ", ";

        buffer_append_format(&names, "%s%s", comma, name);
        /* The one column of identity and sync_state that allows one value, and the
         * states that are listed. */
        if (strcmp(name, "one") == 0)
            buffer_append_format(&values, "%s1", comma);
        else if (strcmp(name, "state") == 0 && strcmp(type, "TEXT") == 0)
            buffer_append_format(&values, "%s'%s'", comma, state_of(table));
        else if (strcmp(type, "INTEGER") == 0)
            buffer_append_format(&values, "%s%d", comma, number);
        else if (strcmp(type, "BLOB") == 0)
            buffer_append_format(&values, "%sx'%02x'", comma, (unsigned)number);
        else
            buffer_append_format(&values, "%s'%s %d'", comma, name, number);
    }
    statements_finalize(&s, 1);
    buffer_append_format(&sql, "INSERT OR IGNORE INTO %s (%s) VALUES (%s)", table,
                         (char *)names.bytes, (char *)values.bytes);
    must(sql_run(db, (char *)sql.bytes, &e), &e);
    buffer_release(&names);
    buffer_release(&values);
    buffer_release(&sql);
}

static void fill(sqlite3 *db)
{
    sqlite3_stmt *s = prepare(db, tables_sql);
    struct err e;

    while (statement_step(s, &e) == 1)
        for (int i = 1; i <= ROWS_PER_TABLE; i++)
            insert_row(db, (const char *)sqlite3_column_text(s, 0), i);
    statements_finalize(&s, 1);
}

/* The rows of `table` as far as its columns in `as` go. */
static char *rows_as(sqlite3 *db, sqlite3 *as, const char *table)
{
    char query[128], sql[4096];
    const char *columns;
    sqlite3_stmt *s;
    struct err e;
    char *rows;

    (void)snprintf(query, sizeof query,
                   "SELECT group_concat(name, ', ') FROM pragma_table_info('%s')", table);
    s = prepare(as, query);
    assert_int_equal(statement_step(s, &e), 1);
    columns = (const char *)sqlite3_column_text(s, 0);
    (void)snprintf(sql, sizeof sql, "SELECT %s FROM %s ORDER BY %s", columns, table,
                   columns);
    statements_finalize(&s, 1);
    rows = rows_of(db, sql);
    return rows;
}

static void assert_rows_intact(sqlite3 *old, sqlite3 *migrated)
{
    sqlite3_stmt *s = prepare(old, tables_sql);
    unsigned tables = 0;
    struct err e;

    for (; statement_step(s, &e) == 1; tables++) {
        const char *table = (const char *)sqlite3_column_text(s, 0);
        char *before = rows_as(old, old, table), *after = rows_as(migrated, old, table);

        assert_int_not_equal(before[0], '\0');
        assert_string_equal(before, after);
        free(before);
        free(after);
    }
    statements_finalize(&s, 1);
    assert_true(tables > 10);
}

/* From each version below the last: rows are put in, the rest is migrated. */
static void assert_every_version_upgrades(const char *const *list, size_t count)
{
    sqlite3 *fresh = database_open(":memory:");
    char *expected;
    struct err e;

    must(migrations_run(fresh, list, count, &e), &e);
    expected = schema_of(fresh);
    for (size_t k = 0; k < count; k++) {
        sqlite3 *old = database_open(":memory:"), *db = database_open(":memory:");
        char *schema;
        int64_t version;

        must(migrations_run(old, list, k, &e), &e);
        must(migrations_run(db, list, k, &e), &e);
        if (k > 0) {
            fill(old);
            fill(db);
        }
        must(migrations_run(db, list, count, &e), &e);
        must(sql_number(db, "PRAGMA user_version", &version, &e), &e);
        assert_int_equal(version, count);
        schema = schema_of(db);
        assert_string_equal(schema, expected);
        free(schema);
        if (k > 0)
            assert_rows_intact(old, db);
        assert_int_equal(sqlite3_close(old), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
    }
    free(expected);
    assert_int_equal(sqlite3_close(fresh), SQLITE_OK);
}

static void every_earlier_version_becomes_the_newest(void **state)
{
    size_t count;
    const char *const *list = migrations_all(&count);

    (void)state;
    assert_true(count >= 1);
    assert_every_version_upgrades(list, count);
}

static void a_later_migration_keeps_rows_and_schema(void **state)
{
    const char *list[64];
    size_t count;
    const char *const *all = migrations_all(&count);

    (void)state;
    assert_true(count < 63);
    memcpy(list, all, count * sizeof *list);
    list[count] = later_migration;
    assert_every_version_upgrades(list, count + 1);
}

/* A store's own file at every earlier version: guards and all else as in a new
 * one, and its identity stays. */
static void the_store_upgrades_every_earlier_version(void **state)
{
    struct scratch fresh;
    size_t count;
    const char *const *list = migrations_all(&count);
    char *expected;

    (void)state;
    scratch_start(&fresh);
    expected = schema_of(store_db(fresh.store));
    for (size_t k = 0; k < count; k++) {
        struct scratch s;
        char path[128];
        sqlite3 *db;
        char *schema;

        scratch_dir(&s);
        (void)snprintf(path, sizeof path, "%s/tram.db", s.dir);
        db = database_open(path);
        must(migrations_run(db, list, k, &s.err), &s.err);
        if (k > 0)
            fill(db);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        if (k == 0) /* an empty file is an init that was cut short */
            must(scratch_init(&s, &s.err), &s.err);
        must(scratch_open(&s, &s.err), &s.err);
        schema = schema_of(store_db(s.store));
        assert_string_equal(schema, expected);
        if (k > 0)
            assert_int_equal(scratch_number(&s, "SELECT count(*) FROM document"),
                             ROWS_PER_TABLE);
        free(schema);
        scratch_remove(&s);
    }
    free(expected);
    scratch_remove(&fresh);
}

static void a_failing_migration_leaves_the_version_before(void **state)
{
    static const char broken[] = "CREATE TABLE half (x); CREATE TABLE half (x);";
    size_t count;
    const char *list[2] = {migrations_all(&count)[0], broken};
    sqlite3 *db = database_open(":memory:");
    int64_t n;
    struct err e;

    (void)state;
    assert_int_equal(migrations_run(db, list, 2, &e), -1);
    assert_non_null(strstr(e.text, "migration 2"));
    must(sql_number(db, "PRAGMA user_version", &n, &e), &e);
    assert_int_equal(n, 1);
    must(sql_number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'", &n, &e),
         &e);
    assert_int_equal(n, 0);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void assert_same_rows(sqlite3 *a, sqlite3 *b, const char *query)
{
    char *ours = rows_of(a, query), *theirs = rows_of(b, query);

    assert_int_not_equal(ours[0], '\0');
    assert_string_equal(ours, theirs);
    free(ours);
    free(theirs);
}

static void assert_no_rows(sqlite3 *db)
{
    sqlite3_stmt *s = prepare(db, tables_sql);
    struct err e;

    while (statement_step(s, &e) == 1) {
        char query[128];
        int64_t rows;

        (void)snprintf(query, sizeof query, "SELECT count(*) FROM \"%s\"",
                       (const char *)sqlite3_column_text(s, 0));
        must(sql_number(db, query, &rows, &e), &e);
        assert_int_equal(rows, 0);
    }
    statements_finalize(&s, 1);
}

static void a_newer_version_is_refused(void **state)
{
    size_t count;
    const char *const *list = migrations_all(&count);
    sqlite3 *db = database_open(":memory:");
    struct err e;

    (void)state;
    must(migrations_run(db, list, count, &e), &e);
    assert_int_equal(migrations_run(db, list, count - 1, &e), -1);
    assert_int_equal(e.code, ERR_REFUSED);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* In each version, and whatever was written into another one before. */
static void an_empty_database_is_what_the_migrations_make(void **state)
{
    size_t count;
    const char *const *list = migrations_all(&count);
    struct err e;

    (void)state;
    for (size_t k = 1; k <= count + 1; k++) {
        sqlite3 *made = database_open(":memory:"), *used, *db;
        int64_t version;

        must(migrations_run(made, list, k < count ? k : count, &e), &e);
        must(empty_open(&used, (uint32_t)k, &e), &e);
        fill(used);
        must(empty_open(&db, (uint32_t)k, &e), &e);
        must(sql_number(db, "PRAGMA user_version", &version, &e), &e);
        assert_int_equal(version, k < count ? k : count);
        assert_same_rows(made, db,
                         "SELECT type, name, tbl_name, sql FROM sqlite_schema"
                         " ORDER BY type, name");
        assert_same_rows(made, db, "SELECT * FROM table_kind ORDER BY name");
        assert_no_rows(db);
        assert_int_equal(sqlite3_close(used), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_int_equal(sqlite3_close(made), SQLITE_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_earlier_version_becomes_the_newest),
        cmocka_unit_test(a_later_migration_keeps_rows_and_schema),
        cmocka_unit_test(the_store_upgrades_every_earlier_version),
        cmocka_unit_test(a_failing_migration_leaves_the_version_before),
        cmocka_unit_test(a_newer_version_is_refused),
        cmocka_unit_test(an_empty_database_is_what_the_migrations_make),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
