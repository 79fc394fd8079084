/* The sync core alone, driven by hand: which class goes when,
 * and which not at all this month. */
#include "sync/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/core_story.h"

static void a_class_that_waits_gets_one_block_in_sixteen(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 1000000, false);
    for (unsigned i = 0; i < SYNC_SHARE_BLOCKS - 1; i++)
        story_block(&t, 4096);
    skip_story(&t);
    story_block(&t, 4096);
    story_object(&t, OBJECT_BLOB, 9, 700, 700, 500000, false);
    story_block(&t, 4096);
    for (unsigned i = 0; i < SYNC_SHARE_BLOCKS; i++) {
        skip_story(&t);
        story_block(&t, 4096);
    }
    story_block(&t, 4096); /* it was begun: no question, no search */
    expect_story(&t, "0.0s  box     sends bundle 126976 to 131072 of 1000000\n"
                     "0.0s  box     reads the original at 4096\n"
                     "0.0s  box     sends original 4096 to 8192 of 500000\n"
                     "0.0s  box     reads the bundle at 131072\n");
    story_end(&t);
}

static void a_small_image_goes_before_an_originals_next_block(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.images = true;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_event(&t, SYNC_EVENT_NO_OBJECT); /* no image yet */
    story_object(&t, OBJECT_BLOB, 9, 700, 700, 50000, false);
    story_block(&t, 4096);
    story_commit(&t, 1); /* a page was read, and its image made */
    skip_story(&t);
    story_block(&t, 4096);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 300, false);
    story_block(&t, 300);
    story_object(&t, OBJECT_BLOB, 8, 20, 20, 3000, false);
    story_block(&t, 3000);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    expect_story(&t, "0.0s  box     sends original 4096 to 8192 of 50000\n"
                     "0.0s  box     wants the bundle with 1\n"
                     "0.0s  disk    has bundle 1 to 1, 300 bytes\n"
                     "0.0s  box     reads the bundle at 0\n"
                     "0.0s  box     sends bundle 0 to 300 of 300\n"
                     "0.0s  box     - sent 1 to 1\n"
                     "0.0s  box     wants the image after 0\n"
                     "0.0s  disk    has image 20, 3000 bytes\n"
                     "0.0s  box     reads the original at 0\n"
                     "0.0s  box     sends original 0 to 3000 of 3000\n"
                     "0.0s  box     - sent an image of 3000 bytes\n"
                     "0.0s  box     wants the image after 20\n"
                     "0.0s  disk    has none\n"
                     "0.0s  box     reads the original at 8192\n");
    story_end(&t);
}

/* The core is told at once if more leave than it can wait for. */
static void an_original_that_leaves_behind_many_images_has_a_place_to_wait(void **state)
{
    struct core_story t;
    uint8_t images = 0;

    (void)state;
    story_start(&t);
    t.images = true;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_event(&t, SYNC_EVENT_NO_OBJECT); /* no image yet */
    story_object(&t, OBJECT_BLOB, 9, 700, 700, 50000, false);
    story_block(&t, 4096);
    story_commit(&t, 1);
    story_block(&t, 4096);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 300, false);
    story_block(&t, 300);
    while (t.open) { /* no receipt comes */
        if (t.asked == SYNC_DO_READ_BLOCK) {
            story_block(&t, t.block_bytes_max);
            continue;
        }
        assert_int_equal(t.asked, SYNC_DO_NEXT_BLOB);
        assert_int_equal(t.asked_class, SYNC_CLASS_IMAGES);
        story_object(&t, OBJECT_BLOB, (uint8_t)(20 + images), 20 + images, 20 + images,
                     3000, false);
        images++;
        skip_story(&t);
    }
    assert_int_equal(images, 31);
    story_end(&t);
}

static void a_metered_link_carries_records_only(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    struct receipt r = {
        .site = STORY_SITE, .centre_epoch = 1, .received = 1, .applied = 1};

    t.config.budget.metered = true;
    t.config.last = 1;
    t.images = true;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 300, false);
    story_block(&t, 300);
    story_event(&t, SYNC_EVENT_NO_OBJECT); /* no image */
    story_object(&t, OBJECT_BLOB, 9, 700, 700, 50000, false);
    assert_int_equal(story_receipt(&t, &r), 0);
    story_event(&t, SYNC_EVENT_STORED);
    assert_false(sync_drained(t.sync));
    assert_int_equal(sync_withheld(t.sync), 1 << SYNC_CLASS_ORIGINALS);
    story_budget(&t, &(struct sync_budget){0});
    expect_story(&t,
                 "0.0s  clock   rings\n"
                 "0.0s  box     connects\n"
                 "0.0s  link    is up\n"
                 "0.0s  box     sends hello\n"
                 "0.0s  box     - says hello, 1 to send\n"
                 "0.0s  box     wants the bundle with 1\n"
                 "0.0s  disk    has bundle 1 to 1, 300 bytes\n"
                 "0.0s  box     reads the bundle at 0\n"
                 "0.0s  box     sends bundle 0 to 300 of 300\n"
                 "0.0s  box     - sent 1 to 1\n"
                 "0.0s  box     wants the image after 0\n"
                 "0.0s  disk    has none\n"
                 "0.0s  box     wants the original after 0\n"
                 "0.0s  disk    has original 700, 50000 bytes\n"
                 "0.0s  box     - class 5 is kept back: the link is metered\n"
                 "0.0s  centre  receipts 1, applied 1\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "0.0s  box     closes\n"
                 "0.0s  box     - all received but what is kept back\n"
                 "0.0s  clerk   allows more\n"
                 "0.0s  box     connects\n");
    story_end(&t);
}

static void a_budget_that_is_spent_stops_a_class_at_a_blocks_end(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.budget.month[SYNC_CLASS_ORIGINALS] = 12000;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    skip_story(&t);
    story_object(&t, OBJECT_BLOB, 9, 700, 700, 50000, false);
    story_block(&t, 4096);
    story_block(&t, 4096);
    story_receipted(&t, 0, 0);
    assert_int_equal(sync_withheld(t.sync), 1 << SYNC_CLASS_ORIGINALS);
    expect_story(
        &t, "0.0s  disk    has original 700, 50000 bytes\n"
            "0.0s  box     reads the original at 0\n"
            "0.0s  box     sends original 0 to 4096 of 50000\n"
            "0.0s  box     reads the original at 4096\n"
            "0.0s  box     sends original 4096 to 8192 of 50000\n"
            "0.0s  box     - class 5 is kept back: its bytes of this month are spent\n"
            "0.0s  centre  receipts 0, applied 0\n"
            "0.0s  box     stores a receipt\n"
            "0.0s  disk    has stored it\n"
            "0.0s  box     - receipt: received 0, applied 0, safe 0, 0 originals\n"
            "0.0s  box     closes\n"
            "0.0s  box     - all received but what is kept back\n");
    story_end(&t);
}

static void when_the_whole_month_is_spent_even_records_wait_for_the_next(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.budget.month_all = 9000;
    t.config.last = 2;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 2, 20000, false);
    story_block(&t, 4096);
    skip_story(&t);
    story_block(&t, 4096);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_receipted(&t, 0, 0);
    assert_int_equal(sync_withheld(t.sync), 1 << SYNC_CLASS_RECORDS);
    assert_int_equal(sync_state_now(t.sync), SYNC_IDLE);
    story_commit(&t, 3); /* no contact for it */
    story_budget(&t, &(struct sync_budget){.month_all = 9000});
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 2, 20000, true);
    expect_story(
        &t, "0.0s  box     sends bundle 4096 to 8192 of 20000\n"
            "0.0s  box     - class 1 is kept back: its bytes of this month are spent\n"
            "0.0s  box     wants the original after 0\n"
            "0.0s  disk    has none\n"
            "0.0s  centre  receipts 0, applied 0\n"
            "0.0s  box     stores a receipt\n"
            "0.0s  disk    has stored it\n"
            "0.0s  box     - receipt: received 0, applied 0, safe 0, 0 originals\n"
            "0.0s  box     closes\n"
            "0.0s  box     - all received but what is kept back\n"
            "0.0s  clerk   commits 3\n"
            "0.0s  clerk   allows more\n"
            "0.0s  box     connects\n"
            "0.0s  link    is up\n"
            "0.0s  box     sends hello\n"
            "0.0s  box     - says hello, 3 to send\n"
            "0.0s  box     wants the bundle with 1\n"
            "0.0s  disk    has bundle 1 to 2, 20000 bytes\n"
            "0.0s  box     offers the bundle of 20000 bytes\n");
    story_end(&t);
}

static void an_original_waits_at_a_metered_link_without_being_asked_for(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.budget.metered = true;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_fetch(&t, 9);
    skip_story(&t);
    story_receipted(&t, 0, 0);
    story_budget(&t, &(struct sync_budget){0});
    expect_story(&t,
                 "0.0s  centre  receipts 0, applied 0\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 0, applied 0, safe 0, 0 originals\n"
                 "0.0s  box     closes\n"
                 "0.0s  box     - all received\n"
                 "0.0s  clerk   allows more\n"
                 "0.0s  box     connects\n");
    story_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_class_that_waits_gets_one_block_in_sixteen),
        cmocka_unit_test(a_small_image_goes_before_an_originals_next_block),
        cmocka_unit_test(an_original_that_leaves_behind_many_images_has_a_place_to_wait),
        cmocka_unit_test(a_metered_link_carries_records_only),
        cmocka_unit_test(a_budget_that_is_spent_stops_a_class_at_a_blocks_end),
        cmocka_unit_test(when_the_whole_month_is_spent_even_records_wait_for_the_next),
        cmocka_unit_test(an_original_waits_at_a_metered_link_without_being_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
