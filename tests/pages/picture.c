#include "tests/pages/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INK_MAX 150 /* grey; darker is ink of a letter */

static cairo_surface_t *surface_new(const struct sheet *s, int dpi, cairo_t **cr)
{
    double scale = dpi / 72.0;
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)lround(s->width_pt * scale),
                                   (int)lround(s->height_pt * scale));

    *cr = cairo_create(surface);
    cairo_set_source_rgb(*cr, 1, 1, 1);
    cairo_paint(*cr);
    cairo_scale(*cr, scale, scale);
    return surface;
}

static bool row_inked(const uint32_t *row, int from, int to)
{
    for (int x = from; x < to; x++)
        if ((row[x] >> 8 & 0xFF) < INK_MAX)
            return true;
    return false;
}

static bool column_inked(const uint32_t *data, int stride, int x, int from, int to)
{
    for (int y = from; y < to; y++)
        if ((data[(size_t)y * (size_t)stride + (size_t)x] >> 8 & 0xFF) < INK_MAX)
            return true;
    return false;
}

static int clamped(double v, int high)
{
    return v < 0 ? 0 : v > high ? high : (int)v;
}

/* Draws the box in until it touches ink; one without ink stays as it is. */
static void box_tighten(struct box *b, const uint32_t *data, int stride, int width,
                        int height)
{
    int l = clamped(floor(b->left), width), r = clamped(ceil(b->right), width);
    int t = clamped(floor(b->top), height), o = clamped(ceil(b->bottom), height);

    while (t < o && !row_inked(data + (size_t)t * (size_t)stride, l, r))
        t++;
    if (t == o)
        return;
    while (!row_inked(data + (size_t)(o - 1) * (size_t)stride, l, r))
        o--;
    while (!column_inked(data, stride, l, t, o))
        l++;
    while (!column_inked(data, stride, r - 1, t, o))
        r--;
    *b = (struct box){l, t, r, o};
}

static void boxes_take(struct picture *out, const struct sheet *s,
                       cairo_surface_t *surface)
{
    const uint32_t *data =
        (const uint32_t *)(void *)cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface) / 4;
    double scale = out->dpi / 72.0;

    out->word_count = s->word_count;
    out->words = g_new0(struct box, (gsize)s->word_count + 1);
    for (int i = 0; i < s->word_count; i++) {
        const struct box *b = &s->words[i].box;

        out->words[i] = (struct box){b->left * scale, b->top * scale, b->right * scale,
                                     b->bottom * scale};
        box_tighten(&out->words[i], data, stride, cairo_image_surface_get_width(surface),
                    cairo_image_surface_get_height(surface));
    }
    out->mark_count = s->mark_count;
    out->marks = g_new0(struct box, (gsize)s->mark_count + 1);
    for (int i = 0; i < s->mark_count; i++) {
        const struct box *b = &s->marks[i].box;

        out->marks[i] = (struct box){b->left * scale, b->top * scale, b->right * scale,
                                     b->bottom * scale};
    }
}

static int pix_take(struct picture *out, cairo_surface_t *surface, struct err *e)
{
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface);
    int stride = cairo_image_surface_get_stride(surface) / 4;
    const uint32_t *data =
        (const uint32_t *)(void *)cairo_image_surface_get_data(surface);

    out->pix = pixCreate(width, height, 32);
    if (out->pix == NULL)
        return err_set(e, ERR_MEMORY, "a picture of %d x %d", width, height);
    for (int y = 0; y < height; y++) {
        l_uint32 *line = pixGetData(out->pix) + (size_t)y * (size_t)pixGetWpl(out->pix);

        for (int x = 0; x < width; x++) /* 0rgb to rgb0 */
            line[x] = data[(size_t)y * (size_t)stride + (size_t)x] << 8;
    }
    pixSetResolution(out->pix, out->dpi, out->dpi);
    return 0;
}

int picture_draw(struct picture *out, const struct sheet *s, int dpi, struct err *e)
{
    cairo_t *cr;
    cairo_surface_t *surface = surface_new(s, dpi, &cr);
    int rc;

    *out = (struct picture){.dpi = dpi};
    sheet_draw_lines(s, cr);
    cairo_surface_flush(surface);
    boxes_take(out, s, surface); /* before rules and seals cross the letters */
    sheet_draw_marks(s, cr);
    cairo_surface_flush(surface);
    rc = pix_take(out, surface, e);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    if (rc != 0)
        picture_release(out);
    return rc;
}

void picture_release(struct picture *p)
{
    pixDestroy(&p->pix);
    g_free(p->words);
    g_free(p->marks);
    *p = (struct picture){0};
}

static void box_turn(struct box *b, double x0, double y0, double sine, double cosine)
{
    double xs[4] = {b->left, b->right, b->right, b->left};
    double ys[4] = {b->top, b->top, b->bottom, b->bottom};
    struct box turned = {1e9, 1e9, -1e9, -1e9};

    for (int i = 0; i < 4; i++) {
        double dx = xs[i] - x0, dy = ys[i] - y0;
        double x = x0 + dx * cosine - dy * sine, y = y0 + dx * sine + dy * cosine;

        turned.left = fmin(turned.left, x);
        turned.right = fmax(turned.right, x);
        turned.top = fmin(turned.top, y);
        turned.bottom = fmax(turned.bottom, y);
    }
    *b = turned;
}

int picture_turn(struct picture *p, double clockwise_deg, struct err *e)
{
    double a = clockwise_deg * G_PI / 180;
    double x0 = pixGetWidth(p->pix) / 2.0, y0 = pixGetHeight(p->pix) / 2.0;
    PIX *turned = pixRotateAM(p->pix, (l_float32)a, L_BRING_IN_WHITE);

    if (turned == NULL)
        return err_set(e, ERR_MEMORY, "turning a picture");
    pixSetResolution(turned, p->dpi, p->dpi);
    pixDestroy(&p->pix);
    p->pix = turned;
    p->skew_deg += clockwise_deg;
    for (int i = 0; i < p->word_count; i++)
        box_turn(&p->words[i], x0, y0, sin(a), cos(a));
    for (int i = 0; i < p->mark_count; i++)
        box_turn(&p->marks[i], x0, y0, sin(a), cos(a));
    return 0;
}
