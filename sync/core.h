/* Core: what a box decides about its backlog. No socket, file, database, clock,
 * thread or random source inside: an event comes in with the time, actions come
 * out, to be carried out in their order, so that "persist" precedes "send".
 *
 *                      ┌──────────── committed, wanted, timer ───────────┐
 *                      ▼                                                 │
 *   IDLE ──wanted──► CONNECTING ──link up──► TALKING ──all received──► IDLE
 *                      │  ▲                     │
 *            link down │  │ timer, wanted       │ link down, LATER, refused
 *                      ▼  │                     ▼
 *                     WAITING ◄─────────────────┘
 *
 * A carrier (link, courier, simulator) carries actions out and answers each
 * request (MAKE_BUNDLE, NEXT_BLOB, READ_BLOCK, STORE_RECEIPT) with one event,
 * never from inside the step; it holds no decision of its own. One request is
 * open at a time. Records go before images at every block boundary: while a blob is
 * on its way, a commit puts the next bundle in front of the blob's next block. */
#ifndef TRAM_SYNC_CORE_H
#define TRAM_SYNC_CORE_H

#include "base/buffer.h"
#include "base/random.h"
#include "sync/message.h"
#include "sync/receipt.h"

enum sync_state { SYNC_IDLE, SYNC_CONNECTING, SYNC_TALKING, SYNC_WAITING };
const char *sync_state_name(enum sync_state s);

struct sync_config {
    uint16_t site;
    uint8_t epoch;
    bool claimed; /* the centre has answered us before */
    struct key_pair box;
    struct public_key centre;
    uint8_t secret[ENROL_SECRET_BYTES]; /* while not claimed */
    uint64_t last;                      /* our last sequence */
    uint64_t received, applied, safe;   /* by the newest receipt */
    uint8_t centre_epoch;
    struct random *random; /* jitter; must outlive it */
};

enum sync_event_kind {
    SYNC_EVENT_TIMER,
    SYNC_EVENT_WANTED,    /* somebody asks for a contact now */
    SYNC_EVENT_COMMITTED, /* `last` has grown */
    SYNC_EVENT_LINK_UP,   /* `link`: this connection's binding, and our status */
    SYNC_EVENT_LINK_DOWN,
    SYNC_EVENT_WRITABLE,  /* the carrier's buffer has room for a block */
    SYNC_EVENT_MESSAGE,   /* one message from the centre */
    SYNC_EVENT_OBJECT,    /* answer to MAKE_BUNDLE or NEXT_BLOB: here it is */
    SYNC_EVENT_NO_OBJECT, /* … there is none */
    SYNC_EVENT_BLOCK,     /* answer to READ_BLOCK */
    SYNC_EVENT_STORED,    /* answer to STORE_RECEIPT: it is on disk */
    SYNC_EVENT_FAILED,    /* answer to any request: our own disk said no */
};

struct sync_object {
    struct object_id id;
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
        struct sync_object object;
        struct {
            const void *bytes;
            size_t count;
        } block;
    } as;
};

enum sync_action_kind {
    SYNC_DO_CONNECT,
    SYNC_DO_CLOSE,
    SYNC_DO_SEND,          /* bytes: whole messages */
    SYNC_DO_MAKE_BUNDLE,   /* the bundle that begins at sequence `first` */
    SYNC_DO_NEXT_BLOB,     /* the first original after place `first` not received yet */
    SYNC_DO_READ_BLOCK,    /* object, offset, count */
    SYNC_DO_STORE_RECEIPT, /* bytes: persist, then answer STORED */
    SYNC_DO_TIMER,         /* at_ms: wake me then; replaces the one before */
    SYNC_DO_TRACE,         /* text: one line for whoever watches */
};

struct sync_action {
    enum sync_action_kind kind;
    struct buffer bytes; /* SEND, STORE_RECEIPT */
    char text[128];      /* TRACE */
    struct object_id object;
    uint64_t first, offset;
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

/* Copies the configuration, keys included; destroyed keys are wiped. */
int sync_create(struct sync **out, const struct sync_config *c, struct err *e);
void sync_destroy(struct sync *s); /* NULL is fine */

/* Releases and refills `out`. ERR_REFUSED: an event from outside that makes no
 * sense now (a receipt that is not ours, a HAVE beyond the end); nothing changed,
 * and the carrier closes the link. ERR_MEMORY. */
int sync_step(struct sync *s, const struct sync_event *in, struct sync_actions *out,
              struct err *e);

enum sync_state sync_state_now(const struct sync *s);

/* All that was committed has been received, and every original that the carrier
 * knows of: what `sync --once` waits for. */
bool sync_drained(const struct sync *s);

/* Why the centre will not have us, until the next contact: 0 or enum refused. */
unsigned sync_refused(const struct sync *s);

#endif
