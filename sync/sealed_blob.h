/* Sealed blob: an original on its way. Deterministic: key and nonces come from the
 * secret that box and centre share and the blob's SHA-256, so the bytes are equal
 * on every road and at every retry, and may be resumed at any offset.
 *
 *   "TRX1" | site u16 | 0 u16 | blob bytes u64 | SHA-256 of the blob 32    48 bytes
 *   then pieces of 64 KiB: ChaCha20-Poly1305, nonce = piece number, the header as
 *   additional data, tag 16 behind each; the last piece is marked in the nonce
 *
 * Any range of the sealed form can be made from the blob alone. */
#ifndef TRAM_SYNC_SEALED_BLOB_H
#define TRAM_SYNC_SEALED_BLOB_H

#include "base/buffer.h"
#include "base/disk.h"
#include "base/hash.h"
#include "sync/keys.h"

#define SEALED_HEADER_BYTES 48
#define SEALED_PIECE_BYTES  65536
#define SEALED_TAG_BYTES    16

uint64_t sealed_bytes(uint64_t blob_bytes);

/* What the first SEALED_HEADER_BYTES say; false unless they are the header of a blob of
 * this site. Anybody can write one: only sealed_blob_open() proves it. */
bool sealed_header_read(const unsigned char header[SEALED_HEADER_BYTES], uint16_t site,
                        uint64_t *blob_bytes, struct hash *sha256);

/* Bytes [offset, offset + count) of the sealed form of `f`, at most to its end. */
int sealed_blob_read(struct disk_file *f, uint16_t site, const struct hash *sha256,
                     const uint8_t shared[SHARED_BYTES], uint64_t offset, size_t count,
                     struct buffer *out, struct err *e);

/* The same for who reads in small blocks: sealing works in whole pieces, so a piece is
 * made at once and kept. Of one blob until it is cleared; zeroed ones are fine. */
struct sealed_window {
    struct buffer bytes;
    uint64_t at;
};
void sealed_window_clear(struct sealed_window *w);
void sealed_window_release(struct sealed_window *w);
int sealed_window_read(struct sealed_window *w, struct disk_file *f, uint16_t site,
                       const struct hash *sha256, const uint8_t shared[SHARED_BYTES],
                       uint64_t offset, size_t count, struct buffer *out, struct err *e);

/* Opens a complete sealed file into `sink`, piece by piece; ERR_REFUSED if forged,
 * altered or cut off, or if the plain bytes have another hash. */
int sealed_blob_open(struct disk_file *f, uint16_t site,
                     const uint8_t shared[SHARED_BYTES], struct hash *sha256,
                     int (*sink)(void *arg, const void *bytes, size_t count,
                                 struct err *e),
                     void *arg, struct err *e);

#endif
