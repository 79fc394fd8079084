/* Align: which word of a page's truth each word that was read stands for, in the order
 * of the truth that comes nearest. */
#ifndef TRAM_BENCH_SUSPECTS_ALIGN_H
#define TRAM_BENCH_SUSPECTS_ALIGN_H

#include <stdbool.h>

#include "tests/bench/points.h"

/* A word as code points, within some points that outlive it. */
struct aligned_word {
    const uint32_t *at;
    size_t count; /* 0: the page has no such word */
};

/* One for each word of `read`, in order; *out is the caller's to free. */
int align_words(struct aligned_word **out, size_t *count, const struct points *truth,
                const struct points *read, struct err *e);

/* The words of points, which are parted by one space each. */
int align_split(struct aligned_word **out, size_t *count, const struct points *p,
                struct err *e);

bool aligned_same(const struct aligned_word *a, const struct aligned_word *b);

#endif
