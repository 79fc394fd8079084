/* Rim: the rings of a seal in black, or in grey on a copy, taken off the lines of text
 * that they run through. Colour tells nothing there; that a ring is round does. Where
 * a stroke of a letter crosses a ring, or ends in it, the ink is thicker than the ring,
 * and stays. */
#ifndef TRAM_OCR_IMAGE_RIM_H
#define TRAM_OCR_IMAGE_RIM_H

#include <stdbool.h>

#include "ocr/found.h"

struct Pix;

/* Whether ink of this size may hold a seal's ring. */
bool rim_suspected(const struct box *ink, int dpi);

/* Looks for rings within `ink` of `grey` (8 bits), whose ink `bits` shows `by` times
 * smaller, and makes them paper in both, in place. Whether there was one. */
bool rim_erase(struct Pix *grey, struct Pix *bits, int by, const struct box *ink,
               int dpi);

#endif
