/* A page with a table, from picture to words in cells. */
#include "ocr/table/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "ocr/recognise.h"

#define DPI  200
#define WIDE 1000
#define HIGH 700

static struct recogniser *recogniser;
static struct err e;

static int recogniser_begin(void **state)
{
    (void)state;
    if (recogniser_create(&recogniser, 0, &e) != 0)
        fail_msg("%s", e.text);
    return 0;
}

static int recogniser_end(void **state)
{
    (void)state;
    recogniser_destroy(recogniser);
    return 0;
}

static void ink(struct Pix *pix, int left, int top, int width, int height)
{
    BOX *box = boxCreate(left, top, width, height);

    assert_int_equal(pixSetInRectArbitrary(pix, box, 30), 0);
    boxDestroy(&box);
}

static void say(struct Pix *pix, L_BMF *font, const char *text, int x, int baseline)
{
    l_int32 end, over;

    assert_int_equal(pixSetTextline(pix, font, text, 30, x, baseline, &end, &over), 0);
}

/* A heading, a table of three rows and three columns, a line below. */
static struct Pix *draw_page(void)
{
    static const char *const cells[3][3] = {{"STT", "HO TEN", "NAM SINH"},
                                            {"1", "TRAN VAN NAM", "1945"},
                                            {"2", "HOANG HOA", ""}};
    static const int columns[] = {100, 220, 600, 860};
    struct Pix *pix = pixCreate(WIDE, HIGH, 8);
    L_BMF *font = bmfCreate(NULL, 8);

    assert_non_null(pix);
    assert_non_null(font);
    assert_int_equal(pixSetAllArbitrary(pix, 235), 0);
    say(pix, font, "DANH SACH", 380, 90);
    for (int i = 0; i <= 3; i++)
        ink(pix, 100, 150 + 70 * i, 762, 2);
    for (int i = 0; i <= 3; i++)
        ink(pix, columns[i], 150, 2, 212);
    for (int row = 0; row < 3; row++)
        for (int i = 0; i < 3; i++)
            say(pix, font, cells[row][i], columns[i] + 20, 200 + 70 * row);
    say(pix, font, "NGUOI LAP BIEU", 560, 450);
    bmfDestroy(&font);
    return pix;
}

static void rows_are_lines_and_cells_are_apart(void **state)
{
    struct opened_page page = {
        .pix = draw_page(), .width = WIDE, .height = HIGH, .dpi = DPI};
    struct reading r = {0};
    const struct cell *empty;

    (void)state;
    if (recognise_page(recogniser, &page, 0, WAY_USUAL, &r, &e) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(
        (const char *)r.text.bytes,
        "DANH SACH\n\nSTT\tHO TEN\tNAM SINH\n1\tTRAN VAN NAM\t1945\n2\tHOANG "
        "HOA\n\nNGUOI LAP BIEU");
    assert_int_equal(r.layout.cells_count, 9);
    empty = &r.layout.cells[8];
    assert_int_equal(empty->words_count, 0);
    assert_int_equal(empty->row, 2);
    assert_int_equal(empty->column, 2);
    assert_true(abs(empty->left - 600) < 5 && abs(empty->top - 290) < 5);
    reading_release(&r);
    pixDestroy(&page.pix);
}

static void a_words_box_lies_in_its_cell(void **state)
{
    struct opened_page page = {
        .pix = draw_page(), .width = WIDE, .height = HIGH, .dpi = DPI};
    struct reading r = {0};

    (void)state;
    if (recognise_page(recogniser, &page, 0, WAY_USUAL, &r, &e) != 0)
        fail_msg("%s", e.text);
    for (size_t i = 0; i < r.layout.cells_count; i++) {
        const struct cell *c = &r.layout.cells[i];

        for (uint32_t k = 0; k < c->words_count; k++) {
            const struct word *w = &r.layout.words[c->word_first + k];

            assert_true(w->left > c->left);
            assert_true(w->top > c->top);
            assert_true(w->left + w->width < c->left + c->width);
            assert_true(w->top + w->height < c->top + c->height);
        }
    }
    reading_release(&r);
    pixDestroy(&page.pix);
}

/* --- large and odd tables --------------------------------------------------------- */

/* A table of two columns with a narrow row below, all of it empty; its tall right cell
 * reaches from 130, 60 to `wide` - 40, `high` - 140. */
static struct Pix *draw_tall_cell(int wide, int high)
{
    struct Pix *pix = pixCreate(wide, high, 8);

    assert_non_null(pix);
    assert_int_equal(pixSetAllArbitrary(pix, 235), 0);
    for (int i = 0; i < 2; i++)
        ink(pix, 40, high - 140 + 80 * i, wide - 78, 2);
    ink(pix, 40, 60, wide - 78, 2);
    ink(pix, 40, 60, 2, high - 120);
    ink(pix, 130, 60, 2, high - 120);
    ink(pix, wide - 40, 60, 2, high - 120);
    return pix;
}

static void read_picture_of(struct Pix *pix, struct reading *out)
{
    struct opened_page page = {.pix = pix,
                               .width = (uint32_t)pixGetWidth(pix),
                               .height = (uint32_t)pixGetHeight(pix),
                               .dpi = DPI};

    if (recognise_page(recogniser, &page, 0, WAY_USUAL, out, &e) != 0)
        fail_msg("%s", e.text);
}

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;

    for (text = strstr(text, word); text != NULL; text = strstr(text + 1, word))
        count++;
    return count;
}

static void a_cell_of_sixty_lines_is_read_to_its_last(void **state)
{
    struct Pix *pix = draw_tall_cell(600, 2700);
    L_BMF *font = bmfCreate(NULL, 8);
    struct reading r = {0};

    (void)state;
    assert_non_null(font);
    for (int i = 0; i < 60; i++)
        say(pix, font, "HOA BINH", 160, 110 + 40 * i);
    read_picture_of(pix, &r);
    assert_int_equal(r.layout.cells_count, 4);
    assert_int_equal(r.layout.cells[1].words_count, 120);
    reading_release(&r);
    bmfDestroy(&font);
    pixDestroy(&pix);
}

static void long_lines_of_one_cell_go_into_several_strips(void **state)
{
    struct Pix *pix = draw_tall_cell(2400, 1300);
    L_BMF *font = bmfCreate(NULL, 8);
    struct reading r = {0};

    (void)state;
    assert_non_null(font);
    for (int i = 0; i < 24; i++) { /* 50,000 pixels one behind the other */
        say(pix, font, "HOA BINH", 160, 110 + 40 * i);
        say(pix, font, "HOA BINH", 2140, 110 + 40 * i);
    }
    read_picture_of(pix, &r);
    assert_int_equal(r.layout.cells_count, 4);
    assert_true(count_of((const char *)r.text.bytes, "BINH") >= 46);
    reading_release(&r);
    bmfDestroy(&font);
    pixDestroy(&pix);
}

static void a_streak_in_an_empty_cell_does_not_refuse_the_page(void **state)
{
    struct Pix *pix = draw_tall_cell(600, 1700);
    L_BMF *font = bmfCreate(NULL, 8);
    struct reading r = {0};

    (void)state;
    assert_non_null(font);
    ink(pix, 80, 200, 6, 1000);
    for (int i = 0; i < 5; i++)
        say(pix, font, "HOA BINH", 160, 110 + 40 * i);
    read_picture_of(pix, &r);
    assert_int_equal(r.layout.cells_count, 4);
    assert_int_equal(count_of((const char *)r.text.bytes, "HOA BINH"), 5);
    reading_release(&r);
    bmfDestroy(&font);
    pixDestroy(&pix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_lines_and_cells_are_apart),
        cmocka_unit_test(a_words_box_lies_in_its_cell),
        cmocka_unit_test(a_cell_of_sixty_lines_is_read_to_its_last),
        cmocka_unit_test(long_lines_of_one_cell_go_into_several_strips),
        cmocka_unit_test(a_streak_in_an_empty_cell_does_not_refuse_the_page),
    };

    return cmocka_run_group_tests(tests, recogniser_begin, recogniser_end);
}
