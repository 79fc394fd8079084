#include "tests/pages/seal.h"

#include <math.h>
#include <string.h>

/* Stamps are cut once and used on papers of every typeface. */
#define STAMP_FONT "Liberation Serif Bold"
#define SEAL_FONT  "Liberation Sans Bold"
#define BARE_MAX   60  /* places where a seal took no ink */
#define ABOVE_RAD  3.7 /* how far text may reach round a seal */
#define BELOW_RAD  1.8
#define LETTER_EM  0.86 /* of one letter along the circle */
#define SCRIBBLES  7    /* strokes of a signature */

static PangoLayout *layout_new(cairo_t *cr, const char *font, double size_pt,
                               const char *text)
{
    PangoLayout *layout = pango_cairo_create_layout(cr);
    PangoFontDescription *d = pango_font_description_from_string(font);

    pango_font_description_set_size(d, (gint)(size_pt * PANGO_SCALE));
    pango_layout_set_font_description(layout, d);
    pango_layout_set_text(layout, text, -1);
    pango_font_description_free(d);
    return layout;
}

static void ink_set(const struct mark *m, cairo_t *cr)
{
    cairo_set_source_rgb(cr, m->colour.red, m->colour.green, m->colour.blue);
}

/* To the middle of the box, turned; text below shows through. */
static void stage_enter(const struct mark *m, cairo_t *cr)
{
    cairo_save(cr);
    cairo_translate(cr, (m->box.left + m->box.right) / 2,
                    (m->box.top + m->box.bottom) / 2);
    cairo_rotate(cr, m->angle_deg * G_PI / 180);
    cairo_set_operator(cr, CAIRO_OPERATOR_MULTIPLY);
    cairo_push_group(cr);
    cairo_set_operator(cr, CAIRO_OPERATOR_OVER);
    ink_set(m, cr);
}

/* Takes a few spots of ink away again, then lays the group on the page. */
static void stage_leave(const struct mark *m, cairo_t *cr, double reach, int bare)
{
    struct random r;

    random_init(&r, m->seed, 77);
    cairo_set_operator(cr, CAIRO_OPERATOR_DEST_OUT);
    for (int i = 0; i < bare; i++) {
        double x = random_range(&r, -reach, reach), y = random_range(&r, -reach, reach);

        cairo_set_source_rgba(cr, 0, 0, 0, random_range(&r, 0.2, 0.7));
        cairo_arc(cr, x, y, random_range(&r, 0.3, 1.6), 0, 2 * G_PI);
        cairo_fill(cr);
    }
    cairo_pop_group_to_source(cr);
    cairo_set_operator(cr, CAIRO_OPERATOR_MULTIPLY);
    cairo_paint_with_alpha(cr, 0.88);
    cairo_restore(cr);
}

void stamp_draw(const struct mark *m, cairo_t *cr)
{
    double width = m->box.right - m->box.left, height = m->box.bottom - m->box.top;
    PangoLayout *layout;
    PangoRectangle ink;

    stage_enter(m, cr);
    cairo_set_line_width(cr, 1.6);
    cairo_rectangle(cr, -width / 2, -height / 2, width, height);
    cairo_stroke(cr);
    layout = layout_new(cr, STAMP_FONT, height * 0.56, m->text);
    pango_layout_get_extents(layout, &ink, NULL);
    cairo_move_to(cr, -(ink.x + ink.width / 2.0) / PANGO_SCALE,
                  -(ink.y + ink.height / 2.0) / PANGO_SCALE);
    pango_cairo_show_layout(cr, layout);
    g_object_unref(layout);
    stage_leave(m, cr, width / 2, 12);
}

static void star_path(cairo_t *cr, double radius)
{
    for (int i = 0; i < 10; i++) {
        double a = G_PI * i / 5 - G_PI / 2, r = i % 2 ? radius * 0.4 : radius;

        cairo_line_to(cr, r * cos(a), r * sin(a));
    }
    cairo_close_path(cr);
}

/* Letter by letter along the circle, its middle at the top. */
static void circle_text(cairo_t *cr, const char *text, double radius, double size_pt,
                        double middle_rad, bool outwards)
{
    double step = (outwards ? 1 : -1) * size_pt * LETTER_EM / radius;
    double a = middle_rad - step * ((double)g_utf8_strlen(text, -1) - 1) / 2;

    for (const char *at = text; *at; at = g_utf8_next_char(at), a += step) {
        char letter[8] = {0};
        PangoLayout *layout;
        PangoRectangle r;

        memcpy(letter, at, (size_t)(g_utf8_next_char(at) - at));
        layout = layout_new(cr, SEAL_FONT, size_pt, letter);
        pango_layout_get_extents(layout, NULL, &r);
        cairo_save(cr);
        cairo_rotate(cr, a);
        cairo_translate(cr, radius, 0);
        cairo_rotate(cr, outwards ? G_PI / 2 : -G_PI / 2);
        cairo_move_to(cr, -r.width / 2.0 / PANGO_SCALE, -size_pt * 0.8);
        pango_cairo_show_layout(cr, layout);
        cairo_restore(cr);
        g_object_unref(layout);
    }
}

static double circle_size(const char *text, double radius, double size_pt, double reach)
{
    double longest = reach * radius / (LETTER_EM * (double)(g_utf8_strlen(text, -1) + 1));

    return fmin(size_pt, longest);
}

/* `text` is what stands above, '|', and what stands below. */
void seal_draw(const struct mark *m, cairo_t *cr)
{
    double radius = (m->box.right - m->box.left) / 2, size = radius * 0.19;
    char above[sizeof m->text];
    char *below;

    memcpy(above, m->text, sizeof above);
    below = strchr(above, '|');
    if (below != NULL)
        *below++ = '\0';
    stage_enter(m, cr);
    cairo_set_line_width(cr, 2.0);
    cairo_arc(cr, 0, 0, radius - 1, 0, 2 * G_PI);
    cairo_stroke(cr);
    cairo_set_line_width(cr, 0.8);
    cairo_arc(cr, 0, 0, radius - 4, 0, 2 * G_PI);
    cairo_stroke(cr);
    cairo_arc(cr, 0, 0, radius * 0.58, 0, 2 * G_PI);
    cairo_stroke(cr);
    star_path(cr, radius * 0.32);
    cairo_fill(cr);
    circle_text(cr, above, radius * 0.74,
                circle_size(above, radius * 0.74, size, ABOVE_RAD), -G_PI / 2, true);
    if (below != NULL)
        circle_text(cr, below, radius * 0.78,
                    circle_size(below, radius * 0.78, size, BELOW_RAD), G_PI / 2, false);
    stage_leave(m, cr, radius, BARE_MAX);
}

void signature_draw(const struct mark *m, cairo_t *cr)
{
    double w = m->box.right - m->box.left, h = m->box.bottom - m->box.top;
    double x = 0.05, y = 0.6;
    struct random r;

    random_init(&r, m->seed, 78);
    cairo_save(cr);
    cairo_translate(cr, m->box.left, m->box.top);
    ink_set(m, cr);
    cairo_set_line_width(cr, random_range(&r, 0.9, 1.5));
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_move_to(cr, x * w, y * h);
    for (int i = 0; i < SCRIBBLES; i++) {
        double high = random_range(&r, 0.0, 0.4), low = random_range(&r, 0.6, 1.0);
        double reach = random_range(&r, 0.06, 0.16);

        cairo_curve_to(cr, (x + reach) * w, high * h, (x - reach / 2) * w, low * h,
                       (x + reach) * w, random_range(&r, 0.4, 0.7) * h);
        x += reach;
    }
    cairo_curve_to(cr, (x + 0.1) * w, 0.9 * h, 0.3 * w, 0.95 * h, w, 0.75 * h);
    cairo_stroke(cr);
    cairo_restore(cr);
}
