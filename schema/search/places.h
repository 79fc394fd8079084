/* Search places: where in the slots of one block a word is, in their order. Pure.
 *
 * Of two words that are common some millions of places are compared for one question:
 * these loops have no branch on what is compared, because nobody can foretell it. */
#ifndef TRAM_SCHEMA_SEARCH_PLACES_H
#define TRAM_SCHEMA_SEARCH_PLACES_H

#include "base/err.h"
#include "schema/search/bits.h"

/* slot << 32 | place, ascending. */
struct places {
    uint64_t *at; /* owned */
    size_t count, capacity;
};

/* Room for so many more. */
int places_reserve(struct places *p, size_t more, struct err *e);
int places_add(struct places *p, uint32_t slot, uint32_t place, struct err *e);
/* Those of the slots in `only`, as if `step` places before: where words would begin. */
int places_begin(struct places *p, const struct places *from, const struct bits *only,
                 uint32_t step, struct err *e);
/* Their slots, and how often each in `times` (may be NULL). */
void places_tell(const struct places *p, struct bits *bits, uint16_t *times);
/* Keeps of `p` what `next` goes on with, `step` places on. */
void places_follow(struct places *p, const struct places *next, uint32_t step);

#endif
