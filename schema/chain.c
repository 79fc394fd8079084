#include "schema/chain.h"

#include <string.h>

static void add_little_endian(struct hasher *h, uint64_t value, size_t width)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < width; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    hasher_add(h, bytes, width);
}

static void start(struct hash *out, const char *label, uint16_t site)
{
    struct hasher h;

    hasher_init(&h);
    hasher_add(&h, label, strlen(label));
    add_little_endian(&h, site, 2);
    hasher_finish(&h, out);
}

void chain_start(struct hash *out, uint16_t site)
{
    start(out, "tram chain", site);
}

void chain_start_down(struct hash *out, uint16_t site)
{
    start(out, "tram chain down", site);
}

void chain_next(struct hash *out, const struct hash *before, uint64_t sequence,
                uint32_t schema, const void *changeset, size_t changeset_bytes)
{
    struct hasher h;

    hasher_init(&h);
    hasher_add(&h, before->bytes, sizeof before->bytes);
    add_little_endian(&h, sequence, 8);
    add_little_endian(&h, schema, 4);
    hasher_add(&h, changeset, changeset_bytes);
    hasher_finish(&h, out);
}
