/* Pages laid on the glass sideways, upside down or askew are read as well as straight
 * ones, and what was done to them is told. */
#include "tests/bench/score.h"
#include "tests/bench/turn.h"
#include "tests/lib/program.h"
#include "tests/lib/scratch.h"

#include <math.h>
#include <string.h>

#define WORSE_POINTS_MAX 2.0 /* a few letters of one page; make bench-reading has 0.3 */
#define SKEW_OFF_MAX     0.5 /* degrees; as drawn, the light page is a little askew */

static const struct {
    const char *kind, *age;
} papers[] = {
    {"party", "light"},
#ifndef __SANITIZE_ADDRESS__ /* another goes the same way: it is for what is read */
    {"letter", "clean"},
#endif
};

#define PAPERS (sizeof papers / sizeof *papers)

static struct bench bench;
static struct truth truths[PAPERS];
static json_t *pages[PAPERS][TURNS + 1]; /* the last is the straight one */

static void paper_make(size_t n)
{
    char straight[512], turned[512], stem[256];
    struct ran r;
    struct err e;

    run(&bench, &r, "tram-pages", "--seed", "31", "--kind", papers[n].kind, "--age",
        papers[n].age, "--name", papers[n].kind, "--out", bench.dir, NULL);
    assert_int_equal(r.status, 0);
    ran_release(&r);
    (void)snprintf(stem, sizeof stem, "%s/%s", bench.dir, papers[n].kind);
    must(truth_read(&truths[n], stem, &e), &e);
    (void)snprintf(straight, sizeof straight, "%s.png", stem);
    for (size_t t = 0; t < TURNS; t++) {
        (void)snprintf(turned, sizeof turned, "%s%zu.png", stem, t);
        must(turn_write(turned, straight, &turns[t], &e), &e);
    }
}

/* All of them in one run: the models are loaded once. */
static int read_all(void **state)
{
    struct ran r;

    (void)state;
    bench_create(&bench);
    for (size_t n = 0; n < PAPERS; n++)
        paper_make(n);
    run(&bench, &r, "tram-ocr", "--json", "party0.png", "party1.png", "party2.png",
        "party3.png", "party4.png", "party.png", PAPERS > 1 ? "letter0.png" : NULL,
        "letter1.png", "letter2.png", "letter3.png", "letter4.png", "letter.png", NULL);
    assert_int_equal(r.status, 0);
    for (size_t n = 0; n < PAPERS; n++)
        for (size_t t = 0; t <= TURNS; t++)
            pages[n][t] = ran_json(&r, n * (TURNS + 1) + t);
    ran_release(&r);
    return 0;
}

static int release_all(void **state)
{
    (void)state;
    for (size_t n = 0; n < PAPERS; n++) {
        truth_release(&truths[n]);
        for (size_t t = 0; t <= TURNS; t++)
            json_decref(pages[n][t]);
    }
    bench_destroy(&bench);
    return 0;
}

static double cer(size_t n, size_t t)
{
    const char *text = json_text_of(pages[n][t], "text");
    struct score s;
    struct err e;

    must(score_page(&s, &truths[n], text, strlen(text), &e), &e);
    return score_cer(&s);
}

static void turned_pages_are_read_as_well_as_straight_ones(void **state)
{
    (void)state;
    for (size_t n = 0; n < PAPERS; n++)
        for (size_t t = 0; t < TURNS; t++)
            if (cer(n, t) > cer(n, TURNS) + WORSE_POINTS_MAX)
                fail_msg("%s turned by %s: %.2f %% of letters wrong, %.2f %% straight",
                         papers[n].kind, turns[t].name, cer(n, t), cer(n, TURNS));
}

static void quarter_turns_back_are_told(void **state)
{
    (void)state;
    for (size_t n = 0; n < PAPERS; n++)
        for (size_t t = 0; t <= TURNS; t++) {
            int quarters = t == TURNS ? 0 : turns[t].quarters;

            assert_int_equal(json_number_of(pages[n][t], "rotation"),
                             (4 - quarters) % 4 * 90);
        }
}

static void eight_degrees_to_either_side_are_told(void **state)
{
    (void)state;
    for (size_t n = 0; n < PAPERS; n++)
        for (size_t t = 0; t < TURNS; t++) {
            double drawn = json_real_value(json_object_get(pages[n][TURNS], "skew"));
            double told = json_real_value(json_object_get(pages[n][t], "skew"));

            if (turns[t].quarters == 0)
                assert_true(fabs(fabs(told - drawn) - 8) < SKEW_OFF_MAX);
        }
}

/* Boxes lie on the page as it is in the file: each is inside it, and where the straight
 * page's word was, turned. */
static void boxes_are_where_the_words_lie_in_the_file(void **state)
{
    (void)state;
    for (size_t n = 0; n < PAPERS; n++) {
        const json_t *straight = json_object_get(pages[n][TURNS], "words");
        const json_t *upside = json_object_get(pages[n][1], "words");
        const json_t *a = json_object_get(json_array_get(straight, 0), "box");
        const json_t *b = json_object_get(json_array_get(upside, 0), "box");
        int64_t width = json_number_of(pages[n][1], "width");
        int64_t right = json_integer_value(json_array_get(b, 0)) +
                        json_integer_value(json_array_get(b, 2));

        assert_string_equal(json_text_of(json_array_get(straight, 0), "text"),
                            json_text_of(json_array_get(upside, 0), "text"));
        assert_true(llabs(width - right - json_integer_value(json_array_get(a, 0))) < 12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turned_pages_are_read_as_well_as_straight_ones),
        cmocka_unit_test(quarter_turns_back_are_told),
        cmocka_unit_test(eight_degrees_to_either_side_are_told),
        cmocka_unit_test(boxes_are_where_the_words_lie_in_the_file),
    };

    return cmocka_run_group_tests(tests, read_all, release_all);
}
