/* How long the link needs for what waits, and how sure an age is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "appliance/forecast.h"
#include "appliance/stages.h"

static const uint64_t waiting[CLASS_COUNT] = {[1] = 1000, [4] = 2500, [5] = 1};
static const struct forecast_past nobody;

static void a_class_is_through_after_those_before_it(void **state)
{
    const struct sync_budget any = {0};
    struct forecast f;

    (void)state;
    forecast_make(&f, waiting, &any, 1000, &nobody);
    assert_true(f.now);
    assert_int_equal(f.left_s[1], 1);
    assert_int_equal(f.left_s[3], 1); /* nothing of it waits */
    assert_int_equal(f.left_s[4], 4); /* 3.5 s are told as 4 */
    assert_int_equal(f.left_s[5], 4);
}

static void what_is_kept_back_is_not_waited_for(void **state)
{
    struct sync_budget metered = {.metered = true}, spent = {.spent = {[4] = 10}};
    struct forecast f;

    (void)state;
    spent.month[4] = 10;
    assert_int_equal(budget_keeps_back(&metered, 1), KEPT_BACK_NOT);
    assert_int_equal(budget_keeps_back(&metered, 5), KEPT_BACK_METERED);
    assert_int_equal(budget_keeps_back(&spent, 4), KEPT_BACK_BUDGET);
    spent.metered = true; /* another network would not help */
    assert_int_equal(budget_keeps_back(&spent, 4), KEPT_BACK_BUDGET);
    spent.metered = false;
    forecast_make(&f, waiting, &spent, 1000, &nobody);
    assert_int_equal(f.left_s[4], -1);
    assert_int_equal(f.left_s[5], 2);
}

static void without_a_contact_past_ones_are_gone_by_if_they_carried_enough(void **state)
{
    const struct sync_budget any = {0};
    const struct link_contact hello = {.took_ms = 60000, .bytes_out = 900},
                              long_one = {.took_ms = 10000, .bytes_out = 100000},
                              broken_clock = {.took_ms = 0, .bytes_out = 100000};
    struct forecast_past past = {0};
    struct forecast f;

    (void)state;
    forecast_note(&past, &hello);
    forecast_note(&past, &broken_clock);
    forecast_make(&f, waiting, &any, 0, &past);
    assert_int_equal(f.bytes_s, 0);
    assert_int_equal(f.left_s[1], -1); /* nobody knows, and nobody says 0 */
    forecast_note(&past, &long_one);
    forecast_make(&f, waiting, &any, 0, &past);
    assert_int_equal(f.bytes_s, 10000);
    assert_false(f.now);
    assert_int_equal(f.left_s[1], 1);
}

static void
an_age_is_sure_of_this_boot_or_by_trusted_walls_that_leave_nothing_out(void **state)
{
    const int64_t hour_ms = 3600000;
    const struct moment then = {
        .boot = 1, .wall_ms = 10 * hour_ms, .confidence = WALL_SYSTEM};
    struct moment now = {.boot = 1, .wall_ms = 0, .confidence = WALL_UNKNOWN};

    (void)state;
    assert_true(stage_age_is_sure(&then, &now, hour_ms));
    now.boot = 2;
    assert_false(stage_age_is_sure(&then, &now, hour_ms));
    now.wall_ms = 11 * hour_ms;
    now.confidence = WALL_SIGNED;
    assert_true(stage_age_is_sure(&then, &now, hour_ms));
    now.wall_ms = 15 * hour_ms; /* three hours of it nobody counted */
    assert_false(stage_age_is_sure(&then, &now, hour_ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_class_is_through_after_those_before_it),
        cmocka_unit_test(what_is_kept_back_is_not_waited_for),
        cmocka_unit_test(without_a_contact_past_ones_are_gone_by_if_they_carried_enough),
        cmocka_unit_test(
            an_age_is_sure_of_this_boot_or_by_trusted_walls_that_leave_nothing_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
