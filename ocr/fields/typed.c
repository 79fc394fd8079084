#include "ocr/fields/typed.h"

#include <stdlib.h>
#include <string.h>

bool typed_on_page(const struct typed *t, const struct field_def *f, uint32_t page)
{
    switch (f->search.page) {
    case PAGE_FIRST:
        return t->g->page_first + page == 0;
    case PAGE_LAST:
        return t->g->page_first + page + 1 == t->g->pages_count;
    case PAGE_ANY:
        break;
    }
    return true;
}

static bool is_in_zones(const struct field_search *search, double x, double y)
{
    for (size_t i = 0; i < search->zones_count; i++) {
        const struct zone *z = &search->zones[i];

        if (x >= z->left && x <= z->right && y >= z->top && y <= z->bottom)
            return true;
    }
    return search->zones_count == 0;
}

/* By the middle of its first word, which a long value reaches beyond. */
static bool stands_in_zones(const struct typed *t, const struct field_def *f,
                            const struct run *r)
{
    const struct sheet_word *w = &t->g->sheets[r->page].words[r->first[0]];

    return is_in_zones(&f->search, (w->left + w->right) / 2, (w->top + w->bottom) / 2);
}

/* ----------------------------------------------------------------- patterns */

static bool matches(const struct field_search *search, const struct buffer *text,
                    struct buffer *value)
{
    struct span span;

    for (size_t i = 0; i < search->patterns_count; i++)
        if (text->count > 0 &&
            pattern_find(search->patterns[i], (const char *)text->bytes, text->count, 0,
                         &span)) {
            buffer_append(value, (const char *)text->bytes + span.from,
                          span.to - span.from);
            return value->count > 0 && value->failed == ERR_NONE;
        }
    return false;
}

/* Behind the label, else with it: "Số 12" may be asked for with its "Số". */
static bool looks_right(const struct typed *t, const struct field_def *f,
                        const struct run *r, const struct run *label,
                        struct buffer *value)
{
    struct buffer text;
    bool found;

    buffer_init(&text, FIELD_VALUE_BYTES_MAX);
    run_text(t->g, r, &text);
    found = text.failed == ERR_NONE && matches(&f->search, &text, value);
    if (!found && label->pieces > 0) {
        struct buffer both;

        buffer_init(&both, FIELD_VALUE_BYTES_MAX);
        run_text(t->g, label, &both);
        buffer_append_byte(&both, ' ');
        buffer_append(&both, text.bytes, text.count);
        found = both.failed == ERR_NONE && matches(&f->search, &both, value);
        buffer_release(&both);
    }
    buffer_release(&text);
    return found;
}

bool typed_take(struct typed *t, const struct field_def *f, const struct run *r,
                const struct run *label, unsigned row, unsigned sure, const char *rule)
{
    size_t before = t->g->out->count;
    struct buffer value;
    bool patterned = f->search.patterns_count > 0;

    if (r->pieces == 0 || !typed_on_page(t, f, r->page) || !stands_in_zones(t, f, r))
        return false;
    buffer_init(&value, FIELD_VALUE_BYTES_MAX);
    if (!patterned || looks_right(t, f, r, label, &value)) {
        const char *said = patterned ? (const char *)value.bytes : NULL;

        if (row == ROW_NONE)
            gather_run(t->g, f->name, r, said, sure, rule);
        else
            gather_row(t->g, f->name, r, said, row, sure, rule);
    }
    buffer_release(&value);
    return t->g->out->count > before;
}

#define BELIEVED_MIN 20 /* per cent */

/* A word of a value that the rules of heads and signatures have found. */
static bool is_drawn(const struct fields *drawn, uint32_t page, const struct word *w)
{
    int32_t across = w->left + w->width / 2, down = w->top + w->height / 2;

    for (size_t i = 0; i < drawn->count; i++) {
        const struct field_found *v = &drawn->values[i];

        if (v->zoned && v->page == page && across >= v->left &&
            across <= v->left + v->width && down >= v->top && down <= v->top + v->height)
            return true;
    }
    return false;
}

/* Where those rules found nothing, the type's own zone may know of another layout. But a
 * line that they had in hand they knew: the title in "KT. CHỦ TỊCH" is not the signer's;
 * and what was hardly read they refuse, as a number by hand. */
static bool is_left(const struct fields *drawn, const struct sheet *s, uint32_t page,
                    const struct sheet_line *l)
{
    for (size_t i = l->word_first; i < l->word_first + l->words_count; i++)
        if (s->words[i].confidence < BELIEVED_MIN ||
            is_drawn(drawn, page, &s->layout->words[i]))
            return false;
    return true;
}

/* Without a label: a line in its zones that has its pattern. */
static void line_find(struct typed *t, const struct field_def *f,
                      const struct fields *drawn)
{
    const struct run none = {.pieces = 0};
    bool of_head = f->search.from != NULL;

    if (f->search.zones_count == 0 || f->search.patterns_count == 0 ||
        (of_head ? gather_has(t->g, f->name) : f->search.anchors_count > 0))
        return;
    for (uint32_t p = 0; p < t->g->sheets_count; p++)
        for (size_t i = 0; i < t->g->sheets[p].lines_count; i++) {
            const struct sheet_line *l = &t->g->sheets[p].lines[i];
            struct run r = {.page = p};

            if (of_head && !is_left(drawn, &t->g->sheets[p], p, l))
                continue;
            run_add_line(&r, l);
            if (typed_take(t, f, &r, &none, ROW_NONE, of_head ? SURE_BARELY : SURE_PLACE,
                           "zone"))
                return;
        }
}

/* ------------------------------------------------------------------- drawn */

static bool is_register(const struct fields *found)
{
    for (size_t i = 0; i < found->count; i++)
        if (strcmp(found->values[i].rule, RULE_COLUMN) == 0)
            return true;
    return false;
}

/* What the rules of heads and signatures found under the name that the type gives. A
 * register's head is not its first row's. */
static void take_drawn(struct typed *t, const struct fields *drawn)
{
    const struct record_type *type = t->anchors.type;

    for (size_t i = 0; i < type->fields_count; i++) {
        const struct field_def *f = &type->fields[i];

        for (size_t k = 0; f->search.from != NULL && k < drawn->count; k++)
            if (strcmp(drawn->values[k].name, f->search.from) == 0 &&
                (drawn->values[k].ordinal == 0 || f->repeats))
                gather_again(t->g, &drawn->values[k], f->name);
    }
}

static void find_all(struct typed *t, const struct fields *drawn)
{
    const struct record_type *type = t->anchors.type;

    if (!is_register(t->g->out))
        take_drawn(t, drawn);
    labels_find(t);
    for (size_t i = 0; i < type->fields_count; i++)
        line_find(t, &type->fields[i], drawn);
}

int fields_of_type(struct fields *out, const struct fields *drawn,
                   const struct record_type *type, const struct fields_page *pages,
                   size_t pages_count, struct err *e)
{
    struct gather g = {.out = out, .e = e};
    struct typed t = {.g = &g};
    int rc = -1;

    if (anchors_open(&t.anchors, type, e) != 0 ||
        gather_open(&g, pages, pages_count) != 0)
        goto out;
    find_all(&t, drawn);
    if (!g.failed)
        rc = 0;
out:
    gather_close(&g);
    anchors_close(&t.anchors);
    if (rc != 0)
        fields_release(out);
    return rc;
}
