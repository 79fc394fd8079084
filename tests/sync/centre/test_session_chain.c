/* A box asks which of its frames the centre knows: of its present line, and of lines that
 * it has left. */
#include <string.h>

#include "schema/statements.h"
#include "tests/lib/province.h"

#define FRAMES 5

static struct province p;
static struct hand_box b;
static struct visit c;
static struct parcel parcel;

static int start(void **state)
{
    (void)state;
    province_start(&p, 7);
    hand_box_start(&b, &p, "Xã Tân Lập", 11);
    for (unsigned i = 0; i < FRAMES; i++)
        (void)hand_box_take(&b, "Quyết định", NULL);
    visit_begin(&c, &p, &b);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    visit_end(&c);
    parcel_release(&parcel);
    hand_box_finish(&b);
    province_finish(&p);
    return 0;
}

static void the_centre_has(uint64_t last)
{
    hand_box_bundle(&b, &p, 1, last, &parcel);
    visit_send(&c, &parcel);
    assert_int_equal(c.receipt.received, last);
}

static void expect_known(uint64_t first, uint64_t last)
{
    assert_true(c.open);
    assert_int_equal(c.chain.first, first);
    assert_int_equal(c.chain.last, last);
    assert_int_equal(c.chain_epoch, 1);
}

static void the_last_known_place_and_the_next_one_are_told(void **state)
{
    const struct chain_range all = {0, FRAMES}, few = {0, 3};

    (void)state;
    the_centre_has(3);
    visit_ask_chain(&c, &b, &all, FRAMES);
    expect_known(3, 4);
    visit_ask_chain(&c, &b, &all, 2); /* and then another history */
    expect_known(2, 3);
    visit_ask_chain(&c, &b, &few, FRAMES);
    expect_known(3, 3);
}

static void of_nothing_the_beginning_is_known(void **state)
{
    const struct chain_range all = {0, FRAMES};

    (void)state;
    visit_ask_chain(&c, &b, &all, FRAMES);
    expect_known(0, 1);
}

/* The box has left it after 2, and nothing of that is forgotten. */
static void frames_of_a_line_that_was_left_are_known(void **state)
{
    const struct chain_range all = {0, FRAMES};

    (void)state;
    the_centre_has(4);
    must(store_apply_begin(p.centre->store, &p.err), &p.err);
    must(sql_run(store_db(p.centre->store),
                 "INSERT INTO left_frame SELECT site, 1, sequence, chain, 0"
                 " FROM journal_frame WHERE sequence > 2;"
                 "DELETE FROM journal_frame WHERE sequence > 2",
                 &p.err),
         &p.err);
    must(store_apply_commit(p.centre->store, &p.err), &p.err);
    visit_ask_chain(&c, &b, &all, FRAMES);
    expect_known(4, 5);
}

static void a_box_that_does_not_even_begin_alike_is_refused(void **state)
{
    const struct chain_range middle = {2, FRAMES};

    (void)state;
    visit_ask_chain(&c, &b, &middle, FRAMES);
    assert_false(c.open);
    assert_int_equal(c.reason, REFUSED_FORK);
}

static void who_asks_without_end_is_not_answered(void **state)
{
    const struct chain_range all = {0, FRAMES};

    (void)state;
    for (unsigned i = 0; i < 100; i++)
        visit_ask_chain(&c, &b, &all, FRAMES);
    assert_false(c.open);
    assert_true(c.chains > 10 && c.chains < 32);
}

static void a_stranger_is_told_nothing(void **state)
{
    const struct chain_range all = {0, FRAMES};

    (void)state;
    the_centre_has(3);
    visit_end(&c);
    visit_connect(&c, &p, "a connection");
    visit_ask_chain(&c, &b, &all, FRAMES);
    assert_false(c.open);
    assert_int_equal(c.chains, 0);
}

#define story(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(the_last_known_place_and_the_next_one_are_told),
        story(of_nothing_the_beginning_is_known),
        story(frames_of_a_line_that_was_left_are_known),
        story(a_box_that_does_not_even_begin_alike_is_refused),
        story(who_asks_without_end_is_not_answered),
        story(a_stranger_is_told_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
