/* The simulated disk forgets what a real one may forget, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/disk_sim.h"
#include "base/hash.h"

#define SEEDS 400

static struct disk *d;
static struct err e;

#define OK(call)                                                                         \
    do {                                                                                 \
        if ((call) != 0)                                                                 \
            fail_msg("%s: %s", #call, e.text);                                           \
    } while (0)

static void disk_begin(uint64_t seed)
{
    OK(disk_sim_create(&d, seed, &e));
}

static void disk_end(void)
{
    disk_sim_destroy(d);
    d = NULL;
}

static void write_text(const char *path, const char *text, bool sync)
{
    struct disk_file *f;

    OK(disk_open(d, &f, path, DISK_CREATE, &e));
    OK(disk_file_write(f, text, strlen(text), 0, &e));
    if (sync)
        OK(disk_file_sync(f, &e));
    disk_close(f);
}

static bool is_there(const char *path)
{
    struct disk_stat s;

    OK(disk_stat(d, path, &s, &e));
    return s.kind != DISK_NOTHING;
}

static bool has_text(const char *path, const char *text)
{
    struct buffer b;
    bool same;

    if (!is_there(path))
        return false;
    buffer_init(&b, 1 << 20);
    OK(disk_read_all(d, path, &b, &e));
    same =
        b.count == strlen(text) && (b.count == 0 || memcmp(b.bytes, text, b.count) == 0);
    buffer_release(&b);
    return same;
}

/* How many seeds of SEEDS end with `path` there, after `story` and a power cut. */
static unsigned seeds_with(const char *path, void (*story)(void))
{
    unsigned there = 0;

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        disk_begin(seed);
        story();
        disk_sim_power_cut(d);
        there += is_there(path);
        disk_end();
    }
    return there;
}

static void keep_without_dir_sync(void)
{
    write_text("a", "paper", true);
}

static void a_name_that_was_not_synced_may_vanish(void **state)
{
    unsigned there = seeds_with("a", keep_without_dir_sync);

    (void)state;
    assert_in_range(there, 1, SEEDS - 1);
}

static void keep_below_new_directories(void)
{
    OK(disk_make_dirs(d, "x/y", &e));
    write_text("x/y/a", "paper", true);
    OK(disk_sync_dir(d, "x/y", &e));
}

static void keep_in_an_unsynced_directory(void)
{
    OK(disk_make_dir(d, "x", &e));
    write_text("x/a", "paper", true);
    OK(disk_sync_dir(d, "x", &e));
}

static void a_directory_that_was_not_synced_takes_its_files_along(void **state)
{
    unsigned there = seeds_with("x/a", keep_in_an_unsynced_directory);

    (void)state;
    assert_in_range(there, 1, SEEDS - 1);
    assert_int_equal(seeds_with("x/y/a", keep_below_new_directories), SEEDS);
}

static void remove_without_dir_sync(void)
{
    write_text("a", "paper", true);
    OK(disk_sync_dir(d, ".", &e));
    OK(disk_remove(d, "a", &e));
}

static void a_removed_name_may_come_back(void **state)
{
    unsigned there = seeds_with("a", remove_without_dir_sync);

    (void)state;
    assert_in_range(there, 1, SEEDS - 1);
}

static void a_rename_that_was_not_synced_leaves_one_of_the_two_names(void **state)
{
    unsigned old_name = 0, new_name = 0;

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        disk_begin(seed);
        OK(disk_make_dirs(d, "x", &e));
        OK(disk_make_dirs(d, "y", &e));
        write_text("x/a", "paper", true);
        OK(disk_sync_dir(d, "x", &e));
        OK(disk_rename(d, "x/a", "y/b", &e));
        OK(disk_sync_dir(d, "x", &e)); /* not the one that it went to */
        assert_false(is_there("x/a"));
        disk_sim_power_cut(d);
        old_name += has_text("x/a", "paper");
        new_name += has_text("y/b", "paper");
        assert_true(has_text("x/a", "paper") != has_text("y/b", "paper"));
        disk_end();
    }
    assert_true(old_name > 0 && new_name > 0);
}

static void a_rename_counts_when_its_new_directory_is_synced(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        disk_begin(seed);
        OK(disk_make_dirs(d, "x", &e));
        OK(disk_make_dirs(d, "y", &e));
        write_text("x/a", "paper", true);
        OK(disk_rename(d, "x/a", "y/b", &e));
        OK(disk_sync_dir(d, "y", &e));
        disk_sim_power_cut(d);
        assert_true(has_text("y/b", "paper"));
        assert_false(is_there("x/a"));
        disk_end();
    }
}

static void synced_bytes_survive_every_seed(void **state)
{
    static unsigned char old[8 * 512], new[8 * 512], found[sizeof old];
    unsigned mixed = 0;

    (void)state;
    memset(old, 'o', sizeof old);
    memset(new, 'n', sizeof new);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct disk_file *f;
        size_t got, sectors = 0;

        disk_begin(seed);
        OK(disk_open(d, &f, "a", DISK_CREATE, &e));
        OK(disk_file_write(f, old, sizeof old, 0, &e));
        OK(disk_file_sync(f, &e));
        OK(disk_sync_dir(d, "/", &e));
        /* Half of it is written again, and not synced. */
        OK(disk_file_write(f, new, sizeof new / 2, 0, &e));
        disk_close(f);
        disk_sim_power_cut(d);
        OK(disk_open(d, &f, "a", DISK_READ, &e));
        OK(disk_file_read(f, found, sizeof found, 0, &got, &e));
        disk_close(f);
        assert_int_equal(got, sizeof old);
        assert_memory_equal(found + sizeof old / 2, old, sizeof old / 2);
        for (size_t i = 0; i < sizeof old / 2; i += 512) {
            assert_memory_equal(found + i, found[i] == 'n' ? new : old, 512);
            sectors += found[i] == 'n';
        }
        mixed += sectors != 0 && sectors != sizeof old / 2 / 512;
        disk_end();
    }
    assert_true(mixed > 0);
}

static void later_writes_may_arrive_before_earlier_ones(void **state)
{
    bool second_only = false, first_only = false;

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct disk_file *f;
        unsigned char found[1024];
        size_t got;

        disk_begin(seed);
        write_text("a", "", true);
        OK(disk_sync_dir(d, "/", &e));
        OK(disk_open(d, &f, "a", DISK_WRITE, &e));
        OK(disk_file_write(f, "1", 1, 0, &e));
        OK(disk_file_write(f, "2", 1, 512, &e));
        disk_close(f);
        disk_sim_power_cut(d);
        OK(disk_open(d, &f, "a", DISK_READ, &e));
        OK(disk_file_read(f, found, sizeof found, 0, &got, &e));
        disk_close(f);
        second_only = second_only || (got == 513 && found[0] == 0);
        first_only = first_only || got == 1;
        disk_end();
    }
    assert_true(second_only && first_only);
}

static void
after_a_failed_sync_the_next_one_says_nothing_about_the_old_bytes(void **state)
{
    unsigned lost = 0;

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct disk_sim_faults faults = {0};
        struct disk_file *f;

        disk_begin(seed);
        OK(disk_open(d, &f, "a", DISK_CREATE, &e));
        OK(disk_sync_dir(d, "/", &e));
        OK(disk_file_write(f, "paper", 5, 0, &e));
        faults.fail_call = disk_sim_calls(d) + 1;
        disk_sim_set_faults(d, &faults);
        assert_int_equal(disk_file_sync(f, &e), -1);
        assert_int_equal(e.code, ERR_IO);
        OK(disk_file_sync(f, &e));
        disk_close(f);
        assert_true(has_text("a", "paper"));
        disk_sim_power_cut(d);
        lost += !has_text("a", "paper");
        disk_end();
    }
    assert_in_range(lost, 1, SEEDS - 1);
}

/* Replaces "old" by "new", dying at the nth call; true if it came to its end. */
static bool replace_dying_at(uint64_t seed, uint64_t n, bool *reported)
{
    struct disk_sim_faults faults = {0};
    uint64_t before;
    bool finished;

    disk_begin(seed);
    OK(disk_replace(d, "a", "old", 3, &e));
    before = disk_sim_calls(d);
    faults.die_at_call = before + n;
    disk_sim_set_faults(d, &faults);
    *reported = disk_replace(d, "a", "new", 3, &e) == 0;
    finished = disk_sim_calls(d) < before + n;
    disk_sim_power_cut(d);
    return finished;
}

static void replace_is_all_or_nothing_at_every_instant(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        bool finished = false, reported;

        for (uint64_t n = 1; !finished; n++) {
            finished = replace_dying_at(seed, n, &reported);
            assert_true(has_text("a", "new") || (!reported && has_text("a", "old")));
            disk_end();
        }
        assert_true(reported);
    }
}

static void replace_without_syncs_loses_text(void **state)
{
    unsigned lost_without_file = 0, lost_without_dir = 0;

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct disk_sim_faults no_file = {.ignore_file_sync = true};
        struct disk_sim_faults no_dir = {.ignore_dir_sync = true};

        disk_begin(seed);
        disk_sim_set_faults(d, &no_file);
        OK(disk_replace(d, "a", "paper", 5, &e));
        disk_sim_power_cut(d);
        lost_without_file += !has_text("a", "paper");
        disk_end();

        disk_begin(seed);
        disk_sim_set_faults(d, &no_dir);
        OK(disk_replace(d, "a", "paper", 5, &e));
        disk_sim_power_cut(d);
        lost_without_dir += !has_text("a", "paper");
        disk_end();
    }
    assert_in_range(lost_without_file, 1, SEEDS - 1);
    assert_in_range(lost_without_dir, 1, SEEDS - 1);
}

static void full_disk_refuses_and_keeps_what_was_there(void **state)
{
    struct disk_sim_faults faults = {.bytes_max = 8};
    uint64_t left;

    (void)state;
    disk_begin(1);
    disk_sim_set_faults(d, &faults);
    OK(disk_replace(d, "a", "four", 4, &e));
    OK(disk_free_bytes(d, "/", &left, &e));
    assert_int_equal(left, 4);
    assert_int_equal(disk_replace(d, "a", "more than fits", 14, &e), -1);
    assert_int_equal(e.code, ERR_NO_SPACE);
    assert_true(has_text("a", "four"));
    assert_false(is_there("a.tmp"));
    assert_int_equal(disk_sim_bytes(d), 4);
    OK(disk_replace(d, "b", "fits", 4, &e));
    disk_sim_power_cut(d);
    assert_true(has_text("a", "four") && has_text("b", "fits"));
    assert_int_equal(disk_sim_bytes(d), 8);
    disk_end();
}

static void a_removed_file_gives_its_room_back_when_it_is_closed(void **state)
{
    struct disk_file *f;

    (void)state;
    disk_begin(1);
    write_text("a", "paper", true);
    OK(disk_open(d, &f, "a", DISK_READ, &e));
    OK(disk_remove(d, "a", &e));
    assert_int_equal(disk_sim_bytes(d), 5);
    disk_close(f);
    assert_int_equal(disk_sim_bytes(d), 0);
    disk_end();
}

static void a_dead_machine_does_nothing_until_the_power_cut(void **state)
{
    struct disk_sim_faults faults = {0};
    struct disk_file *f;
    struct disk_stat s;

    (void)state;
    disk_begin(1);
    OK(disk_replace(d, "a", "paper", 5, &e));
    faults.die_at_call = disk_sim_calls(d) + 1;
    disk_sim_set_faults(d, &faults);
    assert_int_equal(disk_remove(d, "a", &e), -1);
    assert_int_equal(disk_make_dir(d, "x", &e), -1);
    assert_int_equal(disk_open(d, &f, "a", DISK_READ, &e), -1);
    assert_int_equal(disk_stat(d, "a", &s, &e), -1);
    disk_sim_power_cut(d);
    assert_true(has_text("a", "paper"));
    disk_end();
}

static void one_call_fails_and_the_next_does_not(void **state)
{
    struct disk_sim_faults faults = {.fail_call = 1};

    (void)state;
    disk_begin(1);
    disk_sim_set_faults(d, &faults);
    assert_int_equal(disk_make_dir(d, "x", &e), -1);
    assert_int_equal(e.code, ERR_IO);
    OK(disk_make_dir(d, "x", &e));
    disk_end();
}

static void a_descriptor_is_a_sealed_copy(void **state)
{
    struct disk_file *f;
    char bytes[8];
    int fd;

    (void)state;
    disk_begin(1);
    write_text("a", "paper", false);
    OK(disk_open(d, &f, "a", DISK_READ, &e));
    OK(disk_file_descriptor(f, &fd, &e));
    disk_close(f);
    assert_int_equal(pread(fd, bytes, sizeof bytes, 0), 5);
    assert_memory_equal(bytes, "paper", 5);
    assert_int_equal(pwrite(fd, "x", 1, 0), -1);
    assert_int_equal(ftruncate(fd, 0), -1);
    assert_int_equal(close(fd), 0);
    disk_end();
}

static void it_answers_as_the_system_does(void **state)
{
    struct disk_file *f;

    (void)state;
    disk_begin(1);
    OK(disk_make_dirs(d, "/x", &e));
    write_text("/x/a", "paper", false);
    assert_int_equal(disk_open(d, &f, "x/a", DISK_CREATE, &e), -1);
    assert_int_equal(e.code, ERR_BUSY);
    assert_int_equal(disk_open(d, &f, "x", DISK_READ, &e), -1);
    assert_int_equal(e.code, ERR_REFUSED);
    assert_int_equal(disk_open(d, &f, "none/a", DISK_CREATE, &e), -1);
    assert_int_equal(e.code, ERR_IO);
    assert_int_equal(disk_remove(d, "x", &e), -1);
    assert_int_equal(disk_make_dir(d, "x/a", &e), -1);
    assert_int_equal(disk_rename(d, "x", "x/y", &e), -1);
    assert_int_equal(disk_rename(d, "none", "x/b", &e), -1);
    OK(disk_rename(d, "x/a", "x/a", &e));
    OK(disk_remove(d, "none", &e));
    OK(disk_remove(d, "none/below", &e));
    assert_false(is_there("none/below"));
    OK(disk_remove(d, "./x//a", &e));
    OK(disk_remove(d, "x", &e));
    disk_end();
}

/* Random calls, some of them synced, then a power cut. */
static void scribble(uint64_t seed, struct hash *out)
{
    uint64_t r = seed;
    char path[8];

    disk_begin(seed);
    for (unsigned i = 0; i < 200; i++) {
        struct disk_file *f;

        r = r * 6364136223846793005u + 1442695040888963407u;
        (void)snprintf(path, sizeof path, "f%u", (unsigned)(r >> 33) % 8);
        if (!is_there(path))
            write_text(path, "new", (r >> 40) % 2);
        OK(disk_open(d, &f, path, DISK_WRITE, &e));
        OK(disk_file_write(f, &r, sizeof r, (r >> 41) % 4000, &e));
        if ((r >> 50) % 4 == 0)
            OK(disk_file_sync(f, &e));
        disk_close(f);
        if ((r >> 55) % 8 == 0)
            OK(disk_remove(d, path, &e));
        if ((r >> 60) == 0)
            OK(disk_sync_dir(d, "/", &e));
    }
    disk_sim_power_cut(d);
    disk_sim_digest(d, out);
    disk_end();
}

static void the_same_seed_gives_the_same_disk(void **state)
{
    struct hash first, again, other;

    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        scribble(seed, &first);
        scribble(seed, &again);
        scribble(seed + 1, &other);
        assert_true(hash_equal(&first, &again));
        assert_false(hash_equal(&first, &other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_was_not_synced_may_vanish),
        cmocka_unit_test(a_directory_that_was_not_synced_takes_its_files_along),
        cmocka_unit_test(a_removed_name_may_come_back),
        cmocka_unit_test(a_rename_that_was_not_synced_leaves_one_of_the_two_names),
        cmocka_unit_test(a_rename_counts_when_its_new_directory_is_synced),
        cmocka_unit_test(synced_bytes_survive_every_seed),
        cmocka_unit_test(later_writes_may_arrive_before_earlier_ones),
        cmocka_unit_test(
            after_a_failed_sync_the_next_one_says_nothing_about_the_old_bytes),
        cmocka_unit_test(replace_is_all_or_nothing_at_every_instant),
        cmocka_unit_test(replace_without_syncs_loses_text),
        cmocka_unit_test(full_disk_refuses_and_keeps_what_was_there),
        cmocka_unit_test(a_removed_file_gives_its_room_back_when_it_is_closed),
        cmocka_unit_test(a_dead_machine_does_nothing_until_the_power_cut),
        cmocka_unit_test(one_call_fails_and_the_next_does_not),
        cmocka_unit_test(a_descriptor_is_a_sealed_copy),
        cmocka_unit_test(it_answers_as_the_system_does),
        cmocka_unit_test(the_same_seed_gives_the_same_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
