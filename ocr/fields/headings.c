#include "ocr/fields/headings.h"

#include <math.h>
#include <string.h>

#define HEADING_BYTES 256
#define HEADING_ROWS  2 /* one may span several columns: CHỒNG, VỢ */

/* Sheets lie on the glass now higher, now lower, now aslant; a book's ruling is printed. */
#define TABLE_OFF_MAX  0.1  /* of the page */
#define COLUMN_OFF_MAX 0.02 /* of the table */

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

    *out = (struct heading){.row = c->row,
                            .column = c->column,
                            .column_span = c->column_span,
                            .word_first = c->word_first,
                            .words_count = c->words_count};
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

unsigned heading_section(const struct headings *h, const struct heading *of)
{
    const struct heading *best = NULL;

    if (of->section != SECTION_NONE)
        return of->section;
    for (size_t i = 0; i < h->count; i++) {
        const struct heading *one = &h->all[i];

        if (one->section == SECTION_NONE || one->column > of->column)
            continue;
        if (one->row < of->row && one->column + one->column_span > of->column)
            return one->section;
        if (best == NULL || one->column > best->column)
            best = one;
    }
    return best == NULL ? SECTION_NONE : best->section;
}

unsigned table_columns(const struct layout *l, uint16_t table)
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

static struct table_place table_find(const struct sheet *s, uint16_t table)
{
    struct table_place out = {.columns = table_columns(s->layout, table)};
    bool first = true;

    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        out.begins[i] = -1;
    for (size_t i = 0; i < s->layout->cells_count; i++) {
        const struct cell *c = &s->layout->cells[i];
        struct sheet_word at;

        if (c->table != table)
            continue;
        at = sheet_cell(s, c);
        out.left = first ? at.left : fmin(out.left, at.left);
        out.right = first ? at.right : fmax(out.right, at.right);
        first = false;
        if (c->column < TABLE_COLUMNS_MAX &&
            (out.begins[c->column] < 0 || at.left < out.begins[c->column]))
            out.begins[c->column] = fmax(at.left, 0);
    }
    return out;
}

bool tables_agree(const struct table_place *a, const struct table_place *b)
{
    double a_width = a->right - a->left, b_width = b->right - b->left;

    if (a->columns != b->columns || a->columns < COLUMNS_MIN ||
        a->columns > TABLE_COLUMNS_MAX || a_width <= 0 || b_width <= 0 ||
        fabs(a->left - b->left) > TABLE_OFF_MAX ||
        fabs(a->right - b->right) > TABLE_OFF_MAX)
        return false;
    for (unsigned i = 0; i < a->columns; i++) {
        if (a->begins[i] < 0 || b->begins[i] < 0)
            continue;
        if (fabs((a->begins[i] - a->left) / a_width -
                 (b->begins[i] - b->left) / b_width) > COLUMN_OFF_MAX)
            return false;
    }
    return true;
}

void headings_read(struct headings *out, const struct anchors *a, const struct sheet *s,
                   uint16_t table)
{
    const struct layout *l = s->layout;

    *out = (struct headings){.place = table_find(s, table)};
    for (size_t i = 0; i < l->cells_count && out->count < HEADINGS_MAX; i++) {
        const struct cell *c = &l->cells[i];
        struct heading *one = &out->all[out->count];

        if (c->table != table || c->row >= HEADING_ROWS || c->words_count == 0 ||
            !heading_read(one, a, s, c))
            continue;
        out->count++;
        out->anchored += one->anchor < a->count;
        if (c->row + c->row_span > (int)out->body)
            out->body = c->row + c->row_span;
    }
    if (row_counts_columns(s, table, out->body))
        out->body++;
}
