/* The schema's own rules: what the session extension would get wrong in silence is
 * looked at here. */
#include "tests/lib/scratch.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/migrations.h"

static int start(void **state)
{
    static struct scratch s;

    scratch_start(&s);
    *state = &s;
    return 0;
}

static int end(void **state)
{
    scratch_remove(*state);
    return 0;
}

/* The names that `sql` selects are problems. */
static void assert_none(struct scratch *s, const char *sql)
{
    sqlite3_stmt *find;
    unsigned count = 0;

    assert_int_equal(sqlite3_prepare_v2(store_db(s->store), sql, -1, &find, NULL),
                     SQLITE_OK);
    for (; sqlite3_step(find) == SQLITE_ROW; count++)
        print_message("%s\n", (const char *)sqlite3_column_text(find, 0));
    assert_int_equal(sqlite3_finalize(find), SQLITE_OK);
    assert_int_equal(count, 0);
}

static void every_table_says_what_it_is(void **state)
{
    struct scratch *s = *state;

    assert_none(s, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"
                   " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                   " AND name NOT LIKE 'search\\_%' ESCAPE '\\'"
                   " AND name NOT IN (SELECT name FROM table_kind)");
    assert_none(s, "SELECT name FROM table_kind WHERE name NOT IN"
                   " (SELECT name FROM sqlite_schema WHERE type = 'table')");
    assert_int_equal(
        scratch_number(s, "SELECT count(*) FROM table_kind WHERE kind = 'synced'"), 12);
}

static void synced_tables_have_declared_not_null_keys(void **state)
{
    struct scratch *s = *state;

    assert_none(s, "SELECT name FROM table_kind AS t WHERE kind = 'synced' AND NOT EXISTS"
                   " (SELECT 1 FROM pragma_table_info(t.name) WHERE pk > 0)");
    assert_none(s, "SELECT t.name || '.' || c.name FROM table_kind AS t,"
                   " pragma_table_info(t.name) AS c"
                   " WHERE kind = 'synced' AND c.pk > 0 AND c.\"notnull\" = 0");
    /* Keys are integers and text: verify orders them by that. */
    assert_none(s, "SELECT t.name || '.' || c.name FROM table_kind AS t,"
                   " pragma_table_info(t.name) AS c WHERE kind = 'synced'"
                   " AND c.pk > 0 AND c.type NOT IN ('INTEGER', 'TEXT')");
}

static void synced_tables_have_nothing_that_breaks_an_apply(void **state)
{
    struct scratch *s = *state;

    assert_none(s, "SELECT t.name || ': ' || i.name FROM table_kind AS t,"
                   " pragma_index_list(t.name) AS i WHERE kind = 'synced'"
                   " AND i.\"unique\" AND i.origin <> 'pk'");
    assert_none(s, "SELECT t.name FROM table_kind AS t, pragma_foreign_key_list(t.name)"
                   " WHERE kind = 'synced'");
    assert_none(s, "SELECT t.name || '.' || c.name FROM table_kind AS t,"
                   " pragma_table_xinfo(t.name) AS c"
                   " WHERE kind = 'synced' AND c.hidden <> 0");
    assert_none(s, "SELECT s.name FROM sqlite_schema AS s WHERE type = 'table' AND"
                   " (sql LIKE '%CASCADE%' OR sql LIKE '%AUTOINCREMENT%')");
}

/* Rows that may be withdrawn have a tombstone, because none is ever deleted. An image
 * goes with its page; a conflict and what is parked are closed. */
static void synced_tables_have_a_tombstone_or_never_change(void **state)
{
    struct scratch *s = *state;

    assert_none(
        s,
        "SELECT name FROM table_kind AS t WHERE kind = 'synced'"
        " AND name NOT IN ('original', 'reading', 'event', 'image', 'conflict', 'parked')"
        " AND NOT EXISTS"
        " (SELECT 1 FROM pragma_table_info(t.name) WHERE name = 'deleted')");
}

/* Whether the line, four blanks deep inside CREATE TABLE, begins a column. */
static bool is_column(const char *line)
{
    return strncmp(line, "    ", 4) == 0 && islower((unsigned char)line[4]);
}

static void assert_commented(const char *sql)
{
    struct buffer copy;
    bool inside = false;
    char *rest = NULL;
    unsigned columns = 0;

    buffer_init(&copy, 1 << 20);
    buffer_append_text(&copy, sql);
    for (char *line = strtok_r((char *)copy.bytes, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, "CREATE TABLE", 12) == 0) {
            inside = true;
            if (strstr(line, "-- synced") == NULL && strstr(line, "-- local") == NULL)
                fail_msg("neither synced nor local: %s", line);
        } else if (line[0] == ')') {
            inside = false;
        } else if (inside && is_column(line)) {
            columns++;
            if (strstr(line, "-- ") == NULL)
                fail_msg("a column without a comment: %s", line);
        }
    }
    buffer_release(&copy);
    assert_true(columns > 0);
}

static void every_table_and_column_is_explained(void **state)
{
    size_t count;
    const char *const *list = migrations_all(&count);

    (void)state;
    assert_commented(list[0]);
    /* Later ones may hold only an ALTER. */
    for (size_t i = 1; i < count; i++)
        if (strstr(list[i], "CREATE TABLE") != NULL)
            assert_commented(list[i]);
}

/* DDL only: backfills are ordinary captured writes. */
static void migrations_write_no_rows_but_the_kinds(void **state)
{
    size_t count;
    const char *const *list = migrations_all(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (const char *at = list[i]; (at = strstr(at, "INSERT INTO ")) != NULL; at++)
            assert_memory_equal(at, "INSERT INTO table_kind", 22);
        assert_null(strstr(list[i], "\nUPDATE "));
        assert_null(strstr(list[i], "\nDELETE "));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_table_says_what_it_is, start, end),
        cmocka_unit_test_setup_teardown(synced_tables_have_declared_not_null_keys, start,
                                        end),
        cmocka_unit_test_setup_teardown(synced_tables_have_nothing_that_breaks_an_apply,
                                        start, end),
        cmocka_unit_test_setup_teardown(synced_tables_have_a_tombstone_or_never_change,
                                        start, end),
        cmocka_unit_test(every_table_and_column_is_explained),
        cmocka_unit_test(migrations_write_no_rows_but_the_kinds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
