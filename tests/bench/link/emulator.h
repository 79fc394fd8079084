/* Emulator: the weak link itself, a process that carries packets between the two ends
 * of a net. Each way: a queue of 32 packets that drops what is too much, so many bits a
 * second, then a delay, then loss that strikes each packet alike.
 *
 * While it is down nothing passes, and what was on its way is lost. Once it is up
 * again, flows from before are dead for good, as behind a carrier's address translation
 * that has forgotten them: packets of a TCP connection pass only in the window in which
 * its SYN passed. Nobody is told. Random numbers come from a seed. */
#ifndef TRAM_BENCH_LINK_EMULATOR_H
#define TRAM_BENCH_LINK_EMULATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/link/net.h"

struct emulator_plan {
    unsigned rate_bit_s, delay_ms; /* one way */
    double loss;                   /* of 1, each way */
    uint64_t seed;
};

/* What passed: TCP's payload, bytes sent again included, and packets. */
struct emulator_count {
    uint64_t payload[NET_ENDS], packets[NET_ENDS]; /* by the end that sent them */
    uint64_t dropped, lost;
};

struct emulator;

/* Down at first. The net must outlive it. */
int emulator_start(struct emulator **out, const struct net *n,
                   const struct emulator_plan *p, struct err *e);
void emulator_stop(struct emulator *m); /* NULL is fine */

void emulator_up(struct emulator *m);
void emulator_down(struct emulator *m);
void emulator_count(const struct emulator *m, struct emulator_count *out);

#endif
