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
#define INNER_FROM    0.45 /* of the outermost's radius: what is nearer is the star */
#define RINGS_MAX     6
#define OUTER_TO      1.15
#define ROUND_ABOUT   0.7
#define ABOUT         1.5 /* dots: no ring is quite round, */
#define DRIFT         3   /* nor where it is said to be */
#define STEP          0.5
#define LENGTHS       80   /* steps; longer runs are no ring's */
#define LONGEST       1.35 /* times the usual: what is longer has a stroke in it */
#define PART_REACH    1.3
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

/* The share of directions in which a thin ring is about here: none is quite round. */
static double roundness_about(struct Pix *bits, const struct circle *c)
{
    int hits = 0;

    for (int i = 0; i < ANGLES; i++) {
        double ux = cos(2 * PI * i / ANGLES), uy = sin(2 * PI * i / ANGLES);
        bool here = false;

        for (double r = c->r - ABOUT; r <= c->r + ABOUT && !here; r += STEP)
            here = inked(bits, c->x + ux * r, c->y + uy * r);
        hits += here;
    }
    return (double)hits / ANGLES;
}

static size_t rings_find(struct ring out[RINGS_MAX], struct Pix *bits,
                         const struct circle *c)
{
    size_t n = 0;
    bool within = false;

    for (double r = c->r * INNER_FROM; r < c->r * OUTER_TO; r++) {
        struct circle here = {c->x, c->y, r};
        bool is = roundness_about(bits, &here) >= ROUND_ABOUT;

        if (is && !within && n < RINGS_MAX)
            out[n++] = (struct ring){r, r};
        if (is && n > 0)
            out[n - 1].to = r;
        within = is;
    }
    return n;
}

/* The ink along one radius, outwards from `at`, which is inked: where it begins and
 * ends, looked for no further than `reach`. */
static struct ring run_at(struct Pix *bits, const struct circle *c, double ux, double uy,
                          double at, double reach)
{
    struct ring run = {at, at};

    while (at - run.from < reach &&
           inked(bits, c->x + ux * (run.from - STEP), c->y + uy * (run.from - STEP)))
        run.from -= STEP;
    while (run.to - at < reach &&
           inked(bits, c->x + ux * (run.to + STEP), c->y + uy * (run.to + STEP)))
        run.to += STEP;
    return run;
}

/* A pass over all that is inked along the ring: each run that is no longer than
 * `longest` is set in `gone`, if there is one. Gives the usual length of runs. */
static double ring_pass(struct Pix *gone, struct Pix *bits, const struct circle *c,
                        const struct ring *g, double longest)
{
    unsigned lengths[LENGTHS] = {0}, all = 0, seen = 0;
    int turns = (int)(2 * PI * (g->to + DRIFT) / STEP), usual = 0;

    for (int i = 0; i < turns; i++) {
        double ux = cos(2 * PI * i / turns), uy = sin(2 * PI * i / turns);

        for (double r = g->from - DRIFT; r <= g->to + DRIFT; r += STEP) {
            struct ring run;

            if (!inked(bits, c->x + ux * r, c->y + uy * r))
                continue;
            run = run_at(bits, c, ux, uy, r, LENGTHS * STEP / 2);
            lengths[(int)fmin((run.to - run.from) / STEP, LENGTHS - 1)]++;
            all++;
            for (r = run.from;
                 gone != NULL && run.to - run.from <= longest && r <= run.to; r += STEP)
                (void)pixSetPixel(gone, (int)lround(c->x + ux * r),
                                  (int)lround(c->y + uy * r), 1);
            r = run.to;
        }
    }
    while (usual < LENGTHS - 1 && (seen += lengths[usual]) * 2 < all)
        usual++;
    return usual * STEP;
}

/* What is gone becomes paper, and its shaded edge with it; ink that stays keeps its
 * own. */
static void ink_erase(struct Pix *grey, int left, int top, struct Pix *bits,
                      struct Pix *gone, l_uint32 paper)
{
    struct Pix *stays = pixSubtract(NULL, bits, gone),
               *all = pixDilateBrick(NULL, gone, 5, 5);
    struct Pix *near = stays == NULL ? NULL : pixDilateBrick(NULL, stays, 3, 3);

    if (near != NULL && all != NULL) {
        (void)pixSubtract(all, all, near);
        (void)pixOr(all, all, gone);
        (void)pixPaintThroughMask(grey, all, left, top, paper);
    }
    pixDestroy(&near);
    pixDestroy(&stays);
    pixDestroy(&all);
}

/* --- the seal's part of the page ------------------------------------------------------ */

struct part {
    struct Pix *bits, *gone; /* owned; in the page's own pixels */
    int left, top;
    l_uint32 paper;
};

static void part_release(struct part *p)
{
    pixDestroy(&p->bits);
    pixDestroy(&p->gone);
}

/* What lies around the circle, *c in the pixels of the page; and *c in it. */
static bool part_take(struct part *p, struct Pix *grey, struct circle *c)
{
    int reach = (int)(c->r * PART_REACH);
    l_float32 paper = 255, dark = 0;
    struct Pix *cut;
    BOX *box;

    *p = (struct part){.left = (int)c->x - reach, .top = (int)c->y - reach};
    p->left = p->left < 0 ? 0 : p->left;
    p->top = p->top < 0 ? 0 : p->top;
    box = boxCreate(p->left, p->top, 2 * reach, 2 * reach);
    cut = pixClipRectangle(grey, box, NULL);
    boxDestroy(&box);
    if (cut == NULL)
        return false;
    (void)pixGetRankValueMasked(cut, NULL, 0, 0, 2, 0.7f, &paper, NULL);
    (void)pixGetRankValueMasked(cut, NULL, 0, 0, 2, 0.03f, &dark, NULL);
    p->paper = (l_uint32)paper;
    p->bits = pixThresholdToBinary(cut, (int)(paper + dark) / 2);
    p->gone = p->bits == NULL ? NULL : pixCreateTemplate(p->bits);
    pixDestroy(&cut);
    c->x -= p->left;
    c->y -= p->top;
    return p->gone != NULL;
}

static size_t part_rings(struct part *p, struct circle *c)
{
    struct ring rings[RINGS_MAX];
    size_t n;

    (void)circle_refine(c, p->bits, LOOK_DPI);
    n = rings_find(rings, p->bits, c);
    for (size_t i = 0; i < n; i++) {
        double usual = ring_pass(NULL, p->bits, c, &rings[i], 0);

        (void)ring_pass(p->gone, p->bits, c, &rings[i], LONGEST * usual + 1);
    }
    return n;
}

/* A dot of the page's small ink goes where most of it went. */
static void small_erase(struct Pix *bits, int by, const struct part *p)
{
    for (int y = 0; y < pixGetHeight(p->bits); y += by)
        for (int x = 0; x < pixGetWidth(p->bits); x += by) {
            int stays = 0, went = 0;

            for (int k = 0; k < by * by; k++) {
                bool gone = inked(p->gone, x + k % by, y + k / by);

                went += gone;
                stays += !gone && inked(p->bits, x + k % by, y + k / by);
            }
            if (went > stays)
                (void)pixSetPixel(bits, (x + p->left) / by, (y + p->top) / by, 0);
        }
}

bool rim_erase(struct Pix *grey, struct Pix *bits, int by, const struct box *ink, int dpi)
{
    struct box b = {ink->left / by, ink->top / by, ink->right / by, ink->bottom / by};
    struct part part = {0};
    struct circle c;
    size_t n = 0;

    if (!circle_guess(&c, bits, &b, (double)dpi / by) ||
        circle_refine(&c, bits, (double)dpi / by) < ROUND)
        return false;
    c = (struct circle){c.x * by, c.y * by, c.r * by};
    if (part_take(&part, grey, &c))
        n = part_rings(&part, &c);
    if (n > 0) {
        ink_erase(grey, part.left, part.top, part.bits, part.gone, part.paper);
        small_erase(bits, by, &part);
    }
    part_release(&part);
    return n > 0;
}
