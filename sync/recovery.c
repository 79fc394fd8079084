#include "sync/recovery.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#define GROUP_DIGITS 6
#define GROUP_FACTOR 11

_Static_assert(RECOVERY_BYTES == 2 * RECOVERY_GROUPS, "16 bits a group");
_Static_assert(RECOVERY_SEALED_BYTES == RECOVERY_BYTES + crypto_box_SEALBYTES, "seal");

void recovery_make(struct recovery_key *out, struct random *r)
{
    r->fill(r, out->bytes, sizeof out->bytes);
}

void recovery_wipe(struct recovery_key *k)
{
    sodium_memzero(k, sizeof *k);
}

/* -------------------------------------------------------------------- on paper */

void recovery_to_text(char out[RECOVERY_TEXT_BYTES], const struct recovery_key *k)
{
    for (size_t i = 0; i < RECOVERY_GROUPS; i++) {
        unsigned bits = (unsigned)(k->bytes[2 * i] << 8 | k->bytes[2 * i + 1]);

        (void)snprintf(out + 7 * i, 7, "%06u", bits * GROUP_FACTOR);
        out[7 * i + 6] = i + 1 < RECOVERY_GROUPS ? '-' : '\0';
    }
}

/* The next six digits; *at is left behind them. False if there are not just six. */
static bool next_group(const char **at, unsigned *number)
{
    int digits = 0;

    while (**at != '\0' && (**at < '0' || **at > '9'))
        ++*at;
    for (*number = 0; **at >= '0' && **at <= '9'; ++*at) {
        if (++digits > GROUP_DIGITS)
            return false;
        *number = *number * 10 + (unsigned)(**at - '0');
    }
    return digits == GROUP_DIGITS;
}

unsigned recovery_from_text(struct recovery_key *out, const char *text)
{
    const char *at = text;
    unsigned number, bad = 0;

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < RECOVERY_GROUPS; i++) {
        if (!next_group(&at, &number))
            return RECOVERY_GROUPS + 1;
        if (number % GROUP_FACTOR != 0 || number / GROUP_FACTOR > UINT16_MAX) {
            bad = bad == 0 ? (unsigned)i + 1 : bad;
            continue;
        }
        out->bytes[2 * i] = (uint8_t)(number / GROUP_FACTOR >> 8);
        out->bytes[2 * i + 1] = (uint8_t)(number / GROUP_FACTOR);
    }
    while (*at != '\0' && (*at < '0' || *at > '9'))
        at++;
    return *at != '\0' ? RECOVERY_GROUPS + 1 : bad;
}

/* ------------------------------------------------------------------------- keys */

void recovery_derive(const struct recovery_key *k, const char *purpose,
                     uint8_t out[RECOVERY_KEY_BYTES])
{
    (void)crypto_generichash(out, RECOVERY_KEY_BYTES, (const unsigned char *)purpose,
                             strlen(purpose), k->bytes, sizeof k->bytes);
}

int recovery_seal(const struct recovery_key *k, const struct public_key *centre,
                  uint8_t out[RECOVERY_SEALED_BYTES], struct err *e)
{
    uint8_t point[crypto_box_PUBLICKEYBYTES];

    if (crypto_sign_ed25519_pk_to_curve25519(point, centre->bytes) != 0 ||
        crypto_box_seal(out, k->bytes, sizeof k->bytes, point) != 0)
        return err_set(e, ERR_CORRUPT, "the centre's key is no key");
    return 0;
}

int recovery_open(struct recovery_key *out, const struct key_pair *centre,
                  const uint8_t sealed[RECOVERY_SEALED_BYTES], struct err *e)
{
    uint8_t point[crypto_box_PUBLICKEYBYTES], scalar[crypto_box_SECRETKEYBYTES];
    int rc = -1;

    if (crypto_sign_ed25519_pk_to_curve25519(point, centre->public_key.bytes) == 0 &&
        crypto_sign_ed25519_sk_to_curve25519(scalar, centre->secret) == 0 &&
        crypto_box_seal_open(out->bytes, sealed, RECOVERY_SEALED_BYTES, point, scalar) ==
            0)
        rc = 0;
    sodium_memzero(scalar, sizeof scalar);
    return rc == 0 ? 0 : err_set(e, ERR_REFUSED, "not sealed for this centre");
}
