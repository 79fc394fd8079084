#include "ocr/image/tilt.h"

#include <leptonica/allheaders.h>
#include <math.h>

#include "ocr/image/whiten.h"

#define CONFIDENCE_MIN 3.0f
/* Lines are told apart at 75 points an inch as well as at 300. */
#define SIDE_SEARCHED 1800
#define INK_LEVEL     130 /* of whitened paper */
#define SWEEP_STEP    1.0f
#define FINEST_STEP   0.02f

static struct Pix *reduced(struct Pix *grey)
{
    int longer =
        pixGetWidth(grey) > pixGetHeight(grey) ? pixGetWidth(grey) : pixGetHeight(grey);

    return longer > SIDE_SEARCHED ? pixScaleAreaMap2(grey) : pixClone(grey);
}

/* The page in black and white, small, to look for lines in. NULL: no memory. */
static struct Pix *bits_of(struct Pix *grey)
{
    struct Pix *small = reduced(grey), *even = NULL, *bits = NULL;

    if (small != NULL)
        even = whiten(small);
    if (even != NULL)
        bits = pixThresholdToBinary(even, INK_LEVEL);
    pixDestroy(&even);
    pixDestroy(&small);
    return bits;
}

/* Whether there are lines; then *degrees straightens them. */
static bool lines_tilt(struct Pix *bits, double *degrees)
{
    l_float32 angle = 0, confidence = 0;

    *degrees = 0;
    if (pixFindSkewSweepAndSearchScorePivot(bits, &angle, &confidence, NULL, 2, 1, 0,
                                            (l_float32)TILT_DEGREES_MAX, SWEEP_STEP,
                                            FINEST_STEP, L_SHEAR_ABOUT_CENTER) != 0 ||
        confidence < CONFIDENCE_MIN)
        return false;
    *degrees = angle;
    return true;
}

double tilt_find(struct Pix *grey)
{
    struct Pix *bits = bits_of(grey);
    double degrees = 0;

    if (bits != NULL)
        (void)lines_tilt(bits, &degrees);
    pixDestroy(&bits);
    return degrees;
}

bool tilt_is_sideways(struct Pix *grey)
{
    struct Pix *bits = bits_of(grey), *turned = NULL;
    double degrees;
    bool is = false;

    if (bits != NULL && !lines_tilt(bits, &degrees))
        turned = pixRotateOrth(bits, 1);
    if (turned != NULL)
        is = lines_tilt(turned, &degrees);
    pixDestroy(&turned);
    pixDestroy(&bits);
    return is;
}

struct Pix *tilt_undo(struct Pix *grey, double degrees)
{
    return pixRotate(grey, (l_float32)(degrees * M_PI / 180), L_ROTATE_AREA_MAP,
                     L_BRING_IN_WHITE, 0, 0);
}
