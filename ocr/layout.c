#include "ocr/layout.h"

#include <stdlib.h>

#include "base/words.h"

#define ROOM_FIRST 256

void layout_release(struct layout *l)
{
    free(l->words);
    free(l->cells);
    free(l->changes);
    *l = (struct layout){0};
}

/* Room for one more of `count` things. They grow by doubling: full whenever the
 * count is a power of two that is ROOM_FIRST or more, which saves a field for the
 * capacity. NULL: no room, and *e says why. */
static void *room(void *things, size_t count, size_t each, size_t max, const char *what,
                  struct err *e)
{
    void *grown;

    if (count >= max) {
        err_set(e, ERR_TOO_BIG, "more than %zu %s", max, what);
        return NULL;
    }
    if (count != 0 && (count < ROOM_FIRST || (count & (count - 1)) != 0))
        return things;
    grown = realloc(things, (count < ROOM_FIRST ? ROOM_FIRST : 2 * count) * each);
    if (grown == NULL)
        err_set(e, ERR_MEMORY, "out of memory at %zu %s", count, what);
    return grown;
}

int layout_add(struct layout *l, const struct word *w, struct err *e)
{
    struct word *words =
        room(l->words, l->words_count, sizeof *w, LAYOUT_WORDS_MAX, "words", e);

    if (words == NULL)
        return -1;
    l->words = words;
    l->words[l->words_count++] = *w;
    return 0;
}

int layout_add_cell(struct layout *l, const struct cell *c, struct err *e)
{
    struct cell *cells =
        room(l->cells, l->cells_count, sizeof *c, LAYOUT_CELLS_MAX, "cells", e);

    if (cells == NULL)
        return -1;
    l->cells = cells;
    l->cells[l->cells_count++] = *c;
    return 0;
}

int layout_add_change(struct layout *l, const struct change *c, struct err *e)
{
    struct change *changes =
        room(l->changes, l->changes_count, sizeof *c, LAYOUT_CHANGES_MAX, "changes", e);

    if (changes == NULL)
        return -1;
    l->changes = changes;
    l->changes[l->changes_count++] = *c;
    return 0;
}

enum word_start layout_start_greater(enum word_start a, enum word_start b)
{
    static const int rank[] = {
        [WORD_IN_LINE] = 0,  [WORD_CELL_LINE] = 1,     [WORD_NEW_CELL] = 2,
        [WORD_NEW_LINE] = 3, [WORD_NEW_PARAGRAPH] = 4, [WORD_NEW_BLOCK] = 5};

    return rank[a] > rank[b] ? a : b;
}

const char *layout_gap(enum word_start start)
{
    switch (start) {
    case WORD_IN_LINE:
    case WORD_CELL_LINE:
        return " ";
    case WORD_NEW_CELL:
        return "\t";
    case WORD_NEW_LINE:
        return "\n";
    case WORD_NEW_PARAGRAPH:
    case WORD_NEW_BLOCK:
        break;
    }
    return "\n\n";
}

size_t layout_count_words(const char *text)
{
    size_t at = 0, count = 0, bytes;
    const char *word;

    while (words_next(text, &at, &word, &bytes))
        count++;
    return count;
}
