/* Small images: what a clerk sees of a page that has come over a weak link. */
#include "ocr/small/small.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <leptonica/allheaders.h>

#include "tests/lib/documents.h"
#include "tests/lib/program.h"

#define WIDE 1654
#define HIGH 2339

static struct err e;

static const char *const lines[] = {"HOI DONG NHAN DAN", "NGHI QUYET ve viec 68",
                                    "Dieu 1. Giao Uy ban nhan dan", "Dieu 2. 1985", NULL};

static struct Pix *page_in_colour(void)
{
    struct Pix *grey = document_page(WIDE, HIGH, lines), *pix = pixConvertTo32(grey);

    pixDestroy(&grey);
    return pix;
}

static void dot(struct Pix *pix, int x, int y, int red, int green, int blue)
{
    assert_int_equal(pixSetRGBPixel(pix, x, y, red, green, blue), 0);
}

/* A ring of two millimetres and a star's worth of solid ink in its middle. */
static void stamp(struct Pix *pix, int x, int y, int red, int green, int blue)
{
    for (int j = -140; j <= 140; j++)
        for (int i = -140; i <= 140; i++) {
            double far = hypot(i, j);

            if (far < 40 || (far > 122 && far < 138))
                dot(pix, x + i, y + j, red, green, blue);
        }
}

/* Soft shapes and a camera's noise. */
static void photograph(struct Pix *pix, int left, int top, int width, int height)
{
    unsigned seed = 3;

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            double f = exp(
                -(pow((double)x / width - 0.5, 2) + pow((double)y / height - 0.4, 2)) *
                14);
            int n = (int)((seed = seed * 1103515245u + 12345u) >> 16 & 15) - 8;

            dot(pix, left + x, top + y, (int)(70 + 130 * f) + n, (int)(90 + 60 * f) + n,
                (int)(170 - 60 * f) + n);
        }
}

/* Takes `pix`. */
static void make(struct small *out, struct Pix *pix, uint32_t dpi, unsigned turns)
{
    struct opened_page page = {.pix = pix,
                               .width = (uint32_t)pixGetWidth(pix),
                               .height = (uint32_t)pixGetHeight(pix),
                               .dpi = dpi};

    assert_int_equal(small_make(out, &page, turns, &e), 0);
    assert_in_range(out->image.count, 1, SMALL_BYTES_MAX);
    assert_in_range(out->thumbnail.count, 1, THUMBNAIL_BYTES_MAX);
    pixDestroy(&pix);
}

/* As a viewer draws it; the caller's. */
static struct Pix *drawn(const struct small *s, const char *resolution)
{
    struct bench w;
    struct ran ran;
    struct Pix *pix;

    bench_create(&w);
    bench_write(&w, "a.pdf", s->image.bytes, s->image.count);
    run(&w, &ran, "/usr/bin/pdftoppm", "-r", resolution, "-singlefile",
        bench_path(&w, "a.pdf"), bench_path(&w, "a"), NULL);
    assert_int_equal(ran.status, 0);
    ran_release(&ran);
    pix = pixRead(bench_path(&w, "a.ppm"));
    assert_non_null(pix);
    bench_destroy(&w);
    return pix;
}

struct colour {
    double red, green, blue;
};

static struct colour mean(struct Pix *pix, int left, int top, int width, int height)
{
    struct colour c = {0};

    for (int y = top; y < top + height; y++)
        for (int x = left; x < left + width; x++) {
            l_int32 red, green, blue;

            assert_int_equal(pixGetRGBPixel(pix, x, y, &red, &green, &blue), 0);
            c.red += red;
            c.green += green;
            c.blue += blue;
        }
    c.red /= width * height;
    c.green /= width * height;
    c.blue /= width * height;
    return c;
}

/* Degrees; red is 0. */
static double hue(struct colour c)
{
    return atan2(sqrt(3) * (c.green - c.blue), 2 * c.red - c.green - c.blue) * 180 / M_PI;
}

static void a_red_seal_stays_red_and_a_blue_one_blue(void **state)
{
    struct Pix *pix = page_in_colour(), *seen;
    struct small s;

    (void)state;
    stamp(pix, 1200, 1700, 205, 40, 60);
    stamp(pix, 500, 1700, 40, 60, 190);
    make(&s, pix, 200, 0);
    seen = drawn(&s, "200");
    assert_true(fabs(hue(mean(seen, 1190, 1690, 20, 20))) < 15);
    assert_true(fabs(hue(mean(seen, 1190, 1568, 20, 8))) < 15); /* the ring */
    assert_true(mean(seen, 1190, 1690, 20, 20).red > 150);
    assert_true(fabs(fabs(hue(mean(seen, 490, 1690, 20, 20))) - 128) < 15);
    assert_true(mean(seen, 1260, 1700, 20, 20).green > 250); /* paper between */
    pixDestroy(&seen);
    small_release(&s);
}

static void solid(struct Pix *pix, int left, int top, int width, int height, int red,
                  int green, int blue)
{
    for (int y = top; y < top + height; y++)
        for (int x = left; x < left + width; x++)
            dot(pix, x, y, red, green, blue);
}

/* A title of which some was blue was lifted off the page with the signature. */
static void black_print_with_a_scanners_blue_is_black(void **state)
{
    struct Pix *pix = page_in_colour(), *seen;
    struct colour pen, print;
    struct small s;

    (void)state;
    solid(pix, 300, 1500, 400, 12, 20, 70, 200); /* a ballpoint */
    solid(pix, 300, 1700, 400, 12, 14, 14, 74);  /* print */
    solid(pix, 340, 1699, 4, 5, 70, 75, 140);    /* and a fringe on it */
    make(&s, pix, 200, 0);
    seen = drawn(&s, "200");
    pen = mean(seen, 400, 1503, 200, 6);
    print = mean(seen, 400, 1703, 200, 6);
    assert_true(pen.blue - pen.red > 90);
    assert_true(print.blue - print.red < 40);
    print = mean(seen, 341, 1700, 2, 3);
    assert_true(print.blue - print.red < 40);
    pixDestroy(&seen);
    small_release(&s);
}

/* A title under a seal was red where the ring crossed it, and gone with the seal. */
static void black_print_that_a_seal_crosses_is_black(void **state)
{
    struct Pix *pix = page_in_colour(), *seen;
    struct small s;

    (void)state;
    stamp(pix, 1200, 1700, 205, 40, 60);
    solid(pix, 1120, 1566, 160, 2, 30, 30, 30); /* a stroke along the ring */
    make(&s, pix, 200, 0);
    seen = drawn(&s, "200");
    assert_true(mean(seen, 1190, 1566, 20, 2).red < 100);
    assert_true(mean(seen, 1190, 1572, 20, 3).red > 150);
    pixDestroy(&seen);
    small_release(&s);
}

/* A scan without colours: were it black, a reader could not lift it off the letters. */
static void a_grey_seal_stays_lighter_than_print(void **state)
{
    struct Pix *colour = page_in_colour(), *seen;
    struct small s;

    (void)state;
    stamp(colour, 1200, 1700, 140, 140, 140);
    make(&s, pixConvertTo8(colour, 0), 200, 0);
    pixDestroy(&colour);
    seen = drawn(&s, "200");
    assert_in_range(mean(seen, 1190, 1690, 20, 20).green, 110, 170);
    assert_in_range(mean(seen, 1190, 1568, 20, 8).green, 110, 170); /* the ring */
    pixDestroy(&seen);
    small_release(&s);
}

static void a_pens_stroke_is_blue_to_its_end(void **state)
{
    struct Pix *pix = page_in_colour(), *seen;
    struct colour end;
    struct small s;

    (void)state;
    solid(pix, 300, 1500, 300, 10, 20, 70, 200);
    solid(pix, 600, 1500, 60, 10, 60, 70, 98); /* it fades */
    solid(pix, 300, 1700, 60, 10, 60, 70, 98); /* print, as dark */
    make(&s, pix, 200, 0);
    seen = drawn(&s, "200");
    end = mean(seen, 620, 1503, 20, 4);
    assert_true(end.blue - end.red > 90);
    end = mean(seen, 320, 1703, 20, 4);
    assert_true(end.blue - end.red < 40);
    pixDestroy(&seen);
    small_release(&s);
}

/* Pixels of `a` that have none of `b` beside them. */
static int missing(struct Pix *a, struct Pix *b)
{
    struct Pix *wide = pixDilateBrick(NULL, b, 5, 5), *left = pixSubtract(NULL, a, wide);
    l_int32 count = 0;

    assert_int_equal(pixCountPixels(left, &count, NULL), 0);
    pixDestroy(&left);
    pixDestroy(&wide);
    return count;
}

/* Old paper in uneven light, faint letters: they are there, and the paper is even. */
static void faint_print_is_shown_and_uneven_light_is_not(void **state)
{
    struct Pix *pix = document_page(WIDE, HIGH, lines), *seen;
    struct Pix *sharp = pixThresholdToBinary(pix, 128), *mask;
    struct small s;
    l_int32 ink = 0;

    (void)state;
    for (int y = 0; y < HIGH; y++)
        for (int x = 0; x < WIDE; x++) {
            l_uint32 *line = pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix);
            int light = 230 - 100 * x / WIDE;

            SET_DATA_BYTE(line, x, GET_DATA_BYTE(line, x) < 128 ? light * 7 / 10 : light);
        }
    make(&s, pix, 200, 0);
    seen = drawn(&s, "200");
    mask = pixConvertTo1(seen, 128);
    pixCountPixels(sharp, &ink, NULL);
    assert_true(ink > 1000);
    assert_true(missing(sharp, mask) * 50 < ink);
    assert_true(missing(mask, sharp) * 50 < ink);
    pixDestroy(&mask);
    pixDestroy(&sharp);
    pixDestroy(&seen);
    small_release(&s);
}

static void a_photograph_keeps_its_tones_and_costs_little(void **state)
{
    struct Pix *pix = page_in_colour(), *seen;
    struct colour middle, edge;
    struct small s;

    (void)state;
    photograph(pix, 300, 1200, 240, 320);
    make(&s, pix, 200, 0);
    assert_in_range(s.image.count, 2000, 16000);
    seen = drawn(&s, "200");
    middle = mean(seen, 400, 1310, 40, 40);
    edge = mean(seen, 310, 1480, 30, 30);
    assert_true(fabs(middle.red - 195) < 16 && fabs(middle.blue - 112) < 16);
    assert_true(fabs(edge.red - 75) < 16 && fabs(edge.blue - 165) < 16);
    pixDestroy(&seen);
    small_release(&s);
}

static void a_page_of_one_bit_is_shown_bit_for_bit(void **state)
{
    struct Pix *grey = document_page(WIDE, HIGH, lines);
    struct Pix *bits = pixThresholdToBinary(grey, 128), *seen, *mask;
    struct small s;
    l_int32 same = 0;

    (void)state;
    make(&s, pixClone(bits), 200, 0);
    assert_int_equal(s.dpi, 200);
    seen = drawn(&s, "200");
    mask = pixConvertTo1(seen, 128);
    assert_int_equal(pixEqual(mask, bits, &same), 0);
    assert_true(same);
    pixDestroy(&mask);
    pixDestroy(&seen);
    pixDestroy(&bits);
    pixDestroy(&grey);
    small_release(&s);
}

static void a_page_that_lies_is_shown_upright(void **state)
{
    struct Pix *pix = document_page(WIDE, HIGH, lines);
    struct small upright, turned;

    (void)state;
    make(&upright, pixClone(pix), 200, 0);
    make(&turned, pixRotateOrth(pix, 3), 200, 1);
    assert_int_equal(turned.width, WIDE);
    assert_int_equal(turned.height, HIGH);
    assert_int_equal(turned.image.count, upright.image.count);
    assert_memory_equal(turned.image.bytes, upright.image.bytes, turned.image.count);
    pixDestroy(&pix);
    small_release(&upright);
    small_release(&turned);
}

static void the_thumbnail_is_a_small_jpeg(void **state)
{
    struct Pix *thumbnail;
    struct small s;

    (void)state;
    make(&s, page_in_colour(), 200, 0);
    thumbnail = pixReadMemJpeg(s.thumbnail.bytes, s.thumbnail.count, 0, 1, NULL, 0);
    assert_non_null(thumbnail);
    assert_int_equal(pixGetHeight(thumbnail), THUMBNAIL_SIDE_MAX);
    assert_in_range(s.thumbnail.count, 500, 8000);
    pixDestroy(&thumbnail);
    small_release(&s);
}

/* Noise cannot be coded small; the page is made coarser until it fits. */
static void noise_fits_all_the_same(void **state)
{
    struct Pix *pix = pixCreate(2900, 2900, 1);
    struct small s;
    unsigned seed = 9;

    (void)state;
    for (int i = 0; i < 2900 * pixGetWpl(pix); i++)
        pixGetData(pix)[i] = seed = seed * 1664525u + 1013904223u;
    make(&s, pix, 200, 0);
    assert_true(s.dpi < 200);
    small_release(&s);
}

static void pages_of_any_shape_have_an_image(void **state)
{
    static const int shapes[][2] = {{1, 1},    {2, 3},      {9, 9},   {40, 31},
                                    {1, 9000}, {9000, 2},   {300, 5}, {17, 400},
                                    {700, 90}, {1100, 1100}};
    static const int depths[] = {1, 8, 32};

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t k = 0; k < sizeof depths / sizeof *depths; k++)
            for (uint32_t dpi = 50; dpi <= 1200; dpi *= 3) {
                struct Pix *pix = pixCreate(shapes[i][0], shapes[i][1], depths[k]);
                struct small s;

                if (i % 2 == 0)
                    pixSetAll(pix);
                make(&s, pix, dpi, i % 4);
                small_release(&s);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_red_seal_stays_red_and_a_blue_one_blue),
        cmocka_unit_test(black_print_with_a_scanners_blue_is_black),
        cmocka_unit_test(black_print_that_a_seal_crosses_is_black),
        cmocka_unit_test(a_grey_seal_stays_lighter_than_print),
        cmocka_unit_test(a_pens_stroke_is_blue_to_its_end),
        cmocka_unit_test(faint_print_is_shown_and_uneven_light_is_not),
        cmocka_unit_test(a_photograph_keeps_its_tones_and_costs_little),
        cmocka_unit_test(a_page_of_one_bit_is_shown_bit_for_bit),
        cmocka_unit_test(a_page_that_lies_is_shown_upright),
        cmocka_unit_test(the_thumbnail_is_a_small_jpeg),
        cmocka_unit_test(noise_fits_all_the_same),
        cmocka_unit_test(pages_of_any_shape_have_an_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
