/* Columns of ruled registers: the first rows of a table say what stands below. */
#include <string.h>

#include "ocr/fields/typed.h"

#define HEADING_BYTES 256
#define HEADING_ROWS  2 /* one may span several columns: CHỒNG, VỢ */
#define COLUMNS_MIN   3 /* with fewer a table is a form, its labels in the first */
#define HEADINGS_MAX  64

struct heading {
    const struct cell *cell;
    size_t anchor;
    unsigned section;
};

struct headings {
    struct heading all[HEADINGS_MAX];
    size_t count;
    unsigned body; /* the first row below them */
};

/* A cell's words, folded; how many letters. */
static size_t cell_fold(const struct sheet *s, const struct cell *c,
                        char out[HEADING_BYTES])
{
    size_t count = 0;

    for (uint32_t i = 0; i < c->words_count; i++) {
        const struct sheet_word *w = &s->words[c->word_first + i];

        if (count + w->bytes > HEADING_BYTES)
            return 0; /* no heading is so long */
        count += fold_text(w->text, w->bytes, out + count, NULL);
    }
    return count;
}

/* ------------------------------------------------------------------ headings */

static unsigned section_named(const struct anchors *a, const char *folded, size_t count)
{
    for (size_t i = 0; count > 0 && i < a->words_count; i++) {
        struct fold_match m;

        if (fold_is(folded, count, a->words[i].folded, a->words[i].count > 4, &m))
            return a->words[i].section;
    }
    return SECTION_NONE;
}

/* "Họ và tên", or with a section behind it, "Họ tên người mẹ". A heading that is a
 * section's name alone is one too, with no anchor. */
static bool heading_read(struct heading *out, const struct anchors *a,
                         const struct sheet *s, const struct cell *c)
{
    char folded[HEADING_BYTES];
    size_t letters = cell_fold(s, c, folded);
    struct fold_match m;

    *out = (struct heading){.cell = c};
    out->anchor = anchor_of(a, folded, letters, true, &m);
    if (out->anchor < a->count)
        return true;
    out->section = section_named(a, folded, letters);
    if (out->section != SECTION_NONE)
        return true;
    out->anchor = anchor_of(a, folded, letters, false, &m);
    if (out->anchor < a->count)
        out->section =
            section_named(a, folded + m.at + m.count, letters - m.at - m.count);
    return out->section != SECTION_NONE;
}

/* The section of a heading without its own: of what spans it above, else of the columns
 * before it. */
static unsigned section_of(const struct headings *h, const struct heading *of)
{
    const struct heading *best = NULL;

    if (of->section != SECTION_NONE)
        return of->section;
    for (size_t i = 0; i < h->count; i++) {
        const struct heading *one = &h->all[i];

        if (one->section == SECTION_NONE || one->cell->column > of->cell->column)
            continue;
        if (one->cell->row < of->cell->row &&
            one->cell->column + one->cell->column_span > of->cell->column)
            return one->section;
        if (best == NULL || one->cell->column > best->cell->column)
            best = one;
    }
    return best == NULL ? SECTION_NONE : best->section;
}

static void headings_collect(struct headings *out, const struct anchors *a,
                             const struct sheet *s, uint16_t table)
{
    const struct layout *l = s->layout;

    *out = (struct headings){.count = 0};
    for (size_t i = 0; i < l->cells_count && out->count < HEADINGS_MAX; i++) {
        const struct cell *c = &l->cells[i];

        if (c->table != table || c->row >= HEADING_ROWS || c->words_count == 0 ||
            !heading_read(&out->all[out->count], a, s, c))
            continue;
        out->count++;
        if (c->row + c->row_span > (int)out->body)
            out->body = c->row + c->row_span;
    }
}

static unsigned columns_of(const struct layout *l, uint16_t table)
{
    unsigned count = 0;

    for (size_t i = 0; i < l->cells_count; i++)
        if (l->cells[i].table == table &&
            l->cells[i].column + l->cells[i].column_span > (int)count)
            count = l->cells[i].column + l->cells[i].column_span;
    return count;
}

/* Below the headings some registers number their columns: "(1) (2) (3)". */
static bool row_counts_columns(const struct sheet *s, uint16_t table, unsigned row)
{
    const struct layout *l = s->layout;
    unsigned seen = 0;

    for (size_t i = 0; i < l->cells_count; i++) {
        const struct cell *c = &l->cells[i];
        char folded[HEADING_BYTES];
        size_t count;

        if (c->table != table || c->row != row || c->words_count == 0)
            continue;
        count = cell_fold(s, c, folded);
        if (count == 0 || count > 2 || strspn(folded, "0123456789") < count)
            return false;
        seen++;
    }
    return seen >= COLUMNS_MIN;
}

/* -------------------------------------------------------------------- values */

static bool is_taken(const struct gather *g, uint32_t page, const char *field)
{
    for (size_t i = 0; i < g->out->count; i++)
        if (g->out->values[i].page == page && strcmp(g->out->values[i].name, field) == 0)
            return true;
    return false;
}

/* Rows count from the headings, on a later page from where the last one ended; a cell
 * that is empty leaves its number out. */
static void column_gather(struct typed *t, uint32_t page, const struct heading *h,
                          unsigned body, unsigned from, const struct field_def *f)
{
    const struct layout *l = t->g->sheets[page].layout;
    struct run label = {.page = page};

    run_add(&label, h->cell->word_first, h->cell->words_count);
    for (size_t i = 0; i < l->cells_count; i++) {
        const struct cell *c = &l->cells[i];
        struct run r = {.page = page};

        if (c->table != h->cell->table || c->column != h->cell->column || c->row < body ||
            c->words_count == 0)
            continue;
        run_add(&r, c->word_first, c->words_count);
        (void)typed_take(t, f, &r, &label, from + c->row - body, SURE_PLACE_AND_WORDS,
                         RULE_COLUMN);
    }
}

static unsigned rows_before(const struct gather *g)
{
    unsigned from = 0;

    for (size_t i = 0; i < g->out->count; i++)
        if (strcmp(g->out->values[i].rule, RULE_COLUMN) == 0 &&
            g->out->values[i].ordinal >= from)
            from = g->out->values[i].ordinal + 1;
    return from;
}

static void heading_gather(struct typed *t, uint32_t page, const struct headings *h,
                           const struct heading *one, unsigned from)
{
    size_t fields[ANCHOR_FIELDS_MAX], count;

    if (one->anchor == t->anchors.count)
        return;
    count = anchor_fields(&t->anchors, one->anchor, section_of(h, one), fields,
                          ANCHOR_FIELDS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct field_def *f = &t->anchors.type->fields[fields[i]];

        if (f->search.side != BESIDE_ANCHOR && !is_taken(t->g, page, f->name))
            column_gather(t, page, one, h->body, from, f);
    }
}

bool register_take(struct typed *t, uint32_t page, uint16_t table)
{
    const struct sheet *s = &t->g->sheets[page];
    unsigned from = rows_before(t->g);
    struct headings h;

    headings_collect(&h, &t->anchors, s, table);
    if (h.count == 0 || columns_of(s->layout, table) < COLUMNS_MIN)
        return false;
    if (row_counts_columns(s, table, h.body))
        h.body++;
    for (size_t i = 0; i < h.count; i++)
        heading_gather(t, page, &h, &h.all[i], from);
    return true;
}
