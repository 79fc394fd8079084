/* Search bits: a set of the slots of one block. Pure. */
#ifndef TRAM_SCHEMA_SEARCH_BITS_H
#define TRAM_SCHEMA_SEARCH_BITS_H

#include <stdbool.h>

#include "schema/search/list.h"

#define BITS_WORDS (BLOCK_SLOTS_MAX / 64)

struct bits {
    uint64_t at[BITS_WORDS];
};

static inline bool bits_has(const struct bits *b, uint32_t slot)
{
    return (b->at[slot / 64] >> slot % 64 & 1) != 0;
}

static inline void bits_set(struct bits *b, uint32_t slot)
{
    b->at[slot / 64] |= (uint64_t)1 << slot % 64;
}

/* Those of the ascending slots that lie in the block, which has `span` from `first`. */
static inline void bits_of_slots(struct bits *b, const uint64_t *slots, size_t count,
                                 uint64_t first, uint32_t span)
{
    size_t low = 0, high = count;

    *b = (struct bits){0};
    while (low < high) { /* the first in the block */
        size_t middle = (low + high) / 2;

        if (slots[middle] < first)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < count && slots[low] - first < span; low++)
        bits_set(b, (uint32_t)(slots[low] - first));
}

static inline bool bits_any(const struct bits *b)
{
    uint64_t any = 0;

    for (size_t i = 0; i < BITS_WORDS; i++)
        any |= b->at[i];
    return any != 0;
}

static inline void bits_and(struct bits *b, const struct bits *other)
{
    for (size_t i = 0; i < BITS_WORDS; i++)
        b->at[i] &= other->at[i];
}

static inline void bits_or(struct bits *b, const struct bits *other)
{
    for (size_t i = 0; i < BITS_WORDS; i++)
        b->at[i] |= other->at[i];
}

static inline void bits_but(struct bits *b, const struct bits *other)
{
    for (size_t i = 0; i < BITS_WORDS; i++)
        b->at[i] &= ~other->at[i];
}

static inline uint64_t bits_count(const struct bits *b)
{
    uint64_t count = 0;

    for (size_t i = 0; i < BITS_WORDS; i++)
        count += (uint64_t)__builtin_popcountll(b->at[i]);
    return count;
}

#endif
