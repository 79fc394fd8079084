/* Bundle: a run of consecutive frames, compressed, sealed and signed; the same
 * bytes on the link, on a stick and at every retry.
 *
 *   header, 36 bytes, little-endian
 *     0  4  "TRB1"
 *     4  1  direction: 0 up (box to centre), 1 down
 *     5  1  packing: 0 plain, 1 zstd, 2 zstd with a dictionary, 3 zstd with history
 *     6  2  site
 *     8  1  epoch of the writer
 *     9  1  the receiver's epoch that the frames' `seen` is of
 *    10  2  0
 *    12  8  first sequence
 *    20  4  frames
 *    24  4  bytes before packing
 *    28  4  bytes sealed (packed, without the tag)
 *    32  4  dictionary number, or 0
 *   36  32  ephemeral X25519 public key
 *   68   n  ChaCha20-Poly1305 of the packed frames
 *  68+n 16  its tag
 *  84+n 64  Ed25519 signature of the writer over header | ephemeral | sealed | tag |
 *           chain hash after the last frame
 *
 * 148 bytes around the packed frames. The cipher's key and nonce are derived from
 * header, ephemeral key, X25519(ephemeral, receiver) and X25519(writer, receiver):
 * the last makes the tag prove the writer, so that nothing is unpacked, let alone
 * parsed, before it is authenticated; the signature then proves the chain to
 * anybody. The chain hash is not sent: the receiver knows it from its own cursor
 * and the frames.
 *
 * Frames, before packing, each:
 *   varint schema | varint seen | varint changeset bytes | changeset
 * their sequence numbers count up from the header's. */
#ifndef TRAM_SYNC_BUNDLE_H
#define TRAM_SYNC_BUNDLE_H

#include "base/hash.h"
#include "sync/keys.h"

#define BUNDLE_HEADER_BYTES   36
#define BUNDLE_OVERHEAD_BYTES 148
#define BUNDLE_BYTES_MAX      (8u << 20)
#define BUNDLE_FRAMES_MAX     4096
#define BUNDLE_PLAIN_MAX      (16u << 20) /* before packing; a bomb stops here */

enum direction { DIRECTION_UP, DIRECTION_DOWN };
enum packing { PACKING_PLAIN, PACKING_ZSTD, PACKING_DICTIONARY, PACKING_HISTORY };

struct bundle_header {
    enum direction direction;
    enum packing packing;
    uint16_t site;
    uint8_t epoch, seen_epoch;
    uint64_t first;
    uint32_t frames, plain_bytes, sealed_bytes, dictionary;
};

struct frame {
    uint64_t sequence;
    uint32_t schema;
    uint64_t seen;
    const unsigned char *changeset; /* borrowed */
    size_t changeset_bytes;
};

/* What a receiver may learn before any key: who says that he wrote what. */
int bundle_peek(struct bundle_header *out, const void *bytes, size_t count,
                struct err *e);

/* Writing: frames in order, then seal. */
struct bundle_writer;
/* For the simulator: how hard it compresses, in the whole process. */
#define BUNDLE_LEVEL 19
void bundle_writer_level(int level);
int bundle_writer_create(struct bundle_writer **out, enum direction direction,
                         uint16_t site, uint8_t epoch, struct err *e);
void bundle_writer_destroy(struct bundle_writer *w);
/* 0 until it is set. */
void bundle_writer_seen_epoch(struct bundle_writer *w, uint8_t seen_epoch);
/* The sequence must be the last one's plus 1. ERR_TOO_BIG when it is full: seal
 * what there is and begin another. */
int bundle_writer_add(struct bundle_writer *w, const struct frame *f, struct err *e);
size_t bundle_writer_bytes(const struct bundle_writer *w); /* plain, so far */
/* `chain`: the hash after the last frame added. */
int bundle_writer_seal(struct bundle_writer *w, const struct hash *chain,
                       const struct key_pair *writer, const struct public_key *receiver,
                       struct random *r, struct buffer *out, struct err *e);

/* Opening: authenticates, unpacks, splits. ERR_REFUSED: forged, altered, cut off,
 * not for us. `frames` point into memory of the opened bundle. The signature needs
 * the chain hash after the last frame: bundle_prove() checks it once the receiver
 * has computed that. */
struct bundle {
    struct bundle_header header;
    struct frame *frames;
    size_t frames_count;
    unsigned char *plain;
};
int bundle_open(struct bundle *out, const void *bytes, size_t count,
                const struct key_pair *receiver, const struct public_key *writer,
                struct err *e);
void bundle_release(struct bundle *b); /* a zeroed one is fine */
bool bundle_proved(const void *bytes, size_t count, const struct public_key *writer,
                   const struct hash *chain);

#endif
