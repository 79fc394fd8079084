#include "ocr/image/whiten.h"

#include <leptonica/allheaders.h>
#include <stdlib.h>

#define BLOCKS_WIDE 16
#define BLOCKS_HIGH 24
/* Gamma 1, and what is left of the paper's grey to white: it hides the speckle. */
#define WHITE_FROM 195
#define BLACK_FROM 20

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

double whiten_evenness(struct Pix *grey)
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

struct Pix *whiten(struct Pix *grey)
{
    struct Pix *even = pixBackgroundNormSimple(grey, NULL, NULL);
    struct Pix *white = NULL;

    if (even != NULL)
        white = pixGammaTRC(NULL, even, 1.0f, BLACK_FROM, WHITE_FROM);
    pixDestroy(&even);
    return white;
}
