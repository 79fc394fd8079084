/* Subsequence: of two lists, how much they have in common in the same order, from every
 * place on in both. Whoever walks through both takes what is the same, and else leaves the
 * list where less is lost. The table has a cell for every pair: short lists only. */
#ifndef TRAM_BASE_SUBSEQUENCE_H
#define TRAM_BASE_SUBSEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SUBSEQUENCE_COUNT_MAX 4000 /* of either list; 32 MB of cells */

struct subsequence {
    uint16_t *cells; /* owned: (a + 1) × (b + 1) */
    size_t columns;
};

/* same(arg, i, j): whether a's number i is b's number j. ERR_MEMORY; ERR_TOO_BIG above
 * SUBSEQUENCE_COUNT_MAX. The caller releases. */
int subsequence_init(struct subsequence *out, size_t a, size_t b,
                     bool (*same)(const void *arg, size_t i, size_t j), const void *arg,
                     struct err *e);
void subsequence_release(struct subsequence *s); /* a zeroed one is fine */

/* The length of the longest one of a from i and b from j on. */
size_t subsequence_from(const struct subsequence *s, size_t i, size_t j);

#endif
