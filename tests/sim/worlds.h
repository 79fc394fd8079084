/* Worlds: fleets that are run from beginning to end, one for each seed, in one process
 * or several; what they tell comes in the order of the seeds either way. */
#ifndef TRAM_TESTS_SIM_WORLDS_H
#define TRAM_TESTS_SIM_WORLDS_H

#include "tests/sim/fleet.h"

struct world {
    uint64_t seed;
    unsigned sites, days, docs_per_day;
    unsigned roads; /* documents of a backlog that leaves on both roads; 0: days */
    bool load;      /* a province; else a small world under every fault */
    bool trace, twice;
    const char *out; /* sticks are written there, and nothing else is done; or NULL */
    enum fleet_sabotage sabotage;
};

struct world_counts {
    uint64_t faults[FLEET_FAULTS];
    uint64_t runs, failed, steps, frames, unpacked;
    uint64_t disk_bytes; /* of all machines, at the end */
};

/* Appends the trace, if it was asked for, and what failed with the command that shows
 * it again. False: it could not be run, and *e says why. */
bool world_run(const struct world *w, struct world_counts *counts, struct buffer *report,
               struct err *e);

/* `runs` worlds from w->seed on, in so many processes (1: in this one). `each` is given
 * the reports in the order of the seeds. */
int worlds_run(const struct world *w, uint64_t runs, unsigned jobs,
               void (*each)(const struct buffer *report), struct world_counts *counts,
               struct err *e);

#endif
