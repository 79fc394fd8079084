/* PNGs that are read row by row: every form of large ones. */
#include "ocr/opener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>

#include "tests/lib/documents.h"

/* More than lies in memory whole, and no multiple of anything. */
#define WIDTH  6007
#define HEIGHT 3011

/* Left red, right clear or white, and a dark bar across both. */
static struct Pix *red_and_clear(bool opacity)
{
    struct Pix *pix = pixCreate(WIDTH, HEIGHT, 32);

    if (opacity)
        pixSetSpp(pix, 4);
    (void)pixSetResolution(pix, 400, 400);
    (void)pixRasterop(pix, 0, 0, WIDTH, HEIGHT, PIX_SET, NULL, 0, 0);
    for (l_int32 y = 0; y < HEIGHT; y++)
        for (l_int32 x = 0; x < WIDTH; x++)
            if (y >= 1000 && y < 2000)
                (void)pixSetPixel(pix, x, y, 0x202020ff);
            else if (x < WIDTH / 2)
                (void)pixSetPixel(pix, x, y, 0xd01010ff);
            else if (opacity)
                (void)pixSetPixel(pix, x, y, 0);
    return pix;
}

static void open_png(struct Pix *pix, struct opened_page *page)
{
    struct buffer b;
    int fd;

    document_encode(&b, pix, IFF_PNG);
    fd = document_fd(b.bytes, b.count);
    assert_int_equal(page_open(fd, 0, page), OPENED);
    assert_int_equal(page->width, WIDTH);
    assert_int_equal(page->height, HEIGHT);
    assert_int_equal(page->dpi, 400);
    assert_true((uint64_t)pixGetWidth(page->pix) * (uint64_t)pixGetHeight(page->pix) <=
                PAGE_PIXELS_MAX);
    (void)close(fd);
    buffer_release(&b);
}

static void expect_pixel(struct Pix *pix, l_int32 x, l_int32 y, l_uint32 wanted)
{
    l_uint32 got = 0;

    (void)pixGetPixel(pix, x * pixGetWidth(pix) / 8, y * pixGetHeight(pix) / 8, &got);
    assert_int_equal(pixGetDepth(pix) == 32 ? got >> 8 : got, wanted);
}

/* Red, clear (which is white) and dark, in whichever way they are written. */
static void expect_read(struct Pix *pix, int depth, l_uint32 red)
{
    l_uint32 white = depth == 32 ? 0xffffff : 0xff;
    struct opened_page page;

    open_png(pix, &page);
    assert_int_equal(pixGetDepth(page.pix), depth);
    expect_pixel(page.pix, 1, 1, red);
    expect_pixel(page.pix, 7, 7, white);
    expect_pixel(page.pix, 1, 4, 0x202020 & white);
    expect_pixel(page.pix, 7, 4, 0x202020 & white);
    pixDestroy(&page.pix);
}

static void large_pngs_of_every_form_are_read(void **state)
{
    struct Pix *clear = red_and_clear(true), *colour = red_and_clear(false);
    struct Pix *grey = pixGetRGBComponent(colour, COLOR_RED);
    struct Pix *wide = pixConvert8To16(grey, 8), *palette = pixConvertTo8(grey, 1);

    (void)state;
    assert_non_null(pixGetColormap(palette));
    expect_read(clear, 32, 0xd01010);
    expect_read(colour, 32, 0xd01010);
    expect_read(grey, 8, 0xd0);
    expect_read(wide, 8, 0xd0);
    expect_read(palette, 32, 0xd0d0d0);
    pixDestroy(&clear);
    pixDestroy(&colour);
    pixDestroy(&grey);
    pixDestroy(&wide);
    pixDestroy(&palette);
}

static void large_png_with_rubbish_inside_is_damaged(void **state)
{
    struct Pix *pix = red_and_clear(false);
    struct opened_page page;
    struct buffer b;
    int fd;

    (void)state;
    document_encode(&b, pix, IFF_PNG);
    memset(b.bytes + b.count / 2, 0x55, 64);
    fd = document_fd(b.bytes, b.count);
    assert_int_equal(page_open(fd, 0, &page), OPENED_REFUSED);
    assert_string_equal(refusal_name(page.refusal), "damaged");
    (void)close(fd);
    buffer_release(&b);
    pixDestroy(&pix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_pngs_of_every_form_are_read),
        cmocka_unit_test(large_png_with_rubbish_inside_is_damaged),
    };

    (void)setMsgSeverity(L_SEVERITY_NONE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
