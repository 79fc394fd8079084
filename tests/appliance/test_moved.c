/* A box in another machine, or on another card, begins a line of its own before it writes
 * anything; one that cannot tell works on. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "appliance/moved.h"
#include "base/board.h"
#include "tests/lib/pair.h"

static struct pair p;
static char root[64];

static void put(const char *path, const char *text)
{
    char whole[256], command[320];
    FILE *f;

    (void)snprintf(whole, sizeof whole, "%s%s", root, path);
    /* A directory that mkdtemp() made for us. */
    (void)snprintf(command, sizeof command, "mkdir -p \"$(dirname '%s')\"", whole);
    assert_int_equal(system(command), 0);
    f = fopen(whole, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void run(const char *format, ...)
{
    char command[512];
    va_list rest;

    va_start(rest, format);
    assert_true(vsnprintf(command, sizeof command, format, rest) < (int)sizeof command);
    va_end(rest);
    assert_int_equal(system(command), 0);
}

#define DISK "/sys/devices/"

/* The box's directory lies on this disk, or partition of one. */
static void put_box_on(const char *block)
{
    char dir[160];
    struct stat there;

    (void)snprintf(dir, sizeof dir, "%s" PAIR_DIR, root);
    run("mkdir -p '%s' '%s" DISK "%s' '%s/sys/dev/block'", dir, root, block, root);
    assert_int_equal(stat(dir, &there), 0);
    run("ln -sfn '%s" DISK "%s' '%s/sys/dev/block/%u:%u'", root, block, root,
        major(there.st_dev), minor(there.st_dev));
}

static void put_card(const char *cid)
{
    put(DISK "mmcblk0/device/cid", cid);
    put_box_on("mmcblk0/mmcblk0p2");
}

static int start(void **state)
{
    (void)state;
    pair_start(&p, 7);
    (void)snprintf(root, sizeof root, "/tmp/tram-test-XXXXXX");
    assert_non_null(mkdtemp(root));
    put("/proc/cpuinfo", "processor\t: 0\nModel\t\t: a board\n"
                         "Serial\t\t: 10000000abcd1234\n");
    put_card("1b534d45423151543010c2a3f80159ff\n");
    return 0;
}

static int finish(void **state)
{
    char command[96];

    (void)state;
    (void)snprintf(command, sizeof command, "rm -rf '%s'", root);
    assert_int_equal(system(command), 0);
    pair_finish(&p);
    return 0;
}

static bool starts(void)
{
    bool moved;

    must(moved_check(p.box, root, &moved, &p.err), &p.err);
    return moved;
}

static uint8_t epoch(void)
{
    uint8_t now;

    must(store_epoch(p.box->store, &now, &p.err), &p.err);
    return now;
}

static void the_first_start_remembers_and_the_next_ones_find_it_again(void **state)
{
    (void)state;
    assert_false(starts());
    assert_false(starts());
    assert_int_equal(epoch(), 1);
    assert_int_equal(pair_box_last(&p), 0);
}

static void another_card_is_another_line_before_the_first_write(void **state)
{
    (void)state;
    assert_false(starts());
    assert_true(pair_box_writes(&p, "INSERT INTO dossier (id, code) VALUES (1, 'A')") ==
                1);
    put_card("035344534333324780d7f2b2c1013b00\n");
    assert_true(starts());
    assert_int_equal(epoch(), 2);
    assert_int_equal(pair_box_number(&p, "SELECT count(*) FROM event WHERE kind = 'moved'"
                                         " AND (id >> 28 & 255) = 2"),
                     1);
    assert_int_equal(
        pair_box_number(&p, "SELECT epoch FROM changelog ORDER BY sequence DESC LIMIT 1"),
        2);
    assert_false(starts()); /* once */
    assert_int_equal(epoch(), 2);
}

static void a_card_without_partitions_is_known_too(void **state)
{
    (void)state;
    put_box_on("mmcblk0");
    assert_false(starts());
    put(DISK "mmcblk0/device/cid", "035344534333324780d7f2b2c1013b00\n");
    assert_true(starts());
}

/* The first one in the machine is not the box's: its scans are taken, and it goes. */
static void a_card_in_the_reader_is_not_the_boxs_own(void **state)
{
    (void)state;
    put(DISK "nvme0n1/nvme0n1p2/partition", "2\n");
    put("/sys/block/mmcblk0/device/cid", "1b534d45423151543010c2a3f80159ff\n");
    put_box_on("nvme0n1/nvme0n1p2");
    assert_false(starts());
    put("/sys/block/mmcblk0/device/cid", "035344534333324780d7f2b2c1013b00\n");
    put(DISK "mmcblk0/device/cid", "035344534333324780d7f2b2c1013b00\n");
    assert_false(starts());
    assert_int_equal(epoch(), 1);
}

static void another_board_is_too(void **state)
{
    (void)state;
    assert_false(starts());
    put("/proc/cpuinfo", "processor\t: 0\nSerial\t\t: 10000000ffff9876\n");
    assert_true(starts());
    assert_int_equal(epoch(), 2);
}

static void what_cannot_be_read_is_not_checked(void **state)
{
    char path[160];

    (void)state;
    assert_false(starts());
    (void)snprintf(path, sizeof path, "%s" DISK "mmcblk0/device/cid", root);
    assert_int_equal(remove(path), 0);
    assert_false(starts());
    put_card("00000000000000000000000000000000\n"); /* a reader that tells nothing */
    assert_false(starts());
    put_card("Default string\n");
    assert_false(starts());
    put("/proc/cpuinfo", "");
    assert_false(starts());
    assert_int_equal(epoch(), 1);
}

/* A kernel that tells more than the one before. */
static void what_was_not_known_before_is_learnt(void **state)
{
    (void)state;
    assert_false(starts());
    put("/sys/class/dmi/id/product_uuid", "4c4c4544-0042-3510-8056-b8c04f4a5032\n");
    assert_false(starts());
    put("/sys/class/dmi/id/product_uuid", "4c4c4544-0042-3510-8056-ffffffffffff\n");
    assert_true(starts());
}

static void a_damaged_file_is_as_none(void **state)
{
    (void)state;
    assert_false(starts());
    must(disk_replace(p.disk, PAIR_DIR "/board", "card 12\nnonsense\n\n", 19, &p.err),
         &p.err);
    assert_false(starts());
    put_card("035344534333324780d7f2b2c1013b00\n");
    assert_true(starts());
}

static void the_power_may_go_at_any_call(void **state)
{
    bool cut = true;

    (void)state;
    for (uint64_t n = 1; cut; n++) {
        struct disk_sim_faults faults = {0};
        bool moved;

        put_card("1b534d45423151543010c2a3f80159ff\n");
        assert_false(starts());
        put_card("035344534333324780d7f2b2c1013b00\n");
        faults.die_at_call = disk_sim_calls(p.disk) + n;
        disk_sim_set_faults(p.disk, &faults);
        cut = moved_check(p.box, root, &moved, &p.err) != 0;
        box_close(p.box);
        disk_sim_power_cut(p.disk);
        faults.die_at_call = 0;
        disk_sim_set_faults(p.disk, &faults);
        must(box_open(&p.box, p.disk, &p.clock.clock, PAIR_DIR, NULL, &p.err), &p.err);
        (void)starts();
        assert_true(epoch() == 2 || epoch() == 3);
        assert_false(starts());
        pair_finish(&p);
        pair_start(&p, 7 + n);
    }
}

#define story(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(the_first_start_remembers_and_the_next_ones_find_it_again),
        story(another_card_is_another_line_before_the_first_write),
        story(a_card_without_partitions_is_known_too),
        story(a_card_in_the_reader_is_not_the_boxs_own),
        story(another_board_is_too),
        story(what_cannot_be_read_is_not_checked),
        story(what_was_not_known_before_is_learnt),
        story(a_damaged_file_is_as_none),
        story(the_power_may_go_at_any_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
