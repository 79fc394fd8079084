#include "ocr/image/look.h"

#include <leptonica/allheaders.h>
#include <math.h>

#include "ocr/image/tilt.h"
#include "ocr/image/whiten.h"

/* Tesseract follows lines that rise less, and turning a page softens its letters. On
 * paper that is smoothed anyhow nothing is lost by it. */
#define TILT_EVEN_MIN   1.0
#define TILT_UNEVEN_MIN 0.1
/* Typeset pages have 0.86 and more of it, no scan has half. */
#define PRISTINE_PAPER  0.8f
#define PRISTINE_SHADES 0.002f

/* Paper of one level to the last dot, and letters whose edges have shades. */
static bool is_pristine(struct Pix *grey)
{
    NUMA *counts = pixGetGrayHistogram(grey, 4);
    l_float32 paper = 0, ink = 0, sum = 0;
    l_int32 level = 0;
    bool is;

    if (counts == NULL)
        return false;
    numaGetMax(counts, &paper, &level);
    numaGetFValue(counts, 0, &ink);
    numaGetSum(counts, &sum);
    is = paper > PRISTINE_PAPER * sum && sum - paper - ink > PRISTINE_SHADES * sum;
    numaDestroy(&counts);
    return is;
}

void look_at(struct page_look *out, struct Pix *grey, int depth)
{
    double tilt = tilt_find(grey);

    *out = (struct page_look){.evenness = whiten_evenness(grey),
                              .pristine = depth > 1 && is_pristine(grey),
                              .bilevel = depth == 1};
    if (fabs(tilt) >=
        (out->evenness < WHITEN_EVENNESS_MIN ? TILT_UNEVEN_MIN : TILT_EVEN_MIN))
        out->tilt = tilt;
    if (tilt == 0) /* lines that tell no tilt may run the other way */
        out->sideways = tilt_is_sideways(grey);
}
