#include "ocr/recover.h"

#include <leptonica/allheaders.h>
#include <stdlib.h>

#include "ocr/image/print.h"
#include "ocr/image/rim.h"
#include "ocr/judge.h"
#include "ocr/uncovered.h"

/* Letters are told from specks at so many dots a line. */
#define LOOK_WIDTH_MAX 1800
#define INKS_MAX       20000 /* more is dirt */
/* In shares of the letters' height. */
#define MARGIN 0.3
#define BORDER 20  /* dots */
#define BREAK  0.7 /* free room that ends a line which touches other ink */
/* Letters of fewer dots gain from more. */
#define DPI_SMALL 250
#define ENLARGED  1.5

/* --- the page's ink ------------------------------------------------------------------ */

struct inks {
    struct Pix *bits; /* owned; the page `by` times smaller */
    int by;
    struct box *boxes; /* owned; in the page's pixels */
    size_t count;
};

static void inks_release(struct inks *k)
{
    pixDestroy(&k->bits);
    free(k->boxes);
}

static void inks_threshold(struct inks *k, struct Pix *pix)
{
    struct Pix *small;

    k->by = 1;
    while (pixGetWidth(pix) / k->by > LOOK_WIDTH_MAX)
        k->by *= 2;
    small = k->by == 1 ? pixClone(pix)
                       : pixScaleAreaMap(pix, 1 / (l_float32)k->by, 1 / (l_float32)k->by);
    if (small != NULL) /* one tile: one threshold for the page */
        (void)pixOtsuAdaptiveThreshold(small, pixGetWidth(small), pixGetHeight(small), 0,
                                       0, 0.1f, NULL, &k->bits);
    pixDestroy(&small);
}

static void inks_count(struct inks *k)
{
    BOXA *boxes = pixConnCompBB(k->bits, 8);
    int n = boxes == NULL ? 0 : boxaGetCount(boxes);

    free(k->boxes);
    k->boxes = n > INKS_MAX ? NULL : calloc((size_t)n + 1, sizeof *k->boxes);
    k->count = k->boxes == NULL ? 0 : (size_t)n;
    for (int i = 0; i < (int)k->count; i++) {
        int x, y, width, height;

        (void)boxaGetBoxGeometry(boxes, i, &x, &y, &width, &height);
        k->boxes[i] =
            (struct box){x * k->by, y * k->by, (x + width) * k->by, (y + height) * k->by};
    }
    boxaDestroy(&boxes);
}

/* Of a picture whose seals lose their rings. False: no memory. */
static bool inks_take(struct inks *k, struct Pix *pix, int dpi)
{
    bool erased = false;

    *k = (struct inks){0};
    inks_threshold(k, pix);
    if (k->bits == NULL)
        return false;
    inks_count(k);
    for (size_t i = 0; i < k->count; i++)
        if (rim_suspected(&k->boxes[i], dpi))
            erased |= rim_erase(pix, k->bits, k->by, &k->boxes[i], dpi);
    if (erased)
        inks_count(k);
    return true;
}

static l_uint32 paper_of(struct Pix *pix)
{
    l_float32 paper = 255;

    (void)pixGetRankValueMasked(pix, NULL, 0, 0, 2, 0.8f, &paper, NULL);
    return (l_uint32)paper;
}

/* Words that were read become paper, in the picture and in its ink: only what is left
 * shall be read. */
static void words_erase(struct Pix *pix, const struct inks *k, const struct found *f)
{
    l_uint32 paper = paper_of(pix);

    for (size_t i = 0; i < f->words_count; i++) {
        const struct box *w = &f->words[i].box;
        int width = w->right - w->left, height = w->bottom - w->top;
        BOX *box, *small;

        if (width <= 0 || height <= 0)
            continue;
        box = boxCreate(w->left, w->top, width, height);
        small = boxCreate(w->left / k->by, w->top / k->by, width / k->by, height / k->by);
        (void)pixSetInRectArbitrary(pix, box, paper);
        (void)pixClearInRect(k->bits, small);
        boxDestroy(&box);
        boxDestroy(&small);
    }
}

/* --- a line -------------------------------------------------------------------------- */

static bool inked(struct Pix *bits, int x, int top, int bottom)
{
    for (int y = top; y < bottom; y++)
        if (GET_DATA_BIT(pixGetData(bits) + (size_t)y * (size_t)pixGetWpl(bits), x))
            return true;
    return false;
}

/* How far ink goes on from column x by `step`, over gaps of no more than `room`. */
static int ink_end(struct Pix *bits, int x, int step, int top, int bottom, int room)
{
    int last = x;

    for (int at = x; at >= 0 && at < pixGetWidth(bits) && abs(at - last) <= room;
         at += step)
        if (inked(bits, at, top, bottom))
            last = at;
    return last;
}

/* Letters that hang together with something larger, a seal or a signature, are not
 * known for letters: all ink that goes on beside the line is taken for its own. */
static void line_grow(struct box *b, const struct inks *k, int letters)
{
    int top = b->top / k->by, bottom = b->bottom / k->by;
    int room = (int)(BREAK * letters / k->by);

    if (bottom > pixGetHeight(k->bits))
        bottom = pixGetHeight(k->bits);
    b->left = ink_end(k->bits, b->left / k->by, -1, top, bottom, room) * k->by;
    b->right =
        (ink_end(k->bits, (b->right - 1) / k->by, 1, top, bottom, room) + 1) * k->by;
}

static void line_widen(struct box *b, struct Pix *pix, int margin)
{
    b->left = b->left > margin ? b->left - margin : 0;
    b->top = b->top > margin ? b->top - margin : 0;
    b->right =
        b->right + margin < pixGetWidth(pix) ? b->right + margin : pixGetWidth(pix);
    b->bottom =
        b->bottom + margin < pixGetHeight(pix) ? b->bottom + margin : pixGetHeight(pix);
}

/* The line, larger where its letters are small, with some paper round it. */
static struct Pix *line_cut(struct Pix *pix, const struct box *b, double scale)
{
    BOX *box = boxCreate(b->left, b->top, b->right - b->left, b->bottom - b->top);
    struct Pix *cut = pixClipRectangle(pix, box, NULL), *large = NULL, *out = NULL;

    boxDestroy(&box);
    if (cut != NULL)
        large =
            scale > 1 ? pixScale(cut, (l_float32)scale, (l_float32)scale) : pixClone(cut);
    if (large != NULL)
        out = pixAddBorder(large, BORDER, paper_of(cut));
    pixDestroy(&large);
    pixDestroy(&cut);
    return out;
}

static int line_read(struct recovery *r, struct Pix *pix, const struct box *b,
                     struct found *out, struct err *e)
{
    double scale = r->dpi < DPI_SMALL ? ENLARGED : 1;
    struct attempt how = {.segmentation = SEGMENT_LINE,
                          .dpi = (int)(r->dpi * scale + 0.5),
                          .alternatives = true};
    struct Pix *cut = line_cut(pix, b, scale);
    int border = (int)(BORDER / scale);
    struct found here = {0};
    int rc = -1;

    if (cut == NULL)
        return err_set(e, ERR_MEMORY, "recover: out of memory");
    if (r->reader.read(r->reader.context, cut, &how, &here, e) == 0) {
        if (scale > 1)
            judge_scale(&here, scale);
        rc = found_append(out, &here, b->left - border, b->top - border, e);
    }
    found_release(&here);
    pixDestroy(&cut);
    return rc;
}

/* --- the page ------------------------------------------------------------------------ */

/* Reads the lines of one picture of the page, which it may write on. */
static int recover_from(struct recovery *r, struct Pix *pix, struct found *f,
                        struct err *e)
{
    struct box places[UNCOVERED_MAX];
    int letters = uncovered_letters(f), rc = 0;
    struct inks inks;
    size_t count = 0;

    if (pix == NULL || !inks_take(&inks, pix, r->dpi))
        return err_set(e, ERR_MEMORY, "recover: out of memory");
    count = uncovered_find(inks.boxes, inks.count, f, places);
    if (count > 0)
        words_erase(pix, &inks, f);
    for (size_t i = 0; i < count && rc == 0 && r->lines < UNCOVERED_MAX; i++) {
        struct found line = {0};
        struct box all = places[i];

        line_grow(&all, &inks, letters);
        line_widen(&all, pix, (int)(MARGIN * letters));
        rc = line_read(r, pix, &all, &line, e);
        if (rc == 0)
            rc = judge_insert(f, &places[i], &line, &r->words, e);
        r->lines++;
        found_release(&line);
    }
    inks_release(&inks);
    return rc;
}

int recover_lines(struct recovery *r, struct found *f, struct err *e)
{
    struct Pix *pix = r->flat ? NULL : print_keep(r->pix);
    int rc = 0;

    r->lines = r->words = 0;
    if (!r->flat)
        rc = recover_from(r, pix, f, e);
    pixDestroy(&pix);
    if (rc == 0) {
        pix = pixCopy(NULL, r->pix);
        rc = recover_from(r, pix, f, e);
    }
    pixDestroy(&pix);
    return rc;
}
