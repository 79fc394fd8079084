/* What backup and restore share: copying files, originals and keys. Internal to
 * sync/centre/backup*.c and restore.c. */
#ifndef TRAM_SYNC_CENTRE_BACKUP_PARTS_H
#define TRAM_SYNC_CENTRE_BACKUP_PARTS_H

#include "sync/centre/backup.h"

#define MANIFEST_BYTES_MAX (16u << 20)

/* The whole file, synced, and its hash. `to` must not be there; its name is not
 * synced yet. */
int backup_copy_file(struct disk *d, const char *from, const char *to,
                     struct hash *sha256, struct err *e);

int backup_hash_file(struct disk *d, const char *path, struct hash *sha256,
                     struct err *e);

/* The keys of one centre's directory into another's. */
int backup_copy_keys(struct disk *d, const char *from, const char *to, struct err *e);

/* Every original that `db` says was delivered, its bytes against their hash. Those that
 * are absent, altered or cannot be read are passed over: *lacking gets their hashes. */
#define BACKUP_LACKING_BYTES_MAX (64u << 20)
int backup_copy_originals(sqlite3 *db, struct blobs *from, struct blobs *to,
                          uint64_t *count, struct buffer *lacking, struct err *e);

/* By site: something of what came from it is not sound. Zeroes; NULL: no memory. */
bool *withheld_create(struct err *e);

/* A read or write of the manifest: hash of tram.db, the sites that were not sound, and for
 * people the rest. */
int manifest_write(struct centre *copy, const char *dir, const struct hash *database,
                   const struct backup_counts *counts, const bool *withheld,
                   struct err *e);
int manifest_read(struct disk *d, const char *dir, struct hash *database, bool *withheld,
                  struct err *e);

#endif
