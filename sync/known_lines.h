/* Known lines: what the centre writes to a stick when a box seems not to know that its
 * line was left, or that it was put back: the frames that it knows, of any line of the
 * site's. By a link the box asks (CHAIN, message.h); by stick this answers what it would.
 *
 *   "TRL2" | site u16 | epoch u8, of the line that is the site's now | centre epoch u8
 *   | received u64, of that line | floor u64
 *   | lines u8, each, by rising epoch: epoch u8 | last u64, the last frame of that epoch
 *   | frames u32,
 *   each: varint sequence - the one before (the first: - floor) | first 16 bytes of its chain hash
 *   | signature 64 by the centre's key over "tram lines" | the bytes before it
 *
 * Every frame from `floor` on that the centre knows is in it, in order of their numbers:
 * several of one number are of several lines. At most KNOWN_FRAMES_MAX, the newest. It
 * may be old: it tells of a fork where a line has a frame in the place of one of the box's
 * of the same epoch, or where the site's epoch is above the box's. */
#ifndef TRAM_SYNC_KNOWN_LINES_H
#define TRAM_SYNC_KNOWN_LINES_H

#include "base/hash.h"
#include "sync/keys.h"
#include "sync/message.h"

#define KNOWN_FRAMES_MAX 262144 /* 4.7 MB on a stick */
#define KNOWN_LINES      256    /* epochs */
#define KNOWN_BYTES_MAX  (4096 + KNOWN_FRAMES_MAX * (10 + CHAIN_HASH_BYTES))

struct known_frame {
    uint64_t sequence;
    uint8_t chain[CHAIN_HASH_BYTES];
};

struct known_lines {
    uint16_t site;
    uint8_t epoch, centre_epoch;
    uint64_t received, floor;
    uint64_t ends[KNOWN_LINES]; /* 0: there is no frame of the epoch */
    struct known_frame *frames; /* owned */
    size_t count;
};

void known_lines_release(struct known_lines *k); /* a zeroed one is fine */
void known_lines_encode(const struct known_lines *k, const struct key_pair *centre,
                        struct buffer *out);
/* ERR_REFUSED: not signed by this centre, or not about this site. */
int known_lines_decode(struct known_lines *out, const void *bytes, size_t count,
                       const struct public_key *centre, uint16_t site, struct err *e);

/* Whether a frame of this number with this hash is in it. */
bool known_lines_has(const struct known_lines *k, uint64_t sequence,
                     const uint8_t chain[CHAIN_HASH_BYTES]);

#endif
