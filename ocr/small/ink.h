/* Ink: which pixels of a page are written, printed or stamped on, and in which of
 * four inks. */
#ifndef TRAM_OCR_INK_H
#define TRAM_OCR_INK_H

#include "ocr/small/pdf_out.h"

struct Pix;

/* Grey: a seal on a scan without colours. */
enum ink { INK_BLACK, INK_RED, INK_BLUE, INK_GREY };

#define INKS (INK_GREY + 1)

struct inks {
    struct Pix *masks[INKS]; /* 1 bit each; NULL: the page has none of it */
    struct pdf_colour colours[INKS];
    bool noisy;         /* a grainy copy */
    struct Pix *doubts; /* 1 bit: pixels on an edge that may be ink or not; or NULL */
};

/* -1: no memory. `even` is the page on white paper (paper_even()). */
int inks_part(struct inks *out, struct Pix *even, uint32_t dpi);
/* Of a page of 1 bit: one plane, black. */
int inks_of_bits(struct inks *out, struct Pix *bits, uint32_t dpi);
void inks_release(struct inks *i); /* a zeroed one is fine */

#endif
