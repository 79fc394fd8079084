#include "sync/stream_internal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#define EARLY_IN_MAX        ((size_t)LINK_EARLY_BYTES_MAX)
#define EARLY_HELD_MAX      ((size_t)2 * SSL3_RT_MAX_PLAIN_LENGTH) /* a record */
#define RECORD_HEADER_BYTES 5

/* --------------------------------------------------- OpenSSL's way to the socket */

/* Early data that OpenSSL must write again it counts again, until it says that there are
 * too many: what the socket does not take we hold instead. */
static ssize_t write_early(struct stream *s, const void *bytes, size_t count)
{
    struct err ignored;
    ssize_t n = 0;

    if (s->held.count == 0)
        n = stream_socket_write(s, bytes, count);
    if (n < 0 && !stream_would_block())
        return -1;
    n = n < 0 ? 0 : n;
    buffer_append(&s->held, (const char *)bytes + n, count - (size_t)n);
    if (buffer_check(&s->held, &ignored) == 0)
        return (ssize_t)count;
    errno = ENOMEM;
    return -1;
}

int stream_tls_flush(struct stream *s, struct err *e)
{
    ssize_t n = stream_socket_write(s, s->held.bytes, s->held.count);

    if (n < 0)
        return stream_would_block() ? 0 : err_set_errno(e, ERR_IO, "link");
    memmove(s->held.bytes, s->held.bytes + n, s->held.count - (size_t)n);
    s->held.count -= (size_t)n;
    return s->held.count == 0;
}

/* OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE. */
static int bio_write(BIO *b, const char *bytes, int count)
{
    struct stream *s = BIO_get_data(b);
    ssize_t n = s->early == EARLY_WRITING ? write_early(s, bytes, (size_t)count)
                                          : stream_socket_write(s, bytes, (size_t)count);

    BIO_clear_retry_flags(b);
    if (n < 0 && stream_would_block())
        BIO_set_retry_write(b);
    return (int)n;
}

static int bio_read(BIO *b, char *bytes, int count)
{
    ssize_t n = stream_socket_read(BIO_get_data(b), bytes, (size_t)count);

    BIO_clear_retry_flags(b);
    if (n < 0 && stream_would_block())
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

/* OpenSSL tells of each record: when it reads, the header and then what was in it; when
 * it writes, the other way round. */
static void note_record(int write, int version, int type, const void *bytes, size_t count,
                        SSL *tls, void *arg)
{
    const unsigned char *b = bytes;
    struct stream *s = arg;

    (void)version, (void)tls;
    if (type == SSL3_RT_INNER_CONTENT_TYPE && count == 1) {
        s->said = b[0] == SSL3_RT_APPLICATION_DATA || b[0] == SSL3_RT_ALERT;
        if (!write && s->said)
            s->bytes_said += s->header_length + RECORD_HEADER_BYTES;
    } else if (type == SSL3_RT_HEADER && count == RECORD_HEADER_BYTES) {
        s->header_length = (size_t)b[3] << 8 | b[4];
        if (write && s->said && b[0] == SSL3_RT_APPLICATION_DATA)
            s->bytes_said += s->header_length + RECORD_HEADER_BYTES;
    }
}

int stream_tls_add(struct stream *s, struct link_tls *tls, struct err *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    bool early;
    BIO *b;

    (void)pthread_once(&once, make_bio_kind);
    if (link_tls_connection(tls, &s->tls, &early, e) != 0)
        return -1;
    s->server = SSL_is_server(s->tls);
    s->early = s->server ? EARLY_READING : early ? EARLY_MAY : EARLY_NONE;
    buffer_init(&s->early_in, EARLY_IN_MAX);
    buffer_init(&s->held, EARLY_HELD_MAX);
    b = bio_kind == NULL ? NULL : BIO_new(bio_kind);
    if (b == NULL)
        return link_tls_failed(NULL, "TLS", e);
    BIO_set_data(b, s);
    BIO_set_init(b, 1);
    SSL_set_bio(s->tls, b, b);
    SSL_set_msg_callback(s->tls, note_record);
    SSL_set_msg_callback_arg(s->tls, s);
    return 0;
}

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

static void begin_call(enum wants *wants)
{
    ERR_clear_error();
    errno = 0;
    *wants = WANTS_NOTHING;
}

/* --------------------------------------------------------------- first flights */

/* The flight begins with nothing in it, so that there is a binding for what follows. */
int stream_begin_early(struct stream *s, struct err *e)
{
    size_t put;
    int rc;

    if (s->tls == NULL || s->early != EARLY_MAY)
        return s->early == EARLY_WRITING;
    stream_cork(s, true);
    begin_call(&s->read_wants);
    if (SSL_write_early_data(s->tls, "", 0, &put) == 1) {
        s->early = EARLY_WRITING;
        s->early_used = true;
        return 1;
    }
    rc = tls_answer(s, -1, &s->read_wants, "TLS handshake", e);
    stream_cork(s, false);
    return rc == 1 ? err_set(e, ERR_IO, "TLS handshake: the other end broke off") : rc;
}

bool stream_early_held(const struct stream *s)
{
    return s->corked;
}

size_t stream_early_room(const struct stream *s)
{
    return s->early == EARLY_WRITING ? LINK_EARLY_BYTES_MAX - s->early_bytes : 0;
}

bool stream_early_over(const struct stream *s)
{
    struct pollfd p = {.fd = s->fd, .events = POLLIN};

    return s->early != EARLY_WRITING || (s->held.count == 0 && poll(&p, 1, 0) > 0);
}

bool stream_early_refused(const struct stream *s)
{
    return s->early_refused;
}

/* The centre's: takes what came with the box's first flight. 1: something did, or all of
 * it has been taken; 0: wait. */
static int read_early(struct stream *s, struct err *e)
{
    unsigned char bytes[SSL3_RT_MAX_PLAIN_LENGTH];
    size_t got;
    int rc;

    begin_call(&s->read_wants);
    switch (SSL_read_early_data(s->tls, bytes, sizeof bytes, &got)) {
    case SSL_READ_EARLY_DATA_SUCCESS:
        s->early_used = true;
        s->bytes_finished = s->bytes_in;
        buffer_append(&s->early_in, bytes, got);
        return buffer_check(&s->early_in, e) == 0 ? 1 : -1;
    case SSL_READ_EARLY_DATA_FINISH:
        s->early = EARLY_OVER;
        return 1;
    default:
        rc = tls_answer(s, -1, &s->read_wants, "TLS handshake", e);
        return rc == 1 ? err_set(e, ERR_IO, "TLS handshake: the other end broke off")
                       : rc;
    }
}

static int finish(struct stream *s, struct err *e)
{
    int rc;

    if (s->held.count > 0) {
        rc = stream_tls_flush(s, e);
        if (rc <= 0)
            return rc;
    }
    if (s->early == EARLY_WRITING)
        s->early = EARLY_WAITING;
    stream_cork(s, false);
    begin_call(&s->read_wants);
    rc = SSL_do_handshake(s->tls);
    if (rc == 1) {
        s->read_wants = s->write_wants = WANTS_NOTHING;
        s->early_refused = s->early == EARLY_WAITING &&
                           SSL_get_early_data_status(s->tls) != SSL_EARLY_DATA_ACCEPTED;
        s->early_used = s->early_used && !s->early_refused;
        s->early = EARLY_OVER;
        return 1;
    }
    rc = tls_answer(s, rc, &s->read_wants, "TLS handshake", e);
    s->write_wants = s->read_wants;
    return rc == 1 ? err_set(e, ERR_IO, "TLS handshake: the other end broke off") : rc;
}

bool stream_tls_talking(const struct stream *s)
{
    return SSL_is_init_finished(s->tls) || s->early == EARLY_WRITING ||
           (s->server && s->early_used);
}

int stream_tls_handshake(struct stream *s, struct err *e)
{
    int rc = 1;

    if (SSL_is_init_finished(s->tls) || (s->server && s->early_used))
        return 1;
    if (s->early == EARLY_READING) {
        rc = read_early(s, e);
        s->write_wants = s->read_wants;
    }
    return rc <= 0 || (s->server && s->early_used) ? rc : finish(s, e);
}

/* ---------------------------------------------------------------- doing things */

static size_t give_early(struct stream *s, void *bytes, size_t count)
{
    struct buffer *b = &s->early_in;

    if (count > b->count)
        count = b->count;
    if (count > 0) {
        memcpy(bytes, b->bytes, count);
        memmove(b->bytes, b->bytes + count, b->count - count);
        b->count -= count;
    }
    return count;
}

int stream_tls_read(struct stream *s, void *bytes, size_t count, size_t *got, bool *ended,
                    struct err *e)
{
    int rc;

    *got = 0;
    if (s->early_in.count == 0 && s->early == EARLY_READING && read_early(s, e) < 0)
        return -1;
    *got = give_early(s, bytes, count);
    if (*got > 0 || s->early == EARLY_READING)
        return 0;
    begin_call(&s->read_wants);
    rc = SSL_read_ex(s->tls, bytes, count, got);
    if (rc == 1) {
        s->bytes_finished = s->bytes_in; /* it reads no further than it must */
        return 0;
    }
    *got = 0;
    rc = tls_answer(s, rc, &s->read_wants, "link", e);
    *ended = rc == 1;
    return rc < 0 ? -1 : 0;
}

int stream_tls_write(struct stream *s, const void *bytes, size_t count, size_t *put,
                     struct err *e)
{
    bool early = !SSL_is_init_finished(s->tls);
    int rc;

    *put = 0;
    begin_call(&s->write_wants);
    rc = early ? SSL_write_early_data(s->tls, bytes, count, put)
               : SSL_write_ex(s->tls, bytes, count, put);
    if (rc == 1) {
        s->early_bytes += early ? *put : 0;
        return 0;
    }
    *put = 0;
    rc = tls_answer(s, rc, &s->write_wants, "link", e);
    return rc == 1 ? err_set(e, ERR_IO, "link: the other end has closed it") : rc;
}

void stream_tls_end(struct stream *s)
{
    if (SSL_is_init_finished(s->tls))
        (void)SSL_shutdown(s->tls); /* a second time is fine */
    ERR_clear_error();
}

/* ------------------------------------------------------------------ what is known */

bool stream_speaks_ours(const struct stream *s)
{
    return s->tls != NULL && link_tls_speaks_ours(s->tls);
}

bool stream_binding(const struct stream *s, uint8_t out[LINK_BINDING_BYTES])
{
    static const char label[] = LINK_BINDING_LABEL;

    if (s->tls == NULL)
        return false;
    if (s->early_used)
        return SSL_export_keying_material_early(s->tls, out, LINK_BINDING_BYTES, label,
                                                sizeof label - 1, NULL, 0) == 1;
    return SSL_export_keying_material(s->tls, out, LINK_BINDING_BYTES, label,
                                      sizeof label - 1, NULL, 0, 0) == 1;
}
