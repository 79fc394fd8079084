#define OPENSSL_SUPPRESS_DEPRECATED /* SHA1_…: as base/hash.c has SHA256_… */
#include "appliance/people/totp.h"

#include <stdio.h>
#include <string.h>

#include <openssl/sha.h>
#include <sodium/utils.h>

#define BLOCK_BYTES 64
#define SLACK       1 /* steps that a telephone's clock may be off */

/* HMAC-SHA1 (RFC 2104) with its key taken in: millions of codes are tried where the time is
 * lost, and OpenSSL's HMAC() takes the key in each time, at eight times the cost. */
struct keyed {
    SHA_CTX inner, outer;
};

static void take_key(SHA_CTX *half, const uint8_t *secret, uint8_t pad)
{
    uint8_t block[BLOCK_BYTES];

    memset(block, pad, sizeof block);
    for (size_t i = 0; i < TOTP_SECRET_BYTES; i++)
        block[i] ^= secret[i];
    (void)SHA1_Init(half);
    (void)SHA1_Update(half, block, sizeof block);
    sodium_memzero(block, sizeof block);
}

static void keyed_init(struct keyed *k, const uint8_t secret[TOTP_SECRET_BYTES])
{
    take_key(&k->inner, secret, 0x36);
    take_key(&k->outer, secret, 0x5c);
}

static uint32_t number_of(const struct keyed *k, int64_t step)
{
    uint8_t counter[8], mac[SHA_DIGEST_LENGTH];
    struct keyed now = *k;
    size_t at;

    for (size_t i = 0; i < sizeof counter; i++)
        counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    (void)SHA1_Update(&now.inner, counter, sizeof counter);
    (void)SHA1_Final(mac, &now.inner);
    (void)SHA1_Update(&now.outer, mac, sizeof mac);
    (void)SHA1_Final(mac, &now.outer);
    at = mac[SHA_DIGEST_LENGTH - 1] & 15; /* RFC 4226, 5.3 */
    return ((uint32_t)(mac[at] & 127) << 24 | (uint32_t)mac[at + 1] << 16 |
            (uint32_t)mac[at + 2] << 8 | mac[at + 3]) %
           1000000;
}

void totp_code(char out[TOTP_CODE_BYTES], const uint8_t secret[TOTP_SECRET_BYTES],
               int64_t step)
{
    struct keyed k;

    keyed_init(&k, secret);
    (void)snprintf(out, TOTP_CODE_BYTES, "%06u", number_of(&k, step));
}

/* Six digits as a number; -1: it is none. */
static int64_t code_of(const char *text)
{
    int64_t n = 0;

    if (strlen(text) != TOTP_CODE_BYTES - 1 ||
        strspn(text, "0123456789") != TOTP_CODE_BYTES - 1)
        return -1;
    for (; *text != '\0'; text++)
        n = 10 * n + (*text - '0');
    return n;
}

int64_t totp_find(const uint8_t secret[TOTP_SECRET_BYTES], const char *code, int64_t now,
                  int64_t last)
{
    int64_t number = code_of(code);
    struct keyed k;

    keyed_init(&k, secret);
    for (int64_t step = now - SLACK; step <= now + SLACK; step++)
        if (step > last && step >= 0 && number_of(&k, step) == number)
            return step;
    return -1;
}

int64_t totp_find_two(const uint8_t secret[TOTP_SECRET_BYTES], const char *first,
                      const char *second, int64_t last)
{
    int64_t one = code_of(first), two = code_of(second);
    int64_t step = last > 0 ? last + 1 : TOTP_FIRST_STEP;
    int64_t end = step + (last > 0 ? TOTP_LOST_STEPS : TOTP_FIRST_STEPS);
    struct keyed k;

    keyed_init(&k, secret);
    for (; one >= 0 && two >= 0 && step < end; step++)
        if (number_of(&k, step) == one && number_of(&k, step + 1) == two)
            return step + 1;
    return -1;
}

void totp_base32(char out[TOTP_BASE32_BYTES], const uint8_t secret[TOTP_SECRET_BYTES])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; /* RFC 4648 */

    for (size_t i = 0; i < TOTP_BASE32_BYTES - 1; i++) {
        size_t bit = 5 * i, byte = bit / 8;
        unsigned two = (unsigned)secret[byte] << 8 |
                       (byte + 1 < TOTP_SECRET_BYTES ? secret[byte + 1] : 0u);

        out[i] = letters[two >> (11 - bit % 8) & 31];
    }
    out[TOTP_BASE32_BYTES - 1] = '\0';
}
