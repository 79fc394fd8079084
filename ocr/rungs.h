/* Rungs: the attempts that a look at a page leads to, best first. The first is made
 * always; each other only while the reading so far doubts itself so much. Pure. */
#ifndef TRAM_OCR_RUNGS_H
#define TRAM_OCR_RUNGS_H

#include "ocr/attempt.h"
#include "ocr/image/steps.h"
#include "ocr/way.h"

#define LADDER_ATTEMPTS_MAX 6

struct rung {
    const char *name;
    struct recipe recipe;
    bool as_best; /* with the recipe of the best attempt so far instead */
    enum segmentation segmentation;
    double doubt_min; /* of the reading so far: less, and it is not made */
};

/* How many. All of them turn the page alike, so that their boxes are of one picture. */
size_t rungs_plan(const struct page_look *look, int dpi, enum reading_way way,
                  struct rung out[LADDER_ATTEMPTS_MAX]);

#endif
