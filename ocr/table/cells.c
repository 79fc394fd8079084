#include "ocr/table/cells.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <stdlib.h>

#include "ocr/table/strip.h"

#define INSET        2    /* pixels of a cell's edge that are not looked at */
#define STRIP_MAX    24   /* pieces */
#define TALL_DEFAULT 0.1  /* inches */
#define TALL_MAX     3    /* of what most measure: more is a streak or a brace */
#define MARKS_ABOVE  1.40 /* in heights of a capital */
#define MARKS_BELOW  0.38

/* All lines of letters of a table, in reading order. */
struct pieces {
    struct strip_piece *items; /* owned */
    size_t count, room;
    int tall; /* as most of them are */
};

static int add_piece(struct pieces *p, const struct strip_piece *piece, struct err *e)
{
    if (p->count == p->room) {
        size_t room = p->room == 0 ? 256 : 2 * p->room;
        struct strip_piece *grown = realloc(p->items, room * sizeof *grown);

        if (grown == NULL)
            return err_set(e, ERR_MEMORY, "table: out of memory");
        p->items = grown;
        p->room = room;
    }
    p->items[p->count++] = *piece;
    return 0;
}

/* The room that belongs to line `i` above and below its ink: marks that are too
 * faint to be seen here are not to be lost. */
static struct box room_of(const struct ink *ink, int i, int height)
{
    const struct ink_line *l = &ink->lines[i];
    struct box b = l->box;
    int above = i > 0 ? (ink->lines[i - 1].box.bottom + b.top) / 2 : 0;
    int below =
        i + 1 < ink->lines_count ? (b.bottom + ink->lines[i + 1].box.top) / 2 : height;
    int top = l->baseline - (int)(MARKS_ABOVE * l->tall);
    int bottom = l->baseline + (int)(MARKS_BELOW * l->tall);

    top = top > above ? top : above;
    bottom = bottom < below ? bottom : below;
    b.top = top < b.top ? top : b.top;
    b.bottom = bottom > b.bottom ? bottom : b.bottom;
    return b;
}

static int take_lines(struct pieces *p, const struct ink *ink, uint32_t cell,
                      const struct box *at, struct err *e)
{
    for (int i = 0; i < ink->lines_count; i++) {
        struct strip_piece piece = {.cell = cell,
                                    .box = room_of(ink, i, at->bottom - at->top),
                                    .baseline = at->top + ink->lines[i].baseline,
                                    .tall = ink->lines[i].tall,
                                    .paper = ink->paper,
                                    .dark = ink->dark};

        piece.box.left += at->left - 1;
        piece.box.right += at->left + 1;
        piece.box.top += at->top;
        piece.box.bottom += at->top;
        if (add_piece(p, &piece, e) != 0)
            return -1;
    }
    return 0;
}

static int look_at_cell(struct pieces *p, struct Pix *pix, const struct found_cell *c,
                        uint32_t index, int dpi, struct err *e)
{
    int right = pixGetWidth(pix), bottom = pixGetHeight(pix);
    struct box at = {
        .left = c->box.left > 0 ? c->box.left + INSET : INSET,
        .top = c->box.top > 0 ? c->box.top + INSET : INSET,
        .right = (c->box.right < right ? c->box.right : right) - INSET,
        .bottom = (c->box.bottom < bottom ? c->box.bottom : bottom) - INSET,
    };
    BOX *box = NULL;
    struct Pix *cell = NULL;
    struct ink ink;
    int rc = 0;

    if (at.right > at.left && at.bottom > at.top)
        box = boxCreate(at.left, at.top, at.right - at.left, at.bottom - at.top);
    if (box != NULL)
        cell = pixClipRectangle(pix, box, NULL);
    if (cell != NULL) {
        rc = ink_look(&ink, cell, dpi, e);
        if (rc == 0)
            rc = take_lines(p, &ink, index, &at, e);
        ink_lines_release(&ink);
    }
    pixDestroy(&cell);
    boxDestroy(&box);
    return rc;
}

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* What most lines' capitals measure; lines that show none take it from the others. A
 * streak is no measure for what is beside it. */
static void settle_tall(struct pieces *p, int dpi)
{
    int *talls = calloc(p->count + 1, sizeof *talls);
    size_t n = 0;

    p->tall = (int)lround(TALL_DEFAULT * dpi);
    for (size_t i = 0; i < p->count && talls != NULL; i++)
        if (p->items[i].tall > TALL_DEFAULT / 2 * dpi)
            talls[n++] = p->items[i].tall;
    if (n > 0) {
        qsort(talls, n, sizeof *talls, compare_ints);
        p->tall = talls[n / 2];
    }
    for (size_t i = 0; i < p->count; i++)
        if (p->items[i].tall < 0.6 * p->tall)
            p->items[i].tall = p->tall;
        else if (p->items[i].tall > TALL_MAX * p->tall)
            p->items[i].tall = TALL_MAX * p->tall;
    free(talls);
}

/* How the word after `last` begins; NULL: it is the table's first. */
static enum word_start start_after(const struct grid *g, const struct found_word *last,
                                   uint32_t cell)
{
    if (last == NULL)
        return WORD_NEW_BLOCK;
    if (last->cell == cell)
        return WORD_CELL_LINE;
    return g->cells[last->cell].row == g->cells[cell].row ? WORD_NEW_CELL : WORD_NEW_LINE;
}

/* One table being read. */
struct table_reading {
    struct TessBaseAPI *tess;
    struct Pix *pix;
    const struct grid *grid;
    struct attempt how;
    struct pieces pieces;
    size_t words_before; /* in out, before the table's */
};

/* Gives each word of a strip its piece's place and cell. */
static int take_words(const struct table_reading *t, const struct strip_piece *pieces,
                      size_t count, struct found *strip, struct found *out, struct err *e)
{
    size_t first = out->words_count, before = SIZE_MAX;

    if (found_append(out, strip, 0, 0, e) != 0)
        return -1;
    for (size_t i = first; i < out->words_count; i++) {
        struct found_word *w = &out->words[i];
        size_t at = strip_piece_at(pieces, count, &w->box);

        for (size_t k = 0; k < w->symbols_count; k++)
            strip_place(&pieces[at], t->pieces.tall,
                        &out->symbols[w->symbol_first + k].box);
        strip_place(&pieces[at], t->pieces.tall, &w->box);
        w->line = pieces[at].box;
        w->cell = pieces[at].cell;
        w->start = at == before ? WORD_IN_LINE
                                : start_after(t->grid, i > t->words_before ? w - 1 : NULL,
                                              w->cell);
        before = at;
    }
    return 0;
}

static bool ran_together(const struct table_reading *t, const struct strip_piece *pieces,
                         size_t count, const struct found *strip)
{
    for (size_t i = 0; i < strip->words_count; i++)
        if (strip_is_across(pieces, count, &strip->words[i].box, t->pieces.tall))
            return true;
    return false;
}

static int read_with_gap(const struct table_reading *t, struct strip_piece *pieces,
                         size_t count, double gap, struct found *out, struct err *e)
{
    struct Pix *strip = NULL;
    int rc = strip_make(&strip, t->pix, pieces, count, t->pieces.tall, gap, e);

    if (rc == 0)
        rc = attempt_read(t->tess, strip, NULL, &t->how, out, e);
    pixDestroy(&strip);
    return rc;
}

static int read_strip(const struct table_reading *t, struct strip_piece *pieces,
                      size_t count, struct found *out, struct err *e)
{
    struct found found = {0};
    int rc = read_with_gap(t, pieces, count, STRIP_GAP, &found, e);

    if (rc == 0 && ran_together(t, pieces, count, &found)) {
        found_release(&found);
        rc = read_with_gap(t, pieces, count, STRIP_GAP_WIDE, &found, e);
    }
    if (rc == 0)
        rc = take_words(t, pieces, count, &found, out, e);
    found_release(&found);
    return rc;
}

/* How many pieces from `first` on go into one strip: a row's, as far as it is read. */
static size_t strip_count(const struct table_reading *t, size_t first)
{
    const struct pieces *p = &t->pieces;
    const struct found_cell *cells = t->grid->cells;
    double width = strip_width(&p->items[first], p->tall);
    size_t n = 1;

    for (; first + n < p->count && n < STRIP_MAX; n++) {
        width += strip_width(&p->items[first + n], p->tall);
        if (width > STRIP_WIDTH_MAX ||
            cells[p->items[first + n].cell].row != cells[p->items[first].cell].row)
            break;
    }
    return n;
}

int cells_read(struct TessBaseAPI *tess, struct Pix *pix, const struct grid *g,
               size_t table, const struct attempt *how, struct found *out, struct err *e)
{
    struct table_reading t = {.tess = tess,
                              .pix = pix,
                              .grid = g,
                              .how = *how,
                              .words_before = out->words_count};
    int rc = 0;

    t.how.segmentation = SEGMENT_LINE;
    for (size_t i = 0; i < g->cells_count && rc == 0; i++)
        if (g->cells[i].table == table)
            rc = look_at_cell(&t.pieces, pix, &g->cells[i], (uint32_t)i, g->dpi, e);
    settle_tall(&t.pieces, g->dpi);
    for (size_t i = 0, n; i < t.pieces.count && rc == 0; i += n) {
        n = strip_count(&t, i);
        rc = read_strip(&t, &t.pieces.items[i], n, out, e);
    }
    free(t.pieces.items);
    return rc;
}
