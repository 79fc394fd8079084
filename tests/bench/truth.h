/* Truth: what a page says, in every order that is right. */
#ifndef TRAM_BENCH_TRUTH_H
#define TRAM_BENCH_TRUTH_H

#include "tests/bench/points.h"

#define TRUTH_ORDERS_MAX 64

struct truth {
    struct points orders[TRUTH_ORDERS_MAX]; /* owned */
    size_t orders_count;
};

/* From STEM.json (a list of zones, each a list of right orders; or an object with
 * such a list as "zones"), else from STEM.txt. All combinations of the zones' orders
 * if there are no more than TRUTH_ORDERS_MAX, else the zones' first, second and third
 * ones together, as ../shared/pages/score.py does. On failure *out is zeroed. */
int truth_read(struct truth *out, const char *stem, struct err *e);
void truth_release(struct truth *t); /* a zeroed one is fine */

#endif
