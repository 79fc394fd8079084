/* Copy store: what a second copy is made of, in a directory that anybody may find (a
 * USB stick): files that only the recovery key opens.
 *
 *   DIR/objects/ab/cdef…     an object: an original, an image, a piece of the database
 *   DIR/partial/N            one that is being written
 *
 * An object is named by a keyed hash of its SHA-256, so that its name tells nobody what
 * it is, and written once for ever. Its file:
 *
 *   "TRC1" | 24 bytes of libsodium's secretstream header
 *   then pieces of 64 KiB and 17 bytes more each (XChaCha20-Poly1305), the name as
 *   additional data, the last piece marked as the last
 *
 * What copy_put…() reported was synced, read again from the medium, opened and compared
 * before it got its name. */
#ifndef TRAM_APPLIANCE_BACKUP_STORE_H
#define TRAM_APPLIANCE_BACKUP_STORE_H

#include "base/disk.h"
#include "base/hash.h"
#include "sync/recovery.h"

struct copy_store {
    struct disk *disk; /* not owned */
    char dir[DISK_PATH_BYTES];
    uint8_t names[RECOVERY_KEY_BYTES], bytes[RECOVERY_KEY_BYTES];
    uint64_t partial_next;
    bool fan_out_synced[256];
};

/* `d` must outlive it. Makes nothing and opens nothing. */
int copy_store_init(struct copy_store *s, struct disk *d, const char *dir,
                    const struct recovery_key *key, struct err *e);
void copy_store_wipe(struct copy_store *s);

/* Makes what is missing of DIR, and removes what was left half-written. */
int copy_store_prepare(struct copy_store *s, struct err *e);

void copy_name(const struct copy_store *s, const struct hash *sha256, struct hash *name);

/* By its length only. `plain_bytes` UINT64_MAX: any. */
int copy_has(struct copy_store *s, const struct hash *sha256, uint64_t plain_bytes,
             bool *there, struct err *e);

/* Opens and compares the whole object; *sound is false if absent or altered, and if it
 * cannot be read, which may pass: *unread. */
int copy_check(struct copy_store *s, const struct hash *sha256, bool *sound, bool *unread,
               struct err *e);

/* *same is false, and nothing is kept, if the bytes are not of this hash, or if `from` does
 * not give them. */
int copy_put_file(struct copy_store *s, struct disk_file *from, const struct hash *sha256,
                  bool *same, struct err *e);
int copy_put_bytes(struct copy_store *s, const void *bytes, size_t count,
                   const struct hash *sha256, struct err *e);

/* Opens it into `sink`. ERR_CORRUPT, with its name: absent, altered, cut off or another
 * one; what was handed to the sink before that is void. */
int copy_get(struct copy_store *s, const struct hash *sha256,
             int (*sink)(void *arg, const void *bytes, size_t count, struct err *e),
             void *arg, struct err *e);

/* Every object's name; `each` may remove the one it is given. */
int copy_each(struct copy_store *s,
              int (*each)(void *arg, const struct hash *name, struct err *e), void *arg,
              struct err *e);
int copy_remove(struct copy_store *s, const struct hash *name, struct err *e);

/* Makes a file durable under its name at once, and reads it again: for manifests. */
int copy_write_file(struct copy_store *s, const char *name, const void *bytes,
                    size_t count, struct err *e);

#endif
