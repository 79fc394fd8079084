/* Sticks that wear out, and sticks with strange things on them: what they cost is time,
 * and nobody's but their own. */
#include <stdio.h>
#include <string.h>

#include "schema/statements.h"
#include "tests/lib/courier_world.h"
#include "tests/lib/worn_disk.h"

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

/* ------------------------------------------------------------------------- damage */

static void half_a_stick_brings_what_is_whole_on_it(void **state)
{
    (void)state;
    courier_world_take_some(&w, 1);
    must(world_export(&w, 0), e);
    courier_world_take_some(&w, 1);
    must(world_export(&w, 0), e);
    stick_cut(&w, 0, 2, stick_tar_bytes(&w, 0, 2) - 2000);
    must(province_import(&w, 0), e);
    assert_true(w.told[2].tar.cut_off);
    assert_int_equal(w.told[0].tar.state, TAR_TAKEN);
    must(world_import_stick(&w, 0), e);
    assert_true(w.imported.received > 0);
    world_trip(&w, 0);
    expect_all_there(&w);
    assert_int_equal(world_site(&w).alarms, 0);
}

static void a_damaged_entry_in_the_middle_costs_only_itself(void **state)
{
    (void)state;
    courier_world_take_some(&w, 4); /* one tar of records, one of four originals */
    must(world_export(&w, 0), e);
    stick_change(&w, 0, DIRECTION_UP, 1, 512 + 3584 + 512 + 100, "damage", 6);
    must(province_import(&w, 0), e);
    assert_int_equal(w.told[1].tar.state, TAR_TAKEN);
    assert_int_equal(w.told[1].tar.damaged, 1);
    assert_int_equal(w.told[1].tar.blobs, 3);
    assert_int_equal(w.told[1].tar.why, 0); /* worn out, not forged */
    must(world_import_stick(&w, 0), e);
    assert_int_equal(stick_count(&w, 0, DIRECTION_UP), 1); /* something in it is missed */
    must(world_export(&w, 0), e);
    assert_int_equal(w.exported.blobs, 1); /* the centre has read it: once more */
    assert_int_equal(stick_count(&w, 0, DIRECTION_UP), 2);
    must(province_import(&w, 0), e);
    must(world_import_stick(&w, 0), e);
    expect_all_there(&w);
    assert_int_equal(stick_count(&w, 0, DIRECTION_UP), 0);
    assert_int_equal(world_site(&w).alarms, 0);
}

/* Each byte of the records' tar, and of the answer: never a refusal of more. */
static void no_damage_anywhere_does_more_than_delay(void **state)
{
    uint64_t bytes;

    (void)state;
    courier_world_take_some(&w, 1);
    must(world_export(&w, 0), e);
    bytes = stick_tar_bytes(&w, 0, 0);
    for (uint64_t at = 0; at < bytes; at += 97) {
        stick_copy(&w, 0, 1);
        stick_change(&w, 1, DIRECTION_UP, 0, at, "\x5a\xa5", 2);
        must(province_import(&w, 1), e);
        must(world_import_stick(&w, 1), e);
        assert_true(w.imported.received <= world_last(&w));
    }
    assert_int_equal(world_site(&w).alarms, 0);
    must(world_export(&w, 0), e);
    must(province_import(&w, 0), e);
    must(world_import_stick(&w, 0), e);
    expect_all_there(&w);
}

static void a_damaged_answer_is_told_and_comes_again(void **state)
{
    (void)state;
    courier_world_take_some(&w, 1);
    must(world_export(&w, 0), e);
    must(province_import(&w, 0), e);
    stick_change(&w, 0, DIRECTION_DOWN, 0, 600, "damage", 6);
    must(world_import_stick(&w, 0), e);
    assert_true(w.imported.damaged > 0);
    assert_int_equal(w.imported.refused, 0);
    must(province_export(&w, 0), e);
    must(world_import_stick(&w, 0), e);
    expect_all_there(&w);
}

/* ------------------------------------------------------------------- strange sticks */

static void a_stick_of_other_files_is_left_alone(void **state)
{
    struct buffer all;

    (void)state;
    must(disk_replace(w.sticks[0], STICK_DIR "/Báo cáo.docx", "report", 6, e), e);
    must(disk_replace(w.sticks[0], STICK_DIR "/backup.tar", "no tar", 6, e), e);
    must(disk_make_dir(w.sticks[0], STICK_DIR "/Ảnh", e), e);
    must(province_import(&w, 0), e);
    assert_int_equal(w.told_count, 0);
    assert_int_equal(w.answered.tars, 0);
    must(world_import_stick(&w, 0), e);
    assert_int_equal(w.imported.tars + w.imported.foreign, 0);
    courier_world_take_some(&w, 1);
    world_trip(&w, 0);
    expect_all_there(&w);
    buffer_init(&all, 100);
    must(disk_read_all(w.sticks[0], STICK_DIR "/Báo cáo.docx", &all, e), e);
    assert_memory_equal(all.bytes, "report", 6);
    buffer_release(&all);
}

static void a_file_of_ours_that_is_no_tar_is_told(void **state)
{
    char name[COURIER_NAME_BYTES], path[DISK_PATH_BYTES];
    struct courier_name n = {.line = {.site = w.enrolment.site}, .number = 1};

    (void)state;
    courier_tag(n.line.tag, &w.enrolment.centre_key);
    courier_name_write(name, &n);
    must(disk_path(path, e, "%s/%s", STICK_DIR, name), e);
    must(disk_replace(w.sticks[0], path, "MZ\x90", 3, e), e);
    must(province_import(&w, 0), e);
    assert_int_equal(w.told_count, 1);
    assert_true(w.told[0].tar.cut_off);
    n.direction = DIRECTION_DOWN;
    courier_name_write(name, &n);
    must(disk_path(path, e, "%s/%s", STICK_DIR, name), e);
    must(disk_make_dir(w.sticks[0], path, e), e); /* nor a file */
    must(world_import_stick(&w, 0), e);
    assert_true(w.imported.damaged > 0);
}

static void a_stick_of_another_province_is_told_and_left_alone(void **state)
{
    struct courier_world other;

    (void)state;
    courier_world_take_some(&w, 1);
    must(world_export(&w, 0), e);
    courier_world_start(&other);
    /* Its keys are made from another seed than ours. */
    province_finish(&other.province);
    province_start(&other.province, 99);
    {
        struct disk *own = other.sticks[0];

        other.sticks[0] = w.sticks[0];
        must(province_import(&other, 0), &other.err);
        other.sticks[0] = own;
    }
    assert_int_equal(other.told_count, 2);
    assert_int_equal(other.told[0].tar.state, TAR_FOREIGN);
    assert_int_equal(other.answered.tars, 0);
    courier_world_finish(&other);
    must(province_import(&w, 0), e); /* nothing of it was lost there */
    must(world_import_stick(&w, 0), e);
    expect_all_there(&w);
}

static void a_box_that_was_never_enrolled_here_is_told(void **state)
{
    struct courier_list l;
    struct courier_name n;
    char from[DISK_PATH_BYTES], to[DISK_PATH_BYTES];

    (void)state;
    courier_world_take_some(&w, 1);
    must(world_export(&w, 0), e);
    l = stick_list(&w, 0);
    n = l.names[0];
    must(courier_path(from, STICK_DIR, &n, e), e);
    n.line.site = 999;
    must(courier_path(to, STICK_DIR, &n, e), e);
    courier_list_release(&l);
    must(disk_rename(w.sticks[0], from, to, e), e);
    must(province_import(&w, 0), e);
    assert_int_equal(w.told[w.told_count - 1].tar.state, TAR_UNKNOWN);
    assert_int_equal(w.told[w.told_count - 1].name.line.site, 999);
}

/* ------------------------------------------------------------------------- wearing */

static void a_directory_named_like_a_tar_stops_no_answer(void **state)
{
    char path[DISK_PATH_BYTES];

    (void)state;
    stick_path(&w, path, DIRECTION_DOWN, 3);
    must(disk_make_dir(w.sticks[0], path, e), e);
    stick_path(&w, path, DIRECTION_UP, 7);
    must(disk_make_dir(w.sticks[0], path, e), e);
    for (int round = 0; round < 2; round++) {
        courier_world_take_some(&w, 1);
        world_trip(&w, 0);
        expect_all_there(&w);
    }
}

static void a_tar_that_cannot_be_looked_at_costs_only_itself(void **state)
{
    struct disk *good = w.sticks[0];
    struct worn_disk worn;

    (void)state;
    worn_disk_init(&worn, good);
    worn.unseen = "-up-00099";
    courier_world_take_some(&w, 1);
    must(world_export(&w, 0), e);
    stick_forged(&w, stick_forge(&w, DIRECTION_UP, 99));
    w.sticks[0] = &worn.disk;
    must(province_import(&w, 0), e);
    must(world_import_stick(&w, 0), e);
    expect_all_there(&w);
    courier_world_take_some(&w, 1);
    world_trip(&w, 0);
    w.sticks[0] = good;
    expect_all_there(&w);
}

static void what_lies_on_a_bad_block_is_carried_anew(void **state)
{
    struct disk *good = w.sticks[0];
    struct worn_disk worn;

    (void)state;
    worn_disk_init(&worn, good);
    worn.unread = "-up-00002"; /* the originals' */
    worn.unread_from = 2000;
    courier_world_take_some(&w, 3);
    must(world_export(&w, 0), e);
    assert_int_equal(w.exported.tars, 2);
    w.sticks[0] = &worn.disk;
    must(province_import(&w, 0), e);
    w.sticks[0] = good; /* the box's reader has more luck with it */
    must(world_import_stick(&w, 0), e);
    must(world_export(&w, 0), e);
    assert_int_equal(w.exported.blobs, 3);
    assert_int_equal(w.exported.carried, 0);
    w.sticks[0] = &worn.disk;
    must(province_import(&w, 0), e);
    w.sticks[0] = good;
    must(world_import_stick(&w, 0), e);
    expect_all_there(&w);
}

static void what_was_never_finished_leaves_the_stick(void **state)
{
    struct courier_name n = stick_name(&w, DIRECTION_UP, 40);
    char path[DISK_PATH_BYTES];
    struct disk_stat there;

    (void)state;
    n.part = true;
    must(courier_path(path, STICK_DIR, &n, e), e);
    must(disk_replace(w.sticks[0], path, "half a tar", 10, e), e);
    courier_world_take_some(&w, 1);
    world_trip(&w, 0);
    must(disk_stat(w.sticks[0], path, &there, e), e);
    assert_int_equal(there.kind, DISK_NOTHING);
    expect_all_there(&w);
}

static void an_original_that_cannot_be_read_holds_nothing_back(void **state)
{
    struct disk *good = w.box.disk;
    struct worn_disk worn;
    char hex[HASH_HEX_BYTES], name[HASH_HEX_BYTES];

    (void)state;
    courier_world_take_some(&w, 3);
    hash_to_hex(hex, &w.box.told[1].sha256);
    (void)snprintf(name, sizeof name, "%s", hex + 2); /* as its file is called */
    worn_disk_init(&worn, good);
    worn.unread = name;
    world_close(&w.box);
    w.box.disk = &worn.disk;
    must(world_open(&w.box, e), e);
    must(world_export(&w, 0), e);
    assert_int_equal(w.exported.unreadable, 1);
    assert_int_equal(w.exported.blobs, 2);
    must(province_import(&w, 0), e);
    must(world_import_stick(&w, 0), e);
    assert_int_equal(w.imported.applied, world_last(&w));
    worn.unread = NULL; /* it was only the cable */
    world_trip(&w, 0);
    expect_all_there(&w);
    world_close(&w.box);
    w.box.disk = good;
}

#define STORY(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(half_a_stick_brings_what_is_whole_on_it),
        STORY(a_damaged_entry_in_the_middle_costs_only_itself),
        STORY(no_damage_anywhere_does_more_than_delay),
        STORY(a_damaged_answer_is_told_and_comes_again),
        STORY(a_stick_of_other_files_is_left_alone),
        STORY(a_file_of_ours_that_is_no_tar_is_told),
        STORY(a_stick_of_another_province_is_told_and_left_alone),
        STORY(a_box_that_was_never_enrolled_here_is_told),
        STORY(a_directory_named_like_a_tar_stops_no_answer),
        STORY(a_tar_that_cannot_be_looked_at_costs_only_itself),
        STORY(what_lies_on_a_bad_block_is_carried_anew),
        STORY(what_was_never_finished_leaves_the_stick),
        STORY(an_original_that_cannot_be_read_holds_nothing_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
