#include "sync/stream_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ssl.h>
#include <sys/socket.h>

#define READ_BYTES 16384

/* ------------------------------------------------------------- create, destroy */

int stream_create(struct stream **out, int fd, struct link_tls *tls, struct err *e)
{
    struct stream *s = calloc(1, sizeof *s);

    *out = NULL;
    if (s == NULL) {
        (void)close(fd);
        return err_set(e, ERR_MEMORY, "stream");
    }
    s->fd = fd;
    stream_tune(s);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        (void)err_set_errno(e, ERR_IO, "socket");
        goto failed;
    }
    if (tls != NULL && stream_tls_add(s, tls, e) != 0)
        goto failed;
    *out = s;
    return 0;
failed:
    stream_destroy(s);
    return -1;
}

void stream_end(struct stream *s)
{
    if (s->tls != NULL)
        stream_tls_end(s);
    (void)shutdown(s->fd, SHUT_WR); /* gone already: as good */
}

void stream_destroy(struct stream *s)
{
    if (s == NULL)
        return;
    if (s->tls != NULL) {
        stream_tls_end(s);
        SSL_free(s->tls);
    }
    buffer_release(&s->early_in);
    buffer_release(&s->held);
    (void)close(s->fd);
    free(s);
}

int stream_fd(const struct stream *s)
{
    return s->fd;
}

int stream_handshake(struct stream *s, struct err *e)
{
    return s->tls == NULL ? 1 : stream_tls_handshake(s, e);
}

/* ---------------------------------------------------------------- doing things */

static int read_once(struct stream *s, void *bytes, size_t count, size_t *got,
                     bool *ended, struct err *e)
{
    ssize_t n;

    if (s->tls != NULL)
        return stream_tls_read(s, bytes, count, got, ended, e);
    *got = 0;
    n = stream_socket_read(s, bytes, count);
    if (n < 0)
        return stream_would_block() ? 0 : err_set_errno(e, ERR_IO, "link");
    *ended = n == 0;
    *got = (size_t)n;
    return 0;
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

    if (s->tls != NULL)
        return stream_tls_write(s, bytes, count, put, e);
    *put = 0;
    n = stream_socket_write(s, bytes, count);
    if (n < 0)
        return stream_would_block() ? 0 : err_set_errno(e, ERR_IO, "link");
    *put = (size_t)n;
    return 0;
}

static bool fits_now(const struct stream *s, size_t count)
{
    return s->early != EARLY_WAITING &&
           (s->early != EARLY_WRITING || count <= stream_early_room(s));
}

int stream_write(struct stream *s, struct buffer *out,
                 size_t (*cut)(const void *bytes, size_t count), struct err *e)
{
    size_t at = 0, put = 1;

    if (s->held.count > 0 && stream_tls_flush(s, e) < 0)
        return -1;
    while (at < out->count && put > 0 && s->held.count == 0) {
        size_t count = out->count - at;

        if (cut != NULL)
            count = cut(out->bytes + at, count);
        if (!fits_now(s, count))
            break;
        if (write_once(s, out->bytes + at, count, &put, e) != 0)
            return -1;
        at += put;
        stream_pace(s);
    }
    if (at == 0 || at < out->count)
        stream_cork(s, false); /* no more will come now */
    if (at > 0) {
        memmove(out->bytes, out->bytes + at, out->count - at);
        out->count -= at;
    }
    return 0;
}

short stream_events(const struct stream *s, bool writing)
{
    short events = 0;

    if (s->tls != NULL && !stream_tls_talking(s))
        return s->read_wants == WANTS_WRITE ? POLLOUT : POLLIN;
    if (s->held.count > 0)
        return POLLOUT; /* before anything else is said or heard */
    events |= s->read_wants == WANTS_WRITE ? POLLOUT : POLLIN;
    if (writing)
        events |= s->write_wants == WANTS_READ ? POLLIN : POLLOUT;
    return events;
}

bool stream_pending(const struct stream *s)
{
    return s->tls != NULL && (SSL_pending(s->tls) > 0 || s->early_in.count > 0);
}

uint64_t stream_bytes_out(const struct stream *s)
{
    return s->bytes_out;
}

uint64_t stream_bytes_in(const struct stream *s)
{
    return s->bytes_in;
}

uint64_t stream_bytes_handshake(const struct stream *s)
{
    uint64_t all = s->bytes_out + s->bytes_finished;

    return s->tls == NULL || all < s->bytes_said ? 0 : all - s->bytes_said;
}

uint64_t stream_bytes_unfinished(const struct stream *s)
{
    return s->tls == NULL ? 0 : s->bytes_in - s->bytes_finished;
}
