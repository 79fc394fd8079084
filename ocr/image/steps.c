#include "ocr/image/steps.h"

#include <leptonica/allheaders.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ocr/image/binarise.h"
#include "ocr/image/bleed.h"
#include "ocr/image/border.h"
#include "ocr/image/faint.h"
#include "ocr/image/hole.h"
#include "ocr/image/seal.h"
#include "ocr/image/strokes.h"
#include "ocr/image/tilt.h"
#include "ocr/image/whiten.h"

/* Takes `was`; `next` was made from it. */
static struct Pix *replace(struct Pix *was, struct Pix *next)
{
    pixDestroy(&was);
    return next;
}

/* What the ink calls for. Without memory for it the page is read as it is. */
static void mend_ink(struct shared_steps *s, int dpi, const struct step_set *wanted)
{
    struct strokes strokes;
    struct bleed_look bleed;
    struct Pix *made = NULL;

    strokes_find(&strokes, s->grey, dpi);
    bleed_look(&bleed, &strokes);
    if (wanted->bleed && bleed.shows) {
        made = bleed_suppress(s->grey, dpi, &bleed);
        s->bled = made != NULL;
    } else if (wanted->faint && !bleed.shows && faint_shows(&strokes, s->grey)) {
        made = faint_strengthen(s->grey, &strokes);
        s->faint = made != NULL;
    }
    if (made != NULL)
        s->grey = replace(s->grey, made);
}

int steps_share(struct shared_steps *out, struct Pix *page, unsigned quarter_turns,
                int dpi, const struct step_set *wanted)
{
    struct Pix *turned;

    *out = (struct shared_steps){0};
    out->grey = seal_lift(page, dpi, &out->seals);
    if (out->grey == NULL)
        return -1;
    if (wanted->border)
        out->borders = border_remove(out->grey, dpi);
    if (wanted->holes)
        out->holes = hole_remove(out->grey, dpi);
    if (wanted->bleed || wanted->faint)
        mend_ink(out, dpi, wanted);
    if (quarter_turns % 4 == 0)
        return 0;
    turned = pixRotateOrth(out->grey, (l_int32)(quarter_turns % 4));
    pixDestroy(&out->grey);
    out->grey = turned;
    return turned == NULL ? -1 : 0;
}

struct Pix *steps_take(struct Pix *grey, const struct recipe *r)
{
    struct Pix *pix = pixClone(grey);

    if (pix != NULL && r->smoothed)
        pix = replace(pix, pixMedianFilter(pix, 3, 3));
    if (pix != NULL && r->tilt != 0)
        pix = replace(pix, tilt_undo(pix, r->tilt));
    if (pix != NULL && r->whitened)
        pix = replace(pix, whiten(pix));
    if (pix != NULL && r->blurred)
        pix = replace(pix, pixBlockconv(pix, 1, 1));
    if (pix != NULL && r->enlarged > 1)
        pix = replace(pix, pixScale(pix, (l_float32)r->enlarged, (l_float32)r->enlarged));
    if (pix != NULL && r->binarised)
        pix = replace(pix, binarise(pix));
    return pix;
}

static void tell(char *out, size_t bytes, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends; what does not fit is cut. */
static void tell(char *out, size_t bytes, const char *format, ...)
{
    size_t at = strlen(out);
    va_list args;

    if (at > 0 && at + 3 < bytes) {
        memcpy(out + at, ", ", 3);
        at += 2;
    }
    va_start(args, format);
    (void)vsnprintf(out + at, bytes - at, format, args);
    va_end(args);
}

void steps_tell(char *out, size_t bytes, const struct shared_steps *shared,
                const struct recipe *r)
{
    out[0] = '\0';
    if (shared->seals > 0)
        tell(out, bytes, "seals lifted");
    if (shared->borders > 0)
        tell(out, bytes, "borders removed");
    if (shared->holes > 0)
        tell(out, bytes, "holes filled");
    if (shared->bled)
        tell(out, bytes, "back suppressed");
    if (shared->faint)
        tell(out, bytes, "strengthened");
    if (shared->streaks > 0)
        tell(out, bytes, "streaks removed");
    if (r->smoothed)
        tell(out, bytes, "smoothed");
    if (r->tilt != 0)
        tell(out, bytes, "straightened %.2f", r->tilt);
    if (r->whitened)
        tell(out, bytes, "whitened");
    if (r->blurred)
        tell(out, bytes, "softened");
    if (r->enlarged > 1)
        tell(out, bytes, "enlarged %.1f", r->enlarged);
    if (r->binarised)
        tell(out, bytes, "black and white");
}
