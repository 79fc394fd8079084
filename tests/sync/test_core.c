/* The sync core alone, driven by hand: contacts, receipts and resuming. Each test is
 * a story, with everything that the core does in it. */
#include "sync/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/core_story.h"

/* -------------------------------------------------------------------- contacts */

static void a_newcomer_claims_sends_and_rests_when_all_is_applied(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.claimed = false;
    t.config.centre_epoch = 0;
    t.config.last = 3;
    story_event(&t, SYNC_EVENT_TIMER);
    story_wait(&t, 1200);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 3, 5000, false);
    story_block(&t, 4096);
    story_block(&t, 904);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_wait(&t, 700);
    story_receipted(&t, 3, 0);
    assert_false(sync_drained(t.sync));
    story_wait(&t, 500);
    story_receipted(&t, 3, 3);
    assert_true(sync_drained(t.sync));
    expect_story(&t,
                 "0.0s  clock   rings\n"
                 "0.0s  box     connects\n"
                 "1.2s  link    is up\n"
                 "1.2s  box     sends its claim\n"
                 "1.2s  box     sends hello\n"
                 "1.2s  box     - says hello, 3 to send\n"
                 "1.2s  box     wants the bundle with 1\n"
                 "1.2s  disk    has bundle 1 to 3, 5000 bytes\n"
                 "1.2s  box     reads the bundle at 0\n"
                 "1.2s  box     sends bundle 0 to 4096 of 5000\n"
                 "1.2s  box     reads the bundle at 4096\n"
                 "1.2s  box     sends bundle 4096 to 5000 of 5000\n"
                 "1.2s  box     - sent 1 to 3\n"
                 "1.2s  box     wants the original after 0\n"
                 "1.2s  disk    has none\n"
                 "1.9s  centre  receipts 3, applied 0\n"
                 "1.9s  box     stores a receipt\n"
                 "1.9s  disk    has stored it\n"
                 "1.9s  box     - receipt: received 3, applied 0, safe 0, 0 originals\n"
                 "2.4s  centre  receipts 3, applied 3\n"
                 "2.4s  box     stores a receipt\n"
                 "2.4s  disk    has stored it\n"
                 "2.4s  box     - receipt: received 3, applied 3, safe 0, 0 originals\n"
                 "2.4s  box     closes\n"
                 "2.4s  box     - all received\n");
    story_end(&t);
}

static void a_commit_goes_in_front_of_an_originals_next_block(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BLOB, 9, 700, 700, 9000, false);
    story_block(&t, 4096);
    story_commit(&t, 1);
    story_block(&t, 4096);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 300, false);
    story_block(&t, 300);
    story_block(&t, 808);
    expect_story(&t, "0.0s  clock   rings\n"
                     "0.0s  box     connects\n"
                     "0.0s  link    is up\n"
                     "0.0s  box     sends hello\n"
                     "0.0s  box     - says hello, 0 to send\n"
                     "0.0s  box     wants the original after 0\n"
                     "0.0s  disk    has original 700, 9000 bytes\n"
                     "0.0s  box     reads the original at 0\n"
                     "0.0s  box     sends original 0 to 4096 of 9000\n"
                     "0.0s  box     reads the original at 4096\n"
                     "0.0s  clerk   commits 1\n"
                     "0.0s  box     sends original 4096 to 8192 of 9000\n"
                     "0.0s  box     wants the bundle with 1\n"
                     "0.0s  disk    has bundle 1 to 1, 300 bytes\n"
                     "0.0s  box     reads the bundle at 0\n"
                     "0.0s  box     sends bundle 0 to 300 of 300\n"
                     "0.0s  box     - sent 1 to 1\n"
                     "0.0s  box     reads the original at 8192\n"
                     "0.0s  box     sends original 8192 to 9000 of 9000\n"
                     "0.0s  box     - sent an original of 9000 bytes\n"
                     "0.0s  box     wants the original after 0\n");
    story_end(&t);
}

static void
a_contact_with_nothing_to_send_still_asks_where_the_centre_stands(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = t.config.received = t.config.applied = 5;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_wait(&t, 300);
    story_receipted(&t, 5, 5);
    story_ring(&t); /* within the hour */
    assert_true(t.now_ms >= SYNC_IDLE_MS_MAX / 2);
    assert_true(t.now_ms <= SYNC_IDLE_MS_MAX + 300);
    expect_story(&t,
                 "0.0s  clock   rings\n"
                 "0.0s  box     connects\n"
                 "0.0s  link    is up\n"
                 "0.0s  box     sends hello\n"
                 "0.0s  box     - says hello, 0 to send\n"
                 "0.0s  box     wants the original after 0\n"
                 "0.0s  disk    has none\n"
                 "0.3s  centre  receipts 5, applied 5\n"
                 "0.3s  box     stores a receipt\n"
                 "0.3s  disk    has stored it\n"
                 "0.3s  box     - receipt: received 5, applied 5, safe 0, 0 originals\n"
                 "0.3s  box     closes\n"
                 "0.3s  box     - all received\n"
                 "1956.1s  clock   rings\n"
                 "1956.1s  box     connects\n");
    story_end(&t);
}

static void a_centre_that_applies_late_is_not_waited_for_long(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 5;
    t.config.received = 5;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    skip_story(&t);
    story_receipted(&t, 5, 2);
    story_ring(&t);
    expect_story(&t,
                 "0.0s  centre  receipts 5, applied 2\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 5, applied 2, safe 0, 0 originals\n"
                 "5.0s  clock   rings\n"
                 "5.0s  box     closes\n"
                 "5.0s  box     - all received\n");
    assert_true(sync_drained(t.sync));
    story_end(&t);
}

/* ------------------------------------------------------------- persist, resume */

static void a_receipt_counts_when_it_is_on_disk_and_not_before(void **state)
{
    struct core_story t;
    struct receipt r = {
        .site = STORY_SITE, .centre_epoch = 1, .received = 2, .applied = 2};

    (void)state;
    story_start(&t);
    t.config.last = 2;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 2, 400, false);
    story_block(&t, 400);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    skip_story(&t);
    assert_int_equal(story_receipt(&t, &r), 0);
    assert_int_equal(sync_state_now(t.sync), SYNC_TALKING);
    story_event(&t, SYNC_EVENT_STORED);
    expect_story(&t,
                 "0.0s  centre  receipts 2, applied 2\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "0.0s  box     closes\n"
                 "0.0s  box     - all received\n");
    story_end(&t);
}

static void receipts_that_come_together_are_stored_one_after_the_other(void **state)
{
    struct core_story t;
    struct receipt r = {.site = STORY_SITE, .centre_epoch = 1, .received = 1};

    (void)state;
    story_start(&t);
    t.config.last = 3;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 3, 9000, false);
    skip_story(&t);
    assert_int_equal(story_receipt(&t, &r), 0); /* while a block is being read */
    r.received = 2;
    assert_int_equal(story_receipt(&t, &r), 0);
    story_block(&t, 4096);
    story_event(&t, SYNC_EVENT_STORED);
    story_event(&t, SYNC_EVENT_STORED);
    expect_story(&t,
                 "0.0s  centre  receipts 1, applied 0\n"
                 "0.0s  centre  receipts 2, applied 0\n"
                 "0.0s  box     sends bundle 0 to 4096 of 9000\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 1, applied 0, safe 0, 0 originals\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 2, applied 0, safe 0, 0 originals\n"
                 "0.0s  box     reads the bundle at 4096\n");
    story_end(&t);
}

/* The box was put back after frame 3 and has made its own 4 and 5; the centre knows others
 * under these numbers. */
static void a_receipt_of_a_line_that_was_left_drops_no_frame(void **state)
{
    struct core_story t;
    struct receipt r = {.site = STORY_SITE,
                        .box_epoch = 1,
                        .centre_epoch = 1,
                        .received = 5,
                        .applied = 5};

    (void)state;
    story_start(&t);
    t.config.epoch = 2;
    t.config.line_last[1] = 3;
    t.config.last = 5;
    t.config.received = 3;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    assert_int_equal(story_receipt(&t, &r), 0);
    story_event(&t,
                SYNC_EVENT_NO_OBJECT); /* of the bundle that was asked for meanwhile */
    story_event(&t, SYNC_EVENT_STORED);
    assert_false(sync_drained(t.sync));
    story_end(&t);
}

static void a_receipt_stored_after_the_link_broke_counts(void **state)
{
    struct core_story t;
    struct receipt r = {
        .site = STORY_SITE, .centre_epoch = 1, .received = 2, .applied = 2};

    (void)state;
    story_start(&t);
    t.config.last = 2;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 2, 400, false);
    story_block(&t, 400);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    skip_story(&t);
    assert_int_equal(story_receipt(&t, &r), 0);
    story_event(&t, SYNC_EVENT_LINK_DOWN);
    story_event(&t, SYNC_EVENT_STORED);
    story_ring(&t);
    story_link_up(&t);
    expect_story(&t,
                 "0.0s  centre  receipts 2, applied 2\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  link    is down\n"
                 "0.0s  box     - link down, try 2 follows\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "0.9s  clock   rings\n"
                 "0.9s  box     connects\n"
                 "0.9s  link    is up\n"
                 "0.9s  box     sends hello\n"
                 "0.9s  box     - says hello, 0 to send\n"
                 "0.9s  box     wants the original after 0\n");
    story_end(&t);
}

static void a_ping_is_answered_when_what_came_before_it_is_stored(void **state)
{
    struct core_story t;
    struct receipt r = {.site = STORY_SITE, .centre_epoch = 1, .received = 1};
    struct buffer b;

    (void)state;
    story_start(&t);
    t.config.last = 3;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    skip_story(&t);
    buffer_init(&b, 16);
    message_empty(&b, MESSAGE_PING);
    assert_int_equal(story_receipt(&t, &r), 0); /* while a bundle is being made */
    assert_int_equal(story_message(&t, &b), 0);
    story_object(&t, OBJECT_BUNDLE, 1, 2, 3, 9000, false);
    story_event(&t, SYNC_EVENT_STORED);
    expect_story(&t,
                 "0.0s  centre  receipts 1, applied 0\n"
                 "0.0s  disk    has bundle 2 to 3, 9000 bytes\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 1, applied 0, safe 0, 0 originals\n"
                 "0.0s  box     sends a pong\n"
                 "0.0s  box     reads the bundle at 0\n");
    buffer_release(&b);
    story_end(&t);
}

static void what_was_begun_is_offered_and_goes_on_where_it_stopped(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 4;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 4, 10000, false);
    story_block(&t, 4096);
    story_event(&t, SYNC_EVENT_LINK_DOWN);
    story_ring(&t);
    skip_story(&t);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 4, 10000, true);
    story_have(&t, OBJECT_BUNDLE, 1, 4000); /* what was durable there */
    story_block(&t, 4096);
    story_block(&t, 1904);
    expect_story(&t, "0.9s  link    is up\n"
                     "0.9s  box     sends hello\n"
                     "0.9s  box     - says hello, 4 to send\n"
                     "0.9s  box     wants the bundle with 1\n"
                     "0.9s  disk    has bundle 1 to 4, 10000 bytes\n"
                     "0.9s  box     offers the bundle of 10000 bytes\n"
                     "0.9s  centre  has 4000 bytes of the bundle\n"
                     "0.9s  box     reads the bundle at 4000\n"
                     "0.9s  box     sends bundle 4000 to 8096 of 10000\n"
                     "0.9s  box     reads the bundle at 8096\n"
                     "0.9s  box     sends bundle 8096 to 10000 of 10000\n"
                     "0.9s  box     - sent 1 to 4\n"
                     "0.9s  box     wants the original after 0\n");
    story_end(&t);
}

static void while_the_centre_is_asked_about_a_bundle_an_original_goes_on(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 3000, true);
    skip_story(&t);
    story_event(&t, SYNC_EVENT_WRITABLE);
    story_object(&t, OBJECT_BLOB, 9, 700, 700, 9000, false);
    story_block(&t, 4096);
    story_have(&t, OBJECT_BUNDLE, 1, 0);
    story_block(&t, 4096); /* was asked for before */
    story_block(&t, 3000);
    expect_story(&t, "0.0s  link    has room\n"
                     "0.0s  box     wants the original after 0\n"
                     "0.0s  disk    has original 700, 9000 bytes\n"
                     "0.0s  box     reads the original at 0\n"
                     "0.0s  box     sends original 0 to 4096 of 9000\n"
                     "0.0s  box     reads the original at 4096\n"
                     "0.0s  centre  has 0 bytes of the bundle\n"
                     "0.0s  box     sends original 4096 to 8192 of 9000\n"
                     "0.0s  box     reads the bundle at 0\n"
                     "0.0s  box     sends bundle 0 to 3000 of 3000\n"
                     "0.0s  box     - sent 1 to 1\n"
                     "0.0s  box     reads the original at 8192\n");
    story_end(&t);
}

static void resend_after_a_lost_receipt_is_one_question(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 4;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 4, 3000, false);
    story_block(&t, 3000);
    story_event(&t, SYNC_EVENT_LINK_DOWN);
    story_ring(&t);
    skip_story(&t);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 4, 3000, true);
    story_have(&t, OBJECT_BUNDLE, 1, 3000);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_receipted(&t, 4, 4);
    expect_story(&t,
                 "0.9s  link    is up\n"
                 "0.9s  box     sends hello\n"
                 "0.9s  box     - says hello, 4 to send\n"
                 "0.9s  box     wants the bundle with 1\n"
                 "0.9s  disk    has bundle 1 to 4, 3000 bytes\n"
                 "0.9s  box     offers the bundle of 3000 bytes\n"
                 "0.9s  centre  has 3000 bytes of the bundle\n"
                 "0.9s  box     - sent 1 to 4\n"
                 "0.9s  box     wants the original after 0\n"
                 "0.9s  disk    has none\n"
                 "0.9s  centre  receipts 4, applied 4\n"
                 "0.9s  box     stores a receipt\n"
                 "0.9s  disk    has stored it\n"
                 "0.9s  box     - receipt: received 4, applied 4, safe 0, 0 originals\n"
                 "0.9s  box     closes\n"
                 "0.9s  box     - all received\n");
    story_end(&t);
}

static void a_small_bundle_is_sooner_sent_again_than_asked_after(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    skip_story(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 2000, true);
    story_block(&t, 2000);
    expect_story(&t, "0.0s  disk    has bundle 1 to 1, 2000 bytes\n"
                     "0.0s  box     reads the bundle at 0\n"
                     "0.0s  box     sends bundle 0 to 2000 of 2000\n"
                     "0.0s  box     - sent 1 to 1\n"
                     "0.0s  box     wants the original after 0\n");
    story_end(&t);
}

/* The first flight was not looked at: link_anew(). */
static void a_contact_that_begins_anew_says_everything_again(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 500, false);
    story_block(&t, 500);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    skip_story(&t);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 500, true);
    story_block(&t, 500);
    expect_story(&t, "0.0s  link    is up\n"
                     "0.0s  box     sends hello\n"
                     "0.0s  box     - says hello, 1 to send\n"
                     "0.0s  box     wants the bundle with 1\n"
                     "0.0s  disk    has bundle 1 to 1, 500 bytes\n"
                     "0.0s  box     reads the bundle at 0\n"
                     "0.0s  box     sends bundle 0 to 500 of 500\n"
                     "0.0s  box     - sent 1 to 1\n"
                     "0.0s  box     wants the original after 0\n");
    story_end(&t);
}

static void a_block_that_is_not_where_the_centre_needs_it_is_sent_from_there(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 12000, false);
    story_block(&t, 4096);
    skip_story(&t);
    story_have(&t, OBJECT_BUNDLE, 1, 0); /* unasked; a block is being read */
    story_block(&t, 4096);
    expect_story(&t, "0.0s  centre  has 0 bytes of the bundle\n"
                     "0.0s  box     reads the bundle at 0\n");
    story_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_newcomer_claims_sends_and_rests_when_all_is_applied),
        cmocka_unit_test(a_commit_goes_in_front_of_an_originals_next_block),
        cmocka_unit_test(
            a_contact_with_nothing_to_send_still_asks_where_the_centre_stands),
        cmocka_unit_test(a_centre_that_applies_late_is_not_waited_for_long),
        cmocka_unit_test(a_receipt_counts_when_it_is_on_disk_and_not_before),
        cmocka_unit_test(receipts_that_come_together_are_stored_one_after_the_other),
        cmocka_unit_test(a_receipt_of_a_line_that_was_left_drops_no_frame),
        cmocka_unit_test(a_receipt_stored_after_the_link_broke_counts),
        cmocka_unit_test(a_ping_is_answered_when_what_came_before_it_is_stored),
        cmocka_unit_test(what_was_begun_is_offered_and_goes_on_where_it_stopped),
        cmocka_unit_test(while_the_centre_is_asked_about_a_bundle_an_original_goes_on),
        cmocka_unit_test(resend_after_a_lost_receipt_is_one_question),
        cmocka_unit_test(a_small_bundle_is_sooner_sent_again_than_asked_after),
        cmocka_unit_test(a_contact_that_begins_anew_says_everything_again),
        cmocka_unit_test(
            a_block_that_is_not_where_the_centre_needs_it_is_sent_from_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
