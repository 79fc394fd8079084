/* Bundle: a run of consecutive frames, compressed, sealed and signed; the same
 * bytes on the link, on a stick and at every retry, but where the receiver lacks what
 * it leans on, or was put back, and on a stick where it leans on anything: then its
 * frames go in another one.
 *
 *   header, 36 bytes, little-endian
 *     0  4  "TRB1"
 *     4  1  direction: 0 up (box to centre), 1 down
 *     5  1  packing: 0 plain, 1 zstd, 2 zstd with a dictionary, 3 zstd with history,
 *           4 squeezed with a dictionary, 5 squeezed with history
 *     6  2  site
 *     8  1  epoch of the writer
 *     9  1  the receiver's epoch that the frames' `seen` is of
 *    10  2  0
 *    12  8  first sequence
 *    20  4  frames
 *    24  4  bytes before packing
 *    28  4  bytes sealed (packed, without the tag)
 *    32  4  dictionary number, or 0 (dictionary.h)
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
 * their sequence numbers count up from the header's.
 *
 * What zstd may point back into, beside the frames themselves, and what a squeeze
 * (squeeze.h) begins behind: the dictionary's bytes, if the header names one, and behind
 * them the history, if it is packed with one: the
 * last bytes of the changesets, one behind the other, up to a frame that the receiver
 * has said it holds. Which, is said inside the seal, before what the packer made:
 *   varint first sequence - the history's last | varint bytes of it
 *   | first 8 bytes of the chain hash after it
 * The chain covers every changeset before it, so that who has that hash has the same
 * bytes, whatever was restored, forked or cloned in between; who has not says so
 * (bundle.lacks, message.h's REFUSED) and gets the same frames packed without. */
#ifndef TRAM_SYNC_BUNDLE_H
#define TRAM_SYNC_BUNDLE_H

#include "base/hash.h"
#include "sync/keys.h"

#define BUNDLE_HEADER_BYTES   36
#define BUNDLE_OVERHEAD_BYTES 148
#define BUNDLE_BYTES_MAX      (8u << 20)
#define BUNDLE_FRAMES_MAX     4096
#define BUNDLE_PLAIN_MAX      (16u << 20) /* before packing; a bomb stops here */
#define BUNDLE_HISTORY_MAX    (4u << 20)  /* that a receiver must be able to hold */
#define BUNDLE_DICTIONARY_MAX (1u << 20)
#define BUNDLE_CHAIN_BYTES    8

enum direction { DIRECTION_UP, DIRECTION_DOWN };
enum packing {
    PACKING_PLAIN,
    PACKING_ZSTD,
    PACKING_DICTIONARY,
    PACKING_HISTORY,
    PACKING_SQUEEZED_DICTIONARY,
    PACKING_SQUEEZED_HISTORY
};

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

/* Frames that both ends have. */
struct history_name {
    uint64_t last;  /* … up to this one */
    uint32_t bytes; /* of their changesets, the newest */
    uint8_t chain[BUNDLE_CHAIN_BYTES];
};

/* Where a receiver finds what a bundle leans on. Each appends to `out`, which is empty
 * and has room for as much as may be, and answers 1, or 0 where it does not have it.
 * NULL: it has none of that. Asked only for a bundle that is authenticated. */
struct bundle_sources {
    int (*history)(void *arg, const struct bundle_header *h,
                   const struct history_name *name, struct buffer *out, struct err *e);
    int (*dictionary)(void *arg, uint32_t number, struct buffer *out, struct err *e);
    void *arg;
};

/* What a receiver may learn before any key: who says that he wrote what. */
int bundle_peek(struct bundle_header *out, const void *bytes, size_t count,
                struct err *e);

/* Writing: frames in order, then seal. */
struct bundle_writer;
/* How hard it compresses: zstd's levels up to BUNDLE_LEVEL_ZSTD; BUNDLE_LEVEL: what leans
 * on something is squeezed. For the simulator: in the whole process, whatever a writer is
 * told; 0: as it is told. */
#define BUNDLE_LEVEL_ZSTD 19
#define BUNDLE_LEVEL      20
void bundle_writer_level_all(int level);
int bundle_writer_create(struct bundle_writer **out, enum direction direction,
                         uint16_t site, uint8_t epoch, struct err *e);
void bundle_writer_destroy(struct bundle_writer *w);
/* 0 until it is set. */
void bundle_writer_seen_epoch(struct bundle_writer *w, uint8_t seen_epoch);
/* The sequence must be the last one's plus 1. ERR_TOO_BIG when it is full: seal
 * what there is and begin another. */
int bundle_writer_add(struct bundle_writer *w, const struct frame *f, struct err *e);
size_t bundle_writer_bytes(const struct bundle_writer *w); /* plain, so far */
void bundle_writer_level(struct bundle_writer *w, int level);
/* What pays on a link of so many bytes a second, for so many plain ones. 0: nobody knows;
 * then it is taken for a weak one, but for what is small. */
#define BUNDLE_SMALL 4096
int bundle_level(uint64_t bytes_per_s, size_t plain_bytes);
/* What it may lean on; borrowed until it is sealed. */
void bundle_writer_dictionary(struct bundle_writer *w, uint32_t number, const void *bytes,
                              size_t count);
/* The changesets up to frame `last`, which is before the first one added; `chain`: the
 * hash after it. */
void bundle_writer_history(struct bundle_writer *w, uint64_t last,
                           const struct hash *chain, const void *bytes, size_t count);
/* `chain`: the hash after the last frame added. */
int bundle_writer_seal(struct bundle_writer *w, const struct hash *chain,
                       const struct key_pair *writer, const struct public_key *receiver,
                       struct random *r, struct buffer *out, struct err *e);

enum bundle_lack { BUNDLE_LACKS_NOTHING, BUNDLE_LACKS_HISTORY, BUNDLE_LACKS_DICTIONARY };

/* Opening: authenticates, unpacks, splits. ERR_REFUSED: forged, altered, cut off,
 * not for us; or, with `lacks`, authentic, and nothing wrong with it but that we do not
 * have what it leans on. `sources` may be NULL. `frames` point into memory of the opened
 * bundle. The signature needs the chain hash after the last frame: bundle_prove() checks
 * it once the receiver has computed that. */
struct bundle {
    struct bundle_header header;
    struct frame *frames;
    size_t frames_count;
    unsigned char *plain;
    enum bundle_lack lacks; /* nothing but the header is there then */
};
int bundle_open(struct bundle *out, const void *bytes, size_t count,
                const struct key_pair *receiver, const struct public_key *writer,
                const struct bundle_sources *sources, struct err *e);
void bundle_release(struct bundle *b); /* a zeroed one is fine; keeps `lacks` */

/* Whether its frames can be had from its own bytes alone, for ever. */
bool bundle_stands_alone(const struct bundle_header *h);
bool bundle_leans_on_history(const struct bundle_header *h);
/* The frames of an opened bundle, in a form that needs no key, history or dictionary; and
 * back. Damage shows (ERR_CORRUPT), forgery does not: for who keeps both beside each
 * other. */
int bundle_keep(const struct bundle *b, struct buffer *out, struct err *e);
int bundle_open_kept(struct bundle *out, const void *bytes, size_t count,
                     const void *kept, size_t kept_count, struct err *e);
bool bundle_proved(const void *bytes, size_t count, const struct public_key *writer,
                   const struct hash *chain);

#endif
