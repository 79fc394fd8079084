#include "ocr/rungs.h"

#include "ocr/image/whiten.h"

/* Clean pages doubt less of themselves. */
#define DOUBT_MIN 0.04
/* On pages that doubt less, other cuts and Sauvola lost more words to each other than
 * they won; they are left for pages that nothing else helped. */
#define DOUBT_GREAT 0.20
/* Letters of fewer dots gain from more. */
#define DPI_SMALL 250
#define ENLARGED  1.5

struct plan {
    struct rung *out;
    size_t count;
    const struct page_look *look;
};

static struct rung *rung_add(struct plan *p, const char *name, double doubt_min)
{
    struct rung *r = &p->out[p->count++];

    *r = (struct rung){name,
                       {.tilt = p->look->tilt, .enlarged = 1},
                       .segmentation = SEGMENT_AUTO,
                       .doubt_min = doubt_min};
    return r;
}

static void cleaned_add(struct plan *p, const char *name, bool smoothed)
{
    struct rung *r = rung_add(p, name, DOUBT_MIN);

    r->recipe.whitened = true;
    r->recipe.smoothed = smoothed;
}

static void large_add(struct plan *p, int dpi, bool whitened)
{
    struct rung *r = rung_add(p, "large", DOUBT_MIN);

    r->recipe.whitened = whitened;
    r->recipe.blurred = true;
    r->recipe.enlarged = dpi < DPI_SMALL ? ENLARGED : 1;
}

static void sauvola_add(struct plan *p, int dpi)
{
    struct rung *r = rung_add(p, "sauvola", DOUBT_GREAT);

    r->recipe.whitened = true;
    r->recipe.blurred = true;
    r->recipe.enlarged = dpi < DPI_SMALL ? ENLARGED : 1;
    r->recipe.binarised = true;
}

/* The same picture cut into lines another way, which loses and finds others. */
static void segmented_add(struct plan *p, const char *name, enum segmentation s)
{
    struct rung *r = rung_add(p, name, DOUBT_GREAT);

    r->as_best = true;
    r->segmentation = s;
}

static void plan_usual(struct plan *p, int dpi)
{
    const struct page_look *look = p->look;
    bool uneven = look->evenness < WHITEN_EVENNESS_MIN;

    if (uneven || look->tilt != 0) {
        cleaned_add(p, look->bilevel ? "sharp" : "calm", !look->bilevel);
        cleaned_add(p, look->bilevel ? "calm" : "sharp", look->bilevel);
        large_add(p, dpi, true);
    } else {
        (void)rung_add(p, "plain", DOUBT_MIN);
        large_add(p, dpi, false);
        cleaned_add(p, "sharp", false);
    }
    if (uneven && !look->bilevel)
        sauvola_add(p, dpi);
    segmented_add(p, "column", SEGMENT_COLUMN);
    segmented_add(p, "block", SEGMENT_BLOCK);
}

/* All that cleans, whatever the reading believes of itself. */
static void plan_worn(struct plan *p, int dpi)
{
    cleaned_add(p, "calm", true);
    cleaned_add(p, "sharp", false);
    large_add(p, dpi, true);
    if (!p->look->bilevel)
        sauvola_add(p, dpi);
    for (size_t i = 0; i < p->count; i++)
        p->out[i].doubt_min = 0;
}

/* As usual at first, but cut into lines this way. */
static void plan_segmented(struct plan *p, int dpi, enum segmentation s)
{
    plan_usual(p, dpi);
    p->count = 1;
    p->out[0].segmentation = s;
}

size_t rungs_plan(const struct page_look *look, int dpi, enum reading_way way,
                  struct rung out[LADDER_ATTEMPTS_MAX])
{
    struct plan p = {.out = out, .look = look};

    switch (way) {
    case WAY_USUAL:
        plan_usual(&p, dpi);
        break;
    case WAY_PLAIN:
        (void)rung_add(&p, "plain", DOUBT_MIN);
        break;
    case WAY_WORN:
        plan_worn(&p, dpi);
        break;
    case WAY_COLUMN:
        plan_segmented(&p, dpi, SEGMENT_COLUMN);
        break;
    case WAY_BLOCK:
        plan_segmented(&p, dpi, SEGMENT_BLOCK);
        break;
    }
    return p.count;
}
