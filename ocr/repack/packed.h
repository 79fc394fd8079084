/* Packed: the form that repack.h writes and restores. Pure; fuzzed (fuzz_packed).
 *
 *   head      u32 magic | u8 version | u64 bytes of the original | its SHA-256
 *   segments  u8 kind | u32 bytes of the original | u32 bytes stored | those bytes
 *             … as many as make up the original, in its order, and nothing more
 *
 *   kind  1 literal   as it is; both counts are the same
 *         2 squeezed  one zstd frame
 *         3 JPEG      a JPEG XL file with the reconstruction data of a JPEG stream
 *
 * No segment is empty, or larger than what it stands for. */
#ifndef TRAM_OCR_PACKED_H
#define TRAM_OCR_PACKED_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/hash.h"

/* Below this saving the original travels as it is. */
#define REPACK_GAIN_MIN_PERCENT 5

#define PACKED_ORIGINAL_MAX  (1ull << 30) /* as large as a document may be (source.h) */
#define PACKED_LITERAL_MAX   (1u << 20)   /* of the original, in one segment */
#define PACKED_JPEG_MAX      (64u << 20)  /* likewise */
#define PACKED_HEAD_BYTES    (4 + 1 + 8 + HASH_BYTES)
#define PACKED_SEGMENT_BYTES (1 + 4 + 4) /* before those that are stored */

/* The largest packed form that is worth it; 0: none could be. */
uint64_t packed_bytes_max(uint64_t original_bytes);

struct packed_head {
    uint64_t original_bytes;
    struct hash sha256;
};

enum packed_kind { PACKED_LITERAL = 1, PACKED_SQUEEZED, PACKED_JPEG };

struct packed_segment {
    enum packed_kind kind;
    uint32_t original_bytes;
    uint32_t stored_count;
    const unsigned char *stored; /* into the bytes that are read */
};

void packed_head_encode(const struct packed_head *h, struct buffer *out);

/* All but the stored bytes, which follow. */
void packed_segment_encode(const struct packed_segment *s, struct buffer *out);

/* Reads a packed form that lies in memory, and must outlive it. */
struct packed_reader {
    struct packed_head head;
    struct cursor rest;
    uint64_t original_left;
};

/* ERR_CORRUPT: not a packed form. ERR_TOO_BIG: the original would be larger than
 * PACKED_ORIGINAL_MAX. The head alone will do for the head. */
int packed_open(struct packed_reader *out, const void *bytes, size_t count,
                struct err *e);

/* 1: *out is the next segment, whose stored bytes are anything yet. 0: that was all,
 * and they make up the original's size. -1: ERR_CORRUPT. */
int packed_next(struct packed_reader *r, struct packed_segment *out, struct err *e);

#endif
