/* What the other end has lost is told to it again: the small cases, by hand. Whole stories are in
 * test_restored_centre.c and test_restored_locks.c. */
#include "sync/rows/lost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define TABLE                                                                            \
    "CREATE TABLE document (id INTEGER NOT NULL PRIMARY KEY, type TEXT, keeper TEXT)"

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3 *database(const char *rows)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    run(db, TABLE);
    run(db, rows);
    return db;
}

/* What the other end wrote on these rows, as a frame of it came. */
static void came(struct rows_lost *lost, uint64_t sequence, const char *rows,
                 const char *written)
{
    const struct own_question frame = {.sequence = sequence, .epoch = 1};
    sqlite3 *there = database(rows);
    sqlite3_session *session = NULL;
    void *changeset = NULL;
    int bytes = 0;
    struct err e;

    assert_int_equal(sqlite3session_create(there, "main", &session), SQLITE_OK);
    assert_int_equal(sqlite3session_attach(session, NULL), SQLITE_OK);
    run(there, written);
    assert_int_equal(sqlite3session_changeset(session, &bytes, &changeset), SQLITE_OK);
    if (rows_lost_add(lost, &frame, changeset, (size_t)bytes, &e) != 0)
        fail_msg("%s", e.text);
    sqlite3_free(changeset);
    sqlite3session_delete(session);
    (void)sqlite3_close(there);
}

static int say(void *arg, const struct buffer *changeset, struct err *e)
{
    buffer_append(arg, changeset->bytes, changeset->count);
    return buffer_check(arg, e);
}

static bool is_told(const struct buffer *told, const char *value)
{
    return told->count > 0 &&
           memmem(told->bytes, told->count, value, strlen(value)) != NULL;
}

/* Seed 8186: a value had waited for this program, so the row came whole behind a change of
 * it. A changegroup drops an insert behind an update, and the value with it. */
static void
a_row_that_came_whole_after_a_change_of_it_is_told_with_all_it_has(void **state)
{
    static const char *const names[] = {"document"};
    sqlite3 *here = database("INSERT INTO document VALUES (1, 'moi', 'tinh 28')");
    sqlite3_stmt *nothing = NULL;
    struct rows_lost lost;
    struct buffer told;
    struct err e;

    (void)state;
    buffer_init(&told, 1 << 20);
    assert_int_equal(rows_lost_init(&lost, here, names, 1, &e), 0);
    assert_int_equal(
        sqlite3_prepare_v2(here, "SELECT x'' WHERE ?1 < 0", -1, &nothing, NULL),
        SQLITE_OK);
    lost.written = nothing;
    came(&lost, 1, "INSERT INTO document VALUES (1, 'cu', NULL)",
         "UPDATE document SET type = 'moi' WHERE id = 1");
    came(&lost, 2, "", "INSERT INTO document VALUES (1, 'moi', 'tinh 28')");
    run(here, "BEGIN");
    if (rows_lost_tell(&lost, say, &told, &e) != 0)
        fail_msg("%s", e.text);
    run(here, "COMMIT");
    assert_true(is_told(&told, "tinh 28"));
    assert_true(is_told(&told, "moi"));
    lost.written = NULL;
    (void)sqlite3_finalize(nothing);
    rows_lost_release(&lost);
    buffer_release(&told);
    assert_int_equal(sqlite3_close(here), SQLITE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_row_that_came_whole_after_a_change_of_it_is_told_with_all_it_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
