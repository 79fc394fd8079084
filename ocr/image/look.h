/* Look: what a cheap look at a page says about how to read it. */
#ifndef TRAM_OCR_IMAGE_LOOK_H
#define TRAM_OCR_IMAGE_LOOK_H

#include <stdbool.h>

struct Pix;

struct page_look {
    double evenness; /* of the paper: whiten.h */
    double tilt;     /* degrees clockwise that straighten it; 0: straight enough */
    bool sideways;   /* lines run down the page */
    bool pristine;   /* as a computer drew it: hardly a letter will be in doubt */
    bool bilevel;    /* a copier's black and white: nothing to smooth */
};

/* `grey` is upright; `depth` is what the page had in its file. */
void look_at(struct page_look *out, struct Pix *grey, int depth);

#endif
