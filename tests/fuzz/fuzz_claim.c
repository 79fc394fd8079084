/* Fuzz: a claim, as it is and signed by the key that it names. What is taken is
 * proved only by the secret that it was made with. */
#include <assert.h>
#include <string.h>

#include "sync/enrol.h"

#define MAC_AT  40
#define SIGN_AT 72
#define KEY_AT  8

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static struct random_seeded seeded;
static struct key_pair box;

static void decode(const uint8_t *bytes, size_t count)
{
    static const uint8_t secret[ENROL_SECRET_BYTES] = {42};
    struct claim c;
    uint8_t same[CLAIM_BYTES];
    struct err e;

    if (claim_decode(&c, bytes, count, &e) != 0) {
        assert(e.code == ERR_REFUSED);
        return;
    }
    if (memcmp(c.key.bytes, box.public_key.bytes, sizeof c.key.bytes) != 0)
        return;
    claim_encode(&c, secret, &box, same);
    assert(memcmp(same, bytes, MAC_AT) == 0);
    assert(claim_proved(bytes, secret) ==
           (memcmp(same + MAC_AT, bytes + MAC_AT, SIGN_AT - MAC_AT) == 0));
    assert(claim_proved(same, secret));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    uint8_t signed_bytes[CLAIM_BYTES];

    if (seeded.random.fill == NULL) {
        random_seeded_init(&seeded, 1);
        key_pair_make(&box, &seeded.random);
    }
    decode(bytes, count);
    if (count < SIGN_AT)
        return 0;
    memcpy(signed_bytes, bytes, SIGN_AT);
    memcpy(signed_bytes + KEY_AT, box.public_key.bytes, KEY_PUBLIC_BYTES);
    key_sign(&box, signed_bytes, SIGN_AT, signed_bytes + SIGN_AT);
    decode(signed_bytes, sizeof signed_bytes);
    return 0;
}
