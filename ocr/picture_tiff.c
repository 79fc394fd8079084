#include "ocr/picture_tiff.h"

#include <leptonica/allheaders.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

#include "ocr/reduction.h"
#include "ocr/structure.h"
#include "ocr/tiff_memory.h"
#include "ocr/upright.h"

#define BAND_BYTES_MAX (64u << 20) /* a row of tiles as RGBA */
#define CM_PER_INCH    2.54f

/* --- what its tags say -------------------------------------------------------- */

enum alpha { ALPHA_NONE, ALPHA_PLAIN, ALPHA_MULTIPLIED };

struct form {
    uint32_t width, height;
    uint16_t bits, samples, photometric;
    uint16_t colours; /* of the samples: 1 or 3 */
    enum alpha alpha;
    uint16_t *palette[3]; /* libtiff's; of 256 each */
};

static enum alpha alpha_of(TIFF *tiff, const struct form *f)
{
    uint16_t count = 0, *kinds = NULL;

    if (f->samples == f->colours)
        return ALPHA_NONE;
    if (TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) && count > 0 &&
        kinds[0] == EXTRASAMPLE_UNASSALPHA)
        return ALPHA_PLAIN;
    return ALPHA_MULTIPLIED;
}

/* Of the photometric interpretations, those whose samples we know how to take. */
static bool take_colours(TIFF *tiff, struct form *f)
{
    uint16_t compression = COMPRESSION_NONE;

    switch (f->photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
        f->colours = 1;
        return true;
    case PHOTOMETRIC_PALETTE:
        f->colours = 1;
        return f->bits == 8 && f->samples == 1 &&
               TIFFGetField(tiff, TIFFTAG_COLORMAP, &f->palette[0], &f->palette[1],
                            &f->palette[2]);
    case PHOTOMETRIC_RGB:
        f->colours = 3;
        return true;
    case PHOTOMETRIC_YCBCR: /* which libjpeg makes RGB of */
        f->colours = 3;
        (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
        return compression == COMPRESSION_JPEG &&
               TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    }
    return false;
}

static bool take_sides(TIFF *tiff, struct form *f)
{
    return TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &f->width) &&
           TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &f->height) &&
           sides_check(f->width, f->height) == REFUSAL_NONE;
}

static bool take_samples(TIFF *tiff, struct form *f)
{
    uint16_t planes = 0, format = 0;

    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &f->bits);
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &f->samples);
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planes);
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
    if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &f->photometric) ||
        format != SAMPLEFORMAT_UINT || (f->bits != 8 && f->bits != 16) ||
        (planes != PLANARCONFIG_CONTIG && f->samples != 1) || !take_colours(tiff, f) ||
        f->samples < f->colours || f->samples > f->colours + 1)
        return false;
    f->alpha = alpha_of(tiff, f);
    return (uint64_t)TIFFScanlineSize(tiff) ==
           (uint64_t)f->width * f->samples * f->bits / 8;
}

/* --- strips -------------------------------------------------------------------- */

static uint8_t on_white(unsigned value, unsigned opacity, enum alpha alpha)
{
    unsigned white = 255 - opacity;

    value = alpha == ALPHA_PLAIN ? value * opacity / 255 + white : value + white;
    return (uint8_t)(value > 255 ? 255 : value);
}

/* One row's samples as bytes without opacity. */
static void plain_row(const struct form *f, const uint8_t *from, uint8_t *to)
{
    unsigned step = f->bits / 8u;
    uint8_t inverted = f->photometric == PHOTOMETRIC_MINISWHITE ? 255 : 0;

    /* libtiff gives 16 bits in the machine's order. */
    if (step == 2 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        from++;
    for (uint32_t x = 0; x < f->width; x++, from += step * f->samples) {
        if (f->photometric == PHOTOMETRIC_PALETTE) {
            for (int s = 0; s < 3; s++)
                *to++ = (uint8_t)(f->palette[s][from[0]] >> 8);
            continue;
        }
        for (unsigned s = 0; s < f->colours; s++) {
            uint8_t value = from[s * step] ^ inverted;

            *to++ = f->alpha == ALPHA_NONE
                        ? value
                        : on_white(value, from[f->colours * step], f->alpha);
        }
    }
}

static struct Pix *read_strips(TIFF *tiff, const struct form *f)
{
    uint32_t samples = f->photometric == PHOTOMETRIC_PALETTE ? 3 : f->colours;
    uint8_t *coded = malloc((size_t)TIFFScanlineSize(tiff));
    uint8_t *row = malloc((size_t)f->width * samples);
    struct Pix *pix = NULL;
    struct reduction r;

    if (coded == NULL || row == NULL ||
        reduction_start(&r, f->width, f->height, samples) != 0)
        goto out;
    for (uint32_t y = 0; y < f->height && TIFFReadScanline(tiff, coded, y, 0) == 1; y++) {
        plain_row(f, coded, row);
        reduction_take(&r, row);
    }
    pix = reduction_end(&r);
out:
    free(coded);
    free(row);
    return pix;
}

/* --- tiles --------------------------------------------------------------------- */

struct band {
    uint32_t tile_width, tile_height;
    uint32_t samples; /* 1: grey, 3: colour */
    uint32_t *tile;   /* as libtiff turns it: its last row first */
    uint8_t *rows;    /* of the picture's width */
};

/* Copies a tile to its place, without what stands beyond the picture. */
static void place_tile(const struct band *b, uint32_t width, uint32_t x)
{
    uint32_t columns = width - x < b->tile_width ? width - x : b->tile_width;

    for (uint32_t y = 0; y < b->tile_height; y++) {
        const uint32_t *from = b->tile + (size_t)(b->tile_height - 1 - y) * b->tile_width;
        uint8_t *to = b->rows + ((size_t)y * width + x) * b->samples;

        for (uint32_t i = 0; i < columns; i++)
            for (uint32_t s = 0; s < b->samples; s++) /* red in the lowest byte */
                *to++ =
                    on_white(from[i] >> 8 * s & 255, TIFFGetA(from[i]), ALPHA_MULTIPLIED);
    }
}

static bool read_band(TIFF *tiff, const struct band *b, uint32_t width, uint32_t y)
{
    for (uint32_t x = 0; x < width; x += b->tile_width) {
        if (!TIFFReadRGBATileExt(tiff, x, y, b->tile, 1))
            return false;
        place_tile(b, width, x);
    }
    return true;
}

static struct Pix *reduce_bands(TIFF *tiff, const struct form *f, const struct band *b)
{
    struct reduction r;

    if (reduction_start(&r, f->width, f->height, b->samples) != 0)
        return NULL;
    for (uint32_t y = 0; y < f->height && read_band(tiff, b, f->width, y);
         y += b->tile_height)
        for (uint32_t i = 0; i < b->tile_height && y + i < f->height; i++)
            reduction_take(&r, b->rows + (size_t)i * f->width * b->samples);
    return reduction_end(&r);
}

static bool is_grey(TIFF *tiff)
{
    uint16_t photometric = PHOTOMETRIC_RGB;

    (void)TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
    return photometric == PHOTOMETRIC_MINISWHITE || photometric == PHOTOMETRIC_MINISBLACK;
}

static struct Pix *read_tiles(TIFF *tiff, const struct form *f)
{
    struct band b = {.samples = is_grey(tiff) ? 1 : 3};
    struct Pix *pix = NULL;
    uint64_t across;

    /* Upright only at the end, not each tile for itself. */
    if (!TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT) ||
        !TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &b.tile_width) ||
        !TIFFGetField(tiff, TIFFTAG_TILELENGTH, &b.tile_height) || b.tile_width == 0 ||
        b.tile_height == 0)
        return NULL;
    across = f->width > b.tile_width ? f->width : b.tile_width;
    if (across * b.tile_height > BAND_BYTES_MAX / sizeof *b.tile)
        return NULL;
    b.tile = malloc((size_t)b.tile_width * b.tile_height * sizeof *b.tile);
    b.rows = malloc((size_t)f->width * b.tile_height * b.samples);
    if (b.tile != NULL && b.rows != NULL)
        pix = reduce_bands(tiff, f, &b);
    free(b.tile);
    free(b.rows);
    return pix;
}

/* --- a page ----------------------------------------------------------------------- */

/* In dots per inch; 0: it does not say. */
static l_int32 density_of(TIFF *tiff)
{
    uint16_t unit = RESUNIT_INCH;
    float density = 0;

    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
    if (!TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &density))
        return 0;
    if (unit == RESUNIT_CENTIMETER)
        density *= CM_PER_INCH;
    return density > 0 && density < 1e6f ? (l_int32)(density + 0.5f) : 0;
}

static struct Pix *read_page(TIFF *tiff, uint32_t *width, uint32_t *height)
{
    uint16_t orientation = ORIENTATION_TOPLEFT;
    struct form f = {0};
    struct Pix *pix = NULL;

    if (!take_sides(tiff, &f))
        return NULL;
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &orientation);
    if (orientation < ORIENTATION_TOPLEFT || orientation > ORIENTATION_LEFTBOT)
        orientation = ORIENTATION_TOPLEFT;
    if (TIFFIsTiled(tiff))
        pix = read_tiles(tiff, &f);
    else if ((uint64_t)f.width * f.height > REDUCED_FROM && take_samples(tiff, &f))
        pix = read_strips(tiff, &f);
    if (pix == NULL || (pix = pix_upright(pix, orientation)) == NULL)
        return NULL;
    pixSetResolution(pix, density_of(tiff), density_of(tiff));
    *width = upright_is_sideways(orientation) ? f.height : f.width;
    *height = upright_is_sideways(orientation) ? f.width : f.height;
    return pix;
}

struct Pix *picture_tiff_rows(const uint8_t *bytes, size_t count, uint32_t page,
                              uint32_t *width, uint32_t *height)
{
    struct tiff_memory m = {.bytes = bytes, .count = count};
    TIFF *tiff = tiff_memory_open(&m);
    struct Pix *pix = NULL;

    if (tiff == NULL)
        return NULL;
    if (TIFFSetDirectory(tiff, (tdir_t)page))
        pix = read_page(tiff, width, height);
    TIFFClose(tiff);
    return pix;
}
