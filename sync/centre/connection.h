/* Connection: one socket at the centre, from its first byte to its end.
 *
 *                     ┌─────────tram/1─────────────┐
 *   FIRST ─0x16─► SHAKING ─► HEAD ─GET /sync─► SYNC ──┐ over
 *     └──plain, from this machine──┘ └─other──► ANSWER ┴► CLOSING ─► gone
 *
 * FIRST looks at one byte without taking it: TLS begins with 0x16. In SYNC messages
 * go to a session, from the box's first flight on if it had a ticket (link_tls.h). CLOSING has said its last and reads on until the other end stops,
 * so that what was said last is not lost. Every state has a deadline; none that a
 * link of 20 kbit/s cannot meet. */
#ifndef TRAM_SYNC_CENTRE_CONNECTION_H
#define TRAM_SYNC_CENTRE_CONNECTION_H

#include "sync/centre/centre.h"
#include "sync/link_tls.h"

#define CONNECTION_HEAD_MS_MAX 30000 /* FIRST, SHAKING and HEAD together */
#define CONNECTION_SILENT_MS_MAX                                                         \
    60000 /* SYNC: nothing said or taken; a box asks after 10 s */
#define CONNECTION_ANSWER_MS_MAX 60000
#define CONNECTION_CLOSE_MS_MAX  10000

struct connection;

/* What all connections share; must outlive them. */
struct connection_post {
    struct centre *centre;
    struct link_tls *tls;
    struct answers *answers;
    const char *address; /* where we listen, for the Host that a request may name */
    bool open;           /* page and API for other machines too */
    /* A box has proved who it is, in `c`. */
    void (*greeted)(void *arg, struct connection *c, uint16_t site);
    void *arg;
};

/* Owns `fd`, also after a failure. `from` names the other end, for the log; `local`:
 * it is this machine. */
int connection_create(struct connection **out, const struct connection_post *post, int fd,
                      const char *from, bool local, int64_t now_ms, struct err *e);
void connection_destroy(struct connection *c); /* NULL is fine */

int connection_fd(const struct connection *c);
short connection_events(const struct connection *c); /* for poll(2) */
int64_t connection_deadline_ms(const struct connection *c);

/* Does what can be done now. False: it is over. *again: there is more to do without
 * polling. */
bool connection_advance(struct connection *c, int64_t now_ms, bool *again);

/* Whether a session was told something since this was asked last: there may be
 * something to apply. */
bool connection_was_told(struct connection *c);

/* The box of this site is here by another connection: if this is its old one, it is
 * over, and what came by it is made durable first, so that the new one goes on there. */
void connection_leave_to(struct connection *c, uint16_t site);

/* Gives a session the chance to say what is new. */
void connection_news(struct connection *c);

#endif
