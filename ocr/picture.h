/* Picture: JPEG, PNG, TIFF and PNM bytes to pixels, through Leptonica's decoders
 * from memory, which open no file; what is large as PNG or TIFF, row by row
 * (picture_png.h, picture_tiff.h). Only ever called inside the cage. */
#ifndef TRAM_OCR_PICTURE_H
#define TRAM_OCR_PICTURE_H

#include "ocr/opener.h"
#include "ocr/structure.h"

enum picture {
    PICTURE_NONE,
    PICTURE_JPEG,
    PICTURE_PNG,
    PICTURE_TIFF,
    PICTURE_PNM, /* what a drawn PDF page comes as; not taken from anybody else */
};

/* By the first bytes. */
enum picture picture_kind(const uint8_t *bytes, size_t count);

/* Structure only; decodes nothing but a PNM's header. */
enum refusal picture_check(enum picture kind, const uint8_t *bytes, size_t count,
                           struct structure *out);

/* Page `page` of a picture that picture_check() took: fills *out (whose pix is the
 * caller's), or leaves it without a pix and says why. */
enum refusal picture_decode(enum picture kind, const uint8_t *bytes, size_t count,
                            uint32_t page, struct opened_page *out);

/* Brings a decoded pix (which it takes, whatever happens) into the form that
 * struct opened_page promises. `width` and `height` are the file's; `dpi` is what
 * the file says, 0 if nothing. */
enum refusal picture_finish(struct Pix *pix, uint32_t width, uint32_t height,
                            uint32_t dpi, struct opened_page *out);

/* What the file says, if that can be; else what makes the longer side an A4's. */
uint32_t picture_dpi(uint32_t said, uint32_t width, uint32_t height);

#endif
