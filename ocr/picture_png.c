#include "ocr/picture_png.h"

#include <leptonica/allheaders.h>
#include <png.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ocr/reduction.h"

#define METRES_PER_INCH 0.0254

/* Outlives libpng's jumps. */
struct page {
    const uint8_t *bytes;
    size_t count, at;
    png_structp png;
    png_infop info;
    uint8_t *row;
    bool reducing; /* what reduction_end() must be called for */
    struct reduction reduction;
};

static void take_bytes(png_structp png, png_bytep out, size_t count)
{
    struct page *p = png_get_io_ptr(png);

    if (count > p->count - p->at)
        png_error(png, "cut off");
    memcpy(out, p->bytes + p->at, count);
    p->at += count;
}

static void fail(png_structp png, png_const_charp text)
{
    (void)text;
    png_longjmp(png, 1);
}

static void pass_over(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

/* Into 8 bits of grey or colour on white; false for what is read otherwise. */
static bool take_header(struct page *p)
{
    png_color_16 white = {0};
    png_uint_16 level;

    png_read_info(p->png, p->info);
    if ((uint64_t)png_get_image_width(p->png, p->info) *
                png_get_image_height(p->png, p->info) <=
            REDUCED_FROM ||
        png_get_bit_depth(p->png, p->info) < 8 ||
        png_get_interlace_type(p->png, p->info) != PNG_INTERLACE_NONE)
        return false;
    level = png_get_bit_depth(p->png, p->info) == 8 ? 0xff : 0xffff;
    white.red = white.green = white.blue = white.gray = level;
    png_set_expand(p->png);
    png_set_background(p->png, &white, PNG_BACKGROUND_GAMMA_SCREEN, 0, 1);
    png_set_strip_16(p->png);
    png_read_update_info(p->png, p->info);
    return true;
}

static bool take_rows(struct page *p)
{
    uint32_t width = png_get_image_width(p->png, p->info);
    uint32_t height = png_get_image_height(p->png, p->info);
    uint32_t samples = png_get_channels(p->png, p->info);
    size_t row_bytes = png_get_rowbytes(p->png, p->info);

    if ((samples != 1 && samples != 3) || row_bytes != (size_t)width * samples)
        return false;
    p->row = malloc(row_bytes);
    p->reducing =
        p->row != NULL && reduction_start(&p->reduction, width, height, samples) == 0;
    if (!p->reducing)
        return false;
    for (uint32_t y = 0; y < height; y++) {
        png_read_row(p->png, p->row, NULL);
        reduction_take(&p->reduction, p->row);
    }
    png_read_end(p->png, NULL);
    return true;
}

static bool take_page(struct page *p)
{
    if (setjmp(png_jmpbuf(p->png)) != 0)
        return false;
    png_set_read_fn(p->png, p, take_bytes);
    return take_header(p) && take_rows(p);
}

static l_int32 density_of(const struct page *p)
{
    double density = png_get_x_pixels_per_meter(p->png, p->info) * METRES_PER_INCH;

    return density < 1e6 ? (l_int32)(density + 0.5) : 0;
}

struct Pix *picture_png_rows(const uint8_t *bytes, size_t count)
{
    struct page p = {.bytes = bytes, .count = count};
    struct Pix *pix = NULL;
    bool taken;

    p.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, fail, pass_over);
    if (p.png == NULL)
        return NULL;
    p.info = png_create_info_struct(p.png);
    taken = p.info != NULL && take_page(&p);
    if (p.reducing)
        pix = reduction_end(&p.reduction);
    if (!taken)
        pixDestroy(&pix);
    if (pix != NULL)
        (void)pixSetResolution(pix, density_of(&p), density_of(&p));
    png_destroy_read_struct(&p.png, &p.info, NULL);
    free(p.row);
    return pix;
}
