/* A fork that nobody noticed, between a real box and a real centre: found and healed
 * without a person, however often the link breaks or the power goes meanwhile. */
#include <stdio.h>
#include <string.h>

#include "tests/lib/pair_link.h"

static struct pair p;
static struct pair_link l;
static struct pair_kept kept;

static int start(void **state)
{
    (void)state;
    pair_start(&p, 7);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    pair_link_close(&l);
    pair_finish(&p);
    return 0;
}

/* As a clerk's work: an id from the box's own counter. */
static void box_makes(const char *code)
{
    struct err *e = &p.err;
    uint64_t id;

    must(store_write_begin(p.box->store, e), e);
    must(record_dossier(p.box->records, code, &id, e), e);
    assert_true(pair_box_commit(&p) != 0);
}

static void titled(const char *code, const char *title, bool box)
{
    char sql[160];

    (void)snprintf(sql, sizeof sql, "UPDATE dossier SET title = '%s' WHERE code = '%s'",
                   title, code);
    assert_true((box ? pair_box_writes(&p, sql) : pair_centre_writes(&p, sql)) != 0);
}

static int64_t count(const char *where, bool box)
{
    char sql[160];

    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM dossier WHERE %s", where);
    return box ? pair_box_number(&p, sql) : pair_centre_number(&p, sql);
}

static uint8_t epoch(void)
{
    uint8_t now;

    must(store_epoch(p.box->store, &now, &p.err), &p.err);
    return now;
}

static void sync_now(void)
{
    if (!pair_link_contact(&l, 20))
        fail_msg("not all was received:\n%s", l.told);
}

/* The card goes back to what was kept; nobody tells anybody. */
static void put_back(void)
{
    pair_link_close(&l);
    pair_box_put_back(&p, &kept);
    pair_link_open(&l, &p);
}

/* Two dossiers at both ends; the card is copied; three more. */
static void a_box_that_is_to_be_put_back(void)
{
    pair_link_open(&l, &p);
    box_makes("D-1");
    box_makes("D-2");
    sync_now();
    pair_link_close(&l);
    pair_box_keep(&p, &kept);
    pair_link_open(&l, &p);
    box_makes("L-3");
    box_makes("L-4");
    box_makes("L-5");
    sync_now();
}

static void ends_are_equal(unsigned dossiers)
{
    char why[256] = "";
    uint64_t rows = 0;

    if (!pair_equal(&p, why, &rows))
        fail_msg("%s\n%s", why, l.told);
    assert_int_equal(count("1", true), dossiers);
    assert_int_equal(count("1", false), dossiers);
    assert_int_equal(pair_problems(&p), 0);
}

static void a_box_put_back_with_nothing_written_gets_back_what_it_lost(void **state)
{
    (void)state;
    a_box_that_is_to_be_put_back();
    put_back();
    assert_int_equal(count("1", true), 2);
    sync_now();
    sync_now();
    assert_int_equal(l.forks, 1);
    assert_int_equal(epoch(), 2);
    ends_are_equal(5);
}

static void as_many_are_written(void)
{
    box_makes("N-3");
    box_makes("N-4");
    box_makes("N-5");
}

/* As many as were lost, so that the numbers alone say that all was received. */
static void as_many_written_as_were_lost_are_not_taken_for_them(void **state)
{
    (void)state;
    a_box_that_is_to_be_put_back();
    put_back();
    as_many_are_written();
    sync_now();
    sync_now();
    assert_int_equal(l.forks, 1);
    ends_are_equal(8);
    assert_int_equal(count("code LIKE 'N-%' AND (id >> 28 & 255) = 2", false), 3);
}

static void fewer_and_more_written_than_were_lost(void **state)
{
    (void)state;
    a_box_that_is_to_be_put_back();
    put_back();
    box_makes("N-3");
    sync_now();
    sync_now();
    ends_are_equal(6);
    for (unsigned i = 0; i < 9; i++) {
        char code[8];

        (void)snprintf(code, sizeof code, "M-%u", i);
        box_makes(code);
    }
    sync_now();
    assert_int_equal(l.forks, 1);
    ends_are_equal(15);
}

/* A stick had been made of them: they count as having left. */
static void what_left_by_stick_is_refused_and_then_renamed(void **state)
{
    struct outbox *o;

    (void)state;
    a_box_that_is_to_be_put_back();
    put_back();
    for (unsigned i = 0; i < 5; i++) {
        char code[8];

        (void)snprintf(code, sizeof code, "N-%u", i);
        box_makes(code);
    }
    must(outbox_create(&o, p.box, &p.random.random, &p.err), &p.err);
    must(outbox_sent(o, pair_box_last(&p), &p.err), &p.err);
    outbox_destroy(o);
    pair_link_close(&l);
    pair_link_open(&l, &p);
    sync_now();
    sync_now();
    assert_int_equal(l.forks, 1);
    ends_are_equal(10);
}

static void a_change_of_the_same_row_is_a_conflict_and_nothing_is_lost(void **state)
{
    (void)state;
    a_box_that_is_to_be_put_back();
    titled("D-1", "trước khi quay lại", true);
    sync_now();
    put_back();
    titled("D-1", "sau khi quay lại", true);
    sync_now();
    sync_now();
    ends_are_equal(5);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM conflict"), 1);
}

/* One card, copied: two boxes in one name, by turns. */
static void a_turn(struct pair_kept *card, const char *code)
{
    pair_link_close(&l);
    pair_box_put_back(&p, card);
    pair_link_open(&l, &p);
    if (code != NULL)
        box_makes(code);
    sync_now();
    sync_now();
    pair_link_close(&l);
    pair_box_keep(&p, card);
    pair_link_open(&l, &p);
}

static void copied_cards_that_take_turns_for_a_week(void **state)
{
    struct pair_kept cards[2];

    (void)state;
    pair_link_open(&l, &p);
    box_makes("D-1");
    sync_now();
    pair_link_close(&l);
    for (unsigned i = 0; i < 2; i++)
        pair_box_keep(&p, &cards[i]);
    for (unsigned turn = 0; turn < 14; turn++) {
        char code[8];

        (void)snprintf(code, sizeof code, "T-%u", turn);
        a_turn(&cards[turn % 2], code);
        assert_int_equal(count("1", false), 2 + turn);
    }
    ends_are_equal(15);
    a_turn(&cards[0], NULL);
    ends_are_equal(15);
    assert_int_equal(pair_centre_number(&p, "SELECT count(DISTINCT code) FROM dossier"),
                     15);
    for (unsigned i = 0; i < 2; i++)
        for (size_t n = 0; n < PAIR_KEPT_FILES; n++)
            buffer_release(&cards[i].files[n]);
}

/* Cut short at every message, healed all the same: once. */
static void a_link_that_breaks_at_any_message(void **state)
{
    bool cut = true;

    (void)state;
    for (uint64_t n = 1; cut; n++) {
        assert_true(n < 200);
        a_box_that_is_to_be_put_back();
        put_back();
        as_many_are_written();
        l.break_after = n;
        (void)pair_link_contact(&l, 20);
        cut = l.break_after == 0;
        l.break_after = 0;
        sync_now();
        sync_now();
        assert_int_equal(l.forks, 1);
        ends_are_equal(8);
        pair_link_close(&l);
        pair_finish(&p);
        pair_start(&p, 7);
    }
}

static void the_power_goes_at_any_call_of_the_boxs_disk(void **state)
{
    unsigned cuts = 0;
    bool cut = true;

    (void)state;
    for (uint64_t n = 1; cut; n++) {
        a_box_that_is_to_be_put_back();
        put_back();
        as_many_are_written();
        cut = pair_link_power_cut(&l, n);
        cuts += cut;
        sync_now();
        sync_now();
        assert_int_equal(epoch(), 2);
        ends_are_equal(8);
        pair_link_close(&l);
        pair_finish(&p);
        pair_start(&p, 7 + n);
    }
    assert_true(cuts > 20);
}

#define story(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(a_box_put_back_with_nothing_written_gets_back_what_it_lost),
        story(as_many_written_as_were_lost_are_not_taken_for_them),
        story(fewer_and_more_written_than_were_lost),
        story(what_left_by_stick_is_refused_and_then_renamed),
        story(a_change_of_the_same_row_is_a_conflict_and_nothing_is_lost),
        story(copied_cards_that_take_turns_for_a_week),
        story(a_link_that_breaks_at_any_message),
        story(the_power_goes_at_any_call_of_the_boxs_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
