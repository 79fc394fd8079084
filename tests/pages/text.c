#include "tests/pages/text.h"

#include <string.h>

/* Fonts differ in how much air they bring; capitals with two marks need some. */
#define LINE_EM_MIN 1.17
#define LINE_EM_MAX 1.30

static void attribute_add(PangoAttrList *list, PangoAttribute *a, size_t start,
                          size_t end)
{
    a->start_index = (guint)start;
    a->end_index = (guint)end;
    pango_attr_list_insert(list, a);
}

static PangoAttrList *attributes(const struct style *style, const char *utf8)
{
    PangoAttrList *list = pango_attr_list_new();
    size_t start = 0, bytes = strlen(utf8);

    attribute_add(list, pango_attr_fallback_new(FALSE), 0, bytes);
    if (style->bold_bytes > 0)
        attribute_add(list, pango_attr_weight_new(PANGO_WEIGHT_BOLD), 0,
                      style->bold_bytes);
    for (size_t i = 0; i <= bytes; i++) {
        if (utf8[i] != ' ' && utf8[i] != '\0')
            continue;
        if (i > start)
            attribute_add(list, pango_attr_allow_breaks_new(FALSE), start, i);
        start = i + 1;
    }
    return list;
}

static void layout_style(PangoLayout *layout, const struct style *style, double width_pt)
{
    PangoAlignment align = style->align == ALIGN_CENTRE  ? PANGO_ALIGN_CENTER
                           : style->align == ALIGN_RIGHT ? PANGO_ALIGN_RIGHT
                                                         : PANGO_ALIGN_LEFT;

    pango_layout_set_width(layout, (int)(width_pt * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD);
    pango_layout_set_alignment(layout, align);
    pango_layout_set_justify(layout, style->align == ALIGN_JUSTIFY);
    pango_layout_set_indent(layout, (int)(style->indent_pt * PANGO_SCALE));
}

static void measure(struct text *t, const struct style *style, double em_pt)
{
    PangoRectangle whole;
    PangoLayoutIter *i = pango_layout_get_iter(t->layout);
    PangoRectangle first;
    double own;

    pango_layout_iter_get_line_extents(i, NULL, &first);
    pango_layout_iter_free(i);
    pango_layout_get_extents(t->layout, NULL, &whole);
    t->line_count = pango_layout_get_line_count(t->layout);
    own = (double)first.height / PANGO_SCALE;
    t->line_pt = own < em_pt * LINE_EM_MIN   ? em_pt * LINE_EM_MIN
                 : own > em_pt * LINE_EM_MAX ? em_pt * LINE_EM_MAX
                                             : own;
    t->lead_pt = (t->line_pt - own) / 2;
    t->line_pt *= style->gap > 0 ? style->gap : 1;
    t->height_pt = t->line_pt * t->line_count;
    t->width_pt = (double)whole.width / PANGO_SCALE;
}

int text_open(struct text *t, const struct fonts *f, const struct style *style,
              const char *utf8, double width_pt, struct err *e)
{
    PangoFontDescription *d;
    PangoAttrList *list;

    *t = (struct text){0};
    if (fonts_check(f, style->bold, style->italic, utf8, e) != 0)
        return -1;
    if (style->bold_bytes > 0 && fonts_check(f, true, style->italic, utf8, e) != 0)
        return -1;
    d = fonts_describe(f, style->size_pt, style->bold, style->italic);
    list = attributes(style, utf8);
    t->layout = pango_layout_new(f->context);
    pango_layout_set_font_description(t->layout, d);
    pango_layout_set_text(t->layout, utf8, -1);
    pango_layout_set_attributes(t->layout, list);
    layout_style(t->layout, style, width_pt);
    pango_font_description_free(d);
    pango_attr_list_unref(list);
    if (pango_layout_get_unknown_glyphs_count(t->layout) > 0) {
        text_close(t);
        return err_set(e, ERR_FAILED, "font %s left a gap in '%.80s'", f->family, utf8);
    }
    measure(t, style, style->size_pt * f->scale);
    return 0;
}

void text_close(struct text *t)
{
    g_clear_object(&t->layout);
}

static void words_place(PangoLayoutLine *l, const char *utf8, struct sheet *s, double x,
                        double top, double bottom)
{
    int start = l->start_index, end = start + l->length;

    for (int i = start; i <= end; i++) {
        int from, to;
        struct box b = {.top = top, .bottom = bottom};

        if (i < end && utf8[i] != ' ' && utf8[i] != '\0')
            continue;
        if (i > start) {
            pango_layout_line_index_to_x(l, start, FALSE, &from);
            pango_layout_line_index_to_x(l, (int)(g_utf8_prev_char(utf8 + i) - utf8),
                                         TRUE, &to);
            b.left = x + (double)from / PANGO_SCALE;
            b.right = x + (double)to / PANGO_SCALE;
            sheet_word_add(s, utf8 + start, (size_t)(i - start), &b);
        }
        start = i + 1;
    }
}

void text_place(const struct text *t, int line, struct sheet *s, double x, double y)
{
    const char *utf8 = pango_layout_get_text(t->layout);
    PangoLayoutLine *l = pango_layout_get_line_readonly(t->layout, line);
    PangoLayoutIter *iter = pango_layout_get_iter(t->layout);
    PangoRectangle r;
    struct line placed = {.layout = t->layout, .layout_line = line, .colour = s->ink};
    char *copy;

    for (int i = 0; i < line; i++)
        pango_layout_iter_next_line(iter);
    pango_layout_iter_get_line_extents(iter, NULL, &r);
    y += t->lead_pt;
    placed.x = x + (double)r.x / PANGO_SCALE;
    placed.baseline =
        y + (double)(pango_layout_iter_get_baseline(iter) - r.y) / PANGO_SCALE;
    placed.box = (struct box){placed.x, y, placed.x + (double)r.width / PANGO_SCALE,
                              y + (double)r.height / PANGO_SCALE};
    pango_layout_iter_free(iter);
    copy = g_strstrip(g_strndup(utf8 + l->start_index, (gsize)l->length));
    placed.text = copy;
    if (copy[0] != '\0') {
        sheet_line_add(s, &placed);
        words_place(l, utf8, s, placed.x, placed.box.top, placed.box.bottom);
    }
    g_free(copy);
}
