#include "ocr/upright.h"

#include <leptonica/allheaders.h>

/* Named by where the first row and the first column lie. */
enum {
    TOP_LEFT = 1,
    TOP_RIGHT,
    BOTTOM_RIGHT,
    BOTTOM_LEFT,
    LEFT_TOP,
    RIGHT_TOP,
    RIGHT_BOTTOM,
    LEFT_BOTTOM,
};

bool upright_is_sideways(unsigned orientation)
{
    return orientation >= LEFT_TOP;
}

struct Pix *pix_upright(struct Pix *pix, unsigned orientation)
{
    static const struct {
        l_int32 quarter_turns;
        bool mirrored, flipped; /* afterwards: left to right, top to bottom */
    } ways[] = {
        [TOP_LEFT] = {0, false, false},     [TOP_RIGHT] = {0, true, false},
        [BOTTOM_RIGHT] = {2, false, false}, [BOTTOM_LEFT] = {0, false, true},
        [LEFT_TOP] = {1, true, false},      [RIGHT_TOP] = {1, false, false},
        [RIGHT_BOTTOM] = {1, false, true},  [LEFT_BOTTOM] = {3, false, false},
    };
    struct Pix *turned = pixRotateOrth(pix, ways[orientation].quarter_turns);

    pixDestroy(&pix);
    if (turned != NULL && ways[orientation].mirrored)
        (void)pixFlipLR(turned, turned);
    if (turned != NULL && ways[orientation].flipped)
        (void)pixFlipTB(turned, turned);
    return turned;
}
