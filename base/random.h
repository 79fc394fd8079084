/* Randomness as a seam: the system's (libsodium), or a seed's, so that the
 * simulator gives the same keys, nonces and jitter for the same seed. */
#ifndef TRAM_BASE_RANDOM_H
#define TRAM_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    void (*fill)(struct random *r, void *out, size_t count);
};

struct random *random_system(void);

struct random_seeded {
    struct random random;
    uint64_t state;
};

/* For tests and the simulator only: predictable by design. */
void random_seeded_init(struct random_seeded *r, uint64_t seed);

uint64_t random_below(struct random *r, uint64_t bound); /* 0 .. bound-1; bound > 0 */

#endif
