#include "ocr/image/steps.h"

#include <leptonica/allheaders.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ocr/image/seal.h"
#include "ocr/image/tilt.h"
#include "ocr/image/whiten.h"

int steps_share(struct shared_steps *out, struct Pix *page, unsigned quarter_turns,
                int dpi)
{
    struct Pix *turned;

    *out = (struct shared_steps){0};
    out->grey = seal_lift(page, dpi, &out->seals);
    if (out->grey == NULL)
        return -1;
    if (quarter_turns % 4 == 0)
        return 0;
    turned = pixRotateOrth(out->grey, (l_int32)(quarter_turns % 4));
    pixDestroy(&out->grey);
    out->grey = turned;
    return turned == NULL ? -1 : 0;
}

/* Takes `was`; `next` was made from it. */
static struct Pix *replace(struct Pix *was, struct Pix *next)
{
    pixDestroy(&was);
    return next;
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
}
