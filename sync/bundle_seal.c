#include "sync/bundle_internal.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define CIPHER_KEY_BYTES   crypto_aead_chacha20poly1305_ietf_KEYBYTES
#define CIPHER_NONCE_BYTES crypto_aead_chacha20poly1305_ietf_NPUBBYTES
#define PURPOSE            "tram bundle signature"
#define PURPOSE_BYTES      21

_Static_assert(BUNDLE_EPHEMERAL_BYTES == crypto_box_PUBLICKEYBYTES, "X25519");
_Static_assert(BUNDLE_TAG_BYTES == crypto_aead_chacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(BUNDLE_HEADER_BYTES + BUNDLE_EPHEMERAL_BYTES + BUNDLE_TAG_BYTES +
                       SIGNATURE_BYTES ==
                   BUNDLE_OVERHEAD_BYTES,
               "the drawing in bundle.h");

static void header_encode(const struct bundle_header *h, struct buffer *out)
{
    buffer_append(out, BUNDLE_MAGIC, 4);
    buffer_append_byte(out, (uint8_t)h->direction);
    buffer_append_byte(out, (uint8_t)h->packing);
    buffer_append_u16(out, h->site);
    buffer_append_byte(out, h->epoch);
    buffer_append_byte(out, h->seen_epoch);
    buffer_append(out, "\0\0", 2);
    buffer_append_u64(out, h->first);
    buffer_append_u32(out, h->frames);
    buffer_append_u32(out, h->plain_bytes);
    buffer_append_u32(out, h->sealed_bytes);
    buffer_append_u32(out, h->dictionary);
}

/* Key and nonce from everything that names this bundle and both who made it and
 * who may open it. */
static void derive_cipher(const unsigned char *header, const unsigned char *ephemeral,
                          const uint8_t shared_ephemeral[SHARED_BYTES],
                          const uint8_t shared_writer[SHARED_BYTES],
                          unsigned char key[CIPHER_KEY_BYTES],
                          unsigned char nonce[CIPHER_NONCE_BYTES])
{
    static const char purpose[] = "tram bundle 1";
    unsigned char both[CIPHER_KEY_BYTES + CIPHER_NONCE_BYTES];
    crypto_generichash_state state;

    (void)crypto_generichash_init(&state, NULL, 0, sizeof both);
    (void)crypto_generichash_update(&state, (const unsigned char *)purpose,
                                    sizeof purpose);
    (void)crypto_generichash_update(&state, header, BUNDLE_HEADER_BYTES);
    (void)crypto_generichash_update(&state, ephemeral, BUNDLE_EPHEMERAL_BYTES);
    (void)crypto_generichash_update(&state, shared_ephemeral, SHARED_BYTES);
    (void)crypto_generichash_update(&state, shared_writer, SHARED_BYTES);
    (void)crypto_generichash_final(&state, both, sizeof both);
    memcpy(key, both, CIPHER_KEY_BYTES);
    memcpy(nonce, both + CIPHER_KEY_BYTES, CIPHER_NONCE_BYTES);
    sodium_memzero(both, sizeof both);
}

/* What the signature covers: all before it, then the chain hash. */
static int signed_text(struct buffer *out, const void *bytes, size_t count,
                       const struct hash *chain)
{
    struct err ignored;

    buffer_append(out, PURPOSE, PURPOSE_BYTES);
    buffer_append(out, bytes, count);
    buffer_append(out, chain->bytes, HASH_BYTES);
    return buffer_check(out, &ignored);
}

/* Appends the cipher of `packed` and its tag to `out`, which holds the header and
 * the ephemeral key already. */
static int encrypt(struct buffer *out, const struct buffer *packed,
                   const struct key_pair *writer, const struct public_key *receiver,
                   const unsigned char ephemeral_secret[32], struct err *e)
{
    unsigned char key[CIPHER_KEY_BYTES], nonce[CIPHER_NONCE_BYTES];
    uint8_t shared_ephemeral[SHARED_BYTES], shared_writer[SHARED_BYTES];
    unsigned char receiver_point[32];
    unsigned char *cipher = NULL;
    unsigned long long cipher_count = 0;
    int rc = -1;

    if (crypto_sign_ed25519_pk_to_curve25519(receiver_point, receiver->bytes) != 0 ||
        crypto_scalarmult(shared_ephemeral, ephemeral_secret, receiver_point) != 0 ||
        !key_agree(writer, receiver, shared_writer)) {
        err_set(e, ERR_REFUSED, "bundle: the receiver's key is no key");
        goto out;
    }
    cipher = malloc(packed->count + BUNDLE_TAG_BYTES);
    if (cipher == NULL) {
        err_set(e, ERR_MEMORY, "bundle");
        goto out;
    }
    derive_cipher(out->bytes, out->bytes + BUNDLE_HEADER_BYTES, shared_ephemeral,
                  shared_writer, key, nonce);
    (void)crypto_aead_chacha20poly1305_ietf_encrypt(
        cipher, &cipher_count, packed->bytes, packed->count, out->bytes,
        BUNDLE_HEADER_BYTES, NULL, nonce, key);
    buffer_append(out, cipher, (size_t)cipher_count);
    rc = buffer_check(out, e);
out:
    sodium_memzero(key, sizeof key);
    sodium_memzero(shared_ephemeral, sizeof shared_ephemeral);
    sodium_memzero(shared_writer, sizeof shared_writer);
    free(cipher);
    return rc;
}

int bundle_seal(struct bundle_header *h, const struct buffer *packed,
                const struct hash *chain, const struct key_pair *writer,
                const struct public_key *receiver, struct random *r, struct buffer *out,
                struct err *e)
{
    unsigned char ephemeral_secret[32], ephemeral[BUNDLE_EPHEMERAL_BYTES];
    uint8_t signature[SIGNATURE_BYTES];
    struct buffer to_sign;
    int rc = -1;

    buffer_clear(out);
    if (packed->count > BUNDLE_BYTES_MAX - BUNDLE_OVERHEAD_BYTES)
        return err_set(e, ERR_TOO_BIG, "bundle of %zu bytes", packed->count);
    buffer_init(&to_sign, BUNDLE_BYTES_MAX + HASH_BYTES + PURPOSE_BYTES);
    h->sealed_bytes = (uint32_t)packed->count;
    r->fill(r, ephemeral_secret, sizeof ephemeral_secret);
    (void)crypto_scalarmult_base(ephemeral, ephemeral_secret);
    header_encode(h, out);
    buffer_append(out, ephemeral, sizeof ephemeral);
    if (buffer_check(out, e) != 0 ||
        encrypt(out, packed, writer, receiver, ephemeral_secret, e) != 0)
        goto out;
    if (signed_text(&to_sign, out->bytes, out->count, chain) != 0) {
        err_set(e, ERR_MEMORY, "bundle");
        goto out;
    }
    key_sign(writer, to_sign.bytes, to_sign.count, signature);
    buffer_append(out, signature, sizeof signature);
    rc = buffer_check(out, e);
out:
    sodium_memzero(ephemeral_secret, sizeof ephemeral_secret);
    buffer_release(&to_sign);
    return rc;
}

/* Authenticates and decrypts into *packed (malloc'd). */
int bundle_unseal(unsigned char **packed, const struct bundle_header *h,
                  const unsigned char *bytes, const struct key_pair *receiver,
                  const struct public_key *writer, struct err *e)
{
    const unsigned char *ephemeral = bytes + BUNDLE_HEADER_BYTES;
    unsigned char key[CIPHER_KEY_BYTES], nonce[CIPHER_NONCE_BYTES];
    uint8_t shared_ephemeral[SHARED_BYTES], shared_writer[SHARED_BYTES];
    unsigned char scalar[32];
    int rc = -1;

    *packed = malloc(h->sealed_bytes > 0 ? h->sealed_bytes : 1);
    if (*packed == NULL)
        return err_set(e, ERR_MEMORY, "bundle of %u bytes", h->sealed_bytes);
    (void)crypto_sign_ed25519_sk_to_curve25519(scalar, receiver->secret);
    if (crypto_scalarmult(shared_ephemeral, scalar, ephemeral) != 0 ||
        !key_agree(receiver, writer, shared_writer)) {
        err_set(e, ERR_REFUSED, "bundle of site %u: its key is no key", h->site);
        goto out;
    }
    derive_cipher(bytes, ephemeral, shared_ephemeral, shared_writer, key, nonce);
    if (crypto_aead_chacha20poly1305_ietf_decrypt(
            *packed, NULL, NULL, bytes + BUNDLE_SEALED_AT,
            h->sealed_bytes + BUNDLE_TAG_BYTES, bytes, BUNDLE_HEADER_BYTES, nonce,
            key) != 0) {
        err_set(e, ERR_REFUSED, "bundle of site %u: forged, altered or not for us",
                h->site);
        goto out;
    }
    rc = 0;
out:
    sodium_memzero(scalar, sizeof scalar);
    sodium_memzero(key, sizeof key);
    return rc;
}

bool bundle_proved(const void *bytes, size_t count, const struct public_key *writer,
                   const struct hash *chain)
{
    struct buffer text;
    bool proved = false;

    if (count < BUNDLE_OVERHEAD_BYTES)
        return false;
    buffer_init(&text, count + HASH_BYTES + PURPOSE_BYTES);
    if (signed_text(&text, bytes, count - SIGNATURE_BYTES, chain) == 0)
        proved = key_verify(writer, text.bytes, text.count,
                            (const uint8_t *)bytes + count - SIGNATURE_BYTES);
    buffer_release(&text);
    return proved;
}
