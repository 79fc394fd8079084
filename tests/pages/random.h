/* Random: the only source of chance in the typesetter, so that a seed gives the
 * same pages on every run. xoshiro256** started by splitmix64; whole numbers only,
 * because the last bit of a floating-point function differs between machines.
 *
 * Draw into a variable before calling a function with two draws in its arguments:
 * C does not say which comes first. */
#ifndef TRAM_PAGES_RANDOM_H
#define TRAM_PAGES_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
};

/* Streams of one seed are independent of each other. */
void random_init(struct random *r, uint64_t seed, uint64_t stream);

uint64_t random_next(struct random *r);
uint32_t random_below(struct random *r, uint32_t bound); /* 0 when bound is 0 */
int random_between(struct random *r, int low, int high); /* both included */
bool random_chance(struct random *r, int percent);
double random_unit(struct random *r); /* 0 <= x < 1 */
double random_range(struct random *r, double low, double high);

/* Near enough to a normal number: mean 0, deviation 256 (in 1/256ths). */
int random_noise(struct random *r);

#endif
