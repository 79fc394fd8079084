#include "ocr/picture.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>

#include "ocr/picture_png.h"
#include "ocr/picture_tiff.h"

#define A4_LONG_SIDE_INCHES 11.69
/* No scanner of ours goes beyond; a camera's "72" on a picture of 4000 pixels would
 * be a page of 1.4 m, larger than A0. */
#define DPI_MIN              50
#define DPI_MAX              1200
#define LONG_SIDE_INCHES_MAX 47

static bool begins(const uint8_t *bytes, size_t count, const char *magic, size_t n)
{
    return count >= n && memcmp(bytes, magic, n) == 0;
}

enum picture picture_kind(const uint8_t *bytes, size_t count)
{
    if (begins(bytes, count, "\xff\xd8\xff", 3))
        return PICTURE_JPEG;
    if (begins(bytes, count, "\x89PNG\r\n\x1a\n", 8))
        return PICTURE_PNG;
    if (begins(bytes, count, "II*\0", 4) || begins(bytes, count, "MM\0*", 4) ||
        begins(bytes, count, "II+\0\x08\0\0\0", 8) ||
        begins(bytes, count, "MM\0+\0\x08\0\0", 8))
        return PICTURE_TIFF;
    if (count >= 3 && bytes[0] == 'P' && bytes[1] >= '4' && bytes[1] <= '6' &&
        (bytes[2] == '\n' || bytes[2] == ' '))
        return PICTURE_PNM;
    return PICTURE_NONE;
}

/* P4, P5 and P6 as pdftoppm writes them: the data must be there to its end. */
static enum refusal pnm_check(const uint8_t *bytes, size_t count, struct structure *out)
{
    l_int32 width, height, depth, type, bits, samples;
    uint64_t row_bits;
    enum refusal r;

    if (readHeaderMemPnm(bytes, count, &width, &height, &depth, &type, &bits, &samples) !=
            0 ||
        width <= 0 || height <= 0)
        return REFUSAL_DAMAGED;
    if ((r = sides_check((uint64_t)width, (uint64_t)height)) != REFUSAL_NONE)
        return r;
    row_bits = (uint64_t)width * (uint64_t)bits * (uint64_t)samples;
    if ((row_bits + 7) / 8 * (uint64_t)height >= count)
        return REFUSAL_CUT_OFF;
    *out = (struct structure){
        .pages = 1, .width = (uint32_t)width, .height = (uint32_t)height};
    return REFUSAL_NONE;
}

enum refusal picture_check(enum picture kind, const uint8_t *bytes, size_t count,
                           struct structure *out)
{
    *out = (struct structure){0};
    switch (kind) {
    case PICTURE_JPEG:
        return jpeg_walk(bytes, count, out);
    case PICTURE_PNG:
        return png_walk(bytes, count, out);
    case PICTURE_TIFF:
        return tiff_walk(bytes, count, out);
    case PICTURE_PNM:
        return pnm_check(bytes, count, out);
    case PICTURE_NONE:
        break;
    }
    return REFUSAL_WRONG_TYPE;
}

uint32_t picture_dpi(uint32_t said, uint32_t width, uint32_t height)
{
    uint32_t longer = width > height ? width : height;
    long guess;

    if (said >= DPI_MIN && said <= DPI_MAX && longer <= said * LONG_SIDE_INCHES_MAX)
        return said;
    guess = lround(longer / A4_LONG_SIDE_INCHES);
    if (guess < DPI_MIN)
        return DPI_MIN;
    return guess > DPI_MAX ? DPI_MAX : (uint32_t)guess;
}

/* Takes `pix`; gives 1, 8 or 32 bits, without palette and transparency. */
static struct Pix *plain_pix(struct Pix *pix)
{
    struct Pix *plain = NULL, *flat;

    if (pixGetColormap(pix) != NULL)
        plain = pixRemoveColormap(pix, REMOVE_CMAP_BASED_ON_SRC);
    else if (pixGetDepth(pix) == 32 && pixGetSpp(pix) == 4)
        plain = pixAlphaBlendUniform(pix, 0xffffff00);
    else
        plain = pixClone(pix);
    pixDestroy(&pix);
    if (plain == NULL)
        return NULL;
    switch (pixGetDepth(plain)) {
    case 1:
    case 8:
    case 32:
        return plain;
    case 16:
        flat = pixConvert16To8(plain, L_MS_BYTE);
        break;
    default: /* 2 or 4 bits of grey */
        flat = pixConvertTo8(plain, 0);
    }
    pixDestroy(&plain);
    return flat;
}

/* Takes `pix`; gives one of at most PAGE_PIXELS_MAX. */
static struct Pix *small_pix(struct Pix *pix)
{
    double pixels = (double)pixGetWidth(pix) * pixGetHeight(pix);
    float scale = (float)sqrt(PAGE_PIXELS_MAX / pixels);
    struct Pix *small;

    if (pixels <= PAGE_PIXELS_MAX)
        return pix;
    small =
        pixGetDepth(pix) == 1 ? pixScaleToGray(pix, scale) : pixScale(pix, scale, scale);
    pixDestroy(&pix);
    return small;
}

/* Decoders do not say why they gave nothing. Of a picture that the memory left would
 * not hold twice, as rows and as pixels, that is why. */
static enum refusal why_nothing(uint32_t width, uint32_t height)
{
    size_t bytes = 2 * sizeof(l_uint32) * ((size_t)width * height + 1);
    void *room = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (room == MAP_FAILED)
        return REFUSAL_OUT_OF_MEMORY;
    (void)munmap(room, bytes); /* our own mapping, as it was made */
    return REFUSAL_DAMAGED;
}

enum refusal picture_finish(struct Pix *pix, uint32_t width, uint32_t height,
                            uint32_t dpi, struct opened_page *out)
{
    if (pix == NULL)
        return why_nothing(width, height);
    pix = plain_pix(pix);
    if (pix != NULL)
        pix = small_pix(pix);
    if (pix == NULL)
        return REFUSAL_OUT_OF_MEMORY;
    out->pix = pix;
    out->width = width;
    out->height = height;
    out->dpi = picture_dpi(dpi, width, height);
    return REFUSAL_NONE;
}

/* The decoder drops what we would scale away anyhow, but never below
 * PAGE_PIXELS_MAX: a page at 320 dpi must not be read at 160. */
static l_int32 jpeg_reduction(uint64_t width, uint64_t height)
{
    l_int32 reduction = 8;

    while (reduction > 1 &&
           width * height / (uint64_t)(reduction * reduction) < PAGE_PIXELS_MAX)
        reduction /= 2;
    return reduction;
}

/* The sides in *s become those of this page. */
static struct Pix *tiff_read(const uint8_t *bytes, size_t count, uint32_t page,
                             struct structure *s)
{
    struct Pix *pix = picture_tiff_rows(bytes, count, page, &s->width, &s->height);

    if (pix != NULL)
        return pix;
    pix = pixReadMemTiff(bytes, count, (l_int32)page);
    if (pix != NULL) {
        s->width = (uint32_t)pixGetWidth(pix);
        s->height = (uint32_t)pixGetHeight(pix);
    }
    return pix;
}

enum refusal picture_decode(enum picture kind, const uint8_t *bytes, size_t count,
                            uint32_t page, struct opened_page *out)
{
    struct structure s;
    struct Pix *pix = NULL;
    enum refusal r = picture_check(kind, bytes, count, &s);

    if (r != REFUSAL_NONE)
        return r;
    if (page >= s.pages)
        return REFUSAL_NO_PAGES;
    switch (kind) {
    case PICTURE_JPEG:
        pix = pixReadMemJpeg(bytes, count, 0, jpeg_reduction(s.width, s.height), NULL, 0);
        break;
    case PICTURE_PNG:
        pix = picture_png_rows(bytes, count);
        if (pix == NULL)
            pix = pixReadMemPng(bytes, count);
        break;
    case PICTURE_TIFF:
        pix = tiff_read(bytes, count, page, &s);
        break;
    case PICTURE_PNM:
        pix = pixReadMemPnm(bytes, count);
        break;
    case PICTURE_NONE:
        break;
    }
    return picture_finish(pix, s.width, s.height,
                          pix == NULL ? 0 : (uint32_t)pixGetXRes(pix), out);
}
