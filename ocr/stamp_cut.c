#include "ocr/stamp.h"

#include <leptonica/allheaders.h>
#include <math.h>

#define MARGIN_PART 0.12 /* of the height, around the place */
#define TILT_MAX    16.0f
#define TILT_MIN    0.7
/* Of the cut-out's side, that a line of the frame runs along at least; no stroke of
 * a letter is as long. */
#define FRAME_ALONG  0.55
#define FRAME_ACROSS 0.60
#define PAPER_BRICK  31 /* pixels: no stroke is as thick */
#define PAPER_LEVEL  230
#define SPECK_MAX    6
#define PIECES_MAX   60
#define WHITE_BORDER 20
#define INK_PART     0.04
#define BLUR_HALF    3 /* pixels: half a stroke */

static struct Pix *ink_of(struct Pix *cut, enum stamp_ink ink)
{
    int width = pixGetWidth(cut), height = pixGetHeight(cut);
    struct Pix *grey;

    if (pixGetDepth(cut) != 32)
        return pixConvertTo8(cut, 0);
    grey = pixCreate(width, height, 8);
    if (grey == NULL)
        return NULL;
    for (int y = 0; y < height; y++) {
        const l_uint32 *from = pixGetData(cut) + (size_t)y * (size_t)pixGetWpl(cut);
        l_uint32 *to = pixGetData(grey) + (size_t)y * (size_t)pixGetWpl(grey);

        for (int x = 0; x < width; x++) {
            int red = (int)(from[x] >> L_RED_SHIFT & 0xff);
            int green = (int)(from[x] >> L_GREEN_SHIFT & 0xff);
            int blue = (int)(from[x] >> L_BLUE_SHIFT & 0xff);
            int other = green < blue ? green : blue;
            int value = ink != INK_RED ? other : 255 - 2 * (red - (green + blue) / 2);

            SET_DATA_BYTE(to, x, value < 0 ? 0 : value > 255 ? 255 : value);
        }
    }
    return grey;
}

/* Grey level below which `part` of the pixels are; -1: no memory. */
static int level_of(const struct Pix *grey, double part)
{
    NUMA *counts = pixGetGrayHistogram((struct Pix *)grey, 1);
    double wanted = part * pixGetWidth(grey) * pixGetHeight(grey), seen = 0;
    int level = 0;

    if (counts == NULL)
        return -1;
    while (level < 255 && (seen += counts->array[level]) < wanted)
        level++;
    numaDestroy(&counts);
    return level;
}

/* Evens the paper out, in place: each level over that of the paper around it, which
 * is what is left when everything thinner than PAPER_BRICK is closed. -1: no
 * memory. */
static int even_out(struct Pix *grey)
{
    struct Pix *paper = pixCloseGray(grey, PAPER_BRICK, PAPER_BRICK);
    int wpl = pixGetWpl(grey);

    if (paper == NULL)
        return -1;
    for (int y = 0; y < pixGetHeight(grey); y++) {
        l_uint32 *line = pixGetData(grey) + (size_t)y * (size_t)wpl;
        const l_uint32 *around = pixGetData(paper) + (size_t)y * (size_t)wpl;

        for (int x = 0; x < pixGetWidth(grey); x++) {
            unsigned level = GET_DATA_BYTE(line, x), white = GET_DATA_BYTE(around, x);

            SET_DATA_BYTE(line, x, white == 0 ? 0 : level * PAPER_LEVEL / white);
        }
    }
    pixDestroy(&paper);
    return 0;
}

/* Takes `grey`; gives dark ink on white: at most a third of a stamp is ink, so that
 * the middle of all levels is paper, and how far the upper ones lie from it tells
 * how much it is speckled. */
static struct Pix *stretch(struct Pix *grey)
{
    struct Pix *calm = pixMedianFilter(grey, 3, 3), *clear = NULL;
    int ink, paper, bright, white;

    pixDestroy(&grey);
    if (calm == NULL || even_out(calm) != 0)
        goto out;
    ink = level_of(calm, INK_PART);
    paper = level_of(calm, 0.5);
    bright = level_of(calm, 0.75);
    if (ink < 0 || paper < 0 || bright < 0)
        goto out;
    white = paper - 2 * (bright - paper) - 5;
    clear = pixGammaTRC(NULL, calm, 1.0f, ink, white > ink + 20 ? white : ink + 20);
out:
    pixDestroy(&calm);
    return clear;
}

/* The place with a margin, upright and at STAMP_CUT_DPI. */
static struct Pix *cut_out(struct Pix *page, double dpi, const struct stamp_place *place)
{
    int margin = (int)(MARGIN_PART * fmin(place->width, place->height));
    BOX *box = boxCreateValid(place->left > margin ? place->left - margin : 0,
                              place->top > margin ? place->top - margin : 0,
                              place->width + 2 * margin, place->height + 2 * margin);
    struct Pix *cut = box != NULL ? pixClipRectangle(page, box, NULL) : NULL, *next;
    float scale = (float)(STAMP_CUT_DPI / dpi);

    boxDestroy(&box);
    if (cut != NULL && pixGetDepth(cut) == 1) {
        next = pixConvertTo8(cut, 0);
        pixDestroy(&cut);
        cut = next;
    }
    if (cut != NULL && place->turns != 0) {
        next = pixRotateOrth(cut, (l_int32)place->turns);
        pixDestroy(&cut);
        cut = next;
    }
    if (cut != NULL && fabsf(scale - 1) > 0.1f) {
        next = pixScale(cut, scale, scale);
        pixDestroy(&cut);
        cut = next;
    }
    return cut;
}

static struct Pix *bits_of(struct Pix *grey)
{
    struct Pix *bits = NULL;

    if (pixOtsuAdaptiveThreshold(grey, pixGetWidth(grey), pixGetHeight(grey), 0, 0, 0.1f,
                                 NULL, &bits) != 0)
        return NULL;
    return bits;
}

/* Takes `grey`; its frame's long lines (or the letters' feet) say the tilt. Where
 * they say none, it stays as it is. */
static struct Pix *straighten(struct Pix *grey)
{
    struct Pix *bits = bits_of(grey), *straight = NULL;
    l_float32 angle = 0, confidence = 0;

    if (bits == NULL)
        goto out;
    if (pixFindSkewSweepAndSearch(bits, &angle, &confidence, 2, 1, TILT_MAX, 1.0f,
                                  0.1f) == 0 &&
        fabs(angle) > TILT_MIN)
        straight = pixRotate(grey, (l_float32)(angle * M_PI / 180), L_ROTATE_AREA_MAP,
                             L_BRING_IN_WHITE, 0, 0);
    else
        straight = pixClone(grey);
out:
    pixDestroy(&bits);
    pixDestroy(&grey);
    return straight;
}

/* 1 bit: the lines of a straightened frame, along or across. */
static struct Pix *long_lines(struct Pix *bits, bool along)
{
    int width = pixGetWidth(bits), height = pixGetHeight(bits);
    struct Pix *thick =
        along ? pixDilateBrick(NULL, bits, 5, 3) : pixDilateBrick(NULL, bits, 3, 5);
    struct Pix *lines = NULL;

    if (thick != NULL)
        lines = along ? pixOpenBrick(NULL, thick, (int)(FRAME_ALONG * width), 1)
                      : pixOpenBrick(NULL, thick, 1, (int)(FRAME_ACROSS * height));
    pixDestroy(&thick);
    return lines;
}

/* Takes `grey`; paints the frame white. */
static struct Pix *unframe(struct Pix *grey)
{
    struct Pix *bits = bits_of(grey), *lines, *wide;
    bool painted = bits != NULL;

    for (int along = 0; painted && along < 2; along++) {
        lines = long_lines(bits, along != 0);
        wide = lines != NULL ? pixDilateBrick(NULL, lines, 5, 5) : NULL;
        painted = wide != NULL && pixSetMasked(grey, wide, 255) == 0;
        pixDestroy(&wide);
        pixDestroy(&lines);
    }
    pixDestroy(&bits);
    if (!painted)
        pixDestroy(&grey);
    return grey;
}

static struct Pix *blur(struct Pix *grey)
{
    struct Pix *calm = pixBlockconv(grey, BLUR_HALF, BLUR_HALF);

    pixDestroy(&grey);
    return calm;
}

static struct Pix *thicken(struct Pix *grey)
{
    struct Pix *thick = pixErodeGray(grey, 3, 3); /* the darkest neighbour */

    pixDestroy(&grey);
    return thick;
}

/* Eight letters, their marks and some dirt are few pieces; speckle and drawings are
 * many, and would keep the recogniser busy for nothing. -1: no memory. */
static int is_crowded(struct Pix *grey)
{
    struct Pix *bits = pixThresholdToBinary(grey, 128);
    BOXA *boxes = bits != NULL ? pixConnCompBB(bits, 8) : NULL;
    int pieces = 0, crowded = -1;

    if (boxes == NULL)
        goto out;
    for (int i = 0; i < boxaGetCount(boxes); i++)
        if (boxes->box[i]->w >= SPECK_MAX || boxes->box[i]->h >= SPECK_MAX)
            pieces++;
    crowded = pieces > PIECES_MAX;
out:
    boxaDestroy(&boxes);
    pixDestroy(&bits);
    return crowded;
}

/* The cut in this ink, ready but for its border; NULL: no memory. */
static struct Pix *clear_cut(struct Pix *page, double dpi,
                             const struct stamp_place *place, enum stamp_ink ink)
{
    struct Pix *cut = cut_out(page, dpi, place), *grey = NULL;

    if (cut != NULL)
        grey = ink_of(cut, ink);
    pixDestroy(&cut);
    if (grey != NULL && ink == INK_CALM)
        grey = blur(grey);
    if (grey != NULL)
        grey = stretch(grey);
    if (grey != NULL)
        grey = straighten(grey);
    if (grey != NULL && place->kind != STAMP_LINE)
        grey = unframe(grey);
    if (grey != NULL && ink == INK_THICK)
        grey = thicken(grey);
    return grey;
}

int stamp_cut(struct Pix **out, struct Pix *page, double dpi,
              const struct stamp_place *place, enum stamp_ink ink, struct err *e)
{
    struct Pix *grey = clear_cut(page, dpi, place, ink);
    int crowded = grey != NULL ? is_crowded(grey) : -1;

    *out = crowded == 0 ? pixAddBorder(grey, WHITE_BORDER, 255) : NULL;
    pixDestroy(&grey);
    if (crowded < 0 || (crowded == 0 && *out == NULL))
        return err_set(e, ERR_MEMORY, "look: out of memory");
    return 0;
}
