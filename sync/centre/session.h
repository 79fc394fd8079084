/* Session: the centre's side of one contact with one box. Takes messages, gives
 * messages; the store is behind it, but no socket, so that the link's server, the
 * simulator and a test drive the same code.
 *
 *   NEW ──HELLO proved──► OPEN ──anything forged──► CLOSED
 *
 * What is answered is durable first: a RECEIPT is sent only after the commit that
 * it speaks of. A bundle is journalled whole before it is receipted; applying comes
 * later (apply.h) and in order.
 *
 * What the centre changed goes down meanwhile, and originals that the box asks back:
 * an OFFER right after the hello, before the receipt, so that the box knows of it;
 * blocks only when the carrier has room, so that a receipt never waits behind more
 * than that. */
#ifndef TRAM_SYNC_CENTRE_SESSION_H
#define TRAM_SYNC_CENTRE_SESSION_H

#include "sync/centre/centre.h"
#include "sync/message.h"

struct session;

/* `binding` is this connection's, as the box signed it; copied. */
int session_create(struct session **out, struct centre *c, const void *binding,
                   size_t binding_count, struct err *e);
void session_destroy(struct session *s); /* NULL is fine */

/* Takes one message; appends what must be sent to `out`. 1: go on. 0: send `out`,
 * then close (the box was refused, or the contact is over). -1: our own trouble
 * (disk, store): close without an answer; the box keeps what it has. */
int session_message(struct session *s, const struct message *m, struct buffer *out,
                    struct err *e);

/* The site that has said a proved hello; 0 before. */
uint16_t session_site(const struct session *s);

/* Bytes of originals that are kept behind a gap: if it ends now, they came in vain. NULL: 0. */
size_t session_bytes_ahead(const struct session *s);

/* The carrier has little left to send: appends the next block of what goes down. 1: it
 * did; 0: nothing to send now. */
int session_room(struct session *s, struct buffer *out, struct err *e);
bool session_has_more(const struct session *s); /* whether it would */

/* Something was applied, became safe or was changed since the last receipt: offers
 * what was changed, and appends a new receipt if its numbers differ from the last one
 * sent in this session. */
int session_news(struct session *s, struct buffer *out, struct err *e);

/* Removes what is left of arrivals that were taken: partial.h. For who holds
 * DIR/lock, at the start. */
int session_sweep(struct centre *c, struct err *e);

#endif
