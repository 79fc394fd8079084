/* Points: text as it is compared, in code points: NFC, every run of white space one
 * space, none at the ends, no byte order mark; what is no UTF-8 is U+FFFD. */
#ifndef TRAM_BENCH_POINTS_H
#define TRAM_BENCH_POINTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct points {
    uint32_t *at; /* owned */
    size_t count;
};

void points_release(struct points *p); /* a zeroed one is fine */

/* On failure *out is zeroed; so with all here. */
int points_of(struct points *out, const char *text, size_t bytes, struct err *e);

/* Letters without their marks: ế is e, đ is d. */
int points_fold(struct points *out, const struct points *p, struct err *e);

/* Each word of `b` as a number, the same for the same word; one that `a` has not is
 * UINT32_MAX. The words of `a` itself: points_words(out, a, a, e). */
int points_words(struct points *out, const struct points *a, const struct points *b,
                 struct err *e);

#endif
