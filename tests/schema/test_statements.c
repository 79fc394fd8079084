/* Statements that a store keeps compiled between two uses. */
#include "schema/statements.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/disk_sim.h"
#include "schema/statement_shelf.h"
#include "schema/store.h"
#include "tests/lib/scratch.h" /* must() */

static struct disk *disk;
static struct clock_manual manual;
static struct store *store;

static int set_up(void **state)
{
    const struct store_identity who = {.site = 7, .epoch = 1, .name = "Xã Thử"};
    struct err e;

    (void)state;
    clock_manual_init(&manual, 1);
    must(disk_sim_create(&disk, 1, &e), &e);
    must(disk_make_dirs(disk, "/box", &e), &e);
    must(store_init(disk, &manual.clock, "/box", &who, &e), &e);
    must(store_open(&store, disk, &manual.clock, "/box", &e), &e);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(store);
    disk_sim_power_cut(disk); /* fails if a file is still open */
    disk_sim_destroy(disk);
    return 0;
}

static sqlite3_stmt *prepared(const char *sql)
{
    sqlite3_stmt *s;
    struct err e;

    must(statements_prepare(store_db(store), &s, &sql, 1, &e), &e);
    return s;
}

static void one_that_was_given_back_is_taken_again_as_new(void **state)
{
    sqlite3_stmt *first = prepared("SELECT ?1 UNION ALL SELECT 2"), *again = first;
    struct err e;

    (void)state;
    (void)sqlite3_bind_int(first, 1, 5);
    assert_int_equal(statement_step(first, &e), 1); /* given back in the middle */
    statements_finalize(&first, 1);
    assert_null(first);
    first = prepared("SELECT ?1 UNION ALL SELECT 2");
    assert_ptr_equal(first, again);
    assert_int_equal(statement_step(first, &e), 1);
    assert_int_equal(sqlite3_column_type(first, 0), SQLITE_NULL);
    again = prepared("SELECT ?1 UNION ALL SELECT 2"); /* while the other is out */
    assert_ptr_not_equal(first, again);
    statements_finalize(&first, 1);
    statements_finalize(&again, 1);
}

static void a_pragma_reads_its_answer_each_time(void **state)
{
    int64_t before, after;
    struct err e;

    (void)state;
    must(sql_number(store_db(store), "PRAGMA cache_size", &before, &e), &e);
    must(sql_run(store_db(store), "PRAGMA cache_size = 77", &e), &e);
    must(sql_number(store_db(store), "PRAGMA cache_size", &after, &e), &e);
    assert_int_equal(after, 77);
    assert_int_not_equal(before, after);
}

static void what_nobody_takes_for_long_goes_first(void **state)
{
    char sql[64];
    sqlite3_stmt *used = prepared("SELECT 'used'"), *s;

    (void)state;
    statements_finalize(&used, 1);
    for (int i = 0; i < 3 * SHELF_STATEMENTS_MAX; i++) {
        (void)snprintf(sql, sizeof sql, "SELECT %d", i);
        s = prepared(sql);
        statements_finalize(&s, 1);
        used = shelf_take(store_db(store), "SELECT 'used'");
        assert_non_null(used);
        statements_finalize(&used, 1);
    }
    assert_null(shelf_take(store_db(store), "SELECT 0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_that_was_given_back_is_taken_again_as_new,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pragma_reads_its_answer_each_time, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_nobody_takes_for_long_goes_first, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
