/* A blob that was reported as kept is there, whole, whatever happens next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/blobs.h"
#include "base/disk_sim.h"

#define SEEDS 200

static struct disk *d;
static struct blobs *b;
static struct err e;

#define OK(call)                                                                         \
    do {                                                                                 \
        if ((call) != 0)                                                                 \
            fail_msg("%s: %s", #call, e.text);                                           \
    } while (0)

static void box_begin(uint64_t seed)
{
    OK(disk_sim_create(&d, seed, &e));
    OK(blobs_open(&b, d, "data", &e));
}

static void box_end(void)
{
    blobs_close(b);
    disk_sim_destroy(d);
}

static void power_cut_and_restart(void)
{
    blobs_close(b);
    disk_sim_power_cut(d);
    OK(blobs_open(&b, d, "data", &e));
    OK(blobs_sweep(b, &e));
}

/* In two pieces, as they come from a pipe. */
static int keep(const char *text, bool *was_there)
{
    int rc = -1;
    struct blob_writer *w = NULL;
    size_t half = strlen(text) / 2;
    struct hash h, expected;
    uint64_t bytes;

    if (blob_writer_create(&w, b, &e) != 0)
        goto out;
    if (blob_writer_add(w, text, half, &e) != 0 ||
        blob_writer_add(w, text + half, strlen(text) - half, &e) != 0)
        goto out;
    if (blob_writer_keep(w, &h, &bytes, was_there, &e) != 0)
        goto out;
    hash_of(&expected, text, strlen(text));
    assert_true(hash_equal(&h, &expected));
    assert_int_equal(bytes, strlen(text));
    rc = 0;
out:
    blob_writer_destroy(w);
    return rc;
}

static bool is_kept(const char *text)
{
    struct hash h;
    bool sound;

    hash_of(&h, text, strlen(text));
    OK(blob_check(b, &h, &sound, &e));
    return sound;
}

static void path_of(char out[DISK_PATH_BYTES], const char *text)
{
    struct hash h;
    char hex[HASH_HEX_BYTES];

    hash_of(&h, text, strlen(text));
    hash_to_hex(hex, &h);
    OK(disk_path(out, &e, "data/blobs/%.2s/%s", hex, hex + 2));
}

static int count_name(void *arg, const char *name, struct err *out)
{
    (void)name;
    (void)out;
    ++*(unsigned *)arg;
    return 0;
}

static unsigned half_written(void)
{
    unsigned count = 0;

    OK(disk_list(d, "data/blobs/tmp", count_name, &count, &e));
    return count;
}

static void a_blob_is_a_file_named_by_its_hash(void **state)
{
    char path[DISK_PATH_BYTES];
    struct buffer found;
    bool was_there = true;

    (void)state;
    box_begin(1);
    OK(keep("paper", &was_there));
    assert_false(was_there);
    path_of(path, "paper");
    buffer_init(&found, 100);
    OK(disk_read_all(d, path, &found, &e));
    assert_string_equal((char *)found.bytes, "paper");
    buffer_release(&found);
    assert_int_equal(half_written(), 0);
    box_end();
}

static void the_same_bytes_twice_are_one_file(void **state)
{
    bool was_there;
    uint64_t bytes;

    (void)state;
    box_begin(1);
    OK(keep("paper", &was_there));
    bytes = disk_sim_bytes(d);
    OK(keep("paper", &was_there));
    assert_true(was_there);
    assert_int_equal(disk_sim_bytes(d), bytes);
    assert_int_equal(half_written(), 0);
    box_end();
}

static void an_empty_blob_can_be_kept(void **state)
{
    bool was_there;

    (void)state;
    box_begin(1);
    OK(keep("", &was_there));
    assert_true(is_kept(""));
    box_end();
}

static void what_is_not_kept_leaves_nothing(void **state)
{
    struct blob_writer *w;

    (void)state;
    box_begin(1);
    OK(blob_writer_create(&w, b, &e));
    OK(blob_writer_add(w, "paper", 5, &e));
    assert_int_equal(half_written(), 1);
    blob_writer_destroy(w);
    assert_int_equal(half_written(), 0);
    assert_int_equal(disk_sim_bytes(d), 0);
    box_end();
}

static void two_boxes_write_in_one_directory_without_meeting(void **state)
{
    struct blob_writer *mine, *theirs;
    struct blobs *other;
    struct hash h;
    uint64_t bytes;
    bool was_there;

    (void)state;
    box_begin(1);
    OK(blob_writer_create(&mine, b, &e));
    OK(blob_writer_add(mine, "mine", 4, &e));
    OK(blobs_open(&other, d, "data", &e));
    OK(blob_writer_create(&theirs, other, &e));
    OK(blob_writer_add(theirs, "theirs", 6, &e));
    assert_int_equal(half_written(), 2);
    OK(blob_writer_keep(mine, &h, &bytes, &was_there, &e));
    OK(blob_writer_keep(theirs, &h, &bytes, &was_there, &e));
    blob_writer_destroy(mine);
    blob_writer_destroy(theirs);
    blobs_close(other);
    assert_true(is_kept("mine") && is_kept("theirs"));
    box_end();
}

static void the_owner_sweeps_what_a_power_cut_left(void **state)
{
    struct disk_file *f;
    bool was_there;

    (void)state;
    box_begin(1);
    OK(keep("paper", &was_there));
    OK(disk_open(d, &f, "data/blobs/tmp/0", DISK_CREATE, &e));
    disk_close(f);
    OK(keep("more paper", &was_there)); /* not stopped by it */
    OK(blobs_sweep(b, &e));
    assert_int_equal(half_written(), 0);
    assert_true(is_kept("paper") && is_kept("more paper"));
    box_end();
}

/* Two blobs and a duplicate, while the machine dies at the nth call of the story;
 * true if the story came to its end. */
static bool dying_at(uint64_t seed, uint64_t n)
{
    struct disk_sim_faults faults = {0};
    bool first, second, again, ignored;
    uint64_t at;

    box_begin(seed);
    at = disk_sim_calls(d) + n;
    faults.die_at_call = at;
    disk_sim_set_faults(d, &faults);
    first = keep("first", &ignored) == 0;
    second = keep("second", &ignored) == 0;
    again = keep("first", &ignored) == 0;
    n = disk_sim_calls(d);
    power_cut_and_restart();
    assert_true(is_kept("first") || (!first && !again));
    assert_true(is_kept("second") || !second);
    assert_int_equal(half_written(), 0);
    box_end();
    return n < at;
}

static void what_was_kept_survives_a_power_cut_at_every_instant(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        for (uint64_t n = 1; !dying_at(seed, n); n++)
            ;
    }
}

static void any_single_failure_is_a_clean_error_and_a_second_try_succeeds(void **state)
{
    bool was_there;

    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        for (uint64_t n = 1, last = 2; n < last; n++) {
            struct disk_sim_faults faults = {0};
            bool first;

            box_begin(seed);
            OK(keep("old", &was_there));
            faults.fail_call = disk_sim_calls(d) + n;
            disk_sim_set_faults(d, &faults);
            first = keep("new", &was_there) == 0;
            if (!first)
                assert_int_equal(e.code, ERR_IO);
            last = first ? n : n + 2;
            disk_sim_set_faults(d, &(struct disk_sim_faults){0});
            OK(keep("new", &was_there));
            power_cut_and_restart();
            assert_true(is_kept("old") && is_kept("new"));
            box_end();
        }
    }
}

/* The process was stopped after naming the blob and before syncing the name:
 * the file is there, but nothing promises it yet. */
static void a_duplicate_of_a_blob_that_was_named_only_is_made_durable(void **state)
{
    char path[DISK_PATH_BYTES], dir[DISK_PATH_BYTES];
    bool was_there;

    (void)state;
    path_of(path, "paper");
    OK(disk_parent(dir, path, &e));
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct disk_file *f;

        box_begin(seed);
        OK(disk_make_dir(d, dir, &e));
        OK(disk_open(d, &f, path, DISK_CREATE, &e));
        OK(disk_file_write(f, "paper", 5, 0, &e));
        disk_close(f);
        OK(keep("paper", &was_there));
        assert_true(was_there);
        power_cut_and_restart();
        assert_true(is_kept("paper"));
        box_end();
    }
}

/* Seeds after which a blob reported as kept is not there. */
static unsigned seeds_that_lose(struct disk_sim_faults faults)
{
    unsigned lost = 0;
    bool was_there;

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        box_begin(seed);
        disk_sim_set_faults(d, &faults);
        OK(keep("paper", &was_there));
        power_cut_and_restart();
        lost += !is_kept("paper");
        box_end();
    }
    return lost;
}

static void without_directory_sync_a_kept_blob_vanishes(void **state)
{
    (void)state;
    assert_true(seeds_that_lose((struct disk_sim_faults){.ignore_dir_sync = true}) > 0);
}

static void without_file_sync_a_kept_blob_is_damaged(void **state)
{
    (void)state;
    assert_true(seeds_that_lose((struct disk_sim_faults){.ignore_file_sync = true}) > 0);
}

static void with_both_syncs_no_seed_loses(void **state)
{
    (void)state;
    assert_int_equal(seeds_that_lose((struct disk_sim_faults){0}), 0);
}

static void a_full_disk_refuses_and_keeps_what_was_there(void **state)
{
    struct disk_sim_faults faults = {.bytes_max = 8};
    bool was_there;

    (void)state;
    box_begin(1);
    disk_sim_set_faults(d, &faults);
    OK(keep("paper", &was_there));
    assert_int_equal(keep("too much paper", &was_there), -1);
    assert_int_equal(e.code, ERR_NO_SPACE);
    assert_int_equal(half_written(), 0);
    assert_true(is_kept("paper"));
    assert_false(is_kept("too much paper"));
    OK(keep("one", &was_there));
    box_end();
}

static void a_writer_that_failed_once_keeps_nothing(void **state)
{
    struct disk_sim_faults faults = {0};
    struct blob_writer *w;
    struct hash h;
    uint64_t bytes;
    bool was_there;

    (void)state;
    box_begin(1);
    OK(blob_writer_create(&w, b, &e));
    faults.fail_call = disk_sim_calls(d) + 1;
    disk_sim_set_faults(d, &faults);
    assert_int_equal(blob_writer_add(w, "paper", 5, &e), -1);
    OK(blob_writer_add(w, "paper", 5, &e));
    assert_int_equal(blob_writer_keep(w, &h, &bytes, &was_there, &e), -1);
    assert_int_equal(blob_writer_keep(w, &h, &bytes, &was_there, &e), -1);
    blob_writer_destroy(w);
    box_end();
}

static void an_altered_blob_is_noticed_and_mended_by_keeping_it_again(void **state)
{
    char path[DISK_PATH_BYTES];
    struct disk_file *f;
    bool was_there;

    (void)state;
    box_begin(1);
    OK(keep("paper", &was_there));
    path_of(path, "paper");
    OK(disk_open(d, &f, path, DISK_WRITE, &e));
    OK(disk_file_write(f, "P", 1, 0, &e));
    disk_close(f);
    assert_false(is_kept("paper"));
    OK(keep("paper", &was_there));
    assert_false(was_there);
    assert_true(is_kept("paper"));
    box_end();
}

static void an_absent_blob_is_an_answer_to_check_and_an_error_to_open(void **state)
{
    struct disk_file *f;
    struct hash h;
    bool there = true;

    (void)state;
    box_begin(1);
    hash_of(&h, "paper", 5);
    OK(blob_exists(b, &h, &there, &e));
    assert_false(there);
    assert_false(is_kept("paper"));
    assert_int_equal(blob_open(b, &f, &h, &e), -1);
    assert_int_equal(e.code, ERR_IO);
    OK(blob_remove(b, &h, &e));
    box_end();
}

static void a_removed_blob_stays_removed(void **state)
{
    struct hash h;
    bool was_there;

    (void)state;
    hash_of(&h, "paper", 5);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        box_begin(seed);
        OK(keep("paper", &was_there));
        OK(blob_remove(b, &h, &e));
        power_cut_and_restart();
        assert_false(is_kept("paper"));
        box_end();
    }
}

static int remove_each(void *arg, const struct hash *h, struct err *err)
{
    ++*(unsigned *)arg;
    return blob_remove(b, h, err);
}

static void every_blob_is_walked_over_and_may_be_removed_on_the_way(void **state)
{
    struct disk_file *f;
    unsigned walked = 0;
    bool was_there;

    (void)state;
    box_begin(1);
    OK(keep("paper", &was_there));
    OK(keep("more paper", &was_there));
    OK(disk_open(d, &f, "data/blobs/tmp/9", DISK_CREATE, &e));
    disk_close(f);
    OK(disk_open(d, &f, "data/blobs/zz", DISK_CREATE, &e));
    disk_close(f);
    OK(blobs_each(b, remove_each, &walked, &e));
    assert_int_equal(walked, 2);
    assert_false(is_kept("paper") || is_kept("more paper"));
    OK(blobs_each(b, remove_each, &walked, &e));
    assert_int_equal(walked, 2);
    box_end();
}

static void the_systems_disk_keeps_blobs_too(void **state)
{
    char scratch[] = "/tmp/tram-blobs-XXXXXX";
    char path[DISK_PATH_BYTES];
    struct hash h;
    bool was_there;

    (void)state;
    assert_non_null(mkdtemp(scratch));
    d = disk_system();
    OK(blobs_open(&b, d, scratch, &e));
    OK(keep("paper", &was_there));
    OK(keep("paper", &was_there));
    assert_true(was_there && is_kept("paper"));
    hash_of(&h, "paper", 5);
    OK(blob_remove(b, &h, &e));
    OK(disk_path(path, &e, "%s/blobs/%02x", scratch, h.bytes[0]));
    OK(disk_remove(d, path, &e));
    OK(disk_path(path, &e, "%s/blobs/tmp", scratch));
    OK(disk_remove(d, path, &e));
    OK(disk_path(path, &e, "%s/blobs", scratch));
    OK(disk_remove(d, path, &e));
    OK(disk_remove(d, scratch, &e));
    blobs_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blob_is_a_file_named_by_its_hash),
        cmocka_unit_test(the_same_bytes_twice_are_one_file),
        cmocka_unit_test(an_empty_blob_can_be_kept),
        cmocka_unit_test(what_is_not_kept_leaves_nothing),
        cmocka_unit_test(two_boxes_write_in_one_directory_without_meeting),
        cmocka_unit_test(the_owner_sweeps_what_a_power_cut_left),
        cmocka_unit_test(what_was_kept_survives_a_power_cut_at_every_instant),
        cmocka_unit_test(any_single_failure_is_a_clean_error_and_a_second_try_succeeds),
        cmocka_unit_test(a_duplicate_of_a_blob_that_was_named_only_is_made_durable),
        cmocka_unit_test(without_directory_sync_a_kept_blob_vanishes),
        cmocka_unit_test(without_file_sync_a_kept_blob_is_damaged),
        cmocka_unit_test(with_both_syncs_no_seed_loses),
        cmocka_unit_test(a_full_disk_refuses_and_keeps_what_was_there),
        cmocka_unit_test(a_writer_that_failed_once_keeps_nothing),
        cmocka_unit_test(an_altered_blob_is_noticed_and_mended_by_keeping_it_again),
        cmocka_unit_test(an_absent_blob_is_an_answer_to_check_and_an_error_to_open),
        cmocka_unit_test(a_removed_blob_stays_removed),
        cmocka_unit_test(every_blob_is_walked_over_and_may_be_removed_on_the_way),
        cmocka_unit_test(the_systems_disk_keeps_blobs_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
