/* Steps: from a page as it lies in the file to a picture that reads well. First what
 * every attempt shares: grey, seals lifted, edges and ink mended, upright. Then one
 * attempt's own: dust, tilt, paper, size. Pictures in, pictures out, and what was done
 * in words. */
#ifndef TRAM_OCR_IMAGE_STEPS_H
#define TRAM_OCR_IMAGE_STEPS_H

#include <stdbool.h>
#include <stddef.h>

#include "ocr/image/look.h"

/* Steps that can be left out. */
struct step_set {
    bool border, holes, bleed, faint;
};

struct shared_steps {
    struct Pix *grey; /* 8 bits, upright; owned */
    size_t seals;     /* lifted */
    size_t borders;   /* sides of the page that had one: removed */
    size_t holes;     /* of a punch: removed */
    bool bled;        /* what showed through from the back: suppressed */
    bool faint;       /* its print was: strengthened */
    size_t streaks;   /* removed: by the ladder, which knows of tables */
};

/* -1: no memory. `quarter_turns` clockwise make it upright. Of the steps that `wanted`
 * has, those are taken that a look at the page calls for. */
int steps_share(struct shared_steps *out, struct Pix *page, unsigned quarter_turns,
                int dpi, const struct step_set *wanted);

struct recipe {
    bool smoothed; /* median of 3 x 3: grain and dust */
    double tilt;   /* degrees clockwise; 0: not straightened */
    bool whitened;
    bool blurred;    /* mean of 3 x 3: the stairs of a copier's letters */
    double enlarged; /* 1: not */
    bool binarised;  /* by Sauvola's threshold, last */
};

/* What the recipe makes of `grey`, which stays the caller's. NULL: no memory. */
struct Pix *steps_take(struct Pix *grey, const struct recipe *r);

/* "straightened 1.25, whitened, seals lifted": what was done, at most `bytes` - 1. */
void steps_tell(char *out, size_t bytes, const struct shared_steps *shared,
                const struct recipe *r);

#endif
