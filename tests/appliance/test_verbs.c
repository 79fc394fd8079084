/* The command line, with the real programs: what a clerk types, and what comes of
 * it. Papers are the sample pages; bad ones are made here. */
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/disk.h"
#include "tests/lib/program.h"

static struct bench b;
static char samples[4096]; /* absolute */

static const char *sample(const char *name)
{
    static char paths[4][4200];
    static unsigned next;
    char *path = paths[next++ % 4];

    (void)snprintf(path, sizeof paths[0], "%s/%s", samples, name);
    return path;
}

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

#define EXPECT_STATUS(r, expected)                                                       \
    do {                                                                                 \
        if ((r).status != (expected))                                                    \
            fail_msg("exit %d, not %d; out: %s err: %s", (r).status, (expected),         \
                     (char *)(r).out.bytes, (char *)(r).err.bytes);                      \
    } while (0)

/* ----------------------------------------------------------------- the words */

static void words_that_make_no_sense_are_exit_2_with_one_line(void **state)
{
    static const char *const words[][4] = {
        {NULL},
        {"fetch", NULL},
        {"search", NULL},
        {"search", "--limit", "many", "x"},
        {"read", "--jobs", "0", NULL},
        {"read", "--fast", NULL},
        {"intake", NULL},
        {"import", "a.jsonl", NULL},
        {"show", NULL},
        {"show", "abc", NULL},
        {"show", "1", "--pdf", "a.pdf"},
        {"init", "--enrol", NULL},
        {"serve", "--listen", "here", NULL},
        {"serve", "--listen", "127.0.0.1:", NULL},
        {"--data", "", "status", NULL},
        {"intake", "", NULL},
        {"import", "--source", "a", ""},
        {"serve", "--listen", "0.0.0.0:0", NULL},
        {"status", "now", NULL},
        {"backup", NULL},
        {"backup", "a", "b", NULL},
        {"--data", "/nowhere", "restore", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct ran r;

        run(&b, &r, "tram-box", words[i][0], words[i][1], words[i][2], words[i][3], NULL);
        EXPECT_STATUS(r, 2);
        assert_int_equal(r.out.count, 0);
        assert_int_equal(ran_err_lines(&r), 1);
        ran_release(&r);
    }
}

static void every_word_explains_itself(void **state)
{
    static const char *const words[] = {"init",   "intake", "read",   "import",
                                        "search", "show",   "status", "serve",
                                        "verify", "backup", "restore"};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct ran r;

        run(&b, &r, "tram-box", "--data", "/nowhere", words[i], "--help", NULL);
        EXPECT_STATUS(r, 0);
        assert_non_null(strstr((char *)r.out.bytes, words[i]));
        ran_release(&r);
    }
}

static void the_data_directory_is_named_before_or_behind_the_word(void **state)
{
    struct ran r;

    (void)state;
    run(&b, &r, "tram-box", "--data", b.data, "--json", "status", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "status", "--json", "--data", b.data, NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "status", "--data=/nowhere", NULL);
    EXPECT_STATUS(r, 1);
    assert_non_null(strstr((char *)r.err.bytes, "/nowhere"));
    assert_int_equal(ran_err_lines(&r), 1);
    ran_release(&r);
}

static void a_box_is_not_made_over_another(void **state)
{
    struct ran r;

    (void)state;
    run(&b, &r, "tram-box", "init", "--demo", NULL);
    EXPECT_STATUS(r, 1);
    assert_int_equal(ran_err_lines(&r), 1);
    ran_release(&r);
}

/* ---------------------------------------------------------------- good papers */

static int64_t take(const char *path)
{
    struct ran r;
    json_t *j;
    int64_t document;

    run(&b, &r, "tram-box", "--json", "intake", path, NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    document = json_number_of(j, "document");
    json_decref(j);
    ran_release(&r);
    return document;
}

static void a_paper_is_kept_read_found_shown_and_verified(void **state)
{
    const char *paper = sample("quyet-dinh-01.png");
    int64_t document;
    char id[24];
    struct ran r;
    json_t *j;

    (void)state;
    document = take(paper);
    (void)snprintf(id, sizeof id, "%lld", (long long)document);

    run(&b, &r, "tram-box", "--json", "read", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "read"), 1);
    assert_int_equal(json_number_of(j, "quarantined"), 0);
    json_decref(j);
    ran_release(&r);

    run(&b, &r, "tram-box", "--json", "search", "quyet", "dinh", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "document"), document);
    assert_int_equal(json_number_of(j, "site"), 65535);
    assert_true(json_is_integer(json_object_get(j, "page")));
    assert_null(strpbrk(json_text_of(j, "snippet"), "\x02\x03"));
    json_decref(j);
    ran_release(&r);

    run(&b, &r, "tram-box", "show", id, "--text", NULL);
    EXPECT_STATUS(r, 0);
    assert_non_null(strstr((char *)r.out.bytes, "QUYẾT ĐỊNH"));
    ran_release(&r);

    run(&b, &r, "tram-box", "--json", "verify", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_true(json_is_true(json_object_get(j, "ok")));
    assert_int_equal(json_array_size(json_object_get(j, "problems")), 0);
    json_decref(j);
    ran_release(&r);
}

static void the_original_comes_out_byte_for_byte(void **state)
{
    const char *paper = sample("chuyen-pho-to.tif");
    char id[24], out[96];
    struct ran r;

    (void)state;
    (void)snprintf(id, sizeof id, "%lld", (long long)take(paper));
    run(&b, &r, "tram-box", "show", id, "--original", "again.tif", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    (void)snprintf(out, sizeof out, "%s", bench_path(&b, "again.tif"));
    run(&b, &r, "/usr/bin/cmp", paper, out, NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "show", id, "--original", "all/", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "/usr/bin/cmp", paper, bench_path(&b, "all/001-chuyen-pho-to.tif"), NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void an_original_replaces_no_device_link_or_directory(void **state)
{
    static const char *const places[] = {"fifo", "link", "dir"};
    struct ran r;
    char id[24];

    (void)state;
    (void)snprintf(id, sizeof id, "%lld", (long long)take(sample("giay-khai-sinh.png")));
    run(&b, &r, "/bin/sh", "-c", "mkfifo fifo && ln -s data link && mkdir dir", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        run(&b, &r, "tram-box", "show", id, "--original", places[i], NULL);
        EXPECT_STATUS(r, 1);
        assert_non_null(strstr((char *)r.err.bytes, places[i]));
        ran_release(&r);
    }
    run(&b, &r, "/bin/sh", "-c", "test -p fifo && test -L link && test -d dir", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void the_same_file_twice_is_noticed(void **state)
{
    struct ran r;
    json_t *j;
    int64_t document;

    (void)state;
    document = take(sample("giay-khai-sinh.png"));
    run(&b, &r, "tram-box", "--json", "intake", sample("giay-khai-sinh.png"), NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_string_equal(json_text_of(j, "state"), "duplicate");
    assert_int_equal(json_number_of(j, "document"), document);
    json_decref(j);
    ran_release(&r);
}

static void status_has_the_words_that_scripts_rely_on(void **state)
{
    static const char *const counts[] = {
        "kept", "read", "sent", "received", "applied", "complete", "oldest_unsent_s"};
    struct ran r;
    json_t *j;

    (void)state;
    (void)take(sample("hai-trang.zip"));
    run(&b, &r, "tram-box", "status", "--json", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        assert_true(json_number_of(j, counts[i]) >= 0);
    assert_int_equal(json_number_of(j, "kept"), 2);
    assert_int_equal(json_number_of(j, "read"), 0);
    assert_true(json_number_of(json_object_get(j, "waiting"), "1") > 0);
    assert_true(json_is_array(json_object_get(j, "problems")));
    assert_int_equal(json_number_of(json_object_get(j, "pages"), "waiting"), 2);
    json_decref(j);
    ran_release(&r);
}

static void a_secret_paper_is_held_and_nowhere_to_be_found(void **state)
{
    struct ran r;
    json_t *j;

    (void)state;
    run(&b, &r, "tram-box", "--json", "intake", sample("mat-01.png"), NULL);
    EXPECT_STATUS(r, 3);
    j = ran_json(&r, 0);
    assert_string_equal(json_text_of(j, "state"), "held");
    assert_string_equal(json_text_of(j, "reason"), "mat");
    assert_true(json_is_null(json_object_get(j, "document")));
    json_decref(j);
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "status", NULL);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "kept"), 0);
    assert_int_equal(json_number_of(j, "held"), 1);
    json_decref(j);
    ran_release(&r);
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
    add_file(a, "../climbed.png", sample("danh-sach-01.png"));
    add_file(a, "good.png", sample("giay-khai-sinh.png"));
    add_file(a, "/tmp/absolute.png", sample("danh-sach-01.png"));
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
    if (disk_read_all(disk_system(), sample("to-trinh-lech.jpg"), &bytes, &err) != 0)
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
        sample("danh-sach-01.png"), NULL);
    EXPECT_STATUS(r, 3);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        fate(&r, expected[i].file, told, sizeof told);
        if (strcmp(told, expected[i].fate) != 0)
            fail_msg("%s: %s, not %s", expected[i].file, told, expected[i].fate);
    }
    fate(&r, sample("danh-sach-01.png"), told, sizeof told);
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

/* ------------------------------------------------------------ other records */

static void records_that_are_digital_are_imported_changed_and_found(void **state)
{
    static const char lines[] =
        "{\"dossier\": \"KS-75\", \"type\": \"khai_sinh\", \"key\": \"1\","
        " \"fields\": {\"ho_ten\": \"Nguyễn Thị Mẫu\"},"
        " \"pages\": [{\"text\": \"Sổ đăng ký khai sinh\"}]}\n"
        "{\"cut off\n"
        "{\"key\": \"2\", \"fields\": {\"ho_ten\": \"Trần Văn Thử\"}}\n";
    struct ran r;
    json_t *j;

    (void)state;
    bench_write(&b, "so.jsonl", lines, sizeof lines - 1);
    run(&b, &r, "tram-box", "--json", "import", "--source", "so-ho-tich", "so.jsonl",
        NULL);
    EXPECT_STATUS(r, 3);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "added"), 2);
    assert_int_equal(json_number_of(j, "refused"), 1);
    assert_int_equal(
        json_number_of(json_array_get(json_object_get(j, "refusals"), 0), "line"), 2);
    json_decref(j);
    assert_int_equal(ran_err_lines(&r), 1);
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "import", "--source", "so-ho-tich", "so.jsonl",
        NULL);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "unchanged"), 2);
    json_decref(j);
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "search", "tran van thu", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_true(json_is_null(json_object_get(j, "page"))); /* found in the fields */
    json_decref(j);
    ran_release(&r);
}

static void a_byte_changed_in_an_original_is_told_by_verify(void **state)
{
    struct ran r;
    json_t *j;

    (void)state;
    (void)take(sample("giay-khai-sinh.png"));
    run(&b, &r, "/bin/sh", "-c",
        "f=$(find data/blobs -type f) && chmod u+w $f &&"
        " printf x | dd of=$f bs=1 seek=100 conv=notrunc 2>/dev/null",
        NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "verify", NULL);
    EXPECT_STATUS(r, 1);
    j = ran_json(&r, 0);
    assert_true(json_is_false(json_object_get(j, "ok")));
    assert_int_equal(json_array_size(json_object_get(j, "problems")), 1);
    json_decref(j);
    ran_release(&r);
}

/* ------------------------------------------------------- several at a time */

static void two_readers_read_every_page_once(void **state)
{
    struct running other;
    struct ran r;
    json_t *j;
    int status;

    (void)state;
    (void)take(sample("chuyen-pho-to.tif"));
    run_begin(&b, &other, "tram-box", "read", "--jobs", "1", NULL);
    /* The second waits a while for the first, and may give up: that is an answer. */
    run(&b, &r, "tram-box", "read", "--jobs", "1", NULL);
    assert_true(r.status == 0 || r.status == 1);
    ran_release(&r);
    status = running_end(&other, 0);
    assert_true(status == 0 || status == 1);
    run(&b, &r, "tram-box", "read", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "/usr/bin/sqlite3", bench_path(&b, "data/tram.db"),
        "SELECT count(*), count(DISTINCT page) FROM reading", NULL);
    assert_string_equal((char *)r.out.bytes, "3|3\n");
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "status", NULL);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "read"), 1);
    json_decref(j);
    ran_release(&r);
}

static void a_reader_that_was_killed_leaves_its_pages_to_the_next(void **state)
{
    struct running killed;
    struct ran r;
    json_t *j;

    (void)state;
    (void)take(sample("chuyen-pho-to.tif"));
    run_begin(&b, &killed, "tram-box", "read", NULL);
    /* At any instant: usually the model is being loaded, and pages are leased. */
    (void)running_end(&killed, SIGKILL);
    run(&b, &r, "tram-box", "--json", "read", "--wait", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "left"), 0);
    json_decref(j);
    ran_release(&r);
    run(&b, &r, "tram-box", "verify", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void a_read_that_is_interrupted_leaves_a_whole_box(void **state)
{
    struct running interrupted;
    struct ran r;
    int status;

    (void)state;
    (void)take(sample("chuyen-pho-to.tif"));
    run_begin(&b, &interrupted, "tram-box", "read", "--jobs", "1", NULL);
    status = running_end(&interrupted, SIGINT);
    /* Before it could listen, in the middle, or too late to matter. */
    assert_true(status == 128 + SIGINT || status == 3 || status == 0);
    run(&b, &r, "tram-box", "read", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "verify", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void words_give_the_same_while_somebody_serves(void **state)
{
    static const char *const words[][4] = {
        {"--json", "search", "uy ban nhan dan", NULL},
        {"search", "\"khong co\"", "--limit", "2"},
        {"search", NULL, NULL, NULL},
        {"show", "12345", NULL, NULL},
        {"--json", "verify", NULL, NULL},
        {"--json", "read", "--wait", NULL},
    };
    struct ran alone[6], served;
    struct running serve;

    (void)state;
    (void)take(sample("giay-khai-sinh.png"));
    run(&b, &served, "tram-box", "read", NULL);
    EXPECT_STATUS(served, 0);
    ran_release(&served);
    for (size_t i = 0; i < 6; i++)
        run(&b, &alone[i], "tram-box", words[i][0], words[i][1], words[i][2], words[i][3],
            NULL);
    serve_begin(&b, &serve);
    for (size_t i = 0; i < 6; i++) {
        char *ms;

        run(&b, &served, "tram-box", words[i][0], words[i][1], words[i][2], words[i][3],
            NULL);
        EXPECT_STATUS(served, alone[i].status);
        /* How long it took is not the same. */
        if ((ms = strstr((char *)served.out.bytes, "elapsed_ms")) != NULL) {
            *ms = '\0';
            *strstr((char *)alone[i].out.bytes, "elapsed_ms") = '\0';
        }
        assert_string_equal((char *)served.out.bytes, (char *)alone[i].out.bytes);
        assert_string_equal((char *)served.err.bytes, (char *)alone[i].err.bytes);
        ran_release(&served);
        ran_release(&alone[i]);
    }
    assert_int_equal(running_end(&serve, SIGTERM), 0);
}

/* With the recovery key in the file "key". */
static void write_recovery_key(void)
{
    struct ran r;
    json_t *j;

    run(&b, &r, "tram-box", "backup", "--show-key", "--json", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    bench_write(&b, "key", json_text_of(j, "recovery_key"),
                strlen(json_text_of(j, "recovery_key")));
    json_decref(j);
    ran_release(&r);
}

static void a_box_is_copied_while_it_serves_and_made_again_elsewhere(void **state)
{
    static const char wrong[] = "000011-000011-000011-000011-000011-000011-000011-000012";
    struct running serve;
    struct ran r;
    json_t *j;

    (void)state;
    (void)take(sample("chuyen-pho-to.tif"));
    run(&b, &r, "tram-box", "backup", "--show-key", NULL);
    EXPECT_STATUS(r, 1); /* it has none before its first copy */
    ran_release(&r);
    serve_begin(&b, &serve);
    run(&b, &r, "tram-box", "backup", "stick", "--json", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    assert_int_equal(json_number_of(j, "generation"), 1);
    assert_int_equal(strlen(json_text_of(j, "recovery_key")), 55);
    json_decref(j);
    ran_release(&r);
    assert_int_equal(running_end(&serve, SIGTERM), 0);
    write_recovery_key();
    bench_write(&b, "wrong", wrong, sizeof wrong - 1);
    run(&b, &r, "tram-box", "restore", "stick", "--key-file", "key", NULL);
    EXPECT_STATUS(r, 1); /* there is a box already */
    ran_release(&r);
    run(&b, &r, "tram-box", "--data", "again", "restore", "stick", "--key-file", "wrong",
        NULL);
    EXPECT_STATUS(r, 2);
    assert_non_null(strstr((char *)r.err.bytes, "Group 8"));
    ran_release(&r);
    run(&b, &r, "tram-box", "--data", "again", "restore", "stick", "--key-file", "key",
        NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "--data", "again", "verify", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void questions_are_answered_while_another_command_works(void **state)
{
    static const char *const words[][2] = {
        {"search", "uy ban"}, {"status", NULL}, {"verify", NULL}};
    int lock = open(bench_path(&b, "data/lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    (void)state;
    assert_true(lock >= 0);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct ran r;

        run(&b, &r, "tram-box", words[i][0], words[i][1], NULL);
        EXPECT_STATUS(r, 0);
        assert_null(strstr((char *)r.err.bytes, "waiting"));
        ran_release(&r);
    }
    (void)close(lock);
}

/* For a shell's line. */
static void name_program(void)
{
    const char *build = getenv("TRAM_BUILD");
    char path[600], real[4096];

    (void)snprintf(path, sizeof path, "%s/tram-box",
                   build == NULL ? "build/release" : build);
    assert_non_null(realpath(path, real));
    assert_int_equal(setenv("TRAM_TEST_BOX", real, 1), 0);
}

static void a_box_of_somebody_elses_is_not_taken_for_none(void **state)
{
    struct ran r;

    (void)state;
    if (geteuid() != 0)
        skip();
    name_program();
    run(&b, &r, "/bin/sh", "-c",
        "umask 0; mkdir -p open && cp \"$TRAM_TEST_BOX\" open/ && chmod 711 . && chmod "
        "700 "
        "data && exec setpriv --reuid 65534 --clear-groups open/tram-box status",
        NULL);
    EXPECT_STATUS(r, 1);
    assert_null(strstr((char *)r.err.bytes, "init"));
    assert_non_null(strstr((char *)r.err.bytes, "ermission"));
    ran_release(&r);
}

static void a_file_handed_over_is_kept_read_and_found(void **state)
{
    struct running serve;
    struct ran r;
    json_t *j;

    (void)state;
    serve_begin(&b, &serve);
    assert_int_equal(symlink(samples, bench_path(&b, "papers")), 0);
    run(&b, &r, "tram-box", "--json", "intake", "--dossier", "HS-07",
        "papers/quyet-dinh-01.png", "papers/nothing.png", NULL);
    EXPECT_STATUS(r, 3);
    j = ran_json(&r, 0);
    assert_string_equal(json_text_of(j, "file"), "papers/quyet-dinh-01.png");
    assert_string_equal(json_text_of(j, "state"), "kept");
    json_decref(j);
    assert_int_equal(ran_err_lines(&r), 1);
    ran_release(&r);
    run(&b, &r, "tram-box", "read", "--wait", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "tram-box", "--json", "search", "quyết định", NULL);
    EXPECT_STATUS(r, 0);
    assert_true(ran_lines(&r) >= 1);
    ran_release(&r);
    assert_int_equal(running_end(&serve, SIGINT), 0);
    run(&b, &r, "tram-box", "verify", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void a_second_serve_is_told_that_the_place_is_taken(void **state)
{
    struct running serve;
    struct ran r;

    (void)state;
    serve_begin(&b, &serve);
    run(&b, &r, "tram-box", "serve", "--listen", "127.0.0.1:0", NULL);
    EXPECT_STATUS(r, 1);
    assert_int_equal(ran_err_lines(&r), 1);
    ran_release(&r);
    assert_int_equal(running_end(&serve, SIGTERM), 0);
}

#define BENCH(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH(words_that_make_no_sense_are_exit_2_with_one_line),
        BENCH(every_word_explains_itself),
        BENCH(the_data_directory_is_named_before_or_behind_the_word),
        BENCH(a_box_is_not_made_over_another),
        BENCH(a_paper_is_kept_read_found_shown_and_verified),
        BENCH(the_original_comes_out_byte_for_byte),
        BENCH(an_original_replaces_no_device_link_or_directory),
        BENCH(the_same_file_twice_is_noticed),
        BENCH(status_has_the_words_that_scripts_rely_on),
        BENCH(a_secret_paper_is_held_and_nowhere_to_be_found),
        BENCH(every_bad_paper_gets_one_line_and_the_rest_goes_on),
        BENCH(records_that_are_digital_are_imported_changed_and_found),
        BENCH(a_byte_changed_in_an_original_is_told_by_verify),
        BENCH(two_readers_read_every_page_once),
        BENCH(a_reader_that_was_killed_leaves_its_pages_to_the_next),
        BENCH(a_read_that_is_interrupted_leaves_a_whole_box),
        BENCH(words_give_the_same_while_somebody_serves),
        BENCH(a_box_is_copied_while_it_serves_and_made_again_elsewhere),
        BENCH(questions_are_answered_while_another_command_works),
        BENCH(a_box_of_somebody_elses_is_not_taken_for_none),
        BENCH(a_file_handed_over_is_kept_read_and_found),
        BENCH(a_second_serve_is_told_that_the_place_is_taken),
    };

    if (realpath("tests/pages/samples", samples) == NULL) {
        (void)fprintf(stderr, "run it at the root of the tree\n");
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
