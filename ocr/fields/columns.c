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

/* The section that all these words name: "người mẹ", "cha, mẹ". */
static unsigned section_of_all(const struct anchors *a, const struct sheet *s,
                               size_t first, size_t behind)
{
    unsigned section = SECTION_NONE;

    while (first < behind) {
        size_t end = behind, named_first = behind, named_behind = first;
        unsigned one = SECTION_NONE;

        for (; end > first; end--) {
            one = section_in(a, s, first, end, &named_first, &named_behind);
            if (one != SECTION_NONE && named_first == first && named_behind == end)
                break;
        }
        if (end == first || (section != SECTION_NONE && one != section))
            return SECTION_NONE;
        section = one;
        first = end;
    }
    return section;
}

/* … of the words behind so many folded letters of the cell. */
#define SECTION_WORDS_MAX 4

static unsigned section_behind(const struct anchors *a, const struct sheet *s,
                               const struct cell *c, size_t letters)
{
    size_t first = c->word_first, behind = first + c->words_count, seen = 0;
    char folded[HEADING_BYTES];

    for (; first < behind && seen < letters; first++)
        seen += fold_text(s->words[first].text, s->words[first].bytes, folded, NULL);
    return seen != letters || behind - first > SECTION_WORDS_MAX
               ? SECTION_NONE
               : section_of_all(a, s, first, behind);
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
    out->section = section_behind(a, s, c, 0);
    if (out->section != SECTION_NONE)
        return true;
    out->anchor = anchor_of(a, folded, letters, false, &m);
    if (out->anchor < a->count)
        out->section = section_behind(a, s, c, m.at + m.count);
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

bool is_register_table(const struct typed *t, uint32_t page, uint16_t table)
{
    const struct sheet *s = &t->g->sheets[page];
    struct headings h;

    if (columns_of(s->layout, table) < COLUMNS_MIN)
        return false;
    headings_collect(&h, &t->anchors, s, table);
    return h.count > 0;
}

static void register_take(struct typed *t, uint32_t page, uint16_t table)
{
    const struct sheet *s = &t->g->sheets[page];
    unsigned from = rows_before(t->g);
    struct headings h;

    if (!is_register_table(t, page, table))
        return;
    headings_collect(&h, &t->anchors, s, table);
    if (row_counts_columns(s, table, h.body))
        h.body++;
    for (size_t i = 0; i < h.count; i++)
        heading_gather(t, page, &h, &h.all[i], from);
}

void registers_find(struct typed *t)
{
    for (uint32_t p = 0; t->anchors.count > 0 && p < t->g->sheets_count; p++) {
        const struct layout *l = t->g->sheets[p].layout;

        /* Cells come table by table. */
        for (size_t i = 0; t->g->sheets[p].words_count > 0 && i < l->cells_count; i++)
            if (i == 0 || l->cells[i].table != l->cells[i - 1].table)
                register_take(t, p, l->cells[i].table);
    }
}
