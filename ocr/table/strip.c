#include "ocr/table/strip.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>

/* In heights of a capital. Above it there is room for two marks, below for a tail
 * with a dot. */
#define ABOVE 1.45
#define BELOW 0.45
#define EDGE  0.5
#define INTO  0.35 /* as far as a box may be guessed wrong */
#define ALIKE 1.3  /* sizes that need no scaling */

static double scale_of(const struct strip_piece *p, int tall)
{
    double by = (double)tall / p->tall;

    return by > ALIKE || by < 1 / ALIKE ? by : 1;
}

double strip_width(const struct strip_piece *p, int tall)
{
    return (p->box.right - p->box.left) * scale_of(p, tall) + STRIP_GAP_WIDE * tall;
}

static void lay_out(struct strip_piece *pieces, size_t count, int tall, double gap,
                    int *width)
{
    double at = EDGE * tall;

    for (size_t i = 0; i < count; i++) {
        struct strip_piece *p = &pieces[i];

        p->scale = scale_of(p, tall);
        p->left = (int)lround(at);
        at += (p->box.right - p->box.left) * p->scale;
        p->right = (int)lround(at);
        at += gap * tall;
    }
    *width = (int)lround(at - gap * tall + EDGE * tall);
}

/* Scaled to no pixels at all? */
static bool is_nothing(const struct strip_piece *p)
{
    return (p->box.right - p->box.left) * p->scale < 1 ||
           (p->box.bottom - p->box.top) * p->scale < 1;
}

/* The piece's picture: white paper, black ink. */
static struct Pix *cut(struct Pix *page, const struct strip_piece *p)
{
    BOX *box = boxCreate(p->box.left, p->box.top, p->box.right - p->box.left,
                         p->box.bottom - p->box.top);
    struct Pix *raw = box != NULL ? pixClipRectangle(page, box, NULL) : NULL;
    struct Pix *even = NULL, *out = NULL;

    if (raw != NULL)
        even = pixGammaTRC(NULL, raw, 1.0f, p->dark, p->paper);
    if (even != NULL && p->scale != 1)
        out = pixScale(even, (float)p->scale, (float)p->scale);
    else
        out = pixClone(even);
    boxDestroy(&box);
    pixDestroy(&raw);
    pixDestroy(&even);
    return out;
}

int strip_make(struct Pix **out, struct Pix *page, struct strip_piece *pieces,
               size_t count, int tall, double gap, struct err *e)
{
    int width, height = (int)lround((ABOVE + BELOW) * tall);
    int base = (int)lround(ABOVE * tall);
    struct Pix *strip;

    lay_out(pieces, count, tall, gap, &width);
    *out = NULL;
    strip = pixCreate(width, height, 8);
    if (strip == NULL)
        return err_set(e, ERR_MEMORY, "table: out of memory");
    (void)pixSetAll(strip);
    for (size_t i = 0; i < count; i++) {
        struct strip_piece *p = &pieces[i];
        int above = (int)lround((p->baseline - p->box.top) * p->scale);
        struct Pix *part;

        if (is_nothing(p))
            continue;
        part = cut(page, p);
        if (part == NULL) {
            pixDestroy(&strip);
            return err_set(e, ERR_MEMORY, "table: out of memory");
        }
        (void)pixRasterop(strip, p->left, base - above, pixGetWidth(part),
                          pixGetHeight(part), PIX_SRC, part, 0, 0);
        pixDestroy(&part);
    }
    *out = strip;
    return 0;
}

bool strip_is_across(const struct strip_piece *pieces, size_t count,
                     const struct box *box, int tall)
{
    for (size_t i = 0; i + 1 < count; i++)
        if (box->left < pieces[i].right - INTO * tall &&
            box->right > pieces[i + 1].left + INTO * tall)
            return true;
    return false;
}

size_t strip_piece_at(const struct strip_piece *pieces, size_t count,
                      const struct box *box)
{
    size_t best = 0;
    int most = INT32_MIN;

    for (size_t i = 0; i < count; i++) {
        int left = box->left > pieces[i].left ? box->left : pieces[i].left;
        int right = box->right < pieces[i].right ? box->right : pieces[i].right;

        if (right - left > most) {
            most = right - left;
            best = i;
        }
    }
    return best;
}

void strip_place(const struct strip_piece *p, int tall, struct box *b)
{
    double base = ABOVE * tall;

    b->left = p->box.left + (int32_t)lround((b->left - p->left) / p->scale);
    b->right = p->box.left + (int32_t)lround((b->right - p->left) / p->scale);
    b->top = p->baseline + (int32_t)lround((b->top - base) / p->scale);
    b->bottom = p->baseline + (int32_t)lround((b->bottom - base) / p->scale);
}
