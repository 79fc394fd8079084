#include "ocr/order/ink.h"

#include <leptonica/allheaders.h>

/* Looked at so small: columns are seen at a hundred dots per inch. */
#define LOOK_WIDTH_MAX 1300
/* All in shares of the page's width, as looked at. */
#define EDGE_SHARE  0.015 /* shadows and borders at the edges are no text */
#define SPECK_SHARE 0.0035
#define RULE_SHARE  0.05 /* the shortest stroke that is a rule, not a dash */
/* Longer rules belong to tables, whose columns are no columns of text. */
#define RULE_SHARE_MAX 0.45

static struct Pix *without_short_rules(struct Pix *bits)
{
    int width = pixGetWidth(bits);
    struct Pix *lying = pixOpenBrick(NULL, bits, (int)(width * RULE_SHARE), 1);
    struct Pix *shorter = NULL, *left = NULL;

    if (lying != NULL)
        shorter = pixSelectBySize(lying, (int)(width * RULE_SHARE_MAX), 0, 8,
                                  L_SELECT_WIDTH, L_SELECT_IF_LTE, NULL);
    if (shorter != NULL)
        left = pixSubtract(NULL, bits, shorter);
    pixDestroy(&lying);
    pixDestroy(&shorter);
    return left;
}

static struct Pix *without_specks(struct Pix *bits)
{
    int size = (int)(pixGetWidth(bits) * SPECK_SHARE);

    return pixSelectBySize(bits, size, size, 8, L_SELECT_IF_EITHER, L_SELECT_IF_GT, NULL);
}

static void clear_edges(struct Pix *bits)
{
    int edge = (int)(pixGetWidth(bits) * EDGE_SHARE);

    (void)pixSetOrClearBorder(bits, edge, edge, edge, edge, PIX_CLR);
}

bool ink_take(struct ink *out, struct Pix *pix)
{
    struct Pix *small, *bits = NULL, *ruleless = NULL;

    *out = (struct ink){.reduced = 1};
    while (pixGetWidth(pix) / out->reduced > LOOK_WIDTH_MAX)
        out->reduced *= 2;
    small = pixScaleAreaMap(pix, 1.0f / (l_float32)out->reduced,
                            1.0f / (l_float32)out->reduced);
    if (small != NULL)
        (void)pixOtsuAdaptiveThreshold(small, pixGetWidth(small), pixGetHeight(small), 0,
                                       0, 0.1f, NULL, &bits);
    if (bits != NULL) {
        clear_edges(bits);
        ruleless = without_short_rules(bits);
    }
    if (ruleless != NULL)
        out->bits = without_specks(ruleless);
    if (out->bits != NULL) {
        out->width = pixGetWidth(out->bits);
        out->height = pixGetHeight(out->bits);
    }
    pixDestroy(&small);
    pixDestroy(&bits);
    pixDestroy(&ruleless);
    return out->bits != NULL;
}

void ink_release(struct ink *k)
{
    pixDestroy(&k->bits);
}

bool ink_at(const struct ink *k, int x, int y)
{
    return GET_DATA_BIT(pixGetData(k->bits) + (size_t)y * (size_t)pixGetWpl(k->bits),
                        x) != 0;
}

bool ink_in_row(const struct ink *k, int y, int left, int right)
{
    for (int x = left; x < right; x++)
        if (ink_at(k, x, y))
            return true;
    return false;
}

bool ink_in_column(const struct ink *k, int x, int top, int bottom)
{
    for (int y = top; y < bottom; y++)
        if (ink_at(k, x, y))
            return true;
    return false;
}
