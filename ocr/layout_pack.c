/* Layout, packed; see layout.h. */
#include <string.h>

#include "ocr/layout_steps.h"

static void pack_head(const struct layout *l, size_t cells, size_t changes,
                      struct buffer *out)
{
    buffer_append_byte(out, LAYOUT_VERSION);
    buffer_append_varint(out, l->width);
    buffer_append_varint(out, l->height);
    buffer_append_varint(out, l->dpi);
    buffer_append_byte(out, l->rotation);
    buffer_append_signed(out, l->skew_centidegrees);
    buffer_append_varint(out, l->words_count);
    buffer_append_varint(out, cells);
    buffer_append_varint(out, changes);
}

static void pack_starts(const struct layout *l, struct buffer *out)
{
    for (size_t i = 0; i < l->words_count; i++) {
        const struct word *w = &l->words[i];

        buffer_append_byte(out,
                           w->confidence | (w->start == WORD_IN_LINE ? 0 : WORD_STARTS));
    }
    for (size_t i = 0; i < l->words_count; i++)
        if (l->words[i].start != WORD_IN_LINE)
            buffer_append_byte(out, (uint8_t)l->words[i].start);
}

static void pack_words(const struct layout *l, struct buffer *out)
{
    struct word_steps steps = {0};
    int64_t top = 0, bottom = 0;

    pack_starts(l, out);
    for (size_t i = 0; i < l->words_count; i++)
        buffer_append_varint(out, (uint32_t)l->words[i].width);
    for (size_t i = 0; i < l->words_count; i++) {
        const struct word *w = &l->words[i];

        buffer_append_signed(out, w->left - word_steps_left(&steps, w->start));
        word_steps_move(&steps, w);
    }
    for (size_t i = 0; i < l->words_count; i++) {
        buffer_append_signed(out, l->words[i].top - top);
        top = l->words[i].top;
    }
    for (size_t i = 0; i < l->words_count; i++) {
        int64_t below = (int64_t)l->words[i].top + l->words[i].height;

        buffer_append_signed(out, below - bottom);
        bottom = below;
    }
}

/* Steps back, which nobody should ask for, become numbers that no decoder takes. */
static void pack_place(const struct cell_steps *s, const struct cell *c,
                       struct buffer *out)
{
    const struct cell *before = &s->before;

    buffer_append_varint(out, (uint32_t)(c->table - before->table));
    buffer_append_varint(
        out, (uint32_t)(c->row - (cell_steps_same_table(s, c) ? before->row : 0)));
    buffer_append_varint(
        out,
        (uint32_t)(c->column - (cell_steps_same_row(s, c) ? before->column + 1 : 0)));
    buffer_append_varint(out, (uint32_t)(c->row_span - 1));
    buffer_append_varint(out, (uint32_t)(c->column_span - 1));
}

static void pack_cells(const struct layout *l, size_t count, struct buffer *out)
{
    struct cell_steps steps = {0};

    for (size_t i = 0; i < count; i++) {
        const struct cell *c = &l->cells[i];

        pack_place(&steps, c, out);
        buffer_append_signed(out, c->left - cell_steps_left(&steps, c));
        buffer_append_signed(out, c->top - cell_steps_top(&steps, c));
        buffer_append_varint(out, (uint32_t)c->width);
        buffer_append_signed(out, (int64_t)c->height - steps.before.height);
        buffer_append_varint(out, c->words_count);
        if (c->words_count > 0)
            buffer_append_varint(out, (uint32_t)(c->word_first - steps.words_end));
        cell_steps_move(&steps, c);
    }
}

static void pack_changes(const struct layout *l, size_t count, struct buffer *out)
{
    uint32_t next = 0;

    for (size_t i = 0; i < count; i++) {
        const struct change *c = &l->changes[i];
        size_t bytes = strnlen(c->was, sizeof c->was - 1);

        buffer_append_varint(out, (uint32_t)(c->word - next));
        buffer_append_byte(out, (uint8_t)c->kind);
        buffer_append_byte(out, (uint8_t)bytes);
        buffer_append(out, c->was, bytes);
        next = c->word + 1;
    }
}

static void pack(const struct layout *l, size_t cells, size_t changes, struct buffer *out)
{
    pack_head(l, cells, changes, out);
    pack_words(l, out);
    pack_cells(l, cells, out);
    pack_changes(l, changes, out);
}

void layout_pack(const struct layout *l, struct buffer *out)
{
    struct buffer packed;

    buffer_init(&packed, LAYOUT_BYTES_MAX);
    pack(l, l->cells_count, l->changes_count, &packed);
    if (packed.failed == ERR_TOO_BIG) {
        buffer_clear(&packed);
        pack(l, 0, 0, &packed);
    }
    buffer_append(out, packed.bytes, packed.count);
    if (packed.failed != ERR_NONE && out->failed == ERR_NONE)
        out->failed = packed.failed;
    buffer_release(&packed);
}
