#include "ocr/format_tree.h"

#include <string.h>

#include "base/words.h"

struct walk {
    const char *text;
    size_t at; /* behind the last word of the text */
    const struct layout *layout;
    void (*open)(void *arg, const struct branch *b);
    void (*close)(void *arg, const struct branch *b);
    void *arg;
    size_t cell, change;               /* the next ones */
    unsigned numbers[BRANCH_CELL + 1]; /* given so far, by kind */
    unsigned blocks;                   /* tables among them */
};

/* The coarsest kind that such a start begins. In a cell there are only lines. */
static enum branch_kind begins(enum word_start start, bool in_cell)
{
    switch (start) {
    case WORD_IN_LINE:
        return BRANCH_WORD;
    case WORD_NEW_CELL:
    case WORD_CELL_LINE:
        return in_cell ? BRANCH_LINE : BRANCH_WORD;
    case WORD_NEW_LINE:
        return BRANCH_LINE;
    case WORD_NEW_PARAGRAPH:
        return in_cell ? BRANCH_LINE : BRANCH_PARAGRAPH;
    case WORD_NEW_BLOCK:
        break;
    }
    return in_cell ? BRANCH_LINE : BRANCH_BLOCK;
}

/* The word behind the branch of `kind` that begins with word `first`, before `end`. */
static size_t branch_end(const struct walk *w, enum branch_kind kind, bool in_cell,
                         size_t first, size_t end)
{
    size_t i = first + 1;

    while (i < end && begins(w->layout->words[i].start, in_cell) > kind)
        i++;
    return i;
}

static void box_grow(struct word *box, int32_t left, int32_t top, int32_t width,
                     int32_t height)
{
    int32_t right = box->left + box->width, bottom = box->top + box->height;

    if (left + width > right)
        right = left + width;
    if (top + height > bottom)
        bottom = top + height;
    if (left < box->left)
        box->left = left;
    if (top < box->top)
        box->top = top;
    box->width = right - box->left;
    box->height = bottom - box->top;
}

static struct word box_around(const struct word *words, size_t count)
{
    struct word box = words[0];

    for (size_t i = 1; i < count; i++)
        box_grow(&box, words[i].left, words[i].top, words[i].width, words[i].height);
    return box;
}

static struct word box_around_cells(const struct cell *c, size_t count)
{
    struct word box = {
        .left = c->left, .top = c->top, .width = c->width, .height = c->height};

    for (size_t i = 1; i < count; i++)
        box_grow(&box, c[i].left, c[i].top, c[i].width, c[i].height);
    return box;
}

static void count_within(struct branch *b, unsigned n)
{
    unsigned *const within[] = {&b->block, &b->paragraph, &b->line, &b->word};

    *within[b->kind] = n;
}

/* The branch's number, and its beginning in the text. */
static void branch_open(struct walk *w, struct branch *b)
{
    b->number = ++w->numbers[b->kind];
    if (b->kind != BRANCH_WORD)
        b->text = w->text + w->at + strspn(w->text + w->at, " \n\t");
    w->open(w->arg, b);
}

static void branch_close(struct walk *w, struct branch *b)
{
    const char *end = w->text + w->at;

    if (b->kind != BRANCH_WORD)
        b->text_bytes = end > b->text ? (size_t)(end - b->text) : 0;
    w->close(w->arg, b);
}

static const struct change *change_of(struct walk *w, size_t word)
{
    const struct layout *l = w->layout;

    while (w->change < l->changes_count && l->changes[w->change].word < word)
        w->change++;
    return w->change < l->changes_count && l->changes[w->change].word == word
               ? &l->changes[w->change]
               : NULL;
}

/* The branches of `kind` among words first..end-1, and all below them; `n` were
 * counted above before, and what is returned was after. */
static unsigned walk_kind(struct walk *w, const struct branch *above,
                          enum branch_kind kind, size_t first, size_t end, unsigned n)
{
    for (size_t i = first, next; i < end; i = next) {
        struct branch b = *above;

        next = branch_end(w, kind, above->cell != NULL, i, end);
        b.kind = kind;
        b.box = box_around(w->layout->words + i, next - i);
        b.word_first = i;
        b.words_count = next - i;
        b.first_in_line = i == first;
        count_within(&b, ++n);
        if (kind == BRANCH_WORD) {
            if (!words_next(w->text, &w->at, &b.text, &b.text_bytes))
                return n;
            b.change = change_of(w, i);
        }
        branch_open(w, &b);
        if (kind != BRANCH_WORD)
            (void)walk_kind(w, &b, (enum branch_kind)(kind + 1), i, next, 0);
        branch_close(w, &b);
    }
    return n;
}

/* Of `count` cells from the next one: where their words begin and how many. */
static void cells_words(const struct walk *w, size_t count, struct branch *b)
{
    const struct cell *c = &w->layout->cells[w->cell];

    b->word_first = b->words_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (b->words_count == 0)
            b->word_first = c[i].word_first;
        b->words_count += c[i].words_count;
    }
}

static struct branch cells_branch(const struct walk *w, const struct branch *above,
                                  enum branch_kind kind, size_t count)
{
    struct branch b = *above;

    b.kind = kind;
    b.box = box_around_cells(&w->layout->cells[w->cell], count);
    cells_words(w, count, &b);
    return b;
}

static unsigned walk_cell(struct walk *w, const struct branch *row, unsigned paragraphs)
{
    struct branch b = cells_branch(w, row, BRANCH_CELL, 1);

    b.cell = &w->layout->cells[w->cell++];
    branch_open(w, &b);
    paragraphs = walk_kind(w, &b, BRANCH_PARAGRAPH, b.word_first,
                           b.word_first + b.words_count, paragraphs);
    branch_close(w, &b);
    return paragraphs;
}

/* How many of the next cells are of one table, and of one row if `row`, and have
 * words that follow from word `at` without another between them. */
static size_t cells_together(const struct walk *w, size_t at, bool row)
{
    const struct cell *c = &w->layout->cells[w->cell];
    size_t left = w->layout->cells_count - w->cell, i;

    for (i = 0; i < left; i++) {
        if (c[i].table != c->table || (row && c[i].row != c->row) ||
            (c[i].words_count > 0 && c[i].word_first != at))
            break;
        at += c[i].words_count;
    }
    return i;
}

/* The next cells as a table whose words begin at `at`; the word behind it. */
static size_t walk_table(struct walk *w, size_t at)
{
    const struct branch page = {.block = ++w->blocks};
    size_t end = w->cell + cells_together(w, at, false);
    struct branch table = cells_branch(w, &page, BRANCH_TABLE, end - w->cell);
    unsigned paragraphs = 0;

    branch_open(w, &table);
    while (w->cell < end) {
        size_t row_end = w->cell + cells_together(w, at, true);
        struct branch row = cells_branch(w, &table, BRANCH_ROW, row_end - w->cell);

        branch_open(w, &row);
        while (w->cell < row_end)
            paragraphs = walk_cell(w, &row, paragraphs);
        branch_close(w, &row);
        at += row.words_count;
    }
    branch_close(w, &table);
    return at;
}

/* The first word of the next cell that has any. */
static size_t next_cell_word(const struct walk *w)
{
    const struct layout *l = w->layout;

    for (size_t i = w->cell; i < l->cells_count; i++)
        if (l->cells[i].words_count > 0)
            return l->cells[i].word_first;
    return l->words_count;
}

void format_tree_walk(const char *text, const struct layout *l,
                      void (*open)(void *arg, const struct branch *b),
                      void (*close)(void *arg, const struct branch *b), void *arg)
{
    struct walk w = {.text = text, .layout = l, .open = open, .close = close, .arg = arg};
    const struct branch page = {0};
    size_t at = 0;

    while (at < l->words_count || w.cell < l->cells_count) {
        size_t cells = next_cell_word(&w);

        if (at < cells) {
            w.blocks = walk_kind(&w, &page, BRANCH_BLOCK, at, cells, w.blocks);
            at = cells;
        }
        if (w.cell < l->cells_count)
            at = walk_table(&w, at);
    }
}
