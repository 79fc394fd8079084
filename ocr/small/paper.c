#include "ocr/small/paper.h"

#include <leptonica/allheaders.h>
#include <math.h>

/* Millimetres. A brick that is wider than any stroke, and than the white within
 * letters, takes text away; one wider than a solid figure shows the paper around. */
#define NEAR_BRICK 5.0
#define WIDE_BRICK 25.0
#define BLUR       2.0
/* Darker than this beside the paper around is something printed, not a shadow. */
#define PRINTED_PART 0.70
#define SIDE_MIN     2.0f /* pixels */
#define LIGHTEST     255u
#define LIGHT_MIN    24 /* in deep shadow nothing is certain any more */

static int brick(double mm)
{
    return (int)(mm * PAPER_DPI / 25.4) | 1;
}

static unsigned brightest(l_uint32 pixel)
{
    unsigned red = pixel >> L_RED_SHIFT & 0xff, green = pixel >> L_GREEN_SHIFT & 0xff,
             blue = pixel >> L_BLUE_SHIFT & 0xff;
    unsigned most = red > green ? red : green;

    return most > blue ? most : blue;
}

/* 8 bits: each pixel's brightest colour, in which red and blue ink hardly show. */
static struct Pix *brightest_of(struct Pix *page)
{
    struct Pix *grey;

    if (pixGetDepth(page) == 8)
        return pixCopy(NULL, page);
    grey = pixCreate(pixGetWidth(page), pixGetHeight(page), 8);
    for (int y = 0; grey != NULL && y < pixGetHeight(page); y++) {
        const l_uint32 *from = pixGetData(page) + (size_t)y * (size_t)pixGetWpl(page);
        l_uint32 *to = pixGetData(grey) + (size_t)y * (size_t)pixGetWpl(grey);

        for (int x = 0; x < pixGetWidth(page); x++)
            SET_DATA_BYTE(to, x, brightest(from[x]));
    }
    return grey;
}

/* Takes `pix`. */
static struct Pix *blurred(struct Pix *pix, double mm)
{
    int half = brick(mm) / 2;
    struct Pix *calm = NULL;

    if (pix != NULL && 2 * half + 1 < pixGetWidth(pix) &&
        2 * half + 1 < pixGetHeight(pix))
        calm = pixBlockconv(pix, half, half);
    else if (pix != NULL)
        calm = pixClone(pix);
    pixDestroy(&pix);
    return calm;
}

/* Where `near` is much darker than `wide`, it becomes `wide`. */
static void lift_printed(struct Pix *near, const struct Pix *wide)
{
    for (int y = 0; y < pixGetHeight(near); y++) {
        l_uint32 *line = pixGetData(near) + (size_t)y * (size_t)pixGetWpl(near);
        const l_uint32 *around =
            wide->data + (size_t)y * (size_t)pixGetWpl((struct Pix *)wide);

        for (int x = 0; x < pixGetWidth(near); x++) {
            int level = GET_DATA_BYTE(line, x), paper = GET_DATA_BYTE(around, x);

            if (level < PRINTED_PART * paper)
                level = paper;
            SET_DATA_BYTE(line, x, level > LIGHT_MIN ? level : LIGHT_MIN);
        }
    }
}

static struct Pix *light_of(struct Pix *coarse)
{
    struct Pix *grey = brightest_of(coarse), *near = NULL, *wide = NULL;

    if (grey != NULL) {
        near = pixCloseGray(grey, brick(NEAR_BRICK), brick(NEAR_BRICK));
        wide =
            blurred(pixCloseGray(grey, brick(WIDE_BRICK), brick(WIDE_BRICK)), WIDE_BRICK);
    }
    if (near != NULL && wide != NULL)
        lift_printed(near, wide);
    else
        pixDestroy(&near);
    pixDestroy(&wide);
    pixDestroy(&grey);
    return blurred(near, BLUR);
}

static uint8_t middle(const unsigned counts[256], unsigned sum)
{
    unsigned seen = 0, level = 0;

    while (level < 255 && (seen += counts[level]) * 2 < sum)
        level++;
    return (uint8_t)level;
}

/* As light as good paper, without losing its colour: what grey is left of the light
 * would only take contrast away. */
static struct pdf_colour lightened(struct pdf_colour c)
{
    unsigned most =
        brightest((l_uint32)c.red << L_RED_SHIFT | (l_uint32)c.green << L_GREEN_SHIFT |
                  (l_uint32)c.blue << L_BLUE_SHIFT);

    if (most == 0)
        return (struct pdf_colour){LIGHTEST, LIGHTEST, LIGHTEST};
    return (struct pdf_colour){(uint8_t)(c.red * LIGHTEST / most),
                               (uint8_t)(c.green * LIGHTEST / most),
                               (uint8_t)(c.blue * LIGHTEST / most)};
}

/* The middle of all pixels that are as light as the paper around. */
static struct pdf_colour tone_of(const struct Pix *coarse, const struct Pix *light)
{
    unsigned counts[3][256] = {0}, sum = 0;
    bool coloured = coarse->d == 32;

    for (unsigned y = 0; y < coarse->h; y++) {
        const l_uint32 *line = coarse->data + (size_t)y * coarse->wpl,
                       *around = light->data + (size_t)y * light->wpl;

        for (unsigned x = 0; x < coarse->w; x++) {
            unsigned grey = coloured ? 0 : GET_DATA_BYTE(line, x);
            l_uint32 pixel = coloured ? line[x]
                                      : grey << L_RED_SHIFT | grey << L_GREEN_SHIFT |
                                            grey << L_BLUE_SHIFT;

            if (brightest(pixel) * 10 < (unsigned)GET_DATA_BYTE(around, x) * 9)
                continue;
            counts[0][pixel >> L_RED_SHIFT & 0xff]++;
            counts[1][pixel >> L_GREEN_SHIFT & 0xff]++;
            counts[2][pixel >> L_BLUE_SHIFT & 0xff]++;
            sum++;
        }
    }
    if (sum == 0)
        return (struct pdf_colour){255, 255, 255};
    return lightened((struct pdf_colour){middle(counts[0], sum), middle(counts[1], sum),
                                         middle(counts[2], sum)});
}

int paper_look(struct paper *out, struct Pix *page, uint32_t dpi)
{
    float least = fminf((float)pixGetWidth(page), (float)pixGetHeight(page));
    /* Something must be left of the thinnest strip. */
    float scale = fminf(fmaxf((float)PAPER_DPI / (float)dpi, SIDE_MIN / least), 1);

    *out = (struct paper){0};
    out->coarse = scale < 1 ? pixScaleAreaMap(page, scale, scale) : pixCopy(NULL, page);
    if (out->coarse != NULL)
        out->light = light_of(out->coarse);
    if (out->light != NULL)
        out->tone = tone_of(out->coarse, out->light);
    return out->light == NULL ? -1 : 0;
}

void paper_release(struct paper *p)
{
    pixDestroy(&p->coarse);
    pixDestroy(&p->light);
}

/* --- even light ----------------------------------------------------------------- */

static unsigned part_of_white(unsigned level, unsigned white)
{
    unsigned part = white == 0 ? 255 : level * 255 / white;

    return part > 255 ? 255 : part;
}

struct evening {
    struct Pix *page, *light; /* of one size */
    unsigned tone[3], most;
};

static void even_row(const struct evening *v, struct Pix *out, int y)
{
    const l_uint32 *from = pixGetData(v->page) + (size_t)y * (size_t)pixGetWpl(v->page);
    const l_uint32 *light =
        pixGetData(v->light) + (size_t)y * (size_t)pixGetWpl(v->light);
    l_uint32 *to = pixGetData(out) + (size_t)y * (size_t)pixGetWpl(out);

    for (int x = 0; x < pixGetWidth(out); x++) {
        unsigned here = GET_DATA_BYTE(light, x);

        if (pixGetDepth(out) == 8) {
            SET_DATA_BYTE(to, x, part_of_white(GET_DATA_BYTE(from, x), here));
            continue;
        }
        to[x] =
            part_of_white(from[x] >> L_RED_SHIFT & 0xff, here * v->tone[0] / v->most)
                << L_RED_SHIFT |
            part_of_white(from[x] >> L_GREEN_SHIFT & 0xff, here * v->tone[1] / v->most)
                << L_GREEN_SHIFT |
            part_of_white(from[x] >> L_BLUE_SHIFT & 0xff, here * v->tone[2] / v->most)
                << L_BLUE_SHIFT;
    }
}

struct Pix *paper_even(const struct paper *p, struct Pix *page)
{
    struct evening v = {
        .page = page,
        .most = 1,
        .light = pixScaleToSize(p->light, pixGetWidth(page), pixGetHeight(page)),
        .tone = {p->tone.red, p->tone.green, p->tone.blue}};
    struct Pix *out = v.light != NULL ? pixCreateTemplate(page) : NULL;

    for (size_t i = 0; i < 3; i++)
        v.most = v.tone[i] > v.most ? v.tone[i] : v.most;
    for (int y = 0; out != NULL && y < pixGetHeight(out); y++)
        even_row(&v, out, y);
    pixDestroy(&v.light);
    return out;
}
