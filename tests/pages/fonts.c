#include "tests/pages/fonts.h"

#include <stdio.h>
#include <string.h>

/* Liberation 1.x lacks ơ, ư and all that is stacked: `family` alone says nothing
 * about the version, so all of these are looked for whenever a family is opened. */
static const char letters[] = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộ"
                              "ơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
                              "AÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬBCDĐEÈÉẺẼẸÊỀẾỂỄỆGHIÌÍỈĨỊKLMNOÒÓỎÕỌÔỒỐỔỖỘ"
                              "ƠỜỚỞỠỢPQRSTUÙÚỦŨỤƯỪỨỬỮỰVXYỲÝỶỸỴ"
                              "0123456789.,;:/()-%*";

static const struct known {
    const char *family;
    double scale;
} table[] = {
    {"Liberation Serif", 1.0}, {"TeX Gyre Termes", 1.0}, {"FreeSerif", 1.0},
    {"Liberation Sans", 0.93}, {"Noto Serif", 0.88},     {"Noto Sans", 0.88},
    {"DejaVu Serif", 0.83},    {"DejaVu Sans", 0.83},    {"Carlito", 1.0},
};

const char *const fonts_known[] = {
    "Liberation Serif", "TeX Gyre Termes", "FreeSerif",   "Liberation Sans", "Noto Serif",
    "Noto Sans",        "DejaVu Serif",    "DejaVu Sans", "Carlito",         NULL,
};

#define TIMES_COUNT 3
#define KNOWN_COUNT (sizeof table / sizeof table[0])

const char *fonts_pick(struct random *r)
{
    uint32_t count = random_chance(r, 55) ? TIMES_COUNT : (uint32_t)KNOWN_COUNT;

    return table[random_below(r, count)].family;
}

PangoFontDescription *fonts_describe(const struct fonts *f, double size_pt, bool bold,
                                     bool italic)
{
    PangoFontDescription *d = pango_font_description_new();

    pango_font_description_set_family(d, f->family);
    pango_font_description_set_size(d, (gint)(size_pt * f->scale * PANGO_SCALE));
    pango_font_description_set_weight(d, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_style(d, italic ? PANGO_STYLE_ITALIC : PANGO_STYLE_NORMAL);
    return d;
}

static const char *face_name(bool bold, bool italic)
{
    return bold ? (italic ? " Bold Italic" : " Bold") : (italic ? " Italic" : "");
}

int fonts_check(const struct fonts *f, bool bold, bool italic, const char *text,
                struct err *e)
{
    PangoFont *face = f->faces[(bold ? 1 : 0) + (italic ? 2 : 0)];
    char utf8[8] = {0};

    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (c == ' ' || c == '\n' || pango_font_has_char(face, c))
            continue;
        utf8[g_unichar_to_utf8(c, utf8)] = '\0';
        return err_set(e, ERR_FAILED, "font %s%s has no glyph for U+%04X %s", f->family,
                       face_name(bold, italic), (unsigned)c, utf8);
    }
    return 0;
}

static int face_open(struct fonts *f, bool bold, bool italic, struct err *e)
{
    PangoFontDescription *asked = fonts_describe(f, 13, bold, italic), *got = NULL;
    PangoFont *face = pango_font_map_load_font(f->map, f->context, asked);
    int rc = -1;

    f->faces[(bold ? 1 : 0) + (italic ? 2 : 0)] = face;
    if (face == NULL) {
        err_set(e, ERR_FAILED, "font %s cannot be loaded", f->family);
        goto out;
    }
    got = pango_font_describe(face);
    if (g_ascii_strcasecmp(pango_font_description_get_family(got), f->family) != 0) {
        err_set(e, ERR_FAILED, "font %s is not installed: %s would stand in for it",
                f->family, pango_font_description_get_family(got));
        goto out;
    }
    rc = fonts_check(f, bold, italic, letters, e);
out:
    pango_font_description_free(asked);
    pango_font_description_free(got);
    return rc;
}

/* Shapes must not depend on the desktop's hinting settings, nor on the size in
 * pixels: outlines as drawn, whole-page positions. */
static void context_plain(PangoContext *context)
{
    cairo_font_options_t *o = cairo_font_options_create();

    cairo_font_options_set_antialias(o, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(o, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(o, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, o);
    pango_context_set_round_glyph_positions(context, FALSE);
    pango_context_set_language(context, pango_language_from_string("vi"));
    cairo_font_options_destroy(o);
}

int fonts_open(struct fonts *f, const char *family, struct err *e)
{
    *f = (struct fonts){.scale = 1.0};
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (strcmp(table[i].family, family) == 0)
            f->scale = table[i].scale;
    snprintf(f->family, sizeof f->family, "%s", family);
    f->map = g_object_ref(pango_cairo_font_map_get_default());
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(f->map), 72); /* 1 = 1 pt */
    f->context = pango_font_map_create_context(f->map);
    context_plain(f->context);
    for (int i = 0; i < 4; i++)
        if (face_open(f, i & 1, i & 2, e) != 0) {
            fonts_close(f);
            return -1;
        }
    return 0;
}

void fonts_close(struct fonts *f)
{
    for (int i = 0; i < 4; i++)
        g_clear_object(&f->faces[i]);
    g_clear_object(&f->context);
    g_clear_object(&f->map);
}
