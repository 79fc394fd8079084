/* HTTP: the little that both web faces need of libmicrohttpd. A table of routes, a
 * thread a connection, bodies in pieces, and the rules that hold for every answer:
 *
 *   - only hosts that we are (DNS rebinding: a page elsewhere cannot make a browser
 *     talk to us under its own name);
 *   - nothing but GET and HEAD from a page of another origin;
 *   - Content-Security-Policy default-src 'self', nosniff, no-referrer, no frames;
 *   - TLS where other machines come, from 1.2 on (GnuTLS, as Debian's libmicrohttpd has it).
 *
 * Who may ask for what is the face's own: its admit() is asked before a route is.
 *
 * Routes are called in the connection's own thread, several at once. They hold no
 * place in a connection that is idle. */
#ifndef TRAM_BASE_WEB_HTTP_H
#define TRAM_BASE_WEB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"

#define HTTP_PARTS_MAX       2
#define HTTP_PART_BYTES      64
#define HTTP_REPLY_BYTES_MAX (80u << 20)
#define HTTP_COOKIE_BYTES    160

struct MHD_Connection;

struct http_request {
    const char *method, *path;
    char parts[HTTP_PARTS_MAX][HTTP_PART_BYTES]; /* what "{}" of the route stood for */
    void *visitor; /* the face's own: set by admit, let go of in leave */
    void *task;    /* the route's own: set by begin, let go of in done */
    struct MHD_Connection *connection;
};

/* A value of the query string, decoded; of a header; of a cookie. NULL if absent. Valid
 * during the call. */
const char *http_query(const struct http_request *q, const char *name);
const char *http_header(const struct http_request *q, const char *name);
const char *http_cookie(const struct http_request *q, const char *name);

struct http_reply {
    unsigned status;                /* 200 unless set */
    const char *type;               /* static; "application/json" unless set */
    bool retry_later;               /* Retry-After: a few seconds */
    char cookie[HTTP_COOKIE_BYTES]; /* Set-Cookie, whole; "": none */
    /* Either bytes that live as long as the program, or a file, whose descriptor is taken
     * (0: none), or `body`, which is taken too. */
    const void *bytes;
    size_t bytes_count;
    int file;
    uint64_t file_bytes;
    struct buffer body;
};

struct http_route {
    unsigned need;      /* what it asks of who asks, for admit */
    const char *method; /* "GET" (and HEAD), "POST" */
    const char *path;   /* "/api/v1/pages/{}/text": {} is one segment, not empty */
    /* A route with a body has these three; without, a body is refused. A reply from
     * begin (true) is sent at once, and nothing else is called but done. After a
     * false from add, the rest of the body is dropped and answer is called. */
    bool (*begin)(void *arg, struct http_request *q, struct http_reply *r);
    bool (*add)(void *arg, struct http_request *q, const void *bytes, size_t count);
    void (*done)(void *arg, struct http_request *q); /* always, once, after begin */
    void (*answer)(void *arg, struct http_request *q, struct http_reply *r);
};

struct http_options {
    const char *listen; /* "127.0.0.1:8420", "[::1]:0": numbers, or localhost */
    bool open;          /* an address that other machines reach is what is wanted */
    const struct http_route *routes;
    size_t routes_count;
    void *arg;
    uint64_t body_bytes_max;
    /* PEM, both or neither: TLS. They must outlive it. */
    const char *key, *certificate;
    /* NULL: everybody may ask for everything. True lets this request in; false: the reply
     * is the refusal, and nothing of the route is called. leave is called once for each
     * visitor that admit has set. */
    bool (*admit)(void *arg, const struct http_route *route, struct http_request *q,
                  struct http_reply *r);
    void (*leave)(void *arg, struct http_request *q);
};

struct http;

/* Listens and serves. Strings and routes must outlive it. ERR_USAGE: the address is
 * none, or is reached by other machines and `open` is not set. */
int http_start(struct http **out, const struct http_options *o, struct err *e);

/* Takes no more, waits for the routes at work. NULL is fine. */
void http_stop(struct http *h);

/* "http://127.0.0.1:8420/", or https: where it really listens. */
const char *http_address(const struct http *h);

#endif
