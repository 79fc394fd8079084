#include "tests/pages/age.h"

#include <math.h>
#include <string.h>

#include "tests/pages/glass.h"
#include "tests/pages/light.h"
#include "tests/pages/sample.h"

#define FOLD_DEPTH 46  /* grey levels, at the crease */
#define FOLD_PT    2.2 /* half width of a crease */

/* As in a good scan from a flatbed. */
static void plan_clean(struct age_plan *a, struct random *r)
{
    a->quality = random_between(r, 82, 92);
}

static void plan_light(struct age_plan *a, struct random *r)
{
    a->skew_deg = random_range(r, -0.7, 0.7);
    a->soften = random_range(r, 0.08, 0.2);
    a->soften_count = 1;
    a->noise = random_range(r, 2, 5);
    a->faint = random_range(r, 0, 0.12);
    a->bleed = random_chance(r, 50) ? random_range(r, 0.02, 0.06) : 0;
    a->slope = random_range(r, 0, 0.06);
    a->vignette = random_range(r, 0, 0.05);
    a->paper.red = random_range(r, 0.95, 1.0);
    a->paper.green = a->paper.red - random_range(r, 0, 0.02);
    a->paper.blue = a->paper.green - random_range(r, 0, 0.05);
    a->specks = random_between(r, 0, 30);
    a->folds = random_chance(r, 25);
    a->photocopied = random_chance(r, 15);
    a->threshold = random_between(r, 150, 185);
    a->quality = random_between(r, 65, 85);
}

static void plan_heavy(struct age_plan *a, struct random *r)
{
    a->skew_deg = random_range(r, -3, 3);
    a->soften = random_range(r, 0.18, 0.3);
    a->soften_count = random_between(r, 1, 2);
    a->noise = random_range(r, 6, 13);
    a->faint = random_range(r, 0.12, 0.32);
    a->bleed = random_range(r, 0.05, 0.17);
    a->slope = random_range(r, 0.12, 0.36);
    a->vignette = random_range(r, 0.05, 0.2);
    a->paper.red = random_range(r, 0.84, 0.97);
    a->paper.green = a->paper.red - random_range(r, 0.01, 0.05);
    a->paper.blue = a->paper.green - random_range(r, 0.04, 0.16);
    a->stains = random_between(r, 0, 4);
    a->specks = random_between(r, 30, 260);
    a->folds = random_between(r, 0, 2);
    a->photocopied = random_chance(r, 25);
    a->threshold = random_between(r, 120, 150);
    a->quality = random_between(r, 30, 60);
}

/* As heavy, and scanned badly: dark paper, thin ink, the lid not quite closed. */
static void plan_worn(struct age_plan *a, struct random *r)
{
    plan_heavy(a, r);
    if (a->photocopied)
        return; /* a copier's threshold would leave nothing of it */
    a->noise = random_range(r, 8, 22);
    a->faint = random_range(r, 0.2, 0.42);
    a->bleed = random_range(r, 0.04, 0.14);
    a->slope = random_range(r, 0.1, 0.3);
    a->paper.red = random_range(r, 0.72, 0.95);
    a->paper.green = a->paper.red - random_range(r, 0.01, 0.06);
    a->paper.blue = a->paper.green - random_range(r, 0.02, 0.16);
    a->shadows = random_between(r, 1, 4);
    a->shadow_depth = random_range(r, 0.1, 0.4);
    a->bed = random_chance(r, 60) ? random_range(r, 0.55, 0.95) : 1;
    a->stains = random_between(r, 0, 2);
    a->specks = random_between(r, 60, 420);
    a->white_specks = random_between(r, 0, 200);
}

/* As an office's own scanner gives them: even, mostly, but with what lies on its glass
 * or runs through its feeder. */
static void plan_office(struct age_plan *a, struct random *r)
{
    a->skew_deg = random_range(r, -1, 1);
    a->soften = random_range(r, 0.1, 0.25);
    a->soften_count = 1;
    a->noise = random_range(r, 1, 4);
    a->bleed = random_chance(r, 60) ? random_range(r, 0.02, 0.08) : 0;
    a->paper.blue = random_range(r, 0.97, 1.0);
    a->paper.green = a->paper.blue - random_range(r, 0, 0.02);
    a->paper.red = a->paper.green - random_range(r, 0, 0.02);
    a->specks = random_between(r, 5, 90);
    a->folds = random_between(r, 0, 2);
    a->streaks = random_chance(r, 40) ? random_between(r, 1, 5) : 0;
    a->holes = random_chance(r, 40) ? 2 : 0;
    a->photocopied = random_chance(r, 50);
    a->threshold = random_between(r, 150, 205); /* thin to fat */
    a->bed = random_chance(r, 70) ? random_range(r, 0, 0.9) : 1;
    a->quality = random_between(r, 60, 85);
}

/* Sheets so thin that the other side is read along with this one. */
static void plan_bleed(struct age_plan *a, struct random *r)
{
    a->skew_deg = random_range(r, -0.7, 0.7);
    a->soften = random_range(r, 0.1, 0.22);
    a->soften_count = 1;
    a->noise = random_range(r, 2, 6);
    a->faint = random_range(r, 0, 0.12);
    a->bleed = random_range(r, 0.2, 0.5);
    a->slope = random_range(r, 0, 0.06);
    a->vignette = random_range(r, 0, 0.05);
    a->paper.red = random_range(r, 0.88, 1.0);
    a->paper.green = a->paper.red - random_range(r, 0, 0.03);
    a->paper.blue = a->paper.green - random_range(r, 0, 0.1);
    a->specks = random_between(r, 0, 40);
    a->quality = random_between(r, 60, 85);
}

/* The last pages of a ribbon or of a cartridge, and the third carbon copy. */
static void plan_faint(struct age_plan *a, struct random *r)
{
    bool carbon = random_chance(r, 30);

    a->skew_deg = random_range(r, -0.7, 0.7);
    a->soften = random_range(r, 0.1, 0.25);
    a->soften_count = carbon ? 3 : 1;
    a->noise = random_range(r, 3, 8);
    a->faint = carbon ? random_range(r, 0.35, 0.6) : random_range(r, 0.45, 0.72);
    a->patches = random_range(r, 0, 0.2);
    a->thin = carbon ? 0 : random_range(r, 0, 0.7);
    a->slope = random_range(r, 0, 0.06);
    a->vignette = random_range(r, 0, 0.05);
    a->paper.red = random_range(r, 0.92, 1.0);
    a->paper.green = a->paper.red - random_range(r, 0, 0.02);
    a->paper.blue = a->paper.green - random_range(r, 0, 0.06);
    a->specks = random_between(r, 0, 60);
    a->quality = random_between(r, 60, 85);
}

void age_plan_draw(struct age_plan *out, enum age age, bool coloured, struct random *r)
{
    static void (*const plans[])(struct age_plan *, struct random *) = {
        [AGE_CLEAN] = plan_clean, [AGE_LIGHT] = plan_light,   [AGE_HEAVY] = plan_heavy,
        [AGE_WORN] = plan_worn,   [AGE_OFFICE] = plan_office, [AGE_BLEED] = plan_bleed,
        [AGE_FAINT] = plan_faint};

    *out = (struct age_plan){.paper = {1, 1, 1}, .bed = 1};
    plans[age](out, r);
    out->tone = coloured || random_chance(r, 50) ? TONE_COLOUR : TONE_GREY;
    if (age == AGE_CLEAN && !coloured)
        out->tone = TONE_GREY;
    if (out->photocopied) {
        out->tone = random_chance(r, 50) ? TONE_BILEVEL : TONE_GREY;
        out->slope /= 4; /* a copier lights evenly */
        out->vignette /= 2;
        out->faint /= 2;
        out->shadow_depth /= 4;
    }
    random_init(&out->random, random_next(r), 5);
}

/* The back of the sheet, mirrored and blurred by the paper's fibres. */
static int bleed_apply(PIX *pix, const PIX *back, double strength, struct err *e)
{
    PIX *grey = pixConvertTo8((PIX *)back, 0), *flipped = NULL, *soft = NULL;
    int rc = -1, n = samples(pix);

    if (grey != NULL)
        flipped = pixFlipLR(NULL, grey);
    if (flipped != NULL)
        soft = pixBlockconv(flipped, 2, 2);
    if (soft == NULL) {
        err_set(e, ERR_MEMORY, "bleed-through");
        goto out;
    }
    for (int y = 0; y < pixGetHeight(pix) && y < pixGetHeight(soft); y++) {
        l_uint32 *line = line_of(pix, y), *other = line_of(soft, y);

        for (int x = 0; x < pixGetWidth(pix) && x < pixGetWidth(soft); x++) {
            int lost = (int)(strength * (255 - (int)GET_DATA_BYTE(other, x)));

            for (int c = 0; c < n && lost > 0; c++) {
                int v = sample_get(line, x, n, c);

                sample_set(line, x, n, c, v - lost * v / 255);
            }
        }
    }
    rc = 0;
out:
    pixDestroy(&grey);
    pixDestroy(&flipped);
    pixDestroy(&soft);
    return rc;
}

/* A crease: the copier sees its shadow, darkest in the middle, one side lighter. */
static void fold_apply(PIX *pix, struct random *r, int dpi)
{
    int n = samples(pix), height = pixGetHeight(pix), width = pixGetWidth(pix);
    double place = random_range(r, 0.3, 0.7), reach = FOLD_PT * dpi / 72;
    double lean = random_range(r, -0.006, 0.006);

    for (int x = 0; x < width; x++) {
        double middle = place * height + lean * x;

        for (int y = (int)(middle - 2 * reach); y <= (int)(middle + 2 * reach); y++) {
            double far = fabs(y - middle) / reach;
            int lost = (int)(FOLD_DEPTH * exp(-far * far * 2));

            if (y < 0 || y >= height)
                continue;
            for (int c = 0; c < n; c++)
                sample_set(line_of(pix, y), x, n, c,
                           sample_get(line_of(pix, y), x, n, c) - lost);
        }
    }
}

/* One pass sideways and one downwards of (a, 1 - 2a, a), in place. */
static void soften_apply(PIX *pix, double share)
{
    int n = samples(pix), w = pixGetWidth(pix), h = pixGetHeight(pix);
    int a = (int)(share * 256), b = 256 - 2 * a;
    int *before = g_new(int, (gsize)w * 3), *now = g_new(int, (gsize)w * 3);

    for (int y = 0; y < h; y++) {
        l_uint32 *line = line_of(pix, y);

        for (int x = 0; x < w; x++)
            for (int c = 0; c < n; c++)
                now[x * n + c] = sample_get(line, x, n, c);
        for (int x = 1; x < w - 1; x++)
            for (int c = 0; c < n; c++)
                sample_set(line, x, n, c,
                           (a * (now[(x - 1) * n + c] + now[(x + 1) * n + c]) +
                            b * now[x * n + c]) >>
                               8);
    }
    for (int x = 0; x < w * n; x++)
        before[x] = 255;
    for (int y = 0; y < h - 1; y++) {
        l_uint32 *line = line_of(pix, y), *next = line_of(pix, y + 1);

        for (int x = 0; x < w; x++)
            for (int c = 0; c < n; c++) {
                int v = sample_get(line, x, n, c);

                sample_set(
                    line, x, n, c,
                    (a * (before[x * n + c] + sample_get(next, x, n, c)) + b * v) >> 8);
                before[x * n + c] = v;
            }
    }
    g_free(before);
    g_free(now);
}

/* A stroke's outermost dots fade as if the ink had not reached them. */
static void thin_apply(PIX *pix, double share)
{
    int n = samples(pix), w = pixGetWidth(pix), part = (int)(share * 256);
    int *was = g_new(int, (gsize)w * 3);

    for (int y = 0; y < pixGetHeight(pix); y++) {
        l_uint32 *line = line_of(pix, y);

        for (int x = 0; x < w; x++)
            for (int c = 0; c < n; c++)
                was[x * n + c] = sample_get(line, x, n, c);
        for (int x = 1; x < w - 1; x++)
            for (int c = 0; c < n; c++) {
                int v = was[x * n + c], left = was[(x - 1) * n + c],
                    right = was[(x + 1) * n + c];
                int most = left > right ? left : right;

                if (most > v)
                    sample_set(line, x, n, c, v + ((most - v) * part >> 8));
            }
    }
    g_free(was);
}

static void specks_apply(PIX *pix, int count, int shade_low, int shade_high,
                         struct random *r, int dpi)
{
    int n = samples(pix), w = pixGetWidth(pix), h = pixGetHeight(pix);

    for (int i = 0; i < count; i++) {
        int x0 = random_between(r, 0, w - 4), y0 = random_between(r, 0, h - 4);
        int size = random_between(r, 1, dpi >= 300 ? 4 : 3);
        int shade = random_between(r, shade_low, shade_high);

        for (int y = y0; y < y0 + size && y < h; y++)
            for (int x = x0; x < x0 + size && x < w; x++)
                for (int c = 0; c < n; c++)
                    sample_set(line_of(pix, y), x, n, c, shade);
    }
}

/* Grey at most ink and paper after a copier; the scanner may see it in grey. */
static int copy_apply(struct picture *p, const struct age_plan *a, struct err *e)
{
    PIX *grey = pixConvertTo8(p->pix, 0), *black = NULL, *result = NULL;

    if (grey != NULL)
        black = pixThresholdToBinary(grey, a->photocopied ? a->threshold : 150);
    if (black != NULL)
        result = a->tone == TONE_BILEVEL ? pixClone(black)
                                         : pixConvert1To8(NULL, black, 245, 25);
    pixDestroy(&grey);
    pixDestroy(&black);
    if (result == NULL)
        return err_set(e, ERR_MEMORY, "photocopying");
    pixSetResolution(result, p->dpi, p->dpi);
    pixDestroy(&p->pix);
    p->pix = result;
    if (a->tone == TONE_GREY)
        soften_apply(p->pix, 0.2);
    return 0;
}

static int grey_make(struct picture *p, struct err *e)
{
    PIX *grey = pixConvertTo8(p->pix, 0);

    if (grey == NULL)
        return err_set(e, ERR_MEMORY, "a grey picture");
    pixSetResolution(grey, p->dpi, p->dpi);
    pixDestroy(&p->pix);
    p->pix = grey;
    return 0;
}

int age_apply(struct picture *p, const struct age_plan *plan, const PIX *back,
              struct err *e)
{
    struct random r = plan->random;

    if (plan->tone != TONE_COLOUR && grey_make(p, e) != 0)
        return -1;
    if (back != NULL && plan->bleed > 0 && bleed_apply(p->pix, back, plan->bleed, e) != 0)
        return -1;
    if (plan->thin > 0)
        thin_apply(p->pix, plan->thin);
    for (int i = 0; i < plan->folds; i++)
        fold_apply(p->pix, &r, p->dpi);
    if (fabs(plan->skew_deg) > 0.05 && picture_turn(p, plan->skew_deg, e) != 0)
        return -1;
    for (int i = 0; i < plan->soften_count; i++)
        soften_apply(p->pix, plan->soften);
    specks_apply(p->pix, plan->specks, 20, 90, &r, p->dpi);
    if ((plan->noise > 0 || plan->slope > 0 || plan->paper.blue < 1) &&
        light_apply(p->pix, plan, &r, e) != 0)
        return -1;
    glass_apply(p, plan, &r);
    if (plan->white_specks > 0)
        specks_apply(p->pix, plan->white_specks, 225, 255, &r, p->dpi);
    if (plan->photocopied || plan->tone == TONE_BILEVEL)
        return copy_apply(p, plan, e);
    return 0;
}
