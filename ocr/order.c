#include "ocr/order.h"

#include <leptonica/allheaders.h>

#include "ocr/order/columns.h"

/* The narrowest gap between two columns, as a share of the page's width. At the head 0.017
 * was the narrowest of ten faces; at the foot there is more room. */
#define GAP_HEAD_SHARE 0.012
#define GAP_FOOT_SHARE 0.02

struct parts {
    struct order_part *items;
    size_t count;
    const struct ink *ink;
    int width, height; /* of the picture */
};

static void part_add(struct parts *p, int left, int top, int right, int bottom,
                     bool column)
{
    int by = p->ink->reduced;
    struct box b = {left * by, top * by, right * by, bottom * by};

    if (right >= p->ink->width || b.right > p->width)
        b.right = p->width;
    if (bottom >= p->ink->height || b.bottom > p->height)
        b.bottom = p->height;
    p->items[p->count++] = (struct order_part){b, column};
}

static void columns_add(struct parts *p, const struct gap *g, int top, int bottom)
{
    int middle = (g->left + g->right) / 2;

    part_add(p, 0, top, middle, bottom, true);
    part_add(p, middle, top, p->ink->width, bottom, true);
}

static size_t parts_of(struct parts *p)
{
    const struct ink *k = p->ink;
    struct gap head, foot;
    int head_end = columns_find(k, GAP_HEAD_SHARE, false, &head);
    int foot_end = columns_find(k, GAP_FOOT_SHARE, true, &foot);
    int foot_top = foot_end == 0 ? k->height : k->height - foot_end;

    if (head_end >= foot_top) /* columns all down the page: not ours to say */
        head_end = 0, foot_top = k->height;
    if (head_end > 0)
        columns_add(p, &head, 0, head_end);
    part_add(p, 0, head_end, k->width, foot_top, false);
    if (foot_top < k->height)
        columns_add(p, &foot, foot_top, k->height);
    return p->count;
}

size_t order_find(struct order_part *out, struct Pix *pix)
{
    struct ink ink;
    struct parts parts = {
        .items = out, .width = pixGetWidth(pix), .height = pixGetHeight(pix)};

    parts.ink = &ink;
    out[0] = (struct order_part){.box = {0, 0, parts.width, parts.height}};
    if (!ink_take(&ink, pix))
        return 1;
    (void)parts_of(&parts);
    ink_release(&ink);
    return parts.count;
}

/* What two boxes share; false: nothing. */
static bool box_meet(struct box *a, const struct box *b)
{
    a->left = a->left > b->left ? a->left : b->left;
    a->top = a->top > b->top ? a->top : b->top;
    a->right = a->right < b->right ? a->right : b->right;
    a->bottom = a->bottom < b->bottom ? a->bottom : b->bottom;
    return a->left < a->right && a->top < a->bottom;
}

int order_read(struct TessBaseAPI *tess, struct Pix *pix, const struct box *part,
               const struct attempt *how, struct found *out, struct err *e)
{
    struct order_part parts[ORDER_PARTS_MAX];
    size_t count = order_find(parts, pix);
    int rc = 0;

    if (count == 1)
        return attempt_read(tess, pix, part, how, out, e);
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct attempt here = *how;

        if (parts[i].column && here.segmentation == SEGMENT_AUTO)
            here.segmentation = SEGMENT_COLUMN; /* auto loses the last lines */
        if (part == NULL || box_meet(&parts[i].box, part))
            rc = attempt_read(tess, pix, &parts[i].box, &here, out, e);
    }
    return rc;
}
