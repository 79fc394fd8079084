/* The sync core alone, driven by hand: what another road brought, a centre that was
 * restored, and what is refused. */
#include "sync/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/core_story.h"

/* ------------------------------------------------------- another road, restores */

static void what_another_road_brought_is_not_sent(void **state)
{
    struct core_story t;
    struct receipt r = {
        .site = STORY_SITE, .centre_epoch = 1, .received = 7, .applied = 7};

    (void)state;
    story_start(&t);
    t.config.last = 9;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 6, 100000, false);
    story_block(&t, 4096);
    skip_story(&t);
    story_block(&t, 4096);
    assert_int_equal(story_receipt(&t, &r), 0); /* a stick got there first */
    story_block(&t, 4096);
    story_event(&t, SYNC_EVENT_STORED);
    expect_story(&t,
                 "0.0s  box     sends bundle 4096 to 8192 of 100000\n"
                 "0.0s  box     reads the bundle at 8192\n"
                 "0.0s  centre  receipts 7, applied 7\n"
                 "0.0s  box     sends bundle 8192 to 12288 of 100000\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 7, applied 7, safe 0, 0 originals\n"
                 "0.0s  box     wants the bundle with 8\n");
    story_end(&t);
}

static void an_original_that_another_road_brought_is_not_sent_to_its_end(void **state)
{
    struct core_story t;
    struct receipt_blob there = {.sha256 = {{9}}, .state = BLOB_RECEIVED};
    struct receipt r = {
        .site = STORY_SITE, .centre_epoch = 1, .blobs = &there, .blobs_count = 1};

    (void)state;
    story_start(&t);
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BLOB, 9, 700, 700, 100000, false);
    story_block(&t, 4096);
    skip_story(&t);
    assert_int_equal(story_receipt(&t, &r), 0);
    story_block(&t, 4096);
    story_event(&t, SYNC_EVENT_STORED);
    expect_story(&t,
                 "0.0s  centre  receipts 0, applied 0\n"
                 "0.0s  box     sends original 4096 to 8192 of 100000\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 0, applied 0, safe 0, 1 originals\n"
                 "0.0s  box     wants the original after 700\n");
    story_end(&t);
}

static void what_a_stick_receipts_is_not_sent(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 9;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 6, 100000, false);
    story_block(&t, 4096);
    skip_story(&t);
    story_told(&t, 1, 7);
    story_told(&t, 1, 5); /* the same stick once more */
    story_block(&t, 4096);
    expect_story(&t, "0.0s  stick   receipts 7\n"
                     "0.0s  stick   receipts 5\n"
                     "0.0s  box     wants the bundle with 8\n");
    story_end(&t);
}

/* tram-sim's seed 1816: the images went first, as there was nothing to send. */
static void
what_a_restored_centre_lost_is_sent_though_only_a_stick_told_of_it(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = t.config.received = t.config.applied = 9;
    story_event(&t, SYNC_EVENT_TIMER);
    story_told(&t, 2, 4);
    story_told(&t, 1, 9); /* a stick that was on its way since before */
    skip_story(&t);
    story_link_up(&t);
    expect_story(&t, "0.0s  link    is up\n"
                     "0.0s  box     sends hello\n"
                     "0.0s  box     - says hello, 5 to send\n"
                     "0.0s  box     wants the bundle with 5\n");
    story_end(&t);
}

static void a_gap_is_filled_once(void **state)
{
    struct core_story t;
    struct receipt r = {.site = STORY_SITE,
                        .centre_epoch = 1,
                        .received = 2,
                        .missing_first = 3,
                        .missing_last = 4};

    (void)state;
    story_start(&t);
    t.config.received = 2;
    t.config.last = 9;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 3, 6, 300, false);
    story_block(&t, 300);
    skip_story(&t);
    story_event(&t, SYNC_EVENT_NO_OBJECT); /* no more frames for now */
    assert_int_equal(story_receipt(&t, &r), 0);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_event(&t, SYNC_EVENT_STORED);
    story_object(&t, OBJECT_BUNDLE, 1, 3, 6, 300, false);
    story_block(&t, 300);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    assert_int_equal(story_receipt(&t, &r), 0); /* said before it arrived there */
    story_event(&t, SYNC_EVENT_STORED);
    expect_story(&t,
                 "0.0s  disk    has none\n"
                 "0.0s  box     wants the original after 0\n"
                 "0.0s  centre  receipts 2, applied 0\n"
                 "0.0s  disk    has none\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 2, applied 0, safe 0, 0 originals\n"
                 "0.0s  box     wants the bundle with 3\n"
                 "0.0s  disk    has bundle 3 to 6, 300 bytes\n"
                 "0.0s  box     reads the bundle at 0\n"
                 "0.0s  box     sends bundle 0 to 300 of 300\n"
                 "0.0s  box     - sent 3 to 6\n"
                 "0.0s  box     wants the bundle with 7\n"
                 "0.0s  disk    has none\n"
                 "0.0s  centre  receipts 2, applied 0\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 2, applied 0, safe 0, 0 originals\n");
    story_end(&t);
}

/* The centre has it, and may not take it yet: no receipt says so for days. */
static void what_the_centre_holds_is_asked_after_and_not_sent_again(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.received = t.config.applied = 2;
    t.config.last = 6;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 3, 4, 300, false);
    story_block(&t, 300);
    story_object(&t, OBJECT_BUNDLE, 2, 5, 6, 300, false);
    story_block(&t, 300);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    skip_story(&t);
    story_have(&t, OBJECT_BUNDLE, 1, 300);
    story_receipted(&t, 2, 2);
    assert_false(sync_held(t.sync));
    story_have(&t, OBJECT_BUNDLE, 2, 300);
    assert_true(sync_held(t.sync));
    story_receipted(&t, 2, 2);
    story_ring(&t); /* a moment for more, and no "nothing moves" */
    assert_int_equal(sync_state_now(t.sync), SYNC_IDLE);
    assert_false(sync_drained(t.sync));
    expect_story(&t,
                 "0.0s  centre  has 300 bytes of the bundle\n"
                 "0.0s  centre  receipts 2, applied 2\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "0.0s  centre  has 300 bytes of the bundle\n"
                 "0.0s  centre  receipts 2, applied 2\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "5.0s  clock   rings\n"
                 "5.0s  box     closes\n"
                 "5.0s  box     - all received but what the centre holds\n");
    story_commit(&t, 7);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 3, 4, 300, true);
    story_have(&t, OBJECT_BUNDLE, 1, 300);
    story_object(&t, OBJECT_BUNDLE, 3, 7, 7, 300, false);
    story_block(&t, 300);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_receipted(&t, 7, 7);
    assert_true(sync_drained(t.sync));
    expect_story(&t,
                 "5.0s  clerk   commits 7\n"
                 "5.0s  box     connects\n"
                 "5.0s  link    is up\n"
                 "5.0s  box     sends hello\n"
                 "5.0s  box     - says hello, 5 to send\n"
                 "5.0s  box     wants the bundle with 3\n"
                 "5.0s  disk    has bundle 3 to 4, 300 bytes\n"
                 "5.0s  box     offers the bundle of 300 bytes\n"
                 "5.0s  centre  has 300 bytes of the bundle\n"
                 "5.0s  box     - sent 3 to 4\n"
                 "5.0s  box     wants the bundle with 7\n"
                 "5.0s  disk    has bundle 7 to 7, 300 bytes\n"
                 "5.0s  box     reads the bundle at 0\n"
                 "5.0s  box     sends bundle 0 to 300 of 300\n"
                 "5.0s  box     - sent 7 to 7\n"
                 "5.0s  box     wants the original after 0\n"
                 "5.0s  disk    has none\n"
                 "5.0s  centre  receipts 7, applied 7\n"
                 "5.0s  box     stores a receipt\n"
                 "5.0s  disk    has stored it\n"
                 "5.0s  box     - receipt: received 7, applied 7, safe 0, 0 originals\n"
                 "5.0s  box     closes\n"
                 "5.0s  box     - all received\n");
    story_end(&t);
}

/* What it held was not what it needed, or went when it was put back. */
static void what_is_not_held_any_more_is_sent_again(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.received = t.config.applied = 2;
    t.config.last = 6;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 3, 4, 300, false);
    story_block(&t, 300);
    story_object(&t, OBJECT_BUNDLE, 2, 5, 6, 300, false);
    story_block(&t, 300);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_have(&t, OBJECT_BUNDLE, 1, 300);
    story_have(&t, OBJECT_BUNDLE, 2, 300);
    skip_story(&t);
    story_receipted(&t, 4, 2);
    assert_false(sync_held(t.sync)); /* the second was dropped */
    story_object(&t, OBJECT_BUNDLE, 2, 5, 6, 300, true);
    story_block(&t, 300);
    story_have(&t, OBJECT_BUNDLE, 2, 300);
    story_event(&t, SYNC_EVENT_LINK_DOWN);
    assert_int_equal(sync_state_now(t.sync), SYNC_IDLE);
    story_event(&t, SYNC_EVENT_WANTED);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 2, 5, 6, 300, true);
    story_have(&t, OBJECT_BUNDLE, 2, 0);
    story_block(&t, 300);
    assert_false(sync_held(t.sync));
    expect_story(&t,
                 "0.0s  centre  receipts 4, applied 2\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 4, applied 2, safe 0, 0 originals\n"
                 "0.0s  box     wants the bundle with 5\n"
                 "0.0s  disk    has bundle 5 to 6, 300 bytes\n"
                 "0.0s  box     reads the bundle at 0\n"
                 "0.0s  box     sends bundle 0 to 300 of 300\n"
                 "0.0s  box     - sent 5 to 6\n"
                 "0.0s  centre  has 300 bytes of the bundle\n"
                 "0.0s  link    is down\n"
                 "0.0s  box     - all received but what the centre holds\n"
                 "0.0s  clerk   wants a contact\n"
                 "0.0s  box     connects\n"
                 "0.0s  link    is up\n"
                 "0.0s  box     sends hello\n"
                 "0.0s  box     - says hello, 2 to send\n"
                 "0.0s  box     wants the bundle with 5\n"
                 "0.0s  disk    has bundle 5 to 6, 300 bytes\n"
                 "0.0s  box     offers the bundle of 300 bytes\n"
                 "0.0s  centre  has 0 bytes of the bundle\n"
                 "0.0s  box     reads the bundle at 0\n"
                 "0.0s  box     sends bundle 0 to 300 of 300\n"
                 "0.0s  box     - sent 5 to 6\n"
                 "0.0s  box     wants the original after 0\n");
    story_end(&t);
}

static void a_restored_centre_asks_again_for_what_it_lost(void **state)
{
    struct core_story t;
    struct receipt r = {
        .site = STORY_SITE, .centre_epoch = 2, .received = 4, .applied = 4};

    (void)state;
    story_start(&t);
    t.config.last = t.config.received = t.config.applied = 9;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    skip_story(&t);
    assert_int_equal(story_receipt(&t, &r), 0);
    story_event(&t, SYNC_EVENT_STORED);
    story_object(&t, OBJECT_BUNDLE, 1, 5, 9, 300, false);
    story_block(&t, 300);
    story_object(&t, OBJECT_BLOB, 9, 700, 700, 64, true);
    expect_story(&t,
                 "0.0s  centre  receipts 4, applied 4\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 4, applied 4, safe 0, 0 originals\n"
                 "0.0s  box     wants the bundle with 5\n"
                 "0.0s  disk    has bundle 5 to 9, 300 bytes\n"
                 "0.0s  box     reads the bundle at 0\n"
                 "0.0s  box     sends bundle 0 to 300 of 300\n"
                 "0.0s  box     - sent 5 to 9\n"
                 "0.0s  box     wants the original after 0\n"
                 "0.0s  disk    has original 700, 64 bytes\n"
                 "0.0s  box     offers the original of 64 bytes\n");
    story_end(&t);
}

static void a_centre_that_forgot_a_claim_hears_it_again_until_it_is_safe(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.claimed = false;
    t.config.last = t.config.received = 5;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    skip_story(&t);
    story_refused(&t, OBJECT_BUNDLE, 0, REFUSED_UNKNOWN_SITE);
    story_ring(&t);
    story_link_up(&t);
    story_refused(&t, OBJECT_BUNDLE, 0, REFUSED_UNKNOWN_SITE); /* it means it */
    assert_int_equal(sync_refused(t.sync), REFUSED_UNKNOWN_SITE);
    expect_story(&t, "0.0s  centre  refuses the bundle\n"
                     "0.0s  box     - refused: unknown_site\n"
                     "0.0s  box     closes\n"
                     "1.0s  clock   rings\n"
                     "1.0s  box     connects\n"
                     "1.0s  link    is up\n"
                     "1.0s  box     sends its claim\n"
                     "1.0s  box     sends hello\n"
                     "1.0s  box     - says hello, 0 to send\n"
                     "1.0s  box     wants the original after 0\n"
                     "1.0s  centre  refuses the bundle\n"
                     "1.0s  box     - refused: unknown_site\n"
                     "1.0s  box     closes\n");
    story_end(&t);
}

static void a_newcomer_at_a_centre_that_was_restored_begins_nothing_again(void **state)
{
    struct core_story t;
    struct receipt r = {.site = STORY_SITE, .centre_epoch = 3};

    (void)state;
    story_start(&t);
    t.config.claimed = false;
    t.config.centre_epoch = 0;
    t.config.last = 4;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 4, 9000, false);
    story_block(&t, 4096);
    skip_story(&t);
    assert_int_equal(story_receipt(&t, &r), 0);
    story_block(&t, 4096);
    story_event(&t, SYNC_EVENT_STORED);
    expect_story(&t,
                 "0.0s  centre  receipts 0, applied 0\n"
                 "0.0s  box     sends bundle 4096 to 8192 of 9000\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 0, applied 0, safe 0, 0 originals\n"
                 "0.0s  box     reads the bundle at 8192\n");
    story_end(&t);
}

static void
a_restored_centre_gets_originals_that_lie_before_the_one_on_its_way(void **state)
{
    struct core_story t;
    struct receipt r = {.site = STORY_SITE, .centre_epoch = 2};

    (void)state;
    story_start(&t);
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BLOB, 9, 800, 800, 9000, false);
    story_block(&t, 4096);
    skip_story(&t);
    assert_int_equal(story_receipt(&t, &r), 0);
    story_block(&t, 4096);
    story_event(&t, SYNC_EVENT_STORED);
    story_block(&t, 808);
    story_object(&t, OBJECT_BLOB, 8, 700, 700, 200, false);
    story_block(&t, 200);
    story_object(&t, OBJECT_BLOB, 9, 800, 800, 9000, true); /* it left just now */
    expect_story(&t,
                 "0.0s  centre  receipts 0, applied 0\n"
                 "0.0s  box     sends original 4096 to 8192 of 9000\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 0, applied 0, safe 0, 0 originals\n"
                 "0.0s  box     reads the original at 8192\n"
                 "0.0s  box     sends original 8192 to 9000 of 9000\n"
                 "0.0s  box     - sent an original of 9000 bytes\n"
                 "0.0s  box     wants the original after 0\n"
                 "0.0s  disk    has original 700, 200 bytes\n"
                 "0.0s  box     reads the original at 0\n"
                 "0.0s  box     sends original 0 to 200 of 200\n"
                 "0.0s  box     - sent an original of 200 bytes\n"
                 "0.0s  box     wants the original after 700\n"
                 "0.0s  disk    has original 800, 9000 bytes\n"
                 "0.0s  box     wants the original after 800\n");
    story_end(&t);
}

static void a_receipt_from_before_the_restore_changes_nothing(void **state)
{
    struct core_story t;
    struct receipt r = {
        .site = STORY_SITE, .centre_epoch = 1, .received = 9, .applied = 9};

    (void)state;
    story_start(&t);
    t.config.centre_epoch = 2;
    t.config.last = 9;
    t.config.received = 4;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    skip_story(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 5, 9, 300, false);
    story_block(&t, 300);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    assert_int_equal(story_receipt(&t, &r), 0); /* it lay in a drawer */
    story_event(&t, SYNC_EVENT_STORED);
    assert_false(sync_drained(t.sync));
    expect_story(&t,
                 "0.0s  disk    has bundle 5 to 9, 300 bytes\n"
                 "0.0s  box     reads the bundle at 0\n"
                 "0.0s  box     sends bundle 0 to 300 of 300\n"
                 "0.0s  box     - sent 5 to 9\n"
                 "0.0s  box     wants the original after 0\n"
                 "0.0s  disk    has none\n"
                 "0.0s  centre  receipts 9, applied 9\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 9, applied 9, safe 0, 0 originals\n");
    story_end(&t);
}

/* -------------------------------------------------------------------- refusals */

static void a_refused_box_waits_for_a_person(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    skip_story(&t);
    story_refused(&t, OBJECT_BUNDLE, 0, REFUSED_UNKNOWN_SITE);
    assert_int_equal(sync_refused(t.sync), REFUSED_UNKNOWN_SITE);
    story_commit(&t, 2);
    story_wait(&t, 60000);
    story_event(&t, SYNC_EVENT_WANTED);
    assert_int_equal(sync_refused(t.sync), 0);
    expect_story(&t, "0.0s  centre  refuses the bundle\n"
                     "0.0s  box     - refused: unknown_site\n"
                     "0.0s  box     closes\n"
                     "0.0s  clerk   commits 2\n"
                     "60.0s  clerk   wants a contact\n"
                     "60.0s  box     connects\n");
    story_end(&t);
}

static void one_damaged_original_does_not_stop_the_rest(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BLOB, 8, 700, 700, 200, false);
    story_block(&t, 200);
    skip_story(&t);
    story_refused(&t, OBJECT_BLOB, 8, REFUSED_FORGED);
    story_object(&t, OBJECT_BLOB, 9, 800, 800, 300, false);
    story_event(&t, SYNC_EVENT_FAILED); /* and one that cannot be read */
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_receipted(&t, 0, 0);
    assert_int_equal(sync_state_now(t.sync), SYNC_IDLE);
    assert_false(sync_drained(t.sync));
    story_commit(&t, 1);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 100, false);
    story_block(&t, 100);
    story_object(&t, OBJECT_BLOB, 8, 700, 700, 200, true); /* not again so soon */
    expect_story(&t,
                 "0.0s  centre  refuses the original\n"
                 "0.0s  box     - refused: forged\n"
                 "0.0s  disk    has original 800, 300 bytes\n"
                 "0.0s  box     reads the original at 0\n"
                 "0.0s  disk    says no\n"
                 "0.0s  box     - the box's own disk failed\n"
                 "0.0s  box     wants the original after 800\n"
                 "0.0s  disk    has none\n"
                 "0.0s  centre  receipts 0, applied 0\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 0, applied 0, safe 0, 0 originals\n"
                 "0.0s  box     closes\n"
                 "0.0s  box     - all received but 2 originals\n"
                 "0.0s  clerk   commits 1\n"
                 "0.0s  box     connects\n"
                 "0.0s  link    is up\n"
                 "0.0s  box     sends hello\n"
                 "0.0s  box     - says hello, 1 to send\n"
                 "0.0s  box     wants the bundle with 1\n"
                 "0.0s  disk    has bundle 1 to 1, 100 bytes\n"
                 "0.0s  box     reads the bundle at 0\n"
                 "0.0s  box     sends bundle 0 to 100 of 100\n"
                 "0.0s  box     - sent 1 to 1\n"
                 "0.0s  box     wants the original after 0\n"
                 "0.0s  disk    has original 700, 200 bytes\n"
                 "0.0s  box     wants the original after 700\n");
    story_end(&t);
}

static void a_busy_centre_says_when_to_come_back(void **state)
{
    struct core_story t;
    struct buffer b;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    skip_story(&t);
    buffer_init(&b, 16);
    message_later(&b, 90000);
    assert_int_equal(story_message(&t, &b), 0);
    buffer_release(&b);
    story_ring(&t);
    expect_story(&t, "0.0s  box     - the centre says: in 90000 ms\n"
                     "0.0s  box     closes\n"
                     "90.0s  clock   rings\n"
                     "90.0s  box     connects\n");
    story_end(&t);
}

static void what_only_a_stranger_would_say_is_refused_and_changes_nothing(void **state)
{
    struct core_story t;
    struct receipt r = {.site = STORY_SITE, .centre_epoch = 1, .received = 1};
    struct buffer b;
    struct key_pair centre;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 5000, true);
    skip_story(&t);
    centre = t.centre;
    t.centre = t.stranger; /* signs the receipt */
    assert_int_equal(story_receipt(&t, &r), -1);
    t.centre = centre;
    r.site = STORY_SITE + 1;
    assert_int_equal(story_receipt(&t, &r), -1);
    story_have(&t, OBJECT_BUNDLE, 1, 5001);
    buffer_init(&b, 256);
    message_want(&b, &(struct object_id){0});
    assert_int_equal(story_message(&t, &b), -1);
    buffer_release(&b);
    expect_story(&t,
                 "0.0s  centre  receipts 1, applied 0\n"
                 "0.0s  box     refuses: sync: receipt: not signed by our centre\n"
                 "0.0s  centre  receipts 1, applied 0\n"
                 "0.0s  box     refuses: sync: receipt: for site 18, we are 17\n"
                 "0.0s  centre  has 5001 bytes of the bundle\n"
                 "0.0s  box     refuses: sync: the centre has more than there is\n"
                 "0.0s  box     refuses: sync: message 12 is not the centre's to send\n");
    story_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_another_road_brought_is_not_sent),
        cmocka_unit_test(an_original_that_another_road_brought_is_not_sent_to_its_end),
        cmocka_unit_test(what_a_stick_receipts_is_not_sent),
        cmocka_unit_test(
            what_a_restored_centre_lost_is_sent_though_only_a_stick_told_of_it),
        cmocka_unit_test(a_gap_is_filled_once),
        cmocka_unit_test(what_the_centre_holds_is_asked_after_and_not_sent_again),
        cmocka_unit_test(what_is_not_held_any_more_is_sent_again),
        cmocka_unit_test(a_restored_centre_asks_again_for_what_it_lost),
        cmocka_unit_test(a_centre_that_forgot_a_claim_hears_it_again_until_it_is_safe),
        cmocka_unit_test(a_newcomer_at_a_centre_that_was_restored_begins_nothing_again),
        cmocka_unit_test(
            a_restored_centre_gets_originals_that_lie_before_the_one_on_its_way),
        cmocka_unit_test(a_receipt_from_before_the_restore_changes_nothing),
        cmocka_unit_test(a_refused_box_waits_for_a_person),
        cmocka_unit_test(one_damaged_original_does_not_stop_the_rest),
        cmocka_unit_test(a_busy_centre_says_when_to_come_back),
        cmocka_unit_test(what_only_a_stranger_would_say_is_refused_and_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
