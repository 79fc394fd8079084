/* Search top: the slots that were found, and the best or the newest of them. Pure. */
#ifndef TRAM_SCHEMA_SEARCH_TOP_H
#define TRAM_SCHEMA_SEARCH_TOP_H

#include "schema/search/match.h"

struct top {
    size_t terms;
    struct match_hit *hits; /* owned; in the order of coming */
    uint16_t *counts;       /* owned; per hit: its length, then each term's times */
    size_t count, capacity;
    uint64_t total;
};

void top_init(struct top *t, size_t terms);
void top_release(struct top *t);

/* A slot with its length; returns where its terms' times belong. NULL: no memory. */
uint16_t *top_add(struct top *t, uint64_t slot, uint16_t length);

/* BM25 of each, by the terms' weights. */
void top_score(struct top *t, const double *weights, double length_average);

/* At most `count` of them, the best first (of equals the older), or the newest first. The
 * caller frees *out. */
int top_take(struct top *t, bool best, size_t count, struct match_hit **out,
             size_t *out_count, struct err *e);

#endif
