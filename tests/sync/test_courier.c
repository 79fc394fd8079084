/* A stick's tar: what is written is read, and what somebody or something made of it
 * costs no more than itself. */
#include <stdio.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/disk_sim.h"
#include "sync/courier_reader.h"
#include "sync/courier_writer.h"
#include "tests/lib/scratch.h" /* must() */

#define STICK "/stick"

static struct disk *stick;
static struct err e;
static const struct courier_name ours = {
    .line = {.site = 17, .tag = "7f3a9c21"}, .direction = DIRECTION_UP, .number = 4};
static char path[DISK_PATH_BYTES];

static int start(void **state)
{
    (void)state;
    must(disk_sim_create(&stick, 5, &e), &e);
    must(disk_make_dirs(stick, STICK, &e), &e);
    must(courier_path(path, STICK, &ours, &e), &e);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    disk_sim_destroy(stick);
    return 0;
}

static struct courier_entry bundle_of(unsigned number)
{
    struct courier_entry n = {.what = COURIER_BUNDLE, .at = number, .end = number + 1};

    memset(n.object.id, (int)number, sizeof n.object.id);
    return n;
}

/* The nth entry's bytes: more than a window, and no multiple of a block. */
static void fill(struct buffer *b, unsigned number)
{
    buffer_clear(b);
    for (unsigned i = 0; i < 70001 + number * 513; i++)
        buffer_append_byte(b, (uint8_t)(i * 7 + number));
}

static int write_tar(unsigned entries, uint64_t room)
{
    struct courier_writer *w;
    struct buffer bytes;
    int rc = courier_writer_create(&w, stick, STICK, &ours, room, &e);

    buffer_init(&bytes, 1 << 20);
    for (unsigned i = 0; rc == 0 && i < entries; i++) {
        fill(&bytes, i);
        rc = courier_writer_add(w, bundle_of(i), bytes.bytes, bytes.count, &e);
    }
    if (rc == 0)
        rc = courier_writer_finish(w, &e);
    buffer_release(&bytes);
    courier_writer_destroy(w);
    return rc;
}

struct had {
    unsigned sound, unsound, stretches;
    bool cut_off;
    unsigned numbers[16]; /* of the sound ones */
};

static struct had read_tar(const char *at)
{
    struct courier_reader *r;
    struct courier_entry n;
    struct buffer bytes, expected;
    struct had h = {0};
    int rc;

    must(courier_reader_open(&r, stick, at, &e), &e);
    buffer_init(&bytes, COURIER_ENTRY_BYTES_MAX);
    buffer_init(&expected, 1 << 20);
    while ((rc = courier_reader_next(r, &n, &e)) == 1) {
        bool sound;

        must(courier_reader_bytes(r, &bytes, &sound, &e), &e);
        if (!sound) {
            h.unsound++;
            continue;
        }
        fill(&expected, (unsigned)n.at);
        assert_int_equal(bytes.count, expected.count);
        assert_memory_equal(bytes.bytes, expected.bytes, bytes.count);
        assert_true(h.sound < 16);
        h.numbers[h.sound++] = (unsigned)n.at;
    }
    assert_int_equal(rc, 0);
    h.stretches = courier_reader_stretches(r);
    h.cut_off = courier_reader_cut_off(r);
    courier_reader_close(r);
    buffer_release(&bytes);
    buffer_release(&expected);
    return h;
}

static void change(uint64_t offset, const void *bytes, size_t count)
{
    struct disk_file *f;

    must(disk_open(stick, &f, path, DISK_WRITE, &e), &e);
    must(disk_file_write(f, bytes, count, offset, &e), &e);
    disk_close(f);
}

static uint64_t tar_bytes(void)
{
    struct disk_stat s;

    must(disk_stat(stick, path, &s, &e), &e);
    return s.bytes;
}

/* Where the nth entry's header is. */
static uint64_t header_at(unsigned number)
{
    uint64_t at = 0;

    for (unsigned i = 0; i < number; i++)
        at += 512 + (70001 + i * 513 + 511) / 512 * 512;
    return at;
}

/* ------------------------------------------------------------------------- names */

static void names_are_read_as_they_were_written(void **state)
{
    struct courier_name n;
    char name[COURIER_NAME_BYTES];

    (void)state;
    courier_name_write(name, &ours);
    assert_string_equal(name, "tram-17-7f3a9c21-up-00004.tar");
    assert_true(courier_name_read(&n, name));
    assert_true(courier_line_equal(&n.line, &ours.line));
    assert_int_equal(n.number, 4);
    assert_false(n.part);
    assert_true(courier_name_read(&n, "tram-65535-00000000-down-99999.tar.part"));
    assert_true(n.part && n.direction == DIRECTION_DOWN && n.line.site == 65535);
}

static void what_others_keep_on_a_stick_is_none_of_ours(void **state)
{
    static const char *const names[] = {
        "",
        "tram.tar",
        "Báo cáo quý 3.docx",
        "tram-17-7f3a9c21-up-00004.tar.gz",
        "tram-17-7f3a9c21-up-00000.tar",
        "tram-0-7f3a9c21-up-00001.tar",
        "tram-70000-7f3a9c21-up-00001.tar",
        "tram-17-7F3A9C21-up-00001.tar",
        "tram-17-7f3a9c2-up-00001.tar",
        "tram-17-7f3a9c21-up-100000.tar",
        "tram-17-7f3a9c21-up--1.tar",
        "tram-17-7f3a9c21-up-999999999999999999999.tar",
    };
    struct courier_name n;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_false(courier_name_read(&n, names[i]));
}

static void the_longest_entry_name_fits_a_header(void **state)
{
    struct courier_entry n = {.line = {.site = 65535, .tag = "ffffffff"},
                              .what = COURIER_RECEIPT,
                              .at = 99999999999,
                              .end = 99999999999};
    char name[COURIER_ENTRY_NAME_MAX + 1];
    struct courier_entry back;

    (void)state;
    courier_entry_write(name, &n);
    assert_true(courier_entry_read(&back, name));
    assert_int_equal(back.at, n.at);
    assert_int_equal(back.what, n.what);
    name[strlen(name) - 1] = '\0';
    assert_false(courier_entry_read(&back, name));
}

/* -------------------------------------------------------------------- whole tars */

static void what_was_written_is_read(void **state)
{
    struct had h;

    (void)state;
    must(write_tar(5, 1 << 24), &e);
    h = read_tar(path);
    assert_int_equal(h.sound, 5);
    assert_int_equal(h.unsound + h.stretches, 0);
    assert_false(h.cut_off);
}

static void any_tar_program_can_read_it(void **state)
{
    struct archive *a = archive_read_new();
    struct archive_entry *entry;
    struct buffer all;
    unsigned n = 0;

    (void)state;
    must(write_tar(3, 1 << 24), &e);
    buffer_init(&all, 1 << 24);
    must(disk_read_all(stick, path, &all, &e), &e);
    assert_int_equal(archive_read_support_format_tar(a), ARCHIVE_OK);
    assert_int_equal(archive_read_open_memory(a, all.bytes, all.count), ARCHIVE_OK);
    while (archive_read_next_header(a, &entry) == ARCHIVE_OK)
        n++;
    assert_int_equal(n, 3);
    archive_read_free(a);
    buffer_release(&all);
}

static void the_same_entries_make_the_same_bytes(void **state)
{
    struct buffer one, two;

    (void)state;
    buffer_init(&one, 1 << 24);
    buffer_init(&two, 1 << 24);
    must(write_tar(3, 1 << 24), &e);
    must(disk_read_all(stick, path, &one, &e), &e);
    must(disk_remove(stick, path, &e), &e);
    must(write_tar(3, 1 << 24), &e);
    must(disk_read_all(stick, path, &two, &e), &e);
    assert_int_equal(one.count, two.count);
    assert_memory_equal(one.bytes, two.bytes, one.count);
    buffer_release(&one);
    buffer_release(&two);
}

static void the_room_that_is_told_is_the_room_that_is_used(void **state)
{
    const uint64_t room = 512 * 12;
    unsigned char bytes[512 * 12] = {1};
    struct courier_writer *w;

    (void)state;
    must(courier_writer_create(&w, stick, STICK, &ours, room, &e), &e);
    assert_int_equal(courier_writer_room(w), room - 1024 - 512);
    assert_int_not_equal(
        courier_writer_add(w, bundle_of(0), bytes, courier_writer_room(w) + 1, &e), 0);
    assert_int_equal(e.code, ERR_NO_SPACE);
    must(courier_writer_add(w, bundle_of(0), bytes, courier_writer_room(w), &e), &e);
    assert_int_equal(courier_writer_room(w), 0);
    must(courier_writer_finish(w, &e), &e);
    courier_writer_destroy(w);
    assert_int_equal(tar_bytes(), room);
}

/* ------------------------------------------------------------------------ damage */

static void a_damaged_header_costs_its_own_entry(void **state)
{
    struct had h;

    (void)state;
    must(write_tar(4, 1 << 24), &e);
    change(header_at(1) + 20, "X", 1);
    h = read_tar(path);
    assert_int_equal(h.sound, 3);
    assert_int_equal(h.numbers[1], 2);
    assert_int_equal(h.stretches, 1);
}

static void a_damaged_byte_costs_its_own_entry(void **state)
{
    struct had h;

    (void)state;
    must(write_tar(4, 1 << 24), &e);
    change(header_at(2) + 512 + 4000, "XY", 2);
    h = read_tar(path);
    assert_int_equal(h.sound, 3);
    assert_int_equal(h.unsound, 1);
    assert_int_equal(h.numbers[2], 3);
}

/* At every block, and in the middle of one. */
static void half_a_tar_gives_what_is_whole_in_it(void **state)
{
    (void)state;
    must(write_tar(3, 1 << 24), &e);
    for (uint64_t bytes = tar_bytes() - 1; bytes > 3000; bytes -= 5 * 512 - 1) {
        struct disk_file *f;
        struct had h;
        unsigned whole = 0;

        must(disk_open(stick, &f, path, DISK_WRITE, &e), &e);
        must(disk_file_truncate(f, bytes, &e), &e);
        disk_close(f);
        for (unsigned i = 0; i < 3; i++)
            whole += header_at(i) + 512 + 70001 + i * 513 <= bytes;
        h = read_tar(path);
        assert_int_equal(h.sound, whole);
        assert_true(h.cut_off);
    }
}

static void a_tar_of_others_gives_nothing(void **state)
{
    struct buffer all;
    struct archive *a = archive_write_new();
    static char memory[1 << 16];
    size_t used;
    struct archive_entry *entry = archive_entry_new();
    struct had h;

    (void)state;
    assert_int_equal(archive_write_set_format_pax(a), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(a, memory, sizeof memory, &used),
                     ARCHIVE_OK);
    archive_entry_set_pathname(entry, "Tài liệu/../../etc/passwd");
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, 5);
    /* A warning, in a locale without these letters. */
    assert_true(archive_write_header(a, entry) >= ARCHIVE_WARN);
    assert_int_equal(archive_write_data(a, "root:", 5), 5);
    archive_entry_free(entry);
    assert_int_equal(archive_write_free(a), ARCHIVE_OK);
    buffer_init(&all, 1 << 20);
    must(disk_replace(stick, path, memory, used, &e), &e);
    h = read_tar(path);
    assert_int_equal(h.sound + h.unsound, 0);
    assert_true(h.stretches > 0);
    buffer_release(&all);
}

static void set_sum(unsigned char block[COURIER_BLOCK_BYTES])
{
    unsigned sum = 0;

    memset(block + 148, ' ', 8);
    for (size_t i = 0; i < COURIER_BLOCK_BYTES; i++)
        sum += block[i];
    (void)snprintf((char *)block + 148, 8, "%06o", sum);
}

static void the_gate_opens_to_plain_headers_of_ours_only(void **state)
{
    static const struct {
        size_t at;
        const char *bytes;
        size_t count;
    } changes[] = {
        {156, "5", 1},          /* a directory */
        {156, "x", 1},          /* an extended header */
        {156, "L", 1},          /* a long name */
        {156, "S", 1},          /* sparse */
        {156, "\0", 1},         /* old */
        {157, "target", 6},     /* a link */
        {124, "\x80\0\0\0", 4}, /* a number in base 256 */
        {124, "77777777777", 11},
        {257, "ustar  ", 7}, /* GNU's */
        {345, "prefix", 6},
        {0, "tram2", 5},
        {100, "-", 1},
        {500, "x", 1},
        {265, "root", 4},
    };
    unsigned char good[COURIER_BLOCK_BYTES], block[COURIER_BLOCK_BYTES];
    struct disk_file *f;
    struct courier_entry n;
    size_t got;

    (void)state;
    must(write_tar(1, 1 << 24), &e);
    must(disk_open(stick, &f, path, DISK_READ, &e), &e);
    must(disk_file_read(f, good, sizeof good, 0, &got, &e), &e);
    disk_close(f);
    assert_true(courier_gate(good, &n));
    assert_int_equal(n.bytes, 70001);
    memcpy(block, good, sizeof block);
    set_sum(block);
    assert_true(courier_gate(block, &n)); /* the sum is not what keeps the others out */
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        memcpy(block, good, sizeof block);
        memcpy(block + changes[i].at, changes[i].bytes, changes[i].count);
        set_sum(block);
        if (courier_gate(block, &n))
            fail_msg("change %zu passes", i);
    }
}

/* ------------------------------------------------------------------ pulled sticks */

/* The power goes (or the stick) at each call: no tar, or a whole one. */
static void a_pulled_stick_holds_a_whole_tar_or_none(void **state)
{
    unsigned there = 0, calls = 0;
    bool done = false;

    (void)state;
    for (uint64_t n = 1; !done; n++, calls++) {
        struct disk_sim_faults f = {.die_at_call = disk_sim_calls(stick) + n};
        struct disk_stat s;

        disk_sim_set_faults(stick, &f);
        done = write_tar(3, 1 << 24) == 0;
        disk_sim_power_cut(stick);
        disk_sim_set_faults(stick, &(struct disk_sim_faults){0});
        must(disk_stat(stick, path, &s, &e), &e);
        if (done)
            assert_int_equal(s.kind, DISK_FILE);
        if (s.kind != DISK_FILE)
            continue;
        assert_int_equal(read_tar(path).sound, 3);
        there++;
        must(disk_remove(stick, path, &e), &e);
        must(disk_sync_dir(stick, STICK, &e), &e);
    }
    assert_true(calls > 5 && there >= 1);
}

static void a_stick_that_lies_is_found_out(void **state)
{
    struct disk_stat s;

    (void)state;
    /* What it says it holds, it does not: what was read again differs. */
    must(write_tar(1, 1 << 24), &e);
    must(disk_remove(stick, path, &e), &e);
    disk_sim_set_faults(stick, &(struct disk_sim_faults){.bytes_max = 40000});
    assert_int_not_equal(write_tar(1, 1 << 24), 0);
    assert_int_equal(e.code, ERR_NO_SPACE);
    disk_sim_set_faults(stick, &(struct disk_sim_faults){0});
    must(disk_stat(stick, path, &s, &e), &e);
    assert_int_equal(s.kind, DISK_NOTHING);
    assert_int_equal(disk_sim_bytes(stick), 0); /* nor is a .part left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_as_they_were_written),
        cmocka_unit_test(what_others_keep_on_a_stick_is_none_of_ours),
        cmocka_unit_test(the_longest_entry_name_fits_a_header),
        cmocka_unit_test_setup_teardown(what_was_written_is_read, start, finish),
        cmocka_unit_test_setup_teardown(any_tar_program_can_read_it, start, finish),
        cmocka_unit_test_setup_teardown(the_same_entries_make_the_same_bytes, start,
                                        finish),
        cmocka_unit_test_setup_teardown(the_room_that_is_told_is_the_room_that_is_used,
                                        start, finish),
        cmocka_unit_test_setup_teardown(a_damaged_header_costs_its_own_entry, start,
                                        finish),
        cmocka_unit_test_setup_teardown(a_damaged_byte_costs_its_own_entry, start,
                                        finish),
        cmocka_unit_test_setup_teardown(half_a_tar_gives_what_is_whole_in_it, start,
                                        finish),
        cmocka_unit_test_setup_teardown(a_tar_of_others_gives_nothing, start, finish),
        cmocka_unit_test_setup_teardown(the_gate_opens_to_plain_headers_of_ours_only,
                                        start, finish),
        cmocka_unit_test_setup_teardown(a_pulled_stick_holds_a_whole_tar_or_none, start,
                                        finish),
        cmocka_unit_test_setup_teardown(a_stick_that_lies_is_found_out, start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
