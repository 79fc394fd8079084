#include "ocr/reduction.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* As Leptonica sharpens what it scales down: less and finer what is scaled by more. */
#define MUCH_BELOW 0.7

static uint32_t reduced(uint32_t side, double scale)
{
    uint32_t reduced_side = (uint32_t)(side * scale);

    return reduced_side == 0 ? 1 : reduced_side;
}

static void reduction_release(struct reduction *r)
{
    pixDestroy(&r->pix);
    free(r->across);
    free(r->sums);
    *r = (struct reduction){0};
}

int reduction_start(struct reduction *r, uint32_t width, uint32_t height,
                    uint32_t samples)
{
    double scale = fmin(1, sqrt(PAGE_PIXELS_MAX / ((double)width * height)));
    size_t count;

    *r = (struct reduction){.width = width,
                            .height = height,
                            .samples = samples,
                            .pix_width = reduced(width, scale),
                            .pix_height = reduced(height, scale),
                            .room = height};
    count = (size_t)r->pix_width * samples;
    r->pix = pixCreateNoInit((l_int32)r->pix_width, (l_int32)r->pix_height,
                             samples == 1 ? 8 : 32);
    r->across = malloc(count * sizeof *r->across);
    r->sums = calloc(count, sizeof *r->sums);
    if (r->pix != NULL && r->across != NULL && r->sums != NULL)
        return 0;
    reduction_release(r);
    return -1;
}

/* A pixel that comes is pix_width parts wide, one of the page `width` parts: whole
 * numbers, and a pixel that comes lies in two of the page at most. */
static inline void average_across(struct reduction *r, const uint8_t *row,
                                  uint32_t samples)
{
    const float share = 1.0f / (float)r->width;
    uint32_t sums[3] = {0}, room = r->width;
    float *to = r->across;

    for (uint32_t x = 0; x < r->width; x++, row += samples) {
        uint32_t here = r->pix_width < room ? r->pix_width : room;
        uint32_t rest = r->pix_width - here;

        for (uint32_t s = 0; s < samples; s++)
            sums[s] += row[s] * here;
        room -= here;
        if (room > 0)
            continue;
        for (uint32_t s = 0; s < samples; s++) {
            *to++ = (float)sums[s] * share;
            sums[s] = row[s] * rest;
        }
        room = r->width - rest;
    }
}

static void add_row(struct reduction *r, uint32_t parts)
{
    const float share = (float)parts / (float)r->height;
    size_t count = (size_t)r->pix_width * r->samples;

    for (size_t i = 0; i < count; i++)
        r->sums[i] += r->across[i] * share;
}

static uint8_t level(float sum)
{
    return (uint8_t)(sum >= 255 ? 255 : sum + 0.5f);
}

/* Writes the row that is full, and begins the next. */
static void end_row(struct reduction *r)
{
    l_uint32 *line = pixGetData(r->pix) + (size_t)r->pix_row * (size_t)pixGetWpl(r->pix);
    const float *from = r->sums;

    for (uint32_t x = 0; x < r->pix_width; x++, from += r->samples) {
        if (r->samples == 1)
            SET_DATA_BYTE(line, x, level(from[0]));
        else
            (void)composeRGBPixel(level(from[0]), level(from[1]), level(from[2]),
                                  line + x);
    }
    memset(r->sums, 0, (size_t)r->pix_width * r->samples * sizeof *r->sums);
    r->pix_row++;
    r->room = r->height;
}

void reduction_take(struct reduction *r, const uint8_t *row)
{
    uint32_t parts = r->pix_height, here = parts < r->room ? parts : r->room;

    if (r->pix_row == r->pix_height)
        return; /* more rows than were told */
    if (r->samples == 1)
        average_across(r, row, 1);
    else
        average_across(r, row, 3);
    add_row(r, here);
    r->room -= here;
    if (r->room > 0)
        return;
    end_row(r);
    add_row(r, parts - here);
    r->room -= parts - here;
}

static struct Pix *sharpened(const struct reduction *r)
{
    if (r->pix_width == r->width)
        return pixClone(r->pix);
    if (r->pix_width < r->width * MUCH_BELOW)
        return pixUnsharpMasking(r->pix, 1, 0.2f);
    return pixUnsharpMasking(r->pix, 2, 0.4f);
}

struct Pix *reduction_end(struct reduction *r)
{
    struct Pix *pix = r->pix_row == r->pix_height ? sharpened(r) : NULL;

    reduction_release(r);
    return pix;
}
