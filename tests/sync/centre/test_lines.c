/* A box that was put back goes on from an older frame: what the centre has beyond that
 * comes back to it, and both ends end equal. */
#include <stdio.h>
#include <string.h>

#include "schema/chain.h"
#include "schema/fork.h"
#include "schema/statements.h"
#include "sync/centre/lines.h"
#include "sync/centre/receipts.h"
#include "tests/lib/dossiers.h"

static struct pair p;
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
    pair_finish(&p);
    return 0;
}

/* Three dossiers that both ends have; the box's card is copied; two more are made, sent
 * and applied; the copy is put back under a new epoch. */
static void a_box_that_was_put_back(void)
{
    for (unsigned i = 1; i <= 3; i++)
        dossiers_make(&p, i, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    dossiers_make(&p, 4, "bị quên");
    dossiers_title(&p, "D-1", "đổi trước", true);
    pair_settle(&p);
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
}

static void carry_all(void)
{
    assert_int_equal(pair_carry_up(&p, 1, pair_box_last(&p)), JOURNAL_TAKEN);
    pair_settle(&p);
}

static void a_box_put_back_gets_back_what_it_lost(void **state)
{
    (void)state;
    a_box_that_was_put_back();
    assert_int_equal(dossiers_count(&p, "code = 'D-4'", true), 0);
    dossiers_make(&p, 5, "sau khi khôi phục");
    carry_all();
    assert_int_equal(dossiers_count(&p, "code = 'D-4'", true), 1);
    assert_int_equal(dossiers_count(&p, "code = 'D-1' AND title = 'đổi trước'", true), 1);
    assert_int_equal(dossiers_count(&p, "code = 'D-5'", false), 1);
    dossiers_expect_equal(&p, 3);
}

static void the_new_line_counts_from_the_last_common_frame(void **state)
{
    struct site_row site;

    (void)state;
    a_box_that_was_put_back();
    dossiers_make(&p, 5, "mới");
    carry_all();
    site = province_site(&p.p, p.site);
    assert_int_equal(site.epoch, 2);
    assert_int_equal(site.received, pair_box_last(&p));
    assert_int_equal(site.applied, pair_box_last(&p));
    assert_true(site.alarms == 1);
}

static void of_the_same_column_the_box_put_back_wins_and_a_conflict_says_so(void **state)
{
    (void)state;
    a_box_that_was_put_back();
    dossiers_title(&p, "D-1", "đổi sau", true);
    carry_all();
    assert_int_equal(dossiers_count(&p, "title = 'đổi sau'", false), 1);
    assert_int_equal(dossiers_count(&p, "title = 'đổi sau'", true), 1);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM conflict"), 1);
    dossiers_expect_equal(&p, 3);
}

static void a_shorter_new_line_is_a_line_too(void **state)
{
    (void)state;
    a_box_that_was_put_back();
    dossiers_make(&p, 5, "một");
    assert_true(pair_box_last(&p) < province_site(&p.p, p.site).received);
    carry_all();
    assert_int_equal(province_site(&p.p, p.site).received, pair_box_last(&p));
    dossiers_expect_equal(&p, 3);
}

static void a_new_box_in_the_place_of_a_lost_one_gets_everything(void **state)
{
    (void)state;
    pair_box_keep(&p, &kept); /* as good as new: it has made nothing */
    for (unsigned i = 1; i <= 5; i++)
        dossiers_make(&p, i, "của hộp đã mất");
    pair_settle(&p);
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    dossiers_make(&p, 6, "hộp mới");
    carry_all();
    assert_int_equal(dossiers_count(&p, "1", true), 6);
    dossiers_expect_equal(&p, 3);
}

static void a_new_line_waits_until_the_old_one_is_applied(void **state)
{
    (void)state;
    dossiers_make(&p, 1, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    dossiers_make(&p, 2, "cũ");
    assert_int_equal(pair_carry_up(&p, 1, 2), JOURNAL_TAKEN);
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    dossiers_make(&p, 3, "mới");
    assert_int_equal(pair_carry_up(&p, 1, pair_box_last(&p)), JOURNAL_HELD);
    assert_int_equal(province_site(&p.p, p.site).epoch, 1);
    (void)pair_apply_up(&p, 1000);
    assert_int_equal(province_site(&p.p, p.site).epoch, 2);
    pair_settle(&p);
    assert_int_equal(dossiers_count(&p, "1", true), 3);
    dossiers_expect_equal(&p, 3);
}

static void a_correction_that_the_box_had_seen_before_is_not_undone(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 2; i++)
        dossiers_make(&p, i, "chung");
    pair_settle(&p);
    dossiers_title(&p, "D-1", "tỉnh sửa", false);
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    dossiers_make(&p, 3, "bị quên");
    dossiers_title(&p, "D-2", "tỉnh sửa sau", false);
    pair_settle(&p);
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    dossiers_make(&p, 4, "mới");
    carry_all();
    assert_int_equal(dossiers_count(&p, "title = 'tỉnh sửa'", true), 1);
    assert_int_equal(dossiers_count(&p, "title = 'tỉnh sửa sau'", true), 1);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM conflict"), 0);
    dossiers_expect_equal(&p, 3);
}

static void the_old_lines_bundles_are_known_when_they_come_again(void **state)
{
    struct pair_kept later;

    (void)state;
    dossiers_make(&p, 1, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    dossiers_make(&p, 2, "cũ");
    pair_settle(&p);
    pair_box_keep(&p, &later);
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    dossiers_make(&p, 3, "mới");
    carry_all();
    pair_box_put_back(&p, &later); /* a stick of then turns up */
    assert_int_equal(pair_carry_up(&p, 1, 2), JOURNAL_KNOWN);
    assert_int_equal(pair_carry_up(&p, 2, 2), JOURNAL_KNOWN);
    assert_int_equal(province_site(&p.p, p.site).epoch, 2);
}

static void what_the_province_changed_of_a_lost_frame_comes_back_behind_it(void **state)
{
    (void)state;
    dossiers_make(&p, 1, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    dossiers_make(&p, 2, "bị quên");
    pair_settle(&p);
    dossiers_title(&p, "D-2", "tỉnh sửa",
                   false); /* made having seen what the box has lost */
    dossiers_put_back(&p, &kept, 2);
    dossiers_make(&p, 3, "mới");
    carry_all();
    assert_int_equal(dossiers_count(&p, "code = 'D-2' AND title = 'tỉnh sửa'", true), 1);
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM parked"), 0);
    dossiers_expect_equal(&p, 3);
}

/* It has come down before the box could say that it was put back. */
static void a_change_that_stands_on_lost_frames_waits_for_them(void **state)
{
    (void)state;
    dossiers_make(&p, 1, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    dossiers_make(&p, 2, "bị quên");
    dossiers_title(&p, "D-1", "hộp sửa", true);
    pair_settle(&p);
    dossiers_title(&p, "D-2", "tỉnh sửa", false);
    dossiers_title(&p, "D-1", "tỉnh sửa sau", false);
    dossiers_put_back(&p, &kept, 2);
    assert_int_equal(pair_carry_down(&p, 1), INCOMING_TAKEN);
    assert_int_equal(pair_apply_down(&p, 10), 2);
    assert_int_equal(dossiers_count(&p, "title = 'tỉnh sửa sau'", true), 0);
    assert_int_equal(pair_problems(&p), 0);
    dossiers_make(&p, 3, "mới");
    carry_all();
    assert_int_equal(dossiers_count(&p, "title LIKE 'tỉnh sửa%'", true), 2);
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM parked"), 0);
    dossiers_expect_equal(&p, 3);
}

static void between_two_lost_frames_the_later_one_still_wins(void **state)
{
    (void)state;
    dossiers_make(&p, 1, "chung");
    dossiers_make(&p, 2, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    dossiers_title(&p, "D-1", "một", true);
    pair_settle(&p);
    dossiers_title(&p, "D-1", "hai, của tỉnh", false);
    pair_settle(&p);
    dossiers_title(&p, "D-1", "ba", true);
    pair_settle(&p);
    dossiers_put_back(&p, &kept, 2);
    dossiers_make(&p, 3, "mới");
    carry_all();
    assert_int_equal(dossiers_count(&p, "title = 'ba'", true), 1);
    dossiers_expect_equal(&p, 3);
}

/* Twice put back, the second time to before the first. */
static void a_line_may_be_left_before_where_it_began(void **state)
{
    struct pair_kept first;

    (void)state;
    dossiers_make(&p, 1, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &first);
    dossiers_make(&p, 2, "quên hai lần");
    pair_settle(&p);
    dossiers_title(&p, "D-2", "tỉnh sửa", false);
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    dossiers_make(&p, 3, "quên");
    pair_settle(&p);
    dossiers_put_back(&p, &kept, 2);
    dossiers_make(&p, 4, "của dòng hai");
    carry_all();
    dossiers_title(&p, "D-3", "tỉnh sửa ba", false);
    pair_settle(&p);
    dossiers_expect_equal(&p, 3);
    dossiers_put_back(&p, &first, 3);
    dossiers_make(&p, 5, "của dòng ba");
    carry_all();
    assert_int_equal(dossiers_count(&p, "1", true), 5);
    assert_int_equal(dossiers_count(&p, "title LIKE 'tỉnh sửa%'", true), 2);
    dossiers_expect_equal(&p, 3);
}

/* ------------------------------------------------------------- in another order */

static void a_later_bundle_before_the_first_of_a_line_is_held(void **state)
{
    (void)state;
    a_box_that_was_put_back();
    dossiers_make(&p, 5, "một");
    dossiers_make(&p, 6, "hai");
    dossiers_make(&p, 7, "ba");
    assert_int_equal(pair_carry_up(&p, 5, 5), JOURNAL_HELD);
    assert_int_equal(pair_carry_up(&p, 6, 6), JOURNAL_HELD);
    assert_int_equal(province_site(&p.p, p.site).alarms, 0);
    assert_int_equal(pair_carry_up(&p, 4, 4), JOURNAL_TAKEN);
    assert_int_equal(province_site(&p.p, p.site).received, 6);
    pair_settle(&p);
    assert_int_equal(dossiers_count(&p, "1", true), 7);
    dossiers_expect_equal(&p, 3);
}

static void a_later_bundle_is_held_while_the_first_waits(void **state)
{
    (void)state;
    dossiers_make(&p, 1, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    dossiers_make(&p, 2, "cũ");
    assert_int_equal(pair_carry_up(&p, 1, 2), JOURNAL_TAKEN);
    dossiers_put_back(&p, &kept, 2);
    dossiers_make(&p, 3, "mới");
    dossiers_make(&p, 4, "mới hơn");
    assert_int_equal(pair_carry_up(&p, 3, 3), JOURNAL_HELD);
    assert_int_equal(pair_carry_up(&p, 2, 2), JOURNAL_HELD);
    assert_int_equal(pair_apply_up(&p, 1000), 3);
    assert_int_equal(province_site(&p.p, p.site).epoch, 2);
    pair_settle(&p);
    assert_int_equal(dossiers_count(&p, "1", true), 4);
    dossiers_expect_equal(&p, 3);
}

static void what_is_held_of_no_line_is_bounded(void **state)
{
    (void)state;
    a_box_that_was_put_back();
    for (unsigned i = 0; i < 3; i++)
        dossiers_make(&p, 10 + i, "chờ");
    must(sql_run(store_db(p.p.centre->store),
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                 " WHERE i < 4095) INSERT INTO journal (site, first, last, object, state,"
                 " bytes) SELECT 1, 100000 + i, 100000 + i, i, 'held', x'00' FROM n",
                 &p.err),
         &p.err);
    assert_int_equal(pair_carry_up(&p, 6, 6), JOURNAL_HELD);
    pair_refused_up(&p, 5, 5, REFUSED_TOO_BIG);
    assert_int_equal(province_site(&p.p, p.site).alarms, 1);
}

/* As no program of ours makes it. */
static void frame_becomes(uint64_t sequence, const void *bytes, size_t bytes_count)
{
    static const char *const sql[] = {
        "SELECT chain, schema FROM changelog WHERE sequence = ?1 - 1",
        "UPDATE changelog SET changeset = ?2, chain = ?3 WHERE sequence = ?1"};
    sqlite3_stmt *s[2];
    struct hash chain = {{0}};

    must(statements_prepare(store_db(p.box->store), s, sql, 2, &p.err), &p.err);
    (void)sqlite3_bind_int64(s[0], 1, (sqlite3_int64)sequence);
    assert_int_equal(statement_step(s[0], &p.err), 1);
    assert_true(column_hash(s[0], 0, &chain));
    chain_next(&chain, &chain, sequence, (uint32_t)sqlite3_column_int(s[0], 1), bytes,
               bytes_count);
    (void)sqlite3_bind_int64(s[1], 1, (sqlite3_int64)sequence);
    bind_blob(s[1], 2, bytes, bytes_count);
    bind_blob(s[1], 3, chain.bytes, HASH_BYTES);
    must(statement_run(s[1], &p.err), &p.err);
    statements_finalize(s, 2);
}

/* Frame `sequence` also takes away what frame `made` has made. */
static void frame_deletes_too(uint64_t sequence, uint64_t made)
{
    static const char *const sql = "SELECT changeset FROM changelog WHERE sequence = ?1";
    sqlite3_stmt *s;
    void *gone = NULL, *both = NULL;
    int gone_count = 0, count_both = 0;

    must(statements_prepare(store_db(p.box->store), &s, &sql, 1, &p.err), &p.err);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)made);
    assert_int_equal(statement_step(s, &p.err), 1);
    assert_int_equal(sqlite3changeset_invert(sqlite3_column_bytes(s, 0),
                                             sqlite3_column_blob(s, 0), &gone_count,
                                             &gone),
                     SQLITE_OK);
    (void)sqlite3_bind_int64(statement_fresh(s), 1, (sqlite3_int64)sequence);
    assert_int_equal(statement_step(s, &p.err), 1);
    assert_int_equal(sqlite3changeset_concat(sqlite3_column_bytes(s, 0),
                                             (void *)(uintptr_t)sqlite3_column_blob(s, 0),
                                             gone_count, gone, &count_both, &both),
                     SQLITE_OK);
    statements_finalize(&s, 1);
    frame_becomes(sequence, both, (size_t)count_both);
    sqlite3_free(gone);
    sqlite3_free(both);
}

static void a_frame_that_is_not_sound(void (*becomes)(void))
{
    dossiers_make(&p, 1, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    dossiers_make(&p, 2, "bị quên");
    pair_settle(&p);
    dossiers_title(&p, "D-1", "còn", true);
    becomes();
    assert_int_equal(pair_carry_up(&p, 3, 3), JOURNAL_TAKEN);
    (void)pair_apply_up(&p, 10);
    dossiers_put_back(&p, &kept, 2);
    dossiers_make(&p, 4, "mới");
    carry_all();
    assert_int_equal(dossiers_count(&p, "1", true), 3);
    assert_int_equal(province_site(&p.p, p.site).alarms, 2); /* restored, damaged */
    dossiers_title(&p, "D-1", "về sau", true);
    pair_settle(&p);
    dossiers_expect_equal(&p, 3);
}

static void deletes(void)
{
    frame_deletes_too(3, 2);
}

static void is_garbage(void)
{
    frame_becomes(3, "T\001\001x", 4);
}

static void what_of_a_lost_frame_cannot_be_given_is_left_out(void **state)
{
    (void)state;
    a_frame_that_is_not_sound(deletes);
}

static void a_lost_frame_that_is_malformed_is_passed_over(void **state)
{
    (void)state;
    a_frame_that_is_not_sound(is_garbage);
}

static void a_receipt_of_the_line_before_speaks_only_of_what_is_common(void **state)
{
    struct outbox_numbers n;
    struct sync_config config;
    struct outbox *outbox;
    struct receipt r;
    struct buffer bytes;

    (void)state;
    a_box_that_was_put_back();
    for (unsigned i = 5; i <= 8; i++)
        dossiers_make(&p, i, "chưa gửi");
    must(site_receipt(p.p.centre, p.site, &r, &p.err), &p.err);
    assert_int_equal(r.received, 5);
    buffer_init(&bytes, RECEIPT_BYTES_MAX);
    receipt_encode(&r, &p.p.centre->key, &bytes);
    must(outbox_create(&outbox, p.box, &p.random.random, &p.err), &p.err);
    must(outbox_store_receipt(outbox, bytes.bytes, bytes.count, &p.err), &p.err);
    must(outbox_numbers(outbox, &n, &p.err), &p.err);
    assert_int_equal(n.received, 3);
    assert_int_equal(n.applied, 3);
    must(outbox_config(outbox, &config, &p.err), &p.err);
    assert_int_equal(config.line_last[1], 3);
    assert_int_equal(config.received, 3);
    outbox_destroy(outbox);
    buffer_release(&bytes);
}

/* A program before schema 9 kept no names of frames. */
static void what_an_older_program_took_gets_its_names(void **state)
{
    (void)state;
    a_box_that_was_put_back();
    dossiers_make(&p, 5, "mới");
    carry_all();
    must(store_apply_begin(p.p.centre->store, &p.err), &p.err);
    must(sql_run(store_db(p.p.centre->store),
                 "DELETE FROM line; UPDATE journal_frame SET epoch = 1", &p.err),
         &p.err);
    must(store_apply_commit(p.p.centre->store, &p.err), &p.err);
    province_close(&p.p);
    must(province_open(&p.p, &p.err), &p.err);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM line"), 2);
    assert_int_equal(
        pair_centre_number(&p, "SELECT parent * 10 + after FROM line WHERE epoch = 2"),
        13);
    dossiers_expect_equal(&p, 5);
}

/* A box that says it has less each time leaves one bundle, not a heap of them. */
static void a_longer_bundle_takes_the_place_of_those_it_holds(void **state)
{
    struct down_sealed sealed;
    bool found;

    (void)state;
    dossiers_make(&p, 1, "chung");
    pair_settle(&p);
    for (unsigned i = 0; i < 4; i++)
        dossiers_title(&p, "D-1", i % 2 ? "một" : "hai", false);
    for (uint64_t from = 4; from > 0; from--) {
        must(down_bundle(p.p.centre, p.site, from, &sealed, &found, &p.err), &p.err);
        assert_true(found);
        assert_int_equal(sealed.first, from);
        assert_int_equal(sealed.last, 4);
        down_sealed_release(&sealed);
    }
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM down_bundle"), 1);
    pair_settle(&p);
    dossiers_expect_equal(&p, 1);
}

static void a_new_line_that_waited_when_the_power_went_begins_later(void **state)
{
    (void)state;
    dossiers_make(&p, 1, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    dossiers_make(&p, 2, "cũ");
    assert_int_equal(pair_carry_up(&p, 1, 2), JOURNAL_TAKEN);
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    dossiers_make(&p, 3, "mới");
    assert_int_equal(pair_carry_up(&p, 1, pair_box_last(&p)), JOURNAL_HELD);
    assert_int_equal(pair_apply_up(&p, 1), 1); /* all it may: and then the power goes */
    assert_int_equal(province_site(&p.p, p.site).epoch, 1);
    assert_int_equal(pair_apply_up(&p, 1000), 1);
    assert_int_equal(province_site(&p.p, p.site).epoch, 2);
    pair_settle(&p);
    dossiers_expect_equal(&p, 3);
}

/* The newest frame goes up as one of this epoch. */
static void refused_as_epoch(int epoch, enum refused why)
{
    char sql[96];

    (void)snprintf(sql, sizeof sql,
                   "UPDATE changelog SET epoch = %d WHERE sequence = %llu", epoch,
                   (unsigned long long)pair_box_last(&p));
    must(sql_run(store_db(p.box->store), sql, &p.err), &p.err);
    pair_refused_up(&p, pair_box_last(&p), pair_box_last(&p), why);
}

static void a_line_begins_behind_no_younger_one_and_only_under_a_boxs_epoch(void **state)
{
    (void)state;
    dossiers_make(&p, 1, "chung");
    pair_settle(&p);
    must(fork_epoch(p.box->store, 3, &p.err), &p.err);
    dossiers_make(&p, 2, "mới");
    pair_settle(&p);
    dossiers_make(&p, 3, "giả");
    refused_as_epoch(2, REFUSED_FORK);
    refused_as_epoch(0, REFUSED_FORGED);
    refused_as_epoch(255, REFUSED_FORGED);
    assert_int_equal(province_site(&p.p, p.site).epoch, 3);
}

static void before_a_boxs_epochs_are_used_up_an_alarm_says_so(void **state)
{
    (void)state;
    dossiers_make(&p, 1, "chung");
    pair_settle(&p);
    must(fork_epoch(p.box->store, LINE_EPOCHS_FEW - 1, &p.err), &p.err);
    dossiers_make(&p, 2, "còn nhiều");
    pair_settle(&p);
    assert_int_equal(province_alarms(&p.p, p.site, "epochs"), 0);
    for (uint8_t epoch = LINE_EPOCHS_FEW; epoch < LINE_EPOCHS_FEW + 3; epoch++) {
        must(fork_epoch(p.box->store, epoch, &p.err), &p.err);
        dossiers_make(&p, epoch, "sắp hết");
        pair_settle(&p);
    }
    assert_int_equal(province_alarms(&p.p, p.site, "epochs"), 1);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM alarm JOIN site USING"
                                            " (site) WHERE kind = 'epochs' AND"
                                            " instr(detail, name) > 0"
                                            " AND detail LIKE '%enrol it anew'"),
                     1);
    assert_int_equal(province_site(&p.p, p.site).epoch, LINE_EPOCHS_FEW + 2);
}

#define story(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(a_box_put_back_gets_back_what_it_lost),
        story(the_new_line_counts_from_the_last_common_frame),
        story(of_the_same_column_the_box_put_back_wins_and_a_conflict_says_so),
        story(a_shorter_new_line_is_a_line_too),
        story(a_new_box_in_the_place_of_a_lost_one_gets_everything),
        story(a_new_line_waits_until_the_old_one_is_applied),
        story(a_correction_that_the_box_had_seen_before_is_not_undone),
        story(the_old_lines_bundles_are_known_when_they_come_again),
        story(what_the_province_changed_of_a_lost_frame_comes_back_behind_it),
        story(a_change_that_stands_on_lost_frames_waits_for_them),
        story(between_two_lost_frames_the_later_one_still_wins),
        story(a_line_may_be_left_before_where_it_began),
        story(a_later_bundle_before_the_first_of_a_line_is_held),
        story(a_later_bundle_is_held_while_the_first_waits),
        story(what_is_held_of_no_line_is_bounded),
        story(what_of_a_lost_frame_cannot_be_given_is_left_out),
        story(a_lost_frame_that_is_malformed_is_passed_over),
        story(a_receipt_of_the_line_before_speaks_only_of_what_is_common),
        story(a_new_line_that_waited_when_the_power_went_begins_later),
        story(what_an_older_program_took_gets_its_names),
        story(a_longer_bundle_takes_the_place_of_those_it_holds),
        story(a_line_begins_behind_no_younger_one_and_only_under_a_boxs_epoch),
        story(before_a_boxs_epochs_are_used_up_an_alarm_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
