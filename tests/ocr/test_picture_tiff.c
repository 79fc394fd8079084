/* TIFFs that are read row by row: every form of large ones, and tiles. */
#include "ocr/opener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <leptonica/allheaders.h>
#include <tiffio.h>

/* More than lies in memory whole, and no multiple of anything. */
#define WIDTH  6007
#define HEIGHT 3011

#define LEVELS_OFF_MAX 6 /* JPEG's; and rounding */

struct sheet {
    const char *name;
    uint32_t width, height;
    uint16_t samples, bits, photometric, compression;
    uint32_t strip;   /* rows of one; 0: tiles */
    const char *mode; /* NULL, "wb": big-endian, "w8": BigTIFF */
    bool clear;       /* the last sample is opacity, and the lower half has none */
    uint16_t orientation;
};

/* Dark in the first corner, light that changes to both sides elsewhere. */
static uint8_t sample_at(const struct sheet *s, uint32_t x, uint32_t y, unsigned sample)
{
    if (s->clear && sample + 1u == s->samples)
        return y < s->height / 2 ? 255 : 0;
    if (s->clear && y >= s->height / 2)
        return 0;
    if (x < s->width / 4 && y < s->height / 8)
        return 10;
    return (uint8_t)(sample == 0   ? 60 + 150 * x / s->width
                     : sample == 1 ? 60 + 150 * y / s->height
                                   : 200);
}

static uint8_t colour_at(const struct sheet *s, uint32_t x, uint32_t y, unsigned colour)
{
    uint8_t first = sample_at(s, x, y, 0);

    if (s->clear && y >= s->height / 2)
        return 255;
    switch (s->photometric) {
    case PHOTOMETRIC_MINISWHITE:
        return 255 - first;
    case PHOTOMETRIC_MINISBLACK:
        return first;
    case PHOTOMETRIC_PALETTE:
        return colour == 0 ? first : colour == 1 ? 255 - first : 77;
    }
    return sample_at(s, x, y, colour);
}

static void put_tags(TIFF *t, const struct sheet *s)
{
    uint16_t palette[3][256], opacity = EXTRASAMPLE_UNASSALPHA;

    TIFFSetField(t, TIFFTAG_IMAGEWIDTH, s->width);
    TIFFSetField(t, TIFFTAG_IMAGELENGTH, s->height);
    TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, s->bits);
    TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, s->samples);
    TIFFSetField(t, TIFFTAG_PHOTOMETRIC, s->photometric);
    TIFFSetField(t, TIFFTAG_COMPRESSION, s->compression);
    TIFFSetField(t, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(t, TIFFTAG_ORIENTATION,
                 s->orientation == 0 ? ORIENTATION_TOPLEFT : s->orientation);
    TIFFSetField(t, TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER);
    TIFFSetField(t, TIFFTAG_XRESOLUTION, 400 / 2.54);
    TIFFSetField(t, TIFFTAG_YRESOLUTION, 400 / 2.54);
    if (s->compression == COMPRESSION_JPEG)
        TIFFSetField(t, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    if (s->clear)
        TIFFSetField(t, TIFFTAG_EXTRASAMPLES, 1, &opacity);
    for (unsigned i = 0; i < 256; i++) {
        palette[0][i] = (uint16_t)(i << 8);
        palette[1][i] = (uint16_t)((255 - i) << 8);
        palette[2][i] = 77 << 8;
    }
    if (s->photometric == PHOTOMETRIC_PALETTE)
        TIFFSetField(t, TIFFTAG_COLORMAP, palette[0], palette[1], palette[2]);
    if (s->strip > 0) {
        TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, s->strip);
    } else {
        TIFFSetField(t, TIFFTAG_TILEWIDTH, 64);
        TIFFSetField(t, TIFFTAG_TILELENGTH, 48);
    }
}

/* `count` pixels of row y from column x on; beyond the sheet is nothing. */
static void draw(const struct sheet *s, uint32_t x, uint32_t y, uint32_t count,
                 uint8_t *to)
{
    memset(to, 0, ((size_t)count * s->samples * s->bits + 7) / 8);
    for (uint32_t i = 0; i < count && x + i < s->width && y < s->height; i++)
        for (unsigned sample = 0; sample < s->samples; sample++) {
            uint8_t level = sample_at(s, x + i, y, sample);
            size_t at = (size_t)i * s->samples + sample;

            if (s->bits == 1 && level > 127)
                to[at / 8] |= (uint8_t)(128 >> at % 8);
            else if (s->bits == 8)
                to[at] = level;
            else if (s->bits == 16) /* the low byte is noise to us */
                ((uint16_t *)(void *)to)[at] = (uint16_t)(level << 8 | 0x5a);
        }
}

static void put_tile(TIFF *t, const struct sheet *s, uint32_t x, uint32_t y)
{
    size_t row = (64u * s->samples * s->bits + 7) / 8;
    uint8_t *tile = malloc(48 * row);

    for (uint32_t i = 0; i < 48; i++)
        draw(s, x, y + i, 64, tile + i * row);
    assert_true(TIFFWriteTile(t, tile, x, y, 0, 0) > 0);
    free(tile);
}

static int sheet_fd(const struct sheet *s)
{
    int fd = memfd_create("sheet", MFD_CLOEXEC);
    TIFF *t = TIFFFdOpen(dup(fd), "sheet", s->mode == NULL ? "w" : s->mode);
    uint8_t *row = malloc((size_t)s->width * s->samples * 2);

    assert_non_null(t);
    put_tags(t, s);
    for (uint32_t y = 0; s->strip > 0 && y < s->height; y++) {
        draw(s, 0, y, s->width, row);
        assert_int_equal(TIFFWriteScanline(t, row, y, 0), 1);
    }
    for (uint32_t y = 0; s->strip == 0 && y < s->height; y += 48)
        for (uint32_t x = 0; x < s->width; x += 64)
            put_tile(t, s, x, y);
    free(row);
    TIFFClose(t);
    return fd;
}

static void expect_level(const struct sheet *s, uint32_t x, uint32_t y, unsigned got,
                         unsigned colour)
{
    unsigned wanted = colour_at(s, x, y, colour);

    if (s->bits == 1)
        wanted = wanted > 127 ? 255 : 0;
    if (got > wanted + LEVELS_OFF_MAX || got + LEVELS_OFF_MAX < wanted)
        fail_msg("%s: %u instead of %u at %u, %u", s->name, got, wanted, x, y);
}

/* In the middle of each of 24 by 24 fields, none of which is on the mark's edge. */
static void expect_levels(const struct sheet *s, struct Pix *pix)
{
    for (uint32_t n = 0; n < 24 * 24; n++) {
        uint32_t x = (n % 24 * 2 + 1) * s->width / 48;
        uint32_t y = (n / 24 * 2 + 1) * s->height / 48;
        l_uint32 value = 0;

        (void)pixGetPixel(pix, (l_int32)((uint64_t)x * pixGetWidth(pix) / s->width),
                          (l_int32)((uint64_t)y * pixGetHeight(pix) / s->height), &value);
        if (pixGetDepth(pix) == 8)
            expect_level(s, x, y, value, 0);
        for (unsigned c = 0; pixGetDepth(pix) == 32 && c < 3; c++)
            expect_level(s, x, y, value >> (24 - 8 * c) & 255, c);
    }
}

static void expect_read(const struct sheet *s, int depth)
{
    struct opened_page page;
    int fd = sheet_fd(s);

    if (page_open(fd, 0, &page) != OPENED)
        fail_msg("%s: %s", s->name, refusal_name(page.refusal));
    assert_int_equal(pixGetDepth(page.pix), depth);
    assert_int_equal(page.width, s->width);
    assert_int_equal(page.height, s->height);
    assert_int_equal(page.dpi, 400);
    assert_true((uint64_t)pixGetWidth(page.pix) * (uint64_t)pixGetHeight(page.pix) <=
                PAGE_PIXELS_MAX);
    expect_levels(s, page.pix);
    pixDestroy(&page.pix);
    (void)close(fd);
}

/* --- stories ----------------------------------------------------------------- */

static void large_strips_of_every_form_are_read(void **state)
{
    static const struct sheet sheets[] = {
        {"colour", WIDTH, HEIGHT, 3, 8, PHOTOMETRIC_RGB, COMPRESSION_NONE, 100, NULL,
         false, 0},
        {"LZW", WIDTH, HEIGHT, 3, 8, PHOTOMETRIC_RGB, COMPRESSION_LZW, HEIGHT, NULL,
         false, 0},
        {"16 bits", WIDTH, HEIGHT, 3, 16, PHOTOMETRIC_RGB, COMPRESSION_PACKBITS, 64, NULL,
         false, 0},
        {"16 bits, big-endian", WIDTH, HEIGHT, 1, 16, PHOTOMETRIC_MINISBLACK,
         COMPRESSION_NONE, 1, "wb", false, 0},
        {"JPEG", WIDTH, HEIGHT, 3, 8, PHOTOMETRIC_YCBCR, COMPRESSION_JPEG, 16, NULL,
         false, 0},
        {"palette", WIDTH, HEIGHT, 1, 8, PHOTOMETRIC_PALETTE, COMPRESSION_LZW, 10, NULL,
         false, 0},
        {"opacity", WIDTH, HEIGHT, 4, 8, PHOTOMETRIC_RGB, COMPRESSION_NONE, HEIGHT, NULL,
         true, 0},
        {"grey", WIDTH, HEIGHT, 1, 8, PHOTOMETRIC_MINISBLACK, COMPRESSION_ADOBE_DEFLATE,
         HEIGHT, NULL, false, 0},
        {"white is nought", WIDTH, HEIGHT, 1, 8, PHOTOMETRIC_MINISWHITE, COMPRESSION_NONE,
         7, "w8", false, 0},
        {"A3 at 400 dpi", 4677, 6614, 3, 8, PHOTOMETRIC_RGB, COMPRESSION_NONE, 6614, NULL,
         false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof sheets / sizeof *sheets; i++)
        expect_read(&sheets[i],
                    sheets[i].samples >= 3 || sheets[i].photometric == PHOTOMETRIC_PALETTE
                        ? 32
                        : 8);
}

static void tiles_are_read(void **state)
{
    static const struct sheet sheets[] = {
        {"tiles", 301, 211, 3, 8, PHOTOMETRIC_RGB, COMPRESSION_LZW, 0, NULL, false, 0},
        {"palette", 301, 211, 1, 8, PHOTOMETRIC_PALETTE, COMPRESSION_NONE, 0, NULL, false,
         0},
        {"opacity", 301, 211, 4, 8, PHOTOMETRIC_RGB, COMPRESSION_NONE, 0, NULL, true, 0},
        {"large", WIDTH, HEIGHT, 3, 8, PHOTOMETRIC_YCBCR, COMPRESSION_JPEG, 0, NULL,
         false, 0},
        {"grey", 301, 211, 1, 8, PHOTOMETRIC_MINISWHITE, COMPRESSION_NONE, 0, NULL, false,
         0},
        {"bits", 301, 211, 1, 1, PHOTOMETRIC_MINISBLACK, COMPRESSION_NONE, 0, NULL, false,
         0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof sheets / sizeof *sheets; i++)
        expect_read(&sheets[i], i < 4 ? 32 : 8);
}

/* The sheet's first corner, where it is dark, goes where the tag says. */
static void expect_dark_corner(struct sheet *s, uint16_t orientation)
{
    static const char *const corners[] = {"",   "tl", "tr", "br", "bl",
                                          "tl", "tr", "br", "bl"};
    bool on_its_side = orientation >= ORIENTATION_LEFTTOP;
    struct opened_page page;
    l_int32 x, y;
    l_uint32 value = 0;
    int fd;

    s->orientation = orientation;
    fd = sheet_fd(s);
    assert_int_equal(page_open(fd, 0, &page), OPENED);
    assert_int_equal(page.width, on_its_side ? s->height : s->width);
    assert_int_equal(page.height, on_its_side ? s->width : s->height);
    /* A third of the mark's longer side in, a third of its shorter one down. */
    x = pixGetWidth(page.pix) / (on_its_side ? 24 : 12);
    y = pixGetHeight(page.pix) / (on_its_side ? 12 : 24);
    if (corners[orientation][0] == 'b')
        y = pixGetHeight(page.pix) - 1 - y;
    if (corners[orientation][1] == 'r')
        x = pixGetWidth(page.pix) - 1 - x;
    (void)pixGetPixel(page.pix, x, y, &value);
    if ((value >> 24) > 30)
        fail_msg("orientation %u: %u", orientation, value >> 24);
    pixDestroy(&page.pix);
    (void)close(fd);
}

static void rows_and_tiles_are_upright_as_their_tag_says(void **state)
{
    struct sheet tiles = {"tiles",          301, 211,  3,     8, PHOTOMETRIC_RGB,
                          COMPRESSION_NONE, 0,   NULL, false, 0};
    struct sheet rows = {
        "rows", WIDTH, HEIGHT, 3, 8, PHOTOMETRIC_RGB, COMPRESSION_PACKBITS,
        HEIGHT, NULL,  false,  0};

    (void)state;
    for (uint16_t way = ORIENTATION_TOPLEFT; way <= ORIENTATION_LEFTBOT; way++)
        expect_dark_corner(&tiles, way);
    expect_dark_corner(&rows, ORIENTATION_BOTLEFT);
    expect_dark_corner(&rows, ORIENTATION_RIGHTTOP);
}

/* Rubbish in the middle of what an LZW strip or tile holds. */
static void expect_damaged(const struct sheet *s)
{
    struct opened_page page;
    int fd = sheet_fd(s);
    uint8_t rubbish[512];

    memset(rubbish, 0xff, sizeof rubbish);
    for (off_t at = 600; at < 1200; at += 300)
        assert_int_equal(pwrite(fd, rubbish, sizeof rubbish, at), sizeof rubbish);
    assert_int_equal(page_open(fd, 0, &page), OPENED_REFUSED);
    assert_string_equal(refusal_name(page.refusal), "damaged");
    assert_null(page.pix);
    (void)close(fd);
}

static void damaged_rows_and_tiles_are_refused(void **state)
{
    static const struct sheet tiles = {
        "tiles", 301, 211, 3, 8, PHOTOMETRIC_RGB, COMPRESSION_LZW, 0, NULL, false, 0};
    static const struct sheet rows = {
        "rows",          WIDTH,  HEIGHT, 1,     8, PHOTOMETRIC_MINISBLACK,
        COMPRESSION_LZW, HEIGHT, NULL,   false, 0};

    (void)state;
    expect_damaged(&tiles);
    expect_damaged(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_strips_of_every_form_are_read),
        cmocka_unit_test(tiles_are_read),
        cmocka_unit_test(rows_and_tiles_are_upright_as_their_tag_says),
        cmocka_unit_test(damaged_rows_and_tiles_are_refused),
    };

    (void)setMsgSeverity(L_SEVERITY_NONE);
    TIFFSetWarningHandler(NULL);
    TIFFSetErrorHandler(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
