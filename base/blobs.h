/* Blobs: files named by their SHA-256, below DIR/blobs/ab/cdef…, never altered.
 *
 * A blob that blob_writer_keep() reported is on disk: bytes, name and directory
 * synced. Bytes arrive in pieces, from a file or from a caged child; nothing here
 * looks into them. What a power cut leaves half-written is in DIR/blobs/tmp and
 * is swept by blobs_open(). */
#ifndef TRAM_BASE_BLOBS_H
#define TRAM_BASE_BLOBS_H

#include "base/disk.h"
#include "base/hash.h"

struct blobs;
struct blob_writer;

/* Makes the directories that are missing. `d` must outlive it. */
int blobs_open(struct blobs **out, struct disk *d, const char *dir, struct err *e);
void blobs_close(struct blobs *b); /* NULL is fine */

/* One writer may write several blobs at once. Not kept: removed by _destroy. */
int blob_writer_create(struct blob_writer **out, struct blobs *b, struct err *e);
int blob_writer_add(struct blob_writer *w, const void *bytes, size_t count,
                    struct err *e);
/* Syncs, names, syncs the directories. *was_there: the same bytes were kept
 * before; nothing was written twice. */
int blob_writer_keep(struct blob_writer *w, struct hash *out, uint64_t *bytes,
                     bool *was_there, struct err *e);
void blob_writer_destroy(struct blob_writer *w); /* NULL is fine */

/* ERR_IO if it is not there. */
int blob_open(struct blobs *b, struct disk_file **out, const struct hash *h,
              struct err *e);
int blob_exists(struct blobs *b, const struct hash *h, bool *out, struct err *e);

/* Reads it all and compares; *sound is false if absent or altered. */
int blob_check(struct blobs *b, const struct hash *h, bool *sound, struct err *e);

/* Only for a blob that no row names. */
int blob_remove(struct blobs *b, const struct hash *h, struct err *e);

#endif
