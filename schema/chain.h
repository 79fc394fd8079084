/* Chain: h(n) = SHA-256(h(n-1) | sequence, 8 bytes LE | schema, 4 bytes LE |
 * changeset); h(0) is SHA-256 of
 * "tram chain" | site, 2 bytes LE; of the centre's line to a box "tram chain down" | ….
 * A fork or a lost frame shows in it. */
#ifndef TRAM_SCHEMA_CHAIN_H
#define TRAM_SCHEMA_CHAIN_H

#include "base/hash.h"

void chain_start(struct hash *out, uint16_t site);
void chain_start_down(struct hash *out, uint16_t site);
void chain_next(struct hash *out, const struct hash *before, uint64_t sequence,
                uint32_t schema, const void *changeset, size_t changeset_bytes);

#endif
