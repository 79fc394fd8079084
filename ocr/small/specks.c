#include "ocr/small/specks.h"

#include <leptonica/allheaders.h>
#include <math.h>

/* Millimetres. */
#define DUST       0.20 /* nothing that was written is as small */
#define SPECK      0.65 /* full stops, dots of letters and small accents are smaller */
#define BESIDE     1.6  /* how far they are from their letters at most */
#define LEADER_GAP 1.8  /* between the dots of a leader */
#define LEADER     9.0
/* A speck that was written is as dark as writing somewhere. */
#define WRITTEN_LEVEL 105

static int at_dpi(double mm, uint32_t dpi)
{
    return (int)lround(mm * dpi / 25.4);
}

/* Takes `small`: drops the pale ones. */
static struct Pix *dark_ones(struct Pix *small, struct Pix *grey)
{
    struct Pix *dark, *kept = NULL;

    if (small == NULL || grey == NULL)
        return small;
    dark = pixThresholdToBinary(grey, WRITTEN_LEVEL);
    if (dark != NULL)
        kept = pixSeedfillBinary(NULL, pixAnd(dark, dark, small), small, 8);
    pixDestroy(&dark);
    pixDestroy(&small);
    return kept;
}

/* Those of `small` that stand beside a letter or in a leader. */
static struct Pix *those_in_place(struct Pix *small, struct Pix *large, uint32_t dpi)
{
    int beside = 2 * at_dpi(BESIDE, dpi) + 1, gap = at_dpi(LEADER_GAP, dpi);
    struct Pix *near = pixDilateBrick(NULL, large, beside, beside);
    struct Pix *joined = pixCloseSafeBrick(NULL, small, gap, 1), *leaders = NULL;
    struct Pix *kept = NULL;

    if (joined != NULL)
        leaders = pixSelectBySize(joined, at_dpi(LEADER, dpi), 0, 8, L_SELECT_WIDTH,
                                  L_SELECT_IF_GTE, NULL);
    if (near != NULL && leaders != NULL) {
        pixOr(near, near, leaders);
        pixAnd(near, near, small);
        kept = pixSeedfillBinary(NULL, near, small, 8);
    }
    pixDestroy(&leaders);
    pixDestroy(&joined);
    pixDestroy(&near);
    return kept;
}

struct Pix *specks_dropped(struct Pix *mask, struct Pix *grey, uint32_t dpi)
{
    int dust = at_dpi(DUST, dpi), speck = at_dpi(SPECK, dpi);
    struct Pix *large = NULL, *small = NULL, *kept = NULL;

    if (mask != NULL)
        large = pixSelectBySize(mask, speck, speck, 8, L_SELECT_IF_EITHER,
                                L_SELECT_IF_GTE, NULL);
    if (large != NULL)
        small = pixSubtract(NULL, mask, large);
    if (small != NULL && dust > 1) {
        struct Pix *all = small;

        small = pixSelectBySize(all, dust, dust, 8, L_SELECT_IF_EITHER, L_SELECT_IF_GTE,
                                NULL);
        pixDestroy(&all);
    }
    small = dark_ones(small, grey);
    if (small != NULL)
        kept = those_in_place(small, large, dpi);
    if (kept != NULL)
        pixOr(kept, kept, large);
    pixDestroy(&small);
    pixDestroy(&large);
    pixDestroy(&mask);
    return kept;
}
