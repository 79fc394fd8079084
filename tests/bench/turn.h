/* Turn: pages laid on the glass the wrong way round, or askew. */
#ifndef TRAM_BENCH_TURN_H
#define TRAM_BENCH_TURN_H

#include "base/err.h"

struct turn {
    const char *name;
    int quarters;   /* clockwise; or */
    double degrees; /* clockwise */
};

#define TURNS 5
extern const struct turn turns[TURNS]; /* by 90, 180 and 270, and by 8 to either side */

/* Writes the picture at `from`, turned, to `to` as PNG: it loses nothing but what
 * turning takes. Askew, the whole page stays, on a larger sheet. */
int turn_write(const char *to, const char *from, const struct turn *t, struct err *e);

#endif
