/* The inside of a session, for the files that share it: session.c opens it and says
 * receipts, session_arrival.c takes what comes, session_down.c sends what goes down,
 * session_chain.c says which frames are known. */
#ifndef TRAM_SYNC_CENTRE_SESSION_INTERNAL_H
#define TRAM_SYNC_CENTRE_SESSION_INTERNAL_H

#include "sync/centre/down.h"
#include "sync/centre/originals.h"
#include "sync/centre/session.h"
#include "sync/centre/sites.h"
#include "sync/partial.h"
#include "sync/core.h"
#include "sync/receipt.h"
#include "sync/sealed_blob.h"

#define BINDING_BYTES_MAX 256

/* A receipt of this many safe originals is 8 kB, three seconds at 20 kbit/s; the
 * others are named in the next ones. */
#define UNTOLD_MAX 256

enum session_state { SESSION_NEW, SESSION_OPEN, SESSION_CLOSED };

/* The object of one kind that is on its way in. */
struct arrival {
    bool active;
    bool taken; /* we have it: what is still on its way of it is passed over */
    bool asked; /* HAVE was said, and nothing that fits has come since */
    struct object_id object;
    struct partial *partial; /* NULL once taken */
    uint64_t ahead_from;     /* a blob's bytes behind a gap, kept until that is filled */
    struct buffer ahead;
};

/* Something on its way down: offered, and sent as far as the box said. */
struct departure {
    bool active;
    bool granted; /* HAVE came since it was offered */
    struct object_id object;
    uint64_t total_bytes, offset, until; /* the next block; then it is offered again */
};

struct session_down {
    bool open;    /* the box takes what comes down */
    bool stopped; /* it would not have a bundle: no more in this session */
    bool remade;  /* it lacked what one leans on, which goes again without */
    struct departure bundle, blob;
    struct down_sealed sealed; /* the bundle */
    uint64_t next;             /* sequence to be offered next */
    uint64_t done_first;       /* first sequence of the bundle that was taken last */
    uint64_t gone_back;        /* what was offered again, once */
    struct hash sha256;        /* the blob */
    struct disk_file *file;
    struct sealed_window window;
    uint8_t shared[SHARED_BYTES];
    struct object_id wanted[SYNC_WANTED_MAX];
    size_t wanted_count;
    unsigned passed; /* blocks of bundles since one of a blob */
};

struct session {
    struct centre *centre; /* not owned */
    enum session_state state;
    unsigned char binding[BINDING_BYTES_MAX];
    size_t binding_count;
    struct site_row site;                  /* since the hello */
    uint8_t epoch;                         /* the box's, by the hello */
    struct arrival arrivals[OBJECT_KINDS]; /* by kind */
    struct receipt sent;                   /* the last one's numbers; it holds no blobs */
    struct receipt_blob untold[UNTOLD_MAX]; /* named as safe, a PONG is awaited */
    size_t untold_count;
    bool contradicted; /* a bundle was refused as a fork: what follows is of its line */
    unsigned chains;   /* questions about its line that were answered */
    struct session_down down;
};

/* All of these: 1 go on, 0 it was refused, -1 our own trouble. */

/* Says REFUSED, and hears no more; `object` may be NULL. */
int session_refuse(struct session *s, const struct object_id *object, enum refused why,
                   struct buffer *out);
/* The current receipt, naming `blob` if it is not NULL. */
int session_receipt(struct session *s, struct receipt_blob *blob, struct buffer *out,
                    struct err *e);

int session_offer(struct session *s, const struct message *m, struct buffer *out,
                  struct err *e);
int session_block(struct session *s, const struct message *m, struct buffer *out,
                  struct err *e);
/* After a proved hello, before the first receipt: what waits is offered. */
int session_down_begin(struct session *s, const struct status_vector *v,
                       struct buffer *out, struct err *e);
/* Offers the next bundle, if there is one and none is on its way. */
int session_down_offer(struct session *s, struct buffer *out, struct err *e);
void session_down_end(struct session *s);
int session_have(struct session *s, const struct message *m, struct buffer *out,
                 struct err *e);
int session_seen(struct session *s, const struct message *m, struct buffer *out,
                 struct err *e);
int session_chain(struct session *s, const struct message *m, struct buffer *out,
                  struct err *e);
int session_want(struct session *s, const struct message *m, struct buffer *out,
                 struct err *e);
int session_refused(struct session *s, const struct message *m, struct buffer *out,
                    struct err *e);

/* What has come is made durable, as far as that goes. */
void session_arrivals_end(struct session *s);

#endif
