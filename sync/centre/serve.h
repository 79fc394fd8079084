/* Serve: the province at its post. One poll loop, one opened centre:
 *
 *   listener ─► connection ─TLS or plain─► HTTP/1.1 head
 *                  ├─ GET /sync, Upgrade: tram/1 ─► framed session (session.h)
 *                  └─ any other GET ─► first page, /api/v1/status, /api/v1/search
 *   between polls: a slice of apply_some(), one of search_build() where an index is
 *      being made, then news to who is connected
 *   beside it: a thread that restores originals which came packed (unpacking_loop.h)
 *
 * A connection begins with TLS's first byte or it is plain HTTP; plain is taken from
 * this machine only. The page and the API are too, until there is sign-in, unless
 * the operator opens them. Slow and silent connections are dropped by deadlines. */
#ifndef TRAM_SYNC_CENTRE_SERVE_H
#define TRAM_SYNC_CENTRE_SERVE_H

#include "sync/centre/centre.h"
#include "sync/centre/restorer.h"

#define CENTRE_CONNECTIONS_MAX 4096

struct centre_serve;

struct centre_serve_options {
    struct centre *centre; /* opened; must outlive it; used by nobody else meanwhile */
    const char *listen;    /* ADDR:PORT; port 0: any that is free */
    bool open;             /* page and API for other machines too */
    /* For originals that come packed; must outlive it; NULL: they stay packed. */
    struct restorer *restorer;
};

/* Listens; connections wait until _run. Reads the key "tls" of the centre's
 * directory. ERR_USAGE: about `listen`. */
int centre_serve_create(struct centre_serve **out, const struct centre_serve_options *o,
                        struct err *e);
void centre_serve_destroy(struct centre_serve *s); /* NULL is fine; drops connections */

/* "127.0.0.1:8443" with the true port: what comes behind https://. */
const char *centre_serve_address(const struct centre_serve *s);

/* Serves until centre_serve_stop(). -1 only if the loop itself cannot go on. */
int centre_serve_run(struct centre_serve *s, struct err *e);

/* Makes _run return soon. May be called from a signal handler or another thread. */
void centre_serve_stop(struct centre_serve *s);

#endif
