/* Hole: the holes of a punch, which a scanner sees dark, or white with a dark rim. They
 * become paper. A letter O, a bullet, a seal or a stamp is no hole: a hole is as large
 * as a punch makes it, round, near an edge, even inside, with nothing close to it; and
 * what is only a ring, or cut by the edge, is one only beside another, 80 mm away. */
#ifndef TRAM_OCR_IMAGE_HOLE_H
#define TRAM_OCR_IMAGE_HOLE_H

#include <stddef.h>

struct Pix;

/* Removes them from `grey` (8 bits) in place. How many they were. */
size_t hole_remove(struct Pix *grey, int dpi);

#endif
