#include "schema/search/places.h"

#include <stdlib.h>

/* Of a word in a block; a list that lies has more. */
#define PLACES_MAX ((size_t)1 << 28)

int places_reserve(struct places *p, size_t more, struct err *e)
{
    size_t capacity = p->capacity < 512 ? 1024 : 2 * p->capacity;
    uint64_t *at;

    if (capacity - p->count < more)
        capacity = p->count + more;
    if (capacity > PLACES_MAX)
        return err_set(e, ERR_CORRUPT, "a list of the index has no end");
    at = realloc(p->at, capacity * sizeof *at);
    if (at == NULL)
        return err_set(e, ERR_MEMORY, "places");
    p->at = at;
    p->capacity = capacity;
    return 0;
}

int places_add(struct places *p, uint32_t slot, uint32_t place, struct err *e)
{
    if (p->count == p->capacity && places_reserve(p, 1, e) != 0)
        return -1;
    p->at[p->count++] = (uint64_t)slot << 32 | place;
    return 0;
}

int places_begin(struct places *p, const struct places *from, const struct bits *only,
                 uint32_t step, struct err *e)
{
    size_t kept = 0;

    p->count = 0;
    if (from->count > p->capacity && places_reserve(p, from->count, e) != 0)
        return -1;
    for (size_t i = 0; i < from->count; i++) {
        uint64_t at = from->at[i];

        p->at[kept] = at - step;
        kept += ((uint32_t)at >= step) & bits_has(only, (uint32_t)(at >> 32));
    }
    p->count = kept;
    return 0;
}

void places_tell(const struct places *p, struct bits *bits, uint16_t *times)
{
    for (size_t i = 0; i < p->count; i++) {
        uint32_t slot = (uint32_t)(p->at[i] >> 32);

        if (times != NULL && !bits_has(bits, slot))
            times[slot] = 0;
        if (times != NULL && times[slot] < UINT16_MAX)
            times[slot]++;
        bits_set(bits, slot);
    }
}

/* How many of the next four come before it. */
static inline size_t four_before(const uint64_t *at, uint64_t wanted)
{
    return ((size_t)(at[0] < wanted) + (at[1] < wanted)) +
           ((size_t)(at[2] < wanted) + (at[3] < wanted));
}

void places_follow(struct places *p, const struct places *next, uint32_t step)
{
    size_t kept = 0, i = 0, j = 0;

    while (i < p->count && next->count - j > 4) {
        uint64_t at = p->at[i], wanted = at + step;

        j += four_before(next->at + j, wanted);
        p->at[kept] = at;
        kept += next->at[j] == wanted;
        i += next->at[j] >= wanted;
    }
    for (; i < p->count; i++) {
        uint64_t at = p->at[i], wanted = at + step;

        while (j < next->count && next->at[j] < wanted)
            j++;
        p->at[kept] = at;
        kept += j < next->count && next->at[j] == wanted;
    }
    p->count = kept;
}
