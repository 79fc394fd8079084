#include "sync/bundle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <zstd.h>

#define MAGIC              "TRB1"
#define EPHEMERAL_BYTES    crypto_box_PUBLICKEYBYTES
#define TAG_BYTES          crypto_aead_chacha20poly1305_ietf_ABYTES
#define CIPHER_KEY_BYTES   crypto_aead_chacha20poly1305_ietf_KEYBYTES
#define CIPHER_NONCE_BYTES crypto_aead_chacha20poly1305_ietf_NPUBBYTES
#define SEALED_AT          (BUNDLE_HEADER_BYTES + EPHEMERAL_BYTES)
#define FRAME_BYTES_MIN    3 /* three one-byte varints and an empty changeset */

/* The link's time is what is scarce; a bundle is at most a few hundred kB. */
#define ZSTD_LEVEL 19

_Static_assert(BUNDLE_HEADER_BYTES + EPHEMERAL_BYTES + TAG_BYTES + SIGNATURE_BYTES ==
                   BUNDLE_OVERHEAD_BYTES,
               "the drawing in bundle.h");

struct bundle_writer {
    struct bundle_header header;
    uint64_t next;
    struct buffer plain;
};

static void header_encode(const struct bundle_header *h, struct buffer *out)
{
    buffer_append(out, MAGIC, 4);
    buffer_append_byte(out, (uint8_t)h->direction);
    buffer_append_byte(out, (uint8_t)h->packing);
    buffer_append_u16(out, h->site);
    buffer_append_byte(out, h->epoch);
    buffer_append(out, "\0\0\0", 3);
    buffer_append_u64(out, h->first);
    buffer_append_u32(out, h->frames);
    buffer_append_u32(out, h->plain_bytes);
    buffer_append_u32(out, h->sealed_bytes);
    buffer_append_u32(out, h->dictionary);
}

static void header_take(struct bundle_header *out, struct cursor *c)
{
    out->direction = (enum direction)cursor_byte(c);
    out->packing = (enum packing)cursor_byte(c);
    out->site = cursor_u16(c);
    out->epoch = cursor_byte(c);
    (void)cursor_take(c, 3);
    out->first = cursor_u64(c);
    out->frames = cursor_u32(c);
    out->plain_bytes = cursor_u32(c);
    out->sealed_bytes = cursor_u32(c);
    out->dictionary = cursor_u32(c);
}

int bundle_peek(struct bundle_header *out, const void *bytes, size_t count, struct err *e)
{
    static const unsigned char nothing[3] = {0};
    struct cursor c;

    *out = (struct bundle_header){0};
    if (count < BUNDLE_OVERHEAD_BYTES || count > BUNDLE_BYTES_MAX)
        return err_set(e, ERR_REFUSED, "bundle of %zu bytes", count);
    if (memcmp(bytes, MAGIC, 4) != 0 ||
        memcmp((const unsigned char *)bytes + 9, nothing, sizeof nothing) != 0)
        return err_set(e, ERR_REFUSED, "not a bundle");
    cursor_init(&c, (const unsigned char *)bytes + 4, BUNDLE_HEADER_BYTES - 4);
    header_take(out, &c);
    if (out->direction > DIRECTION_DOWN || out->packing > PACKING_HISTORY)
        return err_set(e, ERR_REFUSED, "bundle of a kind that this program cannot read");
    if (out->first == 0 || out->first > INT64_MAX - BUNDLE_FRAMES_MAX ||
        out->frames == 0 || out->frames > BUNDLE_FRAMES_MAX)
        return err_set(e, ERR_REFUSED, "bundle of %u frames", out->frames);
    if (out->plain_bytes > BUNDLE_PLAIN_MAX ||
        out->plain_bytes < (uint64_t)out->frames * FRAME_BYTES_MIN)
        return err_set(e, ERR_REFUSED, "bundle of %u bytes unpacked", out->plain_bytes);
    if (count != (size_t)out->sealed_bytes + BUNDLE_OVERHEAD_BYTES)
        return err_set(e, ERR_REFUSED, "bundle cut off: %zu of %zu bytes", count,
                       (size_t)out->sealed_bytes + BUNDLE_OVERHEAD_BYTES);
    return 0;
}

/* ------------------------------------------------------------------- writing */

int bundle_writer_create(struct bundle_writer **out, enum direction direction,
                         uint16_t site, uint8_t epoch, struct err *e)
{
    struct bundle_writer *w = calloc(1, sizeof *w);

    *out = w;
    if (w == NULL)
        return err_set(e, ERR_MEMORY, "bundle");
    w->header.direction = direction;
    w->header.site = site;
    w->header.epoch = epoch;
    buffer_init(&w->plain, BUNDLE_PLAIN_MAX);
    return 0;
}

void bundle_writer_destroy(struct bundle_writer *w)
{
    if (w == NULL)
        return;
    buffer_release(&w->plain);
    free(w);
}

int bundle_writer_add(struct bundle_writer *w, const struct frame *f, struct err *e)
{
    size_t before = w->plain.count;

    assert(w->header.frames == 0 || f->sequence == w->next);
    if (w->header.frames == BUNDLE_FRAMES_MAX)
        return err_set(e, ERR_TOO_BIG, "bundle: %d frames", BUNDLE_FRAMES_MAX);
    buffer_append_varint(&w->plain, f->schema);
    buffer_append_varint(&w->plain, f->seen);
    buffer_append_varint(&w->plain, f->changeset_bytes);
    buffer_append(&w->plain, f->changeset, f->changeset_bytes);
    if (buffer_check(&w->plain, e) != 0) {
        w->plain.count = before;
        w->plain.failed = ERR_NONE;
        return err_wrap(e, "bundle");
    }
    if (w->header.frames == 0)
        w->header.first = f->sequence;
    w->header.frames++;
    w->next = f->sequence + 1;
    return 0;
}

size_t bundle_writer_bytes(const struct bundle_writer *w)
{
    return w->plain.count;
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
    (void)crypto_generichash_update(&state, ephemeral, EPHEMERAL_BYTES);
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

    buffer_append(out, "tram bundle signature", 21);
    buffer_append(out, bytes, count);
    buffer_append(out, chain->bytes, HASH_BYTES);
    return buffer_check(out, &ignored);
}

static int pack(struct bundle_writer *w, struct buffer *packed, struct err *e)
{
    size_t bound = ZSTD_compressBound(w->plain.count);
    void *room = malloc(bound);
    size_t count;

    if (room == NULL)
        return err_set(e, ERR_MEMORY, "bundle: %zu bytes", bound);
    count = ZSTD_compress(room, bound, w->plain.bytes, w->plain.count, ZSTD_LEVEL);
    w->header.packing = PACKING_ZSTD;
    if (ZSTD_isError(count) || count >= w->plain.count) {
        w->header.packing = PACKING_PLAIN;
        buffer_append(packed, w->plain.bytes, w->plain.count);
    } else {
        buffer_append(packed, room, count);
    }
    free(room);
    return buffer_check(packed, e);
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
    cipher = malloc(packed->count + TAG_BYTES);
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

int bundle_writer_seal(struct bundle_writer *w, const struct hash *chain,
                       const struct key_pair *writer, const struct public_key *receiver,
                       struct random *r, struct buffer *out, struct err *e)
{
    unsigned char ephemeral_secret[32], ephemeral[EPHEMERAL_BYTES];
    uint8_t signature[SIGNATURE_BYTES];
    struct buffer packed, to_sign;
    int rc = -1;

    assert(w->header.frames > 0);
    buffer_clear(out);
    buffer_init(&packed, BUNDLE_PLAIN_MAX);
    buffer_init(&to_sign, BUNDLE_BYTES_MAX + HASH_BYTES + 64);
    if (pack(w, &packed, e) != 0)
        goto out;
    if (packed.count > BUNDLE_BYTES_MAX - BUNDLE_OVERHEAD_BYTES) {
        err_set(e, ERR_TOO_BIG, "bundle of %zu bytes", packed.count);
        goto out;
    }
    w->header.plain_bytes = (uint32_t)w->plain.count;
    w->header.sealed_bytes = (uint32_t)packed.count;
    r->fill(r, ephemeral_secret, sizeof ephemeral_secret);
    (void)crypto_scalarmult_base(ephemeral, ephemeral_secret);
    header_encode(&w->header, out);
    buffer_append(out, ephemeral, sizeof ephemeral);
    if (buffer_check(out, e) != 0 ||
        encrypt(out, &packed, writer, receiver, ephemeral_secret, e) != 0)
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
    buffer_release(&packed);
    buffer_release(&to_sign);
    return rc;
}

/* ------------------------------------------------------------------- opening */

/* Authenticates and decrypts into *packed (malloc'd). */
static int decrypt(unsigned char **packed, const struct bundle_header *h,
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
    if (crypto_aead_chacha20poly1305_ietf_decrypt(*packed, NULL, NULL, bytes + SEALED_AT,
                                                  h->sealed_bytes + TAG_BYTES, bytes,
                                                  BUNDLE_HEADER_BYTES, nonce, key) != 0) {
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

static int unpack(struct bundle *b, const unsigned char *packed, struct err *e)
{
    const struct bundle_header *h = &b->header;
    size_t count;

    b->plain = malloc(h->plain_bytes);
    if (b->plain == NULL)
        return err_set(e, ERR_MEMORY, "bundle of %u bytes", h->plain_bytes);
    switch (h->packing) {
    case PACKING_PLAIN:
        if (h->plain_bytes != h->sealed_bytes)
            return err_set(e, ERR_REFUSED, "bundle: sizes do not agree");
        memcpy(b->plain, packed, h->plain_bytes);
        return 0;
    case PACKING_ZSTD:
        count = ZSTD_decompress(b->plain, h->plain_bytes, packed, h->sealed_bytes);
        if (ZSTD_isError(count) || count != h->plain_bytes)
            return err_set(e, ERR_REFUSED, "bundle: does not unpack to %u bytes",
                           h->plain_bytes);
        return 0;
    case PACKING_DICTIONARY:
    case PACKING_HISTORY:
        break;
    }
    return err_set(e, ERR_REFUSED, "bundle: packed with what we do not have");
}

static int split(struct bundle *b, struct err *e)
{
    struct cursor c;

    b->frames = calloc(b->header.frames, sizeof *b->frames);
    if (b->frames == NULL)
        return err_set(e, ERR_MEMORY, "bundle of %u frames", b->header.frames);
    b->frames_count = b->header.frames;
    cursor_init(&c, b->plain, b->header.plain_bytes);
    for (size_t i = 0; i < b->frames_count; i++) {
        struct frame *f = &b->frames[i];
        uint64_t schema = cursor_varint(&c);

        f->sequence = b->header.first + i;
        f->seen = cursor_varint(&c);
        f->changeset_bytes = (size_t)cursor_varint(&c);
        f->changeset = cursor_take(&c, f->changeset_bytes);
        if (schema > UINT32_MAX)
            return err_set(e, ERR_REFUSED, "bundle: schema out of range");
        f->schema = (uint32_t)schema;
    }
    if (cursor_done(&c, "bundle", e) != 0) {
        e->code = ERR_REFUSED;
        return -1;
    }
    return 0;
}

int bundle_open(struct bundle *out, const void *bytes, size_t count,
                const struct key_pair *receiver, const struct public_key *writer,
                struct err *e)
{
    unsigned char *packed = NULL;
    int rc = -1;

    *out = (struct bundle){0};
    if (bundle_peek(&out->header, bytes, count, e) != 0 ||
        decrypt(&packed, &out->header, bytes, receiver, writer, e) != 0 ||
        unpack(out, packed, e) != 0 || split(out, e) != 0)
        goto out;
    rc = 0;
out:
    free(packed);
    if (rc != 0)
        bundle_release(out);
    return rc;
}

void bundle_release(struct bundle *b)
{
    free(b->frames);
    free(b->plain);
    *b = (struct bundle){0};
}

bool bundle_proved(const void *bytes, size_t count, const struct public_key *writer,
                   const struct hash *chain)
{
    struct buffer text;
    bool proved = false;

    if (count < BUNDLE_OVERHEAD_BYTES)
        return false;
    buffer_init(&text, count + HASH_BYTES + 64);
    if (signed_text(&text, bytes, count - SIGNATURE_BYTES, chain) == 0)
        proved = key_verify(writer, text.bytes, text.count,
                            (const uint8_t *)bytes + count - SIGNATURE_BYTES);
    buffer_release(&text);
    return proved;
}
