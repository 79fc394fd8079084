/* The sync core alone, driven by hand: before it renames what it made, it asks whether the
 * centre has that by other names; and it renames nothing that is not contradicted. */
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

static void knows(uint64_t first, uint64_t last, uint8_t epoch)
{
    const struct chain_range r = {first, last};

    story_chain(&t);
    assert_int_equal(story_known(&t, &r, epoch, false), 0);
}

static void told(const char *what)
{
    if (strstr((const char *)t.told.bytes, what) == NULL)
        fail_msg("not told: %s\n%s", what, (const char *)t.told.bytes);
}

/* The bundle with 11 to 15 left, and is refused. */
static void a_bundle_is_refused(void)
{
    connect_now();
    story_object(&t, OBJECT_BUNDLE, 1, 11, 15, 300, false);
    story_block(&t, 300);
    story_object(&t, OBJECT_BUNDLE, 2, 16, 20, 300, false);
    story_refused(&t, OBJECT_BUNDLE, 1, REFUSED_FORK);
    story_block(&t, 300);
}

static void names_of_the_line_that_left_there_are_asked_for(void **state)
{
    (void)state;
    a_bundle_is_refused();
    knows(10, 11, 3);
    skip_story(&t);
    knows(10, 11, 3);
    knows(11, 11, 3);
    knows(17, 18, 3);
    expect_story(
        &t,
        "0.0s  disk    has the hashes\n"
        "0.0s  box     asks which of 2 hashes from 10 to 11 are known\n"
        "0.0s  centre  knows that of 10 and not that of 11, of epoch 3 at most\n"
        "0.0s  box     reads its chain from 10 to 11, by the names of epoch 2 up to 11\n"
        "0.0s  disk    has the hashes\n"
        "0.0s  box     asks which of 2 hashes from 10 to 11 are known\n"
        "0.0s  centre  knows that of 11 and not that of 11, of epoch 3 at most\n"
        "0.0s  box     reads its chain from 11 to 20, by the names of epoch 2 up to 20\n"
        "0.0s  disk    has the hashes\n"
        "0.0s  box     asks which of 10 hashes from 11 to 20 are known\n"
        "0.0s  centre  knows that of 17 and not that of 18, of epoch 3 at most\n"
        "0.0s  box     - the centre has ours up to 17 by the names of epoch 2\n"
        "0.0s  box     - our line leaves after 10, under epoch 4\n"
        "0.0s  box     closes\n"
        "0.0s  box     leaves the line after 10, under epoch 4, by the names of epoch 2"
        " up to 17\n");
}

static void what_has_no_other_names_gets_new_ones(void **state)
{
    (void)state;
    a_bundle_is_refused();
    knows(10, 11, 3);
    knows(10, 11, 3);
    knows(10, 11, 3);
    told("leaves the line after 10, under epoch 4\n");
}

/* It was taken late, and refused so that the box should ask: what follows it will be. */
static void what_only_follows_a_line_that_was_left_keeps_its_names(void **state)
{
    (void)state;
    a_bundle_is_refused();
    knows(15, 16, 2);
    knows(15, 16, 2);
    told("leaves the line after 20, under epoch 3\n");
}

/* Its old frames were contradicted after it had left behind all of them. */
static void frames_of_the_line_before_may_be_contradicted_later(void **state)
{
    (void)state;
    t.config.epoch = 3;
    t.config.line_last[1] = 19;
    a_bundle_is_refused();
    knows(10, 11, 2);
    knows(10, 11, 2);
    told("leaves the line after 10, under epoch 4\n");
}

static void a_few_names_are_tried_and_no_more(void **state)
{
    unsigned tried = 0;

    (void)state;
    a_bundle_is_refused();
    knows(10, 11, 200);
    while (strstr((const char *)t.told.bytes, "leaves the line") == NULL && tried < 100) {
        knows(10, 11, 200);
        tried++;
    }
    assert_int_equal(tried, 16);
}

static void a_link_that_breaks_begins_with_its_own_names_again(void **state)
{
    (void)state;
    a_bundle_is_refused();
    knows(10, 11, 3);
    story_event(&t, SYNC_EVENT_LINK_DOWN);
    story_event(&t, SYNC_EVENT_WANTED);
    story_link_up(&t);
    story_event(&t, SYNC_EVENT_FAILED); /* the answer to what was asked before */
    skip_story(&t);
    story_event(&t, SYNC_EVENT_WANTED);
    story_link_up(&t);
    told("reads its chain from 0 to 20\n");
}

#define story(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(names_of_the_line_that_left_there_are_asked_for),
        story(what_has_no_other_names_gets_new_ones),
        story(what_only_follows_a_line_that_was_left_keeps_its_names),
        story(frames_of_the_line_before_may_be_contradicted_later),
        story(a_few_names_are_tried_and_no_more),
        story(a_link_that_breaks_begins_with_its_own_names_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
