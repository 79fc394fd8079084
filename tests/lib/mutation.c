#include "tests/lib/mutation.h"

#include <string.h>

#include "tests/lib/documents.h"

#define CHANGES_MAX 24
#define CHANGES_FEW 3
#define HEAD_BYTES  600

static size_t below(struct random *random, size_t bound)
{
    return (size_t)random_below(random, bound);
}

/* Bytes, bits and numbers, runs copied to where they do not belong, and now and then
 * an end that is missing. */
static void change(struct buffer *b, struct random *random)
{
    static const unsigned char nasty[][4] = {
        {0xff, 0xff, 0xff, 0xff}, {0x7f, 0xff, 0xff, 0xff}, {0, 0, 0, 0},
        {0xff, 0xff, 0xff, 0x7f}, {0x80, 0, 0, 0},          {1, 0, 0, 0}};
    size_t at = below(random, b->count), n = below(random, 16) + 1, from;

    switch (below(random, 5)) {
    case 0:
        b->bytes[at] ^= (unsigned char)(1u << below(random, 8));
        break;
    case 1:
        b->bytes[at] = (unsigned char)below(random, 256);
        break;
    case 2:
        if (at + 4 <= b->count)
            memcpy(b->bytes + at, nasty[below(random, sizeof nasty / sizeof *nasty)], 4);
        break;
    case 3:
        from = below(random, b->count);
        if (at + n <= b->count && from + n <= b->count)
            memmove(b->bytes + at, b->bytes + from, n);
        break;
    default:
        if (below(random, 8) == 0)
            b->count = at > 16 ? at : b->count;
    }
}

/* Headers are short and matter most: half of the changes go there. Half of the
 * documents have few changes, so that what lies behind the header is reached. */
void mutation_make(struct buffer *out, const struct buffer *seed, struct random *random)
{
    size_t changes_max = below(random, 2) == 0 ? CHANGES_FEW : CHANGES_MAX;
    size_t changes = below(random, changes_max) + 1, whole = seed->count;

    buffer_init(out, DOCUMENT_BYTES_MAX);
    buffer_append(out, seed->bytes, seed->count);
    for (size_t i = 0; i < changes; i++) {
        if (i % 2 == 0 && out->count > HEAD_BYTES)
            out->count = HEAD_BYTES;
        change(out, random);
        if (out->count == HEAD_BYTES)
            out->count = whole;
        whole = out->count;
    }
}
