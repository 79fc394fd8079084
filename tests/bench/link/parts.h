/* The parts of bench-sync-link, and what a run of it is asked to do. Each prints a
 * table, and counts the bounds that were missed. */
#ifndef TRAM_BENCH_LINK_PARTS_H
#define TRAM_BENCH_LINK_PARTS_H

#include "tests/bench/link/road.h"

#define LINK_VALUES_MAX 8

struct link_plan {
    unsigned rates[LINK_VALUES_MAX]; /* bit/s */
    size_t rates_count;
    double losses[LINK_VALUES_MAX]; /* per cent */
    size_t losses_count;
    bool roads[ROADS];
    bool weak, first, idle, help, keep;
    unsigned cycles, up_s, down_s, steady_s; /* steady_s: of the run without outages */
    unsigned delay_ms;                       /* one way */
    bool new_address; /* the box's device gets another one at each return */
    unsigned at_once;
    unsigned images; /* 25 MB each: what waits behind a first record */
    unsigned times;
    uint64_t seed;
    char build[DISK_PATH_BYTES], scratch[DISK_PATH_BYTES];
};

int link_plan_read(struct link_plan *out, int argc, char **argv, struct err *e);
extern const char link_plan_usage[];

/* Payload in the up-time, beside peers. */
int part_weak(const struct link_plan *p, unsigned *missed, struct err *e);
/* A record, with images waiting and with images on their way. */
int part_first(const struct link_plan *p, unsigned *missed, struct err *e);
/* A contact with nothing to say. */
int part_idle(const struct link_plan *p, unsigned *missed, struct err *e);

#endif
