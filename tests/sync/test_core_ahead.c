/* The sync core alone, driven by hand: an original goes on before the centre has said
 * from where. */
#include "sync/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/core_story.h"

#define TOTAL 200000

/* An original of which three blocks have left, and a link that is up again. */
static void start(struct core_story *t)
{
    story_start(t);
    story_event(t, SYNC_EVENT_TIMER);
    story_link_up(t);
    story_object(t, OBJECT_BLOB, 9, 700, 700, TOTAL, false);
    for (unsigned i = 0; i < 3; i++)
        story_block(t, 4096);
    story_event(t, SYNC_EVENT_LINK_DOWN);
    story_ring(t);
    story_link_up(t);
    story_object(t, OBJECT_BLOB, 9, 700, 700, TOTAL, true);
    story_event(t, SYNC_EVENT_WRITABLE);
}

static void what_follows_leaves_first_and_the_gap_is_filled_then(void **state)
{
    struct core_story t;

    (void)state;
    start(&t);
    skip_story(&t);
    story_block(&t, 4096);
    story_block(&t, 4096);
    story_have(&t, OBJECT_BLOB, 9, 6000); /* a block is being read */
    story_block(&t, 4096);
    story_block(&t, 4096);
    story_block(&t, 2192);
    story_block(&t, 4096);
    expect_story(&t, "0.9s  box     sends original 12288 to 16384 of 200000\n"
                     "0.9s  box     reads the original at 16384\n"
                     "0.9s  box     sends original 16384 to 20480 of 200000\n"
                     "0.9s  box     reads the original at 20480\n"
                     "0.9s  centre  has 6000 bytes of the original\n"
                     "0.9s  box     reads the original at 6000\n"
                     "0.9s  box     sends original 6000 to 10096 of 200000\n"
                     "0.9s  box     reads the original at 10096\n"
                     "0.9s  box     sends original 10096 to 12288 of 200000\n"
                     "0.9s  box     reads the original at 20480\n"
                     "0.9s  box     sends original 20480 to 24576 of 200000\n"
                     "0.9s  box     reads the original at 24576\n");
    story_end(&t);
}

static void where_nothing_was_lost_it_just_goes_on(void **state)
{
    struct core_story t;

    (void)state;
    start(&t);
    story_block(&t, 4096);
    skip_story(&t);
    story_have(&t, OBJECT_BLOB, 9, 12288);
    story_block(&t, 4096); /* was asked for before: it is read again */
    story_block(&t, 4096);
    expect_story(&t, "0.9s  centre  has 12288 bytes of the original\n"
                     "0.9s  box     reads the original at 16384\n"
                     "0.9s  box     sends original 16384 to 20480 of 200000\n"
                     "0.9s  box     reads the original at 20480\n");
    story_end(&t);
}

static void a_centre_that_keeps_nothing_is_sent_it_again(void **state)
{
    struct core_story t;

    (void)state;
    start(&t);
    story_block(&t, 4096);
    story_have(&t, OBJECT_BLOB, 9, 12000);
    story_block(&t, 4096);
    story_block(&t, 288);
    story_block(&t, 4096);
    skip_story(&t);
    story_have(&t, OBJECT_BLOB, 9, 12288);
    story_block(&t, 4096);
    story_block(&t, 4096);
    expect_story(&t, "0.9s  centre  has 12288 bytes of the original\n"
                     "0.9s  box     reads the original at 12288\n"
                     "0.9s  box     sends original 12288 to 16384 of 200000\n"
                     "0.9s  box     reads the original at 16384\n");
    story_end(&t);
}

static void more_is_not_sent_ahead_than_the_centre_keeps(void **state)
{
    struct core_story t;

    (void)state;
    start(&t);
    for (unsigned i = 0; i < SYNC_AHEAD_BYTES_MAX / 4096 - 1; i++)
        story_block(&t, 4096);
    skip_story(&t);
    story_block(&t, 4096);
    expect_story(&t, "0.9s  box     sends original 73728 to 77824 of 200000\n");
    story_end(&t);
}

/* What lay behind a gap when the link broke, the centre has lost with it. */
static void what_was_lost_behind_a_gap_leaves_again(void **state)
{
    struct core_story t;

    (void)state;
    start(&t);
    for (unsigned i = 0; i < 3; i++)
        story_block(&t, 4096);
    story_event(&t, SYNC_EVENT_LINK_DOWN);
    story_ring(&t);
    story_link_up(&t);
    story_object(&t, OBJECT_BLOB, 9, 700, 700, TOTAL, true);
    skip_story(&t);
    story_event(&t, SYNC_EVENT_WRITABLE);
    story_block(&t, 4096);
    expect_story(&t, "2.0s  link    has room\n"
                     "2.0s  box     reads the original at 12288\n"
                     "2.0s  box     sends original 12288 to 16384 of 200000\n"
                     "2.0s  box     reads the original at 16384\n");
    story_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_follows_leaves_first_and_the_gap_is_filled_then),
        cmocka_unit_test(where_nothing_was_lost_it_just_goes_on),
        cmocka_unit_test(a_centre_that_keeps_nothing_is_sent_it_again),
        cmocka_unit_test(more_is_not_sent_ahead_than_the_centre_keeps),
        cmocka_unit_test(what_was_lost_behind_a_gap_leaves_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
