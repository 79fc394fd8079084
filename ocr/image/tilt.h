/* Tilt: by how much a page lies askew, and the same page straight. Told to 0.05
 * degrees, up to TILT_DEGREES_MAX either way. */
#ifndef TRAM_OCR_IMAGE_TILT_H
#define TRAM_OCR_IMAGE_TILT_H

#include <stdbool.h>

struct Pix;

#define TILT_DEGREES_MAX 12.0

/* Degrees clockwise that straighten the lines of `grey`; 0 if there are none, or if
 * they do not say. */
double tilt_find(struct Pix *grey);

/* Whether lines run down the page, and none across it. */
bool tilt_is_sideways(struct Pix *grey);

/* `grey` turned clockwise by so much, with paper in the corners. NULL: no memory. */
struct Pix *tilt_undo(struct Pix *grey, double degrees);

#endif
