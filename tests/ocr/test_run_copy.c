/* tram-ocr --format pdf: what was read as one searchable copy, with the real program. */
#include <stdio.h>
#include <string.h>

#include "base/words.h"
#include "tests/lib/build.h"
#include "tests/lib/pdfa.h"
#include "tests/lib/program.h"

static struct bench b;

static int start(void **state)
{
    (void)state;
    bench_create(&b);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    bench_destroy(&b);
    return 0;
}

/* tram-ocr --format pdf of these, into out.pdf; the caller releases *r. */
static void copy(struct ran *r, int status, const char *files)
{
    char words[2048];

    (void)snprintf(words, sizeof words, "%s/tram-ocr --format pdf %s >out.pdf",
                   build_dir(), files);
    run(&b, r, "/bin/sh", "-c", words, NULL);
    EXPECT_STATUS(*r, status);
}

static void expect_sound(const char *pages)
{
    const char *problem = pdfa_problem(bench_path(&b, "out.pdf"));
    struct ran r;

    if (problem != NULL)
        fail_msg("%s", problem);
    run(&b, &r, "/usr/bin/qpdf", "--check", "out.pdf", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "/usr/bin/qpdf", "--show-npages", "out.pdf", NULL);
    assert_string_equal((char *)r.out.bytes, pages);
    ran_release(&r);
}

static void expect_same_words(const char *want, const char *got)
{
    size_t at = 0, also = 0, n, m, count = 0;
    const char *word, *other;

    for (; words_next(want, &at, &word, &n); count++)
        if (!words_next(got, &also, &other, &m) || n != m || memcmp(word, other, n) != 0)
            fail_msg("word %zu is not %.*s", count, (int)n, word);
    assert_false(words_next(got, &also, &other, &m));
    assert_true(count > 20);
}

static void the_picture_is_the_scan_s_bytes_and_the_words_are_those_read(void **state)
{
    const char *scan = bench_sample("cong-van-dau-do.jpg");
    struct ran r, read;

    (void)state;
    copy(&r, 0, scan);
    ran_release(&r);
    expect_sound("1\n");
    run(&b, &r, "/usr/bin/pdfimages", "-all", "out.pdf", "picture", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &r, "/usr/bin/cmp", "picture-000.jpg", scan, NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
    run(&b, &read, "tram-ocr", scan, NULL);
    EXPECT_STATUS(read, 0);
    run(&b, &r, "/bin/sh", "-c", "pdftotext -raw out.pdf - | tr '\\f' '\\n'", NULL);
    expect_same_words((char *)read.out.bytes, (char *)r.out.bytes);
    ran_release(&r);
    ran_release(&read);
}

static void several_files_are_one_pdf_and_the_one_refused_is_told(void **state)
{
    char files[1024];
    struct ran r;

    (void)state;
    bench_write(&b, "no.txt", "không phải ảnh", 18);
    (void)snprintf(files, sizeof files, "%s no.txt %s", bench_sample("thong-bao-cu.jpg"),
                   bench_sample("cong-van-hai-trang.pdf"));
    copy(&r, 3, files);
    assert_memory_equal(r.err.bytes, "no.txt: ", 8);
#ifndef __SANITIZE_ADDRESS__ /* there the cage's own words come through as well */
    assert_int_equal(ran_err_lines(&r), 1);
#endif
    ran_release(&r);
    expect_sound("3\n");
}

static void nothing_that_can_be_read_makes_no_pdf(void **state)
{
    struct ran r;

    (void)state;
    bench_write(&b, "no.txt", "không phải ảnh", 18);
    copy(&r, 3, "no.txt");
    ran_release(&r);
    run(&b, &r, "/bin/cat", "out.pdf", NULL);
    assert_int_equal(r.out.count, 0);
    ran_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            the_picture_is_the_scan_s_bytes_and_the_words_are_those_read, start, finish),
        cmocka_unit_test_setup_teardown(
            several_files_are_one_pdf_and_the_one_refused_is_told, start, finish),
        cmocka_unit_test_setup_teardown(nothing_that_can_be_read_makes_no_pdf, start,
                                        finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
