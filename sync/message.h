/* Message: what travels on the framed stream after the HTTP Upgrade, both ways:
 *
 *   u8 type | u16 payload bytes, LE | payload
 *
 * HELLO    1  box    u16 site | u8 epoch | u8 0 | status vector (≤ 64)
 *                    | signature 64 by the box's key over "tram hello" | binding
 *                    | the bytes before it. `binding` ties it to this one connection:
 *                    TLS's exporter, or the Upgrade request's nonce on plain http.
 * CLAIM    2  box    CLAIM_BYTES, sync/enrol.h; before HELLO, on the first contact
 * OFFER    3  both   object | u64 bytes in all: may I go on where we stopped?
 * HAVE     4  both   object | u64 offset: durable so far; go on from there. The whole
 *                    size means: taken; the centre's RECEIPT, a box's SEEN follows.
 * BLOCK    5  both   object | u64 bytes in all | u64 offset | bytes ≤ 4096
 * RECEIPT  6  centre sync/receipt.h
 * REFUSED  7  both   object | u8 reason (enum refused): never send it again as it is
 * LATER    8  centre u32 ms: come back then
 * PING 9, PONG 10    both, empty; a box's PONG says that what came before the PING is
 *                    on its disk; the centre's, that it has said all it had to say
 *                    about what came before
 * SEEN    11  box    u64 sequence | u8 centre's epoch: what the centre sent is applied
 *                    here up to that one
 * WANT    12  box    object: a blob that the box let go and would have again
 * CHAIN   13  both   u8 0 | u8 epoch | u64 first | u64 last | hashes of 16 bytes each: a box
 *                    asks: which of these does the centre know, of any line that this
 *                    site has had? The first bytes of its chain's hashes at
 *                    chain_place() 0, 1, …, all of them.
 *                    u8 1 | u8 epoch | u64 first | u64 last | signature 64: the centre
 *                    answers: it knows that of place `first`, and not that of the next
 *                    one asked for, `last` (the same: it knows them all); the highest
 *                    epoch that it knows. Signed by its key over "tram chain" and the
 *                    rest as HELLO, so that nobody else makes a box leave its line.
 * MORE    14  box    bytes ≤ 4096: a BLOCK that goes on where the last BLOCK or MORE of this
 *                    connection ended, of the same object. Carriers make and undo it
 *                    (struct message_thread): nobody else hears of it.
 *
 * object: u8 kind (0 bundle, 1 sealed blob; who does not know a kind answers REFUSED)
 * | first 16 bytes of the SHA-256 of its sealed bytes (bundle) or of the blob (sealed
 * blob).
 *
 * Status vector: u8 version | varint last sequence | varint sequence received | varint
 * bytes waiting by class 0..6 | varint oldest unsent, s | varint parked | u8 disk
 * used, per cent | u8 last failure | from version 2 on: varint seen, the centre's last
 * sequence applied | u8 the centre's epoch that this one is of | varint schema. At most
 * 64 bytes: a number that is larger than its room is said as large as that. A box of
 * version 1 takes nothing from the centre but receipts. */
#ifndef TRAM_SYNC_MESSAGE_H
#define TRAM_SYNC_MESSAGE_H

#include "base/buffer.h"
#include "base/hash.h"
#include "sync/enrol.h"

#define MESSAGE_HEADER_BYTES 3
#define BLOCK_BYTES_MAX      4096
#define MESSAGE_PAYLOAD_MAX  65535
#define STATUS_BYTES_MAX     64
#define SYNC_CLASSES         7
#define CHAIN_PLACES_MAX     64
#define CHAIN_HASH_BYTES     16

/* What may wait for what: each goes before the next at every block's end. */
enum sync_class {
    SYNC_CLASS_STATUS, /* and receipts, and what is said without a block */
    SYNC_CLASS_RECORDS,
    SYNC_CLASS_CONFIGURATION,
    SYNC_CLASS_LAYOUT,
    SYNC_CLASS_IMAGES, /* small ones */
    SYNC_CLASS_ORIGINALS,
    SYNC_CLASS_SYSTEM,
};

enum message_type {
    MESSAGE_HELLO = 1,
    MESSAGE_CLAIM,
    MESSAGE_OFFER,
    MESSAGE_HAVE,
    MESSAGE_BLOCK,
    MESSAGE_RECEIPT,
    MESSAGE_REFUSED,
    MESSAGE_LATER,
    MESSAGE_PING,
    MESSAGE_PONG,
    MESSAGE_SEEN,
    MESSAGE_WANT,
    MESSAGE_CHAIN,
    MESSAGE_MORE,
};

enum object_kind {
    OBJECT_BUNDLE,
    OBJECT_BLOB,
    OBJECT_KINDS, /* that this version knows; a message may name any */
};

#define OBJECT_ID_BYTES 16
struct object_id {
    uint8_t kind; /* enum object_kind */
    uint8_t id[OBJECT_ID_BYTES];
};
bool object_id_equal(const struct object_id *a, const struct object_id *b);

enum refused {
    REFUSED_FORGED = 1,   /* does not authenticate, or altered */
    REFUSED_UNKNOWN_SITE, /* not enrolled here, or revoked */
    REFUSED_CLAIM_USED,   /* the one-time secret was used before */
    REFUSED_NOT_YOURS,    /* of another site than the one that says hello */
    REFUSED_FORK,         /* a sequence that we hold with other contents */
    REFUSED_TOO_BIG,
    REFUSED_UNKNOWN_KIND, /* an object of a later version's */
    REFUSED_NOT_HERE,     /* what was wanted is not held here */
    REFUSED_HISTORY,      /* a bundle that leans on frames which are not held here */
    REFUSED_DICTIONARY, /* … or on a dictionary: its frames may come packed otherwise */
};
const char *refused_name(enum refused r);

struct status_vector {
    uint64_t last, received;
    uint64_t waiting_bytes[SYNC_CLASSES];
    uint64_t oldest_unsent_s, parked;
    uint8_t disk_used_percent, last_failure;
    uint64_t seen;
    uint8_t seen_epoch;
    uint32_t schema; /* 0: of a box that takes nothing but receipts */
};

/* Frames of a line, by their sequences; 0 is its beginning. */
struct chain_range {
    uint64_t first, last; /* first <= last < 2^56 */
};
/* How many places of the range are asked about, and which: evenly spaced, its ends
 * among them. So three questions find one place among 262,144. */
unsigned chain_places(const struct chain_range *r);
uint64_t chain_place(const struct chain_range *r, unsigned index);

struct message {
    enum message_type type;
    union {
        struct {
            uint16_t site;
            uint8_t epoch;
            struct status_vector status;
            const unsigned char *signed_bytes; /* what the signature covers, borrowed */
            size_t signed_count;
            const unsigned char *signature;
        } hello;
        struct {
            const unsigned char *bytes; /* CLAIM_BYTES */
        } claim;
        struct {
            struct object_id object;
            uint64_t total_bytes, offset;
            const unsigned char *bytes;
            size_t count;
        } block; /* also OFFER (no offset, bytes), HAVE (no total) and WANT (neither) */
        struct {
            const unsigned char *bytes;
            size_t count;
        } receipt;
        struct {
            struct object_id object;
            enum refused reason;
        } refused;
        uint32_t later_ms;
        struct {
            uint64_t sequence;
            uint8_t epoch;
        } seen;
        struct {
            struct chain_range range;
            uint8_t epoch;
            const unsigned char *hashes; /* CHAIN_HASH_BYTES each; NULL: it answers */
            const unsigned char *signed_bytes; /* of an answer, borrowed */
            size_t signed_count;
            const unsigned char *signature;
        } chain;
    } as;
};

/* Encoders append one whole message. */
void message_hello(struct buffer *out, uint16_t site, uint8_t epoch,
                   const struct status_vector *status, const void *binding,
                   size_t binding_count, const struct key_pair *box);
void message_claim(struct buffer *out, const uint8_t claim[CLAIM_BYTES]);
void message_offer(struct buffer *out, const struct object_id *o, uint64_t total_bytes);
void message_have(struct buffer *out, const struct object_id *o, uint64_t offset);
void message_block(struct buffer *out, const struct object_id *o, uint64_t total_bytes,
                   uint64_t offset, const void *bytes, size_t count);
void message_receipt(struct buffer *out, const void *bytes, size_t count);
void message_refused(struct buffer *out, const struct object_id *o, enum refused r);
void message_later(struct buffer *out, uint32_t ms);
void message_empty(struct buffer *out, enum message_type t); /* PING, PONG */
void message_seen(struct buffer *out, uint64_t sequence, uint8_t centre_epoch);
void message_want(struct buffer *out, const struct object_id *o);
/* `hashes`: chain_places() of CHAIN_HASH_BYTES each. */
void message_chain_ask(struct buffer *out, const struct chain_range *r, uint8_t epoch,
                       const void *hashes);
void message_chain_answer(struct buffer *out, const struct chain_range *r, uint8_t epoch,
                          const void *binding, size_t binding_count,
                          const struct key_pair *centre);

/* Looks at the front of a stream: 1 and *out, *used when a whole message is there;
 * 0 when more bytes are needed; -1 ERR_CORRUPT when this can be no message. What
 * *out points to lies in `bytes`. */
int message_next(struct message *out, size_t *used, const void *bytes, size_t count,
                 struct err *e);

/* One direction of one connection: what a MORE would go on with. Zeroed at first. */
struct message_thread {
    bool active;
    struct object_id object;
    uint64_t total_bytes, next;
};
/* Appends whole messages, each BLOCK that can be as a MORE: 33 bytes less. */
void message_shorten(struct message_thread *t, struct buffer *out, const void *bytes,
                     size_t count);
/* Makes a MORE the BLOCK that it stands for. ERR_CORRUPT: it goes on with nothing. */
int message_lengthen(struct message_thread *t, struct message *m, struct err *e);

/* How much of the front of what is to be sent belongs together: whole messages, as many
 * as one block may have; at least the first one, as far as it is there. A link that
 * breaks in between has carried for nothing no more than that. */
size_t message_cut(const void *bytes, size_t count);

bool message_hello_proved(const struct message *m, const void *binding,
                          size_t binding_count, const struct public_key *box);
/* Of an answer. */
bool message_chain_proved(const struct message *m, const void *binding,
                          size_t binding_count, const struct public_key *centre);

#endif
