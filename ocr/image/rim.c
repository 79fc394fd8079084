#include "ocr/image/rim.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INCH_MM 25.4
/* Seals of offices are 36 mm wide; the smallest 28, and text may hang on them. */
#define RADIUS_MM_MIN 13.5
#define RADIUS_MM_MAX 21.0
#define SIDE_MM_MAX   75.0
#define LOOK_DPI      60 /* where its centre is, about, is seen at so little */
#define TURNS         64
#define ANGLES        360
#define ROUND         0.72 /* so much of a circle is inked in a ring, of the outermost */
#define ROUND_INNER   0.5
#define INNER_FROM    0.45 /* of the outermost's radius: what is nearer is the star */
#define RINGS_MAX     6
#define EDGE          2 /* dots */
#define PI            3.14159265358979

struct circle {
    double x, y, r;
};

bool rim_suspected(const struct box *ink, int dpi)
{
    double least = 2 * RADIUS_MM_MIN * dpi / INCH_MM, most = SIDE_MM_MAX * dpi / INCH_MM;
    int wide = ink->right - ink->left, high = ink->bottom - ink->top;

    return wide >= least && high >= least && wide <= most && high <= most;
}

static bool inked(struct Pix *bits, double x, double y)
{
    int column = (int)lround(x), row = (int)lround(y);

    if (column < 0 || row < 0 || column >= pixGetWidth(bits) || row >= pixGetHeight(bits))
        return false;
    return GET_DATA_BIT(pixGetData(bits) + (size_t)row * (size_t)pixGetWpl(bits), column);
}

/* The share of a circle that is inked. */
static double roundness(struct Pix *bits, const struct circle *c, int angles)
{
    int hits = 0;

    for (int i = 0; i < angles; i++) {
        double turn = 2 * PI * i / angles;

        hits += inked(bits, c->x + c->r * cos(turn), c->y + c->r * sin(turn));
    }
    return (double)hits / angles;
}

/* --- where it is, about ------------------------------------------------------------- */

/* Votes of the ink in `b` for centres of circles of radius r, `step` dots to a vote. */
static void vote(unsigned short *votes, int wide, int high, struct Pix *bits,
                 const struct box *b, int step, double r)
{
    int dx[TURNS], dy[TURNS];

    for (int i = 0; i < TURNS; i++) {
        dx[i] = (int)lround(r / step * cos(2 * PI * i / TURNS));
        dy[i] = (int)lround(r / step * sin(2 * PI * i / TURNS));
    }
    for (int y = 0; y < high; y++)
        for (int x = 0; x < wide; x++) {
            if (!inked(bits, b->left + x * step, b->top + y * step))
                continue;
            for (int i = 0; i < TURNS; i++) {
                int cx = x + dx[i], cy = y + dy[i];

                if (cx >= 0 && cx < wide && cy >= 0 && cy < high)
                    votes[cy * wide + cx]++;
            }
        }
}

/* The circle of radius r that has the most votes; how many, as a share of its length. */
static double voted(unsigned short *votes, int wide, int high, const struct box *b,
                    int step, struct circle *out)
{
    int best = 0;

    for (int i = 1; i < wide * high; i++)
        if (votes[i] > votes[best])
            best = i;
    out->x = b->left + best % wide * step;
    out->y = b->top + best / wide * step;
    return votes[best] / (out->r / step);
}

/* `b` is in the pixels of `bits`. */
static bool circle_guess(struct circle *out, struct Pix *bits, const struct box *b,
                         double dpi)
{
    int step = dpi > LOOK_DPI ? (int)(dpi / LOOK_DPI) : 1;
    int wide = (b->right - b->left) / step, high = (b->bottom - b->top) / step;
    unsigned short *votes = malloc((size_t)wide * (size_t)high * sizeof *votes);
    double most = 0;

    if (votes == NULL)
        return false;
    for (double r = RADIUS_MM_MIN * dpi / INCH_MM; r <= RADIUS_MM_MAX * dpi / INCH_MM;
         r += step) {
        struct circle here = {.r = r};
        double share;

        memset(votes, 0, (size_t)wide * (size_t)high * sizeof *votes);
        vote(votes, wide, high, bits, b, step, r);
        share = voted(votes, wide, high, b, step, &here);
        if (share > most) {
            most = share;
            *out = here;
        }
    }
    free(votes);
    return most > 0;
}

/* The roundest circle near the guess. */
static double circle_refine(struct circle *c, struct Pix *bits, double dpi)
{
    struct circle guess = *c;
    double near = 2 * (dpi > LOOK_DPI ? floor(dpi / LOOK_DPI) : 1), most = 0;

    for (double y = -near; y <= near; y++)
        for (double x = -near; x <= near; x++)
            for (double r = -near; r <= near; r++) {
                struct circle here = {guess.x + x, guess.y + y, guess.r + r};
                double share = roundness(bits, &here, TURNS);

                if (share > most) {
                    most = share;
                    *c = here;
                }
            }
    return roundness(bits, c, ANGLES);
}

/* --- its rings ---------------------------------------------------------------------- */

struct ring {
    double from, to; /* radii */
};

static size_t rings_find(struct ring out[RINGS_MAX], struct Pix *bits,
                         const struct circle *c)
{
    size_t n = 0;
    bool within = false;

    for (double r = c->r * INNER_FROM; r < c->r * 1.15; r++) {
        struct circle here = {c->x, c->y, r};
        bool is = roundness(bits, &here, ANGLES) >= ROUND_INNER;

        if (is && !within && n < RINGS_MAX)
            out[n++] = (struct ring){r, r};
        if (is && n > 0)
            out[n - 1].to = r;
        within = is;
    }
    return n;
}

/* Whether a stroke crosses the ring here: there is ink on both sides of it. */
static bool is_crossed(struct Pix *bits, const struct circle *c, const struct ring *g,
                       double ux, double uy)
{
    double in = g->from - 3, out = g->to + 3;

    return inked(bits, c->x + ux * in, c->y + uy * in) &&
           inked(bits, c->x + ux * out, c->y + uy * out);
}

/* In `pix`, where a dot of `bits` is `by` wide. Edges have shades: a little beyond. */
static void ring_erase(struct Pix *pix, int by, l_uint32 paper, struct Pix *bits,
                       const struct circle *c, const struct ring *g)
{
    double reach = (g->to + EDGE) * by, least = (g->from - EDGE) * by;
    double cx = c->x * by, cy = c->y * by;

    for (int y = (int)(cy - reach); y <= cy + reach; y++)
        for (int x = (int)(cx - reach); x <= cx + reach; x++) {
            double r = hypot(x - cx, y - cy);

            if (r >= least && r <= reach && x >= 0 && y >= 0 &&
                !is_crossed(bits, c, g, (x - cx) / r, (y - cy) / r))
                (void)pixSetPixel(pix, x, y, paper);
        }
}

bool rim_erase(struct Pix *grey, struct Pix *bits, int by, const struct box *ink, int dpi)
{
    struct box b = {ink->left / by, ink->top / by, ink->right / by, ink->bottom / by};
    struct Pix *was = pixCopy(NULL, bits);
    struct ring rings[RINGS_MAX];
    l_float32 paper = 255;
    struct circle c;
    size_t n = 0;

    if (was != NULL && circle_guess(&c, was, &b, (double)dpi / by) &&
        circle_refine(&c, was, (double)dpi / by) >= ROUND)
        n = rings_find(rings, was, &c);
    if (n > 0)
        (void)pixGetRankValueMasked(grey, NULL, 0, 0, 4, 0.7f, &paper, NULL);
    for (size_t i = 0; i < n; i++) {
        ring_erase(grey, by, (l_uint32)paper, was, &c, &rings[i]);
        ring_erase(bits, 1, 0, was, &c, &rings[i]);
    }
    pixDestroy(&was);
    return n > 0;
}
