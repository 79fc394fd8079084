/* Parts: the tables beside the first one, about our own reader alone. Each reads again
 * what it needs, prints a table and adds the bounds that were missed to *missed. */
#ifndef TRAM_BENCH_PARTS_H
#define TRAM_BENCH_PARTS_H

#include "tests/bench/plan.h"

/* Pages turned by 90, 180 and 270 degrees and by 8 to either side, beside the same
 * pages straight, which were read already. Of the folders clean and light only. */
int part_turned(const struct plan *p, const struct folder *folders, size_t count,
                unsigned *missed, struct err *e);

/* The largest process of our reader on large colour pages in three containers. */
int part_memory(const struct plan *p, unsigned *missed, struct err *e);

/* What was done to the pages, how often, what it took, and what the same pages are
 * without the ladder. */
int part_ladder(const struct plan *p, const struct folder *folders, size_t count,
                struct err *e);

/* What was changed of the recogniser's words: right, wrong or neither; and letters
 * wrong without the language. */
int part_language(const struct plan *p, const struct folder *folders, size_t count,
                  unsigned *missed, struct err *e);

#endif
