/* Ink that no word covers: where it is, and where in the reading it belongs. */
#include "ocr/uncovered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ocr/judge.h"

#define LETTER 30 /* the height of the words' letters */

static struct err e;

/* --- a page of boxes --------------------------------------------------------------- */

struct page {
    struct box inks[400];
    size_t inks_count;
    struct found found;
};

static void ink(struct page *p, int left, int top, int width, int height)
{
    p->inks[p->inks_count++] = (struct box){left, top, left + width, top + height};
}

/* Six letters. */
static void ink_word(struct page *p, int left, int top)
{
    for (int i = 0; i < 6; i++)
        ink(p, left + 18 * i, top, 14, LETTER);
}

static struct found_word *word(struct found *f, const char *text, int left, int top,
                               float confidence)
{
    struct found_word *w = found_add_word(f, &e);

    assert_non_null(w);
    (void)snprintf(w->text, sizeof w->text, "%s", text);
    w->box = w->line = (struct box){left, top, left + 104, top + LETTER};
    w->confidence = confidence;
    return w;
}

static void read_word(struct page *p, const char *text, int left, int top)
{
    ink_word(p, left, top);
    (void)word(&p->found, text, left, top, 95);
}

static size_t look(const struct page *p, struct box out[UNCOVERED_MAX])
{
    return uncovered_find(p->inks, p->inks_count, &p->found, out);
}

static void line_without_a_word_is_found(void **state)
{
    struct page p = {0};
    struct box out[UNCOVERED_MAX];

    (void)state;
    read_word(&p, "nghiem", 100, 100);
    ink_word(&p, 100, 200);
    ink_word(&p, 220, 200);
    assert_int_equal(look(&p, out), 1);
    assert_int_equal(out[0].left, 100);
    assert_int_equal(out[0].right, 220 + 5 * 18 + 14);
    assert_int_equal(out[0].top, 200);
    found_release(&p.found);
}

static void what_words_cover_is_not_read_again(void **state)
{
    struct page p = {0};
    struct box out[UNCOVERED_MAX];

    (void)state;
    read_word(&p, "nghiem", 100, 100);
    read_word(&p, "doubted", 220, 100);
    p.found.words[1].confidence = 5;
    assert_int_equal(look(&p, out), 0);
    found_release(&p.found);
}

static void specks_rules_and_pictures_are_no_lines(void **state)
{
    struct page p = {0};
    struct box out[UNCOVERED_MAX];

    (void)state;
    read_word(&p, "nghiem", 100, 100);
    for (int i = 0; i < 20; i++)
        ink(&p, 100 + 12 * i, 200, 4, 4);
    ink(&p, 100, 300, 500, 3);
    ink(&p, 100, 400, 300, 300);
    ink(&p, 600, 400, 14, LETTER); /* one letter, or a bracket */
    ink(&p, 618, 400, 14, LETTER);
    assert_int_equal(look(&p, out), 0);
    found_release(&p.found);
}

static void page_without_words_tells_no_lines(void **state)
{
    struct page p = {0};
    struct box out[UNCOVERED_MAX];

    (void)state;
    ink_word(&p, 100, 200);
    assert_int_equal(look(&p, out), 0);
}

static void ink_in_a_cell_is_its_table_s(void **state)
{
    struct page p = {0};
    struct box out[UNCOVERED_MAX];
    struct found_cell *cell = found_add_cell(&p.found, &e);

    (void)state;
    assert_non_null(cell);
    *cell =
        (struct found_cell){.row_span = 1, .column_span = 1, .box = {90, 190, 400, 240}};
    read_word(&p, "nghiem", 100, 100);
    ink_word(&p, 100, 200);
    assert_int_equal(look(&p, out), 0);
    found_release(&p.found);
}

static void columns_are_two_lines_and_the_longest_come_first(void **state)
{
    struct page p = {0};
    struct box out[UNCOVERED_MAX];

    (void)state;
    read_word(&p, "nghiem", 100, 100);
    ink_word(&p, 100, 200);
    ink_word(&p, 600, 200);
    ink_word(&p, 720, 200);
    assert_int_equal(look(&p, out), 2);
    assert_int_equal(out[0].left, 600);
    assert_int_equal(out[1].left, 100);
    for (int i = 0; i < 2 * UNCOVERED_MAX; i++)
        ink_word(&p, 100, 300 + 60 * i);
    assert_int_equal(look(&p, out), UNCOVERED_MAX);
    found_release(&p.found);
}

/* --- its place ----------------------------------------------------------------------- */

static void expect_place(const struct found *f, int left, int top, size_t place)
{
    struct box b = {left, top, left + 104, top + LETTER};

    assert_int_equal(uncovered_place(f, &b), place);
}

/* Two columns at the foot of a page: who receives, who signs. */
static void line_is_read_where_it_stands(void **state)
{
    struct found f = {0};

    (void)state;
    (void)word(&f, "body", 100, 100, 90);
    f.words[0].line.right = 900;
    (void)word(&f, "goes-on", 700, 100, 90);
    f.words[1].line = f.words[0].line;
    (void)word(&f, "receives", 100, 200, 90);
    (void)word(&f, "keeps", 100, 300, 90);
    (void)word(&f, "chairman", 600, 200, 90);
    (void)word(&f, "name", 600, 400, 90);
    expect_place(&f, 600, 300, 5); /* between title and name */
    expect_place(&f, 600, 500, 6); /* below the name */
    expect_place(&f, 100, 250, 3); /* in the left column */
    expect_place(&f, 100, 40, 0);  /* above all */
    expect_place(&f, 480, 400, 5); /* before the name, on its line */
    expect_place(&f, 720, 400, 6); /* behind it */
    found_release(&f);
}

static void right_column_that_was_lost_comes_behind_the_left(void **state)
{
    struct found f = {0};

    (void)state;
    (void)word(&f, "body", 100, 100, 90);
    f.words[0].line.right = 900;
    (void)word(&f, "receives", 100, 200, 90);
    (void)word(&f, "keeps", 100, 300, 90);
    expect_place(&f, 600, 220, 3);
    found_release(&f);
}

static void expect_text(const struct found *f, const char *text)
{
    struct buffer said;

    buffer_init(&said, 4096);
    for (size_t i = 0; i < f->words_count; i++)
        buffer_append_format(&said, "%s%s",
                             i == 0                              ? ""
                             : f->words[i].start == WORD_IN_LINE ? " "
                                                                 : "/",
                             f->words[i].text);
    assert_string_equal((const char *)said.bytes, text);
    buffer_release(&said);
}

static void sure_line_brings_its_weak_words_along(void **state)
{
    struct found f = {0}, line = {0};
    size_t taken = 0;

    (void)state;
    (void)word(&f, "chairman", 600, 200, 90);
    word(&f, "below", 600, 400, 90)->start = WORD_NEW_LINE;
    (void)word(&line, "Nguyen", 600, 300, 92);
    (void)word(&line, "Vam", 710, 300, 45);
    (void)word(&line, "~", 820, 300, 30);
    assert_int_equal(judge_insert(&f, &line.words[0].box, &line, &taken, &e), 0);
    assert_int_equal(taken, 2);
    expect_text(&f, "chairman/Nguyen Vam/below");
    found_release(&f);
    found_release(&line);
}

static void doubted_line_gives_only_its_sure_words(void **state)
{
    const struct box place = {490, 300, 704, 300 + LETTER};
    struct found f = {0}, line = {0};
    size_t taken = 0;

    (void)state;
    (void)word(&f, "chairman", 600, 200, 90);
    (void)word(&line, "xuMNbZ", 490, 300, 3);
    (void)word(&line, "THU", 600, 300, 93);
    assert_int_equal(judge_insert(&f, &place, &line, &taken, &e), 0);
    assert_int_equal(taken, 1);
    expect_text(&f, "chairman/THU");
    found_release(&f);
    found_release(&line);
}

static void lost_part_of_a_line_joins_the_rest(void **state)
{
    struct found f = {0}, line = {0};
    size_t taken = 0;

    (void)state;
    (void)word(&f, "above", 600, 200, 90);
    word(&f, "Doan", 710, 300, 90)->start = WORD_NEW_LINE;
    (void)word(&line, "Cong", 600, 300, 93);
    assert_int_equal(judge_insert(&f, &line.words[0].box, &line, &taken, &e), 0);
    expect_text(&f, "above/Cong Doan");
    found_release(&f);
    found_release(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_without_a_word_is_found),
        cmocka_unit_test(what_words_cover_is_not_read_again),
        cmocka_unit_test(specks_rules_and_pictures_are_no_lines),
        cmocka_unit_test(page_without_words_tells_no_lines),
        cmocka_unit_test(ink_in_a_cell_is_its_table_s),
        cmocka_unit_test(columns_are_two_lines_and_the_longest_come_first),
        cmocka_unit_test(line_is_read_where_it_stands),
        cmocka_unit_test(right_column_that_was_lost_comes_behind_the_left),
        cmocka_unit_test(sure_line_brings_its_weak_words_along),
        cmocka_unit_test(doubted_line_gives_only_its_sure_words),
        cmocka_unit_test(lost_part_of_a_line_joins_the_rest),
    };

    return cmocka_run_group_tests_name("uncovered", tests, NULL, NULL);
}
