/* Age: what years in a cupboard, a photocopier and a scanner do to a page. */
#ifndef TRAM_PAGES_AGE_H
#define TRAM_PAGES_AGE_H

#include "tests/pages/picture.h"
#include "tests/pages/random.h"

enum age { AGE_CLEAN, AGE_LIGHT, AGE_HEAVY, AGE_WORN, AGE_OFFICE, AGE_BLEED, AGE_FAINT };

/* How it will be aged; drawn first, so that one can look at it, or change it. */
struct age_plan {
    enum tone tone;
    double skew_deg;
    double soften; /* share of the neighbours in each pixel, 0 to 1/3 */
    int soften_count;
    double noise;           /* deviation, in grey levels */
    double faint;           /* how far black ink is lifted towards the paper */
    double patches;         /* by how much further where the toner runs out */
    double thin;            /* how much of a stroke's edge is lost, 0 to 1 */
    double bleed;           /* how strongly the back shows through */
    double slope, vignette; /* unevenness of the light */
    struct colour paper;
    int shadows;         /* where the sheet does not lie on the glass, */
    double shadow_depth; /* and how dark those are */
    double bed;          /* what is beside the sheet: share of its light; 1: nothing */
    int stains, folds, specks, white_specks, streaks, holes;
    bool photocopied; /* through a threshold, whatever the tone */
    int threshold;
    int quality; /* of JPEG */
    struct random random;
};

void age_plan_draw(struct age_plan *out, enum age age, bool coloured, struct random *r);

/* `back` is the other side of the paper, as it is printed; NULL: it is blank. */
int age_apply(struct picture *p, const struct age_plan *plan, const PIX *back,
              struct err *e);

#endif
