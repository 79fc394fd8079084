/* The inside of a session, for the files that share it: session.c opens it and says
 * receipts, session_arrival.c takes what comes. */
#ifndef TRAM_SYNC_CENTRE_SESSION_INTERNAL_H
#define TRAM_SYNC_CENTRE_SESSION_INTERNAL_H

#include "sync/centre/originals.h"
#include "sync/centre/session.h"
#include "sync/centre/sites.h"
#include "sync/partial.h"
#include "sync/receipt.h"

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
};

struct session {
    struct centre *centre; /* not owned */
    enum session_state state;
    unsigned char binding[BINDING_BYTES_MAX];
    size_t binding_count;
    struct site_row site;                  /* since the hello */
    struct arrival arrivals[OBJECT_KINDS]; /* by kind */
    struct receipt sent;                   /* the last one's numbers; it holds no blobs */
    struct receipt_blob untold[UNTOLD_MAX]; /* named as safe, a PONG is awaited */
    size_t untold_count;
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
/* What has come is made durable, as far as that goes. */
void session_arrivals_end(struct session *s);

#endif
