/* Manifest: what one generation of a second copy is, in DIR/generation-NNNNNNNNNN.
 *
 *   "TRAMCOPY" | u32 version=1 | u64 generation | key mark 8     28 bytes, to be read
 *   nonce 24 | XChaCha20-Poly1305 of the rest, the 28 bytes as additional data
 *
 * It is written last, so that where it stands its objects do; and only the recovery key
 * can have made it. The key mark tells a wrong key from a damaged file. */
#ifndef TRAM_APPLIANCE_BACKUP_MANIFEST_H
#define TRAM_APPLIANCE_BACKUP_MANIFEST_H

#include "appliance/backup_store.h"
#include "base/buffer.h"

#define MANIFEST_BYTES_MAX  (64u << 20)
#define MANIFEST_NAME_BYTES 24
#define MANIFEST_KEYS_MAX   8
#define MANIFEST_KEY_BYTES  64 /* of a key's file, at most */

/* A file of DIR/keys. */
struct manifest_key {
    char name[32];
    uint8_t bytes[MANIFEST_KEY_BYTES];
    size_t count;
};

/* A run of bytes as objects: what each is, in order. */
struct manifest_pieces {
    struct hash *hashes; /* owned */
    size_t count;
    uint64_t bytes; /* of all */
    struct hash sha256;
};

struct manifest {
    uint64_t generation;
    uint16_t site;
    uint8_t epoch;
    char name[128]; /* the commune's */
    uint64_t sequence, original;
    uint64_t lacking, held; /* blobs not in it: damaged where they were; held back */
    int64_t wall_ms;
    struct manifest_key keys[MANIFEST_KEYS_MAX];
    size_t keys_count;
    struct manifest_pieces database;
    struct manifest_pieces blobs; /* their hashes, 32 bytes each */
};

void copy_manifest_release(struct manifest *m); /* a zeroed one is fine; wipes the keys */

void copy_manifest_encode(const struct manifest *m, struct buffer *out);
/* ERR_CORRUPT unless it is exactly one; then *out is released. */
int copy_manifest_decode(struct manifest *out, const void *bytes, size_t count,
                         struct err *e);

int copy_manifest_write(const struct manifest *m, struct copy_store *s,
                        const struct recovery_key *key, struct random *r, struct err *e);
/* ERR_REFUSED: of another key. ERR_CORRUPT: damaged. */
int copy_manifest_read(struct manifest *out, struct copy_store *s, uint64_t generation,
                       const struct recovery_key *key, struct err *e);

/* The numbers of the generations there, rising; the caller frees *out. A directory that
 * is not there holds none. */
int copy_manifest_list(struct copy_store *s, uint64_t **out, size_t *count,
                       struct err *e);
int copy_manifest_remove(struct copy_store *s, uint64_t generation, struct err *e);

#endif
