/* Client, worker and caged children: small images, and pictures that are large. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/lib/client_papers.h"
#include "tests/lib/documents.h"

static struct err e;

/* Whether something of it is redder than ink or paper. */
static bool is_reddish(const struct buffer *jpeg)
{
    PIX *pix = pixReadMem(jpeg->bytes, jpeg->count);
    PIX *colour = pixConvertTo32(pix);
    l_int32 red, green, blue;
    bool found = false;

    assert_non_null(colour);
    for (l_int32 y = 0; y < pixGetHeight(colour); y++)
        for (l_int32 x = 0; x < pixGetWidth(colour); x++) {
            (void)pixGetRGBPixel(colour, x, y, &red, &green, &blue);
            found = found || (red > green + 30 && red > blue + 30);
        }
    pixDestroy(&colour);
    pixDestroy(&pix);
    return found;
}

static void a_pages_small_image_is_made_in_its_colours(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    int scan = a_scan(), pdf = a_drawn_pdf();
    struct small s;

    (void)state;
    assert_int_equal(ocr_small(c, scan, 0, 1, &s, &e), 0);
    assert_string_equal(refusal_name(s.refusal), "none");
    assert_int_equal(s.width, A4_HEIGHT); /* turned */
    assert_memory_equal(s.image.bytes, "%PDF-", 5);
    assert_false(is_reddish(&s.thumbnail));
    small_release(&s);
    assert_int_equal(ocr_small(c, pdf, 1, 0, &s, &e), 0); /* it must be drawn */
    assert_string_equal(refusal_name(s.refusal), "none");
    assert_true(is_reddish(&s.thumbnail));
    small_release(&s);
    assert_int_equal(ocr_small(c, pdf, 2, 0, &s, &e), 0);
    assert_string_equal(refusal_name(s.refusal), "no_pages");
    small_release(&s);
    ocr_client_destroy(c);
    (void)close(scan);
    (void)close(pdf);
}

/* Black and white grain all over, in blocks of 3: nothing that packs well. */
static int a_grainy_page(void)
{
    PIX *pix = pixCreate(1654, 2339, 8);
    struct buffer png;
    uint32_t state = 7;
    int fd;

    for (l_int32 y = 0; y < 2339; y += 3)
        for (l_int32 x = 0; x < 1654; x += 3) {
            state = state * 1664525u + 1013904223u;
            for (int i = 0; i < 9; i++)
                (void)pixSetPixel(pix, x + i % 3, y + i / 3, state >> 31 ? 255 : 0);
        }
    buffer_init(&png, 16u << 20);
    document_encode(&png, pix, IFF_PNG);
    fd = document_fd(png.bytes, png.count);
    buffer_release(&png);
    pixDestroy(&pix);
    return fd;
}

static void a_small_image_larger_than_a_reading_comes_out(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    int grain = a_grainy_page();
    struct small s;

    (void)state;
    assert_int_equal(ocr_small(c, grain, 0, 0, &s, &e), 0);
    assert_string_equal(refusal_name(s.refusal), "none");
    printf("    %zu bytes\n", s.image.count);
    assert_true(s.image.count <= SMALL_BYTES_MAX);
    small_release(&s);
    ocr_client_destroy(c);
    (void)close(grain);
}

/* 100 megapixels with transparency: more than the cage's memory, if held whole. */
static void picture_of_a_hundred_megapixels_is_looked_at_row_by_row(void **state)
{
    struct ocr_client *c = a_client((struct ocr_options){0});
    PIX *pix = pixCreate(9900, 9900, 32);
    l_uint8 *bytes;
    size_t count;
    struct look look;
    int fd;

    (void)state;
    (void)pixSetAll(pix);
    (void)pixSetSpp(pix, 4);
    pixSetZlibCompression(pix, 1);
    assert_int_equal(pixWriteMemPng(&bytes, &count, pix, 0), 0);
    pixDestroy(&pix);
    fd = document_fd(bytes, count);
    lept_free(bytes);
    assert_int_equal(ocr_look(c, fd, 0, &look, &e), 0);
    assert_string_equal(refusal_name(look.refusal), "none");
    ocr_client_destroy(c);
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pages_small_image_is_made_in_its_colours),
        cmocka_unit_test(a_small_image_larger_than_a_reading_comes_out),
        cmocka_unit_test(picture_of_a_hundred_megapixels_is_looked_at_row_by_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
