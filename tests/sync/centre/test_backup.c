/* Backup, restore, and what verify sees. */
#include "tests/lib/province.h"

#include <stdio.h>
#include <string.h>

#include "schema/statements.h"
#include "sync/centre/backup.h"
#include "sync/centre/down.h"
#include "sync/centre/verify.h"
#include "sync/dictionary.h"

struct story {
    struct province p;
    struct hand_box b;
    struct visit v;
    struct backup_counts counts;
};

static const char original[] = "những điểm ảnh của một trang";

static void begin(struct story *s)
{
    province_start(&s->p, 7);
    hand_box_start(&s->b, &s->p, "Xã An Bình", 71);
    s->v = (struct visit){0};
}

static void end(struct story *s)
{
    visit_end(&s->v);
    hand_box_finish(&s->b);
    province_finish(&s->p);
}

/* A contact in which everything is sent that the centre says it lacks. */
static void sync_all(struct story *s)
{
    struct parcel parcel;

    visit_end(&s->v);
    visit_begin(&s->v, &s->p, &s->b);
    if (s->v.receipt.received < hand_box_last(&s->b)) {
        hand_box_bundle(&s->b, &s->p, s->v.receipt.received + 1, hand_box_last(&s->b),
                        &parcel);
        visit_send(&s->v, &parcel);
        parcel_release(&parcel);
    }
    hand_box_blob(&s->b, &s->p, original, strlen(original), &parcel);
    visit_offer(&s->v, &parcel);
    if (s->v.have < parcel.bytes.count)
        visit_send(&s->v, &parcel);
    parcel_release(&parcel);
    assert_int_equal(s->v.refusals, 0);
    (void)province_apply(&s->p);
}

static void take_and_sync(struct story *s, const char *text)
{
    (void)hand_box_take(&s->b, text, original);
    sync_all(s);
}

struct told {
    unsigned problems, notes;
    char first[256];
};

static void note_problem(void *arg, const char *text)
{
    struct told *t = arg;

    if (t->problems++ == 0)
        (void)snprintf(t->first, sizeof t->first, "%s", text);
}

static void note_note(void *arg, const char *text)
{
    struct told *t = arg;

    (void)text;
    t->notes++;
}

static struct told verify(struct story *s)
{
    struct told t = {0};
    const struct centre_verify_sink sink = {
        .problem = note_problem, .note = note_note, .arg = &t};

    must(centre_verify(s->p.centre, &sink, &s->p.err), &s->p.err);
    return t;
}

static void expect_sound(struct story *s)
{
    struct told t = verify(s);

    if (t.problems > 0)
        fail_msg("verify: %s", t.first);
}

static void backup_to(struct story *s, const char *dir)
{
    must(backup_make(s->p.centre, dir, &s->counts, &s->p.err), &s->p.err);
}

/* The centre's directory is lost; a new one is made of the backup. */
static int restore_from(struct story *s, const char *dir, struct err *e)
{
    province_close(&s->p);
    province_forget(&s->p);
    return backup_restore(s->p.disk, &s->p.clock.clock, &s->p.random.random, dir,
                          PROVINCE_DIR, &s->counts, e);
}

/* --------------------------------------------------------------------- stories */

static void what_a_backup_holds_is_safe_and_the_box_is_told(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    take_and_sync(&s, "Quyết định");
    assert_int_equal(s.v.receipt.safe, 0);
    backup_to(&s, "/backup/one");
    assert_int_equal(s.counts.sites, 1);
    assert_int_equal(s.counts.originals, 1);
    assert_int_equal(visit_news(&s.v), 0);
    assert_int_equal(s.v.receipt.safe, 1);
    assert_int_equal(s.v.receipt.blobs_count, 1);
    assert_int_equal(s.v.receipt.blobs[0].state, BLOB_SAFE);
    assert_int_equal(s.v.pings, 1);

    take_and_sync(&s, "Công văn"); /* after it: received, not safe */
    assert_int_equal(s.v.receipt.received, 2);
    assert_int_equal(s.v.receipt.safe, 1);
    end(&s);
}

/* A box may have kept a bundle that leans on it. */
static void a_dictionary_comes_back_with_the_centre(void **state)
{
    static const char text[] = "những lời mà tỉnh này hay viết";
    struct buffer found;
    uint32_t number;
    struct story s;

    (void)state;
    begin(&s);
    must(dictionary_add(s.p.disk, PROVINCE_DIR, text, sizeof text, &number, &s.p.err),
         &s.p.err);
    backup_to(&s, "/backup/one");
    must(backup_restore(s.p.disk, &s.p.clock.clock, &s.p.random.random, "/backup/one",
                        "/another", &s.counts, &s.p.err),
         &s.p.err);
    buffer_init(&found, sizeof text);
    assert_int_equal(dictionary_find(s.p.disk, "/another", number, &found, &s.p.err), 1);
    assert_int_equal(found.count, sizeof text);
    buffer_release(&found);
    end(&s);
}

/* "Safe" is said again until the box has answered what came behind it. */
static void a_safe_original_is_named_until_the_box_has_heard_it(void **state)
{
    struct buffer pong;
    struct story s;

    (void)state;
    begin(&s);
    take_and_sync(&s, "Quyết định");
    backup_to(&s, "/backup/one");
    visit_end(&s.v);
    visit_begin(&s.v, &s.p, &s.b);
    assert_int_equal(s.v.receipt.blobs_count, 1);
    visit_end(&s.v); /* the link broke */
    visit_begin(&s.v, &s.p, &s.b);
    assert_int_equal(s.v.receipt.blobs_count, 1);
    buffer_init(&pong, 64);
    message_empty(&pong, MESSAGE_PONG);
    visit_say(&s.v, &pong);
    buffer_release(&pong);
    visit_end(&s.v);
    visit_begin(&s.v, &s.p, &s.b);
    assert_int_equal(s.v.receipt.blobs_count, 0);
    end(&s);
}

static void a_restored_centre_asks_for_what_it_lost_and_gets_it(void **state)
{
    struct story s;
    uint8_t epoch;

    (void)state;
    begin(&s);
    take_and_sync(&s, "Quyết định về đất");
    backup_to(&s, "/backup/one");
    take_and_sync(&s, "Công văn về đường");
    take_and_sync(&s, "Tờ trình về trường");
    assert_int_equal(s.v.receipt.received, 3);
    epoch = s.v.receipt.centre_epoch;
    visit_end(&s.v);

    must(restore_from(&s, "/backup/one", &s.p.err), &s.p.err);
    must(province_open(&s.p, &s.p.err), &s.p.err);
    expect_sound(&s);
    visit_begin(&s.v, &s.p, &s.b); /* the same key, the same claim: still its box */
    assert_int_equal(s.v.receipt.centre_epoch, epoch + 1);
    assert_int_equal(s.v.receipt.received, 1);
    sync_all(&s);
    assert_int_equal(s.v.receipt.received, 3);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM document"), 3);
    assert_int_equal(province_search(&s.p, "truong", NULL), 1);
    expect_sound(&s);
    end(&s);
}

/* With one epoch for both, the box would believe that the second has what it sent to the
 * first (found by tram-sim --seed 18 --twice). */
static void a_backup_restored_twice_is_another_centre_each_time(void **state)
{
    struct story s;
    struct err e;

    (void)state;
    begin(&s);
    take_and_sync(&s, "Quyết định");
    backup_to(&s, "/backup/one");
    visit_end(&s.v);
    must(restore_from(&s, "/backup/one", &e), &e);
    assert_int_equal(s.counts.epoch, 1);
    must(province_open(&s.p, &e), &e);
    must(restore_from(&s, "/backup/one", &e), &e);
    assert_int_equal(s.counts.epoch, 2);
    must(province_open(&s.p, &e), &e);
    assert_int_equal(s.p.centre->epoch, 2);
    end(&s);
}

static void numbers_given_out_since_the_backup_are_not_given_out_again(void **state)
{
    struct hand_box late, new;
    struct story s;

    (void)state;
    begin(&s);
    backup_to(&s, "/backup/one");
    hand_box_start(&late, &s.p, "Xã Sau", 72);
    must(restore_from(&s, "/backup/one", &s.p.err), &s.p.err);
    must(province_open(&s.p, &s.p.err), &s.p.err);
    hand_box_start(&new, &s.p, "Xã Mới", 73);
    assert_true(new.enrolment.site > late.enrolment.site);
    visit_begin(&s.v, &s.p, &late);
    assert_int_equal(s.v.reason, REFUSED_UNKNOWN_SITE);
    assert_int_equal(province_alarms(&s.p, late.enrolment.site, "unknown_site"), 1);
    hand_box_finish(&late);
    hand_box_finish(&new);
    end(&s);
}

static void a_backup_goes_only_where_nothing_is(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    backup_to(&s, "/backup/one");
    assert_int_equal(backup_make(s.p.centre, "/backup/one", &s.counts, &s.p.err), -1);
    assert_int_equal(s.p.err.code, ERR_USAGE);
    /* A centre that is there is not overwritten. */
    assert_int_equal(backup_restore(s.p.disk, &s.p.clock.clock, &s.p.random.random,
                                    "/backup/one", PROVINCE_DIR, &s.counts, &s.p.err),
                     -1);
    assert_int_equal(s.p.err.code, ERR_BUSY);
    end(&s);
}

static void nothing_is_safe_in_a_backup_that_is_not_sound(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    take_and_sync(&s, "Quyết định");
    must(sql_run(store_db(s.p.centre->store), "DELETE FROM search", &s.p.err), &s.p.err);
    assert_int_equal(backup_make(s.p.centre, "/backup/one", &s.counts, &s.p.err), -1);
    assert_int_equal(province_site(&s.p, s.b.enrolment.site).safe, 0);
    assert_int_equal(
        province_number(&s.p, "SELECT count(*) FROM held_blob WHERE state = 2"), 0);
    /* And it is no backup. */
    assert_int_equal(restore_from(&s, "/backup/one", &s.p.err), -1);
    assert_int_equal(s.p.err.code, ERR_REFUSED);
    end(&s);
}

static void one_sites_trouble_keeps_no_other_from_being_safe(void **state)
{
    struct story s;
    struct hand_box other;
    struct parcel parcel;

    (void)state;
    begin(&s);
    take_and_sync(&s, "Quyết định");
    hand_box_start(&other, &s.p, "Xã Bình Yên", 75);
    (void)hand_box_take(&other, "Công văn", NULL);
    visit_end(&s.v);
    visit_begin(&s.v, &s.p, &other);
    hand_box_bundle(&other, &s.p, 1, hand_box_last(&other), &parcel);
    visit_send(&s.v, &parcel);
    parcel_release(&parcel);
    (void)province_apply(&s.p);
    must(sql_run(store_db(s.p.centre->store),
                 "UPDATE journal_frame SET chain = zeroblob(32)"
                 " WHERE site = (SELECT min(site) FROM site)",
                 &s.p.err),
         &s.p.err);
    backup_to(&s, "/backup/one");
    assert_int_equal(s.counts.sites, 2);
    assert_int_equal(s.counts.withheld, 1);
    assert_int_equal(province_site(&s.p, s.b.enrolment.site).safe, 0);
    assert_int_equal(
        province_number(&s.p, "SELECT count(*) FROM held_blob WHERE state = 2"), 0);
    assert_int_equal(province_alarms(&s.p, s.b.enrolment.site, "backup"), 1);
    assert_int_equal(province_site(&s.p, other.enrolment.site).safe,
                     hand_box_last(&other));
    assert_int_equal(province_alarms(&s.p, other.enrolment.site, "backup"), 0);
    hand_box_finish(&other);
    end(&s);
}

static void a_restored_centre_says_whose_data_was_not_sound(void **state)
{
    struct story s;
    struct hand_box other;

    (void)state;
    begin(&s);
    take_and_sync(&s, "Quyết định");
    hand_box_start(&other, &s.p, "Xã Bình Yên", 75);
    visit_end(&s.v);
    must(sql_run(store_db(s.p.centre->store),
                 "UPDATE journal_frame SET chain = zeroblob(32)", &s.p.err),
         &s.p.err);
    backup_to(&s, "/backup/one");
    must(restore_from(&s, "/backup/one", &s.p.err), &s.p.err);
    assert_int_equal(s.counts.withheld, 1);
    must(province_open(&s.p, &s.p.err), &s.p.err);
    assert_int_equal(province_alarms(&s.p, s.b.enrolment.site, "backup"), 1);
    assert_int_equal(province_alarms(&s.p, other.enrolment.site, "backup"), 0);
    hand_box_finish(&other);
    end(&s);
}

static void an_original_that_is_gone_is_not_safe_and_the_rest_is(void **state)
{
    struct hash sha256;
    struct story s;

    (void)state;
    begin(&s);
    take_and_sync(&s, "Quyết định");
    hash_of(&sha256, original, strlen(original));
    must(blob_remove(s.p.centre->blobs, &sha256, &s.p.err), &s.p.err);
    backup_to(&s, "/backup/one");
    assert_int_equal(s.counts.lacking, 1);
    assert_int_equal(s.counts.originals, 0);
    assert_int_equal(province_site(&s.p, s.b.enrolment.site).safe, 1);
    assert_int_equal(
        province_number(&s.p, "SELECT count(*) FROM held_blob WHERE state = 2"), 0);
    assert_int_equal(province_alarms(&s.p, s.b.enrolment.site, "backup"), 1);
    /* A centre made of it does not believe that it holds it: the box sends it again. */
    visit_end(&s.v);
    must(restore_from(&s, "/backup/one", &s.p.err), &s.p.err);
    assert_int_equal(s.counts.lacking, 1);
    must(province_open(&s.p, &s.p.err), &s.p.err);
    expect_sound(&s);
    sync_all(&s);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM held_blob"), 1);
    expect_sound(&s);
    end(&s);
}

static void remove_original(struct story *s, const char *bytes)
{
    struct hash sha256;

    hash_of(&sha256, bytes, strlen(bytes));
    must(blob_remove(s->p.centre->blobs, &sha256, &s->p.err), &s->p.err);
}

/* A disk that is going loses thousands: nobody reads, or writes, as many alarms. */
static void however_many_originals_a_site_lacks_it_is_one_alarm(void **state)
{
    static const char second[] = "những điểm ảnh của trang sau";
    struct parcel parcel;
    struct story s;

    (void)state;
    begin(&s);
    take_and_sync(&s, "Quyết định");
    (void)hand_box_take(&s.b, "Công văn", second);
    sync_all(&s);
    hand_box_blob(&s.b, &s.p, second, strlen(second), &parcel);
    visit_offer(&s.v, &parcel);
    visit_send(&s.v, &parcel);
    parcel_release(&parcel);
    remove_original(&s, original);
    remove_original(&s, second);
    backup_to(&s, "/backup/one");
    assert_int_equal(s.counts.lacking, 2);
    assert_int_equal(province_alarms(&s.p, s.b.enrolment.site, "backup"), 1);
    assert_int_equal(province_number(&s.p, "SELECT count(*) FROM alarm WHERE"
                                           " detail LIKE '%: 2, the first %'"),
                     1);
    end(&s);
}

static void a_backup_that_was_altered_is_not_restored(void **state)
{
    struct disk_file *f = NULL;
    struct story s;

    (void)state;
    begin(&s);
    take_and_sync(&s, "Quyết định");
    backup_to(&s, "/backup/one");
    must(disk_open(s.p.disk, &f, "/backup/one/tram.db", DISK_WRITE, &s.p.err), &s.p.err);
    must(disk_file_write(f, "x", 1, 70000, &s.p.err), &s.p.err);
    disk_close(f);
    assert_int_equal(restore_from(&s, "/backup/one", &s.p.err), -1);
    assert_int_equal(s.p.err.code, ERR_CORRUPT);
    assert_int_equal(province_open(&s.p, &s.p.err), -1);
    end(&s);
}

/* However far a restore came: what is there then is no centre, or a whole one with
 * the next epoch. */
static void a_restore_that_is_cut_short_is_done_again(void **state)
{
    bool died = true;
    unsigned whole = 0, instants = 0;

    (void)state;
    for (uint64_t n = 1; died; n += 3, instants++) {
        struct disk_sim_faults faults = {0};
        struct story s;

        begin(&s);
        take_and_sync(&s, "Quyết định");
        backup_to(&s, "/backup/one");
        visit_end(&s.v);
        province_close(&s.p);
        province_forget(&s.p);
        faults.die_at_call = disk_sim_calls(s.p.disk) + n;
        disk_sim_set_faults(s.p.disk, &faults);
        died = backup_restore(s.p.disk, &s.p.clock.clock, &s.p.random.random,
                              "/backup/one", PROVINCE_DIR, &s.counts, &s.p.err) != 0;
        province_power_cut(&s.p);
        if (province_open(&s.p, &s.p.err) == 0) {
            whole++;
        } else {
            must(restore_from(&s, "/backup/one", &s.p.err), &s.p.err);
            must(province_open(&s.p, &s.p.err), &s.p.err);
        }
        /* The attempt that was cut short may have passed one over. */
        assert_in_range(s.p.centre->epoch, 1, 2);
        assert_int_equal(province_site(&s.p, s.b.enrolment.site).received, 1);
        expect_sound(&s);
        end(&s);
    }
    assert_true(whole > 0 && instants > whole);
}

/* ---------------------------------------------------------------------- verify */

static void verify_sees_a_row_that_nobody_sent(void **state)
{
    struct story s;

    (void)state;
    begin(&s);
    take_and_sync(&s, "Quyết định");
    expect_sound(&s);
    must(store_apply_begin(s.p.centre->store, &s.p.err), &s.p.err);
    must(sql_run(store_db(s.p.centre->store), "UPDATE document SET type = 'khác' WHERE 1",
                 &s.p.err),
         &s.p.err);
    must(store_apply_commit(s.p.centre->store, &s.p.err), &s.p.err);
    assert_true(verify(&s).problems > 0);
    end(&s);
}

static void verify_sees_a_journal_that_was_touched(void **state)
{
    static const char *const touches[] = {
        "UPDATE journal_frame SET chain = zeroblob(32) WHERE sequence = 2",
        "DELETE FROM journal WHERE first = 2",
        "UPDATE site SET received = 5",
        "UPDATE site SET chain = zeroblob(32)",
        "UPDATE journal SET bytes = zeroblob(300) WHERE first = 1",
        "DELETE FROM journal_frame WHERE sequence = 1",
        "DELETE FROM search",
    };

    (void)state;
    for (size_t i = 0; i < sizeof touches / sizeof *touches; i++) {
        struct story s;

        begin(&s);
        take_and_sync(&s, "Quyết định");
        take_and_sync(&s, "Công văn");
        expect_sound(&s);
        must(sql_run(store_db(s.p.centre->store), touches[i], &s.p.err), &s.p.err);
        if (verify(&s).problems == 0)
            fail_msg("not seen: %s", touches[i]);
        end(&s);
    }
}

static void verify_sees_an_original_that_is_gone(void **state)
{
    struct hash sha256;
    struct story s;

    (void)state;
    begin(&s);
    take_and_sync(&s, "Quyết định");
    hash_of(&sha256, original, strlen(original));
    must(blob_remove(s.p.centre->blobs, &sha256, &s.p.err), &s.p.err);
    assert_non_null(strstr(verify(&s).first, "absent or altered"));
    end(&s);
}

/* What is parked, the journal has and the rows have not: the frames say so too. */
static void what_is_parked_is_no_damage(void **state)
{
    struct centre *c;
    struct told t;
    struct story s;

    (void)state;
    begin(&s);
    c = s.p.centre;
    must(down_begin(c, s.b.enrolment.site, &s.p.err), &s.p.err);
    must(sql_run(store_db(c->store),
                 "INSERT INTO dossier (id, code) VALUES ((1 << 36) + (1 << 28) + 1, 'x')",
                 &s.p.err),
         &s.p.err);
    must(down_commit(c, NULL, &s.p.err), &s.p.err);
    hand_box_write(&s.b, "UPDATE sync_state SET seen = 1"); /* so it knows the row */
    take_and_sync(&s, "Quyết định");
    assert_true(province_number(&s.p, "SELECT count(*) FROM parked") > 0);
    t = verify(&s);
    assert_int_equal(t.problems, 0);
    assert_int_equal(t.notes, 0);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_backup_holds_is_safe_and_the_box_is_told),
        cmocka_unit_test(a_dictionary_comes_back_with_the_centre),
        cmocka_unit_test(a_safe_original_is_named_until_the_box_has_heard_it),
        cmocka_unit_test(a_restored_centre_asks_for_what_it_lost_and_gets_it),
        cmocka_unit_test(a_backup_restored_twice_is_another_centre_each_time),
        cmocka_unit_test(numbers_given_out_since_the_backup_are_not_given_out_again),
        cmocka_unit_test(a_backup_goes_only_where_nothing_is),
        cmocka_unit_test(nothing_is_safe_in_a_backup_that_is_not_sound),
        cmocka_unit_test(one_sites_trouble_keeps_no_other_from_being_safe),
        cmocka_unit_test(a_restored_centre_says_whose_data_was_not_sound),
        cmocka_unit_test(an_original_that_is_gone_is_not_safe_and_the_rest_is),
        cmocka_unit_test(however_many_originals_a_site_lacks_it_is_one_alarm),
        cmocka_unit_test(a_backup_that_was_altered_is_not_restored),
        cmocka_unit_test(a_restore_that_is_cut_short_is_done_again),
        cmocka_unit_test(verify_sees_a_row_that_nobody_sent),
        cmocka_unit_test(verify_sees_a_journal_that_was_touched),
        cmocka_unit_test(verify_sees_an_original_that_is_gone),
        cmocka_unit_test(what_is_parked_is_no_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
