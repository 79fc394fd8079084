#include "ocr/image/binarise.h"

#include <leptonica/allheaders.h>

/* Of one side: large enough that a tile's edge costs little, small enough for memory. */
#define TILE 500
/* Half the side of the place that a threshold is for, at 300 dots an inch two letters. */
#define HALF 25
#define HARD 0.3f /* how much darker than its place ink is */

static int tiles_along(int length)
{
    return length < 2 * TILE ? 1 : length / TILE;
}

struct Pix *binarise(struct Pix *grey)
{
    int wide = pixGetWidth(grey), high = pixGetHeight(grey);
    struct Pix *bits = NULL, *out = NULL;

    if (wide < 4 * HALF || high < 4 * HALF)
        return pixClone(grey);
    if (pixSauvolaBinarizeTiled(grey, HALF, HARD, tiles_along(wide), tiles_along(high),
                                NULL, &bits) == 0)
        out = pixConvert1To8(NULL, bits, 255, 0);
    pixDestroy(&bits);
    return out;
}
