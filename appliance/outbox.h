/* Outbox: what the sync core asks of the box's store. It makes bundles from the
 * changelog and keeps each, sealed, until it is receipted, so that the same bytes go
 * on every road and at every retry; it seals blobs piece by piece; it stores
 * receipts and what they mean. Used by the link's agent, the courier and the
 * simulator alike.
 *
 * A bundle leans on what the centre is known to hold (sync/bundle.h): the dictionary that
 * this box writes with, and the frames that the newest receipt calls received. Kept, it
 * is the same bytes at every retry, also when more is received by then. But one that leans
 * on what the centre says it lacks, or was made for a centre that has been put back since,
 * is forgotten, and its frames go in another bundle; and so does, by stick, one that leans
 * and of which nothing has left.
 *
 * Single-threaded, as its box. Nothing of the store may be open when it is called:
 * what it writes is a transaction of its own each time. */
#ifndef TRAM_APPLIANCE_OUTBOX_H
#define TRAM_APPLIANCE_OUTBOX_H

#include "appliance/box.h"
#include "sync/core.h"

#define OUTBOX_BUNDLE_PLAIN_BYTES                                                        \
    262144 /* cut a bundle here: a link of 20 kbit/s is the measure */
#define OUTBOX_HISTORY_BYTES (1u << 20) /* docs/BENCHMARKS.md */

struct outbox;

/* Whether this box has a centre at all: a demo box has none. */
int outbox_enrolled(struct box *b, bool *enrolled, struct err *e);

/* The box must be enrolled (ERR_USAGE otherwise). `b` and `r` must outlive it. */
int outbox_create(struct outbox **out, struct box *b, struct random *r, struct err *e);
void outbox_destroy(struct outbox *o); /* NULL is fine; wipes the key */

/* Where the centre is, and the key of its certificate. */
struct outbox_centre {
    char province[128], url[256];
    struct public_key tls_key;
};
int outbox_centre(struct outbox *o, struct outbox_centre *out, struct err *e);

/* Fills site, epoch, keys, sequences; the caller adds `random`. */
int outbox_config(struct outbox *o, struct sync_config *out, struct err *e);
int outbox_status(struct outbox *o, struct status_vector *out, struct err *e);
int outbox_last(struct outbox *o, uint64_t *last, struct err *e);

/* How far the centre is, by the newest receipt on disk; and what ever left. */
struct outbox_numbers {
    uint64_t received, applied, safe;
    uint64_t sent;
    uint8_t centre_epoch; /* of that receipt */
};
int outbox_numbers(struct outbox *o, struct outbox_numbers *out, struct err *e);
/* … in the core's terms, for SYNC_EVENT_TOLD. */
int outbox_told(struct outbox *o, struct sync_told *out, struct err *e);

/* MAKE_BUNDLE, NEXT_BLOB: 1 and *out; 0: there is none. A bundle that is kept and
 * holds the frame is given again, else one is made that begins there. Blobs, of the
 * small images' class or the originals'; an original that is packed (packing.h) travels so, under the
 * packed form's hash, unless it has begun to leave as it is. A blob whose file is not
 * there, or cannot be opened, is passed over: `verify` tells of it, and the others must not wait. */
int outbox_bundle(struct outbox *o, uint64_t sequence, struct sync_object *out,
                  struct err *e);
/* The same for a stick, on which bytes cost nothing, and by which no centre says what it
 * lacks: what is made for it leans on nothing, and a kept one that leans, and of which
 * nothing has left yet, is made anew so. */
int outbox_bundle_alone(struct outbox *o, uint64_t sequence, struct sync_object *out,
                        struct err *e);
int outbox_next_blob(struct outbox *o, enum sync_class class, uint64_t after,
                     struct sync_object *out, struct err *e);

/* MAKE_BUNDLE as the core asks for it: compressed as hard as pays at the action's rate; and
 * what the centre lacks (action->lacks) is leant on no more: the kept bundles that do are
 * forgotten, that dictionary is not used again, and what is received by now is no history. */
int outbox_make(struct outbox *o, const struct sync_action *action,
                struct sync_object *out, struct err *e);

/* READ_BLOCK (ERR_CORRUPT: a blob was altered here): appends at most `count` bytes from
 * `offset`, of the bundle or the blob
 * that was given last of its class. Reading its first byte marks it as begun, reading a bundle's
 * last one as sent: what a carrier was handed counts as sent, nothing less. */
int outbox_read(struct outbox *o, const struct object_id *id, uint64_t offset,
                size_t count, struct buffer *out, struct err *e);

/* The same for a carrier that may still fail with all it was handed, a stick: nothing
 * counts as sent by it, until outbox_sent() says up to which sequence. */
int outbox_peek(struct outbox *o, const struct object_id *id, uint64_t offset,
                size_t count, struct buffer *out, struct err *e);
int outbox_sent(struct outbox *o, uint64_t last, struct err *e);

/* READ_CHAIN: appends the first CHAIN_HASH_BYTES of the chain's hash at each place of the
 * range; by those names, if names->epoch is not 0, and names->last not before the range's. */
int outbox_chain(struct outbox *o, const struct chain_range *r,
                 const struct fork_names *names, struct buffer *out, struct err *e);

/* STORE_RECEIPT: one transaction; a packed form's receipt is its original's too; drops bundles that are no longer needed. Within a
 * centre epoch numbers only rise; a newer epoch's are taken as they are, and what
 * was received but not safe counts as not sent. One of an older epoch changes
 * nothing. ERR_REFUSED: not our centre's, or of more than there is. */
int outbox_store_receipt(struct outbox *o, const void *bytes, size_t count,
                         struct err *e);

/* For the negative controls of tests only: what must turn them red. */
enum outbox_sabotage {
    OUTBOX_SOUND,
    OUTBOX_SENT_IS_RECEIVED, /* a blob that left needs no receipt */
};
void outbox_sabotage(enum outbox_sabotage how); /* for the whole process */

/* Remembers the centre of an enrolment file, inside `tram-box init --enrol`, after
 * the box's key was made and saved (key name "box"). One for a box in a lost one's place
 * raises the epoch with it, and an event begins the new line. ERR_BUSY: it has a centre;
 * ERR_REFUSED: the file is another site's. */
int outbox_enrol(struct box *b, const struct enrolment *f, struct err *e);

#endif
