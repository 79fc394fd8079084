/* Contacts of boxes with the centre, message by message, without a socket. */
#include "schema/statements.h"
#include "sync/core.h"
#include "tests/lib/province.h"

#include <stdio.h>
#include <string.h>

struct story {
    struct province p;
    struct hand_box b;
    struct visit c;
    struct parcel parcel;
};

static void begin(struct story *s)
{
    province_start(&s->p, 3);
    hand_box_start(&s->b, &s->p, "Xã An Bình", 11);
    s->c = (struct visit){0};
    s->parcel = (struct parcel){0};
}

static void end(struct story *s)
{
    visit_end(&s->c);
    parcel_release(&s->parcel);
    hand_box_finish(&s->b);
    province_finish(&s->p);
}

/* Three documents, one frame each. */
static void take_three(struct story *s)
{
    (void)hand_box_take(&s->b, "Quyết định về việc cấp đất", NULL);
    (void)hand_box_take(&s->b, "Biên bản họp hội đồng", NULL);
    (void)hand_box_take(&s->b, "Tờ trình xin kinh phí", NULL);
}

static void send_run(struct story *s, uint64_t first, uint64_t last)
{
    parcel_release(&s->parcel);
    hand_box_bundle(&s->b, &s->p, first, last, &s->parcel);
    visit_send(&s->c, &s->parcel);
}

static void expect_refused(const struct story *s, enum refused why)
{
    assert_int_equal(s->c.refusals, 1);
    assert_int_equal(s->c.reason, why);
    assert_false(s->c.open);
}

/* --------------------------------------------------------------------- claims */

static void the_first_answer_to_a_proved_hello_is_the_receipt(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    assert_true(s.c.open);
    assert_int_equal(s.c.receipts, 1);
    assert_int_equal(s.c.receipt.received, 0);
    assert_int_equal(session_site(s.c.session), s.b.enrolment.site);
    assert_true(province_site(&s.p, s.b.enrolment.site).claimed);
    end(&s);
}

static void the_same_claim_again_is_taken_again(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    visit_end(&s.c);
    visit_begin(&s.c, &s.p, &s.b); /* its answer was lost: it claims again */
    assert_true(s.c.open);
    assert_int_equal(s.c.receipts, 1);
    assert_int_equal(province_alarms(&s.p, s.b.enrolment.site, "claim_used"), 0);
    end(&s);
}

static void a_second_use_of_the_secret_is_refused_and_alarmed(void **state)
{
    struct key_pair first;
    struct story s;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    visit_end(&s.c);
    first = s.b.key;
    key_pair_make(&s.b.key, &s.b.random.random);
    visit_begin(&s.c, &s.p, &s.b);
    expect_refused(&s, REFUSED_CLAIM_USED);
    assert_int_equal(s.c.receipts, 0);
    assert_int_equal(province_alarms(&s.p, s.b.enrolment.site, "claim_used"), 1);
    visit_end(&s.c);

    s.b.key = first; /* the box itself goes on as before */
    visit_begin(&s.c, &s.p, &s.b);
    assert_int_equal(s.c.receipts, 1);
    end(&s);
}

static void a_claim_without_the_secret_is_refused(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    s.b.enrolment.secret[0] ^= 1;
    visit_begin(&s.c, &s.p, &s.b);
    expect_refused(&s, REFUSED_FORGED);
    assert_false(province_site(&s.p, s.b.enrolment.site).claimed);
    assert_int_equal(province_alarms(&s.p, s.b.enrolment.site, "forged"), 1);
    end(&s);
}

/* The secret is gone from the centre once it was used. */
static void a_claimed_site_keeps_no_secret(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    assert_int_equal(province_number(&s.p, "SELECT count(secret) FROM site"), 1);
    visit_begin(&s.c, &s.p, &s.b);
    assert_int_equal(province_number(&s.p, "SELECT count(secret) FROM site"), 0);
    end(&s);
}

static void an_unknown_site_is_refused(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    s.b.enrolment.site = 999;
    s.b.claims = false;
    visit_begin(&s.c, &s.p, &s.b);
    expect_refused(&s, REFUSED_UNKNOWN_SITE);
    assert_int_equal(province_alarms(&s.p, 999, "unknown_site"), 1);
    end(&s);
}

static void a_box_that_poses_as_another_is_refused(void **state)
{
    struct hand_box other;
    struct story s;

    (void)state;
    begin(&s);
    hand_box_start(&other, &s.p, "Xã Khác", 12);
    visit_begin(&s.c, &s.p, &s.b);
    visit_end(&s.c);
    visit_begin(&s.c, &s.p, &other);
    visit_end(&s.c);
    other.enrolment.site = s.b.enrolment.site;
    other.claims = false;
    visit_begin(&s.c, &s.p, &other);
    expect_refused(&s, REFUSED_FORGED);
    assert_int_equal(province_alarms(&s.p, s.b.enrolment.site, "forged"), 1);
    hand_box_finish(&other);
    end(&s);
}

/* A hello that somebody wrote down is worth nothing on another connection. */
static void a_hello_of_another_connection_is_refused(void **state)
{
    struct status_vector status = {0};
    struct buffer hello;
    struct story s;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    visit_end(&s.c);
    buffer_init(&hello, 4096);
    message_hello(&hello, s.b.enrolment.site, 1, &status, "one", 3, &s.b.key);
    visit_connect(&s.c, &s.p, "two");
    visit_say(&s.c, &hello);
    expect_refused(&s, REFUSED_FORGED);
    buffer_release(&hello);
    end(&s);
}

static void nothing_is_taken_before_a_hello(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    visit_end(&s.c);
    take_three(&s);
    visit_connect(&s.c, &s.p, "one");
    send_run(&s, 1, 3);
    assert_false(s.c.open);
    assert_int_equal(s.c.receipts + s.c.haves + s.c.refusals, 0);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM journal"), 0);
    end(&s);
}

static void the_status_of_the_last_hello_is_kept(void **state)
{
    struct site_row row;
    struct story s;

    (void)state;
    begin(&s);
    take_three(&s);
    visit_begin(&s.c, &s.p, &s.b);
    row = province_site(&s.p, s.b.enrolment.site);
    assert_int_equal(row.status.last, 3);
    assert_int_equal(row.status.oldest_unsent_s, 60);
    assert_int_equal(row.last_contact.boot, 1);
    end(&s);
}

/* -------------------------------------------------------------------- bundles */

static void a_bundle_is_received_and_applied(void **state)
{
    struct story s;
    uint64_t document;

    (void)state;
    begin(&s);
    take_three(&s);
    visit_begin(&s.c, &s.p, &s.b);
    send_run(&s, 1, 3);
    assert_int_equal(s.c.receipts, 2);
    assert_int_equal(s.c.receipt.received, 3);
    assert_int_equal(s.c.receipt.applied, 0);
    assert_int_equal(province_apply(&s.p), 3);
    assert_int_equal(visit_news(&s.c), 0);
    assert_int_equal(s.c.receipt.applied, 3);
    assert_int_equal(visit_news(&s.c), 0);
    assert_int_equal(s.c.receipts, 3); /* no news, no receipt */
    assert_int_equal(province_search(&s.p, "cap dat", &document), 1);
    assert_int_equal(id_site(document), s.b.enrolment.site);
    end(&s);
}

static void a_replay_is_answered_with_the_receipt_again(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    take_three(&s);
    visit_begin(&s.c, &s.p, &s.b);
    send_run(&s, 1, 3);
    visit_send(&s.c, &s.parcel); /* doubled on the way */
    assert_int_equal(s.c.receipt.received, 3);
    assert_int_equal(province_apply(&s.p), 3);
    visit_end(&s.c);

    visit_begin(&s.c, &s.p, &s.b);
    visit_offer(&s.c, &s.parcel); /* the same bytes, in another contact */
    assert_int_equal(s.c.have, s.parcel.bytes.count);
    assert_int_equal(s.c.receipts, 2);
    send_run(&s, 1, 3); /* the same frames, sealed anew */
    assert_int_equal(s.c.receipts, 3);
    assert_int_equal(s.c.receipt.received, 3);
    assert_int_equal(province_apply(&s.p), 0);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM journal"), 1);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM parked"), 0);
    end(&s);
}

static void runs_that_overlap_take_effect_once(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    take_three(&s);
    visit_begin(&s.c, &s.p, &s.b);
    send_run(&s, 1, 2);
    assert_int_equal(province_apply(&s.p), 2);
    send_run(&s, 1, 3);
    assert_int_equal(s.c.receipt.received, 3);
    assert_int_equal(province_apply(&s.p), 1);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM document"), 3);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM parked"), 0);
    end(&s);
}

static void after_a_gap_a_bundle_is_held_and_the_missing_range_named(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    take_three(&s);
    take_three(&s);
    visit_begin(&s.c, &s.p, &s.b);
    send_run(&s, 1, 1);
    assert_int_equal(s.c.haves, 0);
    send_run(&s, 6, 6);
    assert_int_equal(s.c.haves, 1); /* that it is here, which the receipt does not say */
    assert_int_equal(s.c.have, s.parcel.bytes.count);
    send_run(&s, 4, 5);
    assert_int_equal(s.c.haves, 2);
    visit_offer(&s.c, &s.parcel);
    assert_int_equal(s.c.have, s.parcel.bytes.count);
    assert_int_equal(s.c.receipt.received, 1);
    assert_int_equal(s.c.receipt.missing_first, 2);
    assert_int_equal(s.c.receipt.missing_last, 3);
    assert_int_equal(province_apply(&s.p), 1);

    send_run(&s, 2, 3); /* the gap closes: the held ones follow, in order */
    assert_int_equal(s.c.receipt.received, 6);
    assert_int_equal(s.c.receipt.missing_first, 0);
    assert_int_equal(province_apply(&s.p), 5);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM document"), 6);
    assert_int_equal(
        province_number(&s.p, "SELECT count(*) FROM journal WHERE state <> 'applied'"),
        0);
    end(&s);
}

static void an_altered_bundle_is_refused_and_forgotten(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    take_three(&s);
    visit_begin(&s.c, &s.p, &s.b);
    hand_box_bundle(&s.b, &s.p, 1, 3, &s.parcel);
    s.parcel.bytes.bytes[s.parcel.bytes.count / 2] ^= 1;
    visit_send(&s.c, &s.parcel);
    expect_refused(&s, REFUSED_FORGED);
    assert_int_equal(province_alarms(&s.p, s.b.enrolment.site, "forged"), 1);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM journal"), 0);
    visit_end(&s.c);

    s.parcel.bytes.bytes[s.parcel.bytes.count / 2] ^= 1; /* as it was made */
    visit_begin(&s.c, &s.p, &s.b);
    visit_offer(&s.c, &s.parcel);
    assert_int_equal(s.c.have, 0); /* nothing of the altered one was kept */
    visit_send(&s.c, &s.parcel);
    assert_int_equal(s.c.receipt.received, 3);
    end(&s);
}

/* Also when its id is made to fit: the cipher says who wrote it. */
static void a_forged_bundle_is_refused_wherever_it_was_touched(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    take_three(&s);
    visit_begin(&s.c, &s.p, &s.b);
    visit_end(&s.c);
    for (size_t at = 0;; at += 7) {
        hand_box_bundle(&s.b, &s.p, 1, 3, &s.parcel);
        if (at >= s.parcel.bytes.count)
            break;
        s.parcel.bytes.bytes[at] ^= 0x20;
        parcel_rename(&s.parcel);
        visit_begin(&s.c, &s.p, &s.b);
        visit_send(&s.c, &s.parcel);
        assert_int_equal(s.c.refusals, 1);
        visit_end(&s.c);
        parcel_release(&s.parcel);
    }
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM journal"), 0);
    end(&s);
}

static void a_bundle_that_is_cut_off_is_refused(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    take_three(&s);
    visit_begin(&s.c, &s.p, &s.b);
    hand_box_bundle(&s.b, &s.p, 1, 3, &s.parcel);
    s.parcel.bytes.count -= 30;
    parcel_rename(&s.parcel);
    visit_send(&s.c, &s.parcel);
    expect_refused(&s, REFUSED_FORGED);
    end(&s);
}

static void another_sites_bundle_is_refused(void **state)
{
    struct hand_box other;
    struct story s;

    (void)state;
    begin(&s);
    hand_box_start(&other, &s.p, "Xã Khác", 12);
    (void)hand_box_take(&other, "của xã khác", NULL);
    visit_begin(&s.c, &s.p, &other);
    visit_end(&s.c);
    visit_begin(&s.c, &s.p, &s.b);
    hand_box_bundle(&other, &s.p, 1, 1, &s.parcel);
    visit_send(&s.c, &s.parcel);
    expect_refused(&s, REFUSED_NOT_YOURS);
    assert_int_equal(province_alarms(&s.p, s.b.enrolment.site, "not_yours"), 1);
    hand_box_finish(&other);
    end(&s);
}

/* A box that was put back to an older state and went on differently. */
static void another_history_of_the_same_numbers_is_a_fork(void **state)
{
    const struct chain_range all = {0, 3};
    struct hand_box twin;
    struct story s;

    (void)state;
    begin(&s);
    hand_box_start(&twin, &s.p, "Xã An Bình", 12);
    take_three(&s);
    visit_begin(&s.c, &s.p, &s.b);
    send_run(&s, 1, 2);
    twin.enrolment.site = s.b.enrolment.site;
    twin.key = s.b.key;
    (void)hand_box_take(&twin, "khác", NULL);
    (void)hand_box_take(&twin, "khác nữa", NULL);
    (void)hand_box_take(&twin, "khác hẳn", NULL);
    parcel_release(&s.parcel);
    hand_box_bundle(&twin, &s.p, 2, 2, &s.parcel);
    visit_send(&s.c, &s.parcel);
    assert_int_equal(s.c.refusals, 1);
    assert_int_equal(s.c.reason, REFUSED_FORK);
    visit_ask_chain(&s.c, &twin, &all, 3); /* it goes on: the box may ask where */
    assert_int_equal(s.c.chains, 1);
    assert_int_equal(s.c.chain.first, 0);
    assert_int_equal(s.c.chain.last, 1);
    visit_end(&s.c);

    visit_begin(&s.c, &s.p, &s.b);
    parcel_release(&s.parcel);
    hand_box_bundle(&twin, &s.p, 3, 3, &s.parcel); /* new numbers on another past */
    visit_send(&s.c, &s.parcel);
    assert_int_equal(s.c.reason, REFUSED_FORK);
    assert_int_equal(province_alarms(&s.p, s.b.enrolment.site, "fork"), 1);
    assert_int_equal(province_site(&s.p, s.b.enrolment.site).received, 2);
    hand_box_finish(&twin);
    end(&s);
}

/* tram-sim's seed 764: it waited for ever for what the centre can never take. */
static void what_follows_a_refused_fork_does_not_wait_for_it(void **state)
{
    struct hand_box twin;
    struct story s;
    int64_t held;

    (void)state;
    begin(&s);
    hand_box_start(&twin, &s.p, "Xã An Bình", 12);
    take_three(&s);
    visit_begin(&s.c, &s.p, &s.b);
    send_run(&s, 1, 2);
    twin.enrolment.site = s.b.enrolment.site;
    twin.key = s.b.key;
    for (int i = 0; i < 4; i++)
        (void)hand_box_take(&twin, "khác", NULL);
    for (uint64_t i = 2; i <= 4; i += 2) { /* 4 is behind a gap */
        parcel_release(&s.parcel);
        hand_box_bundle(&twin, &s.p, i, i, &s.parcel);
        visit_send(&s.c, &s.parcel);
        assert_int_equal(s.c.refusals, i / 2);
        assert_int_equal(s.c.reason, REFUSED_FORK);
    }
    must(sql_number(store_db(s.p.centre->store),
                    "SELECT count(*) FROM journal WHERE state = 'held'", &held, &s.p.err),
         &s.p.err);
    assert_int_equal(held, 0);
    hand_box_finish(&twin);
    end(&s);
}

/* What was held unproved does not become believed when the gap closes. */
static void a_held_bundle_of_another_history_is_dropped(void **state)
{
    struct hand_box twin;
    struct story s;

    (void)state;
    begin(&s);
    hand_box_start(&twin, &s.p, "Xã An Bình", 12);
    take_three(&s);
    twin.enrolment.site = s.b.enrolment.site;
    twin.key = s.b.key;
    for (int i = 0; i < 3; i++)
        (void)hand_box_take(&twin, "khác", NULL);
    visit_begin(&s.c, &s.p, &s.b);
    hand_box_bundle(&twin, &s.p, 3, 3, &s.parcel);
    visit_send(&s.c, &s.parcel);
    assert_int_equal(s.c.receipt.missing_last, 2);
    send_run(&s, 1, 2);
    assert_int_equal(s.c.receipt.received, 2);
    assert_int_equal(s.c.receipt.missing_first, 0);
    assert_int_equal(province_alarms(&s.p, s.b.enrolment.site, "fork"), 1);
    send_run(&s, 3, 3);
    assert_int_equal(s.c.receipt.received, 3);
    hand_box_finish(&twin);
    end(&s);
}

/* --------------------------------------------------------------- on their way */

static unsigned char large[150000];

static void make_large(struct story *s)
{
    s->b.random.random.fill(&s->b.random.random, large, sizeof large);
    hand_box_blob(&s->b, &s->p, large, sizeof large, &s->parcel);
}

static void an_original_arrives_bit_for_bit(void **state)
{
    struct receipt_blob *named;
    struct hash sha256;
    struct story s;
    bool sound;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    make_large(&s);
    visit_send(&s.c, &s.parcel);
    hash_of(&sha256, large, sizeof large);
    assert_int_equal(s.c.receipts, 2);
    assert_int_equal(s.c.receipt.blobs_count, 1);
    named = s.c.receipt.blobs;
    assert_int_equal(named->state, BLOB_RECEIVED);
    assert_true(hash_equal(&named->sha256, &sha256));
    must(blob_check(s.p.centre->blobs, &sha256, &sound, &s.p.err), &s.p.err);
    assert_true(sound);
    visit_offer(&s.c, &s.parcel);
    assert_int_equal(s.c.have, s.parcel.bytes.count);
    assert_int_equal(s.c.receipt.blobs_count, 1);
    end(&s);
}

static void an_altered_original_is_refused_and_forgotten(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    make_large(&s);
    s.parcel.bytes.bytes[100000] ^= 1;
    visit_send(&s.c, &s.parcel);
    expect_refused(&s, REFUSED_FORGED);
    assert_int_equal(province_alarms(&s.p, s.b.enrolment.site, "forged"), 1);
    visit_end(&s.c);
    visit_begin(&s.c, &s.p, &s.b);
    visit_offer(&s.c, &s.parcel);
    assert_int_equal(s.c.have, 0);
    end(&s);
}

static void an_original_under_another_name_is_refused(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    make_large(&s);
    s.parcel.id.id[3] ^= 1;
    visit_send(&s.c, &s.parcel);
    expect_refused(&s, REFUSED_FORGED);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM held_blob"), 0);
    end(&s);
}

static void a_broken_link_goes_on_where_it_was(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    make_large(&s);
    visit_send_part(&s.c, &s.parcel, 0, 70000);
    visit_end(&s.c); /* the link broke; the process lives */

    visit_begin(&s.c, &s.p, &s.b);
    visit_offer(&s.c, &s.parcel);
    assert_int_equal(s.c.have, 70000);
    visit_send_part(&s.c, &s.parcel, 70000, s.parcel.bytes.count);
    assert_int_equal(s.c.receipt.blobs_count, 1);
    end(&s);
}

/* HAVE says what is durable, and no more: after a power cut at least 64 KiB of what
 * came are there, and what it says is there is so. */
static void after_a_power_cut_have_is_true(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    make_large(&s);
    visit_send_part(&s.c, &s.parcel, 0, 140000);
    session_destroy(s.c.session); /* after it the disk forgets what was not synced */
    s.c.session = NULL;
    province_power_cut(&s.p);
    must(province_open(&s.p, &s.p.err), &s.p.err);

    visit_begin(&s.c, &s.p, &s.b);
    visit_offer(&s.c, &s.parcel);
    assert_true(s.c.have <= 140000);
    visit_send_part(&s.c, &s.parcel, s.c.have, s.parcel.bytes.count);
    assert_int_equal(s.c.refusals, 0);
    assert_int_equal(s.c.receipt.blobs_count, 1);
    end(&s);
}

static void who_begins_anew_is_told_where_to_go_on(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    make_large(&s);
    visit_send_part(&s.c, &s.parcel, 0, 40960);
    visit_end(&s.c);
    visit_begin(&s.c, &s.p, &s.b);
    visit_send_part(&s.c, &s.parcel, 0, 8192);
    assert_int_equal(s.c.haves, 1); /* said once, not for each block on its way */
    assert_int_equal(s.c.have, 40960);
    visit_send_part(&s.c, &s.parcel, 40960, s.parcel.bytes.count);
    assert_int_equal(s.c.receipt.blobs_count, 1);
    end(&s);
}

static void a_lost_block_is_asked_for(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    make_large(&s);
    visit_send_part(&s.c, &s.parcel, 0, 8192);
    visit_send_part(&s.c, &s.parcel, 12288, 32768);
    assert_int_equal(s.c.haves, 1);
    assert_int_equal(s.c.have, 8192);
    visit_send_part(&s.c, &s.parcel, 8192, s.parcel.bytes.count);
    assert_int_equal(s.c.receipt.blobs_count, 1);
    end(&s);
}

/* A box goes on before it has heard from where. */
static void what_comes_behind_a_gap_is_kept_until_that_is_filled(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    make_large(&s);
    visit_send_part(&s.c, &s.parcel, 0, 70000);
    visit_end(&s.c);

    visit_begin(&s.c, &s.p, &s.b);
    visit_offer(&s.c, &s.parcel);
    visit_send_part(&s.c, &s.parcel, 80000, 120000);
    assert_int_equal(session_bytes_ahead(s.c.session), 40000);
    visit_send_part(&s.c, &s.parcel, 70000, 80000);
    assert_int_equal(session_bytes_ahead(s.c.session), 0);
    visit_send_part(&s.c, &s.parcel, 120000, s.parcel.bytes.count);
    assert_int_equal(s.c.haves, 1);
    assert_int_equal(s.c.receipt.blobs_count, 1);
    end(&s);
}

static void behind_a_gap_no_more_is_kept_than_a_box_may_send(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    make_large(&s);
    visit_offer(&s.c, &s.parcel);
    visit_send_part(&s.c, &s.parcel, 8192, 140000);
    visit_send_part(&s.c, &s.parcel, 0, 8192);
    visit_send_part(&s.c, &s.parcel, 140000, 150000);
    assert_int_equal(s.c.haves, 2);
    assert_int_equal(s.c.have, 8192 + SYNC_AHEAD_BYTES_MAX);
    visit_send_part(&s.c, &s.parcel, s.c.have, s.parcel.bytes.count);
    assert_int_equal(s.c.receipt.blobs_count, 1);
    end(&s);
}

static void records_pass_an_original_on_its_way(void **state)
{
    struct parcel original;
    struct story s;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    make_large(&s);
    original = s.parcel;
    s.parcel = (struct parcel){0};
    visit_send_part(&s.c, &original, 0, 20480);
    take_three(&s);
    send_run(&s, 1, 3);
    assert_int_equal(s.c.receipt.received, 3);
    visit_send_part(&s.c, &original, 20480, original.bytes.count);
    assert_int_equal(s.c.receipt.blobs_count, 1);
    parcel_release(&original);
    end(&s);
}

static void an_object_beyond_all_measure_is_refused(void **state)
{
    struct story s;
    struct buffer b;

    (void)state;
    begin(&s);
    visit_begin(&s.c, &s.p, &s.b);
    buffer_init(&b, 4096);
    message_offer(&b, &s.parcel.id, BUNDLE_BYTES_MAX + 1);
    visit_say(&s.c, &b);
    expect_refused(&s, REFUSED_TOO_BIG);
    buffer_release(&b);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_answer_to_a_proved_hello_is_the_receipt),
        cmocka_unit_test(the_same_claim_again_is_taken_again),
        cmocka_unit_test(a_second_use_of_the_secret_is_refused_and_alarmed),
        cmocka_unit_test(a_claim_without_the_secret_is_refused),
        cmocka_unit_test(a_claimed_site_keeps_no_secret),
        cmocka_unit_test(an_unknown_site_is_refused),
        cmocka_unit_test(a_box_that_poses_as_another_is_refused),
        cmocka_unit_test(a_hello_of_another_connection_is_refused),
        cmocka_unit_test(nothing_is_taken_before_a_hello),
        cmocka_unit_test(the_status_of_the_last_hello_is_kept),
        cmocka_unit_test(a_bundle_is_received_and_applied),
        cmocka_unit_test(a_replay_is_answered_with_the_receipt_again),
        cmocka_unit_test(runs_that_overlap_take_effect_once),
        cmocka_unit_test(after_a_gap_a_bundle_is_held_and_the_missing_range_named),
        cmocka_unit_test(an_altered_bundle_is_refused_and_forgotten),
        cmocka_unit_test(a_forged_bundle_is_refused_wherever_it_was_touched),
        cmocka_unit_test(a_bundle_that_is_cut_off_is_refused),
        cmocka_unit_test(another_sites_bundle_is_refused),
        cmocka_unit_test(another_history_of_the_same_numbers_is_a_fork),
        cmocka_unit_test(what_follows_a_refused_fork_does_not_wait_for_it),
        cmocka_unit_test(a_held_bundle_of_another_history_is_dropped),
        cmocka_unit_test(an_original_arrives_bit_for_bit),
        cmocka_unit_test(an_altered_original_is_refused_and_forgotten),
        cmocka_unit_test(an_original_under_another_name_is_refused),
        cmocka_unit_test(a_broken_link_goes_on_where_it_was),
        cmocka_unit_test(after_a_power_cut_have_is_true),
        cmocka_unit_test(who_begins_anew_is_told_where_to_go_on),
        cmocka_unit_test(a_lost_block_is_asked_for),
        cmocka_unit_test(what_comes_behind_a_gap_is_kept_until_that_is_filled),
        cmocka_unit_test(behind_a_gap_no_more_is_kept_than_a_box_may_send),
        cmocka_unit_test(records_pass_an_original_on_its_way),
        cmocka_unit_test(an_object_beyond_all_measure_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
