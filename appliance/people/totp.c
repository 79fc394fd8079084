#include "appliance/people/totp.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium/utils.h>

#define SHA1_BYTES 20
#define SLACK      1 /* steps that a telephone's clock may be off */

void totp_code(char out[TOTP_CODE_BYTES], const uint8_t secret[TOTP_SECRET_BYTES],
               int64_t step)
{
    unsigned char counter[8], mac[SHA1_BYTES] = {0};
    unsigned bytes = sizeof mac;
    uint32_t number;
    size_t at;

    for (size_t i = 0; i < sizeof counter; i++)
        counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
    (void)HMAC(EVP_sha1(), secret, TOTP_SECRET_BYTES, counter, sizeof counter, mac,
               &bytes);
    at = mac[SHA1_BYTES - 1] & 15; /* RFC 4226, 5.3 */
    number = (uint32_t)(mac[at] & 127) << 24 | (uint32_t)mac[at + 1] << 16 |
             (uint32_t)mac[at + 2] << 8 | mac[at + 3];
    (void)snprintf(out, TOTP_CODE_BYTES, "%06u", number % 1000000);
}

static bool is_code(const char *code)
{
    return strlen(code) == TOTP_CODE_BYTES - 1 &&
           strspn(code, "0123456789") == TOTP_CODE_BYTES - 1;
}

static bool step_has(const uint8_t *secret, int64_t step, const char *code)
{
    char right[TOTP_CODE_BYTES];

    totp_code(right, secret, step);
    return sodium_memcmp(right, code, TOTP_CODE_BYTES - 1) == 0;
}

int64_t totp_find(const uint8_t secret[TOTP_SECRET_BYTES], const char *code, int64_t now,
                  int64_t last)
{
    if (!is_code(code))
        return -1;
    for (int64_t step = now - SLACK; step <= now + SLACK; step++)
        if (step > last && step >= 0 && step_has(secret, step, code))
            return step;
    return -1;
}

int64_t totp_find_two(const uint8_t secret[TOTP_SECRET_BYTES], const char *first,
                      const char *second, int64_t now, int64_t last)
{
    int64_t step = now - TOTP_LOST_STEPS > last ? now - TOTP_LOST_STEPS : last + 1;

    if (!is_code(first) || !is_code(second))
        return -1;
    for (step = step < 0 ? 0 : step; step < now + TOTP_LOST_STEPS; step++)
        if (step_has(secret, step, first) && step_has(secret, step + 1, second))
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
