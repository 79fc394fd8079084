/* Score: how much of a page was read wrongly. The same figures as
 * ../shared/pages/score.py, which a test compares it with. */
#ifndef TRAM_BENCH_SCORE_H
#define TRAM_BENCH_SCORE_H

#include "tests/bench/truth.h"

/* Sums: scores add up (micro-average). The right order is the one with the smallest
 * share of wrong letters. */
struct score {
    size_t pages, letters, letters_wrong, folded_wrong, words, words_wrong;
    size_t order; /* of the truth; of one page only */
};

int score_page(struct score *out, const struct truth *t, const char *text, size_t bytes,
               struct err *e);
void score_add(struct score *sum, const struct score *s);

/* Per cent; 0 of nothing. */
double score_cer(const struct score *s);
double score_folded(const struct score *s);
double score_wer(const struct score *s);

#endif
