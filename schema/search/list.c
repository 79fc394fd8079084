#include "schema/search/list.h"

#include <string.h>

void list_writer_init(struct list_writer *w)
{
    *w = (struct list_writer){0};
    buffer_init(&w->slots, LIST_BYTES_MAX);
    buffer_init(&w->places, LIST_BYTES_MAX);
}

void list_writer_release(struct list_writer *w)
{
    buffer_release(&w->slots);
    buffer_release(&w->places);
}

void list_writer_clear(struct list_writer *w)
{
    buffer_clear(&w->slots);
    buffer_clear(&w->places);
    w->pages = w->next = w->times = 0;
}

void list_writer_end(struct list_writer *w)
{
    if (w->times == 0)
        return;
    buffer_append_varint(&w->slots, (uint64_t)(w->slot - w->next) << 1 | (w->times > 1));
    if (w->times > 1)
        buffer_append_varint(&w->slots, w->times - 2);
    w->next = w->slot + 1;
    w->times = 0;
    w->pages++;
}

void list_writer_add(struct list_writer *w, uint32_t slot, uint32_t place)
{
    if (w->times > 0 && slot != w->slot)
        list_writer_end(w);
    buffer_append_varint(&w->places, w->times == 0 ? place : place - w->place);
    w->slot = slot;
    w->place = place;
    w->times++;
}

void list_reader_init(struct list_reader *r, const void *slots, size_t slots_bytes,
                      const void *places, size_t places_bytes)
{
    *r = (struct list_reader){0};
    cursor_init(&r->slots, slots, slots_bytes);
    cursor_init(&r->places, places, places_bytes);
}

void list_lengths(uint16_t *out, const void *words, size_t count)
{
    if (count == 0)
        return;
    memcpy(out, words, count * sizeof *out);
    for (size_t i = 0; i < count; i++)
        out[i] = le16toh(out[i]); /* nothing, nearly everywhere */
}

/* Eight bytes at once: of each number the last byte has no high bit. */
void list_skip(struct list_reader *r)
{
    const unsigned char *at = r->places.at, *end = r->places.end;

    while (r->passed >= sizeof(uint64_t) && end - at >= (ptrdiff_t)sizeof(uint64_t)) {
        uint64_t eight;

        memcpy(&eight, at, sizeof eight);
        at += sizeof eight;
        r->passed -= (uint64_t)__builtin_popcountll(~eight & 0x8080808080808080u);
    }
    for (; r->passed > 0 && at < end; at++)
        r->passed -= *at < 0x80;
    r->places.at = at;
    r->passed = 0;
}
