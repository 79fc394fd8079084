/* Keys: who signs, and for whom things are sealed. Ed25519 throughout; the X25519
 * keys for sealing are made from them, so that one key is one identity. A secret
 * key never leaves the machine that it was born on: it lives in DIR/keys/, mode
 * 0600, written through the disk seam and synced before anybody hears of it. */
#ifndef TRAM_SYNC_KEYS_H
#define TRAM_SYNC_KEYS_H

#include "base/disk.h"
#include "base/hash.h"
#include "base/random.h"

#define KEY_PUBLIC_BYTES 32
#define KEY_SECRET_BYTES 64
#define SIGNATURE_BYTES  64
#define SHARED_BYTES     32

struct public_key {
    uint8_t bytes[KEY_PUBLIC_BYTES];
};

struct key_pair {
    struct public_key public_key;
    uint8_t secret[KEY_SECRET_BYTES];
};

void key_pair_make(struct key_pair *out, struct random *r);
void key_pair_wipe(struct key_pair *k);

/* DIR/keys/NAME; _save refuses to replace one that is there (ERR_BUSY). */
int key_pair_save(const struct key_pair *k, struct disk *d, const char *dir,
                  const char *name, struct err *e);
int key_pair_load(struct key_pair *out, struct disk *d, const char *dir, const char *name,
                  struct err *e);

void key_sign(const struct key_pair *k, const void *bytes, size_t count,
              uint8_t signature[SIGNATURE_BYTES]);
bool key_verify(const struct public_key *k, const void *bytes, size_t count,
                const uint8_t signature[SIGNATURE_BYTES]);

/* What both ends of a pair of identities know and nobody else: from it come the
 * keys that authenticate bundles and seal blobs. False for a key of low order. */
bool key_agree(const struct key_pair *mine, const struct public_key *theirs,
               uint8_t out[SHARED_BYTES]);

bool public_key_from_hex(struct public_key *out, const char *hex);
void public_key_to_hex(char out[HASH_HEX_BYTES], const struct public_key *k);

#endif
