/* Ages are lower bounds: powered-on time, and gaps that both ends vouch for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

#define HOUR_MS 3600000

static struct moment at(uint32_t boot, int64_t mono_ms)
{
    return (struct moment){.boot = boot, .mono_ms = mono_ms};
}

static void within_one_boot_an_age_is_exact(void **state)
{
    struct moment then = at(1, 5 * HOUR_MS);
    struct moment now = at(1, 7 * HOUR_MS);

    (void)state;
    assert_int_equal(moment_age_ms_min(&then, &now, NULL, 0), 2 * HOUR_MS);
}

static void a_moment_that_seems_to_come_later_has_no_age(void **state)
{
    struct moment then = at(1, 7 * HOUR_MS);
    struct moment now = at(1, 5 * HOUR_MS);

    (void)state;
    assert_int_equal(moment_age_ms_min(&then, &now, NULL, 0), 0);
}

/* Three boots of ten hours; five hours dark before the second by the walls, which
 * the test says whom to believe; the third woke in 1970. */
static void three_boots(struct boot_span spans[3], enum wall_confidence first_two)
{
    const int64_t start_ms = 1767225600000; /* 2026 */

    spans[0] = (struct boot_span){
        .boot = 1,
        .first_mono_ms = 0,
        .last_mono_ms = 10 * HOUR_MS,
        .first_wall_ms = start_ms,
        .last_wall_ms = start_ms + 10 * HOUR_MS,
        .first_confidence = first_two,
        .last_confidence = first_two,
    };
    spans[1] = spans[0];
    spans[1].boot = 2;
    spans[1].first_wall_ms += 15 * HOUR_MS;
    spans[1].last_wall_ms += 15 * HOUR_MS;
    spans[2] = (struct boot_span){.boot = 3, .last_mono_ms = 10 * HOUR_MS};
}

static void a_gap_counts_when_both_its_ends_are_trusted(void **state)
{
    struct moment then = at(1, 8 * HOUR_MS);
    struct moment now = at(2, 4 * HOUR_MS);
    struct boot_span spans[3];

    (void)state;
    three_boots(spans, WALL_SYSTEM);
    assert_int_equal(moment_age_ms_min(&then, &now, spans, 2), (2 + 5 + 4) * HOUR_MS);
    three_boots(spans, WALL_SIGNED);
    assert_int_equal(moment_age_ms_min(&then, &now, spans, 2), (2 + 5 + 4) * HOUR_MS);
}

static void an_untrusted_gap_counts_nothing(void **state)
{
    struct moment then = at(1, 8 * HOUR_MS);
    struct moment now = at(2, 4 * HOUR_MS);
    struct boot_span spans[3];

    (void)state;
    three_boots(spans, WALL_SAVED);
    assert_int_equal(moment_age_ms_min(&then, &now, spans, 2), (2 + 4) * HOUR_MS);
    three_boots(spans, WALL_SYSTEM);
    spans[0].last_confidence = WALL_UNKNOWN;
    assert_int_equal(moment_age_ms_min(&then, &now, spans, 2), (2 + 4) * HOUR_MS);
}

static void waking_in_1970_takes_nothing_away(void **state)
{
    struct moment then = at(1, 8 * HOUR_MS);
    struct moment now = at(3, 4 * HOUR_MS);
    struct boot_span spans[3];

    (void)state;
    three_boots(spans, WALL_SYSTEM);
    spans[2].first_confidence = WALL_SYSTEM; /* it believes its 1970 */
    assert_int_equal(moment_age_ms_min(&then, &now, spans, 3),
                     (2 + 5 + 10 + 4) * HOUR_MS);
}

static void a_manual_clock_moves_only_when_told(void **state)
{
    struct clock_manual c;
    enum wall_confidence confidence;
    char first[BOOT_ID_BYTES], second[BOOT_ID_BYTES];

    (void)state;
    clock_manual_init(&c, 1);
    c.mono_ms_now = 5;
    c.wall_ms_now = 7;
    c.confidence = WALL_SIGNED;
    assert_int_equal(c.clock.mono_ms(&c.clock), 5);
    assert_int_equal(c.clock.mono_ms(&c.clock), 5);
    assert_int_equal(c.clock.wall_ms(&c.clock, &confidence), 7);
    assert_int_equal(confidence, WALL_SIGNED);
    c.clock.boot_id(&c.clock, first);
    clock_manual_init(&c, 2);
    c.clock.boot_id(&c.clock, second);
    assert_int_equal(strlen(first), BOOT_ID_BYTES - 1);
    assert_string_not_equal(first, second);
}

static void the_systems_clock_never_goes_back_and_knows_its_boot(void **state)
{
    struct clock *c = clock_system();
    enum wall_confidence confidence;
    int64_t before = c->mono_ms(c);
    char id[BOOT_ID_BYTES], again[BOOT_ID_BYTES];

    (void)state;
    assert_true(before > 0);
    assert_true(c->mono_ms(c) >= before);
    assert_true(c->wall_ms(c, &confidence) > 0);
    assert_true(confidence == WALL_UNKNOWN || confidence == WALL_SYSTEM);
    c->boot_id(c, id);
    c->boot_id(c, again);
    assert_string_equal(id, again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(within_one_boot_an_age_is_exact),
        cmocka_unit_test(a_moment_that_seems_to_come_later_has_no_age),
        cmocka_unit_test(a_gap_counts_when_both_its_ends_are_trusted),
        cmocka_unit_test(an_untrusted_gap_counts_nothing),
        cmocka_unit_test(waking_in_1970_takes_nothing_away),
        cmocka_unit_test(a_manual_clock_moves_only_when_told),
        cmocka_unit_test(the_systems_clock_never_goes_back_and_knows_its_boot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
