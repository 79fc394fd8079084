/* TIFF, row by row: large pictures of grey, palette or colour in strips, and all in
 * tiles, which Leptonica does not read. Through libtiff from memory. */
#ifndef TRAM_OCR_PICTURE_TIFF_H
#define TRAM_OCR_PICTURE_TIFF_H

#include <stddef.h>
#include <stdint.h>

struct Pix;

/* Page `page`, reduced and upright as its tag says, with its dots per inch; the
 * caller's. *width and *height: before it was reduced. NULL for what is read
 * otherwise, or not at all: small, of few bits, of a form that we do not know, damaged. */
struct Pix *picture_tiff_rows(const uint8_t *bytes, size_t count, uint32_t page,
                              uint32_t *width, uint32_t *height);

#endif
