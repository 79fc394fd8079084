/* Paper: what lies under the ink: how the light falls on it, what colour it is; and
 * the page as it would be on white paper in even light. */
#ifndef TRAM_OCR_PAPER_H
#define TRAM_OCR_PAPER_H

#include "ocr/small/pdf_out.h"

struct Pix;

#define PAPER_DPI 50 /* of what is looked at without its letters */

struct paper {
    struct Pix *coarse;     /* the page at PAPER_DPI, 8 or 32 bits */
    struct Pix *light;      /* at PAPER_DPI, 8 bits: the light on the paper beside */
    struct pdf_colour tone; /* of the paper, where it is lightest */
};

/* -1: no memory. `page` has 8 or 32 bits and `dpi`. */
int paper_look(struct paper *out, struct Pix *page, uint32_t dpi);
void paper_release(struct paper *p); /* a zeroed one is fine */

/* A new pix like `page`: white paper, even light. NULL: no memory. */
struct Pix *paper_even(const struct paper *p, struct Pix *page);

#endif
