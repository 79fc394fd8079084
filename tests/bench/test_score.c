/* The scorer of the benches: small cases by hand, and the same figures as
 * ../shared/pages/score.py on every page there, misread in many ways. */
#include "tests/bench/edit.h"
#include "tests/bench/folder.h"
#include "tests/lib/program.h"
#include "tests/lib/scratch.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const folders[] = {"clean", "light", "heavy", "table", "real"};

/* --- by hand ------------------------------------------------------------- */

static size_t distance(const char *a, const char *b)
{
    struct points x, y;
    struct err e;
    size_t out;

    must(points_of(&x, a, strlen(a), &e), &e);
    must(points_of(&y, b, strlen(b), &e), &e);
    must(edit_distance(&out, x.at, x.count, y.at, y.count, &e), &e);
    points_release(&x);
    points_release(&y);
    return out;
}

static void distance_counts_insertions_removals_and_replacements(void **state)
{
    (void)state;
    assert_int_equal(distance("", ""), 0);
    assert_int_equal(distance("", "abc"), 3);
    assert_int_equal(distance("abc", ""), 3);
    assert_int_equal(distance("kitten", "sitting"), 3);
    assert_int_equal(distance("hội đồng", "hôi đòng"), 2);
    assert_int_equal(distance("abcdef", "bcdefa"), 2);
}

/* The plain way, with the whole matrix. */
static size_t distance_slowly(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
    size_t row[260], left, above, next;

    for (size_t k = 0; k <= m; k++)
        row[k] = k;
    for (size_t i = 1; i <= n; i++) {
        above = row[0];
        row[0] = i;
        for (size_t k = 1; k <= m; k++) {
            left = row[k - 1] + 1;
            next = above + (a[i - 1] != b[k - 1]);
            above = row[k];
            next = next < left ? next : left;
            row[k] = next < above + 1 ? next : above + 1;
        }
    }
    return row[m];
}

static void distance_is_that_of_the_matrix_across_blocks(void **state)
{
    uint32_t a[256], b[256];
    struct err e;

    (void)state;
    srand(1);
    for (unsigned round = 0; round < 400; round++) {
        size_t n = (size_t)rand() % 256, m = (size_t)rand() % 256, out;
        unsigned letters = 1 + round % 9;

        for (size_t i = 0; i < 256; i++) {
            a[i] = (uint32_t)rand() % letters;
            b[i] = rand() % 4 == 0 ? (uint32_t)rand() % letters : a[i];
        }
        must(edit_distance(&out, a, n, b, m, &e), &e);
        assert_int_equal(out, distance_slowly(a, n, b, m));
    }
}

static struct score score_of(const char *json, const char *read)
{
    char dir[] = "/tmp/tram-test-XXXXXX", stem[64], path[80];
    struct truth t;
    struct score s;
    struct err e;
    FILE *f;

    assert_non_null(mkdtemp(dir));
    (void)snprintf(stem, sizeof stem, "%s/p", dir);
    (void)snprintf(path, sizeof path, "%s.json", stem);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(json, f) >= 0);
    assert_int_equal(fclose(f), 0);
    must(truth_read(&t, stem, &e), &e);
    must(score_page(&s, &t, read, strlen(read), &e), &e);
    truth_release(&t);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
    return s;
}

static void either_order_of_a_header_is_right(void **state)
{
    const char *json = "[[\"trái\\nphải\", \"phải\\ntrái\"], [\"thân bài\"]]";
    struct score s = score_of(json, "phải trái thân bài");

    (void)state;
    assert_int_equal(s.letters_wrong, 0);
    assert_int_equal(s.order, 1);
    s = score_of(json, "trái phải\n\nthân  bài\f");
    assert_int_equal(s.letters_wrong, 0);
    assert_int_equal(s.order, 0);
    s = score_of(json, "phải thân bài trái");
    assert_true(s.letters_wrong > 0);
}

static void a_zone_list_may_stand_in_an_object(void **state)
{
    (void)state;
    assert_int_equal(
        score_of("{\"zones\": [[\"một\"], [\"hai\"]]}", "một hai").letters_wrong, 0);
}

static void marks_are_letters_wrong_but_not_folded_wrong(void **state)
{
    struct score s = score_of("[[\"Đồng ý\"]]", "Dông y");

    (void)state;
    assert_int_equal(s.letters, 6);
    assert_int_equal(s.letters_wrong, 3);
    assert_int_equal(s.folded_wrong, 0);
    assert_int_equal(s.words, 2);
    assert_int_equal(s.words_wrong, 2);
}

static void decomposed_text_is_the_same_text(void **state)
{
    (void)state;
    assert_int_equal(score_of("[[\"hội\"]]", "ho\xcc\xa3\xcc\x82i").letters_wrong, 0);
}

static void what_is_no_text_counts_as_a_letter_each(void **state)
{
    (void)state;
    assert_int_equal(score_of("[[\"ab\"]]", "a\xff\xfe"
                                            "b")
                         .letters_wrong,
                     2);
}

/* --- beside score.py ----------------------------------------------------- */

/* The page's own text misread in a way that `n` picks: letters lost, doubled or
 * without marks, words and halves exchanged, or nothing at all. */
static void misread(struct buffer *out, const char *text, unsigned n)
{
    size_t bytes = strlen(text), half = bytes / 2;

    while (half > 0 && text[half] != ' ' && text[half] != '\n')
        half--;
    if (n % 4 == 1)
        buffer_append_text(out, text + half);
    for (size_t i = 0; i < bytes && n % 7 != 6; i++) {
        bool letter = (unsigned char)text[i] < 0x80;

        if (letter && (i * 31 + n) % 41 == 0)
            continue;
        if (letter && (i * 17 + n) % 53 == 0)
            buffer_append_text(out, "ế");
        buffer_append(out, text + i, 1);
    }
}

static void expect_figures(const struct ran *r, const char *id, const struct score *s)
{
    const char *out = (const char *)r->out.bytes, *line;
    char figures[96], name[160];

    (void)snprintf(name, sizeof name, "%s pages=1 ", id);
    (void)snprintf(figures, sizeof figures, "CER=%.2f WER=%.2f FCER=%.2f ", score_cer(s),
                   score_wer(s), score_folded(s));
    line = strstr(out, name);
    assert_non_null(line);
    line = strstr(line, "CER=");
    if (strncmp(line, figures, strlen(figures)) != 0)
        fail_msg("%s: score.py has %.40s, we have %s", id, line, figures);
}

/* Misreads the page, writes that for score.py and scores it. */
static void misread_page(struct bench *b, const char *gt, const struct page *p,
                         unsigned n, struct score *out)
{
    char path[DISK_PATH_BYTES], name[160];
    struct buffer text, read;
    struct err e;

    buffer_init(&text, 1 << 20);
    buffer_init(&read, 1 << 20);
    must(disk_path(path, &e, "%s/%s.txt", gt, p->id), &e);
    must(disk_read_all(disk_system(), path, &text, &e), &e);
    misread(&read, (const char *)text.bytes, n);
    (void)snprintf(name, sizeof name, "%s.txt", p->id);
    bench_write(b, name, read.bytes, read.count);
    must(score_page(out, &p->truth, (const char *)read.bytes, read.count, &e), &e);
    buffer_release(&text);
    buffer_release(&read);
}

static void compare_folder(struct bench *b, const char *shared, const char *name)
{
    bool real = strcmp(name, "real") == 0;
    char dir[512], gt[512], script[512];
    struct score scores[64];
    struct folder f;
    struct err e;
    struct ran r;

    (void)snprintf(dir, sizeof dir, "%s/%s%s", shared, name, real ? "/pages" : "");
    (void)snprintf(gt, sizeof gt, "%s/%s%s", shared, name, real ? "/gt" : "");
    (void)snprintf(script, sizeof script, "%s/score.py", shared);
    must(folder_open(&f, name, dir, 64, &e), &e);
    assert_true(f.pages_count > 0);
    for (size_t i = 0; i < f.pages_count; i++)
        misread_page(b, gt, &f.pages[i], (unsigned)i, &scores[i]);
    run(b, &r, "/usr/bin/python3", script, "--dir", gt, b->dir, "--per-page", NULL);
    assert_int_equal(r.status, 0);
    for (size_t i = 0; i < f.pages_count; i++)
        expect_figures(&r, f.pages[i].id, &scores[i]);
    ran_release(&r);
    folder_release(&f);
}

static void figures_are_those_of_score_py(void **state)
{
    char shared[256];

    (void)state;
    assert_non_null(getcwd(shared, sizeof shared - 32));
    (void)strcat(shared, "/../shared/pages");
    if (access(shared, R_OK) != 0 || access("/usr/bin/python3", X_OK) != 0)
        skip();
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        struct bench b;

        bench_create(&b);
        compare_folder(&b, shared, folders[i]);
        bench_destroy(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distance_counts_insertions_removals_and_replacements),
        cmocka_unit_test(distance_is_that_of_the_matrix_across_blocks),
        cmocka_unit_test(either_order_of_a_header_is_right),
        cmocka_unit_test(a_zone_list_may_stand_in_an_object),
        cmocka_unit_test(marks_are_letters_wrong_but_not_folded_wrong),
        cmocka_unit_test(decomposed_text_is_the_same_text),
        cmocka_unit_test(what_is_no_text_counts_as_a_letter_each),
        cmocka_unit_test(figures_are_those_of_score_py),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
