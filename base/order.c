#include "base/order.h"

#include <string.h>

#include "base/hash.h"

int order_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

int order_hash(const void *a, const void *b)
{
    return memcmp(a, b, HASH_BYTES);
}
