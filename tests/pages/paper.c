#include "tests/pages/paper.h"

#include <stdlib.h>
#include <string.h>

#define MM              (72 / 25.4)
#define A4_SHORT_PT     (210 * MM)
#define A4_LONG_PT      (297 * MM)
#define SIZE_PT_MIN     6.0
#define SIZE_PT_STEP    0.25
#define PAGE_NUMBER_PT  13
#define YEAR_MIN        1996 /* printers, not typewriters */
#define YEAR_MAX        2026
#define WIDTH_UNBOUNDED 5000.0

const char *paper_kind_name(enum paper_kind kind)
{
    static const char *const names[] = {
        [PAPER_LETTER] = "letter", [PAPER_DECISION] = "decision",
        [PAPER_PARTY] = "party",   [PAPER_REGISTER] = "register",
        [PAPER_LIST] = "list",     [PAPER_CERTIFICATE] = "certificate",
    };

    return names[kind];
}

void paper_fail(struct paper *p, const struct err *e)
{
    if (!p->failed)
        p->err = *e;
    p->failed = true;
}

int paper_check(const struct paper *p, struct err *e)
{
    return p->failed ? err_set(e, p->err.code, "%s", p->err.text) : 0;
}

const char *paper_say(struct paper *p, const char *template)
{
    struct err e;

    if (p->failed)
        return "";
    if (phrases_fill(p->phrases, p->random, &p->said, template, &e) != 0) {
        paper_fail(p, &e);
        return "";
    }
    return (const char *)p->said.bytes;
}

const char *paper_said(const struct paper *p)
{
    return p->said.bytes == NULL ? "" : (const char *)p->said.bytes;
}

void paper_set(struct paper *p, const char *name, const char *template)
{
    struct err e;

    if (!p->failed && phrases_draw(p->phrases, p->random, name, template, &e) != 0)
        paper_fail(p, &e);
}

const char *paper_get(const struct paper *p, const char *name)
{
    return phrases_get(p->phrases, name);
}

void paper_field(struct paper *p, const char *name, const char *value)
{
    struct err e;

    if (value[0] == '\0')
        return;
    if (p->field_count == PAPER_FIELDS_MAX) {
        err_set(&e, ERR_TOO_BIG, "more than %d fields", PAPER_FIELDS_MAX);
        paper_fail(p, &e);
        return;
    }
    p->fields[p->field_count++] = (struct field){g_strdup(name), g_strdup(value)};
}

void paper_typed(struct paper *p, const char *type, const char *field, int row,
                 const char *value)
{
    char name[96];

    if (type == NULL || field == NULL)
        return;
    if (row == NO_ROW)
        g_snprintf(name, sizeof name, "%s.%s", type, field);
    else
        g_snprintf(name, sizeof name, "%s.%s#%d", type, field, row);
    paper_field(p, name, value);
}

struct sheet *paper_sheet(struct paper *p)
{
    return p->sheets[p->sheet_count - 1];
}

double paper_room(const struct paper *p)
{
    return p->bottom - p->y;
}

double paper_width(const struct paper *p)
{
    return p->right - p->left;
}

static void page_number(struct paper *p)
{
    struct style style = {.size_pt = PAGE_NUMBER_PT, .align = ALIGN_CENTRE};
    char number[16];

    g_snprintf(number, sizeof number, "%d", p->sheet_count);
    paper_text(p, &style, number, p->left, p->top / 2, paper_width(p));
    sheet_zone(paper_sheet(p), ZONE_PLAIN);
}

void paper_turn(struct paper *p, bool lying)
{
    struct random *r = p->random;
    double width = lying ? A4_LONG_PT : A4_SHORT_PT;
    double height = lying ? A4_SHORT_PT : A4_LONG_PT, shade = random_range(r, 0.02, 0.16);
    struct sheet *s;
    struct err e;

    if (p->sheet_count == PAPER_PAGES_MAX) {
        err_set(&e, ERR_TOO_BIG, "more than %d pages", PAPER_PAGES_MAX);
        paper_fail(p, &e);
        return;
    }
    s = sheet_create(width, height);
    s->ink = (struct colour){shade, shade, shade};
    p->sheets[p->sheet_count++] = s;
    if (p->sheet_count == 1) { /* all pages of a paper have the same margins */
        p->left = (lying ? random_range(r, 14, 20) : random_range(r, 28, 34)) * MM;
        p->right =
            width - (lying ? random_range(r, 14, 18) : random_range(r, 15, 20)) * MM;
        p->top = (lying ? random_range(r, 15, 20) : random_range(r, 19, 25)) * MM;
        p->bottom = height - random_range(r, 18, 24) * MM;
    }
    p->y = p->top;
    sheet_zone(s, ZONE_PLAIN);
    if (p->numbered && p->sheet_count > 1)
        page_number(p);
}

static bool text_start(struct paper *p, struct text *t, const struct style *style,
                       const char *utf8, double width)
{
    struct err e;

    if (p->failed || text_open(t, p->fonts, style, utf8, width, &e) == 0)
        return !p->failed;
    paper_fail(p, &e);
    return false;
}

void paper_paragraph(struct paper *p, const struct style *style, const char *utf8)
{
    struct text t;

    if (!text_start(p, &t, style, utf8, paper_width(p)))
        return;
    sheet_zone(paper_sheet(p), ZONE_PLAIN);
    for (int i = 0; i < t.line_count && !p->failed; i++) {
        if (p->y + t.line_pt > p->bottom)
            paper_turn(p, false);
        text_place(&t, i, paper_sheet(p), p->left, p->y);
        p->y += t.line_pt;
    }
    p->y += style->after_pt;
    text_close(&t);
}

double paper_text(struct paper *p, const struct style *style, const char *utf8, double x,
                  double y, double width)
{
    struct text t;

    if (!text_start(p, &t, style, utf8, width))
        return 0;
    paper_sheet(p)->block++;
    for (int i = 0; i < t.line_count; i++)
        text_place(&t, i, paper_sheet(p), x, y + i * t.line_pt);
    text_close(&t);
    return t.height_pt;
}

double paper_height(struct paper *p, const struct style *style, const char *utf8,
                    double width)
{
    struct text t;

    if (!text_start(p, &t, style, utf8, width))
        return 0;
    text_close(&t);
    return t.height_pt;
}

double paper_text_width(struct paper *p, const struct style *style, const char *utf8)
{
    struct text t;

    if (!text_start(p, &t, style, utf8, WIDTH_UNBOUNDED))
        return 0;
    text_close(&t);
    return t.width_pt;
}

double paper_fit(struct paper *p, struct style style, const char *utf8, double width)
{
    style.align = ALIGN_LEFT; /* or the width would be that of the column */
    while (style.size_pt > SIZE_PT_MIN && paper_text_width(p, &style, utf8) > width)
        style.size_pt -= SIZE_PT_STEP;
    return style.size_pt;
}

/* What every paper may speak of. */
static void setting_draw(struct paper *p)
{
    int year = random_between(p->random, YEAR_MIN, YEAR_MAX);
    char number[16];

    g_snprintf(number, sizeof number, "%d", year);
    paper_set(p, "year", number);
    g_snprintf(number, sizeof number, "%d", year - 1);
    paper_set(p, "last_year", number);
    g_snprintf(number, sizeof number, "%d - %d", year - (year - 1) % 5,
               year - (year - 1) % 5 + 5);
    paper_set(p, "term", number);
    paper_set(p, "commune", "{commune_name}");
    paper_set(p, "province", "{province_name}");
    paper_set(p, "unit", "{unit_word}");
    paper_set(p, "topic", "{topic}");
}

int paper_create(struct paper **out, const struct paper_wish *wish, struct random *r,
                 struct phrases *phrases, struct fonts *fonts, struct err *e)
{
    static void (*const setters[])(struct paper *) = {
        [PAPER_LETTER] = letter_set, [PAPER_DECISION] = decision_set,
        [PAPER_PARTY] = party_set,   [PAPER_REGISTER] = register_set,
        [PAPER_LIST] = list_set,     [PAPER_CERTIFICATE] = certificate_set,
    };
    struct paper *p = g_new0(struct paper, 1);

    *out = NULL;
    p->wish = *wish;
    p->random = r;
    p->phrases = phrases;
    p->fonts = fonts;
    buffer_init(&p->said, PHRASE_BYTES_MAX);
    phrases_clear(phrases);
    setting_draw(p);
    p->size_pt = random_chance(r, 60) ? 14 : 13;
    p->gap = random_range(r, 1.0, 1.15);
    setters[wish->kind](p);
    if (paper_check(p, e) != 0) {
        paper_destroy(p);
        return err_wrap(e, "%s", paper_kind_name(wish->kind));
    }
    *out = p;
    return 0;
}

void paper_destroy(struct paper *p)
{
    if (p == NULL)
        return;
    for (int i = 0; i < p->sheet_count; i++)
        sheet_destroy(p->sheets[i]);
    for (int i = 0; i < p->field_count; i++) {
        g_free(p->fields[i].name);
        g_free(p->fields[i].value);
    }
    buffer_release(&p->said);
    g_free(p);
}
