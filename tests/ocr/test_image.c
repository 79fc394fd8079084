/* The steps from a page as it lies in the file to a picture that reads well. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "ocr/image/look.h"
#include "ocr/image/seal.h"
#include "ocr/image/steps.h"
#include "ocr/image/streak.h"
#include "ocr/image/tilt.h"
#include "ocr/image/whiten.h"

#define DPI       150
#define WIDE      1240 /* an A4 */
#define HIGH      1754
#define PAPER     0xf0e8d800u /* yellowish */
#define RED_INK   0xd0404000u
#define BLACK_INK 0x30303000u

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

static struct Pix *paper(void)
{
    struct Pix *pix = pixCreate(WIDE, HIGH, 32);

    assert_non_null(pix);
    (void)pixSetAllArbitrary(pix, PAPER);
    return pix;
}

/* A ring, its middle at (x, y). */
static void draw_ring(struct Pix *pix, int x, int y, double radius, l_uint32 ink)
{
    for (int j = (int)-radius; j <= radius; j++)
        for (int i = (int)-radius; i <= radius; i++) {
            double far = hypot(i, j);

            if (far <= radius && far >= radius - 8)
                (void)pixSetPixel(pix, x + i, y + j, ink);
        }
}

/* Lines of words that a look for tilt can follow; words of many lengths, so that no
 * column shows. */
static struct Pix *lines_of_text(void)
{
    struct Pix *grey = pixCreate(WIDE, HIGH, 8);
    unsigned chance = 1;

    assert_non_null(grey);
    (void)pixSetAll(grey);
    for (int y = 200; y < 1500; y += 40)
        for (int x = 150, wide; x < 1050; x += wide + 12) {
            chance = chance * 1103515245u + 12345u;
            wide = 12 + (int)(chance >> 16) % 60;
            fill(grey, x, y, wide, 14, 0);
        }
    return grey;
}

/* --- seals ----------------------------------------------------------------------- */

static void red_seal_goes_and_the_print_below_it_stays(void **state)
{
    struct Pix *pix = paper(), *grey;
    size_t lifted;

    (void)state;
    draw_ring(pix, 600, 800, 105, RED_INK); /* 35 mm */
    fill(pix, 560, 700, 100, 6, BLACK_INK); /* through its edge */
    grey = seal_lift(pix, DPI, &lifted);
    assert_non_null(grey);
    assert_int_equal(lifted, 1);
    assert_true(level(grey, 600 - 101, 800) > 210);
    assert_true(level(grey, 600, 703) < 90);
    pixDestroy(&grey);
    pixDestroy(&pix);
}

static void red_line_of_text_and_frame_of_a_stamp_stay(void **state)
{
    struct Pix *pix = paper(), *grey;
    size_t lifted;

    (void)state;
    for (int x = 200; x < 700; x += 30) /* a letterhead */
        fill(pix, x, 300, 22, 24, RED_INK);
    fill(pix, 200, 500, 180, 6, RED_INK); /* 30 by 8 mm */
    fill(pix, 200, 542, 180, 6, RED_INK);
    fill(pix, 200, 500, 6, 48, RED_INK);
    fill(pix, 374, 500, 6, 48, RED_INK);
    grey = seal_lift(pix, DPI, &lifted);
    assert_non_null(grey);
    assert_int_equal(lifted, 0);
    assert_true(level(grey, 210, 310) < 160);
    assert_true(level(grey, 250, 502) < 160);
    pixDestroy(&grey);
    pixDestroy(&pix);
}

static void grey_and_tiny_pages_have_no_seal(void **state)
{
    static const int depths[] = {1, 8, 32};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (int side = 1; side < 40; side += 13) {
            struct Pix *pix = pixCreate(side, 1, depths[i]), *grey;
            size_t lifted;

            grey = seal_lift(pix, 1200, &lifted);
            assert_non_null(grey);
            assert_int_equal(lifted, 0);
            pixDestroy(&grey);
            pixDestroy(&pix);
        }
}

/* --- tilt --------------------------------------------------------------------------- */

static void tilt_is_told_to_a_twentieth_of_a_degree(void **state)
{
    static const double tilts[] = {-9.5, -3, -0.4, 0.4, 1.25, 8};
    struct Pix *straight = lines_of_text();

    (void)state;
    for (size_t i = 0; i < sizeof tilts / sizeof *tilts; i++) {
        struct Pix *tilted = tilt_undo(straight, -tilts[i]);

        assert_non_null(tilted);
        assert_true(fabs(tilt_find(tilted) - tilts[i]) <= 0.05);
        pixDestroy(&tilted);
    }
    pixDestroy(&straight);
}

static void lines_down_the_page_are_noticed(void **state)
{
    struct Pix *grey = lines_of_text(), *turned = pixRotateOrth(grey, 1);

    (void)state;
    assert_false(tilt_is_sideways(grey));
    assert_true(tilt_is_sideways(turned));
    pixDestroy(&turned);
    pixDestroy(&grey);
}

/* --- looks and steps ------------------------------------------------------------------ */

static void small_tilt_of_an_even_page_is_left_to_the_recogniser(void **state)
{
    struct Pix *straight = lines_of_text(), *tilted = tilt_undo(straight, -0.5);
    struct page_look look;

    (void)state;
    look_at(&look, tilted, 8);
    assert_true(look.evenness > WHITEN_EVENNESS_MIN);
    assert_true(look.tilt == 0);
    assert_false(look.sideways);
    pixDestroy(&tilted);
    pixDestroy(&straight);
}

static void steps_of_any_page_give_a_page(void **state)
{
    const struct recipe all = {
        .smoothed = true, .tilt = 2, .whitened = true, .blurred = true, .enlarged = 1.5};

    (void)state;
    for (int wide = 1; wide < 200; wide = wide * 3 + 1)
        for (int high = 1; high < 200; high = high * 3 + 1) {
            struct Pix *pix = pixCreate(wide, high, 8), *made;
            struct page_look look;

            look_at(&look, pix, 8);
            made = steps_take(pix, &all);
            assert_non_null(made);
            pixDestroy(&made);
            pixDestroy(&pix);
        }
}

static void what_was_done_is_told_in_words(void **state)
{
    const struct shared_steps shared = {.seals = 1};
    const struct recipe calm = {
        .smoothed = true, .tilt = 1.25, .whitened = true, .enlarged = 1};
    const struct recipe none = {.enlarged = 1};
    char told[96];

    (void)state;
    steps_tell(told, sizeof told, &shared, &calm);
    assert_string_equal(told, "seals lifted, smoothed, straightened 1.25, whitened");
    steps_tell(told, sizeof told, &(struct shared_steps){0}, &none);
    assert_string_equal(told, "");
    steps_tell(told, 10, &shared, &calm);
    assert_string_equal(told, "seals lif");
}

/* --- streaks ---------------------------------------------------------------------- */

static void streak_across_lines_goes_and_letters_on_it_stay(void **state)
{
    struct Pix *pix = pixCreate(WIDE, HIGH, 8);

    (void)state;
    assert_non_null(pix);
    (void)pixSetAll(pix);
    for (int y = 200; y < 1500; y += 40) /* letters */
        for (int x = 150; x < 1050; x += 24)
            fill(pix, x, y, 6, 14, 0);
    fill(pix, 596, 150, 2, 1400, 120);
    fill(pix, 590, 1000, 12, 8, 0); /* one on it */
    assert_int_equal(streak_count(pix, DPI), 1);
    assert_true(level(pix, 596, 190) == 120); /* only counted */
    assert_int_equal(streak_remove(pix, DPI), 1);
    assert_int_equal(level(pix, 596, 190), 255);
    assert_int_equal(level(pix, 597, 190), 255);
    assert_int_equal(level(pix, 596, 1004), 0);
    assert_int_equal(streak_count(pix, DPI), 0);
    pixDestroy(&pix);
}

static void sides_of_a_frame_and_letters_are_no_streaks(void **state)
{
    struct Pix *pix = lines_of_text();

    (void)state;
    fill(pix, 100, 1540, 2, 180, 0);
    fill(pix, 1100, 1540, 2, 180, 0);
    fill(pix, 100, 1540, 1002, 2, 0);
    fill(pix, 100, 1718, 1002, 2, 0);
    assert_int_equal(streak_remove(pix, DPI), 0);
    assert_int_equal(level(pix, 100, 1600), 0);
    pixDestroy(&pix);
}

/* The "1" that begins each line of a list, or one letter down a column. */
static void letters_below_one_another_are_no_streak(void **state)
{
    struct Pix *pix = lines_of_text();

    (void)state;
    for (int y = 190; y < 1500; y += 40)
        fill(pix, 120, y, 3, 28, 0); /* 12 dots of paper between two: 2 mm */
    assert_int_equal(streak_remove(pix, DPI), 0);
    assert_int_equal(level(pix, 121, 600), 0);
    pixDestroy(&pix);
}

static void odd_pages_have_no_streaks(void **state)
{
    static const int sides[][2] = {{1, 1}, {1, 3000}, {3000, 1}, {9, 9}, {12, 400}};

    (void)state;
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        struct Pix *pix = pixCreate(sides[i][0], sides[i][1], 8);

        assert_non_null(pix);
        assert_int_equal(streak_remove(pix, DPI), 0); /* all black */
        (void)pixSetAll(pix);
        assert_int_equal(streak_remove(pix, 0), 0); /* all white, of no resolution */
        pixDestroy(&pix);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(red_seal_goes_and_the_print_below_it_stays),
        cmocka_unit_test(red_line_of_text_and_frame_of_a_stamp_stay),
        cmocka_unit_test(grey_and_tiny_pages_have_no_seal),
        cmocka_unit_test(tilt_is_told_to_a_twentieth_of_a_degree),
        cmocka_unit_test(lines_down_the_page_are_noticed),
        cmocka_unit_test(small_tilt_of_an_even_page_is_left_to_the_recogniser),
        cmocka_unit_test(steps_of_any_page_give_a_page),
        cmocka_unit_test(what_was_done_is_told_in_words),
        cmocka_unit_test(streak_across_lines_goes_and_letters_on_it_stay),
        cmocka_unit_test(sides_of_a_frame_and_letters_are_no_streaks),
        cmocka_unit_test(letters_below_one_another_are_no_streak),
        cmocka_unit_test(odd_pages_have_no_streaks),
    };

    setMsgSeverity(L_SEVERITY_NONE);
    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
