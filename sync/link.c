#include "sync/link.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "sync/http_head.h"
#include "sync/stream.h"

#define MESSAGE_BYTES_MAX (MESSAGE_HEADER_BYTES + MESSAGE_PAYLOAD_MAX)
#define IN_BYTES_MAX      (2 * MESSAGE_BYTES_MAX)
#define OUT_BYTES_MAX     (1u << 20) /* the core sends when there is room; PONGs too */
#define PORT_MAX          65535

enum link_state { LINK_CONNECTING, LINK_SHAKING, LINK_OPEN, LINK_TALKING };

struct link {
    enum link_state state;
    struct link_place place;
    struct link_tls *tls;                 /* NULL: plain */
    struct addrinfo *addresses, *address; /* address: the one being tried */
    int fd;                               /* while CONNECTING; then the stream's */
    struct stream *stream;
    uint8_t binding[LINK_BINDING_BYTES];
    struct buffer in, out;
    size_t in_at; /* what lies before it was given out */
    bool ended;   /* nothing more will come */
};

/* ------------------------------------------------------------------------ URL */

static bool port_is_sound(const char *port)
{
    unsigned long number = 0;

    for (const char *c = port; *c != '\0'; c++) {
        if (*c < '0' || *c > '9')
            return false;
        number = number * 10 + (unsigned long)(*c - '0');
    }
    return number >= 1 && number <= PORT_MAX;
}

static bool host_is_sound(const char *host)
{
    for (const char *c = host; *c != '\0'; c++)
        if ((*c < '0' || *c > '9') && (*c < 'a' || *c > 'z') && (*c < 'A' || *c > 'Z') &&
            strchr(".-:_%", *c) == NULL)
            return false;
    return host[0] != '\0';
}

int link_place_parse(struct link_place *out, const char *url, struct err *e)
{
    const char *at, *host_end, *port;
    size_t count;

    *out = (struct link_place){0};
    if (strncmp(url, "https://", 8) == 0) {
        at = url + 8;
    } else if (strncmp(url, "http://", 7) == 0) {
        at = url + 7;
        out->plain = true;
    } else {
        return err_set(e, ERR_USAGE,
                       "\"%.100s\" begins with neither https:// nor http://", url);
    }
    host_end = at[0] == '[' ? strchr(at, ']') : strrchr(at, ':');
    if (host_end == NULL)
        return err_set(e, ERR_USAGE, "\"%.100s\" names no port", url);
    port = at[0] == '[' ? host_end + 1 : host_end;
    at += at[0] == '[';
    count = strlen(port);
    if (count > 1 && port[count - 1] == '/')
        count--;
    if (port[0] != ':' || count < 2 || count > sizeof out->port ||
        (size_t)(host_end - at) >= sizeof out->host)
        return err_set(e, ERR_USAGE, "\"%.100s\" names no host and port", url);
    memcpy(out->host, at, (size_t)(host_end - at));
    memcpy(out->port, port + 1, count - 1);
    if (!host_is_sound(out->host) || !port_is_sound(out->port))
        return err_set(e, ERR_USAGE, "\"%.100s\" names no host and port", url);
    return 0;
}

/* ----------------------------------------------------------------------- dial */

static bool is_own_address(const struct sockaddr *a)
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)a;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)a;

    if (a->sa_family == AF_INET)
        return ntohl(four->sin_addr.s_addr) >> 24 == 127;
    return a->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static int resolve(struct link *l, struct err *e)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    int rc = getaddrinfo(l->place.host, l->place.port, &hints, &l->addresses);

    if (rc != 0) {
        l->addresses = NULL;
        return err_set(e, ERR_IO, "%s: %s", l->place.host, gai_strerror(rc));
    }
    for (struct addrinfo *a = l->addresses; l->place.plain && a != NULL; a = a->ai_next)
        if (!is_own_address(a->ai_addr))
            return err_set(e, ERR_USAGE,
                           "%s is another machine: plain http stays on this one",
                           l->place.host);
    l->address = l->addresses;
    return 0;
}

/* Begins with l->address, or one behind it. -1: none is left. */
static int connect_next(struct link *l, struct err *e)
{
    for (; l->address != NULL; l->address = l->address->ai_next) {
        const struct addrinfo *a = l->address;

        l->fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (l->fd >= 0 &&
            (connect(l->fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EINPROGRESS))
            return 0;
        (void)err_set_errno(e, ERR_IO, "%s:%s", l->place.host, l->place.port);
        if (l->fd >= 0)
            (void)close(l->fd);
        l->fd = -1;
    }
    return -1;
}

int link_dial(struct link **out, const char *url, const struct public_key *tls_key,
              struct random *r, struct err *e)
{
    struct link *l = calloc(1, sizeof *l);

    *out = NULL;
    if (l == NULL)
        return err_set(e, ERR_MEMORY, "link");
    l->fd = -1;
    buffer_init(&l->in, IN_BYTES_MAX);
    buffer_init(&l->out, OUT_BYTES_MAX);
    if (link_place_parse(&l->place, url, e) != 0)
        goto failed;
    if (l->place.plain)
        r->fill(r, l->binding, sizeof l->binding);
    else if (link_tls_client(&l->tls, tls_key, e) != 0)
        goto failed;
    if (resolve(l, e) != 0 || connect_next(l, e) != 0)
        goto failed;
    *out = l;
    return 0;
failed:
    link_close(l);
    return err_wrap(e, "link");
}

void link_close(struct link *l)
{
    if (l == NULL)
        return;
    stream_destroy(l->stream);
    if (l->fd >= 0)
        (void)close(l->fd);
    link_tls_destroy(l->tls);
    if (l->addresses != NULL)
        freeaddrinfo(l->addresses);
    buffer_release(&l->in);
    buffer_release(&l->out);
    free(l);
}

/* -------------------------------------------------------------------- advance */

/* 1: connected, 0: wait, -1: no address is left. */
static int finish_connect(struct link *l, struct err *e)
{
    struct pollfd p = {.fd = l->fd, .events = POLLOUT};
    int wrong = 0;
    socklen_t size = sizeof wrong;

    if (poll(&p, 1, 0) <= 0)
        return 0;
    if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &wrong, &size) != 0)
        wrong = errno;
    if (wrong == 0)
        return 1;
    errno = wrong;
    (void)err_set_errno(e, ERR_IO, "%s:%s", l->place.host, l->place.port);
    (void)close(l->fd);
    l->fd = -1;
    l->address = l->address->ai_next;
    return connect_next(l, e);
}

static void write_request(struct link *l)
{
    bool six = strchr(l->place.host, ':') != NULL;
    char hex[HASH_HEX_BYTES];
    struct hash nonce;

    buffer_append_format(&l->out,
                         "GET " LINK_TARGET " HTTP/1.1\r\nHost: %s%s%s:%s\r\n"
                         "Upgrade: " LINK_PROTOCOL "\r\nConnection: Upgrade\r\n",
                         six ? "[" : "", l->place.host, six ? "]" : "", l->place.port);
    if (l->place.plain) {
        memcpy(nonce.bytes, l->binding, sizeof nonce.bytes);
        hash_to_hex(hex, &nonce);
        buffer_append_format(&l->out, LINK_NONCE ": %s\r\n", hex);
    }
    buffer_append_text(&l->out, "\r\n");
}

static int shake(struct link *l, struct err *e)
{
    int done = stream_handshake(l->stream, e);

    if (done <= 0)
        return done;
    if (!l->place.plain && !stream_binding(l->stream, l->binding))
        return err_set(e, ERR_FAILED, "TLS gives no binding");
    write_request(l);
    l->state = LINK_OPEN;
    return buffer_check(&l->out, e);
}

static int take_answer(struct link *l, struct err *e)
{
    struct http_head head;
    int whole = http_answer_parse(&head, &l->in_at, l->in.bytes, l->in.count, e);

    if (whole <= 0)
        return whole;
    if (head.status != 101)
        return err_set(e, ERR_REFUSED, "the centre answers with status %u", head.status);
    if (!http_head_lists(&head, "Upgrade", LINK_PROTOCOL))
        return err_set(e, ERR_REFUSED, "the centre does not speak " LINK_PROTOCOL);
    l->state = LINK_TALKING;
    return 0;
}

static void drop_given(struct link *l)
{
    if (l->in_at == 0)
        return;
    memmove(l->in.bytes, l->in.bytes + l->in_at, l->in.count - l->in_at);
    l->in.count -= l->in_at;
    l->in_at = 0;
}

static int exchange(struct link *l, struct err *e)
{
    /* Reading first: when the link has broken, what had come is still to be had. */
    drop_given(l);
    if (!l->ended && l->in.count < l->in.count_max &&
        stream_read(l->stream, &l->in, l->in.count_max, &l->ended, e) != 0)
        return -1;
    if (l->state == LINK_OPEN && take_answer(l, e) != 0)
        return -1;
    if (l->ended && l->state == LINK_OPEN)
        return err_set(e, ERR_IO, "the centre has closed the link");
    return l->out.count > 0 ? stream_write(l->stream, &l->out, e) : 0;
}

/* What came before the end is still to be read: only then is the end told. */
static int check_end(struct link *l, struct err *e)
{
    struct message ignored;
    struct err ignored_too;
    size_t used;

    if (!l->ended || message_next(&ignored, &used, l->in.bytes + l->in_at,
                                  l->in.count - l->in_at, &ignored_too) != 0)
        return 0;
    return err_set(e, ERR_IO, "the centre has closed the link");
}

static int advance(struct link *l, struct err *e)
{
    int rc;

    if (l->state == LINK_CONNECTING) {
        rc = finish_connect(l, e);
        if (rc <= 0)
            return rc;
        rc = stream_create(&l->stream, l->fd, l->tls, e);
        l->fd = -1;
        if (rc != 0)
            return -1;
        l->state = LINK_SHAKING;
    }
    if (l->state == LINK_SHAKING && shake(l, e) != 0)
        return -1;
    if (l->state == LINK_SHAKING)
        return 0;
    if (l->state == LINK_TALKING && check_end(l, e) != 0)
        return -1;
    return exchange(l, e);
}

int link_advance(struct link *l, struct err *e)
{
    return advance(l, e) == 0 ? 0 : err_wrap(e, "link");
}

/* ------------------------------------------------------------------ the caller */

int link_fd(const struct link *l)
{
    return l->stream != NULL ? stream_fd(l->stream) : l->fd;
}

short link_events(const struct link *l)
{
    if (l->stream == NULL)
        return POLLOUT;
    return stream_events(l->stream, l->out.count > 0);
}

bool link_pending(const struct link *l)
{
    return l->stream != NULL && (stream_pending(l->stream) || l->ended);
}

bool link_is_up(const struct link *l)
{
    return l->state == LINK_OPEN || l->state == LINK_TALKING;
}

void link_binding(const struct link *l, uint8_t out[LINK_BINDING_BYTES])
{
    assert(link_is_up(l));
    memcpy(out, l->binding, LINK_BINDING_BYTES);
}

int link_send(struct link *l, const void *bytes, size_t count, struct err *e)
{
    assert(link_is_up(l));
    buffer_append(&l->out, bytes, count);
    return buffer_check(&l->out, e);
}

bool link_has_room(const struct link *l)
{
    return link_is_up(l) && l->out.count < LINK_ROOM_BYTES;
}

size_t link_unsent(const struct link *l)
{
    return l->out.count;
}

bool link_all_arrived(const struct link *l)
{
    return l->out.count == 0 &&
           (l->stream == NULL || stream_unacknowledged(l->stream) == 0);
}

int link_next(struct link *l, struct message *out, struct err *e)
{
    size_t used;
    int rc;

    if (l->state != LINK_TALKING)
        return 0;
    rc = message_next(out, &used, l->in.bytes + l->in_at, l->in.count - l->in_at, e);
    if (rc < 0)
        return err_wrap(e, "link");
    l->in_at += used;
    return rc;
}

uint64_t link_bytes_out(const struct link *l)
{
    return l->stream == NULL ? 0 : stream_bytes_out(l->stream);
}

uint64_t link_bytes_in(const struct link *l)
{
    return l->stream == NULL ? 0 : stream_bytes_in(l->stream);
}
