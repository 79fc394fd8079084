/* A box that was put back goes on from an older frame: what the centre has beyond that
 * comes back to it, and both ends end equal. */
#include <stdio.h>
#include <string.h>

#include "schema/fork.h"
#include "sync/centre/receipts.h"
#include "tests/lib/pair.h"

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

/* Dossiers by the number in their code; each is a frame. */
static uint64_t dossier(unsigned number)
{
    return id_make(p.site, store_identity(p.box->store)->epoch, 1000 + number);
}

static void box_makes(unsigned number, const char *title)
{
    char sql[160];

    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO dossier (id, code, title) VALUES (%llu, 'D-%u', '%s')",
                   (unsigned long long)dossier(number), number, title);
    assert_true(pair_box_writes(&p, sql) != 0);
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

/* Three dossiers that both ends have; the box's card is copied; two more are made, sent
 * and applied; the copy is put back under a new epoch. */
static void a_box_that_was_put_back(void)
{
    for (unsigned i = 1; i <= 3; i++)
        box_makes(i, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    box_makes(4, "bị quên");
    titled("D-1", "đổi trước", true);
    pair_settle(&p);
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
}

static void carry_all(void)
{
    assert_int_equal(pair_carry_up(&p, 1, pair_box_last(&p)), JOURNAL_TAKEN);
    pair_settle(&p);
}

static void ends_are_equal(void)
{
    char why[256] = "";
    uint64_t rows = 0;

    if (!pair_equal(&p, why, &rows))
        fail_msg("%s", why);
    assert_true(rows >= 3);
    assert_int_equal(pair_problems(&p), 0);
}

static void a_box_put_back_gets_back_what_it_lost(void **state)
{
    (void)state;
    a_box_that_was_put_back();
    assert_int_equal(count("code = 'D-4'", true), 0);
    box_makes(5, "sau khi khôi phục");
    carry_all();
    assert_int_equal(count("code = 'D-4'", true), 1);
    assert_int_equal(count("code = 'D-1' AND title = 'đổi trước'", true), 1);
    assert_int_equal(count("code = 'D-5'", false), 1);
    ends_are_equal();
}

static void the_new_line_counts_from_the_last_common_frame(void **state)
{
    struct site_row site;

    (void)state;
    a_box_that_was_put_back();
    box_makes(5, "mới");
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
    titled("D-1", "đổi sau", true);
    carry_all();
    assert_int_equal(count("title = 'đổi sau'", false), 1);
    assert_int_equal(count("title = 'đổi sau'", true), 1);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM conflict"), 1);
    ends_are_equal();
}

static void a_shorter_new_line_is_a_line_too(void **state)
{
    (void)state;
    a_box_that_was_put_back();
    box_makes(5, "một");
    assert_true(pair_box_last(&p) < province_site(&p.p, p.site).received);
    carry_all();
    assert_int_equal(province_site(&p.p, p.site).received, pair_box_last(&p));
    ends_are_equal();
}

static void a_new_box_in_the_place_of_a_lost_one_gets_everything(void **state)
{
    (void)state;
    pair_box_keep(&p, &kept); /* as good as new: it has made nothing */
    for (unsigned i = 1; i <= 5; i++)
        box_makes(i, "của hộp đã mất");
    pair_settle(&p);
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    box_makes(6, "hộp mới");
    carry_all();
    assert_int_equal(count("1", true), 6);
    ends_are_equal();
}

static void a_new_line_waits_until_the_old_one_is_applied(void **state)
{
    (void)state;
    box_makes(1, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    box_makes(2, "cũ");
    assert_int_equal(pair_carry_up(&p, 1, 2), JOURNAL_TAKEN);
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    box_makes(3, "mới");
    assert_int_equal(pair_carry_up(&p, 1, pair_box_last(&p)), JOURNAL_HELD);
    assert_int_equal(province_site(&p.p, p.site).epoch, 1);
    (void)pair_apply_up(&p, 1000);
    assert_int_equal(province_site(&p.p, p.site).epoch, 2);
    pair_settle(&p);
    assert_int_equal(count("1", true), 3);
    ends_are_equal();
}

static void a_correction_that_the_box_had_seen_before_is_not_undone(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 2; i++)
        box_makes(i, "chung");
    pair_settle(&p);
    titled("D-1", "tỉnh sửa", false);
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    box_makes(3, "bị quên");
    titled("D-2", "tỉnh sửa sau", false);
    pair_settle(&p);
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    box_makes(4, "mới");
    carry_all();
    assert_int_equal(count("title = 'tỉnh sửa'", true), 1);
    assert_int_equal(count("title = 'tỉnh sửa sau'", true), 1);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM conflict"), 0);
    ends_are_equal();
}

static void the_old_lines_bundles_are_known_when_they_come_again(void **state)
{
    struct pair_kept later;

    (void)state;
    box_makes(1, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    box_makes(2, "cũ");
    pair_settle(&p);
    pair_box_keep(&p, &later);
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    box_makes(3, "mới");
    carry_all();
    pair_box_put_back(&p, &later); /* a stick of then turns up */
    assert_int_equal(pair_carry_up(&p, 1, 2), JOURNAL_KNOWN);
    assert_int_equal(pair_carry_up(&p, 2, 2), JOURNAL_KNOWN);
    assert_int_equal(province_site(&p.p, p.site).epoch, 2);
}

static void frames_of_a_left_line_that_come_late_are_kept(void **state)
{
    struct pair_kept later;

    (void)state;
    box_makes(1, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    box_makes(2, "cũ");
    pair_settle(&p);
    box_makes(3, "trên thẻ nhớ bị lạc");
    pair_box_keep(&p, &later);
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    box_makes(4, "mới");
    carry_all();
    pair_box_put_back(&p, &later);
    assert_int_equal(pair_carry_up(&p, 3, 3), JOURNAL_HELD);
    assert_int_equal(
        pair_centre_number(&p, "SELECT count(*) FROM journal WHERE state = 'held'"), 1);
    assert_int_equal(province_site(&p.p, p.site).alarms, 2);
}

static void a_line_that_the_province_has_written_on_is_not_left(void **state)
{
    (void)state;
    box_makes(1, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    box_makes(2, "bị quên");
    pair_settle(&p);
    titled("D-2", "tỉnh sửa", false); /* made having seen what the box has lost */
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    box_makes(3, "mới");
    pair_refused_up(&p, 1, pair_box_last(&p), REFUSED_FORK);
    assert_int_equal(province_site(&p.p, p.site).epoch, 1);
    assert_int_equal(province_site(&p.p, p.site).alarms, 1);
    assert_int_equal(count("1", false), 2);
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
        box_makes(i, "chưa gửi");
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

static void a_new_line_that_waited_when_the_power_went_begins_later(void **state)
{
    (void)state;
    box_makes(1, "chung");
    pair_settle(&p);
    pair_box_keep(&p, &kept);
    box_makes(2, "cũ");
    assert_int_equal(pair_carry_up(&p, 1, 2), JOURNAL_TAKEN);
    pair_box_put_back(&p, &kept);
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    box_makes(3, "mới");
    assert_int_equal(pair_carry_up(&p, 1, pair_box_last(&p)), JOURNAL_HELD);
    assert_int_equal(pair_apply_up(&p, 1), 1); /* all it may: and then the power goes */
    assert_int_equal(province_site(&p.p, p.site).epoch, 1);
    assert_int_equal(pair_apply_up(&p, 1000), 1);
    assert_int_equal(province_site(&p.p, p.site).epoch, 2);
    pair_settle(&p);
    ends_are_equal();
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
        story(frames_of_a_left_line_that_come_late_are_kept),
        story(a_line_that_the_province_has_written_on_is_not_left),
        story(a_receipt_of_the_line_before_speaks_only_of_what_is_common),
        story(a_new_line_that_waited_when_the_power_went_begins_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
