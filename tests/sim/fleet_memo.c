/* What libsodium has answered before, in this process. The linker puts these in the place
 * of its own (module.mk: --wrap), for the simulator alone: a centre in one process
 * with its boxes computes on both ends, and again at each look, what costs a machine
 * some hundred microseconds a day. Sealing and signing stay the real ones:
 *
 *   - the same question gets the same answer: these functions have no state;
 *   - X25519 agrees on both ends, so what one end has computed is the other's answer;
 *   - a signature that was made here over these bytes, with this key, is good. Any other
 *     bytes, key or signature are verified.
 *
 * A place holds the newest of those that fall on it. Nothing depends on what is kept. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <sodium.h>

#include "base/hash.h"

#define PLACES_BITS 16

int __real_crypto_scalarmult(unsigned char *q, const unsigned char *n,
                             const unsigned char *p);
int __wrap_crypto_scalarmult(unsigned char *q, const unsigned char *n,
                             const unsigned char *p);
int __real_crypto_scalarmult_base(unsigned char *q, const unsigned char *n);
int __wrap_crypto_scalarmult_base(unsigned char *q, const unsigned char *n);
int __real_crypto_sign_ed25519_pk_to_curve25519(unsigned char *curve,
                                                const unsigned char *ed);
int __wrap_crypto_sign_ed25519_pk_to_curve25519(unsigned char *curve,
                                                const unsigned char *ed);
int __real_crypto_sign_detached(unsigned char *sig, unsigned long long *sig_count,
                                const unsigned char *m, unsigned long long m_count,
                                const unsigned char *sk);
int __wrap_crypto_sign_detached(unsigned char *sig, unsigned long long *sig_count,
                                const unsigned char *m, unsigned long long m_count,
                                const unsigned char *sk);
int __real_crypto_sign_verify_detached(const unsigned char *sig, const unsigned char *m,
                                       unsigned long long m_count,
                                       const unsigned char *pk);
int __wrap_crypto_sign_verify_detached(const unsigned char *sig, const unsigned char *m,
                                       unsigned long long m_count,
                                       const unsigned char *pk);

enum question { PUBLIC_OF = 1, AGREED, POINT_OF, SIGNED };

struct place {
    struct hash question; /* all zeroes: none yet */
    unsigned char answer[32];
};

static struct place places[1u << PLACES_BITS];

static struct place *place_of(const struct hash *question)
{
    uint32_t at;

    memcpy(&at, question->bytes, sizeof at);
    return &places[at >> (32 - PLACES_BITS)];
}

static bool recall(const struct hash *question, unsigned char answer[32])
{
    const struct place *p = place_of(question);

    if (!hash_equal(&p->question, question))
        return false;
    memcpy(answer, p->answer, sizeof p->answer);
    return true;
}

static void keep(const struct hash *question, const unsigned char answer[32])
{
    struct place *p = place_of(question);

    p->question = *question;
    memcpy(p->answer, answer, sizeof p->answer);
}

static void ask(struct hash *out, enum question kind, const void *a, size_t a_count,
                const void *b, size_t b_count)
{
    struct hasher h;
    uint8_t byte = (uint8_t)kind;

    hasher_init(&h);
    hasher_add(&h, &byte, 1);
    hasher_add(&h, a, a_count);
    hasher_add(&h, b, b_count);
    hasher_finish(&h, out);
}

/* ---------------------------------------------------------------------- agreement */

int __wrap_crypto_scalarmult_base(unsigned char *q, const unsigned char *n)
{
    struct hash question;

    ask(&question, PUBLIC_OF, n, 32, NULL, 0);
    if (recall(&question, q))
        return 0;
    if (__real_crypto_scalarmult_base(q, n) != 0)
        return -1;
    keep(&question, q);
    return 0;
}

/* The same question whichever of the two asks. */
int __wrap_crypto_scalarmult(unsigned char *q, const unsigned char *n,
                             const unsigned char *p)
{
    unsigned char mine[32];
    struct hash question;
    bool first;

    if (__wrap_crypto_scalarmult_base(mine, n) != 0)
        return -1;
    first = memcmp(mine, p, sizeof mine) < 0;
    ask(&question, AGREED, first ? mine : p, 32, first ? p : mine, 32);
    if (recall(&question, q))
        return 0;
    if (__real_crypto_scalarmult(q, n, p) != 0)
        return -1; /* a point of low order: asked anew each time */
    keep(&question, q);
    return 0;
}

int __wrap_crypto_sign_ed25519_pk_to_curve25519(unsigned char *curve,
                                                const unsigned char *ed)
{
    struct hash question;

    ask(&question, POINT_OF, ed, 32, NULL, 0);
    if (recall(&question, curve))
        return 0;
    if (__real_crypto_sign_ed25519_pk_to_curve25519(curve, ed) != 0)
        return -1;
    keep(&question, curve);
    return 0;
}

/* ---------------------------------------------------------------------- signatures */

/* The answer to "what has this key signed so?" is the signature's last half; its first
 * is in the question. */
static void ask_signed(struct hash *out, const unsigned char *pk,
                       const unsigned char *sig, const unsigned char *m,
                       unsigned long long m_count)
{
    unsigned char both[64];

    memcpy(both, pk, 32);
    memcpy(both + 32, sig, 32);
    ask(out, SIGNED, both, sizeof both, m, (size_t)m_count);
}

int __wrap_crypto_sign_detached(unsigned char *sig, unsigned long long *sig_count,
                                const unsigned char *m, unsigned long long m_count,
                                const unsigned char *sk)
{
    struct hash question;
    int rc = __real_crypto_sign_detached(sig, sig_count, m, m_count, sk);

    if (rc == 0) {
        ask_signed(&question, sk + 32, sig, m, m_count);
        keep(&question, sig + 32);
    }
    return rc;
}

int __wrap_crypto_sign_verify_detached(const unsigned char *sig, const unsigned char *m,
                                       unsigned long long m_count,
                                       const unsigned char *pk)
{
    unsigned char half[32];
    struct hash question;

    ask_signed(&question, pk, sig, m, m_count);
    if (recall(&question, half) && memcmp(half, sig + 32, sizeof half) == 0)
        return 0;
    if (__real_crypto_sign_verify_detached(sig, m, m_count, pk) != 0)
        return -1;
    keep(&question, sig + 32);
    return 0;
}
