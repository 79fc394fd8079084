/* The sync core alone, driven by hand: what comes down from the
 * centre while it sends. */
#include "sync/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/core_story.h"

/* A contact with nothing to send. */
static void begin(struct core_story *t)
{
    story_event(t, SYNC_EVENT_TIMER);
    story_link_up(t);
    story_event(t, SYNC_EVENT_NO_OBJECT);
    skip_story(t);
}

static void a_bundle_from_the_centre_is_kept_applied_and_seen(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    begin(&t);
    story_offer(&t, OBJECT_BUNDLE, 5, 5000);
    story_more(&t, 0);
    story_incoming(&t, OBJECT_BUNDLE, 5, 5000, 0, 4096);
    story_more(&t, 4096);
    story_incoming(&t, OBJECT_BUNDLE, 5, 5000, 4096, 904);
    story_whole(&t, 7);
    story_pong(&t);
    expect_story(&t, "0.0s  centre  offers the bundle of 5000 bytes\n"
                     "0.0s  box     looks what it has of the bundle\n"
                     "0.0s  disk    has 0 bytes of it\n"
                     "0.0s  box     has 0 bytes of the bundle\n"
                     "0.0s  centre  sends bundle 0 to 4096\n"
                     "0.0s  box     keeps bundle 0 to 4096\n"
                     "0.0s  disk    has 4096 bytes of it\n"
                     "0.0s  centre  sends bundle 4096 to 5000\n"
                     "0.0s  box     keeps bundle 4096 to 5000\n"
                     "0.0s  disk    has it whole\n"
                     "0.0s  box     has 5000 bytes of the bundle\n"
                     "0.0s  box     has seen 7 of epoch 1\n"
                     "0.0s  box     sends a ping\n"
                     "0.0s  box     - applied the centre's changes up to 7\n"
                     "0.0s  centre  answers the ping\n");
    story_end(&t);
}

static void a_receipt_goes_before_what_comes_down(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    struct receipt r = {.site = STORY_SITE, .centre_epoch = 1, .received = 1};

    t.config.last = 2;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    skip_story(&t);
    story_offer(&t, OBJECT_BUNDLE, 5, 5000); /* while a bundle of ours is made */
    assert_int_equal(story_receipt(&t, &r), 0);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 2, 9000, false);
    story_event(&t, SYNC_EVENT_STORED);
    story_more(&t, 0);
    expect_story(&t,
                 "0.0s  centre  offers the bundle of 5000 bytes\n"
                 "0.0s  centre  receipts 1, applied 0\n"
                 "0.0s  disk    has bundle 1 to 2, 9000 bytes\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 1, applied 0, safe 0, 0 originals\n"
                 "0.0s  box     looks what it has of the bundle\n"
                 "0.0s  disk    has 0 bytes of it\n"
                 "0.0s  box     has 0 bytes of the bundle\n"
                 "0.0s  box     reads the bundle at 0\n");
    story_end(&t);
}

static void what_comes_down_is_taken_while_sending_goes_on(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 100000, false);
    story_offer(&t, OBJECT_BUNDLE, 5, 12000);
    story_block(&t, 4096);
    story_more(&t, 0);
    skip_story(&t);
    story_incoming(&t, OBJECT_BUNDLE, 5, 12000, 0, 4096); /* while ours is read */
    story_block(&t, 4096);
    story_more(&t, 4096);
    story_incoming(&t, OBJECT_BUNDLE, 5, 12000, 4096, 4096);
    story_block(&t, 4096);
    story_more(&t, 8192);
    expect_story(&t, "0.0s  centre  sends bundle 0 to 4096\n"
                     "0.0s  box     sends bundle 4096 to 8192 of 100000\n"
                     "0.0s  box     keeps bundle 0 to 4096\n"
                     "0.0s  disk    has 4096 bytes of it\n"
                     "0.0s  box     reads the bundle at 8192\n"
                     "0.0s  centre  sends bundle 4096 to 8192\n"
                     "0.0s  box     sends bundle 8192 to 12288 of 100000\n"
                     "0.0s  box     keeps bundle 4096 to 8192\n"
                     "0.0s  disk    has 8192 bytes of it\n"
                     "0.0s  box     reads the bundle at 12288\n");
    story_end(&t);
}

static void a_block_after_a_gap_is_not_kept_and_the_centre_is_told_once(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    begin(&t);
    story_offer(&t, OBJECT_BUNDLE, 5, 40000);
    story_more(&t, 0);
    story_incoming(&t, OBJECT_BUNDLE, 5, 40000, 0, 4096);
    story_more(&t, 4096);
    skip_story(&t);
    story_incoming(&t, OBJECT_BUNDLE, 5, 40000, 8192, 4096);
    story_more(&t, 4096);
    story_incoming(&t, OBJECT_BUNDLE, 5, 40000, 12288, 4096);
    story_incoming(&t, OBJECT_BUNDLE, 5, 40000, 2048, 4096); /* half of it is here */
    expect_story(&t, "0.0s  centre  sends bundle 8192 to 12288\n"
                     "0.0s  box     looks what it has of the bundle\n"
                     "0.0s  disk    has 4096 bytes of it\n"
                     "0.0s  box     has 4096 bytes of the bundle\n"
                     "0.0s  centre  sends bundle 12288 to 16384\n"
                     "0.0s  centre  sends bundle 2048 to 6144\n"
                     "0.0s  box     keeps bundle 4096 to 6144\n");
    story_end(&t);
}

static void what_is_too_much_to_keep_is_asked_for_again(void **state)
{
    struct core_story t;
    uint64_t kept = 0;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 100000, false);
    story_offer(&t, OBJECT_BLOB, 9, 1000000); /* while records leave: it waits */
    for (uint64_t at = 0; at < 2 * SYNC_INCOMING_BYTES_MAX; at += 4096)
        story_incoming(&t, OBJECT_BLOB, 9, 1000000, at, 4096);
    story_have(&t, OBJECT_BUNDLE, 1, 100000); /* a stick got there first */
    story_block(&t, 4096);
    story_more(&t, 0);
    for (; t.asked == SYNC_DO_TAKE_BLOCK; kept += 4096) {
        skip_story(&t);
        story_more(&t, kept + 4096);
    }
    assert_true(kept >= SYNC_INCOMING_BYTES_MAX && kept < 2 * SYNC_INCOMING_BYTES_MAX);
    story_more(&t, kept);
    expect_story(&t, "0.0s  disk    has 135168 bytes of it\n"
                     "0.0s  box     looks what it has of the original\n"
                     "0.0s  disk    has 135168 bytes of it\n"
                     "0.0s  box     has 135168 bytes of the original\n"
                     "0.0s  box     wants the original after 0\n");
    story_end(&t);
}

static void what_we_have_already_is_said_so_again(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    begin(&t);
    story_offer(&t, OBJECT_BUNDLE, 5, 5000);
    story_whole(&t, 7);
    story_incoming(&t, OBJECT_BUNDLE, 5, 5000, 4096, 904); /* was on its way */
    story_pong(&t);
    expect_story(&t, "0.0s  centre  offers the bundle of 5000 bytes\n"
                     "0.0s  box     looks what it has of the bundle\n"
                     "0.0s  disk    has it whole\n"
                     "0.0s  box     has 5000 bytes of the bundle\n"
                     "0.0s  box     has seen 7 of epoch 1\n"
                     "0.0s  box     sends a ping\n"
                     "0.0s  box     - applied the centre's changes up to 7\n"
                     "0.0s  centre  sends bundle 4096 to 5000\n"
                     "0.0s  centre  answers the ping\n");
    story_end(&t);
}

static void a_forged_bundle_is_refused_and_the_records_go_on(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 300, false);
    story_offer(&t, OBJECT_BUNDLE, 5, 500);
    story_block(&t, 300);
    story_more(&t, 0);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    skip_story(&t);
    story_incoming(&t, OBJECT_BUNDLE, 5, 500, 0, 500);
    story_untaken(&t, REFUSED_FORGED);
    story_receipted(&t, 1, 1);
    expect_story(&t,
                 "0.0s  centre  sends bundle 0 to 500\n"
                 "0.0s  box     keeps bundle 0 to 500\n"
                 "0.0s  disk    finds it forged\n"
                 "0.0s  box     refuses the object: forged\n"
                 "0.0s  box     - refuses what the centre sent: forged\n"
                 "0.0s  centre  receipts 1, applied 1\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "0.0s  box     closes\n"
                 "0.0s  box     - all received\n");
    story_end(&t);
}

static void a_full_disk_takes_nothing_more_but_sends_on(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 5000, false);
    story_offer(&t, OBJECT_BUNDLE, 5, 500);
    story_block(&t, 4096);
    skip_story(&t);
    story_event(&t, SYNC_EVENT_FAILED); /* of keeping what comes */
    story_block(&t, 904);
    story_incoming(&t, OBJECT_BUNDLE, 5, 500, 0, 500);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_receipted(&t, 1, 1);
    expect_story(&t,
                 "0.0s  disk    says no\n"
                 "0.0s  box     - the box's own disk failed\n"
                 "0.0s  box     reads the bundle at 4096\n"
                 "0.0s  box     sends bundle 4096 to 5000 of 5000\n"
                 "0.0s  box     - sent 1 to 1\n"
                 "0.0s  box     wants the original after 0\n"
                 "0.0s  centre  sends bundle 0 to 500\n"
                 "0.0s  disk    has none\n"
                 "0.0s  centre  receipts 1, applied 1\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "0.0s  box     closes\n"
                 "0.0s  box     - all received\n");
    story_end(&t);
}

static void an_object_of_a_later_version_is_refused_alone(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    begin(&t);
    story_offer(&t, (enum object_kind)2, 5, 500);
    expect_story(&t, "0.0s  centre  offers the original of 500 bytes\n"
                     "0.0s  box     refuses the object: unknown_kind\n");
    story_end(&t);
}

static void a_missed_original_is_asked_for_and_the_contact_waits_for_it(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    story_event(&t, SYNC_EVENT_TIMER);
    story_fetch(&t, 9);
    story_fetch(&t, 9);
    story_link_up(&t);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_receipted(&t, 0, 0);
    story_offer(&t, OBJECT_BLOB, 9, 5000);
    story_more(&t, 4096); /* of an earlier contact */
    story_incoming(&t, OBJECT_BLOB, 9, 5000, 4096, 904);
    story_whole(&t, 0);
    expect_story(&t,
                 "0.0s  clock   rings\n"
                 "0.0s  box     connects\n"
                 "0.0s  clerk   misses original 9\n"
                 "0.0s  clerk   misses original 9\n"
                 "0.0s  link    is up\n"
                 "0.0s  box     sends hello\n"
                 "0.0s  box     - says hello, 0 to send\n"
                 "0.0s  box     wants original 9 back\n"
                 "0.0s  box     wants the original after 0\n"
                 "0.0s  disk    has none\n"
                 "0.0s  centre  receipts 0, applied 0\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 0, applied 0, safe 0, 0 originals\n"
                 "0.0s  centre  offers the original of 5000 bytes\n"
                 "0.0s  box     looks what it has of the original\n"
                 "0.0s  disk    has 4096 bytes of it\n"
                 "0.0s  box     has 4096 bytes of the original\n"
                 "0.0s  centre  sends original 4096 to 5000\n"
                 "0.0s  box     keeps original 4096 to 5000\n"
                 "0.0s  disk    has it whole\n"
                 "0.0s  box     has 5000 bytes of the original\n"
                 "0.0s  box     - an original of 5000 bytes is back\n"
                 "0.0s  box     closes\n"
                 "0.0s  box     - all received\n");
    story_end(&t);
}

static void an_original_that_the_centre_has_not_is_not_waited_for(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_fetch(&t, 9);
    story_receipted(&t, 0, 0);
    skip_story(&t);
    story_refused(&t, OBJECT_BLOB, 9, REFUSED_NOT_HERE);
    story_fetch(&t, 9); /* somebody still waits for it: not at once again */
    expect_story(&t, "0.0s  centre  refuses the original\n"
                     "0.0s  box     - refused: not_here\n"
                     "0.0s  box     closes\n"
                     "0.0s  box     - all received\n"
                     "0.0s  clerk   misses original 9\n");
    story_end(&t);
}

static void
an_original_that_comes_back_gets_one_turn_in_sixteen_while_records_leave(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_fetch(&t, 9);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 1000000, false);
    story_offer(&t, OBJECT_BLOB, 9, 50000);
    for (unsigned i = 0; i < SYNC_SHARE_BLOCKS; i++) {
        assert_int_equal(t.asked, SYNC_DO_READ_BLOCK);
        story_block(&t, 4096);
    }
    story_more(&t, 0);
    story_event(&t, SYNC_EVENT_NO_OBJECT); /* none of ours takes the turn */
    skip_story(&t);
    story_incoming(&t, OBJECT_BLOB, 9, 50000, 0, 4096);
    story_block(&t, 4096);
    story_more(&t, 4096);
    story_incoming(&t, OBJECT_BLOB, 9, 50000, 4096, 4096); /* waits for its turn */
    story_block(&t, 4096);
    expect_story(&t, "0.0s  centre  sends original 0 to 4096\n"
                     "0.0s  box     sends bundle 65536 to 69632 of 1000000\n"
                     "0.0s  box     keeps original 0 to 4096\n"
                     "0.0s  disk    has 4096 bytes of it\n"
                     "0.0s  box     reads the bundle at 69632\n"
                     "0.0s  centre  sends original 4096 to 8192\n"
                     "0.0s  box     sends bundle 69632 to 73728 of 1000000\n"
                     "0.0s  box     reads the bundle at 73728\n");
    story_end(&t);
}

static void the_contact_waits_until_the_centre_has_said_all(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = t.config.received = t.config.applied = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_offer(&t, OBJECT_BUNDLE, 5, 500); /* said before the receipt */
    story_more(&t, 0);
    story_receipted(&t, 1, 1);
    story_incoming(&t, OBJECT_BUNDLE, 5, 500, 0, 500);
    story_whole(&t, 3);
    skip_story(&t);
    story_offer(&t, OBJECT_BUNDLE, 6, 200); /* there was one more */
    story_more(&t, 0);
    story_pong(&t);
    story_incoming(&t, OBJECT_BUNDLE, 6, 200, 0, 200);
    story_whole(&t, 4);
    story_pong(&t);
    expect_story(&t, "0.0s  centre  offers the bundle of 200 bytes\n"
                     "0.0s  box     looks what it has of the bundle\n"
                     "0.0s  disk    has 0 bytes of it\n"
                     "0.0s  box     has 0 bytes of the bundle\n"
                     "0.0s  centre  answers the ping\n"
                     "0.0s  centre  sends bundle 0 to 200\n"
                     "0.0s  box     keeps bundle 0 to 200\n"
                     "0.0s  disk    has it whole\n"
                     "0.0s  box     has 200 bytes of the bundle\n"
                     "0.0s  box     has seen 4 of epoch 1\n"
                     "0.0s  box     sends a ping\n"
                     "0.0s  box     - applied the centre's changes up to 4\n"
                     "0.0s  centre  answers the ping\n"
                     "0.0s  box     closes\n"
                     "0.0s  box     - all received\n");
    story_end(&t);
}

static void a_link_lost_while_something_comes_down_is_a_failure(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = t.config.received = t.config.applied = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_offer(&t, OBJECT_BUNDLE, 5, 500);
    story_more(&t, 0);
    story_receipted(&t, 1, 1);
    story_event(&t, SYNC_EVENT_LINK_DOWN);
    assert_int_equal(sync_state_now(t.sync), SYNC_WAITING);
    story_end(&t);
}

/* The link breaks after each block in turn; what was durable is not sent again. */
static void a_bundle_from_the_centre_goes_on_after_a_cut_at_any_block(void **state)
{
    const uint64_t total = 3 * 4096 + 100;
    struct core_story t;
    uint64_t at = 0;

    (void)state;
    story_start(&t);
    t.config.last = t.config.received = t.config.applied = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    while (at < total) {
        size_t count = total - at < 4096 ? (size_t)(total - at) : 4096;

        story_link_up(&t);
        story_event(&t, SYNC_EVENT_NO_OBJECT);
        story_offer(&t, OBJECT_BUNDLE, 5, total);
        skip_story(&t);
        story_more(&t, at); /* durable: the carrier says so */
        story_incoming(&t, OBJECT_BUNDLE, 5, total, at, count);
        at += count;
        if (at < total) {
            story_more(&t, at);
            story_event(&t, SYNC_EVENT_LINK_DOWN);
            story_ring(&t);
        }
    }
    skip_story(&t);
    story_whole(&t, 2);
    expect_story(&t, "5.7s  disk    has it whole\n"
                     "5.7s  box     has 12388 bytes of the bundle\n"
                     "5.7s  box     has seen 2 of epoch 1\n"
                     "5.7s  box     sends a ping\n"
                     "5.7s  box     - applied the centre's changes up to 2\n");
    story_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_from_the_centre_is_kept_applied_and_seen),
        cmocka_unit_test(a_receipt_goes_before_what_comes_down),
        cmocka_unit_test(what_comes_down_is_taken_while_sending_goes_on),
        cmocka_unit_test(a_block_after_a_gap_is_not_kept_and_the_centre_is_told_once),
        cmocka_unit_test(what_is_too_much_to_keep_is_asked_for_again),
        cmocka_unit_test(what_we_have_already_is_said_so_again),
        cmocka_unit_test(a_forged_bundle_is_refused_and_the_records_go_on),
        cmocka_unit_test(a_full_disk_takes_nothing_more_but_sends_on),
        cmocka_unit_test(an_object_of_a_later_version_is_refused_alone),
        cmocka_unit_test(a_missed_original_is_asked_for_and_the_contact_waits_for_it),
        cmocka_unit_test(an_original_that_the_centre_has_not_is_not_waited_for),
        cmocka_unit_test(
            an_original_that_comes_back_gets_one_turn_in_sixteen_while_records_leave),
        cmocka_unit_test(the_contact_waits_until_the_centre_has_said_all),
        cmocka_unit_test(a_link_lost_while_something_comes_down_is_a_failure),
        cmocka_unit_test(a_bundle_from_the_centre_goes_on_after_a_cut_at_any_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
