/* Sticks that somebody has written for us: what they cost is time, and nobody's but their
 * own. */
#include <string.h>

#include "sync/centre/session.h"
#include "sync/sealed_blob.h"
#include "tests/lib/courier_world.h"

#define FORGED_PART_BYTES 4096
#define FORGED_BYTES      100000 /* of the original that it would be */
#define LARGE_BYTES       3500000
#define LARGE_TEXT        "so"
#define LARGE_FILE        "paper-3500000-2.jpg"

static struct courier_world w;
static struct err *const e = &w.err;

static int start(void **state)
{
    (void)state;
    courier_world_start(&w);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    courier_world_finish(&w);
    return 0;
}

/* ---------------------------------------------------------------------- beginnings */

/* The beginning of an original: a header as it should be, and noise. */
static void forge_original(struct courier_writer *tar, const struct hash *h,
                           uint16_t site, uint64_t blob_bytes)
{
    unsigned char bytes[FORGED_PART_BYTES] = "TRX1";
    struct courier_entry n = {.what = COURIER_BLOB, .end = sealed_bytes(blob_bytes)};

    memcpy(n.object.id, h->bytes, OBJECT_ID_BYTES);
    bytes[4] = (unsigned char)site;
    bytes[5] = (unsigned char)(site >> 8);
    for (int i = 0; i < 8; i++)
        bytes[8 + i] = (unsigned char)(blob_bytes >> (8 * i));
    memcpy(bytes + 16, h->bytes, HASH_BYTES);
    must(courier_writer_add(tar, n, bytes, sizeof bytes, e), e);
}

/* … that nobody has. */
static void forge_beginning(struct courier_writer *tar, unsigned which, uint16_t site,
                            uint64_t blob_bytes)
{
    struct hash h;

    hash_of(&h, &which, sizeof which);
    forge_original(tar, &h, site, blob_bytes);
}

/* A tar of many. */
static void forge_many(uint32_t number, unsigned first, unsigned count)
{
    struct courier_writer *tar = stick_forge(&w, DIRECTION_UP, number);

    for (unsigned i = 0; i < count; i++)
        forge_beginning(tar, first + i, w.enrolment.site, FORGED_BYTES);
    stick_forged(&w, tar);
}

static int count_name(void *arg, const char *name, struct err *err)
{
    (void)name; /* as `err`, disk_list()'s form of a callback */
    (void)err;
    ++*(unsigned *)arg;
    return 0;
}

static unsigned partial_files(void)
{
    unsigned count = 0;

    must(disk_list(w.province.disk, PROVINCE_DIR "/partial", count_name, &count, e), e);
    return count;
}

static void a_forged_stick_cannot_fill_the_centres_disk(void **state)
{
    struct courier_writer *tar;

    (void)state;
    courier_world_take_some(&w, 1);
    must(world_export(&w, 0), e);
    tar = stick_forge(&w, DIRECTION_UP, 50);
    for (unsigned i = 0; i < 20; i++)
        forge_beginning(tar, i, w.enrolment.site, 20u << 20);
    stick_forged(&w, tar);
    disk_sim_set_faults(w.province.disk,
                        &(struct disk_sim_faults){
                            .bytes_max = disk_sim_bytes(w.province.disk) + 8000000});
    must(province_import(&w, 0), e);
    assert_int_equal(w.told[w.told_count - 1].tar.crowded, 20);
    assert_int_equal(partial_files(), 0);
    must(world_import_stick(&w, 0), e); /* what is the box's own was taken and answered */
    expect_all_there(&w);
}

static void a_forged_beginning_is_refused_before_a_byte_is_kept(void **state)
{
    struct courier_writer *tar = stick_forge(&w, DIRECTION_UP, 1);

    (void)state;
    courier_world_take_some(&w, 1);
    forge_beginning(tar, 1, (uint16_t)(w.enrolment.site + 1), 100000);
    forge_beginning(tar, 2, w.enrolment.site, 16ull << 30);
    stick_forged(&w, tar);
    world_trip(&w, 1); /* it has claimed */
    must(province_import(&w, 0), e);
    assert_int_equal(w.told[0].tar.state, TAR_REFUSED);
    assert_int_equal(w.told[0].tar.parts, 0);
    assert_int_equal(partial_files(), 0);
}

static void many_forged_beginnings_leave_the_site_its_answer(void **state)
{
    (void)state;
    courier_world_take_some(&w, 1);
    world_trip(&w, 1);
    courier_world_take_some(&w, 1);
    must(world_export(&w, 0), e);
    forge_many(50, 0, 400);
    /* Room for the numbers, not for a word about each of those. */
    disk_sim_set_faults(w.sticks[0], &(struct disk_sim_faults){
                                         .bytes_max = disk_sim_bytes(w.sticks[0]) +
                                                      ANSWER_MARGIN_BYTES * 2 + 8000});
    must(province_import(&w, 0), e);
    assert_int_equal(w.told[2].tar.parts, 256);
    assert_int_equal(w.told[2].tar.crowded, 400 - 256);
    assert_int_equal(partial_files(), 2 * 256);
    assert_int_equal(w.answered.tars, 1);
    must(world_import_stick(&w, 0), e);
    assert_int_equal(w.imported.received, world_last(&w));
    assert_int_equal(w.imported.damaged, 0);
}

/* The stick with which only a part of it arrives: its first two mebibytes. */
static void half_an_original_arrives(void)
{
    courier_world_take_some(&w, 1);
    world_trip(&w, 0);
    courier_world_take(&w, LARGE_TEXT, LARGE_BYTES);
    must(world_export(&w, 0), e);
    stick_cut(&w, 0, 1, (2u << 20) + 3000);
    must(province_import(&w, 0), e);
    assert_int_equal(partial_files(), 2);
}

static void a_boxs_large_original_takes_the_place_of_forged_beginnings(void **state)
{
    (void)state;
    courier_world_take_some(&w, 1);
    world_trip(&w, 1);
    forge_many(1, 0, 400);
    must(province_import(&w, 0), e);
    assert_int_equal(partial_files(), 2 * 256);
    courier_world_take(&w, LARGE_TEXT, LARGE_BYTES);
    world_trip(&w, 0);
    expect_all_there(&w);
}

/* The answer said how much of it is there: the rest of it goes, and that is all. */
static void expect_the_rest_to_go(void)
{
    unsigned tars;

    must(world_import_stick(&w, 0), e);
    must(world_export(&w, 0), e);
    tars = stick_count(&w, 0, DIRECTION_UP);
    assert_in_range(stick_tar_bytes(&w, 0, tars - 1), 1000000, 1500000);
    must(province_import(&w, 0), e);
    must(world_import_stick(&w, 0), e);
    expect_all_there(&w);
}

/* Nor do those that come day by day take the place of what a box has begun. */
static void what_a_box_has_begun_outlives_forged_beginnings(void **state)
{
    char path[DISK_PATH_BYTES];

    (void)state;
    half_an_original_arrives();
    stick_path(&w, path, DIRECTION_UP, 50);
    for (unsigned day = 0; day < 5; day++) {
        must(session_sweep(w.province.centre, e), e);
        forge_many(50, 1000 * day, 400);
        must(province_import(&w, 0), e);
        must(disk_remove(w.sticks[0], path, e), e);
    }
    assert_int_equal(w.told[w.told_count - 1].tar.parts, 255); /* but of each other's */
    expect_the_rest_to_go();
}

/* Who has read a stick knows what an original is called, and may lie about its length. */
static void another_length_disturbs_nothing_that_has_begun(void **state)
{
    static const uint64_t lengths[] = {5000, 1500000, 9 * LARGE_BYTES};
    struct courier_writer *tar;

    (void)state;
    half_an_original_arrives();
    tar = stick_forge(&w, DIRECTION_UP, 50);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        forge_original(tar, &world_told(&w.box, LARGE_FILE)->sha256, w.enrolment.site,
                       lengths[i]);
    stick_forged(&w, tar);
    must(province_import(&w, 0), e);
    assert_int_equal(partial_files(), 2 * (1 + sizeof lengths / sizeof lengths[0]));
    expect_the_rest_to_go();
}

/* How many calls of its disk the centre needs for a stick of many beginnings does not grow
 * with their square. */
static void beginnings_are_looked_for_once_a_stick(void **state)
{
    uint64_t calls;

    (void)state;
    courier_world_take_some(&w, 1);
    world_trip(&w, 1);
    forge_many(1, 0, 256);
    must(province_import(&w, 0), e);
    forge_many(50, 1000, 400);
    calls = disk_sim_calls(w.province.disk);
    must(province_import(&w, 0), e);
    assert_true(disk_sim_calls(w.province.disk) - calls < 400 * 10);
}

/* ------------------------------------------------------------------------- numbers */

static void numbers_that_somebody_has_used_up_begin_anew(void **state)
{
    char path[DISK_PATH_BYTES];

    (void)state;
    for (int round = 0; round < 3; round++) {
        stick_path(&w, path, DIRECTION_UP, COURIER_NUMBER_MAX);
        must(disk_replace(w.sticks[0], path, "forged", 6, e), e);
        stick_path(&w, path, DIRECTION_DOWN, COURIER_NUMBER_MAX);
        must(disk_replace(w.sticks[0], path, "forged", 6, e), e);
        courier_world_take_some(&w, 2);
        world_trip(&w, 0);
        expect_all_there(&w);
    }
    courier_world_take_some(&w, 1);
    world_trip(&w, 0);
    expect_all_there(&w);
    assert_int_equal(stick_count(&w, 0, DIRECTION_UP), 0);
    assert_int_equal(stick_count(&w, 0, DIRECTION_DOWN), 1);
}

static void a_word_that_all_numbers_were_read_delays_nothing(void **state)
{
    struct courier_entry took = {.what = COURIER_TOOK, .end = COURIER_NUMBER_MAX - 1};
    struct courier_writer *tar;

    (void)state;
    tar = stick_forge(&w, DIRECTION_DOWN, 1);
    must(courier_writer_add(tar, took, "", 0, e), e);
    stick_forged(&w, tar);
    for (int round = 0; round < 3; round++) {
        courier_world_take_some(&w, 2);
        world_trip(&w, 0);
        expect_all_there(&w);
    }
}

#define STORY(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_forged_stick_cannot_fill_the_centres_disk),
        STORY(a_forged_beginning_is_refused_before_a_byte_is_kept),
        STORY(many_forged_beginnings_leave_the_site_its_answer),
        STORY(a_boxs_large_original_takes_the_place_of_forged_beginnings),
        STORY(what_a_box_has_begun_outlives_forged_beginnings),
        STORY(another_length_disturbs_nothing_that_has_begun),
        STORY(beginnings_are_looked_for_once_a_stick),
        STORY(numbers_that_somebody_has_used_up_begin_anew),
        STORY(a_word_that_all_numbers_were_read_delays_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
