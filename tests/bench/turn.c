#include "tests/bench/turn.h"

#include <leptonica/allheaders.h>
#include <math.h>

const struct turn turns[TURNS] = {
    {"90", 1, 0}, {"180", 2, 0}, {"270", 3, 0}, {"+8", 0, 8}, {"-8", 0, -8},
};

static PIX *turned(PIX *pix, const struct turn *t)
{
    if (t->quarters > 0)
        return pixRotateOrth(pix, t->quarters);
    return pixRotate(pix, (l_float32)(t->degrees * M_PI / 180),
                     pixGetDepth(pix) == 1 ? L_ROTATE_SAMPLING : L_ROTATE_AREA_MAP,
                     L_BRING_IN_WHITE, pixGetWidth(pix), pixGetHeight(pix));
}

int turn_write(const char *to, const char *from, const struct turn *t, struct err *e)
{
    PIX *pix = pixRead(from), *result = NULL;
    int rc = -1;

    if (pix != NULL)
        result = turned(pix, t);
    if (result != NULL)
        pixSetResolution(result, pixGetXRes(pix), pixGetYRes(pix));
    if (result == NULL || pixWrite(to, result, IFF_PNG) != 0)
        err_set(e, ERR_FAILED, "turning %s", from);
    else
        rc = 0;
    pixDestroy(&pix);
    pixDestroy(&result);
    return rc;
}
