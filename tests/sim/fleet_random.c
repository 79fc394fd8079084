#include "tests/sim/fleet.h"

#include <stdlib.h>

#include <sodium.h>

static struct random_seeded pool;

static const char *pool_name(void)
{
    return "fleet";
}

static void pool_fill(void *const out, const size_t count)
{
    pool.random.fill(&pool.random, out, count);
}

static uint32_t pool_random(void)
{
    uint32_t value;

    pool_fill(&value, sizeof value);
    return value;
}

void fleet_random_tie(uint64_t seed)
{
    static struct randombytes_implementation ours = {
        .implementation_name = pool_name, .random = pool_random, .buf = pool_fill};

    random_seeded_init(&pool, seed);
    (void)randombytes_set_implementation(&ours); /* 0, always */
    if (sodium_init() < 0)
        abort();
}
