/* Mapping: from a word's place in the picture that was read (scaled, turned,
 * straightened) back to its place in the original as it lies in the file. Pure. */
#ifndef TRAM_OCR_MAPPING_H
#define TRAM_OCR_MAPPING_H

#include "ocr/layout.h"

struct mapping {
    uint32_t read_width, read_height; /* of the picture that was read: upright */
    uint32_t width, height;           /* of the original */
    unsigned quarter_turns;           /* clockwise, that made it upright */
    double tilt; /* degrees clockwise by which it was straightened after that */
};

/* Moves the box; clipped to the original, and never empty of sense: a box outside
 * comes back with no area at the nearest edge. */
void mapping_apply(const struct mapping *m, struct word *w);

#endif
