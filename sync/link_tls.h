/* Link's TLS: 1.3 and nothing older, with a self-signed Ed25519 certificate that is
 * made anew from the key at every start and pinned by that key alone. A box knows
 * the key from its enrolment file; no name, date, chain or authority is looked at,
 * because a box may wake in 1970 and has nobody to ask.
 *
 * No tickets, no resumption, no early data: a full handshake is two flights, and
 * the first bytes of ours travel with the second. */
#ifndef TRAM_SYNC_LINK_TLS_H
#define TRAM_SYNC_LINK_TLS_H

#include "sync/keys.h"

#define LINK_TLS_KEY_NAME              "tls" /* DIR/keys/tls, at the centre */
#define LINK_TLS_CERTIFICATE_BYTES_MAX 400
#define LINK_BINDING_BYTES             32
#define LINK_BINDING_LABEL             "EXPORTER-tram-hello"

struct link_tls;
struct ssl_st;

/* The centre's side: shows the certificate of `key`. */
int link_tls_server(struct link_tls **out, const struct key_pair *key, struct err *e);
/* The box's side: talks to the holder of this key and to nobody else. */
int link_tls_client(struct link_tls **out, const struct public_key *pinned,
                    struct err *e);
void link_tls_destroy(struct link_tls *t); /* NULL is fine; after its streams */

/* The certificate, as it travels. */
int link_tls_certificate(const struct key_pair *key, struct buffer *out, struct err *e);

/* For stream.c: a new connection of this kind, without a socket yet. */
int link_tls_connection(struct link_tls *t, struct ssl_st **out, struct err *e);

/* What OpenSSL says went wrong, or `what` alone; ERR_REFUSED for a wrong key. */
int link_tls_failed(struct ssl_st *tls, const char *what, struct err *e);

#endif
