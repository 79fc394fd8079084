/* PNG, row by row: large pictures of 8 and 16 bits, of which Leptonica holds rows and
 * pixels at once. Through libpng from memory. */
#ifndef TRAM_OCR_PICTURE_PNG_H
#define TRAM_OCR_PICTURE_PNG_H

#include <stddef.h>
#include <stdint.h>

struct Pix;

/* The page, reduced, with its dots per inch; the caller's. NULL for what is read
 * otherwise, or not at all: small, of few bits, interlaced, damaged. */
struct Pix *picture_png_rows(const uint8_t *bytes, size_t count);

#endif
