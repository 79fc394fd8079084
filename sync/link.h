/* Link: the box's end of a contact. Dials the centre, proves who is there, and gives
 * messages.
 *
 *   CONNECTING ─dial.h─► SHAKING ─TLS, both say tram/1─────► TALKING ─► over
 *                         │  └─with a ticket─► EARLY ─TLS──►  ▲
 *                         └─────plain─────────────► OPEN ─101─┘
 *
 * From EARLY, OPEN or TALKING on messages may be sent. In EARLY they travel with the
 * very first flight (link_tls.h). Should the centre not look at that, link_anew() says
 * so once: all that was sent is lost, there is another binding, and the contact begins
 * again, on the same link.
 *
 * http is taken for this machine's own addresses only; there the contact is asked for:
 *
 *   GET /sync HTTP/1.1              HTTP/1.1 101 Switching Protocols
 *   Host: host:port                 Upgrade: tram/1
 *   Upgrade: tram/1                 Connection: Upgrade
 *   Connection: Upgrade
 *   Tram-Nonce: 64 hex digits       then messages both ways (sync/message.h)
 *
 * and the nonce stands for what TLS would have agreed on. The first messages travel
 * right behind the request, without waiting for the answer.
 *
 * Nothing here blocks but the look-up of a host's name, and nothing here decides:
 * when to dial, how long to wait and what to send is the core's. Single-threaded. */
#ifndef TRAM_SYNC_LINK_H
#define TRAM_SYNC_LINK_H

#include "base/random.h"
#include "sync/message.h"
#include "sync/stream.h"

#define LINK_TARGET     "/sync"
#define LINK_NONCE      "Tram-Nonce"
#define LINK_ROOM_BYTES 1 /* with less than this in hand it wants more */

/* Where a URL points: "https://host:port" or "http://host:port", nothing behind it;
 * an IPv6 address stands in brackets. */
struct link_place {
    bool plain;
    char host[256], port[6];
};
int link_place_parse(struct link_place *out, const char *url, struct err *e);

struct link;

/* Begins to dial. `tls`: link_tls_client()'s, which must outlive the link; NULL will do
 * for plain http. ERR_USAGE: the URL makes no sense, or plain http to another machine.
 * ERR_IO: there is no way there. */
int link_dial(struct link **out, const char *url, struct link_tls *tls, struct random *r,
              struct err *e);
void link_close(struct link *l); /* NULL is fine */

int link_fd(const struct link *l);
short link_events(const struct link *l); /* for poll(2) */
bool link_pending(const struct link *l); /* more to do without polling */

/* Does what can be done now. -1: the link is over, and why; ERR_REFUSED: the other
 * end is not our centre, or speaks something else. */
int link_advance(struct link *l, struct err *e);

/* There is a binding, and messages may be sent. */
bool link_is_up(const struct link *l);
/* Once: what was sent so far is lost, and there is another binding. */
bool link_anew(struct link *l);

/* This machine's addresses or ways have changed. While it dials, it tries at once.
 * True: the address that the link is from is gone, so nothing will come any more. */
bool link_network_changed(struct link *l);
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
void link_pulse(const struct link *l, struct stream_pulse *out);

#endif
