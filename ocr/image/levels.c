#include "ocr/image/levels.h"

#include <leptonica/allheaders.h>

#define EVERY       8 /* dot of every such row */
#define PAPER_SHARE 0.85

int levels_at(const unsigned counts[256], double share)
{
    double wanted = 0;
    int level = 0;

    for (int i = 0; i < 256; i++)
        wanted += counts[i];
    for (wanted *= share; level < 255 && counts[level] <= wanted; level++)
        wanted -= counts[level];
    return level;
}

int levels_paper(struct Pix *grey)
{
    unsigned counts[256] = {0};
    int width = pixGetWidth(grey), height = pixGetHeight(grey);

    for (int y = 0; y < height; y += EVERY) {
        const l_uint32 *row = pixGetData(grey) + (size_t)y * (size_t)pixGetWpl(grey);

        for (int x = 0; x < width; x += EVERY)
            counts[GET_DATA_BYTE(row, x)]++;
    }
    return levels_at(counts, PAPER_SHARE);
}
