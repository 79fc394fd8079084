#include "ocr/image/faint.h"

#include <leptonica/allheaders.h>

#include "ocr/image/levels.h"
#include "ocr/image/strokes.h"
#include "ocr/image/whiten.h"

#define STROKES_MIN 100 /* fewer say nothing */
/* The level that a quarter of the strokes are darker than: under 60 on ordinary print. */
#define DARK_SHARE  0.25
#define FAINT_FROM  90
#define BLACK_SHARE 0.1 /* of the strokes: they become black */
/* Where the paper's level is measured, in dots: what is no ink in each tile, if it is
 * enough. Leptonica's own limit of 60 takes faint ink for paper. */
#define TILE_WIDE      16
#define TILE_HIGH      24
#define TILE_PAPER_MIN 60
/* The paper's mean. What is lighter becomes white: half of its grain, and Otsu's
 * threshold is no longer drawn into it. More than half took thin strokes along: of four
 * made pages 4 % of letters were wrong instead of 2. */
#define BACKGROUND 200

static double count_of(const struct strokes *s)
{
    return strokes_kind(s, 0, STROKES_MAX).count;
}

bool faint_shows(const struct strokes *s, struct Pix *grey)
{
    return count_of(s) >= STROKES_MIN && levels_at(s->counts, DARK_SHARE) >= FAINT_FROM &&
           whiten_evenness(grey) >= WHITEN_EVENNESS_MIN;
}

struct Pix *faint_strengthen(struct Pix *grey, const struct strokes *s)
{
    int ink = levels_at(s->counts, BLACK_SHARE);
    int between = levels_paper(grey) * (ink + STROKES_PAPER) / (2 * STROKES_PAPER);
    struct Pix *even = pixBackgroundNorm(grey, NULL, NULL, TILE_WIDE, TILE_HIGH, between,
                                         TILE_PAPER_MIN, BACKGROUND, 2, 2);
    struct Pix *strong = NULL;

    if (even != NULL)
        strong =
            pixGammaTRC(NULL, even, 1.0f, ink * BACKGROUND / STROKES_PAPER, BACKGROUND);
    pixDestroy(&even);
    return strong;
}
