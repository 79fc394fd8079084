#include "ocr/small/small.h"

#include <string.h>

/*   version refusal | width height dpi (varints) | bytes of the image, the image |
 *   bytes of the thumbnail, the thumbnail | likeness
 *
 * After a refusal nothing follows. */
#define SMALL_VERSION 2
#define SIDE_MAX      1000000u
#define DPI_MAX       2400u

void small_release(struct small *s)
{
    buffer_release(&s->image);
    buffer_release(&s->thumbnail);
    *s = (struct small){0};
}

static void append_bytes(struct buffer *out, const struct buffer *b)
{
    buffer_append_varint(out, b->count);
    buffer_append(out, b->bytes, b->count);
}

void small_encode(const struct small *s, struct buffer *out)
{
    buffer_append_byte(out, SMALL_VERSION);
    buffer_append_byte(out, (uint8_t)s->refusal);
    if (s->refusal != REFUSAL_NONE)
        return;
    buffer_append_varint(out, s->width);
    buffer_append_varint(out, s->height);
    buffer_append_varint(out, s->dpi);
    append_bytes(out, &s->image);
    append_bytes(out, &s->thumbnail);
    buffer_append(out, s->likeness.cells, LIKENESS_BYTES);
}

/* 1 to max; anything else marks the cursor failed. */
static uint32_t take_number(struct cursor *c, uint32_t max)
{
    uint64_t value = cursor_varint(c);

    if (value == 0 || value > max)
        c->failed = true;
    return c->failed ? 0 : (uint32_t)value;
}

/* Whoever shows it must know at least what kind of file it is given. */
static void take_bytes(struct cursor *c, struct buffer *out, uint32_t max,
                       const char *magic)
{
    size_t count = take_number(c, max);
    const unsigned char *bytes = cursor_take(c, count);

    buffer_init(out, max);
    if (bytes == NULL)
        return;
    if (count < strlen(magic) || memcmp(bytes, magic, strlen(magic)) != 0)
        c->failed = true;
    else
        buffer_append(out, bytes, count);
}

int small_decode(struct small *out, const void *bytes, size_t count, struct err *e)
{
    struct small s = {0};
    struct cursor c;
    unsigned refusal;
    const void *cells;

    *out = (struct small){0};
    cursor_init(&c, bytes, count);
    if (cursor_byte(&c) != SMALL_VERSION)
        c.failed = true;
    refusal = cursor_byte(&c);
    if (refusal >= REFUSAL_COUNT)
        c.failed = true;
    s.refusal = c.failed ? REFUSAL_NONE : (enum refusal)refusal;
    if (s.refusal == REFUSAL_NONE) {
        s.width = take_number(&c, SIDE_MAX);
        s.height = take_number(&c, SIDE_MAX);
        s.dpi = take_number(&c, DPI_MAX);
        take_bytes(&c, &s.image, SMALL_BYTES_MAX, "%PDF-1.");
        take_bytes(&c, &s.thumbnail, THUMBNAIL_BYTES_MAX, "\xff\xd8\xff");
        cells = cursor_take(&c, LIKENESS_BYTES);
        if (cells != NULL)
            memcpy(s.likeness.cells, cells, LIKENESS_BYTES);
    }
    if (cursor_done(&c, "small image", e) != 0 || buffer_check(&s.image, e) != 0 ||
        buffer_check(&s.thumbnail, e) != 0) {
        small_release(&s);
        return -1;
    }
    *out = s;
    return 0;
}
