#include "base/random.h"

#include <assert.h>
#include <string.h>

#include <sodium/randombytes.h>

static void system_fill(struct random *r, void *out, size_t count)
{
    (void)r;
    randombytes_buf(out, count);
}

struct random *random_system(void)
{
    static struct random system = {system_fill};

    return &system;
}

/* SplitMix64 (Steele, Lea, Flood 2014): small, and good enough for a simulator. */
static uint64_t splitmix_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void seeded_fill(struct random *r, void *out, size_t count)
{
    struct random_seeded *s = (struct random_seeded *)r;
    unsigned char *at = out;

    while (count > 0) {
        uint64_t value = splitmix_next(&s->state);
        size_t n = count < sizeof value ? count : sizeof value;

        memcpy(at, &value, n);
        at += n;
        count -= n;
    }
}

void random_seeded_init(struct random_seeded *r, uint64_t seed)
{
    *r = (struct random_seeded){.random = {seeded_fill}, .state = seed};
}

uint64_t random_below(struct random *r, uint64_t bound)
{
    uint64_t value;

    assert(bound > 0);
    r->fill(r, &value, sizeof value);
    return value % bound; /* the bias is below 2^-32 for every bound that we ask */
}
