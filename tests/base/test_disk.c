/* The system's disk and what is made from the seam. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/disk.h"

static struct disk *d;
static char dir[DISK_PATH_BYTES];
static struct err e;

#define OK(call)                                                                         \
    do {                                                                                 \
        if ((call) != 0)                                                                 \
            fail_msg("%s: %s", #call, e.text);                                           \
    } while (0)

static int scratch_make(void **state)
{
    (void)state;
    d = disk_system();
    e = (struct err){0};
    (void)strcpy(dir, "/tmp/tram-disk-XXXXXX");
    return mkdtemp(dir) == NULL;
}

static int remove_entry(void *arg, const char *name, struct err *out)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat s;

    if (disk_path(path, out, "%s/%s", (const char *)arg, name) != 0 ||
        disk_stat(d, path, &s, out) != 0)
        return -1;
    if (s.kind == DISK_DIR && disk_list(d, path, remove_entry, path, out) != 0)
        return -1;
    return disk_remove(d, path, out);
}

static int scratch_remove(void **state)
{
    (void)state;
    return disk_list(d, dir, remove_entry, dir, &e) != 0 || disk_remove(d, dir, &e) != 0;
}

static const char *in_dir(const char *name)
{
    static char paths[4][DISK_PATH_BYTES];
    static unsigned next;
    char *path = paths[next++ % 4];

    OK(disk_path(path, &e, "%s/%s", dir, name));
    return path;
}

static void write_text(const char *path, const char *text)
{
    struct disk_file *f;

    OK(disk_open(d, &f, path, DISK_CREATE, &e));
    OK(disk_file_write(f, text, strlen(text), 0, &e));
    OK(disk_file_sync(f, &e));
    disk_close(f);
}

static void expect_text(const char *path, const char *text)
{
    struct buffer b;

    buffer_init(&b, 1000);
    OK(disk_read_all(d, path, &b, &e));
    assert_int_equal(b.count, strlen(text));
    assert_memory_equal(b.bytes, text, b.count);
    buffer_release(&b);
}

static void expect_kind(const char *path, enum disk_kind kind)
{
    struct disk_stat s;

    OK(disk_stat(d, path, &s, &e));
    assert_int_equal(s.kind, kind);
}

static void bytes_written_are_read_back_at_any_offset(void **state)
{
    struct disk_file *f;
    char bytes[16];
    uint64_t size;
    size_t got;

    (void)state;
    OK(disk_open(d, &f, in_dir("a"), DISK_CREATE, &e));
    OK(disk_file_write(f, "world", 5, 6, &e));
    OK(disk_file_write(f, "hello ", 6, 0, &e));
    OK(disk_file_size(f, &size, &e));
    assert_int_equal(size, 11);
    OK(disk_file_read(f, bytes, sizeof bytes, 6, &got, &e));
    assert_int_equal(got, 5);
    assert_memory_equal(bytes, "world", 5);
    OK(disk_file_truncate(f, 5, &e));
    OK(disk_file_read(f, bytes, sizeof bytes, 5, &got, &e));
    assert_int_equal(got, 0);
    disk_close(f);
    expect_text(in_dir("a"), "hello");
}

static void create_refuses_a_name_that_is_taken(void **state)
{
    struct disk_file *f;

    (void)state;
    write_text(in_dir("a"), "first");
    assert_int_equal(disk_open(d, &f, in_dir("a"), DISK_CREATE, &e), -1);
    assert_int_equal(e.code, ERR_BUSY);
    assert_null(f);
    expect_text(in_dir("a"), "first");
}

static void a_missing_file_is_an_error_to_open_and_an_answer_to_stat(void **state)
{
    struct disk_file *f;

    (void)state;
    assert_int_equal(disk_open(d, &f, in_dir("none"), DISK_READ, &e), -1);
    assert_int_equal(e.code, ERR_IO);
    assert_non_null(strstr(e.text, "none"));
    expect_kind(in_dir("none"), DISK_NOTHING);
    expect_kind(in_dir("none/below"), DISK_NOTHING);
    OK(disk_remove(d, in_dir("none"), &e));
}

static void links_pipes_and_directories_are_not_opened(void **state)
{
    struct disk_file *f;

    (void)state;
    write_text(in_dir("a"), "behind a link");
    assert_int_equal(symlink("a", in_dir("link")), 0);
    assert_int_equal(mkfifo(in_dir("pipe"), 0600), 0);
    expect_kind(in_dir("link"), DISK_OTHER);
    expect_kind(in_dir("pipe"), DISK_OTHER);
    assert_int_equal(disk_open(d, &f, in_dir("link"), DISK_READ, &e), -1);
    assert_int_equal(e.code, ERR_REFUSED);
    assert_int_equal(disk_open(d, &f, in_dir("pipe"), DISK_READ, &e), -1);
    assert_int_equal(e.code, ERR_REFUSED);
    assert_int_equal(disk_open(d, &f, dir, DISK_READ, &e), -1);
    assert_int_equal(e.code, ERR_REFUSED);
}

static void a_descriptor_reads_and_cannot_write(void **state)
{
    struct disk_file *f;
    char bytes[8];
    int fd;

    (void)state;
    OK(disk_open(d, &f, in_dir("a"), DISK_CREATE, &e));
    OK(disk_file_write(f, "paper", 5, 0, &e));
    OK(disk_file_descriptor(f, &fd, &e));
    disk_close(f);
    assert_int_equal(read(fd, bytes, sizeof bytes), 5);
    assert_memory_equal(bytes, "paper", 5);
    assert_int_equal(write(fd, "x", 1), -1);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(close(fd), 0);
}

static void replace_leaves_the_new_text_and_no_other_file(void **state)
{
    (void)state;
    OK(disk_replace(d, in_dir("a"), "old", 3, &e));
    write_text(in_dir("a.tmp"), "left behind by a power cut");
    OK(disk_replace(d, in_dir("a"), "new one", 7, &e));
    expect_text(in_dir("a"), "new one");
    expect_kind(in_dir("a.tmp"), DISK_NOTHING);
}

static void make_dirs_makes_what_is_missing_and_accepts_what_is_there(void **state)
{
    (void)state;
    OK(disk_make_dirs(d, in_dir("a/b/c"), &e));
    OK(disk_make_dirs(d, in_dir("a/b/c/"), &e));
    expect_kind(in_dir("a/b/c"), DISK_DIR);
    write_text(in_dir("file"), "x");
    assert_int_equal(disk_make_dirs(d, in_dir("file/d"), &e), -1);
    assert_int_equal(disk_make_dirs(d, in_dir("file"), &e), -1);
}

static int note_name(void *arg, const char *name, struct err *out)
{
    (void)out;
    buffer_append_format(arg, "%s ", name);
    return 0;
}

static void list_is_in_byte_order(void **state)
{
    struct buffer names;

    (void)state;
    buffer_init(&names, 100);
    write_text(in_dir("đơn"), "");
    write_text(in_dir("b"), "");
    write_text(in_dir("B"), "");
    write_text(in_dir("a"), "");
    OK(disk_list(d, dir, note_name, &names, &e));
    assert_string_equal((char *)names.bytes, "B a b đơn ");
    assert_int_equal(disk_list(d, in_dir("none"), note_name, &names, &e), -1);
    buffer_release(&names);
}

static void read_all_stops_at_the_cap(void **state)
{
    struct buffer b;

    (void)state;
    write_text(in_dir("a"), "eleven bytes");
    buffer_init(&b, 5);
    assert_int_equal(disk_read_all(d, in_dir("a"), &b, &e), -1);
    assert_int_equal(e.code, ERR_TOO_BIG);
    buffer_release(&b);
}

static void parents_are_found_by_text_alone(void **state)
{
    static const char *const cases[][2] = {
        {"a", "."},  {"a/b", "a"},    {"/a", "/"},   {"/a/b", "/a"},
        {"a/", "."}, {"/a/b/", "/a"}, {"a//b", "a"}, {"/", "/"},
    };
    char out[DISK_PATH_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        OK(disk_parent(out, cases[i][0], &e));
        assert_string_equal(out, cases[i][1]);
    }
}

static void a_path_that_does_not_fit_is_refused(void **state)
{
    char out[DISK_PATH_BYTES];

    (void)state;
    assert_int_equal(disk_path(out, &e, "%*d", DISK_PATH_BYTES, 1), -1);
    assert_int_equal(e.code, ERR_TOO_BIG);
    OK(disk_path(out, &e, "%*d", DISK_PATH_BYTES - 1, 1));
}

static void free_space_is_told(void **state)
{
    uint64_t bytes = 0;

    (void)state;
    OK(disk_free_bytes(d, dir, &bytes, &e));
    assert_true(bytes > 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(bytes_written_are_read_back_at_any_offset),
        STORY(create_refuses_a_name_that_is_taken),
        STORY(a_missing_file_is_an_error_to_open_and_an_answer_to_stat),
        STORY(links_pipes_and_directories_are_not_opened),
        STORY(a_descriptor_reads_and_cannot_write),
        STORY(replace_leaves_the_new_text_and_no_other_file),
        STORY(make_dirs_makes_what_is_missing_and_accepts_what_is_there),
        STORY(list_is_in_byte_order),
        STORY(read_all_stops_at_the_cap),
        STORY(parents_are_found_by_text_alone),
        STORY(a_path_that_does_not_fit_is_refused),
        STORY(free_space_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
