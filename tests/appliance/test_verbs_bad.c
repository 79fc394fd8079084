/* The command line given papers that are none, or worse: made here. */
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk.h"
#include "tests/lib/program.h"

static struct bench b;

static int start(void **state)
{
    (void)state;
    bench_create(&b);
    bench_make_box(&b);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    bench_destroy(&b);
    return 0;
}

/* ----------------------------------------------------------------- bad papers */

static void write_zeroes(struct archive *a, const char *name, uint64_t bytes)
{
    static const char zeroes[65536];
    struct archive_entry *e = archive_entry_new();

    archive_entry_set_pathname(e, name);
    archive_entry_set_size(e, (la_int64_t)bytes);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0644);
    assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
    for (uint64_t at = 0; at < bytes; at += sizeof zeroes)
        (void)archive_write_data(a, zeroes,
                                 bytes - at < sizeof zeroes ? bytes - at : sizeof zeroes);
    archive_entry_free(e);
}

static void make_bomb(const char *path)
{
    struct archive *a = archive_write_new();

    (void)archive_write_set_format_zip(a);
    assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
    write_zeroes(a, "page.png", 300u << 20);
    assert_int_equal(archive_write_free(a), ARCHIVE_OK);
}

static void add_file(struct archive *a, const char *name, const char *from)
{
    struct archive_entry *e = archive_entry_new();
    struct buffer bytes;
    struct err err;

    buffer_init(&bytes, 16u << 20);
    if (disk_read_all(disk_system(), from, &bytes, &err) != 0)
        fail_msg("%s", err.text);
    archive_entry_set_pathname(e, name);
    archive_entry_set_size(e, (la_int64_t)bytes.count);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0644);
    assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
    assert_int_equal(archive_write_data(a, bytes.bytes, bytes.count), bytes.count);
    archive_entry_free(e);
    buffer_release(&bytes);
}

static void add_link(struct archive *a, const char *name, const char *to)
{
    struct archive_entry *e = archive_entry_new();

    archive_entry_set_pathname(e, name);
    archive_entry_set_filetype(e, AE_IFLNK);
    archive_entry_set_symlink(e, to);
    assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
    archive_entry_free(e);
}

/* One good page between names that climb out, an absolute one, and a link. */
static void make_climber(const char *path)
{
    struct archive *a = archive_write_new();

    (void)archive_write_set_format_pax_restricted(a);
    (void)archive_write_add_filter_gzip(a);
    assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
    add_file(a, "../climbed.png", bench_sample("danh-sach-01.png"));
    add_file(a, "good.png", bench_sample("giay-khai-sinh.png"));
    add_file(a, "/tmp/absolute.png", bench_sample("danh-sach-01.png"));
    add_link(a, "link.png", "/etc/passwd");
    assert_int_equal(archive_write_free(a), ARCHIVE_OK);
}

static uint32_t crc_of(const unsigned char *bytes, size_t count)
{
    uint32_t c = 0xffffffff;

    for (size_t i = 0; i < count; i++) {
        c ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            c = c >> 1 ^ (c & 1 ? 0xedb88320 : 0);
    }
    return ~c;
}

static void append_big_endian(struct buffer *out, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buffer_append_byte(out, (uint8_t)(value >> shift));
}

static void append_chunk(struct buffer *png, const char *kind, const void *bytes,
                         size_t count)
{
    size_t from;

    append_big_endian(png, (uint32_t)count);
    from = png->count;
    buffer_append(png, kind, 4);
    buffer_append(png, bytes, count);
    append_big_endian(png, crc_of(png->bytes + from, 4 + count));
}

/* A PNG that says it is 30,000 × 30,000, in a few bytes. */
static void make_huge_picture(const char *name)
{
    static const unsigned char empty_deflate[] = {0x78, 0x9c, 3, 0, 0, 0, 0, 1};
    struct buffer png, head;

    buffer_init(&png, 4096);
    buffer_init(&head, 64);
    append_big_endian(&head, 30000);
    append_big_endian(&head, 30000);
    buffer_append(&head, "\x08\x02\0\0\0", 5); /* 8 bits, RGB */
    buffer_append(&png, "\x89PNG\r\n\x1a\n", 8);
    append_chunk(&png, "IHDR", head.bytes, head.count);
    append_chunk(&png, "IDAT", empty_deflate, sizeof empty_deflate);
    append_chunk(&png, "IEND", "", 0);
    bench_write(&b, name, png.bytes, png.count);
    buffer_release(&png);
    buffer_release(&head);
}

/* The standard security handler with a password that nobody has. */
static const char encrypted_pdf[] =
    "%PDF-1.4\n"
    "1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
    "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>\nendobj\n"
    "4 0 obj\n<< /Filter /Standard /V 1 /R 2 /P -44\n"
    "/O <5b6f0d1c2a3948576675849303a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3>\n"
    "/U <a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c35b6f0d1c2a3948576675849303> >>\nendobj\n"
    "xref\n0 5\n"
    "0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \n"
    "0000000115 00000 n \n0000000187 00000 n \n"
    "trailer\n<< /Size 5 /Root 1 0 R /Encrypt 4 0 R\n"
    "/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] >>\n"
    "startxref\n382\n%%EOF\n";

static void make_cut_off(const char *name)
{
    struct buffer bytes;
    struct err err;

    buffer_init(&bytes, 16u << 20);
    if (disk_read_all(disk_system(), bench_sample("to-trinh-lech.jpg"), &bytes, &err) !=
        0)
        fail_msg("%s", err.text);
    bench_write(&b, name, bytes.bytes, bytes.count / 2);
    buffer_release(&bytes);
}

static void make_bad_papers(void)
{
    assert_int_equal(mkdir(bench_path(&b, "scans"), 0755), 0);
    bench_write(&b, "scans/a-empty.jpg", "", 0);
    make_cut_off("scans/b-cut.jpg");
    bench_write(&b, "scans/c-text.docx", "không phải ảnh", strlen("không phải ảnh"));
    make_huge_picture("scans/d-huge.png");
    make_bomb(bench_path(&b, "scans/e-bomb.zip"));
    make_climber(bench_path(&b, "scans/f-climb.tar.gz"));
    bench_write(&b, "scans/g-locked.pdf", encrypted_pdf, strlen(encrypted_pdf));
    assert_int_equal(symlink("/etc/passwd", bench_path(&b, "scans/h-link.png")), 0);
}

/* What became of `file` (a "scans/…" name), as "state reason". */
static void fate(const struct ran *r, const char *file, char *out, size_t out_bytes)
{
    (void)snprintf(out, out_bytes, "not told");
    for (size_t i = 0; i < ran_lines(r); i++) {
        json_t *j = ran_json(r, i);
        const char *reason = json_string_value(json_object_get(j, "reason"));

        if (strcmp(json_text_of(j, "file"), file) == 0)
            (void)snprintf(out, out_bytes, "%s %s", json_text_of(j, "state"),
                           reason == NULL ? "-" : reason);
        json_decref(j);
    }
}

static void every_bad_paper_gets_one_line_and_the_rest_goes_on(void **state)
{
    static const struct {
        const char *file, *fate;
    } expected[] = {
        {"scans/a-empty.jpg", "refused empty"},
        {"scans/b-cut.jpg", "refused cut_off"},
        {"scans/c-text.docx", "refused wrong_type"},
        {"scans/d-huge.png", "refused too_large"},
        {"scans/e-bomb.zip", "refused bomb"},
        {"scans/f-climb.tar.gz/good.png", "kept -"},
        {"scans/g-locked.pdf", "refused encrypted"},
        {"scans/h-link.png", "refused link"},
        {"absent.png", "refused not_found"},
    };
    struct ran r;
    char told[160];
    size_t refused = 0;

    (void)state;
    make_bad_papers();
    run(&b, &r, "tram-box", "--json", "intake", "scans", "absent.png",
        bench_sample("danh-sach-01.png"), NULL);
    EXPECT_STATUS(r, 3);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        fate(&r, expected[i].file, told, sizeof told);
        if (strcmp(told, expected[i].fate) != 0)
            fail_msg("%s: %s, not %s", expected[i].file, told, expected[i].fate);
    }
    fate(&r, bench_sample("danh-sach-01.png"), told, sizeof told);
    assert_string_equal(told, "kept -");
    for (size_t i = 0; i < ran_lines(&r); i++) {
        json_t *j = ran_json(&r, i);

        if (strcmp(json_text_of(j, "state"), "refused") == 0) {
            refused++;
            assert_non_null(strstr((char *)r.err.bytes, json_text_of(j, "file")));
            assert_non_null(json_text_of(json_object_get(j, "message"), "vi"));
            assert_null(
                strstr(json_text_of(json_object_get(j, "message"), "en"), "refusal."));
        }
        json_decref(j);
    }
    assert_int_equal(ran_err_lines(&r), refused);
    assert_int_equal(access("/tmp/absolute.png", F_OK), -1);
    assert_int_equal(access(bench_path(&b, "climbed.png"), F_OK), -1);
    ran_release(&r);

    run(&b, &r, "tram-box", "verify", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

#define BENCH(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH(every_bad_paper_gets_one_line_and_the_rest_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
