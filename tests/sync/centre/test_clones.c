/* A copied card: two boxes work in the name of one. Each gets what the other has made, as
 * often as they take turns, and nothing is there twice. And what comes late of a line that
 * was left. */
#include <stdio.h>
#include <string.h>

#include "schema/fork.h"
#include "tests/lib/dossiers.h"

static struct pair p; /* its box is the one in hand */
static struct pair_kept other;

static int start(void **state)
{
    (void)state;
    pair_start(&p, 11);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    pair_finish(&p);
    pair_forget(&other);
    return 0;
}

/* The other box is taken into the hand. */
static void other_box(void)
{
    struct pair_kept in_hand;

    pair_box_keep(&p, &in_hand);
    pair_box_put_back(&p, &other);
    other = in_hand;
}

/* As it does once the centre has told it where it is. */
static void leaves_after(uint64_t last_common, uint8_t epoch)
{
    must(fork_line(p.box->records, last_common, epoch, "cán bộ", &p.err), &p.err);
    assert_int_equal(pair_carry_up(&p, last_common + 1, pair_box_last(&p)),
                     JOURNAL_TAKEN);
    pair_settle(&p);
}

/* Both have frames 1 and 2; the one in hand has made 3 and 4, and the centre has them. */
static void a_copied_card(void)
{
    dossiers_make(&p, 1, "chung");
    dossiers_make(&p, 2, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &other);
    dossiers_make(&p, 3, "của máy một");
    dossiers_title(&p, "D-1", "máy một đổi", true);
    pair_settle(&p);
}

/* The other one begins a line of its own: epoch 2, from frame 2. */
static void the_copy_begins(void)
{
    other_box();
    dossiers_make(&p, 11, "của máy hai");
    pair_refused_up(&p, 3, 3, REFUSED_FORK);
    leaves_after(2, 2);
    dossiers_expect_equal(&p, 4);
}

static void a_copy_gets_what_the_first_has_made(void **state)
{
    (void)state;
    a_copied_card();
    the_copy_begins();
    assert_int_equal(dossiers_count(&p, "1", true), 4);
    assert_int_equal(dossiers_count(&p, "title = 'máy một đổi'", true), 1);
    assert_int_equal(province_alarms(&p.p, p.site, "restored"), 1);
}

static void the_first_goes_on_from_where_it_was(void **state)
{
    (void)state;
    a_copied_card();
    the_copy_begins();
    dossiers_title(&p, "D-11", "tỉnh sửa", false);
    pair_settle(&p);
    dossiers_make(&p, 12, "của máy hai");
    pair_settle(&p);
    other_box();
    dossiers_make(&p, 5, "của máy một, chưa biết");
    assert_int_equal(pair_carry_up(&p, 5, 5), JOURNAL_LATE);
    (void)pair_apply_up(&p, 10);
    assert_int_equal(dossiers_count(&p, "code = 'D-5'", false), 1);
    leaves_after(5, 3);
    assert_int_equal(dossiers_count(&p, "1", true), 6);
    assert_int_equal(dossiers_count(&p, "title = 'tỉnh sửa'", true), 1);
    assert_int_equal(province_site(&p.p, p.site).epoch, 3);
    assert_int_equal(province_alarms(&p.p, p.site, "cloned"), 1);
    dossiers_expect_equal(&p, 6);
}

/* What it made before it knew comes in the bundle that begins the new line. */
static void the_first_may_go_on_before_anybody_had_its_last_frame(void **state)
{
    (void)state;
    a_copied_card();
    the_copy_begins();
    other_box();
    leaves_after(4, 3);
    assert_int_equal(dossiers_count(&p, "1", true), 4);
    dossiers_expect_equal(&p, 4);
    other_box(); /* the copy does not know, and has made nothing since */
    dossiers_title(&p, "D-11", "máy hai sửa", true);
    leaves_after(pair_box_last(&p) - 1, 4);
    assert_int_equal(dossiers_count(&p, "title = 'máy hai sửa'", true), 1);
    dossiers_expect_equal(&p, 4);
}

static void they_take_turns(void **state)
{
    unsigned made = 2;
    int64_t given = 0, before;

    (void)state;
    dossiers_make(&p, 1, "chung");
    dossiers_make(&p, 2, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &other);
    for (uint8_t epoch = 2; epoch < 12; epoch++) {
        uint64_t known = pair_box_last(&p);
        char title[32];

        (void)snprintf(title, sizeof title, "lần %u", epoch);
        dossiers_make(&p, 100 + epoch, "mới");
        dossiers_title(&p, "D-1", title, true);
        leaves_after(known, epoch);
        dossiers_title(&p, "D-2", title, false);
        pair_settle(&p);
        made++;
        assert_int_equal(dossiers_count(&p, "1", true), made);
        dossiers_expect_equal(&p, made);
        before = given;
        given = pair_centre_number(&p, "SELECT count(*) FROM down_frame");
        assert_true(given - before < 24); /* no more at each turn */
        other_box();
    }
    assert_int_equal(province_site(&p.p, p.site).epoch, 11);
}

/* Who takes turns for weeks makes a new alarm each time. */
static void of_a_boxs_alarms_the_newest_are_kept(void **state)
{
    struct centre *c = p.p.centre;
    char detail[32];

    (void)state;
    for (unsigned i = 0; i < SITE_ALARMS_MAX + 5; i++) {
        (void)snprintf(detail, sizeof detail, "lần %u", i);
        must(site_alarm(c, p.site, "cloned", detail, &p.err), &p.err);
        must(site_alarm(c, p.site, "cloned", "vẫn thế", &p.err), &p.err);
    }
    must(site_alarm(c, p.site, "restored", "một lần", &p.err), &p.err);
    must(site_alarm(c, 99, "cloned", "hộp khác", &p.err), &p.err);
    assert_int_equal(province_alarms(&p.p, p.site, "cloned"), SITE_ALARMS_MAX);
    assert_int_equal(province_alarms(&p.p, p.site, "restored"), 1);
    assert_int_equal(province_alarms(&p.p, 99, "cloned"), 1);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM alarm WHERE detail ="
                                            " 'vẫn thế' OR detail = 'lần 54'"),
                     2);
    assert_int_equal(
        pair_centre_number(&p, "SELECT count(*) FROM alarm WHERE detail = 'lần 0'"), 0);
}

static void both_changed_the_same_and_a_conflict_says_so(void **state)
{
    (void)state;
    a_copied_card();
    other_box();
    dossiers_title(&p, "D-1", "máy hai đổi", true);
    leaves_after(2, 2);
    assert_int_equal(dossiers_count(&p, "title = 'máy hai đổi'", true), 1);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM conflict"), 1);
    dossiers_expect_equal(&p, 3);
    other_box();
    leaves_after(4, 3);
    assert_int_equal(dossiers_count(&p, "title = 'máy hai đổi'", true), 1);
    dossiers_expect_equal(&p, 3);
}

/* The first one, which was left, brings what it made since; until the disk dies. */
static void the_first_comes_back(void)
{
    (void)pair_try_up(&p, 5, 5);
    if (!p.died)
        (void)pair_apply_up(&p, 10);
    if (p.died)
        return;
    if (store_identity(p.box->store)->epoch == 1)
        must(fork_line(p.box->records, 5, 3, "cán bộ", &p.err), &p.err);
    (void)pair_try_up(&p, 6, pair_box_last(&p));
    if (!p.died)
        (void)pair_apply_up(&p, 10);
}

static void the_power_may_go_at_any_instant_of_a_turn(void **state)
{
    uint64_t instants = 0;
    bool died = true;

    (void)state;
    for (uint64_t n = 1; died; n += 2) {
        struct disk_sim_faults faults = {0};

        pair_start(&p, 11);
        a_copied_card();
        the_copy_begins();
        dossiers_title(&p, "D-3", "tỉnh sửa", false);
        other_box();
        dossiers_make(&p, 5, "của máy một");
        faults.die_at_call = disk_sim_calls(p.p.disk) + n;
        disk_sim_set_faults(p.p.disk, &faults);
        p.mortal = true;
        the_first_comes_back();
        died = p.died;
        p.mortal = false;
        province_power_cut(&p.p);
        must(province_open(&p.p, &p.err), &p.err);
        the_first_comes_back();
        pair_settle(&p);
        assert_int_equal(dossiers_count(&p, "1", true), 5);
        assert_int_equal(dossiers_count(&p, "title = 'tỉnh sửa'", true), 1);
        dossiers_expect_equal(&p, 5);
        instants++;
        pair_box_put_back(&p, &other);
        pair_finish(&p);
    }
    print_message("%llu instants\n", (unsigned long long)instants);
    assert_true(instants > 10);
}

/* --------------------------------------------------------------------------- late */

/* Frame 3 is on a lost stick; the box is put back to frame 1, and goes on. */
static void a_stick_was_lost(const char *late_sql)
{
    struct pair_kept kept;

    dossiers_make(&p, 1, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    dossiers_make(&p, 2, "bị quên");
    pair_settle(&p);
    assert_true(pair_box_writes(&p, late_sql) != 0);
    dossiers_make(&p, 4, "trên thẻ nhớ sau");
    pair_box_keep(&p, &other);
    dossiers_put_back(&p, &kept, 2);
    dossiers_make(&p, 5, "mới");
    dossiers_title(&p, "D-1", "mới đổi", true);
    assert_int_equal(pair_carry_up(&p, 2, pair_box_last(&p)), JOURNAL_TAKEN);
    pair_settle(&p);
}

static void and_is_found(void)
{
    other_box();
    assert_int_equal(pair_carry_up(&p, 3, 3), JOURNAL_LATE);
    assert_int_equal(pair_carry_up(&p, 3, 3), JOURNAL_KNOWN);
    assert_int_equal(pair_carry_up(&p, 3, 4), JOURNAL_LATE);
    other_box();
    pair_settle(&p);
}

static void what_comes_late_of_a_left_line_counts_once(void **state)
{
    (void)state;
    a_stick_was_lost("INSERT INTO dossier (id, code, title)"
                     " VALUES (68987912193 + 3000, 'D-3', 'trên thẻ nhớ')");
    and_is_found();
    assert_int_equal(province_site(&p.p, p.site).epoch, 2);
    assert_int_equal(dossiers_count(&p, "1", true), 5);
    assert_int_equal(province_site(&p.p, p.site).alarms, 1); /* restored */
    dossiers_expect_equal(&p, 5);
}

static void what_comes_late_over_something_newer_is_a_conflict(void **state)
{
    (void)state;
    a_stick_was_lost("UPDATE dossier SET title = 'cũ' WHERE code = 'D-1'");
    and_is_found();
    assert_int_equal(dossiers_count(&p, "title = 'cũ'", true), 1);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM conflict"
                                            " WHERE centre_value LIKE '%mới đổi%'"),
                     1);
    dossiers_expect_equal(&p, 4);
}

static void a_later_stick_of_a_left_line_waits_for_the_earlier(void **state)
{
    (void)state;
    a_stick_was_lost("UPDATE dossier SET title = 'cũ' WHERE code = 'D-2'");
    other_box();
    assert_int_equal(pair_carry_up(&p, 4, 4), JOURNAL_HELD);
    assert_int_equal(pair_carry_up(&p, 3, 3), JOURNAL_LATE);
    other_box();
    pair_settle(&p);
    assert_int_equal(dossiers_count(&p, "code = 'D-4'", true), 1);
    assert_int_equal(dossiers_count(&p, "title = 'cũ'", true), 1);
    dossiers_expect_equal(&p, 4);
}

static void what_came_late_is_applied_after_a_power_cut(void **state)
{
    (void)state;
    a_stick_was_lost("UPDATE dossier SET title = 'cũ' WHERE code = 'D-2'");
    other_box();
    assert_int_equal(pair_carry_up(&p, 3, 4), JOURNAL_LATE);
    assert_int_equal(pair_apply_up(&p, 1), 1);
    province_power_cut(&p.p);
    must(province_open(&p.p, &p.err), &p.err);
    other_box();
    pair_settle(&p);
    assert_int_equal(dossiers_count(&p, "code = 'D-4'", true), 1);
    dossiers_expect_equal(&p, 4);
}

/* A late frame and a change of the province's that it had not seen: the box's stands. */
static void what_comes_late_has_not_seen_what_the_province_wrote(void **state)
{
    (void)state;
    a_stick_was_lost("UPDATE dossier SET title = 'cũ' WHERE code = 'D-2'");
    dossiers_title(&p, "D-2", "tỉnh sửa", false);
    and_is_found();
    assert_int_equal(dossiers_count(&p, "title = 'cũ'", true), 1);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM conflict"), 1);
    dossiers_expect_equal(&p, 4);
}

/* Of the centre's statements, those that read a bundle for one of its frames. */
static int count_opened(unsigned kind, void *arg, void *s, void *text)
{
    unsigned *count = arg;

    (void)kind;
    (void)s;
    if (strncmp(text, "SELECT bytes, frames FROM journal", 33) == 0)
        ++*count;
    return 0;
}

/* Each is a bundle of its own. */
static void dossiers_carried(unsigned first, unsigned count, enum journal_verdict verdict)
{
    for (unsigned i = 0; i < count; i++) {
        dossiers_make(&p, first + i, "một bó");
        assert_int_equal(pair_carry_up(&p, pair_box_last(&p), pair_box_last(&p)),
                         verdict);
    }
    (void)pair_apply_up(&p, verdict == JOURNAL_LATE ? 0 : 10000);
}

static void many_late_frames_read_what_is_newer_once(void **state)
{
    enum { NEWER = 60, LATE = 20 };
    sqlite3 *db = store_db(p.p.centre->store);
    unsigned opened = 0;

    (void)state;
    a_copied_card();
    the_copy_begins();
    dossiers_carried(1000, NEWER, JOURNAL_TAKEN);
    other_box();
    dossiers_carried(20000, LATE, JOURNAL_LATE);
    assert_int_equal(sqlite3_trace_v2(db, SQLITE_TRACE_STMT, count_opened, &opened),
                     SQLITE_OK);
    assert_int_equal(pair_apply_up(&p, 10000), LATE);
    assert_in_range(opened, LATE, 2 * LATE + NEWER + 2);
    opened = 0;
    other_box();
    pair_settle(&p);
    opened = 0;
    dossiers_expect_equal(&p, 4 + LATE + NEWER);
    assert_in_range(opened, LATE + NEWER, 3 * (LATE + NEWER));
    assert_int_equal(sqlite3_trace_v2(db, 0, NULL, NULL), SQLITE_OK);
}

#define story(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(a_copy_gets_what_the_first_has_made),
        story(the_first_goes_on_from_where_it_was),
        story(the_first_may_go_on_before_anybody_had_its_last_frame),
        story(they_take_turns),
        story(of_a_boxs_alarms_the_newest_are_kept),
        story(both_changed_the_same_and_a_conflict_says_so),
        cmocka_unit_test(the_power_may_go_at_any_instant_of_a_turn),
        story(what_comes_late_of_a_left_line_counts_once),
        story(what_comes_late_over_something_newer_is_a_conflict),
        story(a_later_stick_of_a_left_line_waits_for_the_earlier),
        story(what_came_late_is_applied_after_a_power_cut),
        story(what_comes_late_has_not_seen_what_the_province_wrote),
        story(many_late_frames_read_what_is_newer_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
