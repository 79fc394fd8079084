#include "ocr/image/border.h"

#include <leptonica/allheaders.h>
#include <stdbool.h>
#include <stdlib.h>

#include "ocr/image/levels.h"

#define SEARCH_DPI 75.0
#define DPI_MIN    72
#define SIDE_MIN   64 /* of the small picture: what is less is no page */
/* Of the paper's level. */
#define DARK_SHARE 0.6
#define STEP_SHARE 0.7 /* a sheet ends at once, a shadow by and by */
#define DEPTH_MAX  0.3 /* of the page: what is deeper is a picture */
/* Millimetres. */
#define LENGTH_MIN 12.0 /* along the edge: more than a letter or a punched hole */
#define BREACH_MAX 1.0  /* white dots on the glass */
#define FRINGE     0.5  /* of grey between black and paper */
#define BEYOND     1.7  /* where the paper's level is taken */

enum side { LEFT, RIGHT, TOP, BOTTOM, SIDES };

/* One side of a picture: `depths[i]` dots of border at place i along it. */
struct edge {
    struct Pix *pix; /* small */
    enum side side;
    int length, across; /* of the picture: along the side, and away from it */
    int max, dark;
    int *raw, *depths, *spare;
    int *papers; /* the level beyond the border; 0: there is none */
};

static int dots(double mm)
{
    return (int)(mm * SEARCH_DPI / 25.4 + 0.5);
}

/* The dot that lies `depth` dots inside of the side's place `along`. */
static void place_of(const struct edge *e, int along, int depth, int *x, int *y)
{
    *x = e->side == LEFT ? depth : e->side == RIGHT ? e->across - 1 - depth : along;
    *y = e->side == TOP ? depth : e->side == BOTTOM ? e->across - 1 - depth : along;
}

static int level_of(const struct edge *e, int along, int depth)
{
    int x, y;

    place_of(e, along, depth, &x, &y);
    return GET_DATA_BYTE(pixGetData(e->pix) + (size_t)y * (size_t)pixGetWpl(e->pix), x);
}

/* How deep the dark goes at each place; one light dot does not end it. */
static void measure(struct edge *e)
{
    for (int i = 0; i < e->length; i++) {
        int last = 0;

        for (int d = 0; d < e->max && d <= last + 1; d++)
            if (level_of(e, i, d) < e->dark)
                last = d + 1;
        e->raw[i] = e->depths[i] = last;
    }
}

/* The least or the greatest depth of each place's neighbours, up to `reach` away. */
static void spread(struct edge *e, int reach, bool greatest)
{
    int *was = e->depths;

    for (int i = 0; i < e->length; i++) {
        int from = i > reach ? i - reach : 0;
        int to = i + reach < e->length ? i + reach : e->length - 1, best = was[from];

        for (int k = from + 1; k <= to; k++)
            if (was[k] != best && (was[k] > best) == greatest)
                best = was[k];
        e->spare[i] = best;
    }
    e->depths = e->spare;
    e->spare = was;
}

/* Whether places from..to have a border, and not a shadow or a picture; then the level
 * of the paper beyond it is told. */
static bool ends_sharply(const struct edge *e, int from, int to, int *paper)
{
    unsigned inside[256] = {0}, beyond[256] = {0};

    for (int i = from; i < to; i++) {
        int depth = e->depths[i], edge = depth + dots(FRINGE);

        if (depth == 0 || depth >= e->max)
            continue;
        for (int d = 0; d < depth; d++)
            inside[level_of(e, i, d)]++;
        for (int d = edge; d < edge + dots(BEYOND) && d < e->across; d++)
            beyond[level_of(e, i, d)]++;
    }
    *paper = levels_at(beyond, 0.6); /* there may be letters */
    return levels_at(inside, 0.9) < STEP_SHARE * *paper;
}

/* What is left after it is the border. How many places have one. */
static int judge(struct edge *e)
{
    int piece = dots(LENGTH_MIN), places = 0;

    for (int from = 0; from < e->length; from += piece) {
        int to = from + piece < e->length ? from + piece : e->length, paper = 0;
        bool is = ends_sharply(e, from, to, &paper);

        for (int i = from; i < to; i++) {
            e->papers[i] = is && e->depths[i] > 0 && e->depths[i] < e->max ? paper : 0;
            places += e->papers[i] > 0;
        }
    }
    return places;
}

/* Paints one row of the page's own dots, of which `scale` are one of the small picture,
 * from the edge inwards. Where something dark touches the border its fringe stays. */
static void paint_place(const struct edge *e, struct Pix *grey, int at, double scale)
{
    struct edge big = *e;
    double small = (at + 0.5) / scale - 0.5;
    int i = small < 0 ? 0 : small > e->length - 1 ? e->length - 1 : (int)(small + 0.5);
    int depth, x, y;

    if (e->papers[i] == 0)
        return;
    depth = (int)((e->depths[i] + (e->raw[i] <= e->depths[i] + 1 ? dots(FRINGE) : 0)) *
                  scale);
    big.across =
        e->side == LEFT || e->side == RIGHT ? pixGetWidth(grey) : pixGetHeight(grey);
    for (int d = 0; d < depth && d < big.across; d++) {
        l_uint32 *row;

        place_of(&big, at, d, &x, &y);
        row = pixGetData(grey) + (size_t)y * (size_t)pixGetWpl(grey);
        if (GET_DATA_BYTE(row, x) < e->papers[i])
            SET_DATA_BYTE(row, x, e->papers[i]);
    }
}

/* In a corner the dark is as deep as the other side is long: there the border goes on as
 * it was next to it. */
static void reach_corners(struct edge *e)
{
    for (int i = 1; i < e->length; i++)
        if (e->depths[i] >= e->max && e->papers[i - 1] > 0) {
            e->depths[i] = e->depths[i - 1];
            e->papers[i] = e->papers[i - 1];
        }
    for (int i = e->length - 2; i >= 0; i--)
        if (e->depths[i] >= e->max && e->papers[i + 1] > 0) {
            e->depths[i] = e->depths[i + 1];
            e->papers[i] = e->papers[i + 1];
        }
}

static bool remove_side(struct edge *e, struct Pix *grey, double scale)
{
    int wide =
        e->side == LEFT || e->side == RIGHT ? pixGetHeight(grey) : pixGetWidth(grey);

    measure(e);
    spread(e, dots(BREACH_MAX / 2), true);
    spread(e, dots(BREACH_MAX / 2), false);
    spread(e, dots(LENGTH_MIN / 2), false);
    spread(e, dots(LENGTH_MIN / 2), true);
    if (judge(e) == 0)
        return false;
    reach_corners(e);
    for (int at = 0; at < wide; at++)
        paint_place(e, grey, at, scale);
    return true;
}

/* Of all sides, in `small`, which is `scale` times smaller than `grey`. */
static size_t remove_all(struct Pix *small, struct Pix *grey, double scale, int dark)
{
    int width = pixGetWidth(small), height = pixGetHeight(small);
    int longer = width > height ? width : height;
    int *rows = calloc((size_t)longer * 4, sizeof *rows);
    size_t count = 0;

    for (enum side s = LEFT; rows != NULL && s < SIDES; s++) {
        bool upright = s == LEFT || s == RIGHT;
        struct edge e = {.pix = small,
                         .side = s,
                         .length = upright ? height : width,
                         .across = upright ? width : height,
                         .dark = dark,
                         .raw = rows,
                         .depths = rows + longer,
                         .spare = rows + 2 * longer,
                         .papers = rows + 3 * longer};

        e.max = (int)(e.across * DEPTH_MAX);
        count += remove_side(&e, grey, scale);
    }
    free(rows);
    return count;
}

/* A first look: whether dots along some edge are dark for long enough. */
static bool is_suspect(struct Pix *grey, int dark, double mm)
{
    for (enum side s = LEFT; s < SIDES; s++) {
        bool upright = s == LEFT || s == RIGHT;
        struct edge e = {.pix = grey,
                         .side = s,
                         .length = upright ? pixGetHeight(grey) : pixGetWidth(grey),
                         .across = upright ? pixGetWidth(grey) : pixGetHeight(grey)};
        int step = (int)mm, seen = 0;

        for (int i = step / 2; i < e.length; i += step) {
            int first = level_of(&e, i, 1), second = level_of(&e, i, 2);

            seen = first < dark || second < dark ? seen + 1 : seen > 1 ? seen - 2 : 0;
            if (seen * step >= LENGTH_MIN / 2 * mm)
                return true;
        }
    }
    return false;
}

size_t border_remove(struct Pix *grey, int dpi)
{
    double scale = (dpi > DPI_MIN ? dpi : DPI_MIN) / SEARCH_DPI;
    int dark = (int)(levels_paper(grey) * DARK_SHARE);
    struct Pix *small;
    size_t count;

    if (pixGetWidth(grey) < SIDE_MIN * scale || pixGetHeight(grey) < SIDE_MIN * scale ||
        !is_suspect(grey, dark, scale * SEARCH_DPI / 25.4))
        return 0;
    small = scale > 1
                ? pixScaleAreaMap(grey, (l_float32)(1 / scale), (l_float32)(1 / scale))
                : pixClone(grey);
    if (small == NULL)
        return 0; /* the page is read with it */
    count = remove_all(small, grey, scale > 1 ? scale : 1, dark);
    pixDestroy(&small);
    return count;
}
