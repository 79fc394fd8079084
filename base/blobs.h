/* Blobs: files named by their SHA-256, below DIR/blobs/ab/cdef…, never altered.
 *
 * A blob that blob_writer_keep() reported is on disk: bytes, name and directory
 * synced. Bytes arrive in pieces, from a file or from a caged child; nothing here
 * looks into them. What a power cut leaves half-written is in DIR/blobs/tmp until
 * the owner of DIR calls blobs_sweep().
 *
 * Several threads and processes may have the same DIR open, each with a struct
 * blobs of its own; one struct is for one thread at a time. */
#ifndef TRAM_BASE_BLOBS_H
#define TRAM_BASE_BLOBS_H

#include "base/disk.h"
#include "base/hash.h"

struct blobs;
struct blob_writer;

/* Makes the directories that are missing; removes nothing, because another may be
 * writing. `d` must outlive it. */
int blobs_open(struct blobs **out, struct disk *d, const char *dir, struct err *e);
void blobs_close(struct blobs *b); /* NULL is fine */

/* Removes what was left half-written. Only for the owner of DIR, at its start,
 * before anyone else writes there: it would remove the files of live writers. */
int blobs_sweep(struct blobs *b, struct err *e);

/* A writer is one blob; several may be open at once. Not kept: removed by
 * _destroy. `b` must outlive it. */
int blob_writer_create(struct blob_writer **out, struct blobs *b, struct err *e);
int blob_writer_add(struct blob_writer *w, const void *bytes, size_t count,
                    struct err *e);
/* For bytes that somebody else writes, a caged child for instance: the file, on the
 * disk and empty, and then the word that it is filled. It is read once, to be hashed. */
struct disk_file *blob_writer_file(struct blob_writer *w);
int blob_writer_filled(struct blob_writer *w, struct err *e);
/* What its bytes so far come to. */
void blob_writer_hash(const struct blob_writer *w, struct hash *out);
/* Syncs, names, syncs the directories; once, at the end of a writer's life.
 * *was_there: the same bytes were kept before; nothing was written twice, and what
 * is there has been read, compared and synced again. A blob found altered
 * or unreadable is replaced by the good one. After a failure a sound blob may be there that nothing
 * promises; keeping it again mends that. */
int blob_writer_keep(struct blob_writer *w, struct hash *out, uint64_t *bytes,
                     bool *was_there, struct err *e);
void blob_writer_destroy(struct blob_writer *w); /* NULL is fine */

/* ERR_IO if it is not there. Being there is no promise that it survives a power
 * cut: only blob_writer_keep() gives that. */
int blob_open(struct blobs *b, struct disk_file **out, const struct hash *h,
              struct err *e);
int blob_exists(struct blobs *b, const struct hash *h, bool *out, struct err *e);

/* Reads it all and compares; *sound is false if absent or altered. ERR_IO if the
 * disk cannot read it. */
int blob_check(struct blobs *b, const struct hash *h, bool *sound, struct err *e);

/* The hash of every blob that is there, in order; `each` may remove the one it is
 * given, and ends the walk with -1. Names that are not a blob's are passed over. */
int blobs_each(struct blobs *b,
               int (*each)(void *arg, const struct hash *h, struct err *e), void *arg,
               struct err *e);

/* Only for a blob that no row names. Gone for good; absent is fine. */
int blob_remove(struct blobs *b, const struct hash *h, struct err *e);

#endif
