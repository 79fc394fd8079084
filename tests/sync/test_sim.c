/* Boxes and a centre in one process: stories of the whole road, with everything that
 * they and the network say in them. */
#include "tests/sim/fleet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "schema/statements.h"
#include "sync/centre/sites.h"
#include "tests/lib/store_template.h"
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
    struct fleet_stale *s = &f->boxes[from].stale[UP];

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

/* --------------------------------------------------------------------- memory */

/* libsodium's own, behind fleet_memo.c. */
int __real_crypto_scalarmult(unsigned char *q, const unsigned char *n,
                             const unsigned char *p);
int __real_crypto_sign_ed25519_pk_to_curve25519(unsigned char *curve,
                                                const unsigned char *ed);

static void agree_without_memory(const struct key_pair *mine,
                                 const struct public_key *theirs,
                                 uint8_t out[SHARED_BYTES])
{
    unsigned char scalar[32], point[32];

    assert_int_equal(crypto_sign_ed25519_sk_to_curve25519(scalar, mine->secret), 0);
    assert_int_equal(__real_crypto_sign_ed25519_pk_to_curve25519(point, theirs->bytes),
                     0);
    assert_int_equal(__real_crypto_scalarmult(out, scalar, point), 0);
}

static void what_libsodium_is_remembered_to_say_is_what_it_says(void **state)
{
    static const char text[] = "frames 1 to 7", other[] = "frames 1 to 8";
    struct random_seeded random;

    (void)state;
    random_seeded_init(&random, 7);
    for (int i = 0; i < 32; i++) {
        uint8_t here[SHARED_BYTES], there[SHARED_BYTES], really[SHARED_BYTES];
        uint8_t signature[SIGNATURE_BYTES];
        struct key_pair a, b;

        key_pair_make(&a, &random.random);
        key_pair_make(&b, &random.random);
        assert_true(key_agree(&a, &b.public_key, here));
        assert_true(key_agree(&b, &a.public_key, there));
        agree_without_memory(&b, &a.public_key, really);
        assert_memory_equal(here, really, sizeof here);
        assert_memory_equal(there, really, sizeof there);
        key_sign(&a, text, sizeof text, signature);
        for (int again = 0; again < 2; again++) {
            assert_true(key_verify(&a.public_key, text, sizeof text, signature));
            assert_false(key_verify(&a.public_key, other, sizeof other, signature));
            assert_false(key_verify(&b.public_key, text, sizeof text, signature));
            for (size_t at = 0; at < sizeof signature; at++) {
                signature[at] ^= 1;
                assert_false(key_verify(&a.public_key, text, sizeof text, signature));
                signature[at] ^= 1;
            }
        }
    }
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
                 "0.336s  centre   receipts box 1: received 1, applied 1\n"
                 "0.386s  box 1    sent an original of 5064 bytes\n"
                 "0.486s  centre   receipts box 1: received 2, applied 1\n"
                 "0.486s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "0.536s  centre   applies 1\n"
                 "0.536s  centre   receipts box 1: received 2, applied 2\n"
                 "0.636s  box 1    receipt: received 2, applied 1, safe 0, 0 originals\n"
                 "0.686s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "2.539s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "2.703s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
                 "2.703s  box 1    all received\n");
    finish(f);
}

static void resend_after_a_lost_receipt_applies_once(void **state)
{
    struct fleet *f = start(1);

    (void)state;
    fleet_work_document(f, 0, 1, 500);
    fleet_run(f, 850); /* both have left; the receipts are on their way */
    fleet_net_break(f, link_of(f, 0), 500, 500);
    fleet_run(f, 60000);
    expect_story(f,
                 "0.200s  box 1    says hello, 1 to send\n"
                 "0.200s  box 1    sent 2 to 2\n"
                 "0.236s  box 1    sent an original of 564 bytes\n"
                 "0.336s  centre   receipts box 1: received 1, applied 1\n"
                 "0.486s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "0.526s  centre   receipts box 1: received 2, applied 1\n"
                 "0.536s  centre   applies 1\n"
                 "0.536s  centre   receipts box 1: received 2, applied 2\n"
                 "0.676s  box 1    receipt: received 2, applied 1, safe 0, 0 originals\n"
                 "0.726s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "0.766s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "1.350s  box 1    link down, try 2 follows\n"
                 "2.204s  box 1    says hello, 0 to send\n"
                 "2.339s  centre   receipts box 1: received 2, applied 2\n"
                 "2.350s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "2.489s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "2.500s  box 1    sent an original of 564 bytes\n"
                 "2.564s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
                 "2.564s  box 1    all received\n");
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
                 "0.336s  centre   receipts box 1: received 1, applied 1\n"
                 "0.486s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "3.540s  box 1    sent 3 to 3\n"
                 "5.350s  box 1    sent an original of 20064 bytes\n"
                 "5.450s  centre   receipts box 1: received 1, applied 1, names a gap\n"
                 "5.611s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "7.002s  box 1    sent 2 to 2\n"
                 "8.488s  box 1    sent an original of 564 bytes\n" /* 3 is held */
                 "8.588s  centre   receipts box 1: received 1, applied 1, names a gap\n"
                 "8.746s  centre   receipts box 1: received 3, applied 1\n"
                 "8.752s  box 1    receipt: received 1, applied 1, safe 0, 1 originals\n"
                 "8.788s  centre   applies 2\n"
                 "8.788s  centre   receipts box 1: received 3, applied 3\n"
                 "8.896s  box 1    receipt: received 3, applied 1, safe 0, 0 originals\n"
                 "8.946s  box 1    receipt: received 3, applied 3, safe 0, 0 originals\n"
                 "8.986s  centre   receipts box 1: received 3, applied 3, an original\n"
                 "9.150s  box 1    receipt: received 3, applied 3, safe 0, 1 originals\n"
                 "9.150s  box 1    all received\n");
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
                 "0.336s  centre   receipts box 1: received 2, applied 2\n"
                 "0.486s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "0.506s  centre   receipts box 1: received 3, applied 2\n"
                 "0.536s  centre   applies 1\n"
                 "0.536s  centre   receipts box 1: received 3, applied 3\n"
                 "0.656s  box 1    receipt: received 3, applied 2, safe 0, 0 originals\n"
                 "0.706s  box 1    receipt: received 3, applied 3, safe 0, 0 originals\n"
                 "3.940s  box 1    sent an original of 20064 bytes\n"
                 "4.040s  centre   receipts box 1: received 3, applied 3\n"
                 "4.201s  box 1    receipt: received 3, applied 3, safe 0, 0 originals\n"
                 "8.830s  centre   receipts box 1: received 3, applied 3, an original\n"
                 "8.994s  box 1    receipt: received 3, applied 3, safe 0, 1 originals\n"
                 "8.994s  box 1    all received\n");
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
           "0.336s  centre   receipts box 1: received 1, applied 1\n"
           "0.486s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
           "0.579s  centre   receipts box 1: received 2, applied 1\n"
           "0.729s  box 1    receipt: received 2, applied 1, safe 0, 0 originals\n"
           "0.779s  centre   applies 1\n"
           "0.779s  centre   receipts box 1: received 2, applied 2\n"
           "0.929s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
           "4.003s  box 1    sent an original of 20064 bytes\n"
           "4.103s  centre   refuses box 1: not_yours\n"
           "4.211s  box 1    refused: not_yours\n"
           "3507.320s  box 2    says hello, 0 to send\n"
           "3507.455s  centre   receipts box 2: received 2, applied 2\n"
           "3507.605s  box 2    receipt: received 2, applied 2, safe 0, 0 originals\n"
           "3507.605s  box 2    all received\n"
           "3604.411s  box 1    says hello, 0 to send\n"
           "3604.547s  centre   receipts box 1: received 2, applied 2\n"
           "3604.697s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
           "3608.012s  box 1    sent an original of 20064 bytes\n"
           "3609.598s  centre   receipts box 1: received 2, applied 2, an original\n"
           "3609.762s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
           "3609.762s  box 1    all received\n");
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
                 "0.236s  box 1    sent an original of 564 bytes\n"
                 "0.336s  centre   receipts box 1: received 1, applied 1\n"
                 "0.486s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "0.526s  centre   receipts box 1: received 2, applied 1\n"
                 "0.526s  centre   loses power\n"
                 "5.004s  centre   boots\n"
                 "5.204s  centre   applies 1\n"
                 "25.486s  box 1    the centre is silent\n"
                 "25.486s  box 1    link down, try 2 follows\n"
                 "26.340s  box 1    says hello, 1 to send\n"
                 "26.340s  box 1    sent 2 to 2\n"
                 "26.476s  centre   receipts box 1: received 2, applied 2\n"
                 "26.626s  box 1    asks whether what the centre has up to 2 is ours\n"
                 "26.666s  centre   receipts box 1: received 2, applied 2\n"
                 "26.881s  box 1    the centre's frames are ours up to 2\n"
                 "26.881s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "26.881s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "26.881s  box 1    sent an original of 564 bytes\n"
                 "27.221s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "27.385s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
                 "27.385s  box 1    all received\n");
    finish(f);
}

static void a_receipt_that_was_not_stored_is_asked_for_again(void **state)
{
    struct fleet *f = start(1);

    (void)state;
    fleet_work_document(f, 0, 1, 500);
    fleet_run(f, 620);
    machine_die_after(&f->boxes[0].machine, 2);
    fleet_settle(f, 120000);
    expect_story(f,
                 "0.200s  box 1    says hello, 1 to send\n"
                 "0.200s  box 1    sent 2 to 2\n"
                 "0.236s  box 1    sent an original of 564 bytes\n"
                 "0.336s  centre   receipts box 1: received 1, applied 1\n"
                 "0.486s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "0.526s  centre   receipts box 1: received 2, applied 1\n"
                 "0.536s  centre   applies 1\n"
                 "0.536s  centre   receipts box 1: received 2, applied 2\n"
                 "0.676s  box 1    loses power\n"
                 "0.766s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "15.154s  box 1    boots\n"
                 "15.354s  box 1    says hello, 1 to send\n"
                 "15.354s  box 1    sent 2 to 2\n"
                 "15.490s  centre   receipts box 1: received 2, applied 2\n"
                 "15.640s  box 1    asks whether what the centre has up to 2 is ours\n"
                 "15.680s  centre   receipts box 1: received 2, applied 2\n"
                 "15.691s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "15.852s  box 1    sent an original of 564 bytes\n"
                 "15.950s  box 1    the centre's frames are ours up to 2\n"
                 "15.950s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "15.950s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "15.950s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
                 "15.950s  box 1    all received\n");
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
                 "0.236s  box 1    sent an original of 564 bytes\n"
                 "25.236s  box 1    the centre is silent\n"
                 "25.236s  box 1    link down, try 2 follows\n"
                 "26.090s  box 1    says hello, 1 to send\n"
                 "26.090s  box 1    sent 2 to 2\n"
                 "26.226s  centre   receipts box 1: received 1, applied 1\n"
                 "26.376s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "26.416s  centre   receipts box 1: received 2, applied 1\n"
                 "26.426s  centre   applies 1\n"
                 "26.426s  centre   receipts box 1: received 2, applied 2\n"
                 "26.566s  box 1    receipt: received 2, applied 1, safe 0, 0 originals\n"
                 "26.616s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "26.627s  box 1    sent an original of 564 bytes\n"
                 "26.967s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "27.131s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
                 "27.131s  box 1    all received\n");
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
                 "0.336s  centre   receipts box 1: received 1, applied 1\n"
                 "0.486s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "0.587s  centre   receipts box 1: received 2, applied 1\n"
                 "0.737s  box 1    receipt: received 2, applied 1, safe 0, 0 originals\n"
                 "0.787s  centre   applies 1\n"
                 "0.787s  centre   receipts box 1: received 2, applied 2\n"
                 "0.937s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "30.000s  box 1    link down, try 2 follows\n"
                 "30.854s  box 1    says hello, 0 to send\n"
                 "30.990s  centre   receipts box 1: received 2, applied 2\n"
                 "31.140s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "40.813s  box 1    sent an original of 100080 bytes\n"
                 "43.289s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "43.453s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
                 "43.453s  box 1    all received\n");
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
                 "2.335s  centre   receipts box 1: received 2, applied 2\n"
                 "2.485s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "2.485s  box 1    sent 3 to 3\n"
                 "2.711s  box 1    sent an original of 364 bytes\n"
                 "2.811s  centre   receipts box 1: received 3, applied 2\n"
                 "2.871s  box 1    sent an original of 564 bytes\n"
                 "2.961s  box 1    receipt: received 3, applied 2, safe 0, 0 originals\n"
                 "2.971s  centre   receipts box 1: received 3, applied 2, an original\n"
                 "3.011s  centre   applies 1\n"
                 "3.011s  centre   receipts box 1: received 3, applied 3\n"
                 "3.111s  box 1    sent an original of 664 bytes\n"
                 "3.146s  box 1    receipt: received 3, applied 2, safe 0, 1 originals\n"
                 "3.196s  box 1    receipt: received 3, applied 3, safe 0, 0 originals\n"
                 "3.211s  centre   receipts box 1: received 3, applied 3, an original\n"
                 "3.386s  box 1    receipt: received 3, applied 3, safe 0, 1 originals\n"
                 "3.491s  centre   receipts box 1: received 3, applied 3, an original\n"
                 "3.655s  box 1    receipt: received 3, applied 3, safe 0, 1 originals\n"
                 "3.655s  box 1    all received\n");
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
                 "0.335s  centre   refuses box 1: unknown_site\n"
                 "0.443s  box 1    refused: unknown_site\n"
                 "1.643s  box 1    says hello, 0 to send\n"
                 "1.833s  centre   receipts box 1: received 0, applied 0\n"
                 "1.983s  box 1    receipt: received 0, applied 0, safe 0, 0 originals\n"
                 "1.983s  box 1    sent 1 to 1\n"
                 "2.234s  box 1    sent an original of 564 bytes\n"
                 "2.334s  centre   receipts box 1: received 1, applied 0\n"
                 "2.484s  box 1    receipt: received 1, applied 0, safe 0, 0 originals\n"
                 "2.534s  centre   applies 1\n"
                 "2.534s  centre   receipts box 1: received 1, applied 1\n"
                 "2.574s  centre   receipts box 1: received 1, applied 1, an original\n"
                 "2.684s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "2.748s  box 1    receipt: received 1, applied 1, safe 0, 1 originals\n"
                 "2.748s  box 1    all received\n");
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
                 "0.336s  centre   receipts box 1: received 1, applied 1\n"
                 "14.678s  box 1    boots\n"
                 "14.878s  box 1    says hello, 1 to send\n"
                 "14.878s  box 1    sent 2 to 2\n"
                 "14.914s  box 1    sent an original of 564 bytes\n"
                 "15.014s  centre   receipts box 1: received 1, applied 1\n"
                 "15.164s  box 1    receipt: received 1, applied 1, safe 0, 0 originals\n"
                 "15.204s  centre   receipts box 1: received 2, applied 1\n"
                 "15.214s  centre   applies 1\n"
                 "15.214s  centre   receipts box 1: received 2, applied 2\n"
                 "15.214s  centre   receipts box 1: received 2, applied 2\n"
                 "15.354s  box 1    receipt: received 2, applied 1, safe 0, 0 originals\n"
                 "15.404s  box 1    receipt: received 2, applied 2, safe 0, 0 originals\n"
                 "15.444s  centre   receipts box 1: received 2, applied 2, an original\n"
                 "15.608s  box 1    receipt: received 2, applied 2, safe 0, 1 originals\n"
                 "15.608s  box 1    all received\n");
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

/* All of a store's schema, and what each table holds. */
static void dump(sqlite3 *db, struct buffer *out)
{
    static const char *const sql[] = {
        "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name",
        "SELECT * FROM table_kind ORDER BY name",
        "SELECT * FROM identity",
        "SELECT * FROM sync_state",
        "SELECT * FROM boot",
        "SELECT application_id, user_version, page_size, page_count FROM"
        " pragma_application_id, pragma_user_version, pragma_page_size,"
        " pragma_page_count",
    };

    for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
        sqlite3_stmt *s;
        struct err e;

        must(statements_prepare(db, &s, &sql[i], 1, &e), &e);
        while (statement_step(s, &e) == 1)
            for (int k = 0; k < sqlite3_column_count(s); k++)
                buffer_append_format(out, "%s|", (const char *)sqlite3_column_text(s, k));
        statements_finalize(&s, 1);
    }
}

static void a_new_machine_begins_as_init_makes_it(void **state)
{
    static const struct store_identity who = {.site = 7, .epoch = 1, .name = "Xã 7"};
    static const int64_t no_time = 0;
    struct buffer dumps[2];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct fleet_machine m = {0};
        struct store *s;
        struct err e;

        must(store_template_make(&e), &e);
        must(disk_sim_create(&m.disk, 1, &e), &e);
        machine_clock_init(&m, &no_time);
        must(disk_make_dirs(m.disk, "/box", &e), &e);
        if (i == 1)
            must(store_template_lay(m.disk, "/box", &e), &e);
        must(store_init(m.disk, &m.clock.clock, "/box", &who, &e), &e);
        must(store_open(&s, m.disk, &m.clock.clock, "/box", &e), &e);
        buffer_init(&dumps[i], 1 << 20);
        dump(store_db(s), &dumps[i]);
        store_close(s);
        disk_sim_destroy(m.disk);
    }
    assert_true(dumps[0].count > 10000);
    assert_int_equal(dumps[0].count, dumps[1].count);
    assert_memory_equal(dumps[0].bytes, dumps[1].bytes, dumps[0].count);
    buffer_release(&dumps[0]);
    buffer_release(&dumps[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_libsodium_is_remembered_to_say_is_what_it_says),
        cmocka_unit_test(a_new_machine_begins_as_init_makes_it),
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
