/* Courier's reader: the entries of one tar on a stick, whatever somebody made of it.
 *
 * The tar is outside bytes and is opened by libarchive here, outside the cage, because
 * the keys that prove what is in it are here too, and because an answer about each
 * entry is wanted, not only its bytes. So libarchive is shown very little. A gate looks
 * at each 512-byte block first: only a plain ustar header passes, a file, checksum
 * right, with a name of ours (courier.h), no link, no prefix, an octal size within
 * the cap, and zeroes in what a ustar leaves unused. Extended headers, sparse files,
 * links, long names, base-256 numbers and filters, which is where archive readers
 * go wrong, never reach it; it opens at such a header, reads this one entry, and is
 * closed.
 *
 * What does not pass is stepped over block by block, and each such stretch is counted:
 * a header that was damaged costs its own entry, and the rest goes on. Sealed bytes
 * look like no header; who puts a header into them has written an entry, no more.
 *
 * One entry's bytes at most are in memory, COURIER_ENTRY_BYTES_MAX. */
#ifndef TRAM_SYNC_COURIER_READER_H
#define TRAM_SYNC_COURIER_READER_H

#include "sync/courier.h"

struct courier_reader;

/* `stick` must outlive it. */
int courier_reader_open(struct courier_reader **out, struct disk *stick, const char *path,
                        struct err *e);
void courier_reader_close(struct courier_reader *r); /* NULL is fine */

/* The next entry: 1. 0: the tar is at its end. -1: the stick cannot be read (pulled out,
 * worn): what was had so far is good. */
int courier_reader_next(struct courier_reader *r, struct courier_entry *out,
                        struct err *e);

/* Its bytes, in place of what `out` holds; *sound is false if they were damaged, cut
 * off or cannot be read. -1: our own trouble. Need not be asked for. */
int courier_reader_bytes(struct courier_reader *r, struct buffer *out, bool *sound,
                         struct err *e);

uint64_t courier_reader_at(const struct courier_reader *r); /* for a progress bar */
/* So far: stretches that were stepped over. */
unsigned courier_reader_stretches(const struct courier_reader *r);
/* At the end: it lacks the mark that a tar ends with. */
bool courier_reader_cut_off(const struct courier_reader *r);

/* The gate alone, for its tests: whether this block may be shown to libarchive. */
#define COURIER_BLOCK_BYTES 512
bool courier_gate(const unsigned char block[COURIER_BLOCK_BYTES],
                  struct courier_entry *out);

#endif
