#include "ocr/prepare.h"

#include "ocr/image/seal.h"
#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Below this the light is uneven; no ordinary scan of 29 measured ones was. */
#define EVENNESS_MIN 0.90
/* Tesseract straightens lines itself up to here. */
#define TILT_DEGREES_MIN 1.0
#define TILT_DEGREES_MAX 7.0
#define TILT_CONFIDENCE  3.0f
#define BLOCKS_WIDE      16
#define BLOCKS_HIGH      24
/* Gamma 1, and what is left of the paper's grey to white: it hides the speckle. */
#define WHITE_FROM 195
#define BLACK_FROM 20

int prepare_grey(struct Pix **out, struct Pix *page, int dpi, unsigned quarter_turns)
{
    size_t lifted;
    struct Pix *grey = seal_lift(page, dpi, &lifted);

    *out = NULL;
    if (grey == NULL)
        return -1;
    if (quarter_turns % 4 != 0)
        *out = pixRotateOrth(grey, (l_int32)(quarter_turns % 4));
    else
        *out = pixClone(grey);
    pixDestroy(&grey);
    return *out == NULL ? -1 : 0;
}

/* The 90th percentile of one block: its paper, if a tenth of it is paper. */
static int block_background(struct Pix *grey, int x, int y, int width, int height)
{
    unsigned counts[256] = {0}, seen = 0, wanted = 0;
    const l_uint32 *data = pixGetData(grey);
    int wpl = pixGetWpl(grey), level;

    for (int j = y; j < y + height; j += 2)
        for (int i = x; i < x + width; i += 2, wanted++)
            counts[GET_DATA_BYTE(data + (size_t)j * (size_t)wpl, i)]++;
    wanted /= 10;
    for (level = 255; level > 0 && seen + counts[level] <= wanted; level--)
        seen += counts[level];
    return level;
}

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

double prepare_evenness(struct Pix *grey)
{
    int backgrounds[BLOCKS_WIDE * BLOCKS_HIGH], n = BLOCKS_WIDE * BLOCKS_HIGH;
    int width = pixGetWidth(grey) / BLOCKS_WIDE,
        height = pixGetHeight(grey) / BLOCKS_HIGH;

    if (width < 4 || height < 4)
        return 1;
    for (int i = 0; i < n; i++)
        backgrounds[i] = block_background(grey, i % BLOCKS_WIDE * width,
                                          i / BLOCKS_WIDE * height, width, height);
    qsort(backgrounds, (size_t)n, sizeof *backgrounds, compare_ints);
    return (double)backgrounds[n * 3 / 100] / (backgrounds[n * 97 / 100] + 1e-9);
}

/* Degrees clockwise that straighten it; 0 if none or if the lines do not say. */
static double find_tilt(struct Pix *grey)
{
    struct Pix *bits = NULL, *even = prepare_whiten(grey);
    l_float32 angle = 0, confidence = 0;

    if (even != NULL)
        bits = pixThresholdToBinary(even, 130);
    if (bits == NULL || pixFindSkew(bits, &angle, &confidence) != 0 ||
        confidence < TILT_CONFIDENCE)
        angle = 0;
    pixDestroy(&bits);
    pixDestroy(&even);
    return fabs(angle) < TILT_DEGREES_MAX ? angle : 0;
}

struct Pix *prepare_whiten(struct Pix *grey)
{
    struct Pix *even = pixBackgroundNormSimple(grey, NULL, NULL);
    struct Pix *white = NULL;

    if (even != NULL)
        white = pixGammaTRC(NULL, even, 1.0f, BLACK_FROM, WHITE_FROM);
    pixDestroy(&even);
    return white;
}

int prepare_page(struct prepared *out, struct Pix *grey)
{
    struct Pix *pix = pixClone(grey), *next;
    bool uneven = prepare_evenness(grey) < EVENNESS_MIN;

    *out = (struct prepared){.tilt = find_tilt(grey)};
    if (fabs(out->tilt) < TILT_DEGREES_MIN)
        out->tilt = 0;
    if (uneven || out->tilt != 0) {
        next = pixMedianFilter(pix, 3, 3); /* speckle */
        pixDestroy(&pix);
        pix = next;
    }
    if (pix != NULL && out->tilt != 0) {
        next = pixRotate(pix, (l_float32)(out->tilt * M_PI / 180), L_ROTATE_AREA_MAP,
                         L_BRING_IN_WHITE, 0, 0);
        pixDestroy(&pix);
        pix = next;
    }
    if (pix != NULL && (uneven || out->tilt != 0)) {
        next = prepare_whiten(pix);
        pixDestroy(&pix);
        pix = next;
        out->whitened = true;
    }
    out->pix = pix;
    return pix == NULL ? -1 : 0;
}
