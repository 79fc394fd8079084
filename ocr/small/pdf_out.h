/* PDF out: a page of flat inks over pictures over paper, as a PDF 1.4 file. The same
 * page gives the same bytes: no date, no identifier, no producer. Pure. */
#ifndef TRAM_OCR_PDF_OUT_H
#define TRAM_OCR_PDF_OUT_H

#include <stdbool.h>

#include "base/buffer.h"

struct pdf_colour {
    uint8_t red, green, blue;
};

enum pdf_picture_kind {
    PDF_STENCIL,   /* JBIG2 as jbig2_encode() gives it; its ink is one flat colour */
    PDF_JPEG_GREY, /* a whole JPEG file */
    PDF_JPEG_COLOUR,
};

struct pdf_picture {
    enum pdf_picture_kind kind;
    uint32_t width, height; /* in its own pixels */
    struct pdf_colour ink;  /* of a stencil */
    const struct buffer *bytes;
    /* Where it is shown, in the sheet's pixels, from its upper left corner. */
    uint32_t left, top, shown_width, shown_height;
};

struct pdf_leaf {
    uint32_t width, height, dpi; /* none of them 0 */
    struct pdf_colour paper;
    const struct pdf_picture *pictures; /* the lowest first */
    size_t pictures_count;
};

#define PDF_PICTURES_MAX 32

/* Appends the file to an empty buffer. */
void pdf_write(const struct pdf_leaf *s, struct buffer *out);

#endif
