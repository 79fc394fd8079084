/* Core: what a box decides about its backlog. No socket, file, database, clock,
 * thread or random source inside: an event comes in with the time, actions come
 * out, to be carried out in their order, so that "persist" precedes "send".
 *
 *          committed, wanted, timer           link up
 *   IDLE ──────────────────────────► CONNECTING ──► TALKING
 *    ▲                                │    ▲        │    │
 *    │                      link down │    │ timer, │    │ link down, silence, LATER,
 *    │                       too long │    │ wanted │    │ refused, our disk said no
 *    │                                ▼    │        │    │
 *    │                               WAITING ◄──────┼────┘
 *    └──────────────────────────────────────────────┘ all received
 *
 * A carrier (link, courier, simulator) carries actions out and holds no decision of
 * its own. It answers each request (MAKE_BUNDLE, NEXT_BLOB, READ_BLOCK,
 * STORE_RECEIPT, TAKE_OFFER, TAKE_BLOCK, READ_CHAIN) with one event, never from inside
 * the step, and before it brings up another link; one request is open at a time. After
 * CLOSE it says no LINK_DOWN for what it closed.
 *
 * Classes (message.h): at every block boundary the next block is of the highest class
 * that waits: a commit puts the next bundle in front of the next block of an original
 * that is on its way. A lower class that had to wait for SYNC_SHARE_BLOCKS gets one
 * all the same, so that a box that always writes still drains its originals. A class
 * whose budget is spent, and on a metered link all behind the records, is withheld:
 * the contact ends without it, and sync_withheld() says so.
 *
 * What comes down is taken while sending goes on: receipts first, then the centre's
 * bundles; a blob that comes back waits as blobs do that leave. What arrives is kept
 * by the carrier, and nothing of it is confirmed before that.
 *
 * A fork that nobody noticed (the box was put back to an older state, or its card was
 * cloned) shows in what the centre refuses or says to have. Then nothing else moves until
 * it is known which frame is the last that the centre knows too, of any line of ours:
 *
 *         suspected            our hashes           question             answer
 *   NONE ───────────► SUSPECTED ────────► READING ────────► ASKED ───────────────► NONE
 *                         ▲                  ▲                │  no fork, or no cure
 *                         │                  └─── narrower ───┤
 *                         └──── link down, our disk said no ──┴──► FORK: this core's end
 *
 * FORK is the last action of its step: the carrier lets the line leave there under the
 * new epoch (schema/fork.h), makes the core anew and wants a contact. If it cannot, it
 * goes on with this one, which asks again later. What cannot be healed waits for a person.
 * Before that it asks whether the centre has frames of ours after the last common one by
 * other names: those of a line that left there, when this box is made of a copy from
 * before that. And where nothing was refused, but another box goes on in our name, ours
 * leaves behind all that we have: the centre takes it late, as it may come by stick too.
 *
 * What the centre has and cannot take yet (frames after a gap; a new line, while the old one
 * is not applied) it says to have, and no receipt covers. That is not sent again: each
 * contact asks after the first of it, and may end without a receipt for it.
 *
 * What left in one contact is not sent twice in it. A contact ends when all was
 * received and the centre has said where it stands and all it has to say; a moment is
 * allowed for `applied` to come too. A contact in which nothing is heard, or nothing
 * moves, is left. A network that appears ends a wait after a failure, and puts a link
 * from before it to the question. */
#ifndef TRAM_SYNC_CORE_H
#define TRAM_SYNC_CORE_H

#include "base/buffer.h"
#include "base/random.h"
#include "schema/fork_names.h"
#include "sync/message.h"
#include "sync/receipt.h"

/* How long is long. Each leaves room for a link of 20 kbit/s, where a block takes
 * under two seconds. */
#define SYNC_BACKOFF_MS_MIN  1000
#define SYNC_BACKOFF_MS_MAX  300000
#define SYNC_CONNECT_MS_MAX  30000
#define SYNC_PING_AFTER_MS   10000   /* of silence */
#define SYNC_SILENCE_MS_MAX  25000   /* … then the link is dead */
#define SYNC_STALL_MS_MAX    180000  /* it answers, but nothing moves */
#define SYNC_LINGER_MS_MAX   5000    /* for what the centre has still to say */
#define SYNC_REFUSED_WAIT_MS 3600000 /* a person must act first; look again in an hour */
#define SYNC_IDLE_MS_MAX     3600000 /* then ask what is applied and safe by now */
#define SYNC_NETWORK_MS_MAX  100  /* after a network appeared: its news come in pieces */
#define SYNC_DOUBT_MS_MAX    8000 /* … for a link from before it to answer */

#define SYNC_SHARE_BLOCKS 16 /* a class waits for so many, then it is its turn */

/* Kept of what came and could not be taken at once; what is more is asked for again.
 * So the centre offers an object again after so many bytes of it. */
#define SYNC_INCOMING_BYTES_MAX 131072

/* Of a blob that goes on, so much leaves before the centre has said from where; and so
 * much behind a gap it keeps until that is filled. */
#define SYNC_AHEAD_BYTES_MAX 65536

#define SYNC_WANTED_MAX 8

#define SYNC_EPOCH_LAST 254 /* of a box; 255: made at the centre */

enum sync_state { SYNC_IDLE, SYNC_CONNECTING, SYNC_TALKING, SYNC_WAITING };
const char *sync_state_name(enum sync_state s);

/* Bytes of the month at hand, as the carrier counts them on the wire. */
struct sync_budget {
    bool metered; /* nothing behind SYNC_CLASS_CONFIGURATION leaves */
    uint64_t month[SYNC_CLASSES], month_all; /* may leave; 0: any number */
    uint64_t spent[SYNC_CLASSES], spent_all;
};

/* Whether a block of this class may leave. */
bool sync_budget_allows(const struct sync_budget *b, enum sync_class class);

struct sync_config {
    uint16_t site;
    uint8_t epoch;
    bool claimed; /* and the claim is safe: it need not be heard again */
    struct key_pair box;
    struct public_key centre;
    uint8_t secret[ENROL_SECRET_BYTES]; /* unless claimed */
    uint64_t last;                      /* our last sequence */
    uint64_t received, applied, safe;   /* by the newest receipt */
    uint64_t
        line_last[256];   /* by epoch: our last frame of it; 0: there is none. A receipt
                                of a line that we have left speaks of no more */
    uint8_t centre_epoch; /* of that receipt */
    struct sync_budget budget;
    struct random *random; /* jitter; must outlive it */
};

enum sync_event_kind {
    SYNC_EVENT_TIMER,
    SYNC_EVENT_WANTED,    /* somebody asks for a contact now */
    SYNC_EVENT_COMMITTED, /* `last` has grown */
    SYNC_EVENT_TOLD,      /* `told`: a receipt came by another road and is on disk; not
                             while a step's actions wait */
    SYNC_EVENT_LINK_UP, /* `link`: this connection's binding, and our status. Again, while
                             it talks: what was sent is lost, the contact begins anew */
    SYNC_EVENT_LINK_DOWN,
    SYNC_EVENT_WRITABLE,  /* the carrier's buffer has room for a block */
    SYNC_EVENT_MESSAGE,   /* one message from the centre */
    SYNC_EVENT_OBJECT,    /* answer to MAKE_BUNDLE or NEXT_BLOB: here it is */
    SYNC_EVENT_NO_OBJECT, /* … there is none */
    SYNC_EVENT_BLOCK,     /* answer to READ_BLOCK */
    SYNC_EVENT_STORED,    /* answer to STORE_RECEIPT: it is on disk */
    SYNC_EVENT_TAKEN,     /* answer to TAKE_OFFER or TAKE_BLOCK: `taken` */
    SYNC_EVENT_CHAIN,     /* answer to READ_CHAIN: `chain` */
    SYNC_EVENT_FAILED,    /* answer to any request: our own disk said no */
    SYNC_EVENT_NETWORK,   /* there may be a way now that was not there before */
    SYNC_EVENT_BUDGET, /* `budget`: as it stands now; not while a step's actions wait */
    SYNC_EVENT_FETCH,  /* `fetch`: a blob that shall come back; again does no harm */
};

/* How far the centre is, by the newest receipt on our disk, in terms of our line. */
struct sync_told {
    uint8_t centre_epoch;
    uint64_t received, applied, safe;
};

/* What became of something that arrived. */
enum sync_taking { SYNC_TAKING_MORE, SYNC_TAKING_DONE, SYNC_TAKING_REFUSED };

struct sync_taken {
    enum sync_taking state;
    uint64_t bytes;   /* MORE: here of it; durable if it was an offer */
    uint64_t seen;    /* DONE, a bundle: applied up to here … */
    uint8_t epoch;    /* … of this epoch of the centre's */
    enum refused why; /* REFUSED */
};

struct sync_object {
    struct object_id id;
    enum sync_class class;
    uint64_t total_bytes;
    uint64_t first, last; /* a bundle's sequences; a blob's place in the order, twice */
    bool sent_before;     /* some of it left in an earlier contact: ask, then go on */
};

struct sync_event {
    enum sync_event_kind kind;
    int64_t now_ms; /* monotonic */
    union {
        uint64_t last;
        struct {
            const void *binding;
            size_t binding_count;
            struct status_vector status;
        } link;
        const struct message *message;
        struct sync_told told;
        struct sync_object object;
        struct {
            const void *bytes;
            size_t count;
        } block;
        struct sync_taken taken;
        struct {
            const void *hashes; /* CHAIN_HASH_BYTES each, of all places of the range */
            uint64_t last;      /* our last sequence, now */
        } chain;
        struct sync_budget budget;
        struct object_id fetch;
    } as;
};

enum sync_action_kind {
    SYNC_DO_CONNECT,
    SYNC_DO_CLOSE,
    SYNC_DO_SEND,          /* bytes: whole messages; class: of the block among them */
    SYNC_DO_MAKE_BUNDLE,   /* the bundle that holds sequence `first`: kept, or made; if
                              `lacks` is not 0, first forget `object`: the centre lacks
                              what it leans on, and says which (enum refused). `rate`:
                              bytes a second that the link takes; 0: not known */
    SYNC_DO_NEXT_BLOB,     /* the first of `class` after place `first` not received yet */
    SYNC_DO_READ_BLOCK,    /* object, class, offset, count: what was given last of it */
    SYNC_DO_STORE_RECEIPT, /* bytes: persist, then answer STORED */
    SYNC_DO_TAKE_OFFER,    /* object, total_bytes: make durable what is here of it */
    SYNC_DO_TAKE_BLOCK, /* … and offset, bytes: keep them; take it once it is whole */
    SYNC_DO_READ_CHAIN, /* range: the first bytes of our chain's hashes at its places, as
                           they would be by those `names` */
    SYNC_DO_FORK,  /* epoch: our line leaves the centre's after frame names.after, and
                           is of that epoch; what the centre has by `names` gets those */
    SYNC_DO_TIMER, /* at_ms: wake me then; replaces the one before */
    SYNC_DO_TRACE, /* text: one line for whoever watches */
};

struct sync_action {
    enum sync_action_kind kind;
    struct buffer bytes; /* SEND, STORE_RECEIPT, TAKE_BLOCK */
    char text[128];      /* TRACE */
    struct object_id object;
    enum sync_class class;
    uint64_t first, offset, total_bytes;
    struct chain_range range; /* READ_CHAIN */
    struct fork_names names;  /* … and FORK */
    uint8_t epoch;            /* FORK */
    uint64_t rate;
    unsigned lacks;
    size_t count;
    int64_t at_ms;
};

#define SYNC_ACTIONS_MAX 16
struct sync_actions {
    struct sync_action list[SYNC_ACTIONS_MAX];
    size_t count;
};

/* Zeroed ones are fine; call it when done with a step's actions. */
void sync_actions_release(struct sync_actions *a);

struct sync;

/* Copies the configuration, keys included; destroyed keys are wiped. A timer event
 * (or any other) starts it. */
int sync_create(struct sync **out, const struct sync_config *c, struct err *e);
void sync_destroy(struct sync *s); /* NULL is fine */

/* Releases and refills `out`. ERR_REFUSED: an event from outside that makes no
 * sense now (a receipt that is not ours, a HAVE beyond the end); nothing changed,
 * and the carrier closes the link and says LINK_DOWN. ERR_MEMORY: the same. */
int sync_step(struct sync *s, const struct sync_event *in, struct sync_actions *out,
              struct err *e);

enum sync_state sync_state_now(const struct sync *s);

/* All that was committed has been received, and every original that the carrier
 * knows of: what `sync --once` waits for. */
bool sync_drained(const struct sync *s);

/* What the budget or a metered link has kept back since the last contact began: a bit
 * for each class, 1 << class. */
unsigned sync_withheld(const struct sync *s);

/* All that is not received is held by the centre, as far as we have heard: the box can do
 * nothing more for it. Or all from this frame on, behind a gap. */
bool sync_held(const struct sync *s);
bool sync_held_from(const struct sync *s, uint64_t from);

/* For the negative controls of tests only: what must turn them red. */
enum sync_sabotage {
    SYNC_SOUND,
    SYNC_NO_PREEMPTION, /* the lowest class goes first */
};
void sync_sabotage(enum sync_sabotage how); /* for the whole process */

/* Why the centre will not have us, until the next contact: 0 or enum refused. */
unsigned sync_refused(const struct sync *s);

#endif
