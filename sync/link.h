/* Link: the box's end of a contact. Dials the centre, proves who is there, asks for
 * the framed stream, and gives messages.
 *
 *   RESOLVED ─connect─► SHAKING ─TLS─► OPEN ─101─► TALKING ─► over
 *
 *   GET /sync HTTP/1.1              HTTP/1.1 101 Switching Protocols
 *   Host: host:port                 Upgrade: tram/1
 *   Upgrade: tram/1                 Connection: Upgrade
 *   Connection: Upgrade
 *   [Tram-Nonce: 64 hex digits]     then messages both ways (sync/message.h)
 *
 * From OPEN on messages may be sent: the first flight travels right behind the
 * request, without waiting for the answer. https is TLS 1.3 with the pinned key;
 * http is taken for this machine's own addresses only, and there the nonce stands
 * for what TLS would have agreed on.
 *
 * Nothing here blocks but the look-up of a host's name, and nothing here decides:
 * when to dial, how long to wait and what to send is the core's. Single-threaded. */
#ifndef TRAM_SYNC_LINK_H
#define TRAM_SYNC_LINK_H

#include "base/random.h"
#include "sync/link_tls.h"
#include "sync/message.h"

#define LINK_PROTOCOL   "tram/1"
#define LINK_TARGET     "/sync"
#define LINK_NONCE      "Tram-Nonce"
#define LINK_ROOM_BYTES 8192 /* with less than this in hand it wants more */

/* Where a URL points: "https://host:port" or "http://host:port", nothing behind it;
 * an IPv6 address stands in brackets. */
struct link_place {
    bool plain;
    char host[256], port[6];
};
int link_place_parse(struct link_place *out, const char *url, struct err *e);

struct link;

/* Begins to dial. `tls_key`: of the centre's certificate. ERR_USAGE: the URL makes
 * no sense, or plain http to another machine. ERR_IO: there is no way there. */
int link_dial(struct link **out, const char *url, const struct public_key *tls_key,
              struct random *r, struct err *e);
void link_close(struct link *l); /* NULL is fine */

int link_fd(const struct link *l);
short link_events(const struct link *l); /* for poll(2) */
bool link_pending(const struct link *l); /* more to do without polling */

/* Does what can be done now. -1: the link is over, and why; ERR_REFUSED: the other
 * end is not our centre, or speaks something else. */
int link_advance(struct link *l, struct err *e);

/* OPEN or TALKING: there is a binding, and messages may be sent. */
bool link_is_up(const struct link *l);
void link_binding(const struct link *l, uint8_t out[LINK_BINDING_BYTES]);

/* Appends whole messages to what is on its way. ERR_MEMORY. */
int link_send(struct link *l, const void *bytes, size_t count, struct err *e);
bool link_has_room(const struct link *l);
size_t link_unsent(const struct link *l);    /* not yet with the kernel */
bool link_all_arrived(const struct link *l); /* nor on its way */

/* 1 and *out, valid until the next call on this link; 0: none yet. -1 ERR_CORRUPT:
 * what came is no message. */
int link_next(struct link *l, struct message *out, struct err *e);

uint64_t link_bytes_out(const struct link *l); /* on the wire */
uint64_t link_bytes_in(const struct link *l);

#endif
