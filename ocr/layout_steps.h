/* Layout steps: what a box is told relative to. Packing and unpacking both walk with
 * these, so that they cannot disagree. Of layout_pack.c and layout_unpack.c only. */
#ifndef TRAM_OCR_LAYOUT_STEPS_H
#define TRAM_OCR_LAYOUT_STEPS_H

#include "ocr/layout.h"

#define LAYOUT_VERSION 2
#define WORD_STARTS    0x80 /* beside a confidence: a start follows */

/* Where words begin and end. */
struct word_steps {
    int64_t end;   /* of the word before */
    int64_t begun; /* the left of the last word that began anything */
    int64_t line;  /* and of the last that began a line of the text */
};

static inline int64_t word_steps_left(const struct word_steps *s, enum word_start start)
{
    switch (start) {
    case WORD_IN_LINE:
    case WORD_NEW_CELL:
        return s->end;
    case WORD_CELL_LINE:
        return s->begun;
    case WORD_NEW_LINE:
    case WORD_NEW_PARAGRAPH:
    case WORD_NEW_BLOCK:
        break;
    }
    return s->line;
}

static inline void word_steps_move(struct word_steps *s, const struct word *w)
{
    s->end = (int64_t)w->left + w->width;
    if (w->start != WORD_IN_LINE)
        s->begun = w->left;
    if (w->start != WORD_IN_LINE && w->start != WORD_NEW_CELL &&
        w->start != WORD_CELL_LINE)
        s->line = w->left;
}

/* The cell before, the first one of its row, and the word behind all so far. */
struct cell_steps {
    bool begun;
    struct cell before, row;
    uint32_t words_end;
};

/* Whether `c` goes on in the row of the one before; else it begins one. */
static inline bool cell_steps_same_row(const struct cell_steps *s, const struct cell *c)
{
    return s->begun && c->table == s->before.table && c->row == s->before.row;
}

static inline bool cell_steps_same_table(const struct cell_steps *s, const struct cell *c)
{
    return s->begun && c->table == s->before.table;
}

static inline int64_t cell_steps_left(const struct cell_steps *s, const struct cell *c)
{
    return cell_steps_same_row(s, c) ? (int64_t)s->before.left + s->before.width
                                     : s->row.left;
}

static inline int64_t cell_steps_top(const struct cell_steps *s, const struct cell *c)
{
    return cell_steps_same_row(s, c) ? s->before.top
                                     : (int64_t)s->before.top + s->before.height;
}

static inline void cell_steps_move(struct cell_steps *s, const struct cell *c)
{
    if (!cell_steps_same_row(s, c))
        s->row = *c;
    s->before = *c;
    s->begun = true;
    if (c->words_count > 0)
        s->words_end = c->word_first + c->words_count;
}

#endif
