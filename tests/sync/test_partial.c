/* What has begun to come goes on, or goes away in the end. */
#include <string.h>

#include "base/disk_sim.h"
#include "sync/partial.h"
#include "tests/lib/scratch.h" /* must() */

#define DIR "/data"

static struct disk *disk;
static struct err e;
static struct partial_place place;
static const struct object_id object = {.kind = OBJECT_BLOB, .id = {1, 2, 3}};

static int start(void **state)
{
    (void)state;
    must(disk_sim_create(&disk, 9, &e), &e);
    must(disk_make_dirs(disk, DIR "/partial", &e), &e);
    place = (struct partial_place){.disk = disk, .dir = DIR, .site = 17};
    return 0;
}

static int finish(void **state)
{
    (void)state;
    disk_sim_destroy(disk);
    return 0;
}

/* So much more has come of it. */
static void grow(size_t count)
{
    unsigned char bytes[100] = {7};
    struct partial *p;

    must(partial_open(&p, &place, &object, 1000, &e), &e);
    must(partial_add(p, bytes, count, &e), &e);
    must(partial_sync(p, &e), &e);
    partial_close(p);
}

static bool has_taken;

static int is_taken(void *arg, uint16_t site, const struct object_id *o, bool *is,
                    struct err *err)
{
    (void)arg;
    (void)err;
    assert_int_equal(site, 17);
    assert_true(object_id_equal(o, &object));
    *is = has_taken;
    return 0;
}

static void sweep(int times, bool ageing)
{
    for (int i = 0; i < times; i++)
        must(partial_sweep(disk, DIR, ageing, is_taken, NULL, &e), &e);
}

static uint64_t come(void)
{
    struct partial *p;
    uint64_t bytes;

    must(partial_open(&p, &place, &object, 1000, &e), &e);
    bytes = partial_bytes(p);
    partial_close(p);
    return bytes;
}

static bool is_there(void)
{
    bool begun;

    must(partial_begun(&place, &object, 1000, &begun, &e), &e);
    return begun;
}

static int count_name(void *arg, const char *name, struct err *err)
{
    (void)name;
    (void)err;
    ++*(unsigned *)arg;
    return 0;
}

static unsigned files(void)
{
    unsigned count = 0;

    must(disk_list(disk, DIR "/partial", count_name, &count, &e), &e);
    return count;
}

static void what_nobody_goes_on_with_is_swept_in_the_end(void **state)
{
    (void)state;
    has_taken = false;
    grow(100);
    sweep(PARTIAL_SWEEPS_MAX, true);
    assert_int_equal(come(), 100);
    sweep(1, true);
    assert_false(is_there());
    assert_int_equal(files(), 0);
}

static void what_grows_stays(void **state)
{
    (void)state;
    has_taken = false;
    grow(100);
    for (uint64_t round = 2; round < 6; round++) {
        sweep(PARTIAL_SWEEPS_MAX, true);
        grow(100);
        assert_int_equal(come(), 100 * round);
    }
}

/* Opened, and not a byte came: it has no ".at" yet. */
static void what_was_only_begun_is_swept_too(void **state)
{
    (void)state;
    has_taken = false;
    (void)come();
    assert_true(is_there());
    sweep(PARTIAL_SWEEPS_MAX + 1, true);
    assert_int_equal(files(), 0);
}

static void who_sweeps_often_does_not_make_it_older(void **state)
{
    (void)state;
    has_taken = false;
    grow(100);
    sweep(10 * PARTIAL_SWEEPS_MAX, false);
    assert_int_equal(come(), 100);
    has_taken = true;
    sweep(1, false);
    assert_int_equal(files(), 0);
}

#define OLDER_FILE DIR "/partial/17-1-01020300000000000000000000000000"

/* Its names are without the total, and its ".at" is without sweeps. */
static void the_word_of_an_older_program_counts(void **state)
{
    unsigned char at[8] = {40};
    struct disk_file *f;

    (void)state;
    has_taken = false;
    grow(100);
    must(disk_rename(disk, OLDER_FILE "-1000", OLDER_FILE, &e), &e);
    must(disk_remove(disk, OLDER_FILE "-1000.at", &e), &e);
    must(disk_open(disk, &f, OLDER_FILE ".at", DISK_CREATE, &e), &e);
    must(disk_file_write(f, at, sizeof at, 0, &e), &e);
    disk_close(f);
    assert_true(is_there());
    sweep(1, true);
    assert_int_equal(come(), 40);
    sweep(1, true);
    assert_int_equal(come(), 40);
    assert_int_equal(files(), 2);
}

/* Who says so may have made it up. */
static void one_of_another_length_is_another_one(void **state)
{
    struct partial *p;
    bool begun;

    (void)state;
    has_taken = false;
    grow(100);
    must(partial_begun(&place, &object, 50, &begun, &e), &e);
    assert_false(begun);
    must(partial_open(&p, &place, &object, 50, &e), &e);
    must(partial_add(p, "forged", 6, &e), &e);
    must(partial_sync(p, &e), &e);
    partial_close(p);
    assert_int_equal(come(), 100);
    must(partial_remove(&place, &object, 50, &e), &e);
    assert_int_equal(come(), 100);
    sweep(PARTIAL_SWEEPS_MAX + 1, true);
    assert_int_equal(files(), 0);
}

#define STORY(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(what_nobody_goes_on_with_is_swept_in_the_end),
        STORY(what_grows_stays),
        STORY(what_was_only_begun_is_swept_too),
        STORY(who_sweeps_often_does_not_make_it_older),
        STORY(the_word_of_an_older_program_counts),
        STORY(one_of_another_length_is_another_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
