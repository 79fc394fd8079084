/* Strokes: what a sample of a page's strokes says about its ink. A stroke is told by its
 * darkest dot: how dark that is beside the paper next to it, and how sharply the stroke
 * begins. A ninth of the page is looked at, which tells all that lies on most of it. */
#ifndef TRAM_OCR_IMAGE_STROKES_H
#define TRAM_OCR_IMAGE_STROKES_H

struct Pix;

#define STROKES_PAPER 255 /* its level, whatever it is on the page */
#define STROKES_MAX   222 /* what is lighter is the paper's grain */

/* By the level of the darkest dot. */
struct strokes {
    unsigned counts[256];
    double steps[256], depths[256]; /* sums: of the steepest step; of paper - level */
};

/* Of `grey` (8 bits). */
void strokes_find(struct strokes *out, struct Pix *grey, int dpi);

/* Those of levels from..to - 1. */
struct stroke_kind {
    double count, level; /* the mean */
    double sharpness;    /* steps over depths */
};
struct stroke_kind strokes_kind(const struct strokes *s, int from, int to);

#endif
