/* Archives come out entry by entry, and what is bad about one is said of that one. */
#include "ocr/opener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>

#include "ocr/archive.h"
#include "tests/lib/documents.h"

/* What came out, as a story: "name bytes refusal" a line, then "archive: refusal". */
struct story {
    struct buffer text;
    uint64_t bytes;
};

static int story_begin(void *arg, const char *name, struct err *e)
{
    struct story *s = arg;

    (void)e;
    s->bytes = 0;
    buffer_append_format(&s->text, "%s ", name);
    return 0;
}

static int story_bytes(void *arg, const void *bytes, size_t count, struct err *e)
{
    (void)bytes;
    (void)e;
    ((struct story *)arg)->bytes += count;
    return 0;
}

static int story_end(void *arg, enum refusal r, struct err *e)
{
    struct story *s = arg;

    (void)e;
    buffer_append_format(&s->text, "%llu %s\n", (unsigned long long)s->bytes,
                         refusal_name(r));
    return 0;
}

/* Unpacks through a file in memory, then parses what was written. */
static void unpack(const struct buffer *archive, struct story *s)
{
    const struct entry_sink sink = {story_begin, story_bytes, story_end, s};
    int in = document_fd(archive->bytes, archive->count);
    int out = memfd_create("entries", MFD_CLOEXEC);
    static unsigned char piece[65536];
    struct entry_parser *parser = NULL;
    enum refusal refusal;
    uint64_t entries;
    struct err e;
    off_t at = 0;
    ssize_t n;

    *s = (struct story){0};
    buffer_init(&s->text, DOCUMENT_BYTES_MAX);
    archive_unpack(in, out);
    assert_int_equal(entry_parser_create(&parser, &sink, &e), 0);
    while ((n = pread(out, piece, sizeof piece, at)) > 0) {
        if (entry_parser_feed(parser, piece, (size_t)n, &e) != 0)
            fail_msg("%s", e.text);
        at += n;
    }
    entry_parser_finish(parser, &refusal, &entries);
    buffer_append_format(&s->text, "archive: %s\n", refusal_name(refusal));
    entry_parser_destroy(parser);
    close(in);
    close(out);
}

static void expect_story_of(const struct buffer *archive, const char *story)
{
    struct story s;

    unpack(archive, &s);
    assert_string_equal((const char *)s.text.bytes, story);
    buffer_release(&s.text);
}

static void expect_story(enum archive_form form, const struct archive_item *items,
                         size_t count, const char *story)
{
    struct buffer b;

    document_archive(&b, form, items, count);
    expect_story_of(&b, story);
    buffer_release(&b);
}

#define COUNT(items) (sizeof(items) / sizeof *(items))

static const struct archive_item papers[] = {
    {"so-ho-tich/", NULL, 0, NULL},
    {"so-ho-tich/1.jpg", "abc", 3, NULL},
    {"Quy\xe1\xba\xbft \xc4\x91\xe1\xbb\x8bnh.pdf", "defgh", 5, NULL},
};

static void zip_and_tar_of_all_kinds_come_out_whole(void **state)
{
    (void)state;
    for (int form = ARCHIVE_ZIP; form <= ARCHIVE_TAR_ZST; form++)
        if (form != ARCHIVE_ZIP_LOCKED)
            expect_story((enum archive_form)form, papers, COUNT(papers),
                         "so-ho-tich/1.jpg 3 none\n"
                         "Quy\xe1\xba\xbft \xc4\x91\xe1\xbb\x8bnh.pdf 5 none\n"
                         "archive: none\n");
}

static void archives_are_identified_by_what_is_inside(void **state)
{
    static const struct {
        enum archive_form form;
        enum media media;
    } forms[] = {{ARCHIVE_ZIP, MEDIA_ZIP},
                 {ARCHIVE_TAR, MEDIA_TAR},
                 {ARCHIVE_TAR_GZ, MEDIA_TAR},
                 {ARCHIVE_TAR_ZST, MEDIA_TAR}};

    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct buffer b;
        struct identity identity;
        int fd;

        document_archive(&b, forms[i].form, papers, COUNT(papers));
        fd = document_fd(b.bytes, b.count);
        document_identify(fd, &identity);
        assert_int_equal(identity.refusal, REFUSAL_NONE);
        assert_int_equal(identity.media, forms[i].media);
        close(fd);
        buffer_release(&b);
    }
}

static void paths_that_climb_are_refused_and_the_rest_goes_on(void **state)
{
    static const struct archive_item items[] = {
        {"../../etc/passwd", "a", 1, NULL},
        {"/etc/passwd", "b", 1, NULL},
        {"a/../b", "c", 1, NULL},
        {"a\\b", "d", 1, NULL},
        {"a\nb", "e", 1, NULL},
        {"C:b", "f", 1, NULL},
        {"good...pdf", "g", 1, NULL},
    };

    (void)state;
    expect_story(ARCHIVE_TAR, items, COUNT(items),
                 "\xe2\x80\xa5/\xe2\x80\xa5/etc/passwd 0 bad_path\n"
                 "\xe2\x88\x95"
                 "etc/passwd 0 bad_path\n"
                 "a/\xe2\x80\xa5/b 0 bad_path\n"
                 "a\\b 0 bad_path\n"
                 "a\xef\xbf\xbd"
                 "b 0 bad_path\n"
                 "C:b 0 bad_path\n"
                 "good...pdf 1 none\n"
                 "archive: none\n");
    expect_story(ARCHIVE_ZIP, items, 2,
                 "\xe2\x80\xa5/\xe2\x80\xa5/etc/passwd 0 bad_path\n"
                 "\xe2\x88\x95"
                 "etc/passwd 0 bad_path\n"
                 "archive: none\n");
}

static void links_are_refused_and_the_rest_goes_on(void **state)
{
    static const struct archive_item items[] = {
        {"link.jpg", NULL, 0, "/etc/passwd"},
        {"good.jpg", "abc", 3, NULL},
    };

    (void)state;
    expect_story(ARCHIVE_TAR_GZ, items, 2,
                 "link.jpg 0 link\ngood.jpg 3 none\narchive: none\n");
    expect_story(ARCHIVE_ZIP, items, 2,
                 "link.jpg 0 link\ngood.jpg 3 none\narchive: none\n");
}

static void locked_entries_are_told(void **state)
{
    (void)state;
    expect_story(ARCHIVE_ZIP_LOCKED, papers + 1, 1,
                 "so-ho-tich/1.jpg 0 encrypted\narchive: none\n");
}

static void name_that_is_no_text_is_shown_as_far_as_it_is(void **state)
{
    static const struct archive_item items[] = {{"b\xff\xfe.jpg", "a", 1, NULL}};

    (void)state;
    expect_story(ARCHIVE_TAR, items, 1,
                 "b\xef\xbf\xbd\xef\xbf\xbd.jpg 1 none\narchive: none\n");
}

/* What may have come out before the ratio was noticed. */
static uint64_t out_bytes_max(size_t archive_bytes)
{
    return archive_bytes * ARCHIVE_RATIO_MAX + (2 << 20);
}

static void bomb_ends_the_archive_early(void **state)
{
    enum { BOMB_BYTES = 48 << 20 };
    unsigned char *zeros = calloc(1, BOMB_BYTES);
    const struct archive_item items[] = {
        {"good.jpg", "abc", 3, NULL},
        {"bomb.tif", zeros, BOMB_BYTES, NULL},
        {"behind.jpg", "abc", 3, NULL},
    };
    const enum archive_form forms[] = {ARCHIVE_ZIP, ARCHIVE_TAR_GZ, ARCHIVE_TAR_ZST};

    (void)state;
    assert_non_null(zeros);
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct buffer b;
        struct story s;

        document_archive(&b, forms[i], items, 3);
        unpack(&b, &s);
        assert_non_null(strstr((const char *)s.text.bytes, "good.jpg 3 none\nbomb.tif "));
        assert_non_null(strstr((const char *)s.text.bytes, " bomb\narchive: bomb\n"));
        assert_true(s.bytes <= out_bytes_max(b.count));
        buffer_release(&s.text);
        buffer_release(&b);
    }
    free(zeros);
}

static void archive_that_is_cut_off_says_so_after_what_is_whole(void **state)
{
    static unsigned char noise[800000];
    const struct archive_item items[] = {
        {"whole.jpg", "abc", 3, NULL},
        {"half.jpg", noise, sizeof noise, NULL},
    };
    const enum archive_form forms[] = {ARCHIVE_TAR, ARCHIVE_TAR_GZ, ARCHIVE_TAR_ZST};
    uint32_t seed = 1; /* of bytes that do not compress */

    (void)state;
    for (size_t i = 0; i < sizeof noise; i++) {
        seed = seed * 1103515245 + 12345;
        noise[i] = (unsigned char)(seed >> 16);
    }
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct buffer b;
        struct story s;

        document_archive(&b, forms[i], items, 2);
        b.count /= 2;
        unpack(&b, &s);
        if (strstr((const char *)s.text.bytes, "whole.jpg 3 none\n") == NULL ||
            strstr((const char *)s.text.bytes, " cut_off\narchive: cut_off\n") == NULL)
            fail_msg("form %d: %s", forms[i], (const char *)s.text.bytes);
        buffer_release(&s.text);
        buffer_release(&b);
    }
}

static void zip_without_its_end_is_cut_off(void **state)
{
    struct buffer b;
    struct identity identity;
    int fd;

    (void)state;
    document_archive(&b, ARCHIVE_ZIP, papers, COUNT(papers));
    b.count -= 30;
    fd = document_fd(b.bytes, b.count);
    document_identify(fd, &identity);
    assert_string_equal(refusal_name(identity.refusal), "cut_off");
    close(fd);
    expect_story_of(&b, "archive: cut_off\n");
    buffer_release(&b);
}

static void zip_with_a_wrong_byte_refuses_that_entry(void **state)
{
    struct buffer b;
    unsigned char *at;

    (void)state;
    document_archive(&b, ARCHIVE_ZIP, papers + 1, 2);
    /* The checksum in the directory at the end. */
    at = memmem(b.bytes, b.count, "PK\1\2", 4);
    assert_non_null(at);
    at[16] ^= 1;
    expect_story_of(&b, "so-ho-tich/1.jpg 0 damaged\n"
                        "Quy\xe1\xba\xbft \xc4\x91\xe1\xbb\x8bnh.pdf 5 none\n"
                        "archive: none\n");
    buffer_release(&b);
}

static void archive_of_nothing_has_no_pages(void **state)
{
    (void)state;
    expect_story(ARCHIVE_TAR, papers, 1, "archive: no_pages\n");
    expect_story(ARCHIVE_ZIP, papers, 1, "archive: no_pages\n");
}

static void entries_are_counted_to_the_cap(void **state)
{
    static struct archive_item items[ARCHIVE_ENTRIES_MAX + 1];
    struct buffer b;
    struct story s;

    (void)state;
    for (size_t i = 0; i < COUNT(items); i++)
        items[i] = (struct archive_item){.name = "a.jpg", .bytes = "a", .count = 1};
    document_archive(&b, ARCHIVE_TAR, items, COUNT(items));
    unpack(&b, &s);
    assert_non_null(strstr((const char *)s.text.bytes, "archive: too_large\n"));
    buffer_release(&s.text);
    buffer_release(&b);
}

static void packed_zeros_are_no_archive(void **state)
{
    static unsigned char zeros[1 << 20], packed[1 << 16];
    struct archive *a = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    struct identity id;
    size_t count;
    int fd;

    (void)state;
    assert_int_equal(archive_write_set_format_raw(a), ARCHIVE_OK);
    assert_int_equal(archive_write_add_filter_gzip(a), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(a, packed, sizeof packed, &count),
                     ARCHIVE_OK);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_pathname(entry, "zeros");
    assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
    assert_int_equal(archive_write_data(a, zeros, sizeof zeros), sizeof zeros);
    assert_int_equal(archive_write_free(a), ARCHIVE_OK);
    archive_entry_free(entry);
    fd = document_fd(packed, count);
    document_identify(fd, &id);
    assert_string_equal(refusal_name(id.refusal), "wrong_type");
    close(fd);
}

/* Nobody writes ten thousand files first. */
static void archive_of_too_many_is_refused_before_it_is_unpacked(void **state)
{
    static struct archive_item items[20000];
    const enum archive_form forms[] = {ARCHIVE_ZIP, ARCHIVE_TAR, ARCHIVE_TAR_GZ};

    (void)state;
    for (size_t i = 0; i < COUNT(items); i++)
        items[i] = (struct archive_item){.name = "a.jpg", .bytes = "a", .count = 1};
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct identity id;
        struct buffer b;
        int fd;

        document_archive(&b, forms[i], items, COUNT(items));
        fd = document_fd(b.bytes, b.count);
        document_identify(fd, &id);
        assert_string_equal(refusal_name(id.refusal), "too_large");
        close(fd);
        buffer_release(&b);
    }
}

static int warm(void **state)
{
    struct err e;

    (void)state;
    return archive_warm(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zip_and_tar_of_all_kinds_come_out_whole),
        cmocka_unit_test(archives_are_identified_by_what_is_inside),
        cmocka_unit_test(paths_that_climb_are_refused_and_the_rest_goes_on),
        cmocka_unit_test(links_are_refused_and_the_rest_goes_on),
        cmocka_unit_test(locked_entries_are_told),
        cmocka_unit_test(name_that_is_no_text_is_shown_as_far_as_it_is),
        cmocka_unit_test(bomb_ends_the_archive_early),
        cmocka_unit_test(archive_that_is_cut_off_says_so_after_what_is_whole),
        cmocka_unit_test(zip_without_its_end_is_cut_off),
        cmocka_unit_test(zip_with_a_wrong_byte_refuses_that_entry),
        cmocka_unit_test(archive_of_nothing_has_no_pages),
        cmocka_unit_test(entries_are_counted_to_the_cap),
        cmocka_unit_test(packed_zeros_are_no_archive),
        cmocka_unit_test(archive_of_too_many_is_refused_before_it_is_unpacked),
    };

    return cmocka_run_group_tests(tests, warm, NULL);
}
