#include "ocr/table/leaders.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define CONTRAST_MIN 26
#define DOTS_MAX     30000 /* more is dirt all over the page */
#define FINE_DPI     280
#define BLANK_SAMPLE 8
#define BLANK_LEVEL  250
#define BLANK_SHARE  0.8
#define CHAINED_MIN  10 /* dots; an ellipsis has three, rarely six */

/* Inches. */
#define HAT        0.032 /* larger than a dot */
#define DOT_HIGH   0.031
#define DOT_WIDE   0.5 /* a dash, or dots that have run into each other */
#define GAP_MAX    0.085
#define LENGTH_MIN 0.40
#define LEVEL_MAX  0.009 /* how far a dot is off its neighbour's height */
#define STRAY_MAX  0.011 /* and off the whole leader's */
#define REACH      0.45  /* from a leader's dot to one more, below a word */

/* How much distances from dot to dot may differ, and how many may do so. */
#define PITCH_OFF  0.35
#define PITCH_EVEN 0.6
/* Of the others' area. */
#define ALIKE 1.8
/* Of the others' width: two of them in one. */
#define RUN_MIN 2.4

struct dot {
    int left, top, right, bottom;
    int before;    /* in the same chain, -1: none */
    bool followed; /* by another in it */
};

static double middle_y(const struct dot *d)
{
    return (d->top + d->bottom) / 2.0;
}

/* --- dots ------------------------------------------------------------------------ */

static int compare_lefts(const void *a, const void *b)
{
    const struct dot *d = a, *f = b;

    return d->left != f->left ? (d->left > f->left) - (d->left < f->left)
                              : (d->top > f->top) - (d->top < f->top);
}

/* Paper as a computer draws it: ink is what is not white, and needs no comparing with
 * what is around it, which would take the thirtieth part of such a page's time. */
static bool is_blank_paper(struct Pix *pix)
{
    NUMA *shades = pixGetGrayHistogram(pix, BLANK_SAMPLE);
    float paper = 0, all = 0;

    if (shades == NULL || numaGetSumOnInterval(shades, BLANK_LEVEL, 255, &paper) != 0 ||
        numaGetSum(shades, &all) != 0)
        all = 0;
    numaDestroy(&shades);
    return all > 0 && paper >= BLANK_SHARE * all;
}

static struct Pix *small_ink(struct Pix *pix, int dpi)
{
    int size = (int)(HAT * dpi) | 1;
    struct Pix *hat, *bits;

    if (is_blank_paper(pix))
        return pixThresholdToBinary(pix, 256 - CONTRAST_MIN);
    hat = pixTophat(pix, size, size, L_TOPHAT_BLACK);
    bits = hat != NULL ? pixThresholdToBinary(hat, CONTRAST_MIN) : NULL;
    pixDestroy(&hat);
    return bits != NULL ? pixInvert(bits, bits) : NULL;
}

/* Ink of a dot's size, from left to right. */
static int find_dots(struct dot **out, size_t *count, struct Pix *bits, int dpi,
                     struct err *e)
{
    BOXA *boxes = pixConnCompBB(bits, 8);
    int n = boxes != NULL ? boxaGetCount(boxes) : 0;

    *count = 0;
    *out = calloc((size_t)n + 1, sizeof **out);
    if (boxes == NULL || *out == NULL) {
        boxaDestroy(&boxes);
        return err_set(e, ERR_MEMORY, "leaders: out of memory");
    }
    for (int i = 0; i < n; i++) {
        int x, y, width, height;

        boxaGetBoxGeometry(boxes, i, &x, &y, &width, &height);
        if (width <= DOT_WIDE * dpi && height <= DOT_HIGH * dpi)
            (*out)[(*count)++] = (struct dot){x, y, x + width, y + height, -1, false};
    }
    boxaDestroy(&boxes);
    qsort(*out, *count, sizeof **out, compare_lefts);
    return 0;
}

/* --- chains ------------------------------------------------------------------------ */

/* Each dot follows the nearest one to its left on its level that none follows yet. */
static void chain_dots(struct dot *dots, size_t count, int dpi)
{
    for (size_t i = 0; i < count; i++) {
        int best = -1;
        double least = INFINITY;

        for (size_t k = i;
             k-- > 0 && dots[i].left - dots[k].left <= (GAP_MAX + DOT_WIDE) * dpi;) {
            double off = fabs(middle_y(&dots[i]) - middle_y(&dots[k]));
            double gap = dots[i].left - dots[k].right;

            if (gap >= 0 && gap <= GAP_MAX * dpi && off <= LEVEL_MAX * dpi + 0.5 &&
                !dots[k].followed && gap + 4 * off < least) {
                least = gap + 4 * off;
                best = (int)k;
            }
        }
        if (best >= 0) {
            dots[i].before = best;
            dots[best].followed = true;
        }
    }
}

/* A leader: a straight row of dots. */
struct leader {
    double from, to, at_from, at_to; /* y at both ends */
    double wide, high;               /* its dots', the median */
};

static double leader_at(const struct leader *l, double x)
{
    return l->at_from +
           (l->at_to - l->at_from) * (x - l->from) / fmax(l->to - l->from, 1);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare_doubles);
    return values[count / 2];
}

/* Are the dots of the chain that ends at `end` a leader's? `spare` has room for all. */
static bool measure_chain(struct leader *out, const struct dot *dots, int end,
                          double *spare, int dpi)
{
    size_t n = 0, even = 0;
    int first = end;
    double pitch;

    for (int i = end; dots[i].before >= 0; i = dots[i].before) {
        spare[n++] = dots[i].left - dots[dots[i].before].left;
        first = dots[i].before;
    }
    if (n + 1 < CHAINED_MIN || dots[end].right - dots[first].left < LENGTH_MIN * dpi)
        return false;
    pitch = median(spare, n);
    for (size_t i = 0; i < n; i++)
        even += fabs(spare[i] - pitch) <= fmax(PITCH_OFF * pitch, 1);
    n = 0;
    for (int i = end; i >= 0; i = dots[i].before)
        spare[n++] = dots[i].right - dots[i].left;
    out->wide = median(spare, n);
    n = 0;
    for (int i = end; i >= 0; i = dots[i].before)
        spare[n++] = dots[i].bottom - dots[i].top;
    out->high = median(spare, n);
    out->from = dots[first].left;
    out->to = dots[end].right;
    out->at_from = middle_y(&dots[first]);
    out->at_to = middle_y(&dots[end]);
    return (double)even >= PITCH_EVEN * (double)(n - 1);
}

/* --- taking them off ------------------------------------------------------------------ */

static int grey_at(struct Pix *pix, int x, int y)
{
    l_uint32 value = 255;

    (void)pixGetPixel(pix, x, y, &value); /* outside: paper */
    return (int)value;
}

/* The second lightest of four places round the dot. */
static int paper_at(struct Pix *pix, const struct dot *d)
{
    int values[4] = {grey_at(pix, d->left - 3, d->top - 3),
                     grey_at(pix, d->right + 2, d->top - 3),
                     grey_at(pix, d->left - 3, d->bottom + 2),
                     grey_at(pix, d->right + 2, d->bottom + 2)};
    int most = 0, second = 0;

    for (int i = 0; i < 4; i++)
        if (values[i] > most) {
            second = most;
            most = values[i];
        } else if (values[i] > second) {
            second = values[i];
        }
    return second;
}

/* Paper over the dot and its grey rim, but over no other ink. */
static void erase_dot(struct Pix *to, struct Pix *bits, const struct dot *d)
{
    int paper = paper_at(to, d);

    for (int y = d->top - 2; y < d->bottom + 2; y++)
        for (int x = d->left - 2; x < d->right + 2; x++) {
            bool inside = x >= d->left && x < d->right && y >= d->top && y < d->bottom;
            l_uint32 ink = 0;

            (void)pixGetPixel(bits, x, y, &ink);
            if ((inside || ink == 0) && grey_at(to, x, y) < paper)
                (void)pixSetPixel(to, x, y, (l_uint32)paper);
        }
}

/* A dot as large as the leader's, or several that have run into each other: the dot
 * below a letter is larger in both directions. */
static bool is_alike(const struct leader *l, const struct dot *d)
{
    double wide = d->right - d->left, high = d->bottom - d->top;

    return wide * high <= ALIKE * l->wide * l->high ||
           (wide >= RUN_MIN * l->wide && high <= l->high + 1);
}

static bool belongs(const struct leader *l, const struct dot *d, int dpi)
{
    double x = (d->left + d->right) / 2.0;

    return x >= l->from - REACH * dpi && x <= l->to + REACH * dpi &&
           fabs(middle_y(d) - leader_at(l, x)) <= STRAY_MAX * dpi && is_alike(l, d);
}

static size_t erase_leader(struct Pix *to, struct Pix *bits, struct leader *l,
                           struct dot *dots, size_t count, int dpi)
{
    size_t erased = 0;

    for (size_t i = 0; i < count; i++)
        if (dots[i].bottom > dots[i].top && belongs(l, &dots[i], dpi)) {
            erase_dot(to, bits, &dots[i]);
            dots[i].bottom = dots[i].top; /* gone */
            erased++;
        }
    return erased;
}

/* What was found on one picture. */
struct scan {
    struct Pix *bits;
    struct dot *dots; /* owned, as leaders are */
    size_t dots_count;
    struct leader *leaders;
    size_t leaders_count;
};

static void scan_release(struct scan *s)
{
    pixDestroy(&s->bits);
    free(s->dots);
    free(s->leaders);
    *s = (struct scan){0};
}

static int find_leaders(struct scan *s, int dpi, struct err *e)
{
    double *spare = calloc(s->dots_count + 1, sizeof *spare);

    s->leaders = calloc(s->dots_count / CHAINED_MIN + 1, sizeof *s->leaders);
    if (spare == NULL || s->leaders == NULL) {
        free(spare);
        return err_set(e, ERR_MEMORY, "leaders: out of memory");
    }
    chain_dots(s->dots, s->dots_count, dpi);
    for (size_t i = 0; i < s->dots_count; i++)
        if (!s->dots[i].followed &&
            measure_chain(&s->leaders[s->leaders_count], s->dots, (int)i, spare, dpi))
            s->leaders_count++;
    free(spare);
    return 0;
}

static int scan(struct scan *out, struct Pix *pix, int dpi, struct err *e)
{
    int rc = -1;

    *out = (struct scan){.bits = small_ink(pix, dpi)};
    if (out->bits == NULL)
        err_set(e, ERR_MEMORY, "leaders: out of memory");
    else if (find_dots(&out->dots, &out->dots_count, out->bits, dpi, e) == 0) {
        if (out->dots_count > DOTS_MAX)
            out->dots_count = 0;
        rc = find_leaders(out, dpi, e);
    }
    if (rc != 0)
        scan_release(out);
    return rc;
}

/* Whether it is worth looking closely: a fine picture is first looked at smaller,
 * which takes a quarter of the time, and most pages have no leaders. */
static int look_smaller(bool *any, struct Pix *pix, int dpi, struct err *e)
{
    struct Pix *small = NULL;
    struct scan s = {0};
    int rc;

    *any = true;
    if (dpi < FINE_DPI)
        return 0;
    small = pixScaleGrayMinMax(pix, 2, 2, L_CHOOSE_MIN);
    if (small == NULL)
        return err_set(e, ERR_MEMORY, "leaders: out of memory");
    rc = scan(&s, small, dpi / 2, e);
    *any = rc == 0 && s.leaders_count > 0;
    scan_release(&s);
    pixDestroy(&small);
    return rc;
}

int leaders_erase(struct Pix **out, struct Pix *pix, int dpi, size_t *dots, struct err *e)
{
    struct scan s = {0};
    bool any;
    int rc = look_smaller(&any, pix, dpi, e);

    *out = NULL;
    *dots = 0;
    if (rc == 0 && any)
        rc = scan(&s, pix, dpi, e);
    if (rc == 0) {
        *out = s.leaders_count > 0 ? pixCopy(NULL, pix) : pixClone(pix);
        if (*out == NULL)
            rc = err_set(e, ERR_MEMORY, "leaders: out of memory");
    }
    for (size_t i = 0; i < s.leaders_count && rc == 0; i++)
        *dots += erase_leader(*out, s.bits, &s.leaders[i], s.dots, s.dots_count, dpi);
    scan_release(&s);
    return rc;
}
