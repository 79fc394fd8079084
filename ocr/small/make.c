#include "ocr/small/small.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>

#include "ocr/small/ink.h"
#include "ocr/small/jbig2.h"
#include "ocr/small/paper.h"
#include "ocr/small/pdf_out.h"
#include "ocr/small/pictures.h"

/* Measured: letters as well read as at 300 dpi, at half the bytes. */
#define INK_DPI 200
/* What is of one bit already loses more by being scaled than it gains. */
#define BITS_DPI_MAX 240
/* Letters of a coarser page are drawn finer before their edge is looked for. */
#define FINE_DPI_MIN   150
#define FINER_MAX      2.0
#define COARSER        0.7          /* of the resolution, when it is too many bytes */
#define BYTES_GOOD_MAX (128u << 10) /* more is worth one coarser attempt */
/* Small letters gain from a finer edge (measured: of a typewriter's two thirds of the
 * errors went); a page that has few letters has room for it. */
#define BYTES_FINE_MAX 29000
/* Of a grainy copy the letters need it more (measured: of a register's errors half
 * went). */
#define BYTES_FINE_NOISY_MAX 43500
#define SIDE_MIN             4  /* pixels, after scaling down */
#define TO_GREY_MIN          64 /* Leptonica takes no narrower page */
#define THUMBNAIL_BYTES      (6u << 10)
#define THUMBNAIL_BEST       45
#define THUMBNAIL_WORST      10

static int out_of_memory(struct err *e)
{
    return err_set(e, ERR_MEMORY, "small image: out of memory");
}

/* --- the layers ---------------------------------------------------------------- */

struct layers {
    uint32_t width, height, dpi;
    struct pdf_colour paper;
    struct inks inks;
    struct pictures pictures;
};

static void layers_release(struct layers *l)
{
    inks_release(&l->inks);
    pictures_release(&l->pictures);
}

/* Of 8 or 32 bits. NULL: no memory. */
static struct Pix *scaled(struct Pix *pix, double scale)
{
    double least = fmin(pixGetWidth(pix), pixGetHeight(pix));
    struct Pix *grey, *out;

    if (scale < 1 && least * scale < SIDE_MIN)
        scale = fmin(1, SIDE_MIN / least);
    if (pixGetDepth(pix) == 1 && scale < 1 && least > TO_GREY_MIN)
        return pixScaleToGray(pix, (float)scale);
    grey = pixGetDepth(pix) == 1 ? pixConvertTo8(pix, 0) : pixClone(pix);
    if (grey == NULL || scale == 1)
        return grey;
    out = scale < 1 ? pixScaleAreaMap(grey, (float)scale, (float)scale)
                    : pixScale(grey, (float)scale, (float)scale);
    pixDestroy(&grey);
    return out;
}

/* Takes `page` of 8 or 32 bits. */
static int part(struct layers *out, struct Pix *page, uint32_t dpi)
{
    struct paper paper = {0};
    struct Pix *even = NULL;
    int rc = -1;

    if (page == NULL || paper_look(&paper, page, dpi) != 0 ||
        pictures_find(&out->pictures, &paper, page, dpi) != 0)
        goto out;
    out->paper = paper.tone;
    even = paper_even(&paper, page);
    if (even == NULL || inks_part(&out->inks, even, dpi) != 0)
        goto out;
    pictures_clear(&out->pictures, &out->inks);
    rc = 0;
out:
    pixDestroy(&even);
    paper_release(&paper);
    pixDestroy(&page);
    return rc;
}

static int layers_make(struct layers *out, struct Pix *page, double dpi, double scale)
{
    int rc;

    *out = (struct layers){.paper = {255, 255, 255},
                           .dpi = (uint32_t)lround(fmax(dpi * scale, 1))};
    if (pixGetDepth(page) == 1 && scale == 1)
        rc = inks_of_bits(&out->inks, page, out->dpi);
    else
        rc = part(out, scaled(page, scale), out->dpi);
    if (rc == 0) {
        out->width = (uint32_t)pixGetWidth(out->inks.masks[INK_BLACK]);
        out->height = (uint32_t)pixGetHeight(out->inks.masks[INK_BLACK]);
    }
    return rc;
}

/* --- the file ------------------------------------------------------------------- */

/* JBIG2's bytes are Leptonica's words, the other way round on most machines. */
static void append_ink(struct buffer *out, struct Pix *mask, struct Pix *doubts)
{
    struct jbig2_bitmap b = {.width = (uint32_t)pixGetWidth(mask),
                             .height = (uint32_t)pixGetHeight(mask),
                             .row_bytes = (size_t)pixGetWpl(mask) * sizeof(l_uint32),
                             .rows = (uint8_t *)pixGetData(mask)};

    if (doubts != NULL)
        b.doubts = (const uint8_t *)pixGetData(doubts);
    (void)pixEndianByteSwap(mask); /* cannot fail: there is a pix */
    jbig2_encode(&b, out);
    (void)pixEndianByteSwap(mask);
}

static struct pdf_picture picture_of(const struct picture_jpeg *p)
{
    return (struct pdf_picture){.kind = p->coloured ? PDF_JPEG_COLOUR : PDF_JPEG_GREY,
                                .width = p->width,
                                .height = p->height,
                                .bytes = &p->jpeg,
                                .left = p->left,
                                .top = p->top,
                                .shown_width = p->shown_width,
                                .shown_height = p->shown_height};
}

static bool is_empty(struct Pix *mask)
{
    l_int32 empty = 0;

    return pixZero(mask, &empty) == 0 && empty;
}

/* Red lies under blue, and both under black: a seal is read through. */
static void write_layers(struct layers *l, bool with_doubts, struct buffer *out)
{
    static const enum ink order[] = {INK_GREY, INK_RED, INK_BLUE, INK_BLACK};
    struct pdf_picture pictures[PICTURES_MAX + INKS];
    struct buffer coded[INKS];
    struct pdf_leaf sheet = {.width = l->width,
                             .height = l->height,
                             .dpi = l->dpi,
                             .paper = l->paper,
                             .pictures = pictures};
    struct Pix *doubts = with_doubts ? l->inks.doubts : NULL;

    if (doubts != NULL)
        (void)pixEndianByteSwap(doubts); /* as the masks will be */
    for (size_t i = 0; i < l->pictures.count; i++)
        pictures[sheet.pictures_count++] = picture_of(&l->pictures.items[i]);
    for (size_t i = 0; i < INKS; i++) {
        struct Pix *mask = l->inks.masks[order[i]];

        buffer_init(&coded[i], UINT32_MAX);
        if (mask == NULL || is_empty(mask))
            continue;
        append_ink(&coded[i], mask, doubts);
        pictures[sheet.pictures_count++] =
            (struct pdf_picture){.kind = PDF_STENCIL,
                                 .width = l->width,
                                 .height = l->height,
                                 .ink = l->inks.colours[order[i]],
                                 .bytes = &coded[i],
                                 .shown_width = l->width,
                                 .shown_height = l->height};
        if (coded[i].failed != ERR_NONE)
            out->failed = coded[i].failed;
    }
    pdf_write(&sheet, out);
    if (doubts != NULL)
        (void)pixEndianByteSwap(doubts);
    for (size_t i = 0; i < INKS; i++)
        buffer_release(&coded[i]);
}

static double room_for(bool noisy)
{
    return noisy ? BYTES_FINE_NOISY_MAX : BYTES_FINE_MAX;
}

/* What a drawing can be told by. */
struct drawn {
    bool noisy;
    size_t least; /* its bytes when what is in doubt costs as little as it can */
};

/* Replaces *out. What is in doubt stays as it was seen where there is room for that
 * (measured: half of the errors go, for a tenth of the bytes; a third if noisy). */
static void write_fitting(struct layers *l, struct buffer *out, size_t *least)
{
    struct buffer settled, spare;

    buffer_release(out);
    buffer_init(out, UINT32_MAX);
    write_layers(l, false, out);
    *least = out->count;
    if (l->inks.doubts == NULL)
        return;
    buffer_init(&settled, UINT32_MAX);
    write_layers(l, true, &settled); /* after: it alters the inks */
    *least = settled.count;
    if ((double)out->count > room_for(l->inks.noisy))
        spare = *out, *out = settled, settled = spare;
    buffer_release(&settled);
}

static double first_scale(struct Pix *page, double dpi)
{
    if (pixGetDepth(page) == 1 && dpi <= BITS_DPI_MAX)
        return 1;
    if (dpi < FINE_DPI_MIN)
        return fmin(INK_DPI / dpi, FINER_MAX);
    return fmin(INK_DPI / dpi, 1);
}

/* Replaces out's image. */
static int draw(struct small *out, struct Pix *page, double dpi, double scale,
                struct drawn *drawn, struct err *e)
{
    struct layers l;
    int rc = layers_make(&l, page, dpi, scale);

    *drawn = (struct drawn){.noisy = l.inks.noisy};
    if (rc == 0) {
        likeness_take(&out->likeness, l.inks.masks[INK_BLACK]);
        write_fitting(&l, &out->image, &drawn->least); /* it alters the inks */
    }
    out->dpi = l.dpi;
    layers_release(&l);
    return rc == 0 && out->image.failed == ERR_NONE ? 0 : out_of_memory(e);
}

/* How much finer a page can be drawn; 1: not. */
static double finer_by(const struct drawn *d)
{
    static const struct {
        double by, bytes; /* the times that bytes grow, as measured */
    } steps[] = {{1.5, 1.6}, {1.2, 1.3}};

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if ((double)d->least * steps[i].bytes < room_for(d->noisy))
            return steps[i].by;
    return 1;
}

/* Coarser until it fits, which it must: each attempt has half the pixels. */
static int make_image(struct small *out, struct Pix *page, double dpi, struct err *e)
{
    double scale = first_scale(page, dpi), finer;
    size_t wanted = BYTES_GOOD_MAX;
    struct drawn drawn;

    if (draw(out, page, dpi, scale, &drawn, e) != 0)
        return -1;
    finer = out->dpi == INK_DPI && pixGetDepth(page) != 1 && dpi >= FINE_DPI_MIN
                ? finer_by(&drawn)
                : 1;
    if (finer != 1)
        return draw(out, page, dpi, scale * finer, &drawn, e);
    for (; out->image.count > wanted; wanted = SMALL_BYTES_MAX)
        if (draw(out, page, dpi, scale *= COARSER, &drawn, e) != 0)
            return -1;
    return 0;
}

/* --- the thumbnail --------------------------------------------------------------- */

static int make_thumbnail(struct small *out, struct Pix *page, struct err *e)
{
    double longer = fmax(pixGetWidth(page), pixGetHeight(page));
    struct Pix *small = scaled(page, fmin(THUMBNAIL_SIDE_MAX / longer, 1));
    l_uint8 *bytes = NULL;
    size_t count = SIZE_MAX;
    int quality = THUMBNAIL_BEST, rc = -1;

    for (; small != NULL && count > THUMBNAIL_BYTES && quality >= THUMBNAIL_WORST;
         quality -= THUMBNAIL_WORST) {
        free(bytes);
        bytes = NULL;
        if (pixWriteMemJpeg(&bytes, &count, small, quality, 0) != 0)
            goto out;
    }
    buffer_init(&out->thumbnail, THUMBNAIL_BYTES_MAX);
    if (bytes != NULL)
        buffer_append(&out->thumbnail, bytes, count);
    rc = bytes != NULL && out->thumbnail.failed == ERR_NONE ? 0 : -1;
out:
    free(bytes);
    pixDestroy(&small);
    return rc == 0 ? 0 : out_of_memory(e);
}

/* --- all ------------------------------------------------------------------------- */

int small_make(struct small *out, const struct opened_page *page, unsigned quarter_turns,
               struct err *e)
{
    bool lies = quarter_turns % 2 != 0;
    double dpi = (double)page->dpi * pixGetWidth(page->pix) / page->width;
    struct Pix *upright = quarter_turns % 4 == 0
                              ? pixClone(page->pix)
                              : pixRotateOrth(page->pix, (l_int32)(quarter_turns % 4));
    int rc = -1;

    *out = (struct small){.width = lies ? page->height : page->width,
                          .height = lies ? page->width : page->height};
    if (upright == NULL)
        (void)out_of_memory(e); /* told by rc */
    else if (make_image(out, upright, dpi, e) == 0 &&
             make_thumbnail(out, upright, e) == 0)
        rc = 0;
    pixDestroy(&upright);
    if (rc != 0)
        small_release(out);
    return rc;
}
