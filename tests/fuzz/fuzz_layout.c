/* Fuzz: a packed layout. What is taken must pack to bytes that are taken again and
 * mean the same. */
#include <stdlib.h>
#include <string.h>

#include "ocr/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void must(bool so)
{
    if (!so)
        abort();
}

static void same_words(const struct layout *a, const struct layout *b)
{
    must(a->words_count == b->words_count);
    for (size_t i = 0; i < a->words_count; i++) {
        const struct word *v = &a->words[i], *w = &b->words[i];

        must(v->start == w->start && v->confidence == w->confidence &&
             v->left == w->left && v->top == w->top && v->width == w->width &&
             v->height == w->height);
        must(v->left >= 0 && v->top >= 0 && v->width >= 0 && v->height >= 0 &&
             (uint32_t)(v->left + v->width) <= a->width &&
             (uint32_t)(v->top + v->height) <= a->height);
    }
}

static void same_cells(const struct layout *a, const struct layout *b)
{
    uint32_t behind = 0;

    must(a->cells_count == b->cells_count);
    for (size_t i = 0; i < a->cells_count; i++) {
        const struct cell *c = &a->cells[i], *d = &b->cells[i];

        must(c->table == d->table && c->row == d->row && c->column == d->column &&
             c->row_span == d->row_span && c->column_span == d->column_span &&
             c->left == d->left && c->top == d->top && c->width == d->width &&
             c->height == d->height && c->word_first == d->word_first &&
             c->words_count == d->words_count);
        must(c->left >= 0 && c->top >= 0 && c->width >= 0 && c->height >= 0 &&
             (uint32_t)(c->left + c->width) <= a->width &&
             (uint32_t)(c->top + c->height) <= a->height);
        if (c->words_count == 0)
            continue;
        must(c->word_first >= behind);
        behind = c->word_first + c->words_count;
        must(behind > c->word_first && behind <= a->words_count);
    }
}

static void same_changes(const struct layout *a, const struct layout *b)
{
    must(a->changes_count == b->changes_count);
    for (size_t i = 0; i < a->changes_count; i++) {
        const struct change *c = &a->changes[i], *d = &b->changes[i];

        must(c->word == d->word && c->kind == d->kind && strcmp(c->was, d->was) == 0);
        must(c->word < a->words_count && (i == 0 || c->word > c[-1].word));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct layout l, again;
    struct buffer b;
    struct err e;

    if (layout_unpack(&l, bytes, count, &e) != 0)
        return 0;
    buffer_init(&b, LAYOUT_BYTES_MAX);
    layout_pack(&l, &b);
    must(buffer_check(&b, &e) == 0 && layout_unpack(&again, b.bytes, b.count, &e) == 0);
    same_words(&l, &again);
    same_cells(&l, &again);
    same_changes(&l, &again);
    layout_release(&again);
    layout_release(&l);
    buffer_release(&b);
    return 0;
}
