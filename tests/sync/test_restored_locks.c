/* A centre that was put back to a backup gets the province's locks back from its boxes, on
 * what they were put on, whatever the box has written over that since. */
#include "tests/lib/pair.h"

#include <stdio.h>

static struct pair p;
static struct pair_kept kept;

/* A document with a field of the clerk's: that is in the backup. */
static int begin(void **state)
{
    (void)state;
    pair_start(&p, 23);
    pair_document(&p);
    pair_box_writes(&p, "INSERT INTO field (document, name, ordinal, source, value)"
                        " VALUES (" PAIR_ID "1, 'so', 0, 'clerk', '1')");
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

static void both_have(const char *table_where, int64_t expected)
{
    char sql[192];

    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table_where);
    assert_int_equal(pair_box_number(&p, sql), expected);
    assert_int_equal(pair_centre_number(&p, sql), expected);
}

static void ends_are_equal(void)
{
    pair_expect_equal(&p);
    assert_int_equal(pair_problems(&p), 0);
    both_have("parked WHERE closed_by IS NULL", 0);
}

static void province_locks(void)
{
    pair_centre_writes(&p, "UPDATE field SET value = 'khóa', locked = 1"
                           " WHERE source = 'clerk'");
    pair_settle(&p);
}

/* The box has written over what the province locked, and nobody has refused it yet. */
static void the_lock_stands_on_the_province_s_value(const char *value)
{
    char where[160];

    pair_centre_put_back(&p, &kept);
    pair_meet(&p);
    (void)snprintf(where, sizeof where, "field WHERE locked = 1 AND value = '%s'", value);
    both_have(where, 1);
    both_have("field WHERE locked = 1", 1);
    (void)snprintf(where, sizeof where,
                   "conflict WHERE taken = 'centre' AND box_value = '\"xã ghi\"'"
                   " AND centre_value = '\"%s\"'",
                   value);
    both_have(where, 1);
    both_have("conflict", 1);
    ends_are_equal();
}

static void a_lock_that_comes_back_is_on_what_the_province_wrote(void **state)
{
    (void)state;
    province_locks();
    pair_box_writes(&p, "UPDATE field SET value = 'xã ghi' WHERE source = 'clerk'");
    the_lock_stands_on_the_province_s_value("khóa");
}

/* Seed 3117: the province had made the row. */
static void a_lock_on_a_row_that_was_lost_is_on_what_the_province_wrote(void **state)
{
    (void)state;
    pair_centre_writes(
        &p, "INSERT INTO field (document, name, ordinal, source, value, locked)"
            " VALUES (" PAIR_ID "1, 'ngày', 1, 'machine', 'tỉnh 37', 1)");
    pair_centre_writes(&p, "UPDATE field SET value = 'tỉnh 41' WHERE source = 'machine'");
    pair_settle(&p);
    pair_box_writes(&p, "UPDATE field SET value = 'xã ghi' WHERE source = 'machine'");
    the_lock_stands_on_the_province_s_value("tỉnh 41");
}

/* What the box wrote next met a lock on its own empty value, as if the province had
 * emptied it: the conflict of seed 3117. */
static void a_locked_value_that_the_box_emptied_is_the_province_s_still(void **state)
{
    (void)state;
    province_locks();
    pair_box_writes(&p, "UPDATE field SET value = NULL WHERE source = 'clerk'");
    pair_centre_put_back(&p, &kept);
    pair_meet(&p);
    pair_box_writes(&p, "UPDATE field SET value = 'tờ' WHERE source = 'clerk'");
    pair_settle(&p);
    both_have("field WHERE locked = 1 AND value = 'khóa'", 1);
    both_have("conflict WHERE centre_value = '\"khóa\"' AND taken = 'centre'", 2);
    both_have("conflict", 2);
    ends_are_equal();
}

static void what_the_province_locked_as_the_box_wrote_it_makes_no_conflict(void **state)
{
    (void)state;
    pair_centre_writes(&p, "UPDATE field SET value = 'tỉnh' WHERE source = 'clerk'");
    pair_settle(&p);
    pair_box_writes(&p, "UPDATE field SET value = 'xã ghi' WHERE source = 'clerk'");
    pair_settle(&p);
    pair_centre_writes(&p, "UPDATE field SET locked = 1 WHERE source = 'clerk'");
    pair_settle(&p);
    pair_centre_put_back(&p, &kept);
    pair_meet(&p);
    both_have("field WHERE locked = 1 AND value = 'xã ghi'", 1);
    both_have("conflict", 0);
    ends_are_equal();
}

/* A lock put on what the box had written itself; and the box's tombstone over it. */
static void a_lock_alone_comes_back_on_what_it_was_put_on(void **state)
{
    (void)state;
    pair_box_writes(&p, "UPDATE field SET value = 'xã' WHERE source = 'clerk'");
    pair_settle(&p);
    pair_centre_writes(&p, "UPDATE field SET locked = 1 WHERE source = 'clerk'");
    pair_settle(&p);
    pair_box_writes(&p, "UPDATE field SET value = 'nữa' WHERE source = 'clerk'");
    pair_box_writes(&p, "UPDATE field SET deleted = 1, value = 'xã ghi'"
                        " WHERE source = 'clerk'");
    pair_centre_put_back(&p, &kept);
    pair_meet(&p);
    both_have("field WHERE locked = 1 AND value = 'xã' AND deleted = 0", 1);
    both_have("conflict WHERE box_value = '\"xã ghi\"' AND centre_value = '\"xã\"'", 1);
    both_have("conflict WHERE field = 'deleted' AND box_value = '1'", 1);
    both_have("conflict", 2);
    ends_are_equal();
}

#define story(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(a_lock_that_comes_back_is_on_what_the_province_wrote),
        story(a_lock_on_a_row_that_was_lost_is_on_what_the_province_wrote),
        story(a_locked_value_that_the_box_emptied_is_the_province_s_still),
        story(what_the_province_locked_as_the_box_wrote_it_makes_no_conflict),
        story(a_lock_alone_comes_back_on_what_it_was_put_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
