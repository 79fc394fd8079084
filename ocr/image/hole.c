#include "ocr/image/hole.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdbool.h>

#include "ocr/image/levels.h"

#define SEARCH_DPI 100.0
#define DPI_MIN    72
#define HOLES_MAX  16
/* Millimetres. Punches make 5 to 6; ISO 838 has two, 80 apart, 12 from the edge. */
#define ACROSS_MIN 4.2
#define ACROSS_MAX 7.5
#define APART      80.0
#define APART_OFF  3.0
#define EDGE_MAX   18.0 /* of its middle */
#define ALONE      2.5  /* round it, without ink */
#define STREAK_MAX 1.0  /* wide */
#define FRINGE     0.6
#define DARK_SHARE 0.65 /* of the paper's level */
/* Of the dots. */
#define DISC_FULL   0.94
#define RING_EMPTY  0.04
#define RIM_WHOLE   0.85 /* of its directions */
#define STRAY_MAX   0.06 /* specks and a streak round it */
#define CORNERS_MAX 0.1  /* a square has some */

enum shape { NOT_ROUND, DISC, RING };

struct hole {
    double x, y, radius; /* of the mask */
    enum shape shape;
    bool cut; /* by the edge */
};

struct search {
    struct Pix *mask; /* what is dark near the edges, at SEARCH_DPI */
    int width, height;
    struct hole holes[HOLES_MAX];
    size_t count;
};

static double dots(double mm)
{
    return mm * SEARCH_DPI / 25.4;
}

static bool is_dark(const struct search *s, int x, int y)
{
    return GET_DATA_BIT(pixGetData(s->mask) + (size_t)y * (size_t)pixGetWpl(s->mask), x);
}

/* --- what is dark near an edge ----------------------------------------------------- */

/* The mean of the four dots at one place of the mask. */
static bool dark_at(struct Pix *grey, double scale, int x, int y, int dark)
{
    int left = (int)(x * scale), top = (int)(y * scale);
    int off = (int)(scale / 2) + 1, sum = 0;

    for (int j = top; j <= top + off; j += off) {
        const l_uint32 *row = pixGetData(grey) + (size_t)j * (size_t)pixGetWpl(grey);

        sum += GET_DATA_BYTE(row, left) + GET_DATA_BYTE(row, left + off);
    }
    return sum < 4 * dark;
}

static struct Pix *mask_of(struct Pix *grey, double scale)
{
    int width = (int)(pixGetWidth(grey) / scale) - 1;
    int height = (int)(pixGetHeight(grey) / scale) - 1;
    int near = (int)dots(EDGE_MAX + ACROSS_MAX / 2 + ALONE);
    int dark = (int)(levels_paper(grey) * DARK_SHARE);
    struct Pix *mask = pixCreate(width, height, 1);

    for (int y = 0; mask != NULL && y < height; y++) {
        l_uint32 *row = pixGetData(mask) + (size_t)y * (size_t)pixGetWpl(mask);
        bool outer = y < near || y >= height - near;

        for (int x = 0; x < width; x++) {
            if (!outer && x >= near && x < width - near)
                x = width - near;
            if (dark_at(grey, scale, x, y, dark))
                SET_DATA_BIT(row, x);
        }
    }
    return mask;
}

/* --- is it round, and alone? ------------------------------------------------------- */

/* Dots at distances between `from` and `to` of the middle that lie on the mask, and how
 * many of them are dark. */
static int count_round(const struct search *s, const struct hole *h, double from,
                       double to, int *dark)
{
    int seen = 0, reach = (int)to + 1, left = (int)h->x - reach, top = (int)h->y - reach;

    *dark = 0;
    for (int y = top; y <= top + 2 * reach + 1; y++)
        for (int x = left; x <= left + 2 * reach + 1; x++) {
            double far = hypot(x + 0.5 - h->x, y + 0.5 - h->y);

            if (x < 0 || y < 0 || x >= s->width || y >= s->height || far < from ||
                far >= to)
                continue;
            seen++;
            *dark += is_dark(s, x, y);
        }
    return seen;
}

/* In how many directions of those that lie on the mask the rim is dark. */
static double rim_of(const struct search *s, const struct hole *h)
{
    int seen = 0, dark = 0;

    for (int i = 0; i < 48; i++) {
        bool here = false, on = false;

        for (double far = h->radius - 2; far <= h->radius + 0.5; far += 0.5) {
            int x = (int)(h->x + far * cos(i * M_PI / 24));
            int y = (int)(h->y + far * sin(i * M_PI / 24));

            if (x < 0 || y < 0 || x >= s->width || y >= s->height)
                continue;
            on = true;
            here = here || is_dark(s, x, y);
        }
        seen += on;
        dark += here;
    }
    return seen == 0 ? 0 : (double)dark / seen;
}

static enum shape shape_of(const struct search *s, const struct hole *h)
{
    int dark, seen = count_round(s, h, h->radius + dots(FRINGE), h->radius + dots(ALONE),
                                 &dark);

    if (dark > seen * STRAY_MAX || rim_of(s, h) < RIM_WHOLE)
        return NOT_ROUND;
    seen = count_round(s, h, h->radius + 1, h->radius + dots(FRINGE), &dark);
    if (dark > seen * CORNERS_MAX)
        return NOT_ROUND;
    seen = count_round(s, h, 0, h->radius - 0.7, &dark);
    if (dark >= seen * DISC_FULL)
        return DISC;
    seen = count_round(s, h, 0, h->radius * 0.7, &dark);
    return dark <= seen * RING_EMPTY ? RING : NOT_ROUND;
}

static bool is_known(const struct search *s, const struct hole *h)
{
    for (size_t i = 0; i < s->count; i++)
        if (hypot(s->holes[i].x - h->x, s->holes[i].y - h->y) < dots(ACROSS_MIN))
            return true;
    return false;
}

/* Takes what lies in the box for a hole if it is like one. */
static void consider(struct search *s, const BOX *b)
{
    int longer = b->w > b->h ? b->w : b->h, shorter = b->w > b->h ? b->h : b->w;
    bool left = b->x == 0, top = b->y == 0;
    bool right = b->x + b->w == s->width, bottom = b->y + b->h == s->height;
    struct hole h = {.radius = longer / 2.0, .cut = left || top || right || bottom};
    double edge;

    if (s->count == HOLES_MAX || longer < dots(ACROSS_MIN) || longer > dots(ACROSS_MAX) ||
        shorter < longer * (h.cut ? 0.5 : 0.85))
        return;
    h.x = left ? b->w - h.radius : right ? b->x + h.radius : b->x + b->w / 2.0;
    h.y = top ? b->h - h.radius : bottom ? b->y + h.radius : b->y + b->h / 2.0;
    if (!h.cut)
        h.radius = (b->w + b->h) / 4.0;
    edge = fmin(fmin(h.x, s->width - h.x), fmin(h.y, s->height - h.y));
    if (edge > dots(EDGE_MAX))
        return;
    h.shape = shape_of(s, &h);
    if (h.shape != NOT_ROUND && !is_known(s, &h))
        s->holes[s->count++] = h;
}

static void consider_all(struct search *s, struct Pix *mask)
{
    BOXA *boxes = mask == NULL ? NULL : pixConnCompBB(mask, 8);

    for (l_int32 i = 0; boxes != NULL && i < boxaGetCount(boxes); i++) {
        BOX *box = boxaGetBox(boxes, i, L_CLONE);

        consider(s, box);
        boxDestroy(&box);
    }
    boxaDestroy(&boxes);
}

/* As they are, and without the streaks that hang them together. */
static void find(struct search *s)
{
    int side = (int)dots(STREAK_MAX);
    struct Pix *opened = pixOpenBrick(NULL, s->mask, side, side);

    s->width = pixGetWidth(s->mask);
    s->height = pixGetHeight(s->mask);
    consider_all(s, s->mask);
    consider_all(s, opened);
    pixDestroy(&opened);
}

/* --- which of them are holes --------------------------------------------------------- */

static bool has_partner(const struct search *s, const struct hole *h)
{
    for (size_t i = 0; i < s->count; i++) {
        double far = hypot(s->holes[i].x - h->x, s->holes[i].y - h->y);

        if (fabs(far - dots(APART)) < dots(APART_OFF))
            return true;
    }
    return false;
}

static void fill(struct Pix *grey, const struct hole *h, double scale)
{
    double x0 = h->x * scale, y0 = h->y * scale;
    double radius = (h->radius + dots(FRINGE)) * scale;
    double outer = radius + dots(1) * scale;
    int width = pixGetWidth(grey), height = pixGetHeight(grey), paper;
    unsigned counts[256] = {0};

    for (int pass = 0; pass < 2; pass++) {
        paper = pass == 0 ? 0 : levels_at(counts, 0.5);
        for (int y = (int)fmax(0, y0 - outer); y < height && y < y0 + outer; y++) {
            l_uint32 *row = pixGetData(grey) + (size_t)y * (size_t)pixGetWpl(grey);

            for (int x = (int)fmax(0, x0 - outer); x < width && x < x0 + outer; x++) {
                double far = hypot(x + 0.5 - x0, y + 0.5 - y0);

                if (pass == 0 && far >= radius && far < outer)
                    counts[GET_DATA_BYTE(row, x)]++;
                else if (pass == 1 && far < radius)
                    SET_DATA_BYTE(row, x, paper);
            }
        }
    }
}

size_t hole_remove(struct Pix *grey, int dpi)
{
    double scale = fmax(1, (dpi > DPI_MIN ? dpi : DPI_MIN) / SEARCH_DPI);
    struct search s = {.mask = NULL};
    size_t removed = 0;

    if (fmin(pixGetWidth(grey), pixGetHeight(grey)) < (dots(EDGE_MAX) + 2) * scale)
        return 0;
    s.mask = mask_of(grey, scale);
    if (s.mask == NULL)
        return 0; /* the page is read with them */
    find(&s);
    for (size_t i = 0; i < s.count; i++)
        if ((s.holes[i].shape == DISC && !s.holes[i].cut) ||
            has_partner(&s, &s.holes[i])) {
            fill(grey, &s.holes[i], scale);
            removed++;
        }
    pixDestroy(&s.mask);
    return removed;
}
