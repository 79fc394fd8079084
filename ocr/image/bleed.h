/* Bleed: what is printed on the back of a thin sheet and shows through. Between paper
 * and ink there is then a third grey, of strokes that the paper has blurred: fainter
 * than the ink, and softer for their depth. Faint print is fainter too, but as sharp as
 * any: it stays, and so does a page without strong ink to tell the two apart. */
#ifndef TRAM_OCR_IMAGE_BLEED_H
#define TRAM_OCR_IMAGE_BLEED_H

#include <stdbool.h>

struct Pix;
struct strokes;

struct bleed_look {
    bool shows;      /* the rest says something */
    int parting;     /* level, of 255 for paper: strokes of the front are darker */
    double share;    /* of the back's strokes to the front's */
    double softness; /* the back's sharpness as a share of the front's */
};

void bleed_look(struct bleed_look *out, const struct strokes *s);

/* `grey` (8 bits) on even white paper, without the back. NULL: no memory. */
struct Pix *bleed_suppress(struct Pix *grey, int dpi, const struct bleed_look *look);

#endif
