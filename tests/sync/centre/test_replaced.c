/* A box is lost and there is no second copy: another machine takes its place, by a file that
 * the centre writes for it, and gets back what the centre has. The lost one may come back, in
 * honest hands or not. */
#include <stdio.h>
#include <string.h>

#include "schema/fork.h"
#include "sync/centre/site_again.h"
#include "tests/lib/courier_world.h"
#include "tests/lib/dossiers.h"
#include "tests/lib/store_template.h"

/* What a box is made of; p has the one in hand. */
struct box_kept {
    struct disk *disk;
    struct box *box;
    struct key_pair key;
};

static struct pair p;
static struct box_kept lost;
static struct enrolment file;

static int start(void **state)
{
    (void)state;
    lost = (struct box_kept){0};
    pair_start(&p, 27);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    box_close(lost.box);
    disk_sim_destroy(lost.disk);
    pair_finish(&p);
    return 0;
}

/* Takes the other machine into the hand. */
static void other_machine(void)
{
    struct box_kept in_hand = {p.disk, p.box, p.key};

    p.disk = lost.disk;
    p.box = lost.box;
    p.key = lost.key;
    lost = in_hand;
}

static struct enrolment enrol_again(void)
{
    struct public_key tls = {{1}};
    struct enrolment f;

    must(site_enrol_again(p.p.centre, p.site, PROVINCE_URL, &tls, &f, &p.err), &p.err);
    assert_int_equal(f.site, p.site);
    return f;
}

/* The box in hand is lost, or goes for good; a new one is made of the file. */
static void another_machine(const struct enrolment *f)
{
    struct store_identity who = {
        .site = f->site, .epoch = STORE_EPOCH_FIRST, .name = "Xã Thử"};

    box_close(lost.box);
    disk_sim_destroy(lost.disk);
    lost = (struct box_kept){p.disk, p.box, p.key};
    must(disk_sim_create(&p.disk, 270 + f->epoch, &p.err), &p.err);
    must(store_template_lay(p.disk, PAIR_DIR, &p.err), &p.err);
    must(box_init(p.disk, &p.clock.clock, PAIR_DIR, &who, &p.err), &p.err);
    key_pair_make(&p.key, &p.random.random);
    must(key_pair_save(&p.key, p.disk, PAIR_DIR, "box", &p.err), &p.err);
    must(box_open(&p.box, p.disk, &p.clock.clock, PAIR_DIR, NULL, &p.err), &p.err);
    must(outbox_enrol(p.box, f, &p.err), &p.err);
    assert_int_equal(store_identity(p.box->store)->epoch, f->epoch);
}

/* The machine in hand says whose box it is. 0: it is taken; else why it is not. */
static enum refused claim_as(const struct enrolment *f, uint8_t epoch)
{
    struct claim claim = {.site = f->site, .epoch = epoch, .key = p.key.public_key};
    uint8_t bytes[CLAIM_BYTES];
    enum refused why = 0;
    int rc;

    claim_encode(&claim, f->secret, &p.key, bytes);
    rc = site_claim(p.p.centre, bytes, sizeof bytes, &why, &p.err);
    must(rc < 0 ? -1 : 0, &p.err);
    assert_int_equal(rc, why != 0);
    return why;
}

static enum refused claims(void)
{
    return claim_as(&file, file.epoch);
}

/* Five papers that both have, and the box is lost with what it had not sent: two more. */
static void a_box_is_lost(void)
{
    for (unsigned i = 1; i <= 5; i++)
        dossiers_make(&p, i, "đã gửi");
    pair_settle(&p);
    dossiers_make(&p, 6, "chưa gửi");
    dossiers_make(&p, 7, "chưa gửi");
    file = enrol_again();
}

static void another_stands_in_its_place(void)
{
    another_machine(&file);
    assert_int_equal(claims(), 0);
    assert_int_equal(pair_carry_up(&p, 1, pair_box_last(&p)), JOURNAL_TAKEN);
    pair_settle(&p);
}

static unsigned alarms(const char *kind)
{
    return province_alarms(&p.p, p.site, kind);
}

/* ---------------------------------------------------------------------- the new one */

static void a_new_box_gets_back_what_the_lost_one_had_sent(void **state)
{
    (void)state;
    a_box_is_lost();
    assert_int_equal(file.epoch, 2);
    another_stands_in_its_place();
    assert_int_equal(alarms("replaced"), 1);
    assert_int_equal(dossiers_count(&p, "title = 'đã gửi'", true), 5);
    dossiers_make(&p, 8, "máy mới");
    pair_settle(&p);
    dossiers_expect_equal(&p, 6);
    assert_int_equal(dossiers_count(&p, "1", true), 6);
    assert_int_equal(dossiers_count(&p, "1", false), 6);
    assert_int_equal(alarms("forged") + alarms("fork") + alarms("claim_used"), 0);
}

static void what_the_centre_had_for_the_lost_one_comes_to_the_new_one(void **state)
{
    (void)state;
    a_box_is_lost();
    dossiers_title(&p, "D-2", "tỉnh sửa", false);
    assert_int_equal(pair_carry_down(&p, 1),
                     INCOMING_TAKEN); /* sealed for the lost one */
    dossiers_title(&p, "D-3", "tỉnh sửa", false);
    another_stands_in_its_place();
    dossiers_expect_equal(&p, 5);
    assert_int_equal(dossiers_count(&p, "title = 'tỉnh sửa'", true), 2);
}

static void one_of_which_nothing_came_is_replaced_too(void **state)
{
    (void)state;
    file = enrol_again();
    another_stands_in_its_place();
    dossiers_make(&p, 1, "máy mới");
    pair_settle(&p);
    dossiers_expect_equal(&p, 1);

    /* A stick of the lost one's turns up. */
    other_machine();
    dossiers_make(&p, 2, "máy cũ");
    assert_int_equal(pair_carry_up(&p, 1, 1), JOURNAL_LATE);
    other_machine();
    pair_settle(&p);
    dossiers_expect_equal(&p, 2);
}

static void a_box_is_replaced_as_often_as_it_is_lost(void **state)
{
    (void)state;
    a_box_is_lost();
    another_stands_in_its_place();
    dossiers_make(&p, 8, "máy hai");
    pair_settle(&p);
    file = enrol_again();
    assert_int_equal(file.epoch, 3);
    another_stands_in_its_place();
    dossiers_make(&p, 9, "máy ba");
    pair_settle(&p);
    dossiers_expect_equal(&p, 7);
    assert_int_equal(dossiers_count(&p, "1", true), 7);
}

/* --------------------------------------------------------------------- the lost one */

static void until_the_new_one_calls_the_old_key_is_good(void **state)
{
    (void)state;
    a_box_is_lost();
    assert_int_equal(pair_carry_up(&p, 6, 7), JOURNAL_TAKEN); /* it was in a drawer */
    pair_settle(&p);
    another_stands_in_its_place();
    dossiers_expect_equal(&p, 7);
    assert_int_equal(dossiers_count(&p, "1", true), 7);
}

static void its_late_frames_come_by_stick_and_count_once(void **state)
{
    (void)state;
    a_box_is_lost();
    another_stands_in_its_place();
    dossiers_make(&p, 8, "máy mới");
    pair_settle(&p);
    other_machine();
    assert_int_equal(pair_carry_up(&p, 6, 7), JOURNAL_LATE);
    assert_int_equal(pair_carry_up(&p, 6, 7), JOURNAL_KNOWN);
    assert_int_equal(pair_carry_up(&p, 1, 7), JOURNAL_KNOWN);
    other_machine();
    pair_settle(&p);
    dossiers_expect_equal(&p, 8);
    assert_int_equal(dossiers_count(&p, "1", true), 8);
    assert_int_equal(dossiers_count(&p, "title = 'chưa gửi'", true), 2);
}

/* Between the claim and the new one's first frame, too. */
static void they_may_come_before_the_new_ones_first(void **state)
{
    (void)state;
    a_box_is_lost();
    another_machine(&file);
    assert_int_equal(claims(), 0);
    other_machine();
    assert_int_equal(pair_carry_up(&p, 6, 7), JOURNAL_TAKEN);
    (void)pair_apply_up(&p, 1000);
    other_machine();
    assert_int_equal(pair_carry_up(&p, 1, pair_box_last(&p)), JOURNAL_TAKEN);
    pair_settle(&p);
    dossiers_expect_equal(&p, 7);
}

static void what_was_held_of_it_goes_on_when_the_gap_closes(void **state)
{
    (void)state;
    a_box_is_lost();
    assert_int_equal(pair_carry_up(&p, 7, 7), JOURNAL_HELD);
    another_stands_in_its_place();
    assert_int_equal(pair_problems(&p), 0);
    other_machine();
    assert_int_equal(pair_carry_up(&p, 6, 6), JOURNAL_LATE);
    other_machine();
    pair_settle(&p);
    dossiers_expect_equal(&p, 7);
    assert_int_equal(dossiers_count(&p, "1", true), 7);
    assert_int_equal(pair_centre_number(&p, "SELECT count(*) FROM journal"
                                            " WHERE state = 'held'"),
                     0);
}

static void whoever_has_it_writes_nothing_of_the_new_ones_epoch(void **state)
{
    uint64_t before;

    (void)state;
    a_box_is_lost();
    another_stands_in_its_place();
    before = province_site(&p.p, p.site).received;
    other_machine();
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    dossiers_make(&p, 9, "kẻ lạ");
    pair_refused_up(&p, 8, 8, REFUSED_FORGED);
    must(fork_epoch(p.box->store, 7, &p.err), &p.err);
    dossiers_make(&p, 10, "kẻ lạ");
    pair_refused_up(&p, 9, 9, REFUSED_FORGED);
    other_machine();
    assert_int_equal(province_site(&p.p, p.site).received, before);
    assert_int_equal(alarms("forged"), 1);
    dossiers_expect_equal(&p, 5);
}

/* It says hello, with its key; *refused is what it hears. */
static void call(enum refused *refused)
{
    struct status_vector status = {.last = pair_box_last(&p)};
    struct visit v;
    struct buffer hello;

    buffer_init(&hello, 4096);
    visit_connect(&v, &p.p, "a connection");
    v.site = p.site;
    message_hello(&hello, p.site, store_identity(p.box->store)->epoch, &status, v.binding,
                  strlen(v.binding), &p.key);
    visit_say(&v, &hello);
    assert_int_equal(v.open, v.refusals == 0);
    *refused = v.reason;
    visit_end(&v);
    buffer_release(&hello);
}

static void it_is_refused_when_it_calls(void **state)
{
    struct enrolment first = {.site = p.site};
    enum refused why;

    (void)state;
    a_box_is_lost();
    call(&why);
    assert_int_equal(why, 0);
    another_stands_in_its_place();
    call(&why);
    assert_int_equal(why, 0);
    other_machine();
    call(&why);
    assert_int_equal(why, REFUSED_CLAIM_USED);
    assert_int_equal(alarms("former"), 1);
    assert_int_equal(alarms("forged"), 0);

    /* By stick it may have said its claim again; its secret is long forgotten. */
    first.site = p.site;
    assert_int_equal(claim_as(&first, 1), REFUSED_CLAIM_USED);
    assert_int_equal(alarms("former"), 1);
    assert_int_equal(alarms("claim_used"), 0);
}

/* --------------------------------------------------------------------------- the file */

static void a_file_is_good_for_one_machine(void **state)
{
    struct box_kept thief;

    (void)state;
    a_box_is_lost();
    another_stands_in_its_place();
    assert_int_equal(claims(), 0); /* its answer was lost */
    thief.key = p.key;
    key_pair_make(&p.key, &p.random.random);
    assert_int_equal(claims(), REFUSED_CLAIM_USED);
    assert_int_equal(alarms("claim_used"), 1);
    p.key = thief.key;
    dossiers_expect_equal(&p, 5);
}

static void without_its_secret_nobody_takes_the_place(void **state)
{
    struct enrolment forged;

    (void)state;
    a_box_is_lost();
    forged = file;
    forged.secret[3] ^= 1;
    another_machine(&file);
    assert_int_equal(claim_as(&forged, 2), REFUSED_CLAIM_USED);
    assert_int_equal(claim_as(&file, 1), REFUSED_CLAIM_USED); /* nor with its old epoch */
    assert_int_equal(alarms("replaced"), 0);
    assert_int_equal(claims(), 0); /* the secret is still good */
}

static void a_later_file_makes_an_unused_one_worthless(void **state)
{
    struct enrolment older;

    (void)state;
    a_box_is_lost();
    older = file;
    file = enrol_again();
    assert_int_equal(file.epoch, older.epoch);
    another_machine(&file);
    assert_int_equal(claim_as(&older, older.epoch), REFUSED_CLAIM_USED);
    assert_int_equal(claims(), 0);
}

/* The lost one was found, and put back to its own second copy, before the new one calls. */
static void a_file_whose_epoch_is_used_is_refused(void **state)
{
    (void)state;
    a_box_is_lost();
    must(fork_epoch(p.box->store, 2, &p.err), &p.err);
    dossiers_make(&p, 9, "máy cũ");
    assert_int_equal(pair_carry_up(&p, 6, 8), JOURNAL_TAKEN);
    pair_settle(&p);
    another_machine(&file);
    assert_int_equal(claims(), REFUSED_CLAIM_USED);
    assert_int_equal(alarms("claim_used"), 1);
    other_machine();
    file = enrol_again();
    assert_int_equal(file.epoch, 3);
    another_stands_in_its_place();
    dossiers_expect_equal(&p, 8);
}

/* It was moved to another card before it called. */
static void a_new_box_that_has_raised_its_epoch_is_taken(void **state)
{
    (void)state;
    a_box_is_lost();
    another_machine(&file);
    must(fork_epoch(p.box->store, 3, &p.err), &p.err);
    dossiers_make(&p, 8, "máy mới");
    assert_int_equal(claim_as(&file, 3), 0);
    assert_int_equal(pair_carry_up(&p, 1, 2), JOURNAL_TAKEN);
    pair_settle(&p);
    dossiers_expect_equal(&p, 6);
    assert_int_equal(alarms("forged"), 0);
}

static void there_must_be_a_box_to_replace(void **state)
{
    struct public_key tls = {{1}};
    struct enrolment f, unclaimed;

    (void)state;
    assert_int_equal(site_enrol_again(p.p.centre, 99, PROVINCE_URL, &tls, &f, &p.err),
                     -1);
    assert_int_equal(p.err.code, ERR_USAGE);
    assert_non_null(strstr(p.err.text, "no box has the number 99"));
    must(site_enrol(p.p.centre, "Xã Khác", PROVINCE_URL, &tls, &unclaimed, &p.err),
         &p.err);
    assert_int_equal(
        site_enrol_again(p.p.centre, unclaimed.site, PROVINCE_URL, &tls, &f, &p.err), -1);
    assert_int_equal(p.err.code, ERR_USAGE);
    assert_non_null(strstr(p.err.text, "first enrolment file"));
    pair_centre_alone(&p, "UPDATE site SET epoch = 254 WHERE site = 1");
    assert_int_equal(site_enrol_again(p.p.centre, 1, PROVINCE_URL, &tls, &f, &p.err), -1);
    assert_int_equal(p.err.code, ERR_FAILED);
    assert_non_null(strstr(p.err.text, "enrol it as a new one"));
}

/* ------------------------------------------------------------------------- originals */

static void an_original_that_the_lost_one_sealed_comes_by_its_stick(void **state)
{
    static const char paper[] = "a scan, as it came";
    struct public_key tls = {{1}};
    struct parcel sealed;
    struct hand_box b;
    struct visit v;

    (void)state;
    hand_box_start(&b, &p.p, "Xã Hai", 5);
    visit_begin(&v, &p.p, &b);
    assert_true(v.open);
    visit_end(&v);
    hand_box_blob(&b, &p.p, paper, sizeof paper, &sealed);
    must(
        site_enrol_again(p.p.centre, b.enrolment.site, PROVINCE_URL, &tls, &file, &p.err),
        &p.err);
    another_machine(&file);
    assert_int_equal(claims(), 0);

    b.key = p.key;
    b.claims = false;
    visit_begin(&v, &p.p, &b);
    assert_true(v.open);
    visit_offer(&v, &sealed);
    visit_send(&v, &sealed);
    assert_int_equal(v.refusals, 0);
    assert_int_equal(v.receipt.blobs_count, 1);
    visit_end(&v);
    parcel_release(&sealed);
    hand_box_finish(&b);
}

/* Some new machine's, of `file`. */
static void claim_at(struct centre *c)
{
    struct claim claim = {.site = file.site, .epoch = file.epoch};
    uint8_t bytes[CLAIM_BYTES];
    struct key_pair key;
    enum refused why;

    key_pair_make(&key, &p.random.random);
    claim.key = key.public_key;
    claim_encode(&claim, file.secret, &key, bytes);
    assert_int_equal(site_claim(c, bytes, sizeof bytes, &why, &p.err), 0);
}

/* By the stick itself: what it says of the box is not believed, what it carries is taken. */
static void its_stick_is_taken_though_its_hello_is_not(void **state)
{
    static struct courier_world w;
    struct public_key tls = {{1}};

    (void)state;
    courier_world_start(&w);
    courier_world_take(&w, "Quyết định một", 3000);
    world_trip(&w, 0);
    courier_world_take(&w, "Công văn hai", 4000);
    must(world_export(&w, 0), &w.err);
    must(site_enrol_again(w.province.centre, w.enrolment.site, PROVINCE_URL, &tls, &file,
                          &w.err),
         &w.err);
    claim_at(w.province.centre);
    must(province_import(&w, 0), &w.err);
    assert_int_equal(province_number(&w.province, "SELECT count(*) FROM document"), 2);
    assert_int_equal(province_number(&w.province, "SELECT count(*) FROM held_blob"),
                     world_number(&w.box, "SELECT count(*) FROM original"));
    assert_int_equal(province_alarms(&w.province, file.site, "former"), 1);
    assert_int_equal(province_alarms(&w.province, file.site, "forged"), 0);
    courier_world_finish(&w);
}

#define story(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(a_new_box_gets_back_what_the_lost_one_had_sent),
        story(what_the_centre_had_for_the_lost_one_comes_to_the_new_one),
        story(one_of_which_nothing_came_is_replaced_too),
        story(a_box_is_replaced_as_often_as_it_is_lost),
        story(until_the_new_one_calls_the_old_key_is_good),
        story(its_late_frames_come_by_stick_and_count_once),
        story(they_may_come_before_the_new_ones_first),
        story(what_was_held_of_it_goes_on_when_the_gap_closes),
        story(whoever_has_it_writes_nothing_of_the_new_ones_epoch),
        story(it_is_refused_when_it_calls),
        story(a_file_is_good_for_one_machine),
        story(without_its_secret_nobody_takes_the_place),
        story(a_later_file_makes_an_unused_one_worthless),
        story(a_file_whose_epoch_is_used_is_refused),
        story(a_new_box_that_has_raised_its_epoch_is_taken),
        story(there_must_be_a_box_to_replace),
        story(an_original_that_the_lost_one_sealed_comes_by_its_stick),
        story(its_stick_is_taken_though_its_hello_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
