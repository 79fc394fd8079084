#include "sync/keys.h"

#include <string.h>

#include <sodium.h>

void key_pair_make(struct key_pair *out, struct random *r)
{
    uint8_t seed[crypto_sign_SEEDBYTES];

    r->fill(r, seed, sizeof seed);
    (void)crypto_sign_seed_keypair(out->public_key.bytes, out->secret, seed);
    sodium_memzero(seed, sizeof seed);
}

void key_pair_wipe(struct key_pair *k)
{
    sodium_memzero(k, sizeof *k);
}

static int key_path(char out[DISK_PATH_BYTES], const char *dir, const char *name,
                    struct err *e)
{
    return disk_path(out, e, "%s/keys/%s", dir, name);
}

int key_pair_save(const struct key_pair *k, struct disk *d, const char *dir,
                  const char *name, struct err *e)
{
    char keys[DISK_PATH_BYTES], path[DISK_PATH_BYTES];
    struct disk_stat there;

    if (disk_path(keys, e, "%s/keys", dir) != 0 || key_path(path, dir, name, e) != 0 ||
        disk_make_dirs(d, keys, e) != 0 || disk_stat(d, path, &there, e) != 0)
        return err_wrap(e, "key %s", name);
    if (there.kind != DISK_NOTHING)
        return err_set(e, ERR_BUSY, "%s: a key is there already", path);
    if (disk_replace(d, path, k->secret, sizeof k->secret, e) != 0)
        return err_wrap(e, "key %s", name);
    return 0;
}

int key_pair_load(struct key_pair *out, struct disk *d, const char *dir, const char *name,
                  struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct buffer raw;
    int rc = -1;

    buffer_init(&raw, KEY_SECRET_BYTES);
    if (key_path(path, dir, name, e) != 0 || disk_read_all(d, path, &raw, e) != 0)
        goto out;
    if (raw.count != KEY_SECRET_BYTES) {
        err_set(e, ERR_CORRUPT, "%s: %zu bytes, a key has %d", path, raw.count,
                KEY_SECRET_BYTES);
        goto out;
    }
    memcpy(out->secret, raw.bytes, KEY_SECRET_BYTES);
    (void)crypto_sign_ed25519_sk_to_pk(out->public_key.bytes, out->secret);
    rc = 0;
out:
    if (raw.bytes != NULL)
        sodium_memzero(raw.bytes, raw.count);
    buffer_release(&raw);
    return rc;
}

void key_sign(const struct key_pair *k, const void *bytes, size_t count,
              uint8_t signature[SIGNATURE_BYTES])
{
    (void)crypto_sign_detached(signature, NULL, bytes, count, k->secret);
}

bool key_verify(const struct public_key *k, const void *bytes, size_t count,
                const uint8_t signature[SIGNATURE_BYTES])
{
    return crypto_sign_verify_detached(signature, bytes, count, k->bytes) == 0;
}

bool key_agree(const struct key_pair *mine, const struct public_key *theirs,
               uint8_t out[SHARED_BYTES])
{
    uint8_t my_scalar[crypto_scalarmult_SCALARBYTES];
    uint8_t their_point[crypto_scalarmult_BYTES];
    bool agreed = false;

    if (crypto_sign_ed25519_sk_to_curve25519(my_scalar, mine->secret) == 0 &&
        crypto_sign_ed25519_pk_to_curve25519(their_point, theirs->bytes) == 0 &&
        crypto_scalarmult(out, my_scalar, their_point) == 0)
        agreed = true;
    sodium_memzero(my_scalar, sizeof my_scalar);
    return agreed;
}

bool public_key_from_hex(struct public_key *out, const char *hex)
{
    struct hash h; /* the same 32 bytes, the same 64 digits */

    if (!hash_from_hex(&h, hex))
        return false;
    memcpy(out->bytes, h.bytes, sizeof out->bytes);
    return true;
}

void public_key_to_hex(char out[HASH_HEX_BYTES], const struct public_key *k)
{
    struct hash h;

    memcpy(h.bytes, k->bytes, sizeof h.bytes);
    hash_to_hex(out, &h);
}
