#include "base/web/http.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/log.h"
#include "base/web/http_listen.h"

#define CONNECTIONS_MAX         48
#define CONNECTION_TIMEOUT_S    60
#define CONNECTION_MEMORY_BYTES 32768
#define THREAD_STACK_BYTES      (1u << 20)
#define RETRY_AFTER_S           "3"

struct http {
    struct http_options options;
    struct MHD_Daemon *daemon;
    char host[HTTP_HOST_BYTES]; /* "127.0.0.1:8420" */
    char address[HTTP_HOST_BYTES + 16];
};

/* One request from its headers to its end. */
struct exchange {
    struct http *http;
    const struct http_route *route;
    struct http_request request;
    bool begun;   /* done() is owed */
    bool open;    /* begin() has let it in: the body is wanted */
    bool dropped; /* the rest of the body is of no use */
    uint64_t body_bytes;
};

const char *http_query(const struct http_request *q, const char *name)
{
    return MHD_lookup_connection_value(q->connection, MHD_GET_ARGUMENT_KIND, name);
}

/* ------------------------------------------------------------------- replies */

static const char *const headers[][2] = {
    {"Content-Security-Policy",
     "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
};

static struct MHD_Response *response_of(struct http_reply *r)
{
    struct MHD_Response *m;

    if (r->bytes != NULL)
        return MHD_create_response_from_buffer(r->bytes_count, (void *)r->bytes,
                                               MHD_RESPMEM_PERSISTENT);
    if (r->body.failed != ERR_NONE)
        return NULL;
    m = MHD_create_response_from_buffer(r->body.count, r->body.bytes,
                                        MHD_RESPMEM_MUST_FREE);
    if (m != NULL)
        r->body.bytes = NULL; /* now the response's */
    return m;
}

static enum MHD_Result send_reply(struct MHD_Connection *c, struct http_reply *r)
{
    struct MHD_Response *m = response_of(r);
    enum MHD_Result sent;

    buffer_release(&r->body);
    if (m == NULL)
        return MHD_NO; /* out of memory: the connection is closed */
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        (void)MHD_add_response_header(m, headers[i][0], headers[i][1]);
    (void)MHD_add_response_header(m, MHD_HTTP_HEADER_CONTENT_TYPE,
                                  r->type == NULL ? "application/json" : r->type);
    if (r->retry_later)
        (void)MHD_add_response_header(m, MHD_HTTP_HEADER_RETRY_AFTER, RETRY_AFTER_S);
    sent = MHD_queue_response(c, r->status == 0 ? MHD_HTTP_OK : r->status, m);
    MHD_destroy_response(m);
    return sent;
}

/* As the faces' own refusals are: a code, and a sentence in both languages. */
#define REFUSAL(code, vi, en)                                                            \
    "{\"error\":{\"code\":\"" code "\",\"vi\":\"" vi "\",\"en\":\"" en "\"}}"

static const char refusal_host[] =
    REFUSAL("host", "Máy này không mang tên đó.", "This machine has no such name.");
static const char refusal_origin[] =
    REFUSAL("origin", "Trang khác không được gửi vào đây.",
            "Another site's page may not send here.");
static const char refusal_unknown[] =
    REFUSAL("unknown", "Không có gì ở địa chỉ này.", "There is nothing at this address.");
static const char refusal_too_large[] =
    REFUSAL("too_large", "Quá lớn.", "That is too large.");
static const char refusal_usage[] =
    REFUSAL("usage", "Yêu cầu không hợp lệ.", "That request makes no sense.");

static enum MHD_Result send_refusal(struct MHD_Connection *c, unsigned status,
                                    const char *json)
{
    struct http_reply r = {.status = status, .bytes = json, .bytes_count = strlen(json)};

    return send_reply(c, &r);
}

/* ------------------------------------------------------------------- routing */

/* "/documents/{}" against "/documents/12": the parts that {} stood for. */
static bool path_matches(const char *pattern, struct http_request *q)
{
    const char *at = q->path;
    size_t part = 0;

    while (*pattern != '\0') {
        size_t bytes;

        if (strncmp(pattern, "{}", 2) != 0) {
            if (*pattern++ != *at++)
                return false;
            continue;
        }
        bytes = strcspn(at, "/");
        if (bytes == 0 || bytes >= HTTP_PART_BYTES || part == HTTP_PARTS_MAX)
            return false;
        memcpy(q->parts[part], at, bytes);
        q->parts[part++][bytes] = '\0';
        at += bytes;
        pattern += 2;
    }
    return *at == '\0';
}

/* NULL if there is no such path; *method_known if only the method is another. */
static const struct http_route *find_route(const struct http *h, struct http_request *q,
                                           bool *path_known)
{
    const char *method = strcmp(q->method, "HEAD") == 0 ? "GET" : q->method;

    *path_known = false;
    for (size_t i = 0; i < h->options.routes_count; i++) {
        const struct http_route *r = &h->options.routes[i];

        if (!path_matches(r->path, q))
            continue;
        *path_known = true;
        if (strcmp(r->method, method) == 0)
            return r;
    }
    return NULL;
}

static const char *header(struct MHD_Connection *c, const char *name)
{
    return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

/* A page of another origin may not make its visitor's browser change anything here.
 * Browsers name the origin with every POST; programs that are none do not. */
static bool origin_allowed(struct MHD_Connection *c, const char *method)
{
    const char *origin = header(c, "Origin"), *host = header(c, "Host");
    const char *site = header(c, "Sec-Fetch-Site");

    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
        return true;
    if (origin != NULL)
        return strncmp(origin, "http://", 7) == 0 && strcasecmp(origin + 7, host) == 0;
    return site == NULL || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
}

static bool body_too_big(const struct http *h, struct MHD_Connection *c)
{
    const char *length = header(c, "Content-Length");

    return length != NULL && strtoull(length, NULL, 10) > h->options.body_bytes_max;
}

static bool has_body(struct MHD_Connection *c)
{
    const char *length = header(c, "Content-Length");

    return header(c, "Transfer-Encoding") != NULL ||
           (length != NULL && strcmp(length, "0") != 0);
}

/* ------------------------------------------------------- a request's stages */

/* The headers are there. MHD_NO closes; a refusal is queued at once, and the exchange
 * stays shut: while it is being stopped, libmicrohttpd takes a reply, does not queue it,
 * and goes on with the body. */
static enum MHD_Result begin(struct exchange *x)
{
    struct http *h = x->http;
    struct MHD_Connection *c = x->request.connection;
    struct http_reply r = {0};
    bool path_known;

    if (!http_host_allowed(header(c, "Host"), h->host, h->options.open))
        return send_refusal(c, MHD_HTTP_MISDIRECTED_REQUEST, refusal_host);
    if (!origin_allowed(c, x->request.method))
        return send_refusal(c, MHD_HTTP_FORBIDDEN, refusal_origin);
    /* Two lengths for one body: who is in between may believe the other one. */
    if (header(c, "Content-Length") != NULL && header(c, "Transfer-Encoding") != NULL)
        return send_refusal(c, MHD_HTTP_BAD_REQUEST, refusal_usage);
    x->route = find_route(h, &x->request, &path_known);
    if (x->route == NULL)
        return send_refusal(c,
                            path_known ? MHD_HTTP_METHOD_NOT_ALLOWED : MHD_HTTP_NOT_FOUND,
                            refusal_unknown);
    if (x->route->begin == NULL ? has_body(c) : body_too_big(h, c))
        return send_refusal(c, MHD_HTTP_CONTENT_TOO_LARGE, refusal_too_large);
    if (x->route->begin != NULL) {
        x->begun = true;
        buffer_init(&r.body, HTTP_REPLY_BYTES_MAX);
        if (x->route->begin(h->options.arg, &x->request, &r))
            return send_reply(c, &r);
    }
    x->open = true;
    return MHD_YES;
}

/* A body that did not say how long it is, and is longer than we take. */
static bool body_over(const struct exchange *x)
{
    return x->body_bytes > x->http->options.body_bytes_max;
}

static void add(struct exchange *x, const char *bytes, size_t count)
{
    x->body_bytes += count;
    if (x->route->add == NULL || x->dropped || body_over(x))
        return;
    x->dropped = !x->route->add(x->http->options.arg, &x->request, bytes, count);
}

static enum MHD_Result answer(struct exchange *x)
{
    struct http_reply r = {0};

    if (body_over(x))
        return send_refusal(x->request.connection, MHD_HTTP_CONTENT_TOO_LARGE,
                            refusal_too_large);
    buffer_init(&r.body, HTTP_REPLY_BYTES_MAX);
    x->route->answer(x->http->options.arg, &x->request, &r);
    return send_reply(x->request.connection, &r);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url,
                                  const char *method, const char *version,
                                  const char *upload, size_t *upload_count, void **place)
{
    struct exchange *x = *place;

    (void)version;
    if (x == NULL) {
        x = calloc(1, sizeof *x);
        if (x == NULL)
            return MHD_NO;
        *x = (struct exchange){
            .http = arg, .request = {.method = method, .path = url, .connection = c}};
        *place = x;
        return begin(x);
    }
    /* libmicrohttpd may move its strings between calls. */
    x->request.method = method;
    x->request.path = url;
    if (*upload_count == 0)
        return x->open ? answer(x) : MHD_NO;
    if (x->open)
        add(x, upload, *upload_count);
    *upload_count = 0;
    return MHD_YES;
}

/* Ended, one way or another: answered, hung up, timed out. */
static void on_end(void *arg, struct MHD_Connection *c, void **place,
                   enum MHD_RequestTerminationCode how)
{
    struct exchange *x = *place;

    (void)arg;
    (void)c;
    (void)how;
    if (x == NULL)
        return;
    if (x->begun)
        x->route->done(x->http->options.arg, &x->request);
    free(x);
    *place = NULL;
}

static void on_log(void *arg, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
static void on_log(void *arg, const char *format, va_list args)
{
    char text[256];

    (void)arg;
    (void)vsnprintf(text, sizeof text, format, args);
    log_line("http", "%s", text);
}

/* -------------------------------------------------------------------- server */

int http_start(struct http **out, const struct http_options *o, struct err *e)
{
    struct http *h = calloc(1, sizeof *h);
    int fd = -1;

    *out = NULL;
    if (h == NULL)
        return err_set(e, ERR_MEMORY, "http");
    h->options = *o;
    if (http_listen(o->listen, o->open, &fd, h->host, e) != 0)
        goto fail;
    (void)snprintf(h->address, sizeof h->address, "http://%s/", h->host);
    h->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
            MHD_USE_ERROR_LOG,
        0, NULL, NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_TIMEOUT_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY_BYTES,
        MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK_BYTES,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (h->daemon == NULL) {
        (void)err_set(e, ERR_FAILED, "the web server would not start");
        goto fail;
    }
    *out = h;
    return 0;
fail:
    if (fd >= 0)
        (void)close(fd);
    free(h);
    return -1;
}

void http_stop(struct http *h)
{
    if (h == NULL)
        return;
    MHD_stop_daemon(h->daemon); /* and closes the listening socket */
    free(h);
}

const char *http_address(const struct http *h)
{
    return h->address;
}
