/* Upright: a picture as its orientation tag says that it lies. TIFF and EXIF number
 * the eight ways alike; every viewer obeys the tag, so what we call the picture's
 * sides and coordinates are those behind it. */
#ifndef TRAM_OCR_UPRIGHT_H
#define TRAM_OCR_UPRIGHT_H

#include <stdbool.h>

struct Pix;

/* Takes `pix`; `orientation` from 1 to 8. NULL without memory. */
struct Pix *pix_upright(struct Pix *pix, unsigned orientation);

/* Whether width and height change places. */
bool upright_is_sideways(unsigned orientation);

#endif
