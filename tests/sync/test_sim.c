/* Boxes and a centre in one process: stories of the whole road, with everything that
 * they and the network say in them. */
#include "tests/sim/fleet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/statements.h"
#include "sync/centre/sites.h"
#include "tests/lib/scratch.h" /* must() */

/* -------------------------------------------------------------------- telling */

/* A fleet at rest; each box has sent one document. A document of one page is a frame;
 * a link takes 2,500 bytes a second, and a tenth of one each way. */
static struct fleet *start(unsigned boxes)
{
    struct fleet_options o = {.seed = 7, .boxes = boxes, .trace = true};
    struct fleet *f;
    struct err e;

    must(fleet_create(&f, &o, &e), &e);
    for (unsigned i = 0; i < boxes; i++)
        fleet_work_document(f, i, 1, 300);
    fleet_settle(f, 60000);
    fleet_run(f, 1000);
    f->told_from_ms = f->now_ms;
    assert_string_equal(f->failure, "");
    buffer_clear(&f->told);
    return f;
}

static void expect_story(struct fleet *f, const char *expected)
{
    const char *told = f->told.count > 0 ? (const char *)f->told.bytes : "";

    assert_string_equal(f->failure, "");
    if (strcmp(told, expected) != 0) {
        /* cmocka would cut it short. */
        fprintf(stderr, "what happened:\n%s\nexpected:\n%s\n", told, expected);
        fail();
    }
    buffer_clear(&f->told);
}

static void finish(struct fleet *f)
{
    fleet_check_rest(f);
    assert_string_equal(f->failure, "");
    fleet_destroy(f);
}

static struct fleet_link *link_of(struct fleet *f, unsigned box)
{
    struct fleet_link *l = fleet_net_find(f, f->boxes[box].link);

    assert_non_null(l);
    return l;
}

/* An old message of this box, as it was sent. */
static void send_old(struct fleet *f, unsigned from, unsigned to, enum message_type type)
{
    struct fleet_stale *s = &f->stale[from][UP];

    for (size_t i = 0; i < s->count; i++)
        if (s->messages[i].bytes[0] == type) {
            fleet_net_send(f, link_of(f, to), UP, s->messages[i].bytes,
                           s->messages[i].count);
            return;
        }
    fail_msg("box %u has sent no such message", from + 1);
}

static int64_t centre_number(struct fleet *f, const char *sql)
{
    struct err e;
    int64_t n = 0;

    must(sql_number(store_db(f->centre->store), sql, &n, &e), &e);
    return n;
}

/* -------------------------------------------------------------------- stories */

static void a_paper_reaches_the_centre(void **state)
{
    struct fleet *f = start(1);

    (void)state;
    fleet_work_document(f, 0, 1, 5000);
    fleet_run(f, 60000);
    expect_story(f,
                 "0.200s  box 1    says hello, 1 to send\n"
                 "0.200s  box 1    sent 2 to 2\n"
                 "0.334s  centre   receipts box 1: received 1, applied 1\n"
                 "0.467s  box 1    sent an original of 5064 bytes\n"
                 "0.484s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "0.567s  centre   receipts box 1: received 2, applied 1\n"
                 "0.717s  box 1    receipt: received 2, applied 1, safe 0, 0 originals\n"
                 "0.767s  centre   applies 1\n"
                 "0.767s  centre   receipts box 1: received 2, applied 2\n"
                 "0.917s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "2.620s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "2.784s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
                 "2.784s  box 1    all received\n");
    finish(f);
}

static void resend_after_a_lost_receipt_applies_once(void **state)
{
    struct fleet *f = start(1);

    (void)state;
    fleet_work_document(f, 0, 1, 500);
    fleet_run(f, 1000); /* both have left; the receipts are on their way */
    fleet_net_break(f, link_of(f, 0), 500, 500);
    fleet_run(f, 60000);
    expect_story(f,
                 "0.200s  box 1    says hello, 1 to send\n"
                 "0.200s  box 1    sent 2 to 2\n"
                 "0.234s  box 1    sent an original of 564 bytes\n"
                 "0.334s  centre   receipts box 1: received 1, applied 1\n"
                 "0.484s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "0.600s  centre   receipts box 1: received 2, applied 1\n"
                 "0.750s  box 1    receipt: received 2, applied 1, safe 0, 0 originals\n"
                 "0.800s  centre   applies 1\n"
                 "0.800s  centre   receipts box 1: received 2, applied 2\n"
                 "0.840s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "0.950s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "1.500s  box 1    link down, try 2 follows\n"
                 "2.354s  box 1    says hello, 0 to send\n"
                 "2.488s  centre   receipts box 1: received 2, applied 2\n"
                 "2.499s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "2.638s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "2.649s  box 1    sent an original of 564 bytes\n"
                 "2.713s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
                 "2.713s  box 1    all received\n");
    finish(f);
}

static void a_gap_is_named_and_filled(void **state)
{
    struct fleet *f = start(1);

    (void)state;
    f->lose_next[UP] = MESSAGE_BLOCK;
    fleet_work_document(f, 0, 1, 20000);
    fleet_run(f, 2000); /* its original is still on its way */
    fleet_work_document(f, 0, 1, 500);
    fleet_run(f, 60000);
    expect_story(f,
                 "0.200s  box 1    says hello, 1 to send\n"
                 "0.200s  network  loses the block\n"
                 "0.200s  box 1    sent 2 to 2\n"
                 "0.335s  centre   receipts box 1: received 1, applied 1\n"
                 "0.485s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "3.539s  box 1    sent 3 to 3\n"
                 "5.431s  box 1    sent an original of 20064 bytes\n"
                 "5.531s  centre   receipts box 1: received 1, applied 1, names a gap\n"
                 "5.681s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "8.569s  box 1    sent an original of 564 bytes\n"
                 "8.669s  centre   receipts box 1: received 1, applied 1, names a gap\n"
                 "8.833s  box 1    receipt: received 1, applied 1, safe 0, 1 originals\n"
                 "8.844s  box 1    sent 2 to 2\n"
                 "8.920s  centre   receipts box 1: received 1, applied 1, names a gap\n"
                 "9.084s  box 1    receipt: received 1, applied 1, safe 0, 1 originals\n"
                 "9.186s  centre   receipts box 1: received 3, applied 1\n"
                 "9.197s  centre   receipts box 1: received 3, applied 1\n"
                 "9.336s  box 1    receipt: received 3, applied 1, safe 0, 0 originals\n"
                 "9.386s  centre   applies 2\n"
                 "9.386s  centre   receipts box 1: received 3, applied 3\n"
                 "9.397s  box 1    receipt: received 3, applied 1, safe 0, 0 originals\n"
                 "9.536s  box 1    receipt: received 3, applied 3, safe 0, 0 originals\n"
                 "9.536s  box 1    all received\n");
    finish(f);
}

/* Forgets the story so far: it was about something else. */
static void begin_story(struct fleet *f)
{
    buffer_clear(&f->told);
    f->told_from_ms = f->now_ms;
}

static void a_replay_is_answered_with_the_old_receipt(void **state)
{
    struct fleet *f = start(1);

    (void)state;
    fleet_work_document(f, 0, 1, 500);
    fleet_settle(f, 60000);
    begin_story(f);
    fleet_work_document(f, 0, 1, 20000);
    fleet_run(f, 2000); /* the original is on its way */
    send_old(f, 0, 0, MESSAGE_BLOCK);
    fleet_settle(f, 60000);
    expect_story(f,
                 "0.200s  box 1    says hello, 1 to send\n"
                 "0.200s  box 1    sent 3 to 3\n"
                 "0.335s  centre   receipts box 1: received 2, applied 2\n"
                 "0.485s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "0.589s  centre   receipts box 1: received 3, applied 2\n"
                 "0.739s  box 1    receipt: received 3, applied 2, safe 0, 0 originals\n"
                 "0.789s  centre   applies 1\n"
                 "0.789s  centre   receipts box 1: received 3, applied 3\n"
                 "0.939s  box 1    receipt: received 3, applied 3, safe 0, 0 originals\n"
                 "4.032s  box 1    sent an original of 20064 bytes\n"
                 "4.132s  centre   receipts box 1: received 3, applied 3\n"
                 "4.293s  box 1    receipt: received 3, applied 3, safe 0, 0 originals\n"
                 "8.922s  centre   receipts box 1: received 3, applied 3, an original\n"
                 "9.086s  box 1    receipt: received 3, applied 3, safe 0, 1 originals\n"
                 "9.086s  box 1    all received\n");
    finish(f);
}

static void what_another_box_wrote_is_refused_and_both_go_on(void **state)
{
    struct fleet *f = start(2);

    (void)state;
    fleet_work_document(f, 1, 1, 500);
    fleet_settle(f, 60000);
    begin_story(f);
    fleet_work_document(f, 0, 1, 20000);
    fleet_run(f, 2000);
    send_old(f, 1, 0, MESSAGE_BLOCK);
    f->faults[FAULT_FOREIGN]++; /* so an alarm is no surprise */
    fleet_run(f, 10000);
    fleet_settle(f, 2 * SYNC_REFUSED_WAIT_MS);
    expect_story(
        f, "0.200s  box 1    says hello, 1 to send\n"
           "0.200s  box 1    sent 2 to 2\n"
           "0.335s  centre   receipts box 1: received 1, applied 1\n"
           "0.485s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
           "0.645s  centre   receipts box 1: received 2, applied 1\n"
           "0.795s  box 1    receipt: received 2, applied 1, safe 0, 0 originals\n"
           "0.845s  centre   applies 1\n"
           "0.845s  centre   receipts box 1: received 2, applied 2\n"
           "0.995s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
           "4.078s  box 1    sent an original of 20064 bytes\n"
           "4.178s  centre   refuses box 1: not_yours\n"
           "4.286s  box 1    refused: not_yours\n"
           "3507.320s  box 2    says hello, 0 to send\n"
           "3507.454s  centre   receipts box 2: received 2, applied 2\n"
           "3507.604s  box 2    receipt: received 2, applied 2, safe 0, 0 originals\n"
           "3507.604s  box 2    all received\n"
           "3604.486s  box 1    says hello, 0 to send\n"
           "3604.620s  centre   receipts box 1: received 2, applied 2\n"
           "3604.770s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
           "3608.085s  box 1    sent an original of 20064 bytes\n"
           "3609.671s  centre   receipts box 1: received 2, applied 2, an original\n"
           "3609.835s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
           "3609.835s  box 1    all received\n");
    finish(f);
}

static void a_receipt_that_left_holds_although_the_power_went(void **state)
{
    struct fleet *f = start(1);

    (void)state;
    fleet_work_document(f, 0, 1, 500);
    fleet_run(f, 500); /* hello has been answered */
    f->receipt_then_cut = true;
    fleet_settle(f, 120000);
    expect_story(f,
                 "0.200s  box 1    says hello, 1 to send\n"
                 "0.200s  box 1    sent 2 to 2\n"
                 "0.234s  box 1    sent an original of 564 bytes\n"
                 "0.334s  centre   receipts box 1: received 1, applied 1\n"
                 "0.484s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "0.600s  centre   receipts box 1: received 2, applied 1\n"
                 "0.600s  centre   loses power\n"
                 "5.078s  centre   boots\n"
                 "5.278s  centre   applies 1\n"
                 "25.500s  box 1    the centre is silent\n"
                 "25.500s  box 1    link down, try 2 follows\n"
                 "26.354s  box 1    says hello, 1 to send\n"
                 "26.488s  centre   receipts box 1: received 2, applied 2\n"
                 "26.499s  centre   receipts box 1: received 2, applied 2\n"
                 "26.638s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "26.699s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "26.710s  box 1    sent an original of 564 bytes\n"
                 "27.050s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "27.214s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
                 "27.214s  box 1    all received\n");
    finish(f);
}

static void a_receipt_that_was_not_stored_is_asked_for_again(void **state)
{
    struct fleet *f = start(1);

    (void)state;
    fleet_work_document(f, 0, 1, 500);
    fleet_run(f, 700);
    machine_die_after(&f->boxes[0].machine, 2);
    fleet_settle(f, 120000);
    expect_story(f,
                 "0.200s  box 1    says hello, 1 to send\n"
                 "0.200s  box 1    sent 2 to 2\n"
                 "0.234s  box 1    sent an original of 564 bytes\n"
                 "0.334s  centre   receipts box 1: received 1, applied 1\n"
                 "0.484s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "0.600s  centre   receipts box 1: received 2, applied 1\n"
                 "0.750s  box 1    loses power\n"
                 "0.800s  centre   applies 1\n"
                 "0.800s  centre   receipts box 1: received 2, applied 2\n"
                 "0.840s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "15.228s  box 1    boots\n"
                 "15.428s  box 1    says hello, 1 to send\n"
                 "15.562s  centre   receipts box 1: received 2, applied 2\n"
                 "15.573s  centre   receipts box 1: received 2, applied 2\n"
                 "15.584s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "15.712s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "15.773s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "15.784s  box 1    sent an original of 564 bytes\n"
                 "15.848s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
                 "15.848s  box 1    all received\n");
    finish(f);
}

static void a_half_open_link_is_left_and_rejoined(void **state)
{
    struct fleet *f = start(1);

    (void)state;
    fleet_work_document(f, 0, 1, 500);
    fleet_run(f, 300);
    fleet_net_break(f, link_of(f, 0), FLEET_NEVER_MS, FLEET_NEVER_MS);
    fleet_settle(f, 120000);
    expect_story(f,
                 "0.200s  box 1    says hello, 1 to send\n"
                 "0.200s  box 1    sent 2 to 2\n"
                 "0.234s  box 1    sent an original of 564 bytes\n"
                 "25.234s  box 1    the centre is silent\n"
                 "25.234s  box 1    link down, try 2 follows\n"
                 "26.088s  box 1    says hello, 1 to send\n"
                 "26.222s  centre   receipts box 1: received 1, applied 1\n"
                 "26.372s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "26.383s  box 1    sent 2 to 2\n"
                 "26.649s  box 1    sent an original of 564 bytes\n"
                 "26.749s  centre   receipts box 1: received 2, applied 1\n"
                 "26.899s  box 1    receipt: received 2, applied 1, safe 0, 0 originals\n"
                 "26.949s  centre   applies 1\n"
                 "26.949s  centre   receipts box 1: received 2, applied 2\n"
                 "26.989s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "27.099s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "27.163s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
                 "27.163s  box 1    all received\n");
    finish(f);
}

static void an_original_goes_on_where_the_link_broke(void **state)
{
    struct fleet *f = start(1);

    (void)state;
    fleet_work_document(f, 0, 1, 100000);
    fleet_run(f, 30000);
    fleet_net_break(f, link_of(f, 0), 0, 0);
    fleet_settle(f, 120000);
    expect_story(f,
                 "0.200s  box 1    says hello, 1 to send\n"
                 "0.200s  box 1    sent 2 to 2\n"
                 "0.335s  centre   receipts box 1: received 1, applied 1\n"
                 "0.485s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "0.654s  centre   receipts box 1: received 2, applied 1\n"
                 "0.804s  box 1    receipt: received 2, applied 1, safe 0, 0 originals\n"
                 "0.854s  centre   applies 1\n"
                 "0.854s  centre   receipts box 1: received 2, applied 2\n"
                 "1.004s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "30.000s  box 1    link down, try 2 follows\n"
                 "30.854s  box 1    says hello, 0 to send\n"
                 "30.988s  centre   receipts box 1: received 2, applied 2\n"
                 "31.138s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "42.713s  box 1    sent an original of 100080 bytes\n"
                 "43.537s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "43.701s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
                 "43.701s  box 1    all received\n");
    finish(f);
}

static void a_restored_centre_asks_again_for_what_it_lost(void **state)
{
    struct fleet *f = start(1);

    (void)state;
    fleet_work_document(f, 0, 1, 500);
    fleet_settle(f, 60000);
    fleet_backup_take(f);
    fleet_work_document(f, 0, 1, 600);
    fleet_run(f, 10000);
    begin_story(f);
    fleet_backup_restore(f, 1000);
    fleet_run(f, 2000);
    fleet_box_give_kind(f, 0, SYNC_EVENT_WANTED); /* or within the hour, by itself */
    fleet_run(f, 10000);
    fleet_settle(f, 60000);
    expect_story(f,
                 "0.000s  centre   loses power\n"
                 "0.000s  centre   is restored from its backup\n"
                 "1.000s  centre   boots\n"
                 "2.200s  box 1    says hello, 0 to send\n"
                 "2.334s  centre   receipts box 1: received 2, applied 2\n"
                 "2.484s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "2.484s  box 1    sent 3 to 3\n"
                 "2.795s  box 1    sent an original of 664 bytes\n"
                 "2.895s  centre   receipts box 1: received 3, applied 2\n"
                 "3.045s  box 1    receipt: received 3, applied 2, safe 0, 0 originals\n"
                 "3.095s  centre   applies 1\n"
                 "3.095s  centre   receipts box 1: received 3, applied 3\n"
                 "3.175s  centre   receipts box 1: received 3, applied 3, an original\n"
                 "3.245s  box 1    receipt: received 3, applied 3, safe 0, 0 originals\n"
                 "3.339s  box 1    receipt: received 3, applied 3, safe 0, 1 originals\n"
                 "3.339s  box 1    all received\n");
    finish(f);
}

static void a_centre_restored_to_before_a_claim_hears_it_again(void **state)
{
    struct fleet_options o = {.seed = 7, .boxes = 1, .trace = true};
    struct fleet *f;
    struct err e;

    (void)state;
    must(fleet_create(&f, &o, &e), &e);
    fleet_backup_take(f); /* enrolled, and nobody has come yet */
    fleet_work_document(f, 0, 1, 500);
    fleet_settle(f, 60000);
    fleet_backup_restore(f, 1000);
    fleet_run(f, 2000);
    begin_story(f);
    fleet_box_give_kind(f, 0, SYNC_EVENT_WANTED);
    fleet_run(f, 10000);
    fleet_settle(f, 60000);
    expect_story(f,
                 "0.200s  box 1    says hello, 0 to send\n"
                 "0.334s  centre   refuses box 1: unknown_site\n"
                 "0.442s  box 1    refused: unknown_site\n"
                 "1.642s  box 1    says hello, 0 to send\n"
                 "1.831s  centre   receipts box 1: received 0, applied 0\n"
                 "1.981s  box 1    receipt: received 0, applied 0, safe 0, 0 originals\n"
                 "1.981s  box 1    sent 1 to 1\n"
                 "2.244s  box 1    sent an original of 564 bytes\n"
                 "2.344s  centre   receipts box 1: received 1, applied 0\n"
                 "2.494s  box 1    receipt: received 1, applied 0, safe 0, 0 originals\n"
                 "2.544s  centre   applies 1\n"
                 "2.544s  centre   receipts box 1: received 1, applied 1\n"
                 "2.584s  centre   receipts box 1: received 1, applied 1, an original\n"
                 "2.694s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "2.758s  box 1    receipt: received 1, applied 1, safe 0, 1 originals\n"
                 "2.758s  box 1    all received\n");
    finish(f);
}

static void power_cut_while_a_bundle_is_made_sends_the_same_frames(void **state)
{
    struct fleet *f = start(1);

    (void)state;
    fleet_work_document(f, 0, 1, 500);
    machine_die_after(&f->boxes[0].machine, 3); /* the bundle is made, and not kept */
    fleet_settle(f, 120000);
    expect_story(f,
                 "0.200s  box 1    says hello, 1 to send\n"
                 "0.200s  box 1    loses power\n"
                 "0.334s  centre   receipts box 1: received 1, applied 1\n"
                 "14.678s  box 1    boots\n"
                 "14.878s  box 1    says hello, 1 to send\n"
                 "14.878s  box 1    sent 2 to 2\n"
                 "14.912s  box 1    sent an original of 564 bytes\n"
                 "15.012s  centre   receipts box 1: received 1, applied 1\n"
                 "15.162s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "15.278s  centre   receipts box 1: received 2, applied 1\n"
                 "15.428s  box 1    receipt: received 2, applied 1, safe 0, 0 originals\n"
                 "15.478s  centre   applies 1\n"
                 "15.478s  centre   receipts box 1: received 2, applied 2\n"
                 "15.478s  centre   receipts box 1: received 2, applied 2\n"
                 "15.518s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "15.628s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "15.692s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
                 "15.692s  box 1    all received\n");
    finish(f);
}

/* ---------------------------------------------------------------------- liveness */

static uint64_t backlog(struct fleet *f)
{
    struct site_row row;
    struct err e;
    bool found;

    must(site_find(f->centre, f->boxes[0].site, &row, &found, &e), &e);
    return f->boxes[0].memory.last - row.received;
}

static void weeks_without_a_signal_drain_when_it_comes(void **state)
{
    struct fleet *f = start(1);
    uint64_t before, now;

    (void)state;
    fleet_net_signal(f, 0, false);
    for (unsigned day = 0; day < 21; day++) {
        for (unsigned i = 0; i < 12; i++)
            fleet_work_document(f, 0, 1, 500);
        fleet_run(f, 86400000);
    }
    assert_int_equal(backlog(f), 21 * 12);
    fleet_net_signal(f, 0, true);
    for (before = backlog(f); before > 0; before = now) {
        fleet_run(f, 60000);
        now = backlog(f);
        assert_true(now < before); /* a link that is up drains */
    }
    fleet_settle(f, 3600000);
    finish(f);
}

static void records_are_there_long_before_their_originals(void **state)
{
    struct fleet *f = start(1);

    (void)state;
    for (unsigned i = 0; i < 10; i++)
        fleet_work_document(f, 0, 1, 100000);
    fleet_run(f, 10000);
    assert_int_equal(backlog(f), 0);
    assert_false(fleet_settled(f)); /* 400 s of originals follow */
    fleet_settle(f, 1000000);
    finish(f);
}

static void two_boxes_with_the_same_form_each_have_it_receipted(void **state)
{
    struct fleet *f = start(2);

    (void)state;
    for (unsigned i = 0; i < 40; i++)
        fleet_work_document(f, i % 2, 1, 300);
    fleet_settle(f, 600000);
    assert_true(centre_number(f, "SELECT count(*) - count(DISTINCT sha256) FROM"
                                 " held_blob") > 0);
    finish(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_paper_reaches_the_centre),
        cmocka_unit_test(resend_after_a_lost_receipt_applies_once),
        cmocka_unit_test(a_gap_is_named_and_filled),
        cmocka_unit_test(a_replay_is_answered_with_the_old_receipt),
        cmocka_unit_test(what_another_box_wrote_is_refused_and_both_go_on),
        cmocka_unit_test(a_receipt_that_left_holds_although_the_power_went),
        cmocka_unit_test(a_receipt_that_was_not_stored_is_asked_for_again),
        cmocka_unit_test(a_half_open_link_is_left_and_rejoined),
        cmocka_unit_test(an_original_goes_on_where_the_link_broke),
        cmocka_unit_test(a_restored_centre_asks_again_for_what_it_lost),
        cmocka_unit_test(a_centre_restored_to_before_a_claim_hears_it_again),
        cmocka_unit_test(power_cut_while_a_bundle_is_made_sends_the_same_frames),
        cmocka_unit_test(weeks_without_a_signal_drain_when_it_comes),
        cmocka_unit_test(records_are_there_long_before_their_originals),
        cmocka_unit_test(two_boxes_with_the_same_form_each_have_it_receipted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
