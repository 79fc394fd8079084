#include "ocr/table/rules.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>

/* Looked for at about this many dots per inch: more only cost time. */
#define LOOK_DPI 150

/* Inches. */
#define THICK_MAX   0.036 /* 2.6 points */
#define LENGTH_MIN  0.28  /* taller than any letter of running text */
#define PIECE_MIN   0.10  /* of a line that is known to be one */
#define HOLE_MAX    0.025 /* mended before anything else */
#define SHORT       0.6   /* may be a letter's stroke on dirt */
#define GAP_MAX     0.30  /* between two pieces of one rule */
#define ASTRAY_MAX  0.022 /* across, where one goes on in the other */
#define COVER_ASIDE 0.020

/* A rule is darker than the paper on both sides by at least so much. */
#define CONTRAST_MIN     28
#define DRAWN_MIN        0.75
#define BESIDE_MAX       0.30
#define BESIDE_SHORT_MAX 0.15
#define LEAN_MAX         0.035 /* 2 degrees: the page is straightened before */
#define RULES_MAX        3000
#define UPRIGHT_MIN      2

double rule_at(const struct rule *r, double along)
{
    double length = r->to - r->from;

    return length > 0 ? r->at_from + (r->at_to - r->at_from) * (along - r->from) / length
                      : r->at_from;
}

void rules_release(struct rules *r)
{
    free(r->items);
    pixDestroy(&r->lying);
    pixDestroy(&r->upright);
    *r = (struct rules){0};
}

/* --- ink of lines ---------------------------------------------------------------- */

static int odd(double pixels)
{
    int n = (int)lround(pixels);

    return n < 3 ? 3 : n | 1;
}

/* What is dark and thin across. */
static struct Pix *thin_ink(struct Pix *grey, double dpi, bool upright)
{
    int across = odd(THICK_MAX * dpi + 2);
    struct Pix *hat =
        pixTophat(grey, upright ? across : 1, upright ? 1 : across, L_TOPHAT_BLACK);
    struct Pix *light = NULL, *dark = NULL;

    if (hat != NULL)
        light = pixThresholdToBinary(hat, CONTRAST_MIN); /* 1 below: what is no line */
    if (light != NULL)
        dark = pixInvert(NULL, light);
    pixDestroy(&hat);
    pixDestroy(&light);
    return dark;
}

/* Runs of ink of at least that length along, holes mended first. */
static struct Pix *runs_of(struct Pix *bits, int hole, double length, bool upright)
{
    int n = (int)lround(length);
    struct Pix *mended =
        pixCloseSafeBrick(NULL, bits, upright ? 1 : hole, upright ? hole : 1);
    struct Pix *runs = NULL;

    if (mended != NULL)
        runs = pixOpenBrick(NULL, mended, upright ? 1 : n, upright ? n : 1);
    pixDestroy(&mended);
    return runs;
}

static struct Pix *reduce(struct Pix *pix, int *by, int dpi)
{
    *by = dpi >= 2 * LOOK_DPI - 20 ? 2 : 1;
    /* The second darkest of four: a rule one pixel wide stays, speckle goes. */
    return *by == 2 ? pixScaleGrayRank2(pix, 2) : pixClone(pix);
}

/* --- rules ------------------------------------------------------------------------- */

/* The mean place across of the ink between two places along. */
static double middle_of(struct Pix *part, bool upright, int from, int to)
{
    const l_uint32 *data = pixGetData(part);
    int wpl = pixGetWpl(part), width = pixGetWidth(part), height = pixGetHeight(part);
    double sum = 0, count = 0;

    for (int y = upright ? from : 0; y < (upright ? to : height); y++)
        for (int x = upright ? 0 : from; x < (upright ? width : to); x++)
            if (GET_DATA_BIT(data + (size_t)y * (size_t)wpl, x)) {
                sum += upright ? x : y;
                count++;
            }
    return count > 0 ? sum / count + 0.5 : 0;
}

static bool is_ink(struct Pix *bits, bool upright, int along, int across)
{
    int x = upright ? across : along, y = upright ? along : across;

    return x >= 0 && y >= 0 && x < pixGetWidth(bits) && y < pixGetHeight(bits) &&
           GET_DATA_BIT(pixGetData(bits) + (size_t)y * (size_t)pixGetWpl(bits), x);
}

static bool ink_near(struct Pix *bits, bool upright, int along, int across, int aside)
{
    for (int i = across - aside; i <= across + aside; i++)
        if (is_ink(bits, upright, along, i))
            return true;
    return false;
}

/* A rule stands alone: beside it is paper nearly everywhere. A row of serifs, or a
 * dirty copy's black, is not like that. */
static bool is_clean(const struct rule *r, struct Pix *ink, int reduced, int dpi)
{
    int aside = (int)(r->thick / reduced / 2) + 3, all = 0, drawn = 0, above = 0,
        below = 0;
    double beside = r->to - r->from < SHORT * dpi ? BESIDE_SHORT_MAX : BESIDE_MAX;

    for (double along = r->from; along < r->to; along += reduced, all++) {
        int at = (int)(along / reduced), across = (int)(rule_at(r, along) / reduced);

        drawn += ink_near(ink, r->upright, at, across, 1);
        above += is_ink(ink, r->upright, at, across - aside);
        below += is_ink(ink, r->upright, at, across + aside);
    }
    return drawn >= DRAWN_MIN * all && above <= beside * all && below <= beside * all;
}

/* False: it is no line. In pixels of the picture, not of the reduced one. */
static bool measure(struct rule *out, struct Pix *part, const BOX *box, bool upright,
                    int reduced, int dpi)
{
    int x, y, width, height, along, end, area = 0;
    double lean;

    boxGetGeometry((BOX *)box, &x, &y, &width, &height);
    along = upright ? height : width;
    end = along / 8 + 1;
    pixCountPixels(part, &area, NULL);
    *out = (struct rule){.upright = upright};
    out->from = (upright ? y : x) * reduced;
    out->to = ((upright ? y : x) + along) * reduced;
    out->at_from = ((upright ? x : y) + middle_of(part, upright, 0, end)) * reduced;
    out->at_to =
        ((upright ? x : y) + middle_of(part, upright, along - end, along)) * reduced;
    out->thick = (double)area / along * reduced;
    lean = (out->at_to - out->at_from) / (out->to - out->from);
    return out->thick <= THICK_MAX * dpi && fabs(lean) <= LEAN_MAX;
}

static int take_rules(struct rules *r, struct Pix *lines, struct Pix *ink, bool upright,
                      struct err *e)
{
    PIXA *parts = NULL;
    BOXA *boxes = pixConnCompPixa(lines, &parts, 8);
    int count = boxes != NULL ? boxaGetCount(boxes) : 0, rc = -1;
    struct rule *grown;

    if (boxes == NULL || count > RULES_MAX) {
        rc = boxes == NULL ? err_set(e, ERR_MEMORY, "rules: out of memory") : 0;
        goto out;
    }
    grown = realloc(r->items, (r->count + (size_t)count + 1) * sizeof *grown);
    if (grown == NULL) {
        err_set(e, ERR_MEMORY, "rules: out of memory");
        goto out;
    }
    r->items = grown;
    for (int i = 0; i < count; i++) {
        struct Pix *part = pixaGetPix(parts, i, L_CLONE);
        BOX *box = boxaGetBox(boxes, i, L_CLONE);

        if (part != NULL && box != NULL &&
            measure(&r->items[r->count], part, box, upright, r->reduced, r->dpi) &&
            is_clean(&r->items[r->count], ink, r->reduced, r->dpi))
            r->count++;
        pixDestroy(&part);
        boxDestroy(&box);
    }
    rc = 0;
out:
    boxaDestroy(&boxes);
    pixaDestroy(&parts);
    return rc;
}

/* --- broken ones --------------------------------------------------------------------- */

static int compare_from(const void *a, const void *b)
{
    const struct rule *r = a, *s = b;

    if (r->upright != s->upright)
        return r->upright ? 1 : -1;
    return (r->from > s->from) - (r->from < s->from);
}

/* Does `b`, which begins later, go on where `a` ends? A short piece's own lean says
 * little, so both are asked. */
static bool goes_on(const struct rule *a, const struct rule *b, int dpi)
{
    double gap = b->from - a->to, middle = (a->to + b->from) / 2;

    return a->upright == b->upright && gap <= GAP_MAX * dpi &&
           (fabs(rule_at(a, middle) - rule_at(b, middle)) <= ASTRAY_MAX * dpi ||
            fabs(a->at_to - b->at_from) <= ASTRAY_MAX * dpi / 2) &&
           b->to > a->to;
}

static void put_together(struct rule *a, const struct rule *b)
{
    double of_a = a->to - a->from, of_b = b->to - b->from;

    a->thick = (a->thick * of_a + b->thick * of_b) / (of_a + of_b);
    a->to = b->to;
    a->at_to = b->at_to;
}

static void mend(struct rules *r)
{
    size_t kept = 0;

    if (r->count == 0)
        return;
    qsort(r->items, r->count, sizeof *r->items, compare_from);
    for (size_t i = 0; i < r->count; i++) {
        size_t k = kept;

        while (k > 0 && !goes_on(&r->items[k - 1], &r->items[i], r->dpi))
            k--;
        if (k > 0)
            put_together(&r->items[k - 1], &r->items[i]);
        else
            r->items[kept++] = r->items[i];
    }
    r->count = kept;
}

static int look(struct rules *r, struct Pix *grey, bool upright, struct err *e)
{
    double dpi = (double)r->dpi / r->reduced;
    struct Pix *ink = thin_ink(grey, dpi, upright), *lines = NULL;
    struct Pix **pieces = upright ? &r->upright : &r->lying;
    int rc = -1;

    if (ink != NULL) {
        *pieces = runs_of(ink, 3, PIECE_MIN * dpi, upright);
        lines = runs_of(ink, odd(HOLE_MAX * dpi), LENGTH_MIN * dpi, upright);
    }
    if (*pieces == NULL || lines == NULL)
        err_set(e, ERR_MEMORY, "rules: out of memory");
    else
        rc = take_rules(r, lines, ink, upright, e);
    pixDestroy(&ink);
    pixDestroy(&lines);
    return rc;
}

int rules_find(struct rules *out, struct Pix *pix, int dpi, struct err *e)
{
    struct Pix *grey;
    int rc = -1;

    *out = (struct rules){.dpi = dpi};
    grey = reduce(pix, &out->reduced, dpi);
    if (grey == NULL)
        err_set(e, ERR_MEMORY, "rules: out of memory");
    else if (look(out, grey, true, e) == 0)
        /* Most pages have underlines; a page without two upright rules has no table. */
        rc = out->count < UPRIGHT_MIN ? 0 : look(out, grey, false, e);
    pixDestroy(&grey);
    if (rc == 0)
        mend(out);
    else
        rules_release(out);
    return rc;
}

/* --- is there a line? ------------------------------------------------------------------ */

double rules_cover(const struct rules *r, const struct rule *at)
{
    struct Pix *bits = at->upright ? r->upright : r->lying;
    int aside = (int)lround(COVER_ASIDE * r->dpi / r->reduced), seen = 0, all = 0;

    for (double along = at->from; along < at->to; along += r->reduced, all++) {
        double across = rule_at(at, along) / r->reduced;

        seen +=
            ink_near(bits, at->upright, (int)(along / r->reduced), (int)across, aside);
    }
    return all > 0 ? (double)seen / all : 0;
}
