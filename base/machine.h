/* Machine: how warm, how busy and how full of work this computer is, as the kernel
 * tells it. What it does not tell is said to be unknown, never an error: a virtual
 * machine has no thermometer. */
#ifndef TRAM_BASE_MACHINE_H
#define TRAM_BASE_MACHINE_H

#include <stdint.h>

#define MACHINE_UNKNOWN (-1)

struct machine {
    int hottest_millidegrees;       /* of all thermal zones; or MACHINE_UNKNOWN */
    int64_t memory_available_bytes; /* without swapping; or MACHINE_UNKNOWN */
    double load;                    /* processes that want a core, over the last minute */
    unsigned cores;
};

/* `root` is "" on a real machine; tests have a tree of their own under it. */
void machine_look(struct machine *out, const char *root);

#endif
