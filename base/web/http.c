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
    if (r->file != 0)
        return MHD_create_response_from_fd64(r->file_bytes, r->file);
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
    if (r->cookie[0] != '\0')
        (void)MHD_add_response_header(m, MHD_HTTP_HEADER_SET_COOKIE, r->cookie);
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

static const char *scheme_of(const struct http *h)
{
    return h->options.certificate != NULL ? "https://" : "http://";
}

/* A page of another origin may not make its visitor's browser change anything here.
 * Browsers name the origin with every POST; programs that are none do not. */
static bool origin_allowed(const struct http *h, const struct http_request *q)
{
    const char *origin = http_header(q, "Origin"), *host = http_header(q, "Host");
    const char *site = http_header(q, "Sec-Fetch-Site");
    size_t scheme = strlen(scheme_of(h));

    if (strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0)
        return true;
    if (origin != NULL)
        return strncmp(origin, scheme_of(h), scheme) == 0 &&
               strcasecmp(origin + scheme, host) == 0;
    return site == NULL || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
}

static bool body_too_big(const struct http *h, const struct http_request *q)
{
    const char *length = http_header(q, "Content-Length");

    return length != NULL && strtoull(length, NULL, 10) > h->options.body_bytes_max;
}

static bool has_body(const struct http_request *q)
{
    const char *length = http_header(q, "Content-Length");

    return http_header(q, "Transfer-Encoding") != NULL ||
           (length != NULL && strcmp(length, "0") != 0);
}

/* ------------------------------------------------------- a request's stages */

/* Whom admit lets in, and then the route's begin. */
static enum MHD_Result let_in(struct exchange *x)
{
    const struct http_options *o = &x->http->options;
    struct http_reply r = {0};

    buffer_init(&r.body, HTTP_REPLY_BYTES_MAX);
    if (o->admit != NULL && !o->admit(o->arg, x->route, &x->request, &r))
        return send_reply(x->request.connection, &r);
    if (x->route->begin != NULL) {
        x->begun = true;
        if (x->route->begin(o->arg, &x->request, &r))
            return send_reply(x->request.connection, &r);
    }
    x->open = true;
    return MHD_YES;
}

/* The headers are there. MHD_NO closes; a refusal is queued at once, and the exchange
 * stays shut: while it is being stopped, libmicrohttpd takes a reply, does not queue it,
 * and goes on with the body. */
static enum MHD_Result begin(struct exchange *x)
{
    const struct http_request *q = &x->request;
    struct http *h = x->http;
    struct MHD_Connection *c = q->connection;
    bool path_known;

    if (!http_host_allowed(http_header(q, "Host"), h->host, h->options.open))
        return send_refusal(c, MHD_HTTP_MISDIRECTED_REQUEST, refusal_host);
    if (!origin_allowed(h, q))
        return send_refusal(c, MHD_HTTP_FORBIDDEN, refusal_origin);
    /* Two lengths for one body: who is in between may believe the other one. */
    if (http_header(q, "Content-Length") != NULL &&
        http_header(q, "Transfer-Encoding") != NULL)
        return send_refusal(c, MHD_HTTP_BAD_REQUEST, refusal_usage);
    x->route = find_route(h, &x->request, &path_known);
    if (x->route == NULL)
        return send_refusal(c,
                            path_known ? MHD_HTTP_METHOD_NOT_ALLOWED : MHD_HTTP_NOT_FOUND,
                            refusal_unknown);
    if (x->route->begin == NULL ? has_body(q) : body_too_big(h, q))
        return send_refusal(c, MHD_HTTP_CONTENT_TOO_LARGE, refusal_too_large);
    return let_in(x);
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
    if (x->request.visitor != NULL)
        x->http->options.leave(x->http->options.arg, &x->request);
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

/* Two versions, their sound ciphers, and the order is ours. */
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE"

static void tls_options(const struct http_options *o, struct MHD_OptionItem out[4])
{
    const struct MHD_OptionItem all[] = {
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)o->key},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)o->certificate},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, TLS_PRIORITIES},
        {MHD_OPTION_END, 0, NULL}};

    memcpy(out, o->certificate != NULL ? all : all + 3,
           o->certificate != NULL ? sizeof all : sizeof *all);
}

int http_start(struct http **out, const struct http_options *o, struct err *e)
{
    struct MHD_OptionItem tls[4];
    struct http *h = calloc(1, sizeof *h);
    int fd = -1;

    *out = NULL;
    if (h == NULL)
        return err_set(e, ERR_MEMORY, "http");
    h->options = *o;
    if (http_listen(o->listen, o->open, &fd, h->host, e) != 0)
        goto fail;
    (void)snprintf(h->address, sizeof h->address, "%s%s/", scheme_of(h), h->host);
    tls_options(o, tls);
    h->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
            MHD_USE_ERROR_LOG | (o->certificate != NULL ? MHD_USE_TLS : 0u),
        0, NULL, NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_TIMEOUT_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY_BYTES,
        MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK_BYTES,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
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
