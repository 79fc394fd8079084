/* Link's TLS: 1.3 and nothing older, with a self-signed Ed25519 certificate that is
 * made anew from the key at every start and pinned by that key alone. A box knows
 * the key from its enrolment file; no name, date, chain or authority is looked at,
 * because a box may wake in 1970 and has nobody to ask.
 *
 * ALPN says what is spoken: both ends that say LINK_PROTOCOL exchange messages from the
 * first byte on; who does not say it is asked in HTTP.
 *
 * Resumption, for the round trip: behind each handshake the centre gives one ticket,
 * and what a box says next time travels with its first flight (early data), before the
 * centre has said anything. Whoever records that flight may send it again; so a ticket
 * is good once: the centre keeps it in memory, and forgets it when it is used (and all
 * of them when it ends). A second one is answered with a full handshake, and what came
 * with it is never looked at. A box keeps its ticket in memory only. */
#ifndef TRAM_SYNC_LINK_TLS_H
#define TRAM_SYNC_LINK_TLS_H

#include "sync/keys.h"

#define LINK_TLS_KEY_NAME              "tls" /* DIR/keys/tls, at the centre */
#define LINK_TLS_CERTIFICATE_BYTES_MAX 400
#define LINK_BINDING_BYTES             32
#define LINK_BINDING_LABEL             "EXPORTER-tram-hello"
#define LINK_PROTOCOL                  "tram/1"
#define LINK_EARLY_BYTES_MAX           65536 /* before the centre has answered */

struct link_tls;
struct ssl_st;

/* The centre's side: shows the certificate of `key`. */
int link_tls_server(struct link_tls **out, const struct key_pair *key, struct err *e);
/* The box's side: talks to the holder of this key and to nobody else, and remembers the
 * ticket that it gives: one for all links to that centre, one link at a time. */
int link_tls_client(struct link_tls **out, const struct public_key *pinned,
                    struct err *e);
void link_tls_destroy(struct link_tls *t); /* NULL is fine; after its streams */

/* The certificate, as it travels. */
int link_tls_certificate(const struct key_pair *key, struct buffer *out, struct err *e);

/* For stream.c: a new connection of this kind, without a socket yet. *early: with a
 * ticket, so that it may say something at once. */
int link_tls_connection(struct link_tls *t, struct ssl_st **out, bool *early,
                        struct err *e);
bool link_tls_speaks_ours(struct ssl_st *tls); /* LINK_PROTOCOL was agreed on */

/* What OpenSSL says went wrong, or `what` alone; ERR_REFUSED for a wrong key. */
int link_tls_failed(struct ssl_st *tls, const char *what, struct err *e);

#endif
