/* Ink that no word covers: where it is, where it is read, and what seals are made of. */
#include "ocr/uncovered.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "ocr/image/binarise.h"
#include "ocr/image/print.h"
#include "ocr/image/rim.h"
#include "ocr/judge.h"
#include "ocr/recover.h"

#define LETTER 30 /* the height of the words' letters */
#define DPI    200

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

/* --- pictures ------------------------------------------------------------------------ */

static void fill(struct Pix *pix, int x, int y, int width, int height, l_uint32 level)
{
    BOX *box = boxCreate(x, y, width, height);

    (void)pixSetInRectArbitrary(pix, box, level);
    boxDestroy(&box);
}

static unsigned level(struct Pix *pix, int x, int y)
{
    l_uint32 value = 0;

    assert_int_equal(pixGetPixel(pix, x, y, &value), 0);
    return value;
}

static struct Pix *paper(l_uint32 level_of_paper)
{
    struct Pix *pix = pixCreate(1000, 1400, 8);

    assert_non_null(pix);
    (void)pixSetAllArbitrary(pix, level_of_paper);
    return pix;
}

/* Six letters of thick strokes. */
static void draw_word(struct Pix *pix, int left, int top, l_uint32 ink_level)
{
    for (int i = 0; i < 6; i++)
        fill(pix, left + 18 * i, top, 14, LETTER, ink_level);
}

static void draw_ring(struct Pix *pix, int x, int y, double radius, l_uint32 ink_level)
{
    for (int j = (int)-radius; j <= radius; j++)
        for (int i = (int)-radius; i <= radius; i++) {
            double far = hypot(i, j);

            if (far <= radius && far >= radius - 5)
                (void)pixSetPixel(pix, x + i, y + j, ink_level);
        }
}

static void grey_seal_goes_and_the_print_in_it_stays(void **state)
{
    struct Pix *pix = paper(230), *print;

    (void)state;
    for (int i = 0; i < 20; i++)
        draw_word(pix, 100, 100 + 50 * i, 30);
    draw_ring(pix, 600, 600, 140, 140);
    draw_word(pix, 700, 600, 30);
    print = print_keep(pix);
    assert_non_null(print);
    assert_int_equal(level(print, 600 - 138, 600), 255);
    assert_true(level(print, 702, 610) < 10);
    pixDestroy(&print);
    pixDestroy(&pix);
}

static void black_ring_goes_and_a_stroke_across_it_stays(void **state)
{
    struct Pix *pix = paper(255), *bits;
    struct box all = {460, 460, 741, 741};

    (void)state;
    draw_ring(pix, 600, 600, 140, 0);
    fill(pix, 580, 452, 8, 40, 0); /* a letter's stem, through the ring's top */
    bits = pixThresholdToBinary(pix, 128);
    assert_true(rim_suspected(&all, DPI));
    assert_true(rim_erase(pix, bits, 1, &all, DPI));
    assert_int_equal(level(pix, 600, 738), 255);
    assert_int_equal(level(pix, 462, 600), 255);
    assert_int_equal(level(bits, 600, 738), 0);
    assert_int_equal(level(pix, 584, 463), 0);
    pixDestroy(&bits);
    pixDestroy(&pix);
}

static void frames_and_round_letters_are_no_rings(void **state)
{
    struct Pix *pix = paper(255), *bits;
    struct box frame = {460, 460, 741, 741}, letter = {100, 100, 130, 130};

    (void)state;
    assert_false(rim_suspected(&letter, DPI));
    fill(pix, 460, 460, 281, 5, 0);
    fill(pix, 460, 736, 281, 5, 0);
    fill(pix, 460, 460, 5, 281, 0);
    fill(pix, 736, 460, 5, 281, 0);
    bits = pixThresholdToBinary(pix, 128);
    assert_false(rim_erase(pix, bits, 1, &frame, DPI));
    assert_int_equal(level(pix, 600, 462), 0);
    pixDestroy(&bits);
    pixDestroy(&pix);
}

static void letters_in_shadow_stay_letters_in_black_and_white(void **state)
{
    struct Pix *pix = paper(230), *bits;

    (void)state;
    fill(pix, 0, 0, 500, 1400, 90); /* darker than the ink beside it */
    draw_word(pix, 200, 700, 30);
    draw_word(pix, 700, 700, 110);
    bits = binarise(pix);
    assert_non_null(bits);
    assert_int_equal(level(bits, 205, 710), 0);
    assert_int_equal(level(bits, 705, 710), 0);
    assert_int_equal(level(bits, 195, 710), 255);
    assert_int_equal(level(bits, 695, 710), 255);
    pixDestroy(&bits);
    pixDestroy(&pix);
}

/* --- the whole ----------------------------------------------------------------------- */

struct reads {
    int count;
    enum segmentation segmentation;
    int width;
};

/* Reads one word where the first ink is. */
static int read_line(void *context, struct Pix *pix, const struct attempt *how,
                     struct found *out, struct err *err)
{
    struct reads *r = context;
    double enlarged = how->dpi / (double)DPI;

    (void)err;
    r->count++;
    r->segmentation = how->segmentation;
    r->width = (int)(pixGetWidth(pix) / enlarged);
    word(out, "PHONG", 0, 0, 91)->box =
        (struct box){(int)(30 * enlarged), (int)(30 * enlarged), (int)(130 * enlarged),
                     (int)(60 * enlarged)};
    return 0;
}

/* A line of print that a seal's ring runs through. */
static void line_under_a_seal_is_cut_out_and_read(void **state)
{
    struct reads reads = {0};
    struct recovery r = {.reader = {read_line, &reads}, .dpi = DPI, .flat = true};
    struct found f = {0};

    (void)state;
    r.pix = paper(255);
    (void)word(&f, "nghiem", 100, 100, 95);
    draw_word(r.pix, 100, 100, 0);
    draw_ring(r.pix, 600, 700, 140, 0);
    draw_word(r.pix, 660, 590, 0);
    assert_int_equal(recover_lines(&r, &f, &e), 0);
    assert_int_equal(reads.count, 1);
    assert_int_equal(reads.segmentation, SEGMENT_LINE);
    assert_in_range(reads.width, 100, 250);
    assert_int_equal(r.lines, 1);
    assert_int_equal(r.words, 1);
    expect_text(&f, "nghiem/PHONG");
    assert_in_range(f.words[1].box.left, 630, 690);
    assert_in_range(f.words[1].box.top, 560, 620);
    pixDestroy(&r.pix);
    found_release(&f);
}

static void page_that_was_read_is_not_read_again(void **state)
{
    struct reads reads = {0};
    struct recovery r = {.reader = {read_line, &reads}, .dpi = DPI};
    struct found f = {0};

    (void)state;
    r.pix = paper(240);
    for (int i = 0; i < 10; i++) {
        draw_word(r.pix, 100, 100 + 60 * i, 20);
        (void)word(&f, "nghiem", 100, 100 + 60 * i, 95);
    }
    assert_int_equal(recover_lines(&r, &f, &e), 0);
    assert_int_equal(reads.count, 0);
    assert_int_equal(level(r.pix, 105, 110), 20);
    pixDestroy(&r.pix);
    found_release(&f);
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
        cmocka_unit_test(grey_seal_goes_and_the_print_in_it_stays),
        cmocka_unit_test(black_ring_goes_and_a_stroke_across_it_stays),
        cmocka_unit_test(frames_and_round_letters_are_no_rings),
        cmocka_unit_test(letters_in_shadow_stay_letters_in_black_and_white),
        cmocka_unit_test(line_under_a_seal_is_cut_out_and_read),
        cmocka_unit_test(page_that_was_read_is_not_read_again),
    };

    return cmocka_run_group_tests_name("uncovered", tests, NULL, NULL);
}
