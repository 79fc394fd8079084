#include "ocr/image/bleed.h"

#include <leptonica/allheaders.h>

#include "ocr/image/levels.h"
#include "ocr/image/strokes.h"

/* Levels between the mean stroke of the back and of the front. */
#define PARTED_MIN  45
#define STROKES_MIN 60 /* of each: fewer say nothing */
#define SHARE_MIN   0.1
/* Of sharpness. Backs of made pages have 0.68 to 0.78 of the front's; faint print, and
 * the dots and accents of ordinary print, 1.02 and more; shadows less than a half. */
#define SOFT_MIN    0.45
#define SOFT_MAX    0.84
#define BACK_KEPT   0.03 /* of the back's strokes */
#define BACK_MARGIN 10   /* levels */
#define BACKGROUND  200  /* of Leptonica's normalised page */
#define KEPT_MM     0.25 /* round strokes of the front: their edges */
#define WHITE_FROM  195
#define BLACK_FROM  10

/* The level that parts them best into two kinds: Otsu's. */
static int part(const struct strokes *s)
{
    double all = 0, sum = 0, below = 0, sum_below = 0, best = -1;
    int at = 0;

    for (int i = 0; i < STROKES_MAX; i++) {
        all += s->counts[i];
        sum += (double)i * s->counts[i];
    }
    for (int i = 0; i < STROKES_MAX; i++) {
        double apart, between;

        below += s->counts[i];
        sum_below += (double)i * s->counts[i];
        if (below <= 0 || below >= all)
            continue;
        apart = sum_below / below - (sum - sum_below) / (all - below);
        between = below * (all - below) * apart * apart;
        if (between > best) {
            best = between;
            at = i + 1;
        }
    }
    return at;
}

/* The level that few of the back's strokes reach: between the two kinds there is hardly
 * any, and the thinnest of the front lie next to the back's. */
static int darkest_back(const struct strokes *s, int parting)
{
    unsigned counts[256] = {0};

    for (int i = parting; i < STROKES_MAX; i++)
        counts[i] = s->counts[i];
    return levels_at(counts, BACK_KEPT) - BACK_MARGIN;
}

void bleed_look(struct bleed_look *out, const struct strokes *s)
{
    int parting = part(s), lightest;
    struct stroke_kind front = strokes_kind(s, 0, parting),
                       back = strokes_kind(s, parting, STROKES_MAX);

    *out = (struct bleed_look){.shows = false};
    if (front.count < STROKES_MIN || back.count < STROKES_MIN)
        return;
    lightest = darkest_back(s, parting);
    out->parting = lightest > parting ? lightest : parting;
    out->share = back.count / front.count;
    out->softness = back.sharpness / (front.sharpness + 1e-9);
    out->shows = back.level - front.level >= PARTED_MIN && out->share >= SHARE_MIN &&
                 out->softness >= SOFT_MIN && out->softness <= SOFT_MAX;
}

/* Where the front's strokes are, and what is next to them. */
static struct Pix *front_of(struct Pix *even, int dpi, const struct bleed_look *look)
{
    int parting = look->parting * BACKGROUND / STROKES_PAPER;
    int side = 1 + 2 * (int)(KEPT_MM * dpi / 25.4 + 0.5);
    struct Pix *dark = pixThresholdToBinary(even, parting), *kept = NULL;

    if (dark != NULL)
        kept = pixDilateBrick(NULL, dark, side, side);
    pixDestroy(&dark);
    return kept;
}

struct Pix *bleed_suppress(struct Pix *grey, int dpi, const struct bleed_look *look)
{
    struct Pix *even = pixBackgroundNormSimple(grey, NULL, NULL);
    struct Pix *front = even == NULL ? NULL : front_of(even, dpi, look), *white = NULL;

    if (front != NULL) {
        (void)pixInvert(front, front);
        (void)pixSetMasked(even, front, STROKES_PAPER);
        white = pixGammaTRC(NULL, even, 1.0f, BLACK_FROM, WHITE_FROM);
    }
    pixDestroy(&front);
    pixDestroy(&even);
    return white;
}
