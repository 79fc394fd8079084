#include "ocr/image/look.h"

#include <math.h>

#include "ocr/image/tilt.h"
#include "ocr/image/whiten.h"

/* Tesseract follows lines that rise less, and turning a page softens its letters. On
 * paper that is smoothed anyhow nothing is lost by it. */
#define TILT_EVEN_MIN   1.0
#define TILT_UNEVEN_MIN 0.1

void look_at(struct page_look *out, struct Pix *grey, int depth)
{
    double tilt = tilt_find(grey);

    *out = (struct page_look){.evenness = whiten_evenness(grey), .bilevel = depth == 1};
    if (fabs(tilt) >=
        (out->evenness < WHITEN_EVENNESS_MIN ? TILT_UNEVEN_MIN : TILT_EVEN_MIN))
        out->tilt = tilt;
    if (tilt == 0) /* lines that tell no tilt may run the other way */
        out->sideways = tilt_is_sideways(grey);
}
