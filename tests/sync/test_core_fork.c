/* The sync core alone, driven by hand: a fork that nobody noticed is seen in what the
 * centre says, found by comparing hashes, and left behind. */
#include "sync/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/core_story.h"

static struct core_story t;

/* Twenty frames, ten of them sent and received. */
static int start(void **state)
{
    (void)state;
    story_start(&t);
    t.config.last = 20;
    t.config.received = t.config.applied = 10;
    return 0;
}

static int finish(void **state)
{
    (void)state;
    story_end(&t);
    return 0;
}

static void connect_now(void)
{
    story_event(&t, SYNC_EVENT_WANTED);
    story_link_up(&t);
}

static void receipt(uint8_t box_epoch, uint64_t received)
{
    const struct receipt r = {.site = STORY_SITE,
                              .box_epoch = box_epoch,
                              .centre_epoch = 1,
                              .received = received,
                              .applied = received};

    assert_int_equal(story_receipt(&t, &r), 0);
}

static void knows(uint64_t first, uint64_t last, uint8_t epoch)
{
    const struct chain_range r = {first, last};

    assert_int_equal(story_known(&t, &r, epoch, false), 0);
}

/* The bundle from 11 on left, and is refused. */
static void a_bundle_is_refused(void)
{
    connect_now();
    story_object(&t, OBJECT_BUNDLE, 1, 11, t.config.last, 300, false);
    story_block(&t, 300);
    story_event(&t, SYNC_EVENT_NO_OBJECT); /* of originals */
    skip_story(&t);
    story_refused(&t, OBJECT_BUNDLE, 1, REFUSED_FORK);
}

static void a_refused_bundle_leads_to_the_last_common_frame(void **state)
{
    (void)state;
    a_bundle_is_refused();
    story_chain(&t);
    knows(10, 11, 1);
    expect_story(&t,
                 "0.0s  centre  refuses the bundle\n"
                 "0.0s  box     - refused: fork\n"
                 "0.0s  box     - asks where our line and the centre's part\n"
                 "0.0s  box     reads its chain from 0 to 20\n"
                 "0.0s  disk    has the hashes\n"
                 "0.0s  box     asks which of 21 hashes from 0 to 20 are known\n"
                 "0.0s  centre  knows that of 10 and not that of 11, of epoch 1 at most\n"
                 "0.0s  box     - our line leaves after 10, under epoch 2\n"
                 "0.0s  box     closes\n"
                 "0.0s  box     leaves the line after 10, under epoch 2\n");
}

static void three_questions_find_a_place_among_262144(void **state)
{
    (void)state;
    t.config.last = 262143;
    a_bundle_is_refused();
    skip_story(&t);
    story_chain(&t);
    knows(chain_place(&t.range, 7), chain_place(&t.range, 8), 1);
    story_chain(&t);
    knows(chain_place(&t.range, 30), chain_place(&t.range, 31), 1);
    story_chain(&t);
    assert_true(t.range.last - t.range.first < CHAIN_PLACES_MAX * 2);
    skip_story(&t);
    if (chain_place(&t.range, 6) > chain_place(&t.range, 5) + 1)
        fail_msg("more than three questions");
    knows(chain_place(&t.range, 5), chain_place(&t.range, 6), 1);
    assert_non_null(strstr((const char *)t.told.bytes, "leaves the line after"));
}

static void a_receipt_of_more_than_was_known_is_not_believed(void **state)
{
    (void)state;
    connect_now();
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    skip_story(&t);
    receipt(1, 16);
    story_chain(&t);
    knows(12, 13, 1);
    expect_story(&t,
                 "0.0s  centre  receipts 16, applied 16\n"
                 "0.0s  box     - asks whether what the centre has up to 16 is ours\n"
                 "0.0s  box     reads its chain from 10 to 16\n"
                 "0.0s  disk    has the hashes\n"
                 "0.0s  box     asks which of 7 hashes from 10 to 16 are known\n"
                 "0.0s  centre  knows that of 12 and not that of 13, of epoch 1 at most\n"
                 "0.0s  box     - our line leaves after 12, under epoch 2\n"
                 "0.0s  box     closes\n"
                 "0.0s  box     leaves the line after 12, under epoch 2\n");
}

static void one_of_frames_that_are_ours_counts_once_that_is_known(void **state)
{
    (void)state;
    connect_now();
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    receipt(1, 16);
    story_chain(&t);
    skip_story(&t);
    knows(16, 16, 1);
    story_event(&t, SYNC_EVENT_STORED);
    expect_story(
        &t, "0.0s  centre  knows that of 16 and not that of 16, of epoch 1 at most\n"
            "0.0s  box     - the centre's frames are ours up to 16\n"
            "0.0s  box     stores a receipt\n"
            "0.0s  disk    has stored it\n"
            "0.0s  box     - receipt: received 16, applied 16, safe 0, 0 originals\n");
}

/* Of seed 1001 with cards by turns: the moment for which a box with nothing to say waits
 * for the centre had passed, and the timer rang at once, over and over. */
static void a_question_that_is_answered_late_does_not_ring_meanwhile(void **state)
{
    (void)state;
    t.config.last = 10;
    connect_now();
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    receipt(1, 12);
    story_chain(&t);
    skip_story(&t);
    story_wait(&t, SYNC_LINGER_MS_MAX + 1000);
    story_ring(&t);
    expect_story(&t, "10.0s  clock   rings\n"
                     "10.0s  box     sends a ping\n");
}

/* What left in this contact needs no question; what the first receipt says does. */
static void a_receipt_of_what_just_left_is_believed(void **state)
{
    (void)state;
    connect_now();
    story_object(&t, OBJECT_BUNDLE, 1, 11, 20, 300, false);
    story_block(&t, 300);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    receipt(1, 10);
    story_event(&t, SYNC_EVENT_STORED);
    skip_story(&t);
    receipt(1, 20);
    expect_story(&t, "0.0s  centre  receipts 20, applied 20\n"
                     "0.0s  box     stores a receipt\n");
}

/* Another line's frames under the same numbers: the box's own cross with the receipt. */
static void the_first_receipt_knows_nothing_of_what_just_left(void **state)
{
    (void)state;
    connect_now();
    story_object(&t, OBJECT_BUNDLE, 1, 11, 20, 300, false);
    story_block(&t, 300);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    skip_story(&t);
    receipt(1, 20);
    expect_story(&t, "0.0s  centre  receipts 20, applied 20\n"
                     "0.0s  box     - asks whether what the centre has up to 20 is ours\n"
                     "0.0s  box     reads its chain from 10 to 20\n");
}

/* A box that is made again of its copy: 11 and 12 are of epoch 1, what follows is of epoch
 * 2. The centre may have another card's 11 and 12. */
static void a_box_is_made_of_its_copy(void)
{
    t.config.epoch = 2;
    t.config.line_last[1] = 12;
    connect_now();
    skip_story(&t);
    receipt(1, 16);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_chain(&t);
}

/* Of seed 2038: it was believed, the refusal was forgotten in a power cut, and 13 waited at
 * the centre for a 12 that was never sent again. */
static void a_receipt_of_a_line_that_was_left_is_not_believed_either(void **state)
{
    (void)state;
    a_box_is_made_of_its_copy();
    knows(10, 11, 1);
    expect_story(&t,
                 "0.0s  centre  receipts 16, applied 16\n"
                 "0.0s  disk    has none\n"
                 "0.0s  box     - asks whether what the centre has up to 12 is ours\n"
                 "0.0s  box     reads its chain from 10 to 12\n"
                 "0.0s  disk    has the hashes\n"
                 "0.0s  box     asks which of 3 hashes from 10 to 12 are known\n"
                 "0.0s  centre  knows that of 10 and not that of 11, of epoch 1 at most\n"
                 "0.0s  box     - our line leaves after 10, under epoch 3\n"
                 "0.0s  box     closes\n"
                 "0.0s  box     leaves the line after 10, under epoch 3\n");
}

static void one_of_a_line_that_was_left_counts_once_its_frames_are_known(void **state)
{
    (void)state;
    a_box_is_made_of_its_copy();
    skip_story(&t);
    knows(12, 12, 1);
    expect_story(&t,
                 "0.0s  centre  knows that of 12 and not that of 12, of epoch 1 at most\n"
                 "0.0s  box     - the centre's frames are ours up to 12\n"
                 "0.0s  box     stores a receipt\n");
}

/* Of seeds 5440, 5607 and 8308: frames 11 to 16 had arrived, and were on a line that another
 * card's box had left; that one had come to 12 under epoch 2, as this one's copy calls itself.
 * The line was left after 12, and 13 to 16 were given other names. */
static void a_refusal_while_it_asks_is_asked_about_to_the_end(void **state)
{
    (void)state;
    t.config.epoch = 2;
    t.config.line_last[1] = 16;
    connect_now();
    story_object(&t, OBJECT_BUNDLE, 1, 11, t.config.last, 300, false);
    story_block(&t, 300);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    receipt(2, 12);
    story_refused(&t, OBJECT_BUNDLE, 1, REFUSED_FORK);
    story_chain(&t);
    skip_story(&t);
    knows(12, 12, 2);
    story_chain(&t);
    knows(16, 17, 2);
    expect_story(&t,
                 "0.0s  centre  knows that of 12 and not that of 12, of epoch 2 at most\n"
                 "0.0s  box     reads its chain from 0 to 20\n"
                 "0.0s  disk    has the hashes\n"
                 "0.0s  box     asks which of 21 hashes from 0 to 20 are known\n"
                 "0.0s  centre  knows that of 16 and not that of 17, of epoch 2 at most\n"
                 "0.0s  box     - our line leaves after 16, under epoch 3\n"
                 "0.0s  box     closes\n"
                 "0.0s  box     leaves the line after 16, under epoch 3\n");
}

static void frames_that_are_no_more_begin_a_new_line_with_nothing_written(void **state)
{
    (void)state;
    t.config.last = 10;
    connect_now();
    receipt(1, 16);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_chain(&t);
    skip_story(&t);
    knows(10, 10, 1);
    expect_story(&t,
                 "0.0s  centre  knows that of 10 and not that of 10, of epoch 1 at most\n"
                 "0.0s  box     - our line leaves after 10, under epoch 2\n"
                 "0.0s  box     closes\n"
                 "0.0s  box     leaves the line after 10, under epoch 2\n");
}

static void what_was_committed_and_carried_meanwhile_is_no_fork(void **state)
{
    (void)state;
    t.config.last = 10;
    t.chain_last = 16;
    connect_now();
    receipt(1, 16);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    skip_story(&t);
    story_chain(&t);
    story_chain(&t);
    knows(16, 16, 1);
    expect_story(&t,
                 "0.0s  disk    has the hashes\n"
                 "0.0s  box     reads its chain from 10 to 16\n"
                 "0.0s  disk    has the hashes\n"
                 "0.0s  box     asks which of 7 hashes from 10 to 16 are known\n"
                 "0.0s  centre  knows that of 16 and not that of 16, of epoch 1 at most\n"
                 "0.0s  box     - the centre's frames are ours up to 16\n"
                 "0.0s  box     stores a receipt\n");
}

static void a_line_that_another_box_goes_on_with_is_left(void **state)
{
    (void)state;
    t.config.last = 10;
    connect_now();
    receipt(4, 12);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_chain(&t);
    skip_story(&t);
    knows(10, 10, 4);
    expect_story(&t,
                 "0.0s  centre  knows that of 10 and not that of 10, of epoch 4 at most\n"
                 "0.0s  box     - our line leaves after 10, under epoch 5\n"
                 "0.0s  box     closes\n"
                 "0.0s  box     leaves the line after 10, under epoch 5\n");
}

static void clones_with_nothing_to_say_leave_each_other_alone(void **state)
{
    (void)state;
    t.config.last = 10;
    connect_now();
    receipt(1, 10);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_event(&t, SYNC_EVENT_STORED);
    assert_int_equal(sync_state_now(t.sync), SYNC_IDLE);
    connect_now();
    skip_story(&t);
    receipt(2, 12);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_event(&t, SYNC_EVENT_STORED);
    expect_story(&t,
                 "0.0s  centre  receipts 12, applied 12\n"
                 "0.0s  disk    has none\n"
                 "0.0s  box     stores a receipt\n"
                 "0.0s  disk    has stored it\n"
                 "0.0s  box     - receipt: received 12, applied 12, safe 0, 0 originals\n"
                 "0.0s  box     closes\n"
                 "0.0s  box     - all received\n");
    story_commit(&t, 11);
    story_link_up(&t);
    skip_story(&t);
    receipt(2, 12);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    assert_non_null(strstr((const char *)t.told.bytes, "line of epoch 2, ours is 1"));
}

static void nothing_else_moves_while_the_line_is_in_doubt(void **state)
{
    (void)state;
    a_bundle_is_refused();
    skip_story(&t);
    story_offer(&t, OBJECT_BUNDLE, 3, 100);
    story_event(&t, SYNC_EVENT_WRITABLE);
    story_commit(&t, 21);
    expect_story(&t, "0.0s  centre  offers the bundle of 100 bytes\n"
                     "0.0s  link    has room\n"
                     "0.0s  clerk   commits 21\n");
}

static void an_answer_that_is_not_the_centres_changes_nothing(void **state)
{
    const struct chain_range r = {10, 11}, other = {10, 12};

    (void)state;
    a_bundle_is_refused();
    assert_int_equal(story_known(&t, &r, 1, false), -1); /* before we asked */
    story_chain(&t);
    assert_int_equal(story_known(&t, &r, 1, true), -1);
    assert_int_equal(story_known(&t, &other, 1, false), -1); /* not what we asked */
    assert_int_equal(sync_state_now(t.sync), SYNC_TALKING);
    knows(10, 11, 1);
    assert_non_null(strstr((const char *)t.told.bytes, "leaves the line after 10"));
}

static void a_link_that_breaks_anywhere_begins_the_question_anew(void **state)
{
    (void)state;
    a_bundle_is_refused();
    story_event(&t, SYNC_EVENT_LINK_DOWN); /* while it reads */
    connect_now();
    story_chain(&t);
    story_event(&t, SYNC_EVENT_LINK_DOWN); /* while it waits for the answer */
    connect_now();
    story_chain(&t);
    skip_story(&t);
    knows(10, 11, 1);
    assert_non_null(strstr((const char *)t.told.bytes, "leaves the line after 10"));
}

static void
where_the_question_began_may_be_gone_from_a_centre_that_was_put_back(void **state)
{
    (void)state;
    connect_now();
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    receipt(1, 16);
    story_chain(&t);
    assert_int_equal(t.range.first, 10);
    story_refused(&t, OBJECT_BUNDLE, 1, REFUSED_FORK);
    story_event(&t, SYNC_EVENT_LINK_DOWN);
    connect_now();
    story_chain(&t);
    assert_int_equal(t.range.first, 0);
}

static void a_disk_that_says_no_is_asked_again_later(void **state)
{
    (void)state;
    a_bundle_is_refused();
    story_event(&t, SYNC_EVENT_FAILED);
    assert_int_equal(sync_state_now(t.sync), SYNC_WAITING);
    story_ring(&t);
    story_link_up(&t);
    skip_story(&t);
    story_chain(&t);
    assert_non_null(strstr((const char *)t.told.bytes, "asks which of 21 hashes"));
}

/* The carrier could not: this core goes on. */
static void a_line_that_could_not_be_left_is_asked_about_again(void **state)
{
    (void)state;
    a_bundle_is_refused();
    story_chain(&t);
    knows(10, 11, 1);
    assert_int_equal(sync_state_now(t.sync), SYNC_WAITING);
    story_ring(&t);
    story_link_up(&t);
    story_chain(&t);
    skip_story(&t);
    knows(10, 11, 1);
    assert_non_null(strstr((const char *)t.told.bytes, "leaves the line after 10"));
}

/* The centre keeps what a copied card's box has made, though its line was left. */
static void what_was_refused_and_kept_is_common(void **state)
{
    (void)state;
    a_bundle_is_refused();
    story_chain(&t);
    skip_story(&t);
    knows(20, 20, 2);
    assert_non_null(
        strstr((const char *)t.told.bytes, "leaves the line after 20, under epoch 3"));
}

static void what_cannot_be_healed_waits_for_a_person(void **state)
{
    (void)state;
    a_bundle_is_refused();
    story_chain(&t);
    skip_story(&t);
    knows(10, 11, SYNC_EPOCH_LAST);
    assert_non_null(strstr((const char *)t.told.bytes, "no epoch is left"));
    assert_int_equal(sync_refused(t.sync), REFUSED_FORK);
    assert_int_equal(sync_state_now(t.sync), SYNC_WAITING);
    story_ring(&t);
    assert_true(t.now_ms >= SYNC_REFUSED_WAIT_MS);
}

/* Who is refused right after a new line began would else begin one after the other. */
static void a_new_line_that_is_refused_is_not_followed_by_another(void **state)
{
    (void)state;
    t.config.epoch = 2;
    a_bundle_is_refused();
    story_chain(&t);
    skip_story(&t);
    knows(10, 11, 1);
    assert_non_null(strstr((const char *)t.told.bytes, "refuses what follows"));
    assert_int_equal(sync_refused(t.sync), REFUSED_FORK);
}

#define story(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(a_refused_bundle_leads_to_the_last_common_frame),
        story(three_questions_find_a_place_among_262144),
        story(a_receipt_of_more_than_was_known_is_not_believed),
        story(one_of_frames_that_are_ours_counts_once_that_is_known),
        story(a_question_that_is_answered_late_does_not_ring_meanwhile),
        story(a_receipt_of_what_just_left_is_believed),
        story(the_first_receipt_knows_nothing_of_what_just_left),
        story(a_receipt_of_a_line_that_was_left_is_not_believed_either),
        story(one_of_a_line_that_was_left_counts_once_its_frames_are_known),
        story(a_refusal_while_it_asks_is_asked_about_to_the_end),
        story(frames_that_are_no_more_begin_a_new_line_with_nothing_written),
        story(what_was_committed_and_carried_meanwhile_is_no_fork),
        story(a_line_that_another_box_goes_on_with_is_left),
        story(clones_with_nothing_to_say_leave_each_other_alone),
        story(nothing_else_moves_while_the_line_is_in_doubt),
        story(an_answer_that_is_not_the_centres_changes_nothing),
        story(a_link_that_breaks_anywhere_begins_the_question_anew),
        story(where_the_question_began_may_be_gone_from_a_centre_that_was_put_back),
        story(a_disk_that_says_no_is_asked_again_later),
        story(a_line_that_could_not_be_left_is_asked_about_again),
        story(what_was_refused_and_kept_is_common),
        story(what_cannot_be_healed_waits_for_a_person),
        story(a_new_line_that_is_refused_is_not_followed_by_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
