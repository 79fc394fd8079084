/* Picture: a sheet drawn at a resolution, then aged; word boxes go along. */
#ifndef TRAM_PAGES_PICTURE_H
#define TRAM_PAGES_PICTURE_H

#include <leptonica/allheaders.h>

#include "base/err.h"
#include "tests/pages/sheet.h"

enum tone { TONE_COLOUR, TONE_GREY, TONE_BILEVEL };

struct picture {
    PIX *pix;
    struct box *words; /* in pixels; as many as the sheet has, in its order */
    struct box *marks; /* of all marks; those of stamps are told */
    int word_count, mark_count;
    int dpi;
    double skew_deg; /* clockwise */
};

/* 32 bits a pixel, white paper. Boxes are drawn close round the ink. */
int picture_draw(struct picture *out, const struct sheet *s, int dpi, struct err *e);
void picture_release(struct picture *p); /* zeroed is fine */

/* Turns the picture and its boxes about the middle, in a frame of the same size. */
int picture_turn(struct picture *p, double clockwise_deg, struct err *e);

#endif
