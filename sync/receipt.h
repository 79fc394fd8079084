/* Receipt: the centre's signed word on what it holds of a site. It may return by
 * any road, any number of times; the highest numbers of the newest centre epoch
 * count, and none of them ever goes down within one centre epoch.
 *
 *   "TRR1" | site u16 | box epoch u8 | centre epoch u8
 *   | received u64 | applied u64 | safe u64      last sequences, without gaps
 *   | missing first u64 | missing last u64       a gap before a bundle that is held; 0, 0: none
 *   | wall ms u64                                the centre's signed time
 *   | blobs u32, each: SHA-256 32 | state u8     new since the last receipt: 1 received, 2 safe
 *   | signature 64 */
#ifndef TRAM_SYNC_RECEIPT_H
#define TRAM_SYNC_RECEIPT_H

#include "base/hash.h"
#include "sync/keys.h"

#define RECEIPT_BLOBS_MAX  1024
#define RECEIPT_BLOB_BYTES 33
#define RECEIPT_BYTES_MAX                                                                \
    (60 + RECEIPT_BLOBS_MAX * RECEIPT_BLOB_BYTES + SIGNATURE_BYTES + 64)

enum blob_state { BLOB_RECEIVED = 1, BLOB_SAFE = 2 };

struct receipt_blob {
    struct hash sha256;
    enum blob_state state;
};

struct receipt {
    uint16_t site;
    uint8_t box_epoch, centre_epoch;
    uint64_t received, applied, safe, missing_first, missing_last;
    int64_t wall_ms;
    struct receipt_blob *blobs; /* owned */
    size_t blobs_count;
};

void receipt_release(struct receipt *r); /* a zeroed one is fine */
void receipt_encode(const struct receipt *r, const struct key_pair *centre,
                    struct buffer *out);
/* ERR_REFUSED: not signed by this centre, or not for this site. */
int receipt_decode(struct receipt *out, const void *bytes, size_t count,
                   const struct public_key *centre, uint16_t site, struct err *e);

/* Whether it speaks of a line that the box of this epoch has left, when it was put back.
 * Box epoch 0: the centre has heard nothing yet. */
bool receipt_of_left_line(const struct receipt *r, uint8_t epoch);
/* Such a one counts as far as both lines are one, to frame `common`: under the numbers
 * after that it means others, and so does the gap that it names. */
void receipt_limit(struct receipt *r, uint64_t common);

#endif
