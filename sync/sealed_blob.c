#include "sync/sealed_blob.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define MAGIC              "TRX1"
#define SEALED_STEP        (SEALED_PIECE_BYTES + SEALED_TAG_BYTES)
#define CIPHER_KEY_BYTES   crypto_aead_chacha20poly1305_ietf_KEYBYTES
#define CIPHER_NONCE_BYTES crypto_aead_chacha20poly1305_ietf_NPUBBYTES
#define LAST_PIECE_AT      11 /* the nonce's last byte says that no piece follows */

_Static_assert(SEALED_TAG_BYTES == crypto_aead_chacha20poly1305_ietf_ABYTES, "tag");

static uint64_t pieces_of(uint64_t blob_bytes)
{
    return blob_bytes == 0 ? 1
                           : (blob_bytes + SEALED_PIECE_BYTES - 1) / SEALED_PIECE_BYTES;
}

uint64_t sealed_bytes(uint64_t blob_bytes)
{
    return SEALED_HEADER_BYTES + blob_bytes + pieces_of(blob_bytes) * SEALED_TAG_BYTES;
}

static void header_make(unsigned char out[SEALED_HEADER_BYTES], uint16_t site,
                        uint64_t blob_bytes, const struct hash *sha256)
{
    memset(out, 0, SEALED_HEADER_BYTES);
    memcpy(out, MAGIC, 4);
    out[4] = (unsigned char)site;
    out[5] = (unsigned char)(site >> 8);
    for (int i = 0; i < 8; i++)
        out[8 + i] = (unsigned char)(blob_bytes >> (8 * i));
    memcpy(out + 16, sha256->bytes, HASH_BYTES);
}

bool sealed_header_read(const unsigned char header[SEALED_HEADER_BYTES], uint16_t site,
                        uint64_t *blob_bytes, struct hash *sha256)
{
    unsigned char expected[SEALED_HEADER_BYTES];

    *blob_bytes = 0;
    for (int i = 0; i < 8; i++)
        *blob_bytes |= (uint64_t)header[8 + i] << (8 * i);
    memcpy(sha256->bytes, header + 16, HASH_BYTES);
    header_make(expected, site, *blob_bytes, sha256);
    return memcmp(expected, header, SEALED_HEADER_BYTES) == 0;
}

static void derive_key(const uint8_t shared[SHARED_BYTES], const struct hash *sha256,
                       unsigned char key[CIPHER_KEY_BYTES])
{
    static const char purpose[] = "tram blob 1";
    crypto_generichash_state state;

    (void)crypto_generichash_init(&state, shared, SHARED_BYTES, CIPHER_KEY_BYTES);
    (void)crypto_generichash_update(&state, (const unsigned char *)purpose,
                                    sizeof purpose);
    (void)crypto_generichash_update(&state, sha256->bytes, HASH_BYTES);
    (void)crypto_generichash_final(&state, key, CIPHER_KEY_BYTES);
}

static void nonce_make(unsigned char out[CIPHER_NONCE_BYTES], uint64_t piece, bool last)
{
    memset(out, 0, CIPHER_NONCE_BYTES);
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)(piece >> (8 * i));
    out[LAST_PIECE_AT] = last;
}

struct sealer {
    unsigned char header[SEALED_HEADER_BYTES];
    unsigned char key[CIPHER_KEY_BYTES];
    unsigned char plain[SEALED_PIECE_BYTES];
    unsigned char sealed[SEALED_STEP];
    uint64_t blob_bytes;
};

/* Reads and seals one piece into s->sealed; *count is its size with the tag. */
static int seal_piece(struct sealer *s, struct disk_file *f, uint64_t piece,
                      size_t *count, struct err *e)
{
    uint64_t at = piece * SEALED_PIECE_BYTES;
    uint64_t left = s->blob_bytes - at;
    size_t want = left < SEALED_PIECE_BYTES ? (size_t)left : SEALED_PIECE_BYTES;
    size_t got = 0;
    unsigned char nonce[CIPHER_NONCE_BYTES];

    if (disk_file_read(f, s->plain, want, at, &got, e) != 0)
        return err_wrap(e, "seal");
    if (got != want)
        return err_set(e, ERR_CORRUPT, "seal: the blob is shorter than it was");
    nonce_make(nonce, piece, piece + 1 == pieces_of(s->blob_bytes));
    (void)crypto_aead_chacha20poly1305_ietf_encrypt(s->sealed, NULL, s->plain, want,
                                                    s->header, SEALED_HEADER_BYTES, NULL,
                                                    nonce, s->key);
    *count = want + SEALED_TAG_BYTES;
    return 0;
}

/* Appends what of [offset, end) lies in `bytes`, which begin at `at`. */
static void append_overlap(struct buffer *out, const unsigned char *bytes, size_t count,
                           uint64_t at, uint64_t offset, uint64_t end)
{
    uint64_t from = offset > at ? offset : at;
    uint64_t to = end < at + count ? end : at + count;

    if (from < to)
        buffer_append(out, bytes + (from - at), (size_t)(to - from));
}

int sealed_blob_read(struct disk_file *f, uint16_t site, const struct hash *sha256,
                     const uint8_t shared[SHARED_BYTES], uint64_t offset, size_t count,
                     struct buffer *out, struct err *e)
{
    struct sealer *s = malloc(sizeof *s);
    uint64_t end, piece;
    int rc = -1;

    if (s == NULL)
        return err_set(e, ERR_MEMORY, "seal");
    if (disk_file_size(f, &s->blob_bytes, e) != 0)
        goto out;
    end = sealed_bytes(s->blob_bytes);
    if (count < end && offset < end - count)
        end = offset + count;
    header_make(s->header, site, s->blob_bytes, sha256);
    derive_key(shared, sha256, s->key);
    append_overlap(out, s->header, SEALED_HEADER_BYTES, 0, offset, end);
    piece =
        offset < SEALED_HEADER_BYTES ? 0 : (offset - SEALED_HEADER_BYTES) / SEALED_STEP;
    for (; piece < pieces_of(s->blob_bytes); piece++) {
        uint64_t at = SEALED_HEADER_BYTES + piece * SEALED_STEP;
        size_t sealed_count = 0;

        if (at >= end)
            break;
        if (seal_piece(s, f, piece, &sealed_count, e) != 0)
            goto out;
        append_overlap(out, s->sealed, sealed_count, at, offset, end);
    }
    rc = buffer_check(out, e);
out:
    sodium_memzero(s, sizeof *s);
    free(s);
    return rc;
}

/* ------------------------------------------------------------------- opening */

static int header_read(struct sealer *s, struct disk_file *f, uint16_t site,
                       struct hash *sha256, struct err *e)
{
    size_t got = 0;
    uint64_t file_bytes;

    if (disk_file_size(f, &file_bytes, e) != 0 ||
        disk_file_read(f, s->header, SEALED_HEADER_BYTES, 0, &got, e) != 0)
        return -1;
    if (got != SEALED_HEADER_BYTES)
        return err_set(e, ERR_REFUSED, "sealed blob: cut off");
    if (!sealed_header_read(s->header, site, &s->blob_bytes, sha256))
        return err_set(e, ERR_REFUSED, "not a sealed blob of site %u", site);
    if (s->blob_bytes > file_bytes || sealed_bytes(s->blob_bytes) != file_bytes)
        return err_set(e, ERR_REFUSED, "sealed blob: cut off, or too long");
    return 0;
}

static int open_piece(struct sealer *s, struct disk_file *f, uint64_t piece,
                      size_t *plain_count, struct err *e)
{
    uint64_t at = SEALED_HEADER_BYTES + piece * SEALED_STEP;
    uint64_t left = s->blob_bytes - piece * SEALED_PIECE_BYTES;
    unsigned char nonce[CIPHER_NONCE_BYTES];
    size_t got = 0;

    *plain_count = left < SEALED_PIECE_BYTES ? (size_t)left : SEALED_PIECE_BYTES;
    if (disk_file_read(f, s->sealed, *plain_count + SEALED_TAG_BYTES, at, &got, e) != 0)
        return -1;
    nonce_make(nonce, piece, piece + 1 == pieces_of(s->blob_bytes));
    if (crypto_aead_chacha20poly1305_ietf_decrypt(s->plain, NULL, NULL, s->sealed, got,
                                                  s->header, SEALED_HEADER_BYTES, nonce,
                                                  s->key) != 0)
        return err_set(e, ERR_REFUSED, "sealed blob: forged or altered");
    return 0;
}

int sealed_blob_open(struct disk_file *f, uint16_t site,
                     const uint8_t shared[SHARED_BYTES], struct hash *sha256,
                     int (*sink)(void *arg, const void *bytes, size_t count,
                                 struct err *e),
                     void *arg, struct err *e)
{
    struct sealer *s = malloc(sizeof *s);
    struct hasher hasher;
    struct hash found;
    int rc = -1;

    if (s == NULL)
        return err_set(e, ERR_MEMORY, "sealed blob");
    if (header_read(s, f, site, sha256, e) != 0)
        goto out;
    derive_key(shared, sha256, s->key);
    hasher_init(&hasher);
    for (uint64_t piece = 0; piece < pieces_of(s->blob_bytes); piece++) {
        size_t count;

        if (open_piece(s, f, piece, &count, e) != 0)
            goto out;
        hasher_add(&hasher, s->plain, count);
        if (sink(arg, s->plain, count, e) != 0)
            goto out;
    }
    hasher_finish(&hasher, &found);
    if (!hash_equal(&found, sha256)) {
        err_set(e, ERR_REFUSED, "sealed blob: its bytes have another hash");
        goto out;
    }
    rc = 0;
out:
    sodium_memzero(s, sizeof *s);
    free(s);
    return rc;
}

/* ---------------------------------------------------------------------- window */

void sealed_window_clear(struct sealed_window *w)
{
    buffer_clear(&w->bytes);
    w->at = 0;
}

void sealed_window_release(struct sealed_window *w)
{
    buffer_release(&w->bytes);
    *w = (struct sealed_window){0};
}

int sealed_window_read(struct sealed_window *w, struct disk_file *f, uint16_t site,
                       const struct hash *sha256, const uint8_t shared[SHARED_BYTES],
                       uint64_t offset, size_t count, struct buffer *out, struct err *e)
{
    size_t in_hand;

    if (w->bytes.count_max == 0)
        buffer_init(&w->bytes, SEALED_PIECE_BYTES);
    if (offset < w->at || offset >= w->at + w->bytes.count) {
        buffer_clear(&w->bytes);
        w->at = offset;
        if (sealed_blob_read(f, site, sha256, shared, offset, SEALED_PIECE_BYTES,
                             &w->bytes, e) != 0) {
            buffer_clear(&w->bytes);
            return -1;
        }
    }
    in_hand = w->bytes.count - (size_t)(offset - w->at);
    buffer_append(out, w->bytes.bytes + (offset - w->at),
                  count < in_hand ? count : in_hand);
    return buffer_check(out, e);
}
