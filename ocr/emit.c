#include "ocr/emit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocr/letters.h"
#include "ocr/offers.h"

struct emission {
    const struct found *found;
    const struct mapping *mapping;
    struct reading *out;
    enum word_start start; /* of the next word; words left out hand theirs on */
    struct cell *cells;    /* as many as found->cells */
    uint32_t cell; /* the last word's: a layout's cells hold runs of words, ascending,
                            * and a word that goes back belongs to none */
};

static void map_box(const struct emission *m, const struct box *b, struct word *w)
{
    w->left = b->left;
    w->top = b->top;
    w->width = b->right - b->left;
    w->height = b->bottom - b->top;
    mapping_apply(m->mapping, w);
}

static void note_cell(struct emission *m, const struct found_word *w, size_t word)
{
    struct cell *c;

    if (w->cell == NO_CELL || w->cell >= m->found->cells_count || w->cell < m->cell)
        return;
    m->cell = w->cell;
    c = &m->cells[w->cell];
    if (c->words_count == 0)
        c->word_first = (uint32_t)word;
    c->words_count = (uint32_t)(word - c->word_first) + 1;
}

/* Each of the words of `text`, made fit, joined by ' '. */
static void append_words(struct buffer *out, const char *text)
{
    char piece[CHANGE_WAS_BYTES];

    while (*text != '\0') {
        size_t bytes = strcspn(text, " ");

        (void)snprintf(piece, sizeof piece, "%.*s", (int)bytes, text);
        if (out->count > 0)
            buffer_append_text(out, " ");
        (void)letters_append(out, piece);
        text += bytes + strspn(text + bytes, " ");
    }
}

static int note_change(struct emission *m, const struct found_word *w, size_t word,
                       struct err *e)
{
    struct change c = {.word = (uint32_t)word, .kind = w->change};
    struct buffer clean;
    int rc = 0;

    if (!w->changed || m->out->layout.changes_count >= LAYOUT_CHANGES_MAX)
        return 0;
    buffer_init(&clean, sizeof c.was - 1);
    append_words(&clean, w->was);
    if (clean.count > 0 && clean.failed == ERR_NONE) {
        memcpy(c.was, clean.bytes, clean.count);
        rc = layout_add_change(&m->out->layout, &c, e);
    }
    buffer_release(&clean);
    return rc;
}

static int note_alternatives(struct emission *m, const struct found_word *from,
                             size_t word, struct err *e)
{
    struct alternatives_word w = {.word = (uint32_t)word};

    offers_gather(&w, m->found, (size_t)(from - m->found->words));
    return w.count == 0 ? 0 : alternatives_add(&m->out->alternatives, &w, e);
}

/* Gap and word go to the text and the word to the layout, or neither. */
static int emit_word(struct emission *m, const struct found_word *from, struct err *e)
{
    struct buffer *text = &m->out->text;
    struct layout *layout = &m->out->layout;
    struct word w = {.confidence = (uint8_t)lroundf(from->confidence)};
    struct buffer clean;
    int rc = 0;

    m->start = layout_start_greater(m->start, from->start);
    w.start = m->start;
    buffer_init(&clean, READING_TEXT_MAX);
    if (layout->words_count > 0)
        buffer_append_text(&clean, layout_gap(w.start));
    if (letters_append(&clean, from->text) &&
        text->count + clean.count <= READING_TEXT_MAX) {
        buffer_append(text, clean.bytes, clean.count);
        map_box(m, &from->box, &w);
        rc = layout_add(layout, &w, e);
        if (rc == 0) {
            note_cell(m, from, layout->words_count - 1);
            rc = note_change(m, from, layout->words_count - 1, e);
        }
        if (rc == 0)
            rc = note_alternatives(m, from, layout->words_count - 1, e);
        m->start = WORD_IN_LINE;
    }
    if (rc == 0)
        rc = buffer_check(text, e);
    buffer_release(&clean);
    return rc;
}

static int emit_cells(struct emission *m, struct err *e)
{
    for (size_t i = 0; i < m->found->cells_count; i++) {
        const struct found_cell *from = &m->found->cells[i];
        struct cell *c = &m->cells[i];
        struct word place = {0};

        map_box(m, &from->box, &place);
        c->table = from->table;
        c->row = from->row;
        c->column = from->column;
        c->row_span = from->row_span;
        c->column_span = from->column_span;
        c->left = place.left;
        c->top = place.top;
        c->width = place.width;
        c->height = place.height;
        if (layout_add_cell(&m->out->layout, c, e) != 0)
            return -1;
    }
    return 0;
}

int emit_reading(const struct found *f, const struct mapping *m, struct reading *out,
                 struct err *e)
{
    struct emission emission = {
        .found = f, .mapping = m, .out = out, .start = WORD_NEW_BLOCK};
    int rc = -1;

    emission.cells = calloc(f->cells_count + 1, sizeof *emission.cells);
    if (emission.cells == NULL)
        return err_set(e, ERR_MEMORY, "emit: out of memory");
    for (size_t i = 0; i < f->words_count; i++)
        if (emit_word(&emission, &f->words[i], e) != 0)
            goto out;
    rc = emit_cells(&emission, e);
out:
    free(emission.cells);
    return rc;
}
