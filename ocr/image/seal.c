#include "ocr/image/seal.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define SEARCH_DPI        75.0
#define SEALS_MAX         8
#define SMALLEST_SEARCHED 16 /* pixels: no seal is smaller */
/* Beyond the paper's own tint, of 255. */
#define TINT_OVER 40
/* Millimetres. Seals of the rules are 30 to 42 across; copies shrink. */
#define SEAL_SIDE_MIN  16.0
#define SEAL_SIDE_MAX  60.0
#define SEAL_LONG_MAX  1.5 /* times its short side */
#define SIGNATURE_HIGH 10.0
#define SIGNATURE_LONG 80.0
#define RED_GAP        2.0 /* a worn ring is in pieces */
#define BLUE_GAP       0.8
#define PAD            1.0

enum ink { RED = COLOR_RED, BLUE = COLOR_BLUE };

struct lifting {
    struct Pix *page, *small, *grey;
    double scale, dpi; /* small over page; of small */
    int paper[3];      /* red, green, blue */
    size_t count;
};

static int channel(l_uint32 pixel, int which)
{
    return (int)(pixel >> (which == COLOR_RED     ? L_RED_SHIFT
                           : which == COLOR_GREEN ? L_GREEN_SHIFT
                                                  : L_BLUE_SHIFT)) &
           255;
}

/* The level that `share` of the counted lie below. */
static int level_at(const unsigned counts[256], double share)
{
    double wanted = 0;
    int level = 0;

    for (int i = 0; i < 256; i++)
        wanted += counts[i];
    for (wanted *= share; level < 255 && counts[level] <= wanted; level++)
        wanted -= counts[level];
    return level;
}

static const l_uint32 *row(struct Pix *pix, int y)
{
    return pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix);
}

static void measure_paper(struct lifting *l)
{
    unsigned counts[3][256] = {0};
    int width = pixGetWidth(l->small), height = pixGetHeight(l->small);

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = COLOR_RED; c <= COLOR_BLUE; c++)
                counts[c][channel(row(l->small, y)[x], c)]++;
    for (int c = COLOR_RED; c <= COLOR_BLUE; c++) {
        l->paper[c] = level_at(counts[c], 0.7);
        if (l->paper[c] < 1)
            l->paper[c] = 1;
    }
}

/* Whether the pixel has that ink's colour, on paper of whatever tint. */
static bool is_ink(const struct lifting *l, l_uint32 pixel, enum ink ink)
{
    int red = channel(pixel, COLOR_RED) * 255 / l->paper[COLOR_RED];
    int green = channel(pixel, COLOR_GREEN) * 255 / l->paper[COLOR_GREEN];
    int blue = channel(pixel, COLOR_BLUE) * 255 / l->paper[COLOR_BLUE];

    if (ink == BLUE)
        return blue - red > TINT_OVER;
    return red - (green > blue ? green : blue) > TINT_OVER;
}

static struct Pix *ink_mask(const struct lifting *l, enum ink ink)
{
    int width = pixGetWidth(l->small), height = pixGetHeight(l->small);
    int gap = 1 + 2 * (int)lround((ink == RED ? RED_GAP : BLUE_GAP) * l->dpi / 25.4 / 2);
    struct Pix *mask = pixCreate(width, height, 1), *closed = NULL;

    if (mask == NULL)
        return NULL;
    for (int y = 0; y < height; y++) {
        l_uint32 *to = pixGetData(mask) + (size_t)y * (size_t)pixGetWpl(mask);

        for (int x = 0; x < width; x++)
            if (is_ink(l, row(l->small, y)[x], ink))
                SET_DATA_BIT(to, x);
    }
    closed = pixCloseSafeBrick(NULL, mask, gap, gap);
    pixDestroy(&mask);
    return closed;
}

static bool is_seal(const struct lifting *l, const BOX *box, enum ink ink)
{
    double width = box->w * 25.4 / l->dpi, height = box->h * 25.4 / l->dpi;
    double longer = fmax(width, height), shorter = fmin(width, height);

    if (shorter >= SEAL_SIDE_MIN && longer <= SEAL_SIDE_MAX &&
        longer <= shorter * SEAL_LONG_MAX)
        return true;
    return ink == BLUE && height >= SIGNATURE_HIGH && width >= SIGNATURE_HIGH &&
           longer <= SIGNATURE_LONG;
}

/* The place on the page, clipped to it. */
static BOX *page_place(const struct lifting *l, const BOX *box)
{
    double pad = PAD * l->dpi / 25.4;
    BOX *place = boxCreate((l_int32)((box->x - pad) / l->scale),
                           (l_int32)((box->y - pad) / l->scale),
                           (l_int32)((box->w + 2 * pad) / l->scale),
                           (l_int32)((box->h + 2 * pad) / l->scale));
    BOX *clipped = place == NULL ? NULL
                                 : boxClipToRectangle(place, pixGetWidth(l->page),
                                                      pixGetHeight(l->page));

    boxDestroy(&place);
    return clipped;
}

/* Fills the place in the grey by the ink's channel, so stretched that the ink itself
 * comes out as paper. */
static void lift(struct lifting *l, const BOX *b, enum ink ink)
{
    unsigned inks[256] = {0}, greys[256] = {0};
    int ink_level, paper;

    for (int y = b->y; y < b->y + b->h; y++) {
        const l_uint32 *from = row(l->page, y), *grey = row(l->grey, y);

        for (int x = b->x; x < b->x + b->w; x++) {
            inks[channel(from[x], (int)ink)] += is_ink(l, from[x], ink);
            greys[GET_DATA_BYTE(grey, x)]++;
        }
    }
    ink_level = level_at(inks, 0.3);
    paper = level_at(greys, 0.9);
    for (int y = b->y; y < b->y + b->h; y++) {
        const l_uint32 *from = row(l->page, y);
        l_uint32 *grey = pixGetData(l->grey) + (size_t)y * (size_t)pixGetWpl(l->grey);

        for (int x = b->x; x < b->x + b->w; x++) {
            int level = channel(from[x], (int)ink) * paper / (ink_level + 1);

            SET_DATA_BYTE(grey, x, level < paper ? level : paper);
        }
    }
    l->count++;
}

static int lift_all(struct lifting *l, enum ink ink)
{
    struct Pix *mask = ink_mask(l, ink);
    BOXA *boxes = mask == NULL ? NULL : pixConnCompBB(mask, 8);
    int rc = -1;

    if (boxes == NULL)
        goto out;
    for (l_int32 i = 0; i < boxaGetCount(boxes) && l->count < SEALS_MAX; i++) {
        BOX *box = boxaGetBox(boxes, i, L_CLONE), *place = NULL;

        if (is_seal(l, box, ink) && (place = page_place(l, box)) != NULL)
            lift(l, place, ink);
        boxDestroy(&place);
        boxDestroy(&box);
    }
    rc = 0;
out:
    boxaDestroy(&boxes);
    pixDestroy(&mask);
    return rc;
}

struct Pix *seal_lift(struct Pix *page, int dpi, size_t *lifted)
{
    struct lifting l = {.page = page, .grey = pixConvertTo8(page, 0)};

    *lifted = 0;
    if (l.grey == NULL || pixGetDepth(page) != 32)
        return l.grey;
    l.scale = fmin(1, SEARCH_DPI / (dpi > 0 ? dpi : SEARCH_DPI));
    l.dpi = dpi * l.scale;
    if (fmin(pixGetWidth(page), pixGetHeight(page)) * l.scale < SMALLEST_SEARCHED)
        return l.grey;
    l.small = pixScaleBySampling(page, (l_float32)l.scale, (l_float32)l.scale);
    if (l.small != NULL) {
        measure_paper(&l);
        if (lift_all(&l, RED) != 0 || lift_all(&l, BLUE) != 0)
            pixDestroy(&l.grey);
    } else {
        pixDestroy(&l.grey);
    }
    pixDestroy(&l.small);
    *lifted = l.count;
    return l.grey;
}
