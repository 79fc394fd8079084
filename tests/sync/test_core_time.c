/* The sync core alone, driven by hand: how long it waits for what, and a storm of
 * events in any order. */
#include "sync/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/core_story.h"

/* ------------------------------------------------------------------------ time */

static void a_silent_centre_is_asked_once_and_left(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 300, false);
    story_block(&t, 300);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    skip_story(&t);
    story_ring(&t);
    story_ring(&t);
    expect_story(&t, "10.0s  clock   rings\n"
                     "10.0s  box     sends a ping\n"
                     "25.0s  clock   rings\n"
                     "25.0s  box     closes\n"
                     "25.0s  box     - the centre is silent\n"
                     "25.0s  box     - link down, try 2 follows\n");
    story_end(&t);
}

static void a_centre_that_answers_but_moves_nothing_is_left(void **state)
{
    struct core_story t;
    struct buffer pong;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 300, false);
    story_block(&t, 300);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    buffer_init(&pong, 16);
    message_empty(&pong, MESSAGE_PONG);
    while (sync_state_now(t.sync) == SYNC_TALKING) {
        skip_story(&t);
        assert_true(t.now_ms <= SYNC_STALL_MS_MAX);
        story_ring(&t);
        assert_int_equal(story_message(&t, &pong), 0);
    }
    buffer_release(&pong);
    expect_story(&t, "180.0s  clock   rings\n"
                     "180.0s  box     closes\n"
                     "180.0s  box     - nothing moves\n"
                     "180.0s  box     - link down, try 2 follows\n");
    story_end(&t);
}

static void a_link_that_cannot_be_had_is_tried_less_and_less_often(void **state)
{
    struct core_story t;
    int64_t from_ms, wait_ms = SYNC_BACKOFF_MS_MIN;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    for (unsigned i = 0; i < 12; i++) {
        story_event(&t, SYNC_EVENT_LINK_DOWN);
        assert_int_equal(sync_state_now(t.sync), SYNC_WAITING);
        from_ms = t.now_ms;
        story_ring(&t);
        assert_int_equal(sync_state_now(t.sync), SYNC_CONNECTING);
        assert_in_range(t.now_ms - from_ms, wait_ms / 2, wait_ms);
        wait_ms = wait_ms * 2 < SYNC_BACKOFF_MS_MAX ? wait_ms * 2 : SYNC_BACKOFF_MS_MAX;
    }
    story_end(&t);
}

static void a_connect_without_an_answer_is_given_up(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_WANTED);
    story_ring(&t);
    story_link_up(&t); /* too late: it was closed */
    expect_story(&t, "0.0s  clerk   wants a contact\n"
                     "0.0s  box     connects\n"
                     "30.0s  clock   rings\n"
                     "30.0s  box     closes\n"
                     "30.0s  box     - no answer\n"
                     "30.0s  box     - link down, try 2 follows\n"
                     "30.0s  link    is up\n");
    story_end(&t);
}

static void after_a_failure_of_its_own_disk_the_box_waits(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_event(&t, SYNC_EVENT_FAILED); /* of making the bundle */
    assert_int_equal(sync_state_now(t.sync), SYNC_WAITING);
    story_event(&t, SYNC_EVENT_FAILED); /* an answer too late */
    skip_story(&t);
    story_ring(&t);
    assert_int_equal(t.now_ms, SYNC_BACKOFF_MS_MAX);
    story_end(&t);
}

static void a_link_lost_when_all_is_received_is_no_failure(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 5;
    t.config.received = 5;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_event(&t, SYNC_EVENT_NO_OBJECT);
    story_receipted(&t, 5, 2); /* it lingers: 5 are not applied yet */
    skip_story(&t);
    story_event(&t, SYNC_EVENT_LINK_DOWN);
    assert_true(sync_drained(t.sync));
    expect_story(&t, "0.0s  link    is down\n"
                     "0.0s  box     - all received\n");
    story_end(&t);
}

/* ------------------------------------------------------------- a network appears */

static void a_network_that_appears_ends_a_wait_at_once(void **state)
{
    struct core_story t;
    int64_t then_ms;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    for (unsigned i = 0; i < 12; i++) {
        story_event(&t, SYNC_EVENT_LINK_DOWN);
        story_ring(&t);
    }
    story_event(&t, SYNC_EVENT_LINK_DOWN); /* now it would wait for minutes */
    then_ms = t.now_ms;
    story_event(&t, SYNC_EVENT_NETWORK);
    story_ring(&t);
    assert_true(t.now_ms <= then_ms + SYNC_NETWORK_MS_MAX);
    story_event(&t, SYNC_EVENT_LINK_DOWN); /* and what failed before is forgotten */
    story_ring(&t);
    assert_true(t.now_ms <= then_ms + SYNC_NETWORK_MS_MAX + SYNC_BACKOFF_MS_MIN);
    assert_int_equal(sync_state_now(t.sync), SYNC_CONNECTING);
    story_end(&t);
}

static void who_was_told_when_to_come_is_not_hurried_by_a_network(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_refused(&t, OBJECT_BUNDLE, 0, REFUSED_UNKNOWN_SITE);
    story_event(&t, SYNC_EVENT_NETWORK);
    skip_story(&t);
    story_ring(&t);
    assert_int_equal(t.now_ms, SYNC_REFUSED_WAIT_MS);
    story_end(&t);
}

static void a_link_from_before_the_network_changed_is_left_in_seconds(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 9000, false);
    skip_story(&t);
    story_wait(&t, 500);
    story_event(&t, SYNC_EVENT_NETWORK);
    story_event(&t, SYNC_EVENT_NETWORK); /* they come in bursts */
    story_ring(&t);
    story_ring(&t);
    expect_story(&t, "0.5s  link    may be possible now\n"
                     "0.5s  box     sends a ping\n"
                     "0.5s  link    may be possible now\n"
                     "8.5s  clock   rings\n"
                     "8.5s  box     closes\n"
                     "8.5s  box     - nothing is heard since the network changed\n"
                     "8.5s  box     - link down, try 2 follows\n"
                     "9.4s  clock   rings\n"
                     "9.4s  box     connects\n");
    story_end(&t);
}

static void a_link_that_answers_after_the_network_changed_is_kept(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.config.last = 1;
    story_event(&t, SYNC_EVENT_TIMER);
    story_link_up(&t);
    story_object(&t, OBJECT_BUNDLE, 1, 1, 1, 9000, false);
    story_event(&t, SYNC_EVENT_NETWORK);
    story_wait(&t, 600);
    story_pong(&t);
    skip_story(&t);
    story_ring(&t);
    assert_int_equal(t.now_ms, 600 + SYNC_PING_AFTER_MS);
    assert_int_equal(sync_state_now(t.sync), SYNC_TALKING);
    story_end(&t);
}

/* ----------------------------------------------------------------------- storm */

/* What was asked for, or now and then that the disk failed. */
static void answer(struct core_story *t)
{
    struct random *r = &t->random.random;
    uint64_t last = 1 + random_below(r, 40);

    switch (random_below(r, 8) == 0 ? SYNC_DO_TRACE : t->asked) {
    case SYNC_DO_MAKE_BUNDLE:
        story_object(t, OBJECT_BUNDLE, (uint8_t)random_below(r, 4), last, last + 3,
                     1 + random_below(r, 9000), random_below(r, 2) == 0);
        return;
    case SYNC_DO_NEXT_BLOB:
        if (random_below(r, 2) == 0)
            story_event(t, SYNC_EVENT_NO_OBJECT);
        else
            story_object(t, OBJECT_BLOB, (uint8_t)random_below(r, 4), last, last,
                         1 + random_below(r, 9000), random_below(r, 2) == 0);
        return;
    case SYNC_DO_STORE_RECEIPT:
        story_event(t, SYNC_EVENT_STORED);
        return;
    case SYNC_DO_TAKE_OFFER:
    case SYNC_DO_TAKE_BLOCK:
        if (random_below(r, 4) == 0)
            story_untaken(t, REFUSED_FORGED);
        else if (random_below(r, 2) == 0)
            story_whole(t, last);
        else
            story_more(t, random_below(r, 200));
        return;
    case SYNC_DO_READ_BLOCK:
        story_block(t, 1 + random_below(r, t->block_bytes_max));
        return;
    case SYNC_DO_READ_CHAIN:
        t->chain_last = random_below(r, 60);
        story_chain(t);
        return;
    default:
        story_event(t, SYNC_EVENT_FAILED);
        return;
    }
}

/* Now and then about what was asked. */
static void random_known(struct core_story *t)
{
    struct random *r = &t->random.random;
    unsigned places = chain_places(&t->range), i = (unsigned)random_below(r, places);
    struct chain_range known = {chain_place(&t->range, i),
                                chain_place(&t->range, i + 1 < places ? i + 1 : i)};

    if (random_below(r, 3) == 0)
        known.last += random_below(r, 5);
    (void)story_known(t, &known, (uint8_t)random_below(r, 4), random_below(r, 8) == 0);
}

static void random_receipt(struct core_story *t)
{
    struct random *r = &t->random.random;
    struct receipt_blob blob = {.sha256 = {{(uint8_t)random_below(r, 4)}},
                                .state = BLOB_RECEIVED};
    struct receipt receipt = {.site = STORY_SITE,
                              .box_epoch = (uint8_t)random_below(r, 3),
                              .centre_epoch = (uint8_t)(1 + random_below(r, 3)),
                              .received = random_below(r, 40),
                              .blobs = &blob,
                              .blobs_count = random_below(r, 2)};

    receipt.applied = random_below(r, receipt.received + 1);
    if (random_below(r, 4) == 0) {
        receipt.missing_first = receipt.received + 1;
        receipt.missing_last = receipt.received + 1 + random_below(r, 5);
    }
    (void)story_receipt(t, &receipt);
}

static void random_news(struct core_story *t, enum object_kind kind, uint8_t name)
{
    struct random *r = &t->random.random;
    struct sync_budget budget = {.metered = random_below(r, 2) == 0};
    size_t count = 1 + random_below(r, 100);

    switch (random_below(r, 6)) {
    case 0:
        story_offer(t, kind, name, 200 + random_below(r, 2));
        return;
    case 1:
        story_fetch(t, name);
        return;
    case 2:
        budget.month[SYNC_CLASS_RECORDS] = random_below(r, 2) * 100000;
        story_budget(t, &budget);
        return;
    case 3:
        story_event(t, SYNC_EVENT_NETWORK);
        return;
    case 4:
        story_pong(t);
        return;
    default:
        story_incoming(t, kind, name, 200, random_below(r, 201 - count), count);
        return;
    }
}

static void random_event(struct core_story *t)
{
    struct random *r = &t->random.random;
    uint8_t name = (uint8_t)random_below(r, 4);
    enum object_kind kind = (enum object_kind)random_below(r, 2);

    switch (random_below(r, 20)) {
    case 18:
    case 19:
        random_known(t);
        return;
    case 0:
        story_event(t, SYNC_EVENT_LINK_DOWN);
        return;
    case 1:
        story_event(t, SYNC_EVENT_WANTED);
        return;
    case 2:
        story_commit(t, random_below(r, 60));
        return;
    case 3:
        story_refused(t, kind, name, (enum refused)(1 + random_below(r, 8)));
        return;
    case 4:
        story_event(t, SYNC_EVENT_TIMER);
        return;
    case 5:
    case 6:
        story_have(t, kind, name, random_below(r, 9000));
        return;
    case 7:
        random_receipt(t);
        return;
    case 8:
    case 9:
    case 10:
    case 11:
    case 12:
    case 13:
        random_news(t, kind, name);
        return;
    default:
        if (!t->open) /* answers come before another link */
            story_link_up(t);
        return;
    }
}

/* Whatever happens, in whatever order: no assertion of the core fails, a request is
 * open at most once, and nothing is sent before hello. */
static void no_order_of_events_breaks_it(void **state)
{
    struct core_story t;

    (void)state;
    story_start(&t);
    t.images = true;
    for (unsigned i = 0; i < 60000; i++) {
        story_wait(&t, (int64_t)random_below(&t.random.random, 4000));
        if (t.open && random_below(&t.random.random, 3) != 0)
            answer(&t);
        else
            random_event(&t);
        skip_story(&t);
    }
    story_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silent_centre_is_asked_once_and_left),
        cmocka_unit_test(a_centre_that_answers_but_moves_nothing_is_left),
        cmocka_unit_test(a_link_that_cannot_be_had_is_tried_less_and_less_often),
        cmocka_unit_test(a_connect_without_an_answer_is_given_up),
        cmocka_unit_test(after_a_failure_of_its_own_disk_the_box_waits),
        cmocka_unit_test(a_link_lost_when_all_is_received_is_no_failure),
        cmocka_unit_test(a_network_that_appears_ends_a_wait_at_once),
        cmocka_unit_test(who_was_told_when_to_come_is_not_hurried_by_a_network),
        cmocka_unit_test(a_link_from_before_the_network_changed_is_left_in_seconds),
        cmocka_unit_test(a_link_that_answers_after_the_network_changed_is_kept),
        cmocka_unit_test(no_order_of_events_breaks_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
