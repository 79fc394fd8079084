#include "ocr/layout.h"

#include <stdlib.h>

#include "base/words.h"

#define LAYOUT_VERSION 1
#define ROTATION_MAX   3
#define CONFIDENCE_MAX 100
#define SKEW_MAX       9000 /* a quarter turn: more would be rotation */
#define ROOM_FIRST     256
#define WORD_BYTES_MIN 6 /* start, confidence and four one-byte numbers */

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

/* What the next word's box is told relative to; the packing and the unpacking
 * both walk with it, so that they cannot disagree. */
struct anchor {
    int64_t end, top;
};

static int64_t anchor_left(const struct anchor *a, enum word_start start)
{
    return start == WORD_IN_LINE ? a->end : 0;
}

static void anchor_move(struct anchor *a, const struct word *w)
{
    a->end = (int64_t)w->left + w->width;
    a->top = w->top;
}

void layout_pack(const struct layout *l, struct buffer *out)
{
    struct anchor a = {0};

    buffer_append_byte(out, LAYOUT_VERSION);
    buffer_append_varint(out, l->width);
    buffer_append_varint(out, l->height);
    buffer_append_varint(out, l->dpi);
    buffer_append_byte(out, l->rotation);
    buffer_append_signed(out, l->skew_centidegrees);
    buffer_append_varint(out, l->words_count);
    for (size_t i = 0; i < l->words_count; i++) {
        const struct word *w = &l->words[i];

        buffer_append_byte(out, (uint8_t)w->start);
        buffer_append_byte(out, w->confidence);
        buffer_append_signed(out, w->left - anchor_left(&a, w->start));
        buffer_append_signed(out, w->top - a.top);
        buffer_append_varint(out, (uint32_t)w->width);
        buffer_append_varint(out, (uint32_t)w->height);
        anchor_move(&a, w);
    }
}

/* A varint of at most `max`; more marks the cursor failed. */
static uint32_t take_number(struct cursor *c, uint32_t max)
{
    uint64_t value = cursor_varint(c);

    if (value > max)
        c->failed = true;
    return c->failed ? 0 : (uint32_t)value;
}

/* `base` plus a signed step, within 0..max. */
static int32_t take_step(struct cursor *c, int64_t base, uint32_t max)
{
    int64_t step = cursor_signed(c);

    /* Compared before adding: a hostile step must not overflow. */
    if (step < -base || step > (int64_t)max - base)
        c->failed = true;
    return c->failed ? 0 : (int32_t)(base + step);
}

static void take_word(struct cursor *c, const struct layout *page, struct anchor *a,
                      struct word *w)
{
    unsigned start = cursor_byte(c);

    w->confidence = cursor_byte(c);
    if (start > WORD_NEW_BLOCK || w->confidence > CONFIDENCE_MAX)
        c->failed = true;
    w->start = c->failed ? WORD_IN_LINE : (enum word_start)start;
    w->left = take_step(c, anchor_left(a, w->start), page->width);
    w->top = take_step(c, a->top, page->height);
    w->width = (int32_t)take_number(c, page->width - (uint32_t)w->left);
    w->height = (int32_t)take_number(c, page->height - (uint32_t)w->top);
    anchor_move(a, w);
}

static size_t take_header(struct cursor *c, struct layout *l)
{
    int64_t skew;
    size_t count;

    if (cursor_byte(c) != LAYOUT_VERSION)
        c->failed = true;
    l->width = take_number(c, LAYOUT_SIDE_MAX);
    l->height = take_number(c, LAYOUT_SIDE_MAX);
    l->dpi = take_number(c, LAYOUT_SIDE_MAX);
    l->rotation = cursor_byte(c);
    skew = cursor_signed(c);
    count = take_number(c, LAYOUT_WORDS_MAX);
    /* A count that the bytes cannot hold must not cost memory. */
    if (l->rotation > ROTATION_MAX || skew < -SKEW_MAX || skew > SKEW_MAX ||
        count > cursor_left(c) / WORD_BYTES_MIN)
        c->failed = true;
    l->skew_centidegrees = c->failed ? 0 : (int32_t)skew;
    return c->failed ? 0 : count;
}

int layout_unpack(struct layout *out, const void *bytes, size_t count, struct err *e)
{
    int rc = -1;
    struct layout l = {0};
    struct anchor a = {0};
    struct cursor c;
    size_t words;

    *out = (struct layout){0};
    if (count > LAYOUT_BYTES_MAX)
        return err_set(e, ERR_CORRUPT, "layout of %zu bytes", count);
    cursor_init(&c, bytes, count);
    words = take_header(&c, &l);
    for (size_t i = 0; i < words && !c.failed; i++) {
        struct word w = {0};

        take_word(&c, &l, &a, &w);
        if (layout_add(&l, &w, e) != 0)
            goto out;
    }
    if (cursor_done(&c, "layout", e) != 0)
        goto out;
    *out = l;
    l = (struct layout){0}; /* now the caller's */
    rc = 0;
out:
    layout_release(&l);
    return rc;
}

size_t layout_count_words(const char *text)
{
    size_t at = 0, count = 0, bytes;
    const char *word;

    while (words_next(text, &at, &word, &bytes))
        count++;
    return count;
}
