#include "sync/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Little in the kernel's buffer: what waits there cannot be overtaken any more. */
#define NOTSENT_BYTES   16384
#define USER_TIMEOUT_MS 12000 /* sent, not acknowledged: the link is gone */
#define KEEPALIVE_S     10
#define READ_BYTES      16384

enum wants { WANTS_NOTHING, WANTS_READ, WANTS_WRITE };

struct stream {
    int fd;
    SSL *tls; /* NULL: plain */
    enum wants read_wants, write_wants;
    uint64_t bytes_out, bytes_in;
};

/* ----------------------------------------------------------------- the socket */

/* -1 with errno, as send(2); a closed connection is an error, not a signal. */
static ssize_t socket_write(struct stream *s, const void *bytes, size_t count)
{
    ssize_t n = send(s->fd, bytes, count, MSG_NOSIGNAL);

    if (n > 0)
        s->bytes_out += (uint64_t)n;
    return n;
}

static ssize_t socket_read(struct stream *s, void *bytes, size_t count)
{
    ssize_t n = recv(s->fd, bytes, count, 0);

    if (n > 0)
        s->bytes_in += (uint64_t)n;
    return n;
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* --------------------------------------------------- OpenSSL's way to the socket */

/* OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE. */
static int bio_write(BIO *b, const char *bytes, int count)
{
    ssize_t n = socket_write(BIO_get_data(b), bytes, (size_t)count);

    BIO_clear_retry_flags(b);
    if (n < 0 && would_block())
        BIO_set_retry_write(b);
    return (int)n;
}

static int bio_read(BIO *b, char *bytes, int count)
{
    ssize_t n = socket_read(BIO_get_data(b), bytes, (size_t)count);

    BIO_clear_retry_flags(b);
    if (n < 0 && would_block())
        BIO_set_retry_read(b);
    return (int)n;
}

static long bio_control(BIO *b, int what, long number, void *pointer)
{
    (void)b, (void)number, (void)pointer;
    return what == BIO_CTRL_FLUSH ? 1 : 0;
}

static BIO_METHOD *bio_kind;

static void make_bio_kind(void)
{
    bio_kind = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
    if (bio_kind != NULL && BIO_meth_set_write(bio_kind, bio_write) &&
        BIO_meth_set_read(bio_kind, bio_read) && BIO_meth_set_ctrl(bio_kind, bio_control))
        return;
    BIO_meth_free(bio_kind);
    bio_kind = NULL;
}

static int add_tls(struct stream *s, struct link_tls *tls, struct err *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    BIO *b;

    (void)pthread_once(&once, make_bio_kind);
    if (link_tls_connection(tls, &s->tls, e) != 0)
        return -1;
    b = bio_kind == NULL ? NULL : BIO_new(bio_kind);
    if (b == NULL)
        return link_tls_failed(NULL, "TLS", e);
    BIO_set_data(b, s);
    BIO_set_init(b, 1);
    SSL_set_bio(s->tls, b, b);
    return 0;
}

/* ------------------------------------------------------------- create, destroy */

static void set_number(int fd, int level, int option, int value)
{
    /* A socket without it works too, only worse. */
    (void)setsockopt(fd, level, option, &value, sizeof value);
}

static void tune(int fd)
{
    set_number(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_number(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOTSENT_BYTES);
    set_number(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
    set_number(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_number(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_S);
    set_number(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_S);
    set_number(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
    /* Loss on a radio link is no congestion; a kernel without BBR says no. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "bbr", 3);
}

int stream_create(struct stream **out, int fd, struct link_tls *tls, struct err *e)
{
    struct stream *s = calloc(1, sizeof *s);

    *out = NULL;
    if (s == NULL) {
        (void)close(fd);
        return err_set(e, ERR_MEMORY, "stream");
    }
    s->fd = fd;
    tune(fd);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        (void)err_set_errno(e, ERR_IO, "socket");
        goto failed;
    }
    if (tls != NULL && add_tls(s, tls, e) != 0)
        goto failed;
    *out = s;
    return 0;
failed:
    stream_destroy(s);
    return -1;
}

void stream_end(struct stream *s)
{
    if (s->tls != NULL && SSL_is_init_finished(s->tls))
        (void)SSL_shutdown(s->tls); /* if it can be said now, it is */
    ERR_clear_error();
    (void)shutdown(s->fd, SHUT_WR); /* gone already: as good */
}

void stream_destroy(struct stream *s)
{
    if (s == NULL)
        return;
    if (s->tls != NULL) {
        if (SSL_is_init_finished(s->tls))
            (void)SSL_shutdown(s->tls); /* a second time is fine */
        ERR_clear_error();
        SSL_free(s->tls);
    }
    (void)close(s->fd);
    free(s);
}

int stream_fd(const struct stream *s)
{
    return s->fd;
}

/* --------------------------------------------------------------- doing things */

/* What a TLS call that did not succeed means: 0 wait, 1 the end, -1 broken. */
static int tls_answer(struct stream *s, int rc, enum wants *wants, const char *what,
                      struct err *e)
{
    int saved = errno;

    switch (SSL_get_error(s->tls, rc)) {
    case SSL_ERROR_WANT_READ:
        *wants = WANTS_READ;
        return 0;
    case SSL_ERROR_WANT_WRITE:
        *wants = WANTS_WRITE;
        return 0;
    case SSL_ERROR_ZERO_RETURN:
        return 1;
    case SSL_ERROR_SYSCALL:
        ERR_clear_error();
        if (rc < 0 && saved != 0) {
            errno = saved;
            return err_set_errno(e, ERR_IO, "%s", what);
        }
        return err_set(e, ERR_IO, "%s: the other end broke off", what);
    default:
        return link_tls_failed(s->tls, what, e);
    }
}

int stream_handshake(struct stream *s, struct err *e)
{
    int rc;

    if (s->tls == NULL || SSL_is_init_finished(s->tls))
        return 1;
    ERR_clear_error();
    errno = 0;
    rc = SSL_do_handshake(s->tls);
    if (rc == 1) {
        s->read_wants = s->write_wants = WANTS_NOTHING;
        return 1;
    }
    rc = tls_answer(s, rc, &s->read_wants, "TLS handshake", e);
    s->write_wants = s->read_wants;
    return rc == 1 ? err_set(e, ERR_IO, "TLS handshake: the other end broke off") : rc;
}

/* How many bytes came; 0: none now; *ended. */
static int read_once(struct stream *s, void *bytes, size_t count, size_t *got,
                     bool *ended, struct err *e)
{
    ssize_t n;
    int rc;

    *got = 0;
    errno = 0;
    if (s->tls == NULL) {
        n = socket_read(s, bytes, count);
        if (n < 0)
            return would_block() ? 0 : err_set_errno(e, ERR_IO, "link");
        *ended = n == 0;
        *got = (size_t)n;
        return 0;
    }
    ERR_clear_error();
    s->read_wants = WANTS_NOTHING;
    rc = SSL_read_ex(s->tls, bytes, count, got);
    if (rc == 1)
        return 0;
    *got = 0;
    rc = tls_answer(s, rc, &s->read_wants, "link", e);
    *ended = rc == 1;
    return rc < 0 ? -1 : 0;
}

int stream_read(struct stream *s, struct buffer *in, size_t count_max, bool *ended,
                struct err *e)
{
    unsigned char bytes[READ_BYTES];
    size_t before = in->count, got = 1;

    *ended = false;
    while (got > 0 && !*ended && count_max > 0 && in->count < in->count_max) {
        size_t want = in->count_max - in->count;

        if (want > sizeof bytes)
            want = sizeof bytes;
        if (want > count_max)
            want = count_max;
        if (read_once(s, bytes, want, &got, ended, e) != 0)
            return in->count > before ? 0 : -1;
        buffer_append(in, bytes, got);
        count_max -= got;
    }
    return buffer_check(in, e);
}

static int write_once(struct stream *s, const void *bytes, size_t count, size_t *put,
                      struct err *e)
{
    ssize_t n;
    int rc;

    *put = 0;
    errno = 0;
    if (s->tls == NULL) {
        n = socket_write(s, bytes, count);
        if (n < 0)
            return would_block() ? 0 : err_set_errno(e, ERR_IO, "link");
        *put = (size_t)n;
        return 0;
    }
    ERR_clear_error();
    s->write_wants = WANTS_NOTHING;
    rc = SSL_write_ex(s->tls, bytes, count, put);
    if (rc == 1)
        return 0;
    *put = 0;
    rc = tls_answer(s, rc, &s->write_wants, "link", e);
    return rc == 1 ? err_set(e, ERR_IO, "link: the other end has closed it") : rc;
}

int stream_write(struct stream *s, struct buffer *out, struct err *e)
{
    size_t at = 0, put = 1;

    while (at < out->count && put > 0) {
        if (write_once(s, out->bytes + at, out->count - at, &put, e) != 0)
            return -1;
        at += put;
    }
    if (at > 0) {
        memmove(out->bytes, out->bytes + at, out->count - at);
        out->count -= at;
    }
    return 0;
}

short stream_events(const struct stream *s, bool writing)
{
    short events = 0;

    if (s->tls != NULL && !SSL_is_init_finished(s->tls))
        return s->read_wants == WANTS_WRITE ? POLLOUT : POLLIN;
    events |= s->read_wants == WANTS_WRITE ? POLLOUT : POLLIN;
    if (writing)
        events |= s->write_wants == WANTS_READ ? POLLIN : POLLOUT;
    return events;
}

bool stream_pending(const struct stream *s)
{
    return s->tls != NULL && SSL_pending(s->tls) > 0;
}

bool stream_binding(const struct stream *s, uint8_t out[LINK_BINDING_BYTES])
{
    return s->tls != NULL &&
           SSL_export_keying_material(s->tls, out, LINK_BINDING_BYTES, LINK_BINDING_LABEL,
                                      strlen(LINK_BINDING_LABEL), NULL, 0, 0) == 1;
}

size_t stream_unacknowledged(const struct stream *s)
{
    int bytes;

    return ioctl(s->fd, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? (size_t)bytes : 0;
}

uint64_t stream_bytes_out(const struct stream *s)
{
    return s->bytes_out;
}

uint64_t stream_bytes_in(const struct stream *s)
{
    return s->bytes_in;
}
