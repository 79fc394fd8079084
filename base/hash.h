/* SHA-256, streamed, and its lower-case hexadecimal form. OpenSSL's, because it uses the
 * instructions that processors have for it: a fifth of libsodium's time. */
#ifndef TRAM_BASE_HASH_H
#define TRAM_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/sha.h>

#define HASH_BYTES     32
#define HASH_HEX_BYTES 65 /* with the NUL */

struct hash {
    uint8_t bytes[HASH_BYTES];
};

struct hasher {
    SHA256_CTX state;
};

void hasher_init(struct hasher *h);
void hasher_add(struct hasher *h, const void *bytes, size_t count);
void hasher_finish(struct hasher *h, struct hash *out);

void hash_of(struct hash *out, const void *bytes, size_t count);
bool hash_equal(const struct hash *a, const struct hash *b);
void hash_to_hex(char out[HASH_HEX_BYTES], const struct hash *h);

/* False unless `hex` is exactly 64 lower-case hexadecimal digits. */
bool hash_from_hex(struct hash *out, const char *hex);

#endif
