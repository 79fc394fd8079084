#include "ocr/found.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 256
/* A word of 20 characters with three alternatives each is long already. */
#define SYMBOLS_MAX (FOUND_WORDS_MAX * 20u)
#define CHOICES_MAX (SYMBOLS_MAX * 4u)

void found_release(struct found *f)
{
    free(f->words);
    free(f->symbols);
    free(f->choices);
    free(f->cells);
    *f = (struct found){0};
}

/* Room for one more in *things; false: none, and *e says why. */
static bool make_room(void **things, size_t count, size_t *have, size_t each, size_t max,
                      const char *what, struct err *e)
{
    size_t wanted = *have == 0 ? ROOM_FIRST : 2 * *have;
    void *grown;

    if (count >= max) {
        err_set(e, ERR_TOO_BIG, "more than %zu %s on a page", max, what);
        return false;
    }
    if (count < *have)
        return true;
    grown = realloc(*things, wanted * each);
    if (grown == NULL) {
        err_set(e, ERR_MEMORY, "out of memory at %zu %s", count, what);
        return false;
    }
    *things = grown;
    *have = wanted;
    return true;
}

struct found_word *found_add_word(struct found *f, struct err *e)
{
    void *words = f->words;
    struct found_word *w;

    if (!make_room(&words, f->words_count, &f->words_room, sizeof *w, FOUND_WORDS_MAX,
                   "words", e))
        return NULL;
    f->words = words;
    w = &f->words[f->words_count++];
    *w = (struct found_word){.cell = NO_CELL};
    return w;
}

struct symbol *found_add_symbol(struct found *f, struct err *e)
{
    void *symbols = f->symbols;
    struct symbol *s;

    if (!make_room(&symbols, f->symbols_count, &f->symbols_room, sizeof *s, SYMBOLS_MAX,
                   "characters", e))
        return NULL;
    f->symbols = symbols;
    s = &f->symbols[f->symbols_count++];
    *s = (struct symbol){0};
    return s;
}

struct choice *found_add_choice(struct found *f, struct err *e)
{
    void *choices = f->choices;
    struct choice *c;

    if (!make_room(&choices, f->choices_count, &f->choices_room, sizeof *c, CHOICES_MAX,
                   "alternatives", e))
        return NULL;
    f->choices = choices;
    c = &f->choices[f->choices_count++];
    *c = (struct choice){0};
    return c;
}

struct found_cell *found_add_cell(struct found *f, struct err *e)
{
    void *cells = f->cells;
    struct found_cell *c;

    if (!make_room(&cells, f->cells_count, &f->cells_room, sizeof *c, LAYOUT_CELLS_MAX,
                   "cells", e))
        return NULL;
    f->cells = cells;
    c = &f->cells[f->cells_count++];
    *c = (struct found_cell){0};
    return c;
}

static void box_move(struct box *b, int32_t dx, int32_t dy)
{
    b->left += dx;
    b->right += dx;
    b->top += dy;
    b->bottom += dy;
}

static int append_alternatives(struct found *f, const struct found *from, int32_t dx,
                               int32_t dy, struct err *e)
{
    size_t choices_before = f->choices_count;

    for (size_t i = 0; i < from->symbols_count; i++) {
        struct symbol *s = found_add_symbol(f, e);

        if (s == NULL)
            return -1;
        *s = from->symbols[i];
        s->choice_first += (uint32_t)choices_before;
        box_move(&s->box, dx, dy);
    }
    for (size_t i = 0; i < from->choices_count; i++) {
        struct choice *c = found_add_choice(f, e);

        if (c == NULL)
            return -1;
        *c = from->choices[i];
    }
    return 0;
}

int found_append(struct found *f, const struct found *from, int32_t dx, int32_t dy,
                 struct err *e)
{
    size_t symbols_before = f->symbols_count, cells_before = f->cells_count;
    bool alternatives = f->symbols_count + from->symbols_count <= SYMBOLS_MAX &&
                        f->choices_count + from->choices_count <= CHOICES_MAX;

    if (alternatives && append_alternatives(f, from, dx, dy, e) != 0)
        return -1;
    for (size_t i = 0; i < from->cells_count; i++) {
        struct found_cell *c = found_add_cell(f, e);

        if (c == NULL)
            return -1;
        *c = from->cells[i];
        box_move(&c->box, dx, dy);
    }
    for (size_t i = 0; i < from->words_count && f->words_count < FOUND_WORDS_MAX; i++) {
        struct found_word *w = found_add_word(f, e);

        if (w == NULL)
            return -1;
        *w = from->words[i];
        w->symbol_first += (uint32_t)symbols_before;
        if (!alternatives)
            w->symbols_count = 0;
        if (w->cell != NO_CELL)
            w->cell += (uint32_t)cells_before;
        box_move(&w->box, dx, dy);
        box_move(&w->line, dx, dy);
    }
    return 0;
}

void found_change(struct found_word *w, const char *text, enum change_kind kind)
{
    if (strlen(text) >= sizeof w->text || strlen(w->text) >= sizeof w->was ||
        strcmp(w->text, text) == 0)
        return;
    if (!w->changed) {
        memcpy(w->was, w->text, strlen(w->text) + 1);
        w->change = kind;
        w->changed = true;
    }
    memcpy(w->text, text, strlen(text) + 1);
}

size_t found_characters(const char *text, size_t bytes)
{
    size_t count = 0;

    for (size_t i = 0; i < bytes; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

void found_remove(struct found *f, size_t at)
{
    struct found_word *w = &f->words[at];

    if (at + 1 < f->words_count)
        w[1].start = layout_start_greater(w[1].start, w->start);
    memmove(w, w + 1, (f->words_count - at - 1) * sizeof *w);
    f->words_count--;
}
