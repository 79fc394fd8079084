#include "ocr/small/ink.h"

#include <leptonica/allheaders.h>
#include <math.h>

#include "ocr/small/specks.h"

/* Colours of this much are ink's own, not a scanner's fringe or yellow paper's rest. */
#define COLOUR_FREE 24
/* Black is where the darkest pixels are, white a little below the middle of all:
 * without this stretch faint print is lost (measured: three times the letters
 * wrong). */
#define DARKEST_PART 0.008
#define WHITE_BELOW  4
#define CONTRAST_MIN 48
#define SAUVOLA_MM   2.0f /* half a window's side */
#define SAUVOLA_K    0.30f
#define TILE         800 /* pixels; spares memory */
/* Of 256 levels, either side of the threshold. Measured: 4 to 12 % of the bytes; at 32
 * strokes begin to show it. */
#define DOUBT       20
#define SOLID_LEVEL 56 /* the inside of a broad stroke has no contrast of its own */
/* Levels between the middle and the quarter below it: more is a noisy copy. */
#define NOISY 5
/* Hundredths of the light that an ink takes, which are the same where it is faint or
 * thin: that one channel is so much lighter. And levels, below which it is noise. */
#define RED_PART  24
#define RED_LEAST 14
/* Black print has a scanner's blue in it; what is as dark as it is no ballpoint's.
 * Measured: of titles that were blue in parts the letters were lifted off with the
 * signature (1.8 points of a page). */
#define BLUE_PART  22
#define BLUE_LEAST 24
#define BLUE_MIN   90
/* Of a pen's stroke where it fades or crosses a letter; only what hangs on a blue one. */
#define BLUE_WEAK_PART 16
/* No channel of it is lighter: black, though a seal be all around. */
#define BLACK_SURE    112
#define FRINGE_MM     1.2
#define AROUND        2   /* pixels: a stroke's colour is its neighbourhood's */
#define PLANE_MM2_MIN 4.0 /* less of a colour than this is dirt */
#define COLOUR_STEP   8
#define BLACK_MAX     64 /* faint print is shown clearer than it is */

#define PAPER_RANK  0.7f /* most of a page is paper */
#define PRINT_RANK  0.1f /* … and more of its ink than this is print */
#define PRINT_SHARE 0.35f
#define SEAL_MM_MIN 12.0
#define SEAL_MM_MAX 60.0

static int at_dpi(double mm, uint32_t dpi)
{
    return (int)lround(mm * dpi / 25.4);
}

struct rgb {
    int red, green, blue;
};

static struct rgb rgb_of(l_uint32 pixel)
{
    return (struct rgb){(int)(pixel >> L_RED_SHIFT & 0xff),
                        (int)(pixel >> L_GREEN_SHIFT & 0xff),
                        (int)(pixel >> L_BLUE_SHIFT & 0xff)};
}

static int least(struct rgb c)
{
    int less = c.red < c.green ? c.red : c.green;

    return less < c.blue ? less : c.blue;
}

static int most(struct rgb c)
{
    int more = c.red > c.green ? c.red : c.green;

    return more > c.blue ? more : c.blue;
}

/* 8 bits of grey in which coloured ink is as dark as black. */
static struct Pix *darkness_of(struct Pix *even)
{
    struct Pix *dark;

    if (pixGetDepth(even) == 8)
        return pixCopy(NULL, even);
    dark = pixCreate(pixGetWidth(even), pixGetHeight(even), 8);
    for (int y = 0; dark != NULL && y < pixGetHeight(even); y++) {
        const l_uint32 *from = pixGetData(even) + (size_t)y * (size_t)pixGetWpl(even);
        l_uint32 *to = pixGetData(dark) + (size_t)y * (size_t)pixGetWpl(dark);

        for (int x = 0; x < pixGetWidth(even); x++) {
            struct rgb c = rgb_of(from[x]);
            int grey = (c.red * 5 + c.green * 8 + c.blue * 3) / 16,
                colour = most(c) - least(c) - COLOUR_FREE;

            grey -= colour > 0 ? colour : 0;
            SET_DATA_BYTE(to, x, grey > 0 ? grey : 0);
        }
    }
    return dark;
}

/* The level below which `part` of the pixels are. */
static int level_of(const NUMA *counts, double part)
{
    double sum = 0, seen = 0;
    int level = 0;

    for (int i = 0; i < 256; i++)
        sum += counts->array[i];
    while (level < 255 && (seen += counts->array[level]) < part * sum)
        level++;
    return level;
}

/* Takes `dark`. Clipped first and calmed then: a copier's specks are darker than any
 * ink, and small. */
static struct Pix *stretched(struct Pix *dark, bool *noisy)
{
    NUMA *counts = dark != NULL ? pixGetGrayHistogram(dark, 2) : NULL;
    struct Pix *clear = NULL, *calm = NULL;

    if (counts != NULL) {
        int black = level_of(counts, DARKEST_PART), middle = level_of(counts, 0.5);
        int white = middle - WHITE_BELOW;

        *noisy = middle - level_of(counts, 0.25) >= NOISY;
        white = white < CONTRAST_MIN ? CONTRAST_MIN : white;
        black = black > white - CONTRAST_MIN ? white - CONTRAST_MIN : black;
        clear = pixGammaTRC(NULL, dark, 1.0f, black, white);
    }
    if (clear != NULL)
        calm = *noisy ? pixBlockconv(clear, 1, 1) : pixClone(clear);
    pixDestroy(&clear);
    numaDestroy(&counts);
    pixDestroy(&dark);
    return calm;
}

/* 1 bit: where `grey` is as near to its threshold as makes no difference. */
static struct Pix *doubts_of(struct Pix *grey, struct Pix *thresholds)
{
    struct Pix *doubts = pixCreate(pixGetWidth(grey), pixGetHeight(grey), 1);

    for (int y = 0; doubts != NULL && y < pixGetHeight(grey); y++) {
        const l_uint32 *line = pixGetData(grey) + (size_t)y * (size_t)pixGetWpl(grey);
        const l_uint32 *limits =
            pixGetData(thresholds) + (size_t)y * (size_t)pixGetWpl(thresholds);
        l_uint32 *to = pixGetData(doubts) + (size_t)y * (size_t)pixGetWpl(doubts);

        for (int x = 0; x < pixGetWidth(grey); x++)
            if (abs((int)GET_DATA_BYTE(line, x) - (int)GET_DATA_BYTE(limits, x)) <= DOUBT)
                SET_DATA_BIT(to, x);
    }
    return doubts;
}

/* NULL: no memory. Gives *doubts too. */
static struct Pix *binarised(struct Pix *grey, uint32_t dpi, struct Pix **doubts)
{
    int half = at_dpi(SAUVOLA_MM, dpi), least;
    struct Pix *mask = NULL, *thresholds = NULL,
               *solid = pixThresholdToBinary(grey, SOLID_LEVEL);

    least =
        pixGetWidth(grey) < pixGetHeight(grey) ? pixGetWidth(grey) : pixGetHeight(grey);
    half = half < 3 ? 3 : half;
    if (solid == NULL)
        return NULL;
    if (least < 2 * half + 4)
        mask = pixThresholdToBinary(grey, 128);
    else if (pixSauvolaBinarizeTiled(grey, half, SAUVOLA_K, pixGetWidth(grey) / TILE + 1,
                                     pixGetHeight(grey) / TILE + 1, &thresholds,
                                     &mask) == 0 &&
             (*doubts = doubts_of(grey, thresholds)) == NULL)
        pixDestroy(&mask);
    if (mask != NULL)
        pixOr(mask, mask, solid);
    pixDestroy(&thresholds);
    pixDestroy(&solid);
    return mask;
}

/* --- which ink ---------------------------------------------------------------------- */

struct parting {
    struct Pix *even, *mask, *faded; /* 1 bit: black that may be a pen's blue */
    struct inks *out;
    uint64_t sums[INKS][3], counts[INKS];
};

/* What one channel is lighter by, in hundredths of what the ink takes in all. */
static int part_of(int over, struct rgb c)
{
    return over * 100 / (256 - least(c));
}

static bool is_blue(struct rgb c, int part)
{
    return part_of(c.blue - c.red, c) > part && c.blue >= c.green && c.blue >= BLUE_MIN;
}

static enum ink ink_of(struct rgb c)
{
    int red_over = c.red - (c.green > c.blue ? c.green : c.blue);

    if (red_over > RED_LEAST && part_of(red_over, c) > RED_PART)
        return INK_RED;
    /* Ballpoints and blue seals; their green is between. */
    if (c.blue - c.red > BLUE_LEAST && is_blue(c, BLUE_PART))
        return INK_BLUE;
    return INK_BLACK;
}

/* The mean of the inked pixels around, so that neither a stroke's fringe nor a
 * decoder's coarse colours make two inks of one. */
static struct rgb colour_around(const struct parting *p, int x, int y, int side)
{
    struct rgb sum = {0};
    int n = 0, right = pixGetWidth(p->mask) - 1, bottom = pixGetHeight(p->mask) - 1;

    for (int j = y > side ? y - side : 0; j <= y + side && j <= bottom; j++) {
        const l_uint32 *bits = pixGetData(p->mask) + (size_t)j * (size_t)p->mask->wpl;
        const l_uint32 *line = pixGetData(p->even) + (size_t)j * (size_t)p->even->wpl;

        for (int i = x > side ? x - side : 0; i <= x + side && i <= right; i++) {
            struct rgb c = rgb_of(line[i]);
            int weight = (int)GET_DATA_BIT(bits, i);

            sum.red += c.red * weight;
            sum.green += c.green * weight;
            sum.blue += c.blue * weight;
            n += weight;
        }
    }
    return (struct rgb){sum.red / n, sum.green / n, sum.blue / n};
}

static void set_bit(struct Pix *mask, int x, int y)
{
    SET_DATA_BIT(pixGetData(mask) + (size_t)y * (size_t)pixGetWpl(mask), x);
}

/* Of grain a pixel alone says little. */
static bool is_black(const struct parting *p, int x, int y, struct rgb c)
{
    return most(p->out->noisy ? colour_around(p, x, y, 1) : c) < BLACK_SURE;
}

static void part_row(struct parting *p, int y)
{
    const l_uint32 *bits = pixGetData(p->mask) + (size_t)y * (size_t)p->mask->wpl;
    const l_uint32 *line = pixGetData(p->even) + (size_t)y * (size_t)p->even->wpl;

    for (int x = 0; x < pixGetWidth(p->mask); x++) {
        struct rgb c, around;
        enum ink ink;

        if (!GET_DATA_BIT(bits, x))
            continue;
        c = rgb_of(line[x]);
        around = colour_around(p, x, y, AROUND);
        ink = ink_of(around);
        if (ink == INK_RED && is_black(p, x, y, c))
            ink = INK_BLACK;
        set_bit(p->out->masks[ink], x, y);
        if (ink == INK_BLACK && is_blue(around, BLUE_WEAK_PART))
            set_bit(p->faded, x, y);
        p->sums[ink][0] += (unsigned)c.red;
        p->sums[ink][1] += (unsigned)c.green;
        p->sums[ink][2] += (unsigned)c.blue;
        p->counts[ink]++;
    }
}

/* A mean counts a stroke's pale fringe in; it is made up for. */
static uint8_t stepped(uint64_t sum, uint64_t count, enum ink ink)
{
    int level = count == 0 ? 0 : (int)(sum / count);

    level = ink == INK_BLACK ? level / 2 : 255 - (255 - level) * 7 / 5;
    if (ink == INK_BLACK && level > BLACK_MAX)
        level = BLACK_MAX;
    return (uint8_t)(level < 0 ? 0 : level / COLOUR_STEP * COLOUR_STEP);
}

/* Small pieces of blue at black letters are a scanner's, not a pen's. */
static int take_fringes(struct inks *i, uint32_t dpi)
{
    int side = at_dpi(FRINGE_MM, dpi);
    struct Pix *blue = i->masks[INK_BLUE], *small, *near, *fringes = NULL;

    small = pixSelectBySize(blue, side, side, 8, L_SELECT_IF_BOTH, L_SELECT_IF_LT, NULL);
    near = pixDilateBrick(NULL, i->masks[INK_BLACK], 3, 3);
    if (small != NULL && near != NULL)
        fringes = pixSeedfillBinary(NULL, pixAnd(near, near, small), small, 8);
    if (fringes != NULL) {
        pixOr(i->masks[INK_BLACK], i->masks[INK_BLACK], fringes);
        pixSubtract(blue, blue, fringes);
    }
    pixDestroy(&near);
    pixDestroy(&small);
    if (fringes == NULL)
        return -1;
    pixDestroy(&fringes);
    return 0;
}

/* A pen's stroke is blue to its end. Else what it leaves black is read as a part of the
 * letters that it crosses, and what is blue of it may be too little for a signature. */
static int take_faded(struct inks *i, struct Pix *faded)
{
    struct Pix *may_be = pixOr(NULL, faded, i->masks[INK_BLUE]), *stroke = NULL;

    if (may_be != NULL)
        stroke = pixSeedfillBinary(NULL, i->masks[INK_BLUE], may_be, 8);
    pixDestroy(&may_be);
    if (stroke == NULL)
        return -1;
    pixSubtract(i->masks[INK_BLACK], i->masks[INK_BLACK], stroke);
    pixDestroy(&i->masks[INK_BLUE]);
    i->masks[INK_BLUE] = stroke;
    return 0;
}

/* What there is too little of is black after all. */
static void settle(struct parting *p, uint32_t dpi)
{
    double pixels_min = PLANE_MM2_MIN * dpi * dpi / (25.4 * 25.4);

    for (enum ink i = INK_RED; i <= INK_BLUE; i++)
        if ((double)p->counts[i] < pixels_min) {
            pixOr(p->out->masks[INK_BLACK], p->out->masks[INK_BLACK], p->out->masks[i]);
            pixDestroy(&p->out->masks[i]);
        }
    for (enum ink i = 0; i <= INK_BLUE; i++)
        p->out->colours[i] = (struct pdf_colour){stepped(p->sums[i][0], p->counts[i], i),
                                                 stepped(p->sums[i][1], p->counts[i], i),
                                                 stepped(p->sums[i][2], p->counts[i], i)};
}

static int part_colours(struct inks *out, struct Pix *even, struct Pix *mask,
                        uint32_t dpi)
{
    struct parting p = {
        .even = even, .mask = mask, .faded = pixCreateTemplate(mask), .out = out};
    int rc = -1;

    for (enum ink i = 0; i <= INK_BLUE; i++)
        if ((out->masks[i] = pixCreateTemplate(mask)) == NULL)
            goto out;
    if (p.faded == NULL)
        goto out;
    for (int y = 0; y < pixGetHeight(mask); y++)
        part_row(&p, y);
    if (take_fringes(out, dpi) != 0 || take_faded(out, p.faded) != 0)
        goto out;
    settle(&p, dpi);
    rc = 0;
out:
    pixDestroy(&p.faded);
    return rc;
}

/* --- a seal without its colour ----------------------------------------------------- */

/* Lighter than half-way to the print, and not a letter's fringe. NULL: no memory. */
static struct Pix *lighter_ink(struct Pix *even, struct Pix *mask)
{
    l_float32 paper = 255, print = 0;
    struct Pix *dark = NULL, *letters = NULL, *lighter = NULL;

    if (pixGetRankValueMasked(even, NULL, 0, 0, 4, PAPER_RANK, &paper, NULL) == 0 &&
        pixGetRankValueMasked(even, mask, 0, 0, 1, PRINT_RANK, &print, NULL) == 0)
        dark = pixThresholdToBinary(even, (int)(print + PRINT_SHARE * (paper - print)));
    if (dark != NULL)
        letters = pixDilateBrick(NULL, dark, 3, 3);
    if (letters != NULL)
        lighter = pixSubtract(NULL, mask, letters);
    pixDestroy(&letters);
    pixDestroy(&dark);
    return lighter;
}

/* Where something round and large of it lies: a seal with what is written in it. */
static struct Pix *seals_of(struct Pix *lighter, uint32_t dpi)
{
    int side = at_dpi(SEAL_MM_MIN, dpi), most_side = at_dpi(SEAL_MM_MAX, dpi);
    struct Pix *joined = pixCloseSafeBrick(NULL, lighter, 5, 5), *place = NULL;
    BOXA *boxes = joined != NULL ? pixConnCompBB(joined, 8) : NULL;

    if (boxes != NULL)
        place = pixCreateTemplate(lighter);
    for (int i = 0; place != NULL && i < boxaGetCount(boxes); i++) {
        int x, y, width, height;

        boxaGetBoxGeometry(boxes, i, &x, &y, &width, &height);
        if (width >= side && height >= side && width <= most_side && height <= most_side)
            pixRasterop(place, x, y, width, height, PIX_SET, NULL, 0, 0);
    }
    boxaDestroy(&boxes);
    pixDestroy(&joined);
    return place != NULL ? pixAnd(place, place, lighter) : NULL;
}

/* A grey seal stays lighter than print, or it could not be told from letters any more. */
static int part_greys(struct inks *out, struct Pix *even, struct Pix *mask, uint32_t dpi)
{
    struct Pix *lighter = lighter_ink(even, mask);
    struct Pix *seals = lighter != NULL ? seals_of(lighter, dpi) : NULL;
    l_float32 level = 0;
    l_int32 empty = 1;

    pixDestroy(&lighter);
    if (seals == NULL || pixZero(seals, &empty) != 0) {
        pixDestroy(&seals);
        return -1;
    }
    if (empty || pixGetAverageMasked(even, seals, 0, 0, 1, L_MEAN_ABSVAL, &level) != 0) {
        pixDestroy(&seals);
        out->masks[INK_BLACK] = pixClone(mask);
        return 0;
    }
    out->masks[INK_BLACK] = pixSubtract(NULL, mask, seals);
    out->masks[INK_GREY] = seals;
    out->colours[INK_GREY] =
        (struct pdf_colour){(uint8_t)level, (uint8_t)level, (uint8_t)level};
    return out->masks[INK_BLACK] != NULL ? 0 : -1;
}

int inks_part(struct inks *out, struct Pix *even, uint32_t dpi)
{
    struct Pix *grey, *mask = NULL;
    int rc = -1;

    *out = (struct inks){0};
    grey = stretched(darkness_of(even), &out->noisy);
    if (grey != NULL)
        mask = specks_dropped(binarised(grey, dpi, &out->doubts),
                              out->noisy ? grey : NULL, dpi);
    pixDestroy(&grey);
    if (mask != NULL && pixGetDepth(even) == 8 && !out->noisy) {
        rc = part_greys(out, even, mask, dpi);
    } else if (mask != NULL && pixGetDepth(even) == 8) {
        out->masks[INK_BLACK] = pixClone(mask);
        rc = 0;
    } else if (mask != NULL)
        rc = part_colours(out, even, mask, dpi);
    pixDestroy(&mask);
    if (rc != 0)
        inks_release(out);
    return rc;
}

int inks_of_bits(struct inks *out, struct Pix *bits, uint32_t dpi)
{
    *out = (struct inks){0};
    out->masks[INK_BLACK] = specks_dropped(pixClone(bits), NULL, dpi);
    return out->masks[INK_BLACK] == NULL ? -1 : 0;
}

void inks_release(struct inks *i)
{
    for (enum ink k = 0; k < INKS; k++)
        pixDestroy(&i->masks[k]);
    pixDestroy(&i->doubts);
}
