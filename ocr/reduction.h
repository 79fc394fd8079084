/* Reduction: the rows of a picture, averaged as they come into a page of at most
 * PAGE_PIXELS_MAX, so that a large picture never lies in memory whole. Pure. */
#ifndef TRAM_OCR_REDUCTION_H
#define TRAM_OCR_REDUCTION_H

#include <stdint.h>

#include "ocr/opener.h"

/* Fewer pixels may lie in memory whole, and twice; and Leptonica's scaling is finer than
 * ours while little is scaled away. */
#define REDUCED_FROM (2 * PAGE_PIXELS_MAX)

struct reduction {
    struct Pix *pix;
    uint32_t width, height, samples; /* of what comes; 1 sample: grey, 3: colour */
    uint32_t pix_width, pix_height;
    uint32_t pix_row, room; /* the row being filled, and what it still takes */
    float *across;          /* one row, averaged to pix_width */
    float *sums;            /* the row being filled */
};

/* -1: no memory, which reduction_end() is not needed for. */
int reduction_start(struct reduction *r, uint32_t width, uint32_t height,
                    uint32_t samples);
/* Row after row, `height` times: width * samples bytes each. */
void reduction_take(struct reduction *r, const uint8_t *row);
/* The page, which is the caller's: 8 or 32 bits; NULL without memory, or if rows are
 * missing. */
struct Pix *reduction_end(struct reduction *r);

#endif
