#include "sync/stream_internal.h"

#include <errno.h>

#include <poll.h>

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/clock.h"

/* What waits in the kernel's buffer cannot be overtaken any more: little, but so much
 * that a fast link does not run dry between two looks. */
#define NOTSENT_BYTES_MIN 4096u
#define NOTSENT_BYTES_MAX 262144u
#define NOTSENT_BYTES     16384u /* until it is known how fast it goes … */
#define PACE_FIRST_MS     2000   /* … and for that the kernel must have tried */
#define PACE_MS           250    /* between two looks */
#define NOTSENT_PER_S     4      /* a quarter of a second's bytes */
#define USER_TIMEOUT_MS   12000  /* sent, not acknowledged: the link is gone */

/* TCP_NOTSENT_LOWAT alone is for poll(2): what fits behind the last packet in the
 * kernel's buffer is taken all the same, and that is up to 64 kB. */
static bool enough_waits(const struct stream *s)
{
    int bytes;

    return ioctl(s->fd, SIOCOUTQNSD, &bytes) == 0 && bytes >= (int)s->lowat;
}

/* What waits in a broken socket waits for ever, and poll(2) says at once, each time, that
 * there is something to do: who does not read would never hear why. */
static int why_it_waits(const struct stream *s)
{
    struct pollfd p = {.fd = s->fd};
    int wrong = 0;
    socklen_t size = sizeof wrong;

    if (poll(&p, 1, 0) <= 0 || (p.revents & (POLLERR | POLLHUP)) == 0)
        return EAGAIN;
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &wrong, &size) == 0 && wrong != 0)
        return wrong;
    return EPIPE;
}

ssize_t stream_socket_write(struct stream *s, const void *bytes, size_t count)
{
    ssize_t n;

    if (enough_waits(s)) {
        errno = why_it_waits(s);
        return -1;
    }
    n = send(s->fd, bytes, count, MSG_NOSIGNAL);

    if (n > 0)
        s->bytes_out += (uint64_t)n;
    return n;
}

ssize_t stream_socket_read(struct stream *s, void *bytes, size_t count)
{
    ssize_t n = recv(s->fd, bytes, count, 0);

    if (n > 0)
        s->bytes_in += (uint64_t)n;
    return n;
}

bool stream_would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static void set_number(int fd, int option, unsigned value)
{
    /* A socket without it works too, only worse. */
    (void)setsockopt(fd, IPPROTO_TCP, option, &value, sizeof value);
}

/* No keep-alive of the kernel's, which would wake a radio every few seconds: who waits
 * for an answer has sent something, and TCP_USER_TIMEOUT sees to that; who has nothing
 * to say closes; and the centre drops what is silent. */
void stream_tune(struct stream *s)
{
    set_number(s->fd, TCP_NODELAY, 1);
    set_number(s->fd, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
    s->lowat = NOTSENT_BYTES;
    set_number(s->fd, TCP_NOTSENT_LOWAT, s->lowat);
    s->paced_ms = clock_mono_now_ms() + PACE_FIRST_MS;
    /* Loss on a radio link is no congestion; a kernel without BBR says no. */
    (void)setsockopt(s->fd, IPPROTO_TCP, TCP_CONGESTION, "bbr", 3);
}

/* Ten packets are all that a kernel sends before it is answered: a first flight of
 * small ones would be a small flight, and each of them can be lost. */
void stream_cork(struct stream *s, bool corked)
{
    if (s->corked == corked)
        return;
    s->corked = corked;
    set_number(s->fd, TCP_CORK, corked ? 1 : 0);
}

static bool read_info(const struct stream *s, struct tcp_info *out)
{
    socklen_t size = sizeof *out;

    *out = (struct tcp_info){0};
    return getsockopt(s->fd, IPPROTO_TCP, TCP_INFO, out, &size) == 0;
}

/* By what was acknowledged since the last look: the kernel's own rate is of the last few
 * packets, and a moment's luck would fill the buffer for a minute. */
static unsigned lowat_for(const struct stream *s, uint64_t bytes, int64_t took_ms)
{
    uint64_t lowat = bytes * 1000 / (uint64_t)took_ms / NOTSENT_PER_S;
    uint64_t twice = (uint64_t)s->lowat * 2;

    if (lowat > twice)
        lowat = twice;
    return lowat < NOTSENT_BYTES_MIN   ? NOTSENT_BYTES_MIN
           : lowat > NOTSENT_BYTES_MAX ? NOTSENT_BYTES_MAX
                                       : (unsigned)lowat;
}

void stream_pace(struct stream *s)
{
    int64_t now_ms = clock_mono_now_ms();
    struct tcp_info i;
    unsigned lowat;

    if (now_ms < s->paced_ms + PACE_MS || !read_info(s, &i))
        return;
    lowat = s->paced_bytes == 0
                ? s->lowat
                : lowat_for(s, i.tcpi_bytes_acked - s->paced_bytes, now_ms - s->paced_ms);
    s->paced_ms = now_ms;
    s->paced_bytes = i.tcpi_bytes_acked;
    if (lowat == s->lowat)
        return;
    s->lowat = lowat;
    set_number(s->fd, TCP_NOTSENT_LOWAT, lowat);
}

void stream_pulse(const struct stream *s, struct stream_pulse *out)
{
    struct tcp_info i;

    *out = (struct stream_pulse){0};
    if (!read_info(s, &i))
        return;
    out->round_trip_ms = i.tcpi_rtt / 1000;
    out->round_trip_ms_min = i.tcpi_min_rtt == UINT32_MAX ? 0 : i.tcpi_min_rtt / 1000;
    out->bytes_s = i.tcpi_delivery_rate;
}

size_t stream_unacknowledged(const struct stream *s)
{
    int bytes;

    return s->held.count +
           (ioctl(s->fd, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? (size_t)bytes : 0);
}
