/* Which attempts are made at a page, and one reading made of two. */
#include "ocr/ladder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "ocr/judge.h"

static struct err e;

/* --- the plan ------------------------------------------------------------- */

static void expect_plan_of(const struct page_look *look, int dpi, enum reading_way way,
                           const char *names)
{
    struct rung rungs[LADDER_ATTEMPTS_MAX];
    size_t count = rungs_plan(look, dpi, way, rungs);
    char said[64] = "";

    for (size_t i = 0; i < count; i++)
        (void)snprintf(said + strlen(said), sizeof said - strlen(said), "%s%s",
                       i == 0 ? "" : " ", rungs[i].name);
    assert_string_equal(said, names);
}

static void expect_plan(const struct page_look *look, int dpi, const char *names)
{
    expect_plan_of(look, dpi, WAY_USUAL, names);
}

static void even_pages_are_first_read_as_they_are(void **state)
{
    (void)state;
    expect_plan(&(struct page_look){.evenness = 0.98}, 300,
                "plain large sharp column block");
}

static void uneven_or_tilted_pages_are_first_cleaned(void **state)
{
    (void)state;
    expect_plan(&(struct page_look){.evenness = 0.6}, 300,
                "calm sharp large sauvola column block");
    expect_plan(&(struct page_look){.evenness = 0.98, .tilt = 3}, 300,
                "calm sharp large column block");
}

static void black_and_white_copies_are_not_smoothed_first(void **state)
{
    (void)state;
    expect_plan(&(struct page_look){.evenness = 0.98, .tilt = 3, .bilevel = true}, 300,
                "sharp calm large column block");
}

/* What gains little is not tried on a page that is nearly right. */
static void only_poor_readings_are_cut_into_lines_another_way(void **state)
{
    struct rung rungs[LADDER_ATTEMPTS_MAX];
    size_t count =
        rungs_plan(&(struct page_look){.evenness = 0.6}, 300, WAY_USUAL, rungs);

    (void)state;
    assert_true(rungs[3].recipe.binarised);
    assert_int_equal(rungs[count - 2].segmentation, SEGMENT_COLUMN);
    assert_int_equal(rungs[count - 1].segmentation, SEGMENT_BLOCK);
    for (size_t i = 3; i < count; i++)
        assert_true(rungs[i].doubt_min > rungs[2].doubt_min);
}

static void only_small_letters_are_enlarged(void **state)
{
    const struct page_look look = {.evenness = 1};
    struct rung rungs[LADDER_ATTEMPTS_MAX];

    (void)state;
    (void)rungs_plan(&look, 200, WAY_USUAL, rungs);
    assert_true(rungs[1].recipe.enlarged > 1.4);
    (void)rungs_plan(&look, 300, WAY_USUAL, rungs);
    assert_true(rungs[1].recipe.enlarged == 1);
}

/* A person has seen what the usual way made of it. */
static void a_page_is_read_the_way_that_was_asked_for(void **state)
{
    const struct page_look even = {.evenness = 0.98}, poor = {.evenness = 0.6};
    struct rung rungs[LADDER_ATTEMPTS_MAX];

    (void)state;
    expect_plan_of(&poor, 300, WAY_PLAIN, "plain");
    expect_plan_of(&even, 300, WAY_WORN, "calm sharp large sauvola");
    expect_plan_of(&poor, 300, WAY_COLUMN, "calm");
    expect_plan_of(&even, 300, WAY_BLOCK, "plain");
    (void)rungs_plan(&even, 300, WAY_BLOCK, rungs);
    assert_int_equal(rungs[0].segmentation, SEGMENT_BLOCK);
    assert_int_equal(rungs_plan(&even, 300, WAY_WORN, rungs), 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(rungs[i].doubt_min == 0);
}

/* --- two readings ----------------------------------------------------------- */

/* Words in a row, 100 wide, from `left` on. */
static void say(struct found *f, int left, const char *text, float confidence)
{
    struct found_word *w = found_add_word(f, &e);
    struct symbol *s = found_add_symbol(f, &e);
    struct choice *c = found_add_choice(f, &e);

    assert_non_null(w);
    assert_non_null(s);
    assert_non_null(c);
    (void)snprintf(w->text, sizeof w->text, "%s", text);
    (void)snprintf(c->letter, sizeof c->letter, "%c", text[0]);
    w->box = (struct box){left, 10, left + 90, 40};
    w->line = w->box;
    w->confidence = confidence;
    w->cell = NO_CELL;
    w->symbol_first = (uint32_t)f->symbols_count - 1;
    w->symbols_count = 1;
    s->choice_first = (uint32_t)f->choices_count - 1;
    s->choices_count = 1;
}

static void expect_merged(const struct found *f, const char *text)
{
    struct buffer said;

    buffer_init(&said, 4096);
    for (size_t i = 0; i < f->words_count; i++) {
        const struct found_word *w = &f->words[i];
        const struct symbol *s = &f->symbols[w->symbol_first];

        buffer_append_format(&said, "%s%s", i == 0 ? "" : " ", w->text);
        /* Its alternatives came with it. */
        assert_int_equal(f->choices[s->choice_first].letter[0], w->text[0]);
    }
    assert_string_equal((const char *)said.bytes, text);
    buffer_release(&said);
}

static void surer_word_wins_its_place(void **state)
{
    struct found best = {0}, other = {0};
    size_t taken;

    (void)state;
    say(&best, 0, "doi", 60);
    say(&best, 100, "moi", 96);
    say(&other, 3, "Doi", 91);
    say(&other, 103, "noi", 70);
    assert_int_equal(judge_merge(&best, &other, &taken, &e), 0);
    assert_int_equal(taken, 1);
    expect_merged(&best, "Doi moi");
    found_release(&best);
    found_release(&other);
}

static void sure_word_that_only_the_other_saw_comes_in_its_order(void **state)
{
    struct found best = {0}, other = {0};
    size_t taken;

    (void)state;
    say(&best, 0, "PHO", 90);
    say(&best, 200, "DOC", 90);
    say(&other, 0, "PHO", 90);
    say(&other, 100, "GIAM", 92);
    say(&other, 200, "DOC", 90);
    say(&other, 300, "xyz", 40); /* dirt */
    say(&other, 400, "-", 95);   /* no word */
    assert_int_equal(judge_merge(&best, &other, &taken, &e), 0);
    expect_merged(&best, "PHO GIAM DOC");
    found_release(&best);
    found_release(&other);
}

/* One attempt saw a table, the other a line below it as well. */
static void a_word_below_a_table_is_of_no_cell(void **state)
{
    struct found best = {0}, other = {0};
    struct found_cell *cell = found_add_cell(&best, &e);
    size_t taken;

    (void)state;
    assert_non_null(cell);
    *cell = (struct found_cell){.row_span = 1, .column_span = 1, .box = {0, 0, 200, 50}};
    say(&best, 0, "cell", 90);
    say(&best, 100, "also", 90);
    best.words[0].cell = best.words[1].cell = 0;
    say(&other, 0, "cell", 80);
    say(&other, 0, "below", 95);
    other.words[1].box = (struct box){0, 850, 90, 880};
    other.words[1].start = WORD_CELL_LINE;
    assert_int_equal(judge_merge(&best, &other, &taken, &e), 0);
    expect_merged(&best, "cell also below");
    assert_int_equal(best.words[2].cell, NO_CELL);
    assert_int_equal(best.words[2].start, WORD_NEW_LINE);
    found_release(&best);
    found_release(&other);
}

static void more_words_than_a_page_may_have_are_cut(void **state)
{
    struct found page = {0}, more = {0};

    (void)state;
    for (int i = 0; i < 5000; i++)
        say(&more, i, "word", 90);
    assert_int_equal(found_append(&page, &more, 0, 0, &e), 0);
    assert_int_equal(found_append(&page, &more, 0, 0, &e), 0);
    assert_int_equal(page.words_count, FOUND_WORDS_MAX);
    found_release(&page);
    found_release(&more);
}

static void nothing_merges_with_nothing(void **state)
{
    struct found best = {0}, other = {0};
    size_t taken;

    (void)state;
    assert_int_equal(judge_merge(&best, &other, &taken, &e), 0);
    say(&other, 100, "GIAM", 92);
    assert_int_equal(judge_merge(&best, &other, &taken, &e), 0);
    expect_merged(&best, "GIAM");
    assert_true(judge_doubt(&best) == 0);
    found_release(&best);
    found_release(&other);
}

static void boxes_of_an_enlarged_picture_come_back(void **state)
{
    struct found f = {0};

    (void)state;
    say(&f, 150, "a", 50);
    judge_scale(&f, 1.5);
    assert_int_equal(f.words[0].box.left, 100);
    assert_int_equal(f.words[0].box.right, 160);
    assert_true(judge_doubt(&f) == 1);
    found_release(&f);
}

/* --- the climb ------------------------------------------------------------------ */

struct scripted {
    const char *texts[LADDER_ATTEMPTS_MAX];
    float confidence[LADDER_ATTEMPTS_MAX];
    enum segmentation cut[LADDER_ATTEMPTS_MAX];
    size_t reads;
    bool table;
    size_t fails_at; /* the read that fails, counted from 1; 0: none */
};

static int scripted_read(void *context, struct Pix *pix, const struct attempt *how,
                         struct found *out, struct err *err)
{
    struct scripted *s = context;

    (void)pix;
    assert_true(s->reads < LADDER_ATTEMPTS_MAX);
    if (s->fails_at == s->reads + 1)
        return err_set(err, ERR_FAILED, "the recogniser gave up");
    say(out, 0, s->texts[s->reads], s->confidence[s->reads]);
    s->cut[s->reads++] = how->segmentation;
    return 0;
}

static bool scripted_table(void *context)
{
    return ((struct scripted *)context)->table;
}

/* It shows what it has. */
static int scripted_shows(void *context, struct Pix *pix, int dpi, bool *out,
                          struct err *err)
{
    (void)pix;
    (void)dpi;
    (void)err;
    *out = scripted_table(context);
    return 0;
}

/* Climbs at a page of white paper, or of one that a shadow lies on. */
static void climb_scripted(struct scripted *s, bool shadow, struct found *found,
                           struct ladder_report *report)
{
    struct shared_steps shared = {.grey = pixCreate(300, 200, 8)};
    struct ladder ladder = {.shared = &shared,
                            .dpi = 300,
                            .climb = true,
                            .reader = {scripted_read, s},
                            .has_table = scripted_table,
                            .shows_table = scripted_shows};
    BOX *half = boxCreate(0, 0, 150, 200);

    (void)pixSetAll(shared.grey);
    if (shadow)
        (void)pixSetInRectArbitrary(shared.grey, half, 150);
    assert_int_equal(ladder_climb(&ladder, 8, found, report, &e), 0);
    boxDestroy(&half);
    pixDestroy(&shared.grey);
}

static void expect_climb(struct scripted *s, size_t reads, const char *text)
{
    struct ladder_report report;
    struct found found = {0};

    climb_scripted(s, false, &found, &report);
    assert_int_equal(s->reads, reads);
    assert_string_equal(found.words[0].text, text);
    found_release(&found);
}

static void expect_first(struct scripted *s, const char *name)
{
    struct ladder_report report;
    struct found found = {0};

    climb_scripted(s, true, &found, &report);
    assert_int_equal(s->reads, 1);
    assert_memory_equal(report.tells, name, strlen(name));
    found_release(&found);
}

static void sure_reading_is_not_tried_again(void **state)
{
    struct scripted s = {.texts = {"sure"}, .confidence = {96}};

    (void)state;
    expect_climb(&s, 1, "sure");
}

static void doubted_reading_is_tried_until_one_is_sure(void **state)
{
    struct scripted s = {.texts = {"so-so", "good"}, .confidence = {60, 95}};

    (void)state;
    expect_climb(&s, 2, "good");
}

static void a_failed_second_attempt_leaves_the_first(void **state)
{
    struct scripted s = {.texts = {"so-so"}, .confidence = {60}, .fails_at = 2};

    (void)state;
    expect_climb(&s, 1, "so-so");
}

static void attempts_end_and_the_best_stays(void **state)
{
    struct scripted s = {.texts = {"first", "second", "third", "fourth", "fifth"},
                         .confidence = {70, 60, 65, 61, 62}};

    (void)state;
    expect_climb(&s, 5, "first");
    assert_int_equal(s.cut[2], SEGMENT_AUTO);
    assert_int_equal(s.cut[3], SEGMENT_COLUMN);
    assert_int_equal(s.cut[4], SEGMENT_BLOCK);
}

static void table_is_read_by_cells_once(void **state)
{
    struct scripted s = {.texts = {"cell"}, .confidence = {60}, .table = true};

    (void)state;
    expect_climb(&s, 1, "cell");
}

static void dirty_table_is_read_sharp_first(void **state)
{
    struct scripted s = {.texts = {"cell"}, .confidence = {60}, .table = true};

    (void)state;
    expect_first(&s, "*sharp");
    s = (struct scripted){.texts = {"line"}, .confidence = {96}};
    expect_first(&s, "*calm");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(even_pages_are_first_read_as_they_are),
        cmocka_unit_test(uneven_or_tilted_pages_are_first_cleaned),
        cmocka_unit_test(black_and_white_copies_are_not_smoothed_first),
        cmocka_unit_test(only_poor_readings_are_cut_into_lines_another_way),
        cmocka_unit_test(only_small_letters_are_enlarged),
        cmocka_unit_test(a_page_is_read_the_way_that_was_asked_for),
        cmocka_unit_test(surer_word_wins_its_place),
        cmocka_unit_test(sure_word_that_only_the_other_saw_comes_in_its_order),
        cmocka_unit_test(a_word_below_a_table_is_of_no_cell),
        cmocka_unit_test(more_words_than_a_page_may_have_are_cut),
        cmocka_unit_test(nothing_merges_with_nothing),
        cmocka_unit_test(boxes_of_an_enlarged_picture_come_back),
        cmocka_unit_test(sure_reading_is_not_tried_again),
        cmocka_unit_test(doubted_reading_is_tried_until_one_is_sure),
        cmocka_unit_test(a_failed_second_attempt_leaves_the_first),
        cmocka_unit_test(attempts_end_and_the_best_stays),
        cmocka_unit_test(table_is_read_by_cells_once),
        cmocka_unit_test(dirty_table_is_read_sharp_first),
    };

    return cmocka_run_group_tests_name("ladder", tests, NULL, NULL);
}
