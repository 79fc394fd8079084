/* Columns of ruled registers: the first row of a table says what stands below. */
#include <string.h>

#include "ocr/fields/labels.h"

#define HEADING_BYTES 256

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

static bool is_taken(const struct gather *g, uint32_t page, const char *field)
{
    for (size_t i = 0; i < g->out->count; i++)
        if (g->out->values[i].page == page && strcmp(g->out->values[i].name, field) == 0)
            return true;
    return false;
}

/* Rows count from the heading, on a later page from where the last one ended; a cell that
 * is empty leaves its number out. */
static void column_gather(struct gather *g, uint32_t page, size_t heading, unsigned from,
                          const char *field)
{
    const struct sheet *s = &g->sheets[page];
    const struct layout *l = s->layout;
    const struct cell *head = &l->cells[heading];

    for (size_t i = heading + 1; i < l->cells_count; i++) {
        const struct cell *c = &l->cells[i];
        struct run r = {.page = page};

        if (c->table != head->table || c->column != head->column || c->row <= head->row ||
            c->words_count == 0)
            continue;
        run_add(&r, c->word_first, c->words_count);
        gather_row(g, field, &r, from + c->row - head->row - 1u, SURE_PLACE_AND_WORDS,
                   "column");
    }
}

void labels_in_columns(struct gather *g, uint32_t page, const struct fields_label *labels,
                       size_t count)
{
    const struct sheet *s = &g->sheets[page];
    unsigned from = 0; /* behind the last row of the pages before */

    for (size_t i = 0; i < g->out->count; i++)
        if (strcmp(g->out->values[i].rule, "column") == 0 &&
            g->out->values[i].ordinal >= from)
            from = g->out->values[i].ordinal + 1;
    for (size_t i = 0; s->words_count > 0 && i < s->layout->cells_count; i++) {
        const struct cell *c = &s->layout->cells[i];
        char folded[HEADING_BYTES];
        struct fold_match m;
        size_t letters, label;

        /* Of each table its first row. */
        if (c->words_count == 0 || c->row != 0)
            continue;
        letters = cell_fold(s, c, folded);
        label = label_of(labels, count, folded, letters, true, &m);
        if (label < count && !is_taken(g, page, labels[label].field))
            column_gather(g, page, i, from, labels[label].field);
    }
}
