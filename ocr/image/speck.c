#include "ocr/image/speck.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* A grain must be so much darker than the print, or the print is meant. */
#define DARKER_THAN_PRINT 28
#define GRAIN_MM          0.55 /* hardly any is larger */
#define DOT_MM            0.50 /* a full stop in 12 points has 0.5 */
#define ALONE_MM          1.6  /* from a dot to the next ink, if it belongs to none */

struct removing {
    struct Pix *pix; /* 8 bits, ours */
    double dpi;
    size_t count;
};

static int pixels(const struct removing *r, double mm)
{
    int count = (int)lround(mm * r->dpi / 25.4);

    return count < 1 ? 1 : count;
}

/* Otsu's threshold over the page, and the median of what is darker: the print. */
static bool measure_print(struct Pix *pix, int *threshold, int *print)
{
    NUMA *counts = pixGetGrayHistogram(pix, 4);
    l_float32 sum = 0, below = 0, count;
    bool found = false;

    if (counts == NULL ||
        numaSplitDistribution(counts, 0.0f, threshold, NULL, NULL, NULL, NULL, NULL) != 0)
        goto out;
    for (int i = 0; i <= *threshold; i++, sum += count)
        numaGetFValue(counts, i, &count);
    for (*print = 0; *print < *threshold; (*print)++) {
        numaGetFValue(counts, *print, &count);
        if ((below += count) >= sum / 2)
            break;
    }
    found = true;
out:
    numaDestroy(&counts);
    return found;
}

/* The level around a box: the median of the ring just outside. */
static int level_around(struct Pix *pix, const BOX *b)
{
    unsigned counts[256] = {0}, seen = 0, sum = 0;
    int level = 0, width = pixGetWidth(pix), height = pixGetHeight(pix);

    for (int y = b->y - 2; y < b->y + b->h + 2; y++)
        for (int x = b->x - 2; x < b->x + b->w + 2; x++) {
            l_uint32 value = 0;

            if (y >= b->y && y < b->y + b->h && x >= b->x && x < b->x + b->w)
                continue;
            if (x < 0 || y < 0 || x >= width || y >= height)
                continue;
            pixGetPixel(pix, x, y, &value);
            counts[value & 255]++;
            sum++;
        }
    while (level < 255 && (seen += counts[level]) <= sum / 2)
        level++;
    return level;
}

static void fill(struct removing *r, const BOX *b, int margin)
{
    BOX *larger = boxCreate(b->x - margin, b->y - margin, b->w + 2 * margin,
                            b->h + 2 * margin);

    if (larger == NULL)
        return; /* no memory: the speck stays */
    pixSetInRectArbitrary(r->pix, larger, (l_uint32)level_around(r->pix, larger));
    boxDestroy(&larger);
    r->count++;
}

/* Grains are black where print has faded. */
static int remove_grains(struct removing *r, int print)
{
    int side_max = pixels(r, GRAIN_MM) + 1;
    struct Pix *dark;
    BOXA *boxes = NULL;

    if (print <= DARKER_THAN_PRINT)
        return 0;
    dark = pixThresholdToBinary(r->pix, print - DARKER_THAN_PRINT);
    if (dark != NULL)
        boxes = pixConnCompBB(dark, 8);
    pixDestroy(&dark);
    if (boxes == NULL)
        return -1;
    for (l_int32 i = 0; i < boxaGetCount(boxes); i++) {
        BOX *b = boxaGetBox(boxes, i, L_CLONE);

        if (b->w <= side_max && b->h <= side_max && b->w * b->h > 1)
            fill(r, b, 1);
        boxDestroy(&b);
    }
    boxaDestroy(&boxes);
    return 0;
}

/* Whether nothing but the box's own ink lies around it. */
static bool is_alone(struct Pix *bits, const BOX *b, int reach)
{
    int width = pixGetWidth(bits), height = pixGetHeight(bits);

    for (int y = b->y - reach; y < b->y + b->h + reach; y++) {
        const l_uint32 *row = pixGetData(bits) + (ptrdiff_t)y * pixGetWpl(bits);

        if (y < 0 || y >= height)
            continue;
        for (int x = b->x - reach; x < b->x + b->w + reach; x++)
            if (x >= 0 && x < width && GET_DATA_BIT(row, x) &&
                (x < b->x || y < b->y || x >= b->x + b->w || y >= b->y + b->h))
                return false;
    }
    return true;
}

static int remove_lonely(struct removing *r, int threshold)
{
    int side_max = pixels(r, DOT_MM), reach = pixels(r, ALONE_MM);
    struct Pix *bits = pixThresholdToBinary(r->pix, threshold);
    BOXA *boxes = bits == NULL ? NULL : pixConnCompBB(bits, 8);

    for (l_int32 i = 0; boxes != NULL && i < boxaGetCount(boxes); i++) {
        BOX *b = boxaGetBox(boxes, i, L_CLONE);

        if (b->w <= side_max && b->h <= side_max && is_alone(bits, b, reach))
            fill(r, b, 1);
        boxDestroy(&b);
    }
    pixDestroy(&bits);
    if (boxes == NULL)
        return -1;
    boxaDestroy(&boxes);
    return 0;
}

struct Pix *speck_remove(struct Pix *grey, int dpi, size_t *removed)
{
    struct removing r = {.pix = pixCopy(NULL, grey), .dpi = dpi};
    int threshold = 0, print = 0;

    *removed = 0;
    if (r.pix == NULL || !measure_print(r.pix, &threshold, &print))
        return r.pix;
    if (remove_grains(&r, print) != 0 || remove_lonely(&r, threshold) != 0)
        pixDestroy(&r.pix);
    *removed = r.count;
    return r.pix;
}
