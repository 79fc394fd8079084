/* Prepare: what makes an aged page readable, and nothing more. Measured on scans of
 * both kinds: whitening and straightening saves pages with uneven light or a tilt
 * (half of their letters were lost before), and harms ordinary ones, so that each
 * step is taken only where it is called for. */
#ifndef TRAM_OCR_PREPARE_H
#define TRAM_OCR_PREPARE_H

#include <stdbool.h>
#include <stdint.h>

struct Pix;

struct prepared {
    struct Pix *pix; /* 8 bits of grey; the caller's */
    double tilt;     /* degrees clockwise by which it was straightened; 0: not */
    bool whitened;
};

/* Grey of the page, turned clockwise. -1: no memory. */
int prepare_grey(struct Pix **out, struct Pix *page, int dpi, unsigned quarter_turns);

/* Straightens and whitens `grey` (which stays the caller's) as far as it needs it. */
int prepare_page(struct prepared *out, struct Pix *grey);

/* Evenness of the paper: dark blocks' background over light ones', 0..1. */
double prepare_evenness(struct Pix *grey);

/* Whitens uneven paper: its background becomes even and 255. NULL: no memory. */
struct Pix *prepare_whiten(struct Pix *grey);

#endif
