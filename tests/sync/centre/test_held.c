/* What the centre holds because something before it is missing. */
#include <stdio.h>
#include <string.h>

#include "schema/fork.h"
#include "schema/statements.h"
#include "tests/lib/dossiers.h"

static struct pair p;
static struct pair_kept old; /* the box before it was put back */

static int start(void **state)
{
    (void)state;
    pair_start(&p, 5);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    pair_finish(&p);
    pair_forget(&old);
    return 0;
}

/* Frame 5 of epoch 1 came, 3 and 4 did not; the box was put back to frame 2 since, and goes
 * on with as many frames as that. */
static void a_bundle_whose_beginning_is_on_a_lost_stick(unsigned frames)
{
    struct pair_kept kept;

    dossiers_make(&p, 1, "chung");
    dossiers_make(&p, 2, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    for (unsigned i = 3; i <= 5; i++)
        dossiers_make(&p, i, "bị quên");
    assert_int_equal(pair_carry_up(&p, 5, 5), JOURNAL_HELD);
    pair_box_keep(&p, &old);
    dossiers_put_back(&p, &kept, 2);
    for (unsigned i = 0; i < frames; i++)
        dossiers_make(&p, 11 + i, "mới");
}

/* Of the centre's statements, those that read a held bundle. */
static int count_read(unsigned kind, void *arg, void *s, void *text)
{
    unsigned *count = arg;

    (void)kind;
    (void)s;
    if (strncmp(text, "SELECT object, bytes, frames FROM journal", 41) == 0)
        ++*count;
    return 0;
}

static unsigned carry_and_count(uint64_t first, uint64_t last)
{
    sqlite3 *db = store_db(p.p.centre->store);
    unsigned count = 0;

    assert_int_equal(sqlite3_trace_v2(db, SQLITE_TRACE_STMT, count_read, &count),
                     SQLITE_OK);
    for (uint64_t i = first; i <= last; i++)
        assert_int_equal(pair_carry_up(&p, i, i), JOURNAL_TAKEN);
    assert_int_equal(sqlite3_trace_v2(db, 0, NULL, NULL), SQLITE_OK);
    return count;
}

static void what_is_held_of_a_left_line_is_proved_once_and_told_of(void **state)
{
    (void)state;
    a_bundle_whose_beginning_is_on_a_lost_stick(6);
    assert_int_equal(carry_and_count(3, 3), 0); /* there is no frame 4 yet */
    assert_int_equal(carry_and_count(4, 4), 1);
    assert_int_equal(province_alarms(&p.p, p.site, "stranded"), 0);
    assert_int_equal(carry_and_count(5, 8), 0);
    pair_settle(&p);
    must(fork_epoch(p.box->store, 3, &p.err), &p.err);
    dossiers_make(&p, 20, "dòng mới");
    assert_int_equal(carry_and_count(9, 9), 1); /* once more by the lines that are now */
    assert_int_equal(province_alarms(&p.p, p.site, "stranded"), 1);
    dossiers_make(&p, 21, "dòng mới");
    assert_int_equal(carry_and_count(10, 10), 0);
    pair_settle(&p);
    dossiers_expect_equal(&p, 10);
}

static void what_was_told_to_be_stranded_goes_on_when_its_stick_is_found(void **state)
{
    struct pair_kept now;

    (void)state;
    a_bundle_whose_beginning_is_on_a_lost_stick(4);
    assert_int_equal(pair_carry_up(&p, 3, 6), JOURNAL_TAKEN);
    pair_settle(&p);
    assert_int_equal(province_alarms(&p.p, p.site, "stranded"), 1);
    pair_box_keep(&p, &now);
    pair_box_put_back(&p, &old);
    assert_int_equal(pair_carry_up(&p, 3, 4), JOURNAL_LATE);
    pair_box_put_back(&p, &now);
    pair_settle(&p);
    assert_int_equal(dossiers_count(&p, "title = 'bị quên'", true), 3);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM journal"
                                            " WHERE state = 'held'"),
                     0);
    dossiers_expect_equal(&p, 9);
}

static void fill_what_is_held(unsigned count)
{
    char sql[256];

    (void)snprintf(sql, sizeof sql,
                   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                   " WHERE i < %u) INSERT INTO journal (site, first, last, object, state,"
                   " bytes) SELECT %u, 100000 + i, 100000 + i, i, 'held', x'00' FROM n",
                   count, p.site);
    must(sql_run(store_db(p.p.centre->store), sql, &p.err), &p.err);
}

static void what_is_stranded_makes_room_when_no_more_can_be_held(void **state)
{
    (void)state;
    a_bundle_whose_beginning_is_on_a_lost_stick(8);
    assert_int_equal(pair_carry_up(&p, 3, 6), JOURNAL_TAKEN);
    fill_what_is_held(4095);
    assert_int_equal(pair_carry_up(&p, 8, 8), JOURNAL_HELD);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM journal"
                                            " WHERE state = 'held' AND first = 5"),
                     0);
    assert_int_equal(province_alarms(&p.p, p.site, "stranded"), 2);
    pair_refused_up(&p, 9, 9, REFUSED_TOO_BIG); /* nothing else makes room */
}

static void what_is_stranded_is_not_dropped_for_nothing(void **state)
{
    (void)state;
    a_bundle_whose_beginning_is_on_a_lost_stick(8);
    assert_int_equal(pair_carry_up(&p, 3, 6), JOURNAL_TAKEN);
    fill_what_is_held(4096); /* too much, even without it */
    pair_refused_up(&p, 8, 8, REFUSED_TOO_BIG);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM journal"
                                            " WHERE state = 'held' AND first = 5"),
                     1);
    assert_int_equal(province_alarms(&p.p, p.site, "stranded"), 1);
}

/* Each number of theirs is on the line that was left too. */
static void a_new_line_whose_first_bundle_comes_last_is_read_once(void **state)
{
    enum { FRAMES = 40 };
    struct pair_kept kept;

    (void)state;
    dossiers_make(&p, 1, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    for (unsigned i = 0; i < FRAMES; i++)
        dossiers_make(&p, 100 + i, "bị quên");
    pair_settle(&p);
    dossiers_put_back(&p, &kept, 2);
    for (unsigned i = 0; i < FRAMES; i++)
        dossiers_make(&p, 200 + i, "mới");
    for (uint64_t i = 3; i < FRAMES + 2; i++)
        assert_int_equal(pair_carry_up(&p, i, i), JOURNAL_HELD);
    assert_int_equal(carry_and_count(2, 2), FRAMES - 1);
    assert_int_equal(province_site(&p.p, p.site).received, FRAMES + 1);
    pair_settle(&p);
    dossiers_expect_equal(&p, 2 * FRAMES + 1);
}

#define story(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(what_is_held_of_a_left_line_is_proved_once_and_told_of),
        story(what_was_told_to_be_stranded_goes_on_when_its_stick_is_found),
        story(what_is_stranded_makes_room_when_no_more_can_be_held),
        story(what_is_stranded_is_not_dropped_for_nothing),
        story(a_new_line_whose_first_bundle_comes_last_is_read_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
