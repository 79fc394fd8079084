/* What lies at the edges of a scan and is not on the sheet: borders and punched holes.
 * They go; what is written near them stays. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "ocr/image/border.h"
#include "ocr/image/hole.h"

#define DPI   150
#define WIDE  1240 /* an A4 */
#define HIGH  1754
#define PAPER 235
#define MM    (DPI / 25.4)

static unsigned level(struct Pix *grey, int x, int y)
{
    l_uint32 value = 0;

    assert_int_equal(pixGetPixel(grey, x, y, &value), 0);
    return value;
}

static void fill(struct Pix *pix, int x, int y, int width, int height, l_uint32 ink)
{
    BOX *box = boxCreate(x, y, width, height);

    assert_non_null(box);
    (void)pixSetInRectArbitrary(pix, box, ink);
    boxDestroy(&box);
}

/* A page of lines of words, from `left` to `right`. */
static struct Pix *page(int left, int right)
{
    struct Pix *grey = pixCreate(WIDE, HIGH, 8);
    unsigned chance = 1;

    assert_non_null(grey);
    (void)pixSetAllArbitrary(grey, PAPER);
    for (int y = 200; y < 1500; y += 40)
        for (int x = left, wide; x < right; x += wide + 12) {
            chance = chance * 1103515245u + 12345u;
            wide = 12 + (int)(chance >> 16) % 60;
            if (x + wide <= right)
                fill(grey, x, y, wide, 14, 30);
        }
    return grey;
}

/* How many dots of the two pages differ by more than a little. */
static long changed(struct Pix *a, struct Pix *b)
{
    long count = 0;

    for (int y = 0; y < pixGetHeight(a); y++)
        for (int x = 0; x < pixGetWidth(a); x++)
            count += abs((int)level(a, x, y) - (int)level(b, x, y)) > 8;
    return count;
}

static long dark(struct Pix *grey)
{
    long count = 0;

    for (int y = 0; y < pixGetHeight(grey); y++)
        for (int x = 0; x < pixGetWidth(grey); x++)
            count += level(grey, x, y) < 100;
    return count;
}

static void disc(struct Pix *pix, double x0, double y0, double from, double to, int ink)
{
    for (int y = (int)(y0 - to); y <= y0 + to; y++)
        for (int x = (int)(x0 - to); x <= x0 + to; x++)
            if (hypot(x - x0, y - y0) < to && hypot(x - x0, y - y0) >= from && x >= 0 &&
                y >= 0 && x < WIDE && y < HIGH)
                (void)pixSetPixel(pix, x, y, (l_uint32)ink);
}

/* --- borders --------------------------------------------------------------------- */

static void black_on_all_sides_becomes_paper_and_no_word_is_touched(void **state)
{
    struct Pix *plain = page(150, 1050), *grey = pixCopy(NULL, plain);

    (void)state;
    fill(grey, 0, 0, 40, HIGH, 12);
    fill(grey, WIDE - 9, 0, 9, HIGH, 12);
    fill(grey, 0, 0, WIDE, 25, 12);
    fill(grey, 0, HIGH - 60, WIDE, 60, 12);
    assert_int_equal(border_remove(grey, DPI), 4);
    assert_true(changed(plain, grey) == 0);
    pixDestroy(&grey);
    pixDestroy(&plain);
}

static void wedges_of_a_sheet_laid_askew_go(void **state)
{
    static const double tilts[] = {-3, -1, 0.5, 2};

    (void)state;
    for (size_t i = 0; i < sizeof tilts / sizeof *tilts; i++) {
        struct Pix *plain = page(150, 1050);
        l_float32 angle = (l_float32)(tilts[i] * M_PI / 180);
        struct Pix *on_white =
            pixRotate(plain, angle, L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0);
        struct Pix *on_black =
            pixRotate(plain, angle, L_ROTATE_AREA_MAP, L_BRING_IN_BLACK, 0, 0);
        long words = dark(on_white), wedges = dark(on_black) - words;

        assert_true(border_remove(on_black, DPI) > 0);
        assert_true(labs(dark(on_black) - words) < wedges / 50);
        pixDestroy(&on_black);
        pixDestroy(&on_white);
        pixDestroy(&plain);
    }
}

static void border_of_a_copier_in_black_and_white_goes_with_its_specks(void **state)
{
    struct Pix *plain = page(150, 1050), *bits, *grey;
    unsigned chance = 7;

    (void)state;
    for (int y = 0; y < HIGH; y++)
        for (int x = 0; x < 45; x++) {
            chance = chance * 1103515245u + 12345u;
            if ((chance >> 16) % 100 < 92 && x < 40 + (int)(chance >> 20) % 5)
                (void)pixSetPixel(plain, x, y, 0);
        }
    bits = pixThresholdToBinary(plain, 128);
    grey = pixConvert1To8(NULL, bits, 255, 0);
    assert_true(border_remove(grey, DPI) > 0);
    for (int y = 0; y < HIGH; y += 7)
        for (int x = 0; x < 36; x += 5)
            assert_int_equal(level(grey, x, y), 255);
    pixDestroy(&grey);
    pixDestroy(&bits);
    pixDestroy(&plain);
}

static void letters_that_run_into_the_border_keep_what_is_on_the_paper(void **state)
{
    struct Pix *grey = page(46, 1050);

    (void)state;
    fill(grey, 0, 0, 40, HIGH, 12);
    fill(grey, 30, 600, 40, 10, 12); /* a dash from the border */
    fill(grey, 44, 700, 4, 20, 12);  /* an upright stroke close to it */
    assert_int_equal(border_remove(grey, DPI), 1);
    assert_true(level(grey, 20, 900) > 220);
    assert_true(level(grey, 46, 606) < 40);
    assert_true(level(grey, 60, 604) < 40);
    assert_true(level(grey, 46, 710) < 40);
    assert_true(level(grey, 48, 207) < 40); /* the first word of a line */
    pixDestroy(&grey);
}

static void letters_cut_by_the_edge_are_no_border(void **state)
{
    struct Pix *grey = page(0, 1240), *was = pixCopy(NULL, grey);

    (void)state;
    for (int y = 190; y < 1500; y += 40)
        fill(grey, 0, y, 3, 28, 20);
    (void)pixCopy(was, grey);
    assert_int_equal(border_remove(grey, DPI), 0);
    assert_true(changed(was, grey) == 0);
    pixDestroy(&was);
    pixDestroy(&grey);
}

static void shadow_that_fades_and_picture_at_an_edge_stay(void **state)
{
    struct Pix *grey = page(300, 1050), *was;

    (void)state;
    for (int y = 0; y < HIGH; y++) /* of a book's fold */
        for (int x = 0; x < 200; x++)
            (void)pixSetPixel(grey, x, y, (l_uint32)(60 + x * (PAPER - 60) / 200));
    fill(grey, 700, 100, WIDE - 700, 700, 40); /* a photograph */
    was = pixCopy(NULL, grey);
    assert_int_equal(border_remove(grey, DPI), 0);
    assert_true(changed(was, grey) == 0);
    pixDestroy(&was);
    pixDestroy(&grey);
}

/* --- holes ------------------------------------------------------------------------- */

static void two_dark_holes_go(void **state)
{
    struct Pix *plain = page(200, 1050), *grey = pixCopy(NULL, plain);

    (void)state;
    disc(grey, 12 * MM, HIGH / 2.0 - 40 * MM, 0, 2.75 * MM, 60);
    disc(grey, 12 * MM, HIGH / 2.0 + 40 * MM, 0, 2.75 * MM, 60);
    assert_int_equal(hole_remove(grey, DPI), 2);
    assert_true(changed(plain, grey) == 0);
    pixDestroy(&grey);
    pixDestroy(&plain);
}

static void hole_on_a_streak_goes_too(void **state)
{
    struct Pix *grey = page(200, 1050);

    (void)state;
    disc(grey, 12 * MM, HIGH / 2.0 - 40 * MM, 0, 2.75 * MM, 60);
    disc(grey, 12 * MM, HIGH / 2.0 + 40 * MM, 0, 2.75 * MM, 60);
    fill(grey, (int)(14 * MM), 100, 2, 1500, 60);
    assert_int_equal(hole_remove(grey, DPI), 2);
    assert_true(level(grey, (int)(12 * MM), (int)(HIGH / 2.0 - 40 * MM)) > 200);
    pixDestroy(&grey);
}

static void white_holes_with_a_rim_and_cut_ones_go_by_twos(void **state)
{
    struct Pix *plain = page(200, 1050), *grey = pixCopy(NULL, plain);

    (void)state;
    disc(grey, 12 * MM, HIGH / 2.0 - 40 * MM, 2.2 * MM, 2.9 * MM, 60);
    disc(grey, 12 * MM, HIGH / 2.0 + 40 * MM, 2.2 * MM, 2.9 * MM, 60);
    assert_int_equal(hole_remove(grey, DPI), 2);
    assert_true(changed(plain, grey) == 0);
    disc(grey, 600, 1 * MM, 0, 2.9 * MM, 60); /* above, one is cut by the edge */
    disc(grey, 600 + 80 * MM, 4 * MM, 0, 2.9 * MM, 60);
    assert_int_equal(hole_remove(grey, DPI), 2);
    assert_true(changed(plain, grey) == 0);
    pixDestroy(&grey);
    pixDestroy(&plain);
}

/* The letter O, a bullet, a seal, a stamp, a box to tick, a hole's size of anything else. */
static void what_is_printed_is_no_hole(void **state)
{
    struct Pix *grey = page(200, 1050), *was;

    (void)state;
    disc(grey, 12 * MM, 300, 2.0 * MM, 2.7 * MM, 20); /* a large O on its own */
    disc(grey, 12 * MM, 600, 0, 1.5 * MM, 20);        /* a bullet */
    disc(grey, 12 * MM, 800, 0, 2.6 * MM, 20);        /* a large one, */
    fill(grey, (int)(16 * MM), 790, 60, 14, 20);      /* and its words */
    disc(grey, 14 * MM, 1100, 9 * MM, 10 * MM, 20);   /* a small seal */
    fill(grey, (int)(10 * MM), 1300, (int)(5 * MM), (int)(5 * MM), 20);
    disc(grey, WIDE / 2.0, 1620 - 40 * MM, 0, 2.75 * MM, 20); /* far from an edge */
    disc(grey, WIDE - 12 * MM, 500, 0, 2.75 * MM, 20);        /* crossed out */
    fill(grey, (int)(WIDE - 16 * MM), 498, (int)(8 * MM), 4, 20);
    was = pixCopy(NULL, grey);
    assert_int_equal(hole_remove(grey, DPI), 0);
    assert_true(changed(was, grey) == 0);
    pixDestroy(&was);
    pixDestroy(&grey);
}

static void odd_pages_have_neither(void **state)
{
    static const int sides[][2] = {{1, 1}, {1, 3000}, {3000, 1}, {9, 9}, {80, 400}};

    (void)state;
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        struct Pix *pix = pixCreate(sides[i][0], sides[i][1], 8);

        assert_non_null(pix);
        assert_int_equal(border_remove(pix, DPI), 0); /* all black */
        assert_int_equal(hole_remove(pix, DPI), 0);
        (void)pixSetAll(pix);
        assert_int_equal(border_remove(pix, 0), 0); /* all white, of no resolution */
        assert_int_equal(hole_remove(pix, 0), 0);
        pixDestroy(&pix);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(black_on_all_sides_becomes_paper_and_no_word_is_touched),
        cmocka_unit_test(wedges_of_a_sheet_laid_askew_go),
        cmocka_unit_test(border_of_a_copier_in_black_and_white_goes_with_its_specks),
        cmocka_unit_test(letters_that_run_into_the_border_keep_what_is_on_the_paper),
        cmocka_unit_test(letters_cut_by_the_edge_are_no_border),
        cmocka_unit_test(shadow_that_fades_and_picture_at_an_edge_stay),
        cmocka_unit_test(two_dark_holes_go),
        cmocka_unit_test(hole_on_a_streak_goes_too),
        cmocka_unit_test(white_holes_with_a_rim_and_cut_ones_go_by_twos),
        cmocka_unit_test(what_is_printed_is_no_hole),
        cmocka_unit_test(odd_pages_have_neither),
    };

    setMsgSeverity(L_SEVERITY_NONE);
    return cmocka_run_group_tests_name("edges", tests, NULL, NULL);
}
