#include "tests/pages/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "tests/pages/seal.h"

#define GROW_BY 256

struct sheet *sheet_create(double width_pt, double height_pt)
{
    struct sheet *s = g_new0(struct sheet, 1);

    s->width_pt = width_pt;
    s->height_pt = height_pt;
    return s;
}

void sheet_destroy(struct sheet *s)
{
    if (s == NULL)
        return;
    for (int i = 0; i < s->line_count; i++) {
        g_free(s->lines[i].text);
        g_clear_object(&s->lines[i].layout);
    }
    for (int i = 0; i < s->word_count; i++)
        g_free(s->words[i].text);
    g_free(s->lines);
    g_free(s->words);
    g_free(s->marks);
    g_free(s->zones);
    g_free(s);
}

/* Room for one more; GLib's allocator ends the program when memory is out, which
 * is all a tool for tests can do. */
static void *grown(void *array, int count, size_t each)
{
    if (count % GROW_BY != 0)
        return array;
    return g_realloc_n(array, (gsize)count + GROW_BY, each);
}

void sheet_zone(struct sheet *s, enum zone kind)
{
    s->zones = grown(s->zones, s->zone_count, sizeof *s->zones);
    s->zones[s->zone_count++] = kind;
    s->column = 0;
    s->row = 0;
    s->block++;
}

void sheet_line_add(struct sheet *s, const struct line *line)
{
    struct line *l;

    if (s->zone_count == 0)
        sheet_zone(s, ZONE_PLAIN);
    s->lines = grown(s->lines, s->line_count, sizeof *s->lines);
    l = &s->lines[s->line_count++];
    *l = *line;
    l->text = g_strdup(line->text);
    if (l->layout != NULL)
        g_object_ref(l->layout);
    l->zone = s->zone_count - 1;
    l->column = s->column;
    l->row = s->row;
    l->block = s->block;
}

void sheet_word_add(struct sheet *s, const char *text, size_t bytes,
                    const struct box *box)
{
    s->words = grown(s->words, s->word_count, sizeof *s->words);
    s->words[s->word_count++] = (struct word){g_strndup(text, bytes), *box};
}

void sheet_mark_add(struct sheet *s, const struct mark *mark)
{
    s->marks = grown(s->marks, s->mark_count, sizeof *s->marks);
    s->marks[s->mark_count++] = *mark;
}

void sheet_rule(struct sheet *s, double x1, double y1, double x2, double y2,
                double width_pt)
{
    struct mark m = {.kind = MARK_RULE, .box = {x1, y1, x2, y2}, .width_pt = width_pt};

    m.colour = s->ink;
    sheet_mark_add(s, &m);
}

void sheet_dots(struct sheet *s, double x1, double x2, double y)
{
    struct mark m = {.kind = MARK_DOTS, .box = {x1, y, x2, y}, .width_pt = 0.9};

    m.colour = s->ink;
    if (x2 > x1)
        sheet_mark_add(s, &m);
}

void sheet_draw_lines(const struct sheet *s, cairo_t *cr)
{
    for (int i = 0; i < s->line_count; i++) {
        const struct line *l = &s->lines[i];

        if (l->layout == NULL) /* the words of a stamp, which is a mark */
            continue;
        cairo_set_source_rgb(cr, l->colour.red, l->colour.green, l->colour.blue);
        cairo_move_to(cr, l->x, l->baseline);
        pango_cairo_show_layout_line(
            cr, pango_layout_get_line_readonly(l->layout, l->layout_line));
    }
}

static void rule_draw(const struct mark *m, cairo_t *cr)
{
    static const double dots[] = {0.0, 3.0};

    cairo_save(cr);
    if (m->kind == MARK_DOTS) {
        cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
        cairo_set_dash(cr, dots, 2, 0);
    }
    cairo_set_source_rgb(cr, m->colour.red, m->colour.green, m->colour.blue);
    cairo_set_line_width(cr, m->width_pt);
    cairo_move_to(cr, m->box.left, m->box.top);
    cairo_line_to(cr, m->box.right, m->box.bottom);
    cairo_stroke(cr);
    cairo_restore(cr);
}

void sheet_draw_marks(const struct sheet *s, cairo_t *cr)
{
    for (int i = 0; i < s->mark_count; i++) {
        const struct mark *m = &s->marks[i];

        switch (m->kind) {
        case MARK_RULE:
        case MARK_DOTS:
            rule_draw(m, cr);
            break;
        case MARK_STAMP:
            stamp_draw(m, cr);
            break;
        case MARK_SEAL:
            seal_draw(m, cr);
            break;
        case MARK_SIGNATURE:
            signature_draw(m, cr);
            break;
        }
    }
}
