#include "ocr/small/pictures.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>

/* Millimetres. */
#define STROKE_BRICK 3.0
#define SIDE_MIN     9.0
#define EDGE         0.8 /* around a photograph, for its soft border */
/* In hundredths of the light on the paper beside. */
#define SHADED_BELOW 82
#define BLACK_BELOW  22
/* Standard deviation: a tint and a seal's star have less, a photograph more. */
#define LIVELY     9.0
#define MID_PART   0.35 /* of a photograph that is neither black nor paper */
#define BOX_PART   0.55 /* of its bounds that a picture fills */
#define INK_PART   0.60 /* of one that may be a stamp's solid part */
#define FRAME_PART 0.90 /* of its bounds that a coloured photograph fills, */
#define FRAME_MIN  15.0 /* and its sides in millimetres */
#define INK_COLOUR 56
#define PHOTO_DPI  110
#define TINT_DPI   20
#define QUALITY    38

static int pixels(double mm)
{
    return (int)lround(mm * PAPER_DPI / 25.4);
}

/* 8 bits: hundredths of the light. Takes `grey`. */
static struct Pix *shares_of(struct Pix *grey, const struct paper *p)
{
    for (int y = 0; grey != NULL && y < pixGetHeight(grey); y++) {
        l_uint32 *line = pixGetData(grey) + (size_t)y * (size_t)pixGetWpl(grey);
        const l_uint32 *light =
            pixGetData(p->light) + (size_t)y * (size_t)pixGetWpl(p->light);

        for (int x = 0; x < pixGetWidth(grey); x++) {
            int share = (int)GET_DATA_BYTE(line, x) * 100 / (int)GET_DATA_BYTE(light, x);

            SET_DATA_BYTE(line, x, share < 255 ? share : 255);
        }
    }
    return grey;
}

/* 1 bit: what is dark where no stroke is. */
static struct Pix *shaded(struct Pix *shares)
{
    int brick = pixels(STROKE_BRICK) | 1;
    struct Pix *closed = pixCloseGray(shares, brick, brick), *dark = NULL, *whole = NULL;

    if (closed != NULL)
        dark = pixThresholdToBinary(closed, SHADED_BELOW);
    if (dark != NULL)
        whole = pixOpenBrick(NULL, dark, brick, brick);
    pixDestroy(&dark);
    pixDestroy(&closed);
    return whole;
}

struct figures {
    double area, mid, inked, mean, deviation;
};

static bool is_inked(const struct Pix *coarse, int x, int y)
{
    l_uint32 pixel;
    int red, green, blue;

    if (coarse->d != 32)
        return false;
    pixel = coarse->data[(size_t)y * coarse->wpl + (size_t)x];
    red = (int)(pixel >> L_RED_SHIFT & 0xff);
    green = (int)(pixel >> L_GREEN_SHIFT & 0xff);
    blue = (int)(pixel >> L_BLUE_SHIFT & 0xff);
    return (red - green > INK_COLOUR && red - blue > INK_COLOUR) ||
           (blue - red > INK_COLOUR && blue - green > INK_COLOUR / 2);
}

static struct figures measured(const struct paper *p, const struct Pix *shares,
                               const BOX *box, struct Pix *component)
{
    struct figures f = {0};
    double sum = 0, squares = 0;

    for (int y = 0; y < box->h; y++)
        for (int x = 0; x < box->w; x++) {
            const l_uint32 *bits = component->data + (size_t)y * component->wpl;
            double share;

            if (!GET_DATA_BIT(bits, x))
                continue;
            share = GET_DATA_BYTE(shares->data + (size_t)(box->y + y) * shares->wpl,
                                  box->x + x);
            sum += share;
            squares += share * share;
            f.area++;
            f.mid += share > BLACK_BELOW && share < SHADED_BELOW;
            f.inked += is_inked(p->coarse, box->x + x, box->y + y);
        }
    if (f.area > 0) {
        f.mean = sum / f.area;
        f.deviation = sqrt(fmax(squares / f.area - f.mean * f.mean, 0));
    }
    return f;
}

/* Takes `cut`: gives item its JPEG at `scale`. -1: no memory. */
static int encode(struct picture_jpeg *item, struct Pix *cut, double scale)
{
    struct Pix *small = NULL;
    l_uint8 *bytes = NULL;
    size_t count = 0;
    int rc = -1;

    scale = fmin(fmax(scale, 4.0 / fmin(pixGetWidth(cut), pixGetHeight(cut))), 1);
    small = scale < 1 ? pixScaleAreaMap(cut, (float)scale, (float)scale) : pixClone(cut);
    pixDestroy(&cut);
    if (small == NULL || pixWriteMemJpeg(&bytes, &count, small, QUALITY, 0) != 0)
        goto out;
    buffer_init(&item->jpeg, UINT32_MAX);
    buffer_append(&item->jpeg, bytes, count);
    item->width = (uint32_t)pixGetWidth(small);
    item->height = (uint32_t)pixGetHeight(small);
    item->coloured = pixGetDepth(small) == 32;
    rc = item->jpeg.failed == ERR_NONE ? 0 : -1;
out:
    free(bytes);
    pixDestroy(&small);
    return rc;
}

/* A tint is shown without the letters on it, which are ink. */
static struct Pix *cut_of(struct Pix *page, BOX *box, bool covers, uint32_t dpi)
{
    struct Pix *cut = pixClipRectangle(page, box, NULL), *calm = NULL;
    int brick = (int)(STROKE_BRICK * dpi / 25.4) | 1;

    if (cut == NULL || covers)
        return cut;
    calm = pixGetDepth(cut) == 32 ? pixColorMorph(cut, L_MORPH_CLOSE, brick, brick)
                                  : pixCloseGray(cut, brick, brick);
    pixDestroy(&cut);
    return calm;
}

static int add(struct pictures *out, struct Pix *page, uint32_t dpi, const BOX *coarse,
               bool covers, double per_pixel)
{
    double edge = covers ? pixels(EDGE) : 0;
    BOX *wanted = boxCreate((int)((coarse->x - edge) * per_pixel),
                            (int)((coarse->y - edge) * per_pixel),
                            (int)((coarse->w + 2 * edge) * per_pixel),
                            (int)((coarse->h + 2 * edge) * per_pixel));
    BOX *box = wanted != NULL
                   ? boxClipToRectangle(wanted, pixGetWidth(page), pixGetHeight(page))
                   : NULL;
    struct Pix *cut = box != NULL ? cut_of(page, box, covers, dpi) : NULL;
    struct picture_jpeg *item = &out->items[out->count];
    int rc = -1;

    if (cut == NULL)
        goto out;
    *item = (struct picture_jpeg){.covers = covers,
                                  .left = (uint32_t)box->x,
                                  .top = (uint32_t)box->y,
                                  .shown_width = (uint32_t)box->w,
                                  .shown_height = (uint32_t)box->h};
    out->count++;
    rc = encode(item, cut, (covers ? PHOTO_DPI : TINT_DPI) / (double)dpi);
out:
    boxDestroy(&box);
    boxDestroy(&wanted);
    return rc;
}

/* A seal and its star are of ink's colours too, but round, or small, or full of
 * holes. */
static bool is_frameful(const struct figures *f, const BOX *box)
{
    return f->area > FRAME_PART * box->w * box->h && box->w >= pixels(FRAME_MIN) &&
           box->h >= pixels(FRAME_MIN);
}

static int consider(struct pictures *out, const struct paper *p, struct Pix *shares,
                    struct Pix *page, uint32_t dpi, const BOX *box, struct Pix *component)
{
    struct Pix *filled, *holes;
    struct figures f;
    bool lively;

    if (out->count == PICTURES_MAX || box->w < pixels(SIDE_MIN) ||
        box->h < pixels(SIDE_MIN))
        return 0;
    holes = pixHolesByFilling(component, 4);
    filled = holes != NULL ? pixOr(NULL, component, holes) : NULL;
    pixDestroy(&holes);
    if (filled == NULL)
        return -1;
    f = measured(p, shares, box, filled);
    pixDestroy(&filled);
    lively = f.deviation > LIVELY;
    if (f.area < BOX_PART * box->w * box->h || f.mid < MID_PART * f.area ||
        (f.inked > INK_PART * f.area && !is_frameful(&f, box)))
        return 0;
    return add(out, page, dpi, box, lively,
               (double)pixGetWidth(page) / pixGetWidth(p->coarse));
}

int pictures_find(struct pictures *out, const struct paper *paper, struct Pix *page,
                  uint32_t dpi)
{
    struct Pix *shares = shares_of(pixConvertTo8(paper->coarse, 0), paper), *dark = NULL;
    PIXA *components = NULL;
    BOXA *boxes = NULL;
    int rc = -1;

    *out = (struct pictures){0};
    if (shares != NULL)
        dark = shaded(shares);
    if (dark != NULL)
        boxes = pixConnComp(dark, &components, 8);
    if (boxes != NULL)
        rc = 0;
    for (int i = 0; rc == 0 && i < boxaGetCount(boxes); i++)
        rc = consider(out, paper, shares, page, dpi, boxes->box[i], components->pix[i]);
    if (rc != 0)
        pictures_release(out);
    boxaDestroy(&boxes);
    pixaDestroy(&components);
    pixDestroy(&dark);
    pixDestroy(&shares);
    return rc;
}

void pictures_release(struct pictures *p)
{
    for (size_t i = 0; i < p->count; i++)
        buffer_release(&p->items[i].jpeg);
    p->count = 0;
}

void pictures_clear(const struct pictures *p, struct inks *inks)
{
    for (size_t i = 0; i < p->count; i++)
        for (enum ink k = 0; k < INKS; k++)
            if (p->items[i].covers && inks->masks[k] != NULL)
                (void)pixRasterop(inks->masks[k], /* clips; fails only without a pix */
                                  (l_int32)p->items[i].left, (l_int32)p->items[i].top,
                                  (l_int32)p->items[i].shown_width,
                                  (l_int32)p->items[i].shown_height, PIX_CLR, NULL, 0, 0);
}
