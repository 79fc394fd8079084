#include "tests/pages/random.h"

static uint64_t mixed(uint64_t *x)
{
    uint64_t z = (*x += 0x9E3779B97F4A7C15u);

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

void random_init(struct random *r, uint64_t seed, uint64_t stream)
{
    uint64_t x = seed;

    x = mixed(&x) ^ (stream * 0xD1342543DE82EF95u);
    for (int i = 0; i < 4; i++)
        r->state[i] = mixed(&x);
}

static uint64_t turned(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

uint64_t random_next(struct random *r)
{
    uint64_t *s = r->state, result = turned(s[1] * 5, 7) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = turned(s[3], 45);
    return result;
}

uint32_t random_below(struct random *r, uint32_t bound)
{
    return (uint32_t)(((random_next(r) >> 32) * bound) >> 32);
}

int random_between(struct random *r, int low, int high)
{
    return high <= low ? low : low + (int)random_below(r, (uint32_t)(high - low + 1));
}

bool random_chance(struct random *r, int percent)
{
    return (int)random_below(r, 100) < percent;
}

double random_unit(struct random *r)
{
    return (double)(random_next(r) >> 11) / 9007199254740992.0; /* 2^53 */
}

double random_range(struct random *r, double low, double high)
{
    return low + random_unit(r) * (high - low);
}

/* The sum of four even 16-bit numbers has deviation 65536 / sqrt(3) = 37837. */
int random_noise(struct random *r)
{
    uint64_t x = random_next(r);
    int sum = (int)(x & 0xFFFF) + (int)((x >> 16) & 0xFFFF) + (int)((x >> 32) & 0xFFFF) +
              (int)(x >> 48);

    return (sum - 131070) * 256 / 37837;
}
