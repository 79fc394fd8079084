/* The walk through a TIFF's directories.
 *
 *   "II" or "MM" (the byte order of all that follows) | u16 42 | u32 first directory
 *   directory: u16 entries | entries | u32 next directory, 0: the last
 *   entry: u16 tag | u16 type | u32 count | the values if they fit in 4 bytes,
 *          or where in the file they are
 *
 * BigTIFF: u16 43 | u16 8 | u16 0 | u64 first; counts of entries, counts of values
 * and offsets are u64, and values fit in 8 bytes. */
#include "ocr/structure.h"

#include <stdbool.h>
#include <stdlib.h>

#include "ocr/reading.h"

#define TAG_WIDTH         256
#define TAG_HEIGHT        257
#define TAG_STRIP_OFFSETS 273
#define TAG_STRIP_BYTES   279
#define TAG_TILE_OFFSETS  324
#define TAG_TILE_BYTES    325

/* One directory has a dozen entries; a hostile one has many. */
#define ENTRIES_MAX 4096
#define PIECES_MAX  1000000 /* strips or tiles of a page */

struct tiff {
    const uint8_t *bytes;
    size_t count;
    bool big_endian, big;
};

struct values {
    uint64_t count;
    size_t at;      /* in the file */
    unsigned width; /* bytes of one; 0: none */
};

static uint64_t number(const struct tiff *t, size_t at, unsigned width)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < width; i++)
        value = value << 8 | t->bytes[at + (t->big_endian ? i : width - 1 - i)];
    return value;
}

static bool holds(const struct tiff *t, uint64_t at, uint64_t count)
{
    return at <= t->count && count <= t->count - at;
}

static unsigned type_width(uint64_t type)
{
    switch (type) {
    case 1:
        return 1;
    case 3:
        return 2;
    case 4:
    case 13:
        return 4;
    case 16:
    case 18:
        return 8;
    }
    return 0;
}

/* The values of the entry at `at`; REFUSAL_CUT_OFF if they lie behind the end. */
static enum refusal entry_values(const struct tiff *t, size_t at, struct values *v)
{
    unsigned inside = t->big ? 8 : 4;
    uint64_t where;

    *v = (struct values){.width = type_width(number(t, at + 2, 2)),
                         .count = number(t, at + 4, inside),
                         .at = at + 4 + inside};
    if (v->width == 0 || v->count == 0 || v->count > PIECES_MAX)
        return REFUSAL_DAMAGED;
    if (v->count * v->width <= inside)
        return REFUSAL_NONE;
    where = number(t, v->at, inside);
    if (!holds(t, where, v->count * v->width))
        return REFUSAL_CUT_OFF;
    v->at = (size_t)where;
    return REFUSAL_NONE;
}

static uint64_t value_at(const struct tiff *t, const struct values *v, uint64_t i)
{
    return number(t, v->at + (size_t)i * v->width, v->width);
}

static enum refusal pieces_check(const struct tiff *t, const struct values *offsets,
                                 const struct values *bytes)
{
    if (offsets->width == 0)
        return REFUSAL_DAMAGED;
    if (bytes->width == 0) /* old writers left them out */
        return REFUSAL_NONE;
    for (uint64_t i = 0; i < offsets->count && i < bytes->count; i++)
        if (!holds(t, value_at(t, offsets, i), value_at(t, bytes, i)))
            return REFUSAL_CUT_OFF;
    return REFUSAL_NONE;
}

struct directory {
    struct values width, height, offsets, bytes;
};

static struct values *directory_slot(struct directory *d, uint64_t tag)
{
    switch (tag) {
    case TAG_WIDTH:
        return &d->width;
    case TAG_HEIGHT:
        return &d->height;
    case TAG_STRIP_OFFSETS:
    case TAG_TILE_OFFSETS:
        return &d->offsets;
    case TAG_STRIP_BYTES:
    case TAG_TILE_BYTES:
        return &d->bytes;
    }
    return NULL;
}

static enum refusal directory_check(const struct tiff *t, size_t at, uint64_t entries,
                                    struct structure *out)
{
    struct directory d = {0};
    uint64_t width, height;
    enum refusal r;

    for (uint64_t i = 0; i < entries; i++, at += t->big ? 20 : 12) {
        struct values *slot = directory_slot(&d, number(t, at, 2));

        if (slot != NULL && (r = entry_values(t, at, slot)) != REFUSAL_NONE)
            return r;
    }
    if (d.width.width == 0 || d.height.width == 0)
        return REFUSAL_DAMAGED;
    width = value_at(t, &d.width, 0);
    height = value_at(t, &d.height, 0);
    if ((r = sides_check(width, height)) != REFUSAL_NONE)
        return r;
    if (width * height > (uint64_t)out->width * out->height) {
        out->width = (uint32_t)width;
        out->height = (uint32_t)height;
    }
    return pieces_check(t, &d.offsets, &d.bytes);
}

/* Checks the directory at *at and moves *at to the next one. */
static enum refusal directory_walk(const struct tiff *t, uint64_t *at,
                                   struct structure *out)
{
    unsigned head = t->big ? 8 : 2, offset = t->big ? 8 : 4;
    uint64_t entries, bytes;
    enum refusal r;

    if (!holds(t, *at, head))
        return REFUSAL_CUT_OFF;
    entries = number(t, (size_t)*at, head);
    if (entries == 0 || entries > ENTRIES_MAX)
        return REFUSAL_DAMAGED;
    bytes = head + entries * (t->big ? 20 : 12);
    if (!holds(t, *at, bytes + offset))
        return REFUSAL_CUT_OFF;
    if ((r = directory_check(t, (size_t)*at + head, entries, out)) != REFUSAL_NONE)
        return r;
    *at = number(t, (size_t)(*at + bytes), offset);
    return REFUSAL_NONE;
}

static bool was_seen(const uint64_t *seen, uint32_t count, uint64_t at)
{
    for (uint32_t i = 0; i < count; i++)
        if (seen[i] == at)
            return true;
    return false;
}

enum refusal tiff_walk(const uint8_t *bytes, size_t count, struct structure *out)
{
    struct tiff t = {.bytes = bytes, .count = count};
    enum refusal r = REFUSAL_NONE;
    uint64_t at, *seen;

    *out = (struct structure){0};
    if (count < 16)
        return REFUSAL_CUT_OFF;
    t.big_endian = bytes[0] == 'M';
    t.big = number(&t, 2, 2) == 43;
    at = t.big ? number(&t, 8, 8) : number(&t, 4, 4);
    seen = malloc(PAGES_MAX * sizeof *seen);
    if (seen == NULL)
        return REFUSAL_OUT_OF_MEMORY;
    while (at != 0 && r == REFUSAL_NONE) {
        if (was_seen(seen, out->pages, at))
            r = REFUSAL_DAMAGED; /* the chain of directories bites its tail */
        else if (out->pages == PAGES_MAX)
            r = REFUSAL_TOO_LARGE;
        else {
            seen[out->pages++] = at;
            r = directory_walk(&t, &at, out);
        }
    }
    free(seen);
    return r == REFUSAL_NONE && out->pages == 0 ? REFUSAL_NO_PAGES : r;
}
