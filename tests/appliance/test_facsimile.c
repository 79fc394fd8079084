/* The searchable copy that a clerk gives out, with the real programs: the scan's own
 * bytes, the words as they were corrected, in a file that archives take. */
#include <string.h>
#include <sys/stat.h>

#include "base/words.h"
#include "schema/records.h"
#include "tests/lib/pdfa.h"
#include "tests/lib/program.h"
#include "tests/lib/scratch.h"

static struct bench b;
static char id[24];

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

static void succeed(const char *program, const char *a, const char *c, const char *d,
                    const char *f)
{
    struct ran r;

    run(&b, &r, program, a, c, d, f, NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void take_and_read(const char *sample)
{
    struct ran r;

    (void)snprintf(id, sizeof id, "%lld",
                   (long long)bench_take(&b, bench_sample(sample)));
    run(&b, &r, "tram-box", "read", NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

/* copy.pdf: PDF/A as far as we can tell, and nothing for qpdf to complain of. */
static void make_copy(void)
{
    const char *problem;

    succeed("tram-box", "show", id, "--pdf", "copy.pdf");
    problem = pdfa_problem(bench_path(&b, "copy.pdf"));
    if (problem != NULL)
        fail_msg("%s", problem);
    succeed("/usr/bin/qpdf", "--check", "copy.pdf", NULL, NULL);
}

static size_t bytes_of(const char *name)
{
    struct stat s;

    assert_int_equal(stat(name, &s), 0);
    return (size_t)s.st_size;
}

static void tell_size(const char *sample)
{
    printf("             %s: %zu bytes, its copy %zu more\n", sample,
           bytes_of(bench_sample(sample)),
           bytes_of(bench_path(&b, "copy.pdf")) - bytes_of(bench_sample(sample)));
}

/* The same words in the same order. */
static void expect_same_words(const char *want, const char *got)
{
    size_t at = 0, also = 0, n, m, count = 0;
    const char *word, *other;

    while (words_next(want, &at, &word, &n)) {
        if (!words_next(got, &also, &other, &m) || n != m || memcmp(word, other, n) != 0)
            fail_msg("word %zu is not %.*s", count, (int)n, word);
        count++;
    }
    assert_false(words_next(got, &also, &other, &m));
    assert_true(count > 20);
}

/* ------------------------------------------------------------------------- the tests */

static void a_scan_s_own_bytes_go_into_its_copy(void **state)
{
    struct ran r;

    (void)state;
    take_and_read("cong-van-dau-do.jpg");
    make_copy();
    tell_size("cong-van-dau-do.jpg");
    succeed("/usr/bin/pdfimages", "-all", "copy.pdf", "picture", NULL);
    run(&b, &r, "/usr/bin/cmp", "picture-000.jpg", bench_sample("cong-van-dau-do.jpg"),
        NULL);
    EXPECT_STATUS(r, 0);
    ran_release(&r);
}

static void its_words_come_out_as_they_were_read_in_their_order(void **state)
{
    struct ran text, copied;

    (void)state;
    take_and_read("to-trinh-lech.jpg"); /* crooked */
    make_copy();
    run(&b, &text, "tram-box", "show", id, "--text", NULL);
    EXPECT_STATUS(text, 0);
    run(&b, &copied, "/usr/bin/pdftotext", "-raw", "copy.pdf", "-", NULL);
    EXPECT_STATUS(copied, 0);
    for (size_t i = 0; i < copied.out.count; i++)
        if (copied.out.bytes[i] == '\f')
            copied.out.bytes[i] = '\n';
    expect_same_words((char *)text.out.bytes, (char *)copied.out.bytes);
    ran_release(&text);
    ran_release(&copied);
}

static void a_pdf_of_two_pages_becomes_a_copy_of_two(void **state)
{
    struct ran r;

    (void)state;
    take_and_read("cong-van-hai-trang.pdf");
    make_copy();
    tell_size("cong-van-hai-trang.pdf");
    run(&b, &r, "/usr/bin/qpdf", "--show-npages", "copy.pdf", NULL);
    EXPECT_STATUS(r, 0);
    assert_string_equal((char *)r.out.bytes, "2\n");
    ran_release(&r);
}

/* The first word becomes another, the second goes. */
static void correct_two_words(void)
{
    struct scratch s = {0};
    struct correction_row c[2] = {{.word = 0, .old_text = "?", .new_text = "Sửa rồi"},
                                  {.word = 1, .old_text = "?", .new_text = ""}};
    struct page_row page;

    must(store_open(&s.store, disk_system(), clock_system(), b.data, &s.err), &s.err);
    must(records_create(&s.records, s.store, &s.err), &s.err);
    page.id = (uint64_t)scratch_number(&s, "SELECT min(id) FROM page");
    c[0].reading = c[1].reading =
        (uint64_t)scratch_number(&s, "SELECT max(id) FROM reading");
    must(store_write_begin(s.store, &s.err), &s.err);
    must(record_correction(s.records, &c[0], &s.err), &s.err);
    must(record_correction(s.records, &c[1], &s.err), &s.err);
    must(records_refresh(s.records, page.id, &s.err), &s.err);
    must(store_write_commit(s.store, NULL, &s.err), &s.err);
    scratch_close(&s);
}

static void a_corrected_word_is_in_the_copy_and_the_old_one_is_not(void **state)
{
    struct ran text, copied;

    (void)state;
    take_and_read("cong-van-dau-do.jpg");
    correct_two_words();
    make_copy();
    run(&b, &text, "tram-box", "show", id, "--text", NULL);
    run(&b, &copied, "/usr/bin/pdftotext", "-raw", "copy.pdf", "-", NULL);
    EXPECT_STATUS(copied, 0);
    assert_int_equal(strncmp((char *)text.out.bytes, "Sửa rồi", 10), 0);
    assert_non_null(strstr((char *)copied.out.bytes, "Sửa rồi"));
    ran_release(&text);
    ran_release(&copied);
}

static void a_record_without_pictures_has_no_copy_and_leaves_no_file(void **state)
{
    static const char line[] = "{\"key\":\"1\",\"type\":\"QĐ\",\"fields\":{\"số\":\"1\"},"
                               "\"pages\":[{\"text\":\"chỉ có chữ\"}]}\n";
    struct stat s;
    struct ran r;
    json_t *j;

    (void)state;
    bench_write(&b, "a.jsonl", line, sizeof line - 1);
    succeed("tram-box", "import", "--source", "a", "a.jsonl");
    run(&b, &r, "tram-box", "--json", "search", "chỉ", NULL);
    EXPECT_STATUS(r, 0);
    j = ran_json(&r, 0);
    (void)snprintf(id, sizeof id, "%lld", (long long)json_number_of(j, "document"));
    json_decref(j);
    ran_release(&r);
    run(&b, &r, "tram-box", "show", id, "--pdf", "none.pdf", NULL);
    EXPECT_STATUS(r, 1);
    assert_int_equal(ran_err_lines(&r), 1);
    ran_release(&r);
    assert_int_not_equal(stat(bench_path(&b, "none.pdf"), &s), 0);
    assert_false(bench_has(&b, "none.pdf.*"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_scan_s_own_bytes_go_into_its_copy, start,
                                        finish),
        cmocka_unit_test_setup_teardown(
            its_words_come_out_as_they_were_read_in_their_order, start, finish),
        cmocka_unit_test_setup_teardown(a_pdf_of_two_pages_becomes_a_copy_of_two, start,
                                        finish),
        cmocka_unit_test_setup_teardown(
            a_corrected_word_is_in_the_copy_and_the_old_one_is_not, start, finish),
        cmocka_unit_test_setup_teardown(
            a_record_without_pictures_has_no_copy_and_leaves_no_file, start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
