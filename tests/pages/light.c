#include "tests/pages/light.h"

#include <math.h>

#include "tests/pages/sample.h"

#define MAP_SIDE 128 /* the light and the stains are smooth: a small map will do */

/* How much light falls where: a slope in some direction, and darker edges. */
static PIX *light_map(const struct age_plan *a, struct random *r)
{
    PIX *map = pixCreate(MAP_SIDE, MAP_SIDE, 8);
    double angle = random_range(r, 0, 2 * G_PI);

    for (int y = 0; map != NULL && y < MAP_SIDE; y++)
        for (int x = 0; x < MAP_SIDE; x++) {
            double u = 2.0 * x / (MAP_SIDE - 1) - 1, v = 2.0 * y / (MAP_SIDE - 1) - 1;
            double along = (u * cos(angle) + v * sin(angle)) / 1.4142 / 2 + 0.5;
            double light = 1 - a->slope * along - a->vignette * (u * u + v * v) / 2;

            pixSetPixel(map, x, y, (l_uint32)byte_of((int)(light * 255)));
        }
    return map;
}

/* Where the sheet does not lie on the glass, or something lies above it: broad dark
 * places, and now and then a bright one. */
static void shadows_add(PIX *map, const struct age_plan *a, struct random *r)
{
    for (int i = 0; map != NULL && i < a->shadows; i++) {
        double x0 = random_range(r, 0, MAP_SIDE), y0 = random_range(r, 0, MAP_SIDE);
        double wide = random_range(r, 14, 60), tall = random_range(r, 14, 60);
        double depth = a->shadow_depth * (random_chance(r, 25) ? -0.4 : 1);

        for (int y = 0; y < MAP_SIDE; y++)
            for (int x = 0; x < MAP_SIDE; x++) {
                double u = (x - x0) / wide, v = (y - y0) / tall;
                l_uint32 old;

                pixGetPixel(map, x, y, &old);
                pixSetPixel(
                    map, x, y,
                    (l_uint32)byte_of((int)(old * (1 - depth * exp(-(u * u + v * v))))));
            }
    }
}

/* Brown blots with a darker rim, as water leaves them. */
static PIX *stain_map(const struct age_plan *a, struct random *r)
{
    PIX *map = pixCreate(MAP_SIDE, MAP_SIDE, 8);
    double tall = 297.0 / 210; /* the map is square, the page is not */

    for (int i = 0; map != NULL && i < a->stains; i++) {
        double x0 = random_range(r, 0, MAP_SIDE), y0 = random_range(r, 0, MAP_SIDE);
        double radius = random_range(r, 10, 34), depth = random_range(r, 30, 110);

        for (int y = 0; y < MAP_SIDE; y++)
            for (int x = 0; x < MAP_SIDE; x++) {
                double far = hypot(x - x0, (y - y0) * tall) / radius;
                double rim = exp(-(far - 0.9) * (far - 0.9) * 40);
                l_uint32 old;

                if (far > 1.6)
                    continue;
                pixGetPixel(map, x, y, &old);
                old +=
                    (l_uint32)(depth * (0.4 / (1 + exp((far - 0.9) * 14)) + 0.6 * rim));
                pixSetPixel(map, x, y, (l_uint32)byte_of((int)old));
            }
    }
    return map;
}

/* How much ink is where: of a cartridge that runs out it is uneven. */
static PIX *toner_map(const struct age_plan *a, struct random *r)
{
    PIX *map = pixCreate(MAP_SIDE, MAP_SIDE, 8);

    for (int i = 0; map != NULL && a->patches > 0 && i < 5; i++) {
        double x0 = random_range(r, 0, MAP_SIDE), y0 = random_range(r, 0, MAP_SIDE);
        double wide = random_range(r, 5, 20), tall = random_range(r, 20, 80);

        for (int y = 0; y < MAP_SIDE; y++)
            for (int x = 0; x < MAP_SIDE; x++) {
                double u = (x - x0) / wide, v = (y - y0) / tall;
                l_uint32 old;

                pixGetPixel(map, x, y, &old);
                old += (l_uint32)(a->patches * 255 * exp(-(u * u + v * v)));
                pixSetPixel(map, x, y, (l_uint32)fmin((double)old, a->patches * 255));
            }
    }
    return map;
}

/* Ink, paper, light, stains and the sensor's noise in one pass. */
static void scan_apply(PIX *pix, const struct age_plan *a, PIX *light, PIX *stains,
                       PIX *toner, struct random *r)
{
    static const double stain_takes[3] = {0.45, 0.65, 1.0}; /* brown keeps its red */
    int n = samples(pix), lift = (int)(a->faint * 256), noise = (int)(a->noise * 256);
    double paper[3] = {a->paper.red, a->paper.green, a->paper.blue};
    int tint[3], takes[3];

    for (int c = 0; c < 3; c++) {
        tint[c] = (int)((n == 1 ? a->paper.green : paper[c]) * 256);
        takes[c] = (int)(stain_takes[n == 1 ? 1 : c] * 256);
    }
    for (int y = 0; y < pixGetHeight(pix); y++) {
        l_uint32 *line = line_of(pix, y), *lit = line_of(light, y);
        l_uint32 *blot = line_of(stains, y), *pale = line_of(toner, y);

        for (int x = 0; x < pixGetWidth(pix); x++) {
            int lamp = GET_DATA_BYTE(lit, x), stain = GET_DATA_BYTE(blot, x);
            int faint = lift + GET_DATA_BYTE(pale, x);
            int grain = noise > 0 ? random_noise(r) * noise / 65536 : 0;

            for (int c = 0; c < n; c++) {
                int v = sample_get(line, x, n, c);

                v += (255 - v) * faint >> 8;
                v = v * tint[c] / 256 * lamp / 255;
                v = v * (255 - (stain * takes[c] >> 8)) / 255;
                sample_set(line, x, n, c, v + grain);
            }
        }
    }
}

int light_apply(PIX *pix, const struct age_plan *a, struct random *r, struct err *e)
{
    PIX *light = light_map(a, r), *stains = stain_map(a, r), *big = NULL, *blots = NULL;
    PIX *toner = toner_map(a, r), *pale = NULL;
    int w = pixGetWidth(pix), h = pixGetHeight(pix), rc = -1;

    shadows_add(light, a, r);
    if (light != NULL && stains != NULL && toner != NULL) {
        big = pixScaleToSize(light, w, h);
        blots = pixScaleToSize(stains, w, h);
        pale = pixScaleToSize(toner, w, h);
    }
    if (big == NULL || blots == NULL || pale == NULL) {
        err_set(e, ERR_MEMORY, "light on a picture");
        goto out;
    }
    scan_apply(pix, a, big, blots, pale, r);
    rc = 0;
out:
    pixDestroy(&light);
    pixDestroy(&stains);
    pixDestroy(&big);
    pixDestroy(&blots);
    pixDestroy(&toner);
    pixDestroy(&pale);
    return rc;
}
