/* A box and a centre in one process: what the centre changes, and what a box let go,
 * on the way down. */
#include "tests/sim/fleet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/statements.h"
#include "sync/centre/down.h"
#include "tests/lib/scratch.h" /* must() */

#define CONTACT_MS 4000000 /* a box asks at least once an hour */
#define LARGE      60000   /* bytes that do not compress: fifteen blocks */

/* A box at rest; it has sent one document. */
static struct fleet *start(uint64_t seed)
{
    struct fleet_options o = {.seed = seed, .boxes = 1, .trace = true};
    struct fleet *f;
    struct err e;

    must(fleet_create(&f, &o, &e), &e);
    fleet_work_document(f, 0, 1, 300);
    fleet_settle(f, 60000);
    fleet_run(f, 1000);
    assert_string_equal(f->failure, "");
    buffer_clear(&f->told);
    return f;
}

static void finish(struct fleet *f)
{
    assert_string_equal(f->failure, "");
    fleet_destroy(f);
}

static void expect_told(const struct fleet *f, const char *words)
{
    if (f->told.count == 0 || strstr((const char *)f->told.bytes, words) == NULL)
        fail_msg("nobody said \"%s\":\n%s", words,
                 f->told.count > 0 ? (const char *)f->told.bytes : "");
}

static void centre_writes(struct fleet *f, const char *sql)
{
    struct err e;

    machine_runs(&f->centre_machine);
    must(down_begin(f->centre, f->boxes[0].site, &e), &e);
    must(sql_run(store_db(f->centre->store), sql, &e), &e);
    must(down_commit(f->centre, NULL, &e), &e);
}

static void box_writes(struct fleet *f, const char *sql)
{
    struct fleet_box *b = &f->boxes[0];
    struct err e;

    must(store_write_begin(b->box->store, &e), &e);
    must(sql_run(store_db(b->box->store), sql, &e), &e);
    must(store_write_commit(b->box->store, &b->memory.last, &e), &e);
    fleet_check_remember(f, 0);
    fleet_box_committed(f, 0);
}

/* The centre gives all documents of the box another type. */
static void centre_retypes(struct fleet *f, const char *type)
{
    char *sql = sqlite3_mprintf("UPDATE document SET type = %Q", type);

    centre_writes(f, sql);
    sqlite3_free(sql);
}

static void centre_retypes_at_length(struct fleet *f)
{
    static char type[LARGE + 1];
    struct random_seeded r;

    random_seeded_init(&r, 3);
    for (size_t i = 0; i < LARGE; i++)
        type[i] = (char)('!' + random_below(&r.random, 90));
    centre_retypes(f, type);
}

static int64_t box_number(struct fleet *f, const char *sql)
{
    struct err e;
    int64_t n = 0;

    must(sql_number(store_db(f->boxes[0].box->store), sql, &n, &e), &e);
    return n;
}

static int64_t centre_number(struct fleet *f, const char *sql)
{
    struct err e;
    int64_t n = 0;

    must(sql_number(store_db(f->centre->store), sql, &n, &e), &e);
    return n;
}

/* Both ends agree on all that was changed. */
static void expect_seen(struct fleet *f)
{
    assert_int_equal(box_number(f, "SELECT seen FROM sync_state"),
                     centre_number(f, "SELECT max(sequence) FROM down_frame"));
    assert_int_equal(centre_number(f, "SELECT down_seen FROM site"),
                     centre_number(f, "SELECT max(sequence) FROM down_frame"));
    assert_int_equal(centre_number(f, "SELECT count(*) FROM down_bundle"), 0);
    assert_int_equal(box_number(f, "SELECT count(*) FROM incoming_frame"),
                     box_number(f, "SELECT max(sequence) FROM incoming_frame"));
}

static void what_the_centre_changes_comes_with_the_next_contact(void **state)
{
    struct fleet *f = start(7);

    (void)state;
    centre_retypes(f, "Quyết định số 1");
    fleet_work_document(f, 0, 1, 300);
    fleet_run(f, 60000);
    assert_int_equal(
        box_number(f, "SELECT count(*) FROM document WHERE type = 'Quyết định số 1'"), 1);
    expect_told(f, "applied the centre's changes up to 1");
    expect_seen(f);
    finish(f);
}

static void a_box_with_nothing_to_send_hears_of_it_within_the_hour(void **state)
{
    struct fleet *f = start(7);

    (void)state;
    centre_retypes(f, "một");
    centre_retypes(f, "hai");
    fleet_run(f, CONTACT_MS);
    assert_int_equal(box_number(f, "SELECT count(*) FROM document WHERE type = 'hai'"),
                     1);
    expect_seen(f);
    assert_int_equal(sync_state_now(f->boxes[0].core), SYNC_IDLE);
    finish(f);
}

/* Both are on their way at once, and both arrive. */
static void a_large_change_comes_down_while_an_original_goes_up(void **state)
{
    struct fleet *f = start(7);

    (void)state;
    centre_retypes_at_length(f);
    fleet_work_document(f, 0, 1, LARGE);
    fleet_settle(f, 600000);
    fleet_run(f, 60000);
    expect_seen(f);
    fleet_check_rest(f);
    finish(f);
}

/* A contact lasts five seconds, in which a fifth of it comes: without going on where
 * it was, it would never be whole. */
static void a_bundle_goes_on_where_the_link_broke(void **state)
{
    struct fleet *f = start(7);

    (void)state;
    centre_retypes_at_length(f);
    fleet_work_document(f, 0, 1, 300);
    for (unsigned i = 0; i < 60; i++) {
        struct fleet_link *l = fleet_net_find(f, f->boxes[0].link);

        if (l != NULL)
            fleet_net_break(f, l, 0, 0);
        fleet_run(f, 5000);
    }
    expect_seen(f);
    finish(f);
}

/* The power of the box goes at each disk call in turn, from the offer to the answer. */
static void a_power_cut_anywhere_in_it_loses_and_doubles_nothing(void **state)
{
    unsigned cuts = 0;

    (void)state;
    for (uint64_t calls = 1; calls < 60; calls++) {
        struct fleet *f = start(7);
        uint64_t life = f->boxes[0].machine.life;

        centre_retypes(f, "một");
        fleet_box_give_kind(f, 0, SYNC_EVENT_WANTED);
        machine_die_after(&f->boxes[0].machine, calls);
        fleet_run(f, CONTACT_MS);
        if (f->boxes[0].machine.life > life)
            cuts++;
        assert_true(f->boxes[0].machine.on);
        assert_int_equal(
            box_number(f, "SELECT count(*) FROM document WHERE type = 'một'"), 1);
        expect_seen(f);
        finish(f);
    }
    assert_true(cuts > 20);
}

static void the_centres_power_may_go_too(void **state)
{
    (void)state;
    for (uint64_t calls = 1; calls < 300; calls += 13) {
        struct fleet *f = start(7);

        centre_retypes(f, "một");
        fleet_box_give_kind(f, 0, SYNC_EVENT_WANTED);
        machine_die_after(&f->centre_machine, calls);
        fleet_run(f, CONTACT_MS);
        assert_int_equal(
            box_number(f, "SELECT count(*) FROM document WHERE type = 'một'"), 1);
        expect_seen(f);
        finish(f);
    }
}

static void an_original_that_was_let_go_comes_back_when_it_is_missed(void **state)
{
    struct fleet *f = start(7);
    struct hash kept = f->boxes[0].memory.kept[0];
    struct sync_event in = {.kind = SYNC_EVENT_FETCH, .as.fetch = {.kind = OBJECT_BLOB}};
    struct err e;
    bool there;

    (void)state;
    memcpy(in.as.fetch.id, kept.bytes, OBJECT_ID_BYTES);
    must(blob_remove(f->boxes[0].box->blobs, &kept, &e), &e);
    fleet_box_give(f, 0, &in);
    fleet_run(f, 60000);
    must(blob_exists(f->boxes[0].box->blobs, &kept, &there, &e), &e);
    assert_true(there);
    expect_told(f, "is back");
    assert_int_equal(sync_state_now(f->boxes[0].core), SYNC_IDLE);
    in.as.fetch.id[0] ^= 1; /* the centre never had it */
    fleet_box_give(f, 0, &in);
    fleet_run(f, 60000);
    expect_told(f, "refused: not_here");
    assert_int_equal(sync_state_now(f->boxes[0].core), SYNC_IDLE);
    finish(f);
}

/* ------------------------------------------------------------- unlike programs */

/* The centre's program knows a column that the box's does not, and it has a value. */
static struct fleet *start_with_a_newer_centre(void)
{
    struct fleet *f = start(7);

    fleet_upgrade(f, WHO_CENTRE);
    fleet_run(f, 5000);
    return f;
}

static void box_is_upgraded(struct fleet *f)
{
    fleet_upgrade(f, 0);
    fleet_run(f, CONTACT_MS);
    assert_int_equal(centre_number(f, "SELECT count(*) FROM down_waiting"), 0);
    assert_int_equal(box_number(f, "SELECT count(*) FROM document WHERE keeper = 'kho'"),
                     1);
    expect_seen(f);
}

/* Of seed 30: the box's value was taken as if it had seen the province's. */
static void what_waits_for_a_newer_program_is_concurrent_all_the_same(void **state)
{
    struct fleet *f = start_with_a_newer_centre();

    (void)state;
    centre_writes(f, "UPDATE document SET keeper = 'kho', type = 'tỉnh'");
    assert_int_equal(centre_number(f, "SELECT count(*) FROM down_waiting"), 1);
    box_writes(f, "UPDATE document SET type = 'xã'");
    fleet_run(f, CONTACT_MS);
    assert_int_equal(centre_number(f, "SELECT count(*) FROM document WHERE type = 'xã'"),
                     1);
    assert_int_equal(centre_number(f, "SELECT count(*) FROM conflict"
                                      " WHERE centre_value = '\"tỉnh\"'"),
                     1);
    box_is_upgraded(f);
    assert_int_equal(box_number(f, "SELECT count(*) FROM document WHERE type = 'xã'"), 1);
    finish(f);
}

/* The row comes down whole; what only the box has written in it is no conflict. */
static void what_waited_is_in_nobodys_way(void **state)
{
    struct fleet *f = start_with_a_newer_centre();

    (void)state;
    centre_writes(f, "UPDATE document SET keeper = 'kho'");
    fleet_net_signal(f, 0, false);
    box_writes(f, "UPDATE document SET type = 'xã'");
    fleet_upgrade(f, 0);
    fleet_run(f, 5000);
    fleet_net_signal(f, 0, true);
    fleet_run(f, CONTACT_MS);
    assert_int_equal(box_number(f, "SELECT count(*) FROM document"
                                   " WHERE type = 'xã' AND keeper = 'kho'"),
                     1);
    assert_int_equal(centre_number(f, "SELECT count(*) FROM conflict"), 0);
    expect_seen(f);
    fleet_check_rest(f);
    finish(f);
}

/* A box that is ahead: what it writes waits at the centre, and nothing else does. */
static void frames_of_a_newer_program_wait_at_the_centre(void **state)
{
    struct fleet *f = start(7);

    (void)state;
    fleet_upgrade(f, 0);
    fleet_run(f, 5000);
    box_writes(f, "UPDATE document SET keeper = 'kho'");
    fleet_run(f, CONTACT_MS);
    assert_int_equal(centre_number(f, "SELECT received FROM site"), 2);
    assert_int_equal(centre_number(f, "SELECT applied FROM site"), 1);
    fleet_upgrade(f, WHO_CENTRE);
    fleet_settle(f, CONTACT_MS);
    assert_int_equal(
        centre_number(f, "SELECT count(*) FROM document WHERE keeper = 'kho'"), 1);
    fleet_check_rest(f);
    finish(f);
}

/* ------------------------------------------------------------- boxes put back */

/* Of seed 1: its record came back, and nobody asked for the original. */
static void a_box_made_of_its_copy_gets_back_originals_too(void **state)
{
    struct fleet *f = start(7);
    struct hash kept;
    struct err e;
    bool there;

    (void)state;
    fleet_copy_take(f, 0);
    fleet_work_document(f, 0, 1, 3000);
    fleet_settle(f, CONTACT_MS);
    kept = f->boxes[0].memory.kept[1];
    fleet_copy_restore(f, 0, 1000);
    fleet_settle(f, CONTACT_MS);
    must(blob_exists(f->boxes[0].box->blobs, &kept, &there, &e), &e);
    assert_true(there);
    assert_int_equal(box_number(f, "SELECT count(*) FROM document"), 2);
    assert_int_equal(f->boxes[0].memory.epoch, 2);
    fleet_check_rest(f);
    finish(f);
}

static void a_card_put_back_unnoticed_loses_and_doubles_nothing(void **state)
{
    struct fleet *f = start(7);

    (void)state;
    fleet_card_keep(f, 0);
    fleet_work_document(f, 0, 1, 3000);
    fleet_settle(f, CONTACT_MS);
    fleet_card_put_back(f, 0, 1000);
    fleet_run(f, 1000);
    fleet_work_document(f, 0, 1, 300);
    fleet_settle(f, CONTACT_MS);
    assert_int_equal(box_number(f, "SELECT count(*) FROM document"), 3);
    assert_int_equal(f->boxes[0].memory.epoch, 2);
    fleet_check_rest(f);
    finish(f);
}

/* Two cards in one name: each goes on from where it was, and gets what the other made. */
static void cards_that_take_turns_lose_and_double_nothing(void **state)
{
    struct fleet *f = start(7);

    (void)state;
    fleet_settle(f, CONTACT_MS);
    fleet_card_keep(f, 0);
    fleet_work_document(f, 0, 1, 3000);
    fleet_settle(f, CONTACT_MS);
    for (unsigned turn = 1; turn <= 6; turn++) {
        fleet_card_turn(f, 0, 1000);
        fleet_run(f, 1000);
        fleet_work_document(f, 0, 1, 300);
        fleet_settle(f, CONTACT_MS);
        assert_int_equal(box_number(f, "SELECT count(*) FROM document"), 2 + turn);
        assert_int_equal(f->boxes[0].memory.epoch, 1 + turn);
        fleet_check_rest(f);
    }
    assert_int_equal(f->faults[FAULT_TURN], 6);
    finish(f);
}

/* What one of the cards made without a link comes when its turn comes again. */
static void what_a_card_made_unheard_comes_in_its_next_turn(void **state)
{
    struct fleet *f = start(7);

    (void)state;
    fleet_settle(f, CONTACT_MS);
    fleet_card_keep(f, 0);
    fleet_net_signal(f, 0, false);
    for (unsigned turn = 0; turn < 4; turn++) {
        fleet_work_document(f, 0, 1, 300);
        fleet_card_turn(f, 0, 1000);
        fleet_run(f, 1000);
    }
    assert_int_equal(box_number(f, "SELECT count(*) FROM document"), 3);
    fleet_net_signal(f, 0, true);
    fleet_settle(f, CONTACT_MS);
    fleet_card_turn(f, 0, 1000);
    fleet_run(f, 1000);
    fleet_settle(f, CONTACT_MS);
    assert_int_equal(box_number(f, "SELECT count(*) FROM document"), 5);
    fleet_check_rest(f);
    finish(f);
}

/* Of seed 1: by an empty frame a centre says that it was put back; given again to a box,
 * it was no frame at all, and the box's new line was never taken. */
static void both_ends_may_be_put_back(void **state)
{
    struct fleet *f = start(7);

    (void)state;
    fleet_card_keep(f, 0);
    fleet_work_document(f, 0, 1, 3000);
    fleet_settle(f, CONTACT_MS);
    fleet_backup_take(f);
    centre_retypes(f, "một");
    fleet_run(f, CONTACT_MS);
    fleet_backup_restore(f, 1000);
    fleet_run(f, CONTACT_MS);
    assert_int_equal(centre_number(f, "SELECT length(changeset) FROM down_frame"), 0);
    fleet_card_put_back(f, 0, 1000);
    fleet_run(f, 1000);
    fleet_work_document(f, 0, 1, 300);
    fleet_settle(f, CONTACT_MS);
    assert_int_equal(box_number(f, "SELECT count(*) FROM document"), 3);
    fleet_check_rest(f);
    finish(f);
}

/* Of seed 623: a claim names the box's epoch; frames of an earlier one go on where the
 * centre's line ends all the same. */
static void a_centre_put_back_to_before_a_claim_takes_all_lines_of_its_box(void **state)
{
    struct fleet_options o = {.seed = 7, .boxes = 1, .trace = true};
    struct fleet *f;
    struct err e;

    (void)state;
    must(fleet_create(&f, &o, &e), &e);
    fleet_backup_take(f); /* enrolled, and nobody has come yet */
    for (unsigned line = 1; line <= 3; line++) {
        fleet_work_document(f, 0, 1, 500);
        fleet_settle(f, CONTACT_MS);
        fleet_copy_take(f, 0);
        fleet_copy_restore(f, 0, 1000);
        fleet_run(f, 2000);
        fleet_settle(f, CONTACT_MS);
    }
    assert_int_equal(f->boxes[0].memory.epoch, 4);
    fleet_backup_restore(f, 1000);
    fleet_run(f, 2000);
    fleet_box_give_kind(f, 0, SYNC_EVENT_WANTED);
    fleet_run(f, 10000);
    fleet_settle(f, CONTACT_MS);
    assert_int_equal(centre_number(f, "SELECT count(*) FROM document"), 3);
    fleet_check_rest(f);
    finish(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_centre_changes_comes_with_the_next_contact),
        cmocka_unit_test(a_box_with_nothing_to_send_hears_of_it_within_the_hour),
        cmocka_unit_test(a_large_change_comes_down_while_an_original_goes_up),
        cmocka_unit_test(a_bundle_goes_on_where_the_link_broke),
        cmocka_unit_test(a_power_cut_anywhere_in_it_loses_and_doubles_nothing),
        cmocka_unit_test(the_centres_power_may_go_too),
        cmocka_unit_test(an_original_that_was_let_go_comes_back_when_it_is_missed),
        cmocka_unit_test(what_waits_for_a_newer_program_is_concurrent_all_the_same),
        cmocka_unit_test(what_waited_is_in_nobodys_way),
        cmocka_unit_test(frames_of_a_newer_program_wait_at_the_centre),
        cmocka_unit_test(a_box_made_of_its_copy_gets_back_originals_too),
        cmocka_unit_test(a_card_put_back_unnoticed_loses_and_doubles_nothing),
        cmocka_unit_test(cards_that_take_turns_lose_and_double_nothing),
        cmocka_unit_test(what_a_card_made_unheard_comes_in_its_next_turn),
        cmocka_unit_test(both_ends_may_be_put_back),
        cmocka_unit_test(a_centre_put_back_to_before_a_claim_takes_all_lines_of_its_box),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
