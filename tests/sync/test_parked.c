/* Parked: what cannot be applied, in numbers. However much it is, it becomes frames that
 * the other end can take; it costs a frame that has nothing to do with it nothing; and
 * what goes at last leaves both ends equal. */
#include "tests/lib/pair.h"

#include <stdio.h>
#include <string.h>

#include "schema/search/search.h"
#include "schema/statements.h"

#define ID   PAIR_ID
#define MANY "600"
#define NUMBERS                                                                          \
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " MANY ") "

static struct pair p;

static int begin(void **state)
{
    (void)state;
    pair_start(&p, 19);
    pair_document(&p);
    return 0;
}

static int end(void **state)
{
    (void)state;
    pair_finish(&p);
    return 0;
}

static void expect_equal(void)
{
    uint64_t missing, surplus;

    pair_expect_equal(&p);
    must(search_verify(p.p.centre->records, &missing, &surplus, &p.err), &p.err);
    assert_int_equal(missing + surplus, 0);
}

static int64_t open_at_box(void)
{
    return pair_box_number(&p, "SELECT count(*) FROM parked WHERE closed_by IS NULL");
}

static int64_t open_at_centre(void)
{
    return pair_centre_number(&p, "SELECT count(*) FROM parked WHERE closed_by IS NULL");
}

/* ------------------------------------------------------------------ many at the box */

/* Rows that the centre has and the box has not: no honest one makes them. */
static void centre_changes_many_that_the_box_lacks(void)
{
    pair_centre_alone(&p, NUMBERS "INSERT INTO dossier (id, code) SELECT " ID
                                  "1000 + i, 'x' || i FROM n");
    pair_centre_writes(&p, "UPDATE dossier SET title = printf('%.200c', 'y')");
    assert_int_equal(pair_carry_down(&p, 1), INCOMING_TAKEN);
}

static void many_parked_rows_become_several_frames_of_the_box(void **state)
{
    (void)state;
    centre_changes_many_that_the_box_lacks();
    assert_int_equal(pair_apply_down(&p, 10), 1);
    assert_int_equal(open_at_box(), 600);
    assert_true(pair_box_last(&p) > 2);
    assert_true(pair_box_number(&p, "SELECT max(changes) FROM changelog") <=
                STORE_CHANGES_MAX);
    assert_true(pair_box_number(&p, "SELECT max(length(changeset)) FROM changelog") <=
                STORE_CHANGESET_BYTES_MAX);
    /* All of them were made having seen the centre's frame. */
    assert_int_equal(
        pair_box_number(&p, "SELECT min(seen) FROM changelog WHERE sequence > 1"), 1);
    pair_settle(&p);
    assert_int_equal(open_at_centre(), 600);
}

/* At one call of the disk in many: all frames are there with the cursor, or none is. */
static void a_power_cut_between_those_frames_loses_and_doubles_nothing(void **state)
{
    bool died = true;

    (void)state;
    for (uint64_t at = 1; died; at += 1 + at / 4) {
        unsigned applied;

        pair_finish(&p);
        (void)begin(NULL);
        centre_changes_many_that_the_box_lacks();
        disk_sim_set_faults(p.disk, &(struct disk_sim_faults){
                                        .die_at_call = disk_sim_calls(p.disk) + at});
        died = incoming_apply(p.box, 10, &applied, &p.err) != 0;
        box_close(p.box);
        p.box = NULL;
        disk_sim_power_cut(p.disk);
        disk_sim_set_faults(p.disk, &(struct disk_sim_faults){0});
        p.clock.boot++;
        must(box_open(&p.box, p.disk, &p.clock.clock, PAIR_DIR, NULL, &p.err), &p.err);
        assert_int_equal(open_at_box(),
                         600 * pair_box_number(&p, "SELECT seen FROM sync_state"));
        pair_settle(&p);
        assert_int_equal(open_at_box(), 600);
        assert_int_equal(open_at_centre(), 600);
        assert_true(at < 10000);
    }
}

/* A row of the centre's that is longer than the box may tell of in one frame. */
static void a_long_parked_row_is_told_in_brief(void **state)
{
    (void)state;
    pair_centre_alone(&p, "INSERT INTO document (id, type) VALUES (" ID "50, 'dài')");
    pair_centre_writes(&p, "UPDATE document SET type = printf('%.120000c', 'y')"
                           " WHERE type = 'dài'");
    pair_settle(&p);
    assert_int_equal(open_at_box(), 1);
    assert_int_equal(
        pair_centre_number(&p, "SELECT count(*) FROM parked WHERE closed_by IS NULL"
                               " AND json_extract(incoming, '$.new.type.bytes') = 120000"
                               " AND length(incoming) < 2000"),
        1);
    assert_int_equal(pair_box_number(&p, "SELECT max(length(changeset)) > 120000"
                                         " FROM parked_change"),
                     1); /* the change itself is whole */
}

/* --------------------------------------------------------------- many at the centre */

static void centre_refuses(const char *when)
{
    char sql[256];

    (void)snprintf(sql, sizeof sql,
                   "CREATE TEMP TRIGGER refuses BEFORE %s BEGIN"
                   " SELECT RAISE(ABORT, 'not yet'); END",
                   when);
    must(sql_run(store_db(p.p.centre->store), sql, &p.err), &p.err);
}

static void centre_refuses_no_more(void)
{
    must(sql_run(store_db(p.p.centre->store), "DROP TRIGGER refuses", &p.err), &p.err);
}

/* Twice as many rows as parked ones come to be changed when their reason is gone. */
static void what_goes_at_last_becomes_frames_that_the_box_can_take(void **state)
{
    (void)state;
    centre_refuses("INSERT ON main.dossier WHEN new.code LIKE 'x%'");
    pair_box_writes(&p, NUMBERS "INSERT INTO dossier (id, code) SELECT " ID
                                "1000 + i, 'x' || i FROM n");
    pair_settle(&p);
    assert_int_equal(open_at_centre(), 600);
    assert_int_equal(open_at_box(), 600);
    centre_refuses_no_more();
    pair_box_writes(&p, "UPDATE document SET type = 'công văn'");
    pair_settle(&p);
    assert_int_equal(open_at_centre(), 0);
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM parked WHERE name = ''"),
                     0);
    expect_equal();
    assert_int_equal(pair_problems(&p), 0);
}

/* What was parked behind it in its row, and what refers to it. */
static void a_whole_dossier_goes_when_its_row_goes(void **state)
{
    (void)state;
    centre_refuses("INSERT ON main.dossier WHEN new.code = 'x'");
    pair_box_writes(&p, "INSERT INTO dossier (id, code) VALUES (" ID "10, 'x');" NUMBERS
                        "INSERT INTO document (id, dossier, type) SELECT " ID
                        "1000 + i, " ID "10, 'trong' FROM n");
    for (int i = 0; i < 20; i++) {
        char sql[80];

        (void)snprintf(sql, sizeof sql, "UPDATE dossier SET title = 'lần %d'", i);
        pair_box_writes(&p, sql);
    }
    pair_settle(&p);
    assert_int_equal(open_at_centre(), 621);
    centre_refuses_no_more();
    pair_box_writes(&p, "UPDATE document SET type = 'ngoài' WHERE dossier IS NULL");
    pair_settle(&p);
    assert_int_equal(open_at_centre(), 0);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM parked_change"), 0);
    assert_int_equal(
        pair_centre_number(&p, "SELECT count(*) FROM dossier WHERE title = 'lần 19'"), 1);
    expect_equal();
    assert_int_equal(pair_problems(&p), 0);
}

/* A person at the centre gives the dossier up; the box sends nothing more. */
static void what_waited_goes_though_no_frame_comes(void **state)
{
    (void)state;
    centre_refuses("INSERT ON main.dossier WHEN new.code = 'x'");
    pair_box_writes(&p, "INSERT INTO dossier (id, code) VALUES (" ID "10, 'x');"
                        "INSERT INTO document (id, dossier, type) VALUES (" ID "12, " ID
                        "10, 'trong')");
    pair_settle(&p);
    assert_int_equal(open_at_centre(), 2);
    pair_centre_writes(&p, "UPDATE parked SET closed_by = 'cán bộ tỉnh'"
                           " WHERE name = 'dossier'");
    assert_int_equal(pair_apply_up(&p, 10), 1);
    assert_int_equal(pair_apply_up(&p, 10), 0);
    assert_int_equal(open_at_centre(), 0);
    pair_settle(&p);
    assert_int_equal(open_at_box(), 0);
}

/* Longer than any frame of an honest box: nothing of it is applied, and those that come
 * after it are. */
static void one_that_no_frame_can_hold_keeps_nothing_else_waiting(void **state)
{
    (void)state;
    centre_refuses("INSERT ON main.dossier WHEN new.code = 'x'");
    pair_box_writes(&p, "INSERT INTO dossier (id, code) VALUES (" ID "10, 'x'), (" ID
                        "11, 'x')");
    pair_settle(&p);
    centre_refuses_no_more();
    /* As a program of another day may have kept it. */
    pair_centre_alone(
        &p, "UPDATE parked_change SET changeset = zeroblob(9000000) WHERE parked ="
            " (SELECT min(parked) FROM parked_change)");
    pair_box_writes(&p, "UPDATE document SET type = 'công văn'");
    pair_settle(&p);
    assert_int_equal(open_at_centre(), 1);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM dossier"), 1);
    assert_int_equal(
        pair_centre_number(&p, "SELECT count(*) FROM document WHERE type = 'công văn'"),
        1);
}

/* ------------------------------------------------------------------------ put back */

/* The province has locked the value; the box's change of it was parked, and goes. */
static void a_parked_change_of_a_locked_row_is_put_back_at_the_box(void **state)
{
    (void)state;
    pair_box_writes(&p, "INSERT INTO field (document, name, ordinal, source, value)"
                        " VALUES (" ID "1, 'so', 0, 'clerk', '1')");
    pair_settle(&p);
    pair_centre_writes(&p, "UPDATE field SET locked = 1, value = 'tỉnh'");
    pair_settle(&p);
    centre_refuses("UPDATE ON main.field WHEN new.value = 'xã'");
    pair_box_writes(&p, "UPDATE field SET value = 'xã'");
    pair_settle(&p);
    assert_int_equal(open_at_centre(), 1);
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM field WHERE value = 'xã'"),
                     1);
    centre_refuses_no_more();
    pair_box_writes(&p, "UPDATE document SET type = 'công văn'");
    pair_settle(&p);
    assert_int_equal(open_at_centre(), 0);
    assert_int_equal(
        pair_box_number(&p, "SELECT count(*) FROM field WHERE value = 'tỉnh'"), 1);
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM conflict"
                                         " WHERE taken = 'centre'"),
                     1);
    expect_equal();
    assert_int_equal(pair_problems(&p), 0);
}

/* ---------------------------------------------------------------------------- cost */

static int count_steps(void *arg)
{
    ++*(uint64_t *)arg;
    return 0;
}

/* Parked rows that have nothing to do with it, some of which are tried in their turn:
 * what a frame of one row costs, in tens of SQLite's steps. */
static uint64_t steps_beside(unsigned parked)
{
    uint64_t steps = 0;
    char sql[1024];

    (void)snprintf(sql, sizeof sql,
                   "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                   " WHERE i < %u) "
                   "INSERT INTO parked (id, subject, name, row, reason, incoming, epoch,"
                   " sequence) SELECT ((1 << 8) + 255 << 28) + 1000000 + i, " ID
                   "2000 + i, 'dossier', '{\"id\":' || (" ID "2000 + i) || '}', 'thử',"
                   " '{\"verb\":\"insert\"}', 1, 1 FROM n;"
                   "INSERT INTO parked_change (parked, schema, seen, seen_epoch,"
                   " changeset, tried) SELECT id, 1, 0, 0, x'54', 1 FROM parked",
                   parked);
    pair_centre_alone(&p, sql);
    pair_box_writes(&p, "UPDATE document SET type = 'công văn'");
    assert_int_equal(pair_carry_up(&p, 2, 2), JOURNAL_TAKEN);
    sqlite3_progress_handler(store_db(p.p.centre->store), 10, count_steps, &steps);
    assert_int_equal(pair_apply_up(&p, 10), 1);
    sqlite3_progress_handler(store_db(p.p.centre->store), 0, NULL, NULL);
    assert_int_equal(open_at_centre(), parked);
    return steps;
}

static void what_is_parked_costs_other_frames_nothing(void **state)
{
    uint64_t few, many;

    (void)state;
    few = steps_beside(100);
    pair_finish(&p);
    (void)begin(NULL);
    many = steps_beside(20000);
    print_message("%llu0 steps beside 100 parked rows, %llu0 beside 20,000\n",
                  (unsigned long long)few, (unsigned long long)many);
    assert_true(few > 0 && many <= few + few / 4);
}

/* Nobody is left out: each has its turn, a few a frame. */
static void each_parked_row_has_its_turn(void **state)
{
    (void)state;
    (void)steps_beside(20);
    for (int i = 0; i < 10; i++) {
        char sql[80];

        (void)snprintf(sql, sizeof sql, "UPDATE document SET type = 'lần %d'", i);
        pair_box_writes(&p, sql);
        pair_settle(&p);
    }
    assert_true(pair_centre_number(&p, "SELECT min(tried) FROM parked_change") > 1);
}

#define story(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(many_parked_rows_become_several_frames_of_the_box),
        story(a_power_cut_between_those_frames_loses_and_doubles_nothing),
        story(a_long_parked_row_is_told_in_brief),
        story(what_goes_at_last_becomes_frames_that_the_box_can_take),
        story(a_whole_dossier_goes_when_its_row_goes),
        story(what_waited_goes_though_no_frame_comes),
        story(one_that_no_frame_can_hold_keeps_nothing_else_waiting),
        story(a_parked_change_of_a_locked_row_is_put_back_at_the_box),
        story(what_is_parked_costs_other_frames_nothing),
        story(each_parked_row_has_its_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
