/* A centre that was put back to a backup has lost what the province had written since, and
 * its boxes have applied it: each gives it back, and both ends end equal. */
#include "tests/lib/pair.h"

#include <stdio.h>
#include <string.h>

#define ID "((1 << 8) + 1 << 28) + "

static struct pair p;
static struct pair_kept kept;

/* A document with a field, a second one, and a correction of the province's that is in
 * the backup. */
static int begin(void **state)
{
    (void)state;
    pair_start(&p, 23);
    pair_box_writes(&p, "INSERT INTO document (id, type) VALUES (" ID "1, 'quyết định'),"
                        " (" ID "2, 'tờ trình');"
                        "INSERT INTO field (document, name, ordinal, source, value)"
                        " VALUES (" ID "1, 'so', 0, 'clerk', '1');"
                        "UPDATE identity SET counter = 2");
    pair_settle(&p);
    pair_centre_writes(&p, "UPDATE document SET configuration = 'đã có'");
    pair_settle(&p);
    pair_centre_keep(&p, &kept);
    return 0;
}

static int end(void **state)
{
    (void)state;
    pair_forget(&kept);
    pair_finish(&p);
    return 0;
}

static int64_t count(const char *table_where, bool box)
{
    char sql[160];

    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table_where);
    return box ? pair_box_number(&p, sql) : pair_centre_number(&p, sql);
}

static void both_have(const char *table_where, int64_t expected)
{
    assert_int_equal(count(table_where, true), expected);
    assert_int_equal(count(table_where, false), expected);
}

static void ends_are_equal(void)
{
    uint64_t rows;
    char why[256];

    if (!pair_equal(&p, why, &rows))
        fail_msg("%s", why);
    assert_int_equal(pair_problems(&p), 0);
    both_have("parked WHERE closed_by IS NULL", 0);
}

/* Changed, made, and locked: all after the backup. */
static void province_writes(void)
{
    pair_centre_writes(&p, "UPDATE document SET type = 'tỉnh sửa' WHERE id = " ID "1");
    pair_centre_writes(&p, "INSERT INTO field (document, name, ordinal, source, value)"
                           " VALUES (" ID "1, 'so', 0, 'province', '12')");
    pair_centre_writes(&p, "UPDATE field SET value = 'khóa', locked = 1"
                           " WHERE source = 'clerk'");
    pair_settle(&p);
}

static void what_the_centre_lost_comes_back_to_it(void **state)
{
    (void)state;
    province_writes();
    pair_centre_put_back(&p, &kept);
    assert_int_equal(count("document WHERE type = 'tỉnh sửa'", false), 0);
    pair_meet(&p);
    both_have("document WHERE type = 'tỉnh sửa'", 1);
    both_have("field WHERE source = 'province' AND value = '12'", 1);
    both_have("field WHERE locked = 1 AND value = 'khóa'", 1);
    assert_int_equal(count("conflict", false), 0);
    ends_are_equal();
    assert_int_equal(pair_box_number(&p, "SELECT seen_epoch FROM sync_state"),
                     p.p.centre->epoch);
}

/* Nothing is said twice: not at the next contact, nor at the one after. */
static void it_is_given_back_once(void **state)
{
    uint64_t last;

    (void)state;
    province_writes();
    pair_centre_put_back(&p, &kept);
    pair_meet(&p);
    last = pair_box_last(&p);
    pair_meet(&p);
    pair_meet(&p);
    assert_int_equal(pair_box_last(&p), last);
}

/* The box wrote over the province's value, having seen it; and made its own of what the
 * province had made. */
static void what_the_box_wrote_since_is_not_undone(void **state)
{
    (void)state;
    province_writes();
    pair_box_writes(&p, "UPDATE document SET type = 'xã sửa sau' WHERE id = " ID "1;"
                        "UPDATE field SET value = '13' WHERE source = 'province'");
    pair_settle(&p);
    pair_centre_put_back(&p, &kept);
    pair_meet(&p);
    both_have("document WHERE type = 'xã sửa sau'", 1);
    both_have("field WHERE source = 'province' AND value = '13'", 1);
    ends_are_equal();
}

static void what_the_province_wrote_after_it_was_put_back_meets_it(void **state)
{
    (void)state;
    province_writes();
    pair_centre_put_back(&p, &kept);
    pair_centre_writes(&p,
                       "UPDATE document SET type = 'tỉnh sửa lại' WHERE id = " ID "1");
    pair_centre_writes(&p,
                       "UPDATE document SET configuration = 'mới' WHERE id = " ID "2");
    pair_centre_writes(&p, "INSERT INTO field (document, name, ordinal, source, value)"
                           " VALUES (" ID "1, 'so', 0, 'province', '14')");
    pair_meet(&p);
    both_have("document WHERE configuration = 'mới'", 1);
    both_have("conflict WHERE centre_value = '\"tỉnh sửa lại\"'", 1);
    both_have("field WHERE source = 'province'", 1);
    ends_are_equal();
}

static void a_new_line_longer_than_the_old_one_is_a_new_line(void **state)
{
    (void)state;
    province_writes();
    pair_centre_put_back(&p, &kept);
    for (int i = 0; i < 6; i++) {
        char sql[96];

        (void)snprintf(sql, sizeof sql,
                       "UPDATE document SET configuration = 'lần %d' WHERE id = " ID "2",
                       i);
        pair_centre_writes(&p, sql);
    }
    pair_meet(&p);
    both_have("document WHERE configuration = 'lần 5'", 1);
    both_have("document WHERE type = 'tỉnh sửa'", 1);
    ends_are_equal();
}

static void a_box_that_had_seen_nothing_of_it_has_nothing_to_give(void **state)
{
    uint64_t last;

    (void)state;
    last = pair_box_last(&p);
    pair_centre_writes(&p, "UPDATE document SET type = 'mất'");
    pair_centre_put_back(&p, &kept);
    pair_centre_writes(&p, "UPDATE document SET configuration = 'mới'");
    pair_meet(&p);
    assert_int_equal(pair_box_last(&p), last);
    both_have("document WHERE configuration = 'mới'", 2);
    ends_are_equal();
}

/* What had come and was not applied yet is the province's too. */
static void what_the_box_only_kept_is_applied_and_given_back(void **state)
{
    (void)state;
    pair_centre_writes(&p, "UPDATE document SET type = 'tỉnh sửa' WHERE id = " ID "1");
    pair_settle(&p);
    pair_centre_writes(&p,
                       "UPDATE document SET type = 'chưa áp dụng' WHERE id = " ID "2");
    assert_int_equal(pair_carry_down(&p, pair_centre_last(&p)), INCOMING_TAKEN);
    pair_centre_put_back(&p, &kept);
    pair_centre_writes(&p, "UPDATE document SET configuration = 'mới'");
    assert_int_equal(pair_carry_down(&p, 2), INCOMING_TAKEN);
    assert_int_equal(count("document WHERE type = 'chưa áp dụng'", true), 1);
    pair_meet(&p);
    both_have("document WHERE type = 'chưa áp dụng'", 1);
    both_have("document WHERE type = 'tỉnh sửa'", 1);
    ends_are_equal();
}

static void a_centre_put_back_twice_gets_it_twice(void **state)
{
    struct pair_kept again;

    (void)state;
    province_writes();
    pair_centre_put_back(&p, &kept);
    pair_centre_keep(&p, &again);
    pair_meet(&p);
    pair_centre_writes(&p, "UPDATE document SET configuration = 'giữa hai lần'");
    pair_meet(&p);
    pair_centre_put_back(&p, &again);
    pair_meet(&p);
    both_have("document WHERE configuration = 'giữa hai lần'", 2);
    both_have("document WHERE type = 'tỉnh sửa'", 1);
    ends_are_equal();
}

/* At every call of the disk while the new line is taken: it is left and given back, or
 * neither. */
static void a_power_cut_while_it_is_given_back_loses_and_doubles_nothing(void **state)
{
    bool died = true;
    uint64_t whole = 0;

    (void)state;
    for (uint64_t at = 1; died; at++) {
        enum incoming_verdict verdict;
        struct down_sealed sealed;
        bool found;

        (void)end(NULL);
        (void)begin(NULL);
        province_writes();
        pair_box_writes(&p, "UPDATE field SET value = 'xã ghi' WHERE source = 'clerk'");
        pair_centre_put_back(&p, &kept);
        pair_centre_writes(&p, "UPDATE document SET configuration = 'mới'");
        must(down_bundle(p.p.centre, p.site, 2, &sealed, &found, &p.err), &p.err);
        assert_true(found);
        disk_sim_set_faults(p.disk, &(struct disk_sim_faults){
                                        .die_at_call = disk_sim_calls(p.disk) + at});
        died = incoming_take(p.box, sealed.bytes.bytes, sealed.bytes.count, &verdict,
                             &p.err) != 0;
        down_sealed_release(&sealed);
        box_close(p.box);
        p.box = NULL;
        disk_sim_power_cut(p.disk);
        disk_sim_set_faults(p.disk, &(struct disk_sim_faults){0});
        p.clock.boot++;
        must(box_open(&p.box, p.disk, &p.clock.clock, PAIR_DIR, NULL, &p.err), &p.err);
        pair_meet(&p);
        both_have("document WHERE type = 'tỉnh sửa'", 1);
        both_have("document WHERE configuration = 'mới'", 2);
        both_have("field WHERE locked = 1 AND value = 'khóa'", 1);
        both_have("conflict", 1);
        ends_are_equal();
        assert_true(whole == 0 || whole == pair_box_last(&p));
        whole = pair_box_last(&p);
        assert_true(at < 200);
    }
}

/* A stick that was written before the centre was put back comes after that. */
static void an_old_stick_of_the_line_that_was_left_is_known(void **state)
{
    struct down_sealed old;
    enum incoming_verdict verdict;
    bool found;

    (void)state;
    province_writes();
    must(down_bundle(p.p.centre, p.site, 2, &old, &found, &p.err), &p.err);
    pair_centre_put_back(&p, &kept);
    pair_meet(&p);
    must(incoming_take(p.box, old.bytes.bytes, old.bytes.count, &verdict, &p.err),
         &p.err);
    assert_int_equal(verdict, INCOMING_KNOWN);
    down_sealed_release(&old);
    ends_are_equal();
}

/* Seed 2108: the province's last value is told from what the box had written before it,
 * which the centre has again by then; not from the first of all, or they would meet. */
static void what_the_box_wrote_in_between_does_not_meet_itself(void **state)
{
    (void)state;
    pair_centre_writes(&p, "UPDATE document SET type = 'tỉnh 11' WHERE id = " ID "1");
    pair_settle(&p);
    pair_box_writes(&p, "UPDATE document SET type = 'về' WHERE id = " ID "1");
    pair_settle(&p);
    pair_centre_writes(&p, "UPDATE document SET type = 'tỉnh 23' WHERE id = " ID "1");
    pair_settle(&p);
    pair_centre_put_back(&p, &kept);
    pair_centre_writes(&p, "UPDATE document SET type = 'tỉnh 52' WHERE id = " ID "1");
    pair_meet(&p);
    both_have("document WHERE type = 'tỉnh 23'", 1);
    both_have("conflict WHERE centre_value = '\"tỉnh 52\"'", 1);
    both_have("conflict", 1);
    ends_are_equal();
}

/* First and last value are the same, and the box's in between goes to the centre again. */
static void what_the_province_changed_back_is_given_back_too(void **state)
{
    (void)state;
    pair_centre_writes(&p, "UPDATE document SET type = 'tỉnh sửa' WHERE id = " ID "1");
    pair_settle(&p);
    pair_box_writes(&p, "UPDATE document SET type = 'xã sửa' WHERE id = " ID "1");
    pair_settle(&p);
    pair_centre_writes(&p, "UPDATE document SET type = 'quyết định' WHERE id = " ID "1");
    pair_settle(&p);
    pair_centre_put_back(&p, &kept);
    pair_meet(&p);
    both_have("document WHERE type = 'quyết định'", 1);
    both_have("conflict", 0);
    ends_are_equal();
}

#define story(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(what_the_centre_lost_comes_back_to_it),
        story(it_is_given_back_once),
        story(what_the_box_wrote_since_is_not_undone),
        story(what_the_province_wrote_after_it_was_put_back_meets_it),
        story(a_new_line_longer_than_the_old_one_is_a_new_line),
        story(a_box_that_had_seen_nothing_of_it_has_nothing_to_give),
        story(what_the_box_only_kept_is_applied_and_given_back),
        story(a_centre_put_back_twice_gets_it_twice),
        story(a_power_cut_while_it_is_given_back_loses_and_doubles_nothing),
        story(an_old_stick_of_the_line_that_was_left_is_known),
        story(what_the_box_wrote_in_between_does_not_meet_itself),
        story(what_the_province_changed_back_is_given_back_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
