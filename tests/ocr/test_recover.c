/* What an attempt left out is cut out of the page and read, from below seals too. */
#include "ocr/recover.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "ocr/image/binarise.h"
#include "ocr/image/print.h"
#include "ocr/image/rim.h"

#define LETTER 30 /* the height of the words' letters */
#define DPI    200

static struct err e;

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

static void draw_ring_of(struct Pix *pix, int x, int y, double radius, double wide,
                         l_uint32 ink_level)
{
    for (int j = (int)-radius; j <= radius; j++)
        for (int i = (int)-radius; i <= radius; i++) {
            double far = hypot(i, j);

            if (far <= radius && far >= radius - wide)
                (void)pixSetPixel(pix, x + i, y + j, ink_level);
        }
}

static void draw_ring(struct Pix *pix, int x, int y, double radius, l_uint32 ink_level)
{
    draw_ring_of(pix, x, y, radius, 5, ink_level);
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

/* A letter that only touches a ring loses nothing; the thin ring within goes too. */
static void black_double_ring_goes_and_a_stroke_that_ends_in_it_stays(void **state)
{
    struct Pix *pix = paper(255), *bits;
    struct box all = {460, 460, 741, 741};

    (void)state;
    draw_ring(pix, 600, 600, 140, 0);
    draw_ring_of(pix, 600, 600, 129, 2, 0);
    fill(pix, 560, 700, 8, 38, 0); /* stems that end in the outer ring */
    fill(pix, 640, 700, 8, 36, 0);
    bits = pixThresholdToBinary(pix, 128);
    assert_true(rim_erase(pix, bits, 1, &all, DPI));
    assert_int_equal(level(pix, 600, 738), 255);
    assert_int_equal(level(pix, 600, 728), 255);
    assert_int_equal(level(pix, 462, 600), 255);
    for (int y = 702; y < 734; y++) {
        assert_int_equal(level(pix, 564, y), 0);
        assert_int_equal(level(pix, 644, y), 0);
    }
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
    assert_int_equal(f.words_count, 2);
    assert_string_equal(f.words[1].text, "PHONG");
    assert_int_equal(f.words[1].start, WORD_NEW_LINE);
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
        cmocka_unit_test(grey_seal_goes_and_the_print_in_it_stays),
        cmocka_unit_test(black_ring_goes_and_a_stroke_across_it_stays),
        cmocka_unit_test(black_double_ring_goes_and_a_stroke_that_ends_in_it_stays),
        cmocka_unit_test(frames_and_round_letters_are_no_rings),
        cmocka_unit_test(letters_in_shadow_stay_letters_in_black_and_white),
        cmocka_unit_test(line_under_a_seal_is_cut_out_and_read),
        cmocka_unit_test(page_that_was_read_is_not_read_again),
    };

    return cmocka_run_group_tests_name("recover", tests, NULL, NULL);
}
