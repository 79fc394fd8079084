#include "tests/pages/glass.h"

#include <math.h>

#include "tests/pages/sample.h"

#define HOLE_MM   5.5 /* across; ISO 838 has two of 6 mm, */
#define HOLES_MM  80  /* so far apart, */
#define MARGIN_MM 12  /* so far from the edge */

static void bed_apply(PIX *pix, const struct age_plan *a, struct random *r)
{
    int n = samples(pix), w = pixGetWidth(pix), h = pixGetHeight(pix);
    int shade = (int)(a->bed * 256);
    double left = random_range(r, 0, 0.015) * w,
           right = w - random_range(r, 0, 0.015) * w;
    double lean = -tan(a->skew_deg * G_PI / 180);

    for (int y = 0; y < h; y++) {
        l_uint32 *line = line_of(pix, y);
        double shift = lean * (y - h / 2.0);

        for (int x = 0; x < w; x++) {
            if (x >= left + shift && x < right + shift)
                continue;
            for (int c = 0; c < n; c++)
                sample_set(line, x, n, c, sample_get(line, x, n, c) * shade >> 8);
        }
    }
}

/* Thin lines along the feeder's way, not always over the whole page. */
static void streak_apply(PIX *pix, struct random *r)
{
    int n = samples(pix), h = pixGetHeight(pix);
    int x0 = random_between(r, 0, pixGetWidth(pix) - 3), wide = random_between(r, 1, 2);
    int top = random_chance(r, 60) ? 0 : random_between(r, 0, h / 2);
    int bottom = random_chance(r, 60) ? h : random_between(r, h / 2, h);
    int dark = random_between(r, 20, 110);

    for (int y = top; y < bottom; y++)
        for (int x = x0; x < x0 + wide; x++)
            for (int c = 0; c < n; c++)
                sample_set(line_of(pix, y), x, n, c,
                           sample_get(line_of(pix, y), x, n, c) - dark);
}

static void hole_apply(PIX *pix, double x0, double y0, double radius, int shade)
{
    int n = samples(pix), h = pixGetHeight(pix), w = pixGetWidth(pix);

    for (int y = (int)(y0 - radius); y <= (int)(y0 + radius); y++)
        for (int x = (int)(x0 - radius); x <= (int)(x0 + radius); x++)
            for (int c = 0; c < n; c++)
                if (x >= 0 && x < w && y >= 0 && y < h && hypot(x - x0, y - y0) < radius)
                    sample_set(line_of(pix, y), x, n, c, shade);
}

static void holes_apply(struct picture *p, const struct age_plan *a, struct random *r)
{
    double mm = p->dpi / 25.4, middle = pixGetHeight(p->pix) / 2.0;
    double x = (MARGIN_MM + random_range(r, -2, 2)) * mm;
    int shade = random_between(r, 0, 140);

    for (int i = 0; i < a->holes; i++)
        hole_apply(p->pix, x, middle + (i - (a->holes - 1) / 2.0) * HOLES_MM * mm,
                   HOLE_MM * mm / 2, shade);
}

void glass_apply(struct picture *p, const struct age_plan *a, struct random *r)
{
    if (a->bed < 1)
        bed_apply(p->pix, a, r);
    for (int i = 0; i < a->streaks; i++)
        streak_apply(p->pix, r);
    /* On a sheet set across they would lie in the writing, which nobody could read. */
    if (pixGetHeight(p->pix) > pixGetWidth(p->pix))
        holes_apply(p, a, r);
}
