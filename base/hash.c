/* OpenSSL's own words for SHA-256 and not EVP's: they allocate nothing, cannot fail, look
 * nothing up at first use (a caged child hashes too), and a state can be copied. They
 * are called deprecated since 3.0, where EVP ends in the same code. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"

#include <string.h>

void hasher_init(struct hasher *h)
{
    (void)SHA256_Init(&h->state); /* cannot fail, as the next two */
}

void hasher_add(struct hasher *h, const void *bytes, size_t count)
{
    (void)SHA256_Update(&h->state, bytes, count);
}

void hasher_finish(struct hasher *h, struct hash *out)
{
    (void)SHA256_Final(out->bytes, &h->state);
}

void hash_of(struct hash *out, const void *bytes, size_t count)
{
    struct hasher h;

    hasher_init(&h);
    hasher_add(&h, bytes, count);
    hasher_finish(&h, out);
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
    return memcmp(a->bytes, b->bytes, HASH_BYTES) == 0;
}

void hash_to_hex(char out[HASH_HEX_BYTES], const struct hash *h)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < HASH_BYTES; i++) {
        out[2 * i] = digits[h->bytes[i] >> 4];
        out[2 * i + 1] = digits[h->bytes[i] & 15];
    }
    out[2 * HASH_BYTES] = '\0';
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool hash_from_hex(struct hash *out, const char *hex)
{
    if (strlen(hex) != HASH_HEX_BYTES - 1)
        return false;
    for (size_t i = 0; i < HASH_BYTES; i++) {
        int high = digit_value(hex[2 * i]);
        int low = digit_value(hex[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        out->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
