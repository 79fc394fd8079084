/* Originals that come packed become what they were, and nothing is lost on the way. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/statements.h"
#include "sync/centre/backup.h"
#include "sync/centre/fleet.h"
#include "sync/centre/unpacking.h"
#include "sync/centre/verify.h"
#include "tests/lib/packed_fake.h"
#include "tests/lib/province.h"
#include "tests/lib/restorer_fake.h"
#include "tests/lib/worn_disk.h"

#define SCAN "bản quét của một công văn, một trăm dòng"

static struct province p;
static struct hand_box b;
static struct restorer_fake restorer;
static struct worn_disk worn; /* under the province in one story */
static struct parcel frames, packed;
static struct hash scan_hash, packed_hash;
static struct hash other_packed; /* another_arrives() */

/* Its packed form, sealed. */
static void pack(const char *scan, struct hash *scanned, struct hash *came,
                 struct parcel *out)
{
    struct buffer bytes;

    buffer_init(&bytes, 4096);
    packed_fake_bytes(scan, strlen(scan), &bytes);
    hash_of(scanned, scan, strlen(scan));
    hash_of(came, bytes.bytes, bytes.count);
    hand_box_blob(&b, &p, bytes.bytes, bytes.count, out);
    buffer_release(&bytes);
}

static int start(void **state)
{
    (void)state;
    province_start(&p, 7);
    hand_box_start(&b, &p, "Xã Một", 1);
    restorer_fake_init(&restorer);
    (void)hand_box_take(&b, "công văn", SCAN);
    hand_box_bundle(&b, &p, 1, hand_box_last(&b), &frames);
    pack(SCAN, &scan_hash, &packed_hash, &packed);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    parcel_release(&frames);
    parcel_release(&packed);
    hand_box_finish(&b);
    if (p.disk == &worn.disk) {
        province_close(&p);
        p.disk = worn.under;
    }
    province_finish(&p);
    return 0;
}

/* One contact; what was said of the blob. */
static int send(const struct parcel *parcel)
{
    struct visit v = {0};
    int said = 0;

    visit_begin(&v, &p, &b);
    visit_send(&v, parcel);
    if (v.receipt.blobs_count == 1 &&
        memcmp(v.receipt.blobs[0].sha256.bytes, parcel->id.id, OBJECT_ID_BYTES) == 0)
        said = (int)v.receipt.blobs[0].state;
    visit_end(&v);
    return said;
}

/* The frames that name it, applied, and then it. */
static void arrive(void)
{
    (void)send(&frames);
    (void)province_apply(&p);
    (void)send(&packed);
}

/* From the first that waits. */
static int unpack_some(unsigned *restored)
{
    struct unpacking_walk walk = {0};

    return unpacking_some(p.centre, &restorer.restorer, &walk, 10, restored, &p.err);
}

static unsigned unpack(void)
{
    unsigned restored;

    must(unpack_some(&restored), &p.err);
    return restored;
}

static bool is_here(const struct hash *h)
{
    bool sound;

    must(blob_check(p.centre->blobs, h, &sound, &p.err), &p.err);
    return sound;
}

static int64_t held(const struct hash *h)
{
    char sql[160], hex[HASH_HEX_BYTES];

    hash_to_hex(hex, h);
    (void)snprintf(sql, sizeof sql,
                   "SELECT sum(state) FROM held_blob WHERE sha256 = x'%s'", hex);
    return province_number(&p, sql);
}

static int64_t complete(void)
{
    json_t *j;
    int64_t n;

    must(fleet_json(p.centre, 1, &j, &p.err), &p.err);
    n = json_integer_value(
        json_object_get(json_array_get(json_object_get(j, "sites"), 0), "complete"));
    json_decref(j);
    return n;
}

static void on_problem(void *arg, const char *text)
{
    (void)snprintf(arg, 512, "%s", text);
}

static const char *problem(void)
{
    static char text[512];
    struct centre_verify_sink sink = {
        .problem = on_problem, .unrestored = on_problem, .arg = text};

    text[0] = '\0';
    must(centre_verify(p.centre, &sink, &p.err), &p.err);
    return text;
}

static void a_packed_original_is_receipted_restored_and_counted(void **state)
{
    (void)state;
    (void)send(&frames);
    (void)province_apply(&p);
    assert_int_equal(send(&packed), BLOB_RECEIVED);
    assert_int_equal(complete(), 0); /* it cannot be shown yet */
    assert_int_equal(unpack(), 1);
    assert_true(is_here(&scan_hash));
    assert_int_equal(held(&scan_hash), BLOB_RECEIVED);
    assert_int_equal(held(&packed_hash), 0);
    assert_int_equal(complete(), 1);
    assert_string_equal(problem(), "");
    assert_int_equal(unpack(), 0);
    assert_int_equal(restorer.asked, 1);
}

static void a_packed_original_waits_for_the_frames_that_name_it(void **state)
{
    (void)state;
    assert_int_equal(send(&packed), BLOB_RECEIVED);
    assert_int_equal(unpack(), 0);
    assert_int_equal(restorer.asked, 0);
    (void)send(&frames);
    (void)province_apply(&p);
    assert_int_equal(unpack(), 1);
    assert_true(is_here(&scan_hash));
}

static void who_offers_it_again_hears_that_it_is_here(void **state)
{
    (void)state;
    arrive();
    assert_int_equal(unpack(), 1);
    assert_int_equal(send(&packed), BLOB_RECEIVED);
    assert_int_equal(province_number(&p, "SELECT count(*) FROM held_blob"), 1);
    must(backup_make(p.centre, "/luu", &(struct backup_counts){0}, &p.err), &p.err);
    assert_int_equal(unpack(), 0); /* the packed form goes */
    assert_false(is_here(&packed_hash));
    assert_int_equal(send(&packed), BLOB_SAFE);
    assert_false(is_here(&packed_hash));
    assert_string_equal(problem(), "");
}

static void the_packed_form_stays_until_its_original_is_safe(void **state)
{
    (void)state;
    arrive();
    must(backup_make(p.centre, "/luu-1", &(struct backup_counts){0}, &p.err), &p.err);
    assert_int_equal(held(&packed_hash), BLOB_RECEIVED); /* it may never be restored */
    assert_int_equal(unpack(), 1);
    assert_int_equal(held(&scan_hash), BLOB_RECEIVED); /* it is in no backup itself */
    assert_true(is_here(&packed_hash));
    must(backup_make(p.centre, "/luu-2", &(struct backup_counts){0}, &p.err), &p.err);
    assert_int_equal(unpack(), 0);
    assert_false(is_here(&packed_hash));
    assert_int_equal(held(&scan_hash), BLOB_SAFE);
}

static void one_that_cannot_be_restored_is_kept_and_told(void **state)
{
    (void)state;
    arrive();
    restorer.refusal = REFUSAL_TIMED_OUT;
    assert_int_equal(unpack(), 0);
    assert_int_equal(unpack(), 0);
    assert_int_equal(restorer.asked, 1);
    assert_int_equal(province_alarms(&p, 1, "unpacking"), 1);
    assert_true(is_here(&packed_hash));
    assert_int_equal(complete(), 0);
    assert_non_null(strstr(problem(), "cannot be restored: timed_out"));
    restorer.refusal = REFUSAL_NONE;
    must(unpacking_again(p.centre, &p.err), &p.err); /* serve starts */
    assert_int_equal(unpack(), 1);
    assert_int_equal(complete(), 1);
    assert_int_equal(province_alarms(&p, 1, "unpacking"), 0); /* it was restored */
}

static void one_that_cannot_be_restored_stops_no_backup(void **state)
{
    (void)state;
    arrive();
    restorer.refusal = REFUSAL_DAMAGED;
    assert_int_equal(unpack(), 0);
    must(backup_make(p.centre, "/luu-1", &(struct backup_counts){0}, &p.err), &p.err);
    assert_int_equal(province_number(&p, "SELECT safe FROM site"), 1);
    assert_int_equal(held(&packed_hash), BLOB_RECEIVED);
    assert_int_equal(send(&packed), BLOB_RECEIVED); /* its box keeps the original */
    restorer.refusal = REFUSAL_NONE;
    must(unpacking_again(p.centre, &p.err), &p.err);
    assert_int_equal(unpack(), 1);
    must(backup_make(p.centre, "/luu-2", &(struct backup_counts){0}, &p.err), &p.err);
    assert_int_equal(send(&packed), BLOB_SAFE);
}

/* A second original, which waits as the first; its hash. */
static struct hash another_arrives(void)
{
    static const char other[] = "bản quét khác, cũng một trăm dòng";
    struct parcel second, more_frames;
    struct hash other_hash;

    (void)hand_box_take(&b, "tờ trình", other);
    hand_box_bundle(&b, &p, 2, hand_box_last(&b), &more_frames);
    pack(other, &other_hash, &other_packed, &second);
    (void)send(&more_frames);
    (void)province_apply(&p);
    (void)send(&second);
    parcel_release(&second);
    parcel_release(&more_frames);
    return other_hash;
}

/* Its file is absent, which keeps none of the others waiting. */
static void one_whose_file_is_gone_is_told_and_the_next_is_restored(void **state)
{
    struct hash other_hash;

    (void)state;
    arrive();
    other_hash = another_arrives();
    must(blob_remove(p.centre->blobs, &packed_hash, &p.err), &p.err);
    assert_int_equal(unpack(), 1);
    assert_true(is_here(&other_hash));
    assert_int_equal(restorer.asked, 1);
    assert_int_equal(province_alarms(&p, 1, "unpacking"), 1);
    assert_int_equal(
        province_number(&p, "SELECT count(*) FROM unpacking WHERE state = 'failed'"), 1);
}

static void without_a_reader_it_waits_and_an_alarm_says_so(void **state)
{
    unsigned restored;

    (void)state;
    arrive();
    restorer.gone = true;
    assert_int_equal(unpack_some(&restored), -1);
    assert_int_equal(province_alarms(&p, 1, "unpacking"), 1);
    assert_true(is_here(&packed_hash));
    restorer.gone = false;
    assert_int_equal(unpack(), 1);
    assert_int_equal(province_alarms(&p, 1, "unpacking"), 0);
}

static void while_the_disk_is_low_it_waits_and_an_alarm_says_so(void **state)
{
    struct disk_sim_faults low = {0};
    unsigned restored;

    (void)state;
    arrive();
    low.bytes_max = disk_sim_bytes(p.disk) + (1024u << 20); /* not for the original too */
    disk_sim_set_faults(p.disk, &low);
    assert_int_equal(unpack_some(&restored), -1);
    assert_int_equal(restorer.asked, 0);
    assert_int_equal(province_alarms(&p, 1, "unpacking"), 1);
    low.bytes_max += 64u << 20;
    disk_sim_set_faults(p.disk, &low);
    assert_int_equal(unpack(), 1);
    assert_int_equal(complete(), 1);
}

static void a_restorer_that_lies_is_not_believed(void **state)
{
    (void)state;
    arrive();
    restorer.lies = true;
    assert_int_equal(unpack(), 0);
    assert_int_equal(held(&scan_hash), 0);
    assert_true(is_here(&packed_hash));
}

static void a_small_image_is_kept_as_it_is(void **state)
{
    struct parcel image;
    struct hash h;

    (void)state;
    hand_box_blob(&b, &p, "%PDF-1.4 ảnh nhỏ", 18, &image);
    hash_of(&h, "%PDF-1.4 ảnh nhỏ", 18);
    (void)send(&frames);
    (void)province_apply(&p);
    assert_int_equal(send(&image), BLOB_RECEIVED);
    assert_int_equal(complete(), 0); /* complete means the originals */
    assert_int_equal(held(&h), BLOB_RECEIVED);
    assert_int_equal(province_number(&p, "SELECT count(*) FROM unpacking"), 0);
    parcel_release(&image);
}

/* The power goes at every disk call of restoring; afterwards it is restored all the
 * same, once, and nothing that was receipted is gone. */
static void a_power_cut_at_any_instant_of_restoring_loses_nothing(void **state)
{
    struct disk_sim_faults faults = {0};
    unsigned restored, cuts = 0;
    bool whole = false;

    (void)state;
    arrive();
    must(backup_make(p.centre, "/luu", &(struct backup_counts){0}, &p.err), &p.err);
    for (uint64_t n = 1; !whole; n++) {
        faults.die_at_call = disk_sim_calls(p.disk) + n;
        disk_sim_set_faults(p.disk, &faults);
        whole = unpack_some(&restored) == 0;
        cuts += !whole;
        province_power_cut(&p);
        disk_sim_set_faults(p.disk, &(struct disk_sim_faults){0});
        must(province_open(&p, &p.err), &p.err);
        assert_string_equal(problem(), "");
        assert_true(held(&packed_hash) > 0 || held(&scan_hash) > 0);
    }
    assert_true(cuts > 10);
    (void)unpack();
    assert_true(is_here(&scan_hash));
    assert_int_equal(complete(), 1);
}

/* One disk call fails, each in its turn. The next try restores it, and then nobody is told
 * that it waits. */
static void a_disk_that_fails_once_leaves_no_alarm_and_nothing_unrestored(void **state)
{
    struct disk_sim_faults faults = {0};
    unsigned restored, failures = 0;
    bool whole = false;
    int rc;

    for (uint64_t n = 1; !whole; n++) {
        (void)finish(state);
        (void)start(state);
        arrive();
        faults.fail_call = disk_sim_calls(p.disk) + n;
        disk_sim_set_faults(p.disk, &faults);
        rc = unpack_some(&restored);
        whole = disk_sim_calls(p.disk) < faults.fail_call;
        failures += rc != 0;
        disk_sim_set_faults(p.disk, &(struct disk_sim_faults){0});
        (void)unpack();
        assert_int_equal(complete(), 1);
        assert_int_equal(province_alarms(&p, 1, "unpacking"), 0);
        assert_string_equal(problem(), "");
    }
    assert_true(failures > 10);
}

static void put_on_a_worn_disk(void)
{
    worn_disk_init(&worn, p.disk);
    province_close(&p);
    p.disk = &worn.disk;
    must(province_open(&p, &p.err), &p.err);
}

static void one_that_the_disk_cannot_open_waits_and_the_next_is_restored(void **state)
{
    char hex[HASH_HEX_BYTES];
    unsigned restored;
    struct hash other;

    (void)state;
    arrive();
    other = another_arrives();
    hash_to_hex(hex, &packed_hash);
    put_on_a_worn_disk();
    worn.unopened = hex + 2; /* behind its directory's name */
    assert_int_equal(unpack(), 1);
    assert_true(is_here(&other));
    assert_int_equal(province_alarms(&p, 1, "unpacking"), 1);
    assert_int_equal(unpack_some(&restored), -1);
    worn.unopened = NULL;
    assert_int_equal(unpack(), 1);
    assert_int_equal(complete(), 2);
    assert_int_equal(province_alarms(&p, 1, "unpacking"), 0);
}

/* The first that waits, or the last: whichever comes, the other is restored. */
static void that_one_waits_is_told_whenever_another_of_its_site_is_restored(void **state)
{
    char hex[HASH_HEX_BYTES];
    unsigned restored;
    bool is_last; /* the one of arrive() */

    for (int last = 0; last < 2; last++) {
        (void)finish(state);
        (void)start(state);
        arrive();
        (void)another_arrives();
        is_last = memcmp(packed_hash.bytes, other_packed.bytes, HASH_BYTES) > 0;
        hash_to_hex(hex, is_last == (last != 0) ? &packed_hash : &other_packed);
        put_on_a_worn_disk();
        worn.unopened = hex + 2;
        assert_int_equal(unpack(), 1);
        assert_int_equal(province_alarms(&p, 1, "unpacking"), 1);
        assert_int_equal(unpack_some(&restored), -1);
        assert_int_equal(province_alarms(&p, 1, "unpacking"), 1);
        worn.unopened = NULL;
        assert_int_equal(unpack(), 1);
        assert_int_equal(province_alarms(&p, 1, "unpacking"), 0);
    }
}

/* Seventy more that hold the same original, none of which has a file to be found. */
static void a_disk_that_opens_none_is_asked_for_a_few_at_a_turn(void **state)
{
    struct unpacking_walk walk = {0};
    unsigned restored;
    char sql[400], hex[HASH_HEX_BYTES];

    (void)state;
    arrive();
    hash_to_hex(hex, &scan_hash);
    (void)snprintf(sql, sizeof sql,
                   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
                   " i < 70) INSERT INTO unpacking SELECT"
                   " CAST(printf('%%032d', i) AS BLOB), 1, x'%s', %zu, 'waiting', NULL"
                   " FROM n",
                   hex, strlen(SCAN));
    must(sql_run(store_db(p.centre->store), sql, &p.err), &p.err);
    put_on_a_worn_disk();
    worn.unopened = worn.unseen = "/blobs/";
    assert_int_equal(
        unpacking_some(p.centre, &restorer.restorer, &walk, 10, &restored, &p.err), -1);
    hash_to_hex(hex, &walk.packed);
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM unpacking WHERE packed <= x'%s'", hex);
    assert_int_equal(province_number(&p, sql), UNPACKING_UNOPENED_MAX);
    /* The rest, and then from the beginning again. */
    assert_int_equal(
        unpacking_some(p.centre, &restorer.restorer, &walk, 10, &restored, &p.err), -1);
    assert_int_equal(walk.site, 0);
    assert_int_equal(province_number(&p, "SELECT count(*) FROM unpacking"
                                         " WHERE state = 'waiting'"),
                     71);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_packed_original_is_receipted_restored_and_counted),
        STORY(a_packed_original_waits_for_the_frames_that_name_it),
        STORY(who_offers_it_again_hears_that_it_is_here),
        STORY(the_packed_form_stays_until_its_original_is_safe),
        STORY(one_that_cannot_be_restored_is_kept_and_told),
        STORY(one_that_cannot_be_restored_stops_no_backup),
        STORY(one_whose_file_is_gone_is_told_and_the_next_is_restored),
        STORY(without_a_reader_it_waits_and_an_alarm_says_so),
        STORY(while_the_disk_is_low_it_waits_and_an_alarm_says_so),
        STORY(one_that_the_disk_cannot_open_waits_and_the_next_is_restored),
        STORY(that_one_waits_is_told_whenever_another_of_its_site_is_restored),
        STORY(a_disk_that_opens_none_is_asked_for_a_few_at_a_turn),
        STORY(a_disk_that_fails_once_leaves_no_alarm_and_nothing_unrestored),
        STORY(a_restorer_that_lies_is_not_believed),
        STORY(a_small_image_is_kept_as_it_is),
        STORY(a_power_cut_at_any_instant_of_restoring_loses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
