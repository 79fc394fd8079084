#include "sync/dial.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

struct dial {
    const char *host, *port; /* the caller's */
    struct addrinfo *addresses, *next;
    bool all_tried;                /* each address at least once */
    int poll_fd, timer;            /* the timer, and the sockets, are in it */
    int sockets[DIAL_SOCKETS_MAX]; /* the oldest first */
    unsigned count;
    unsigned spared; /* how often the oldest was, when one had to go */
    struct err last; /* what the last one that failed said */
};

/* -------------------------------------------------------------------- addresses */

static bool is_own_address(const struct sockaddr *a)
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)a;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)a;

    if (a->sa_family == AF_INET)
        return ntohl(four->sin_addr.s_addr) >> 24 == 127;
    return a->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static int resolve(struct dial *d, bool own_only, struct err *e)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    int rc = getaddrinfo(d->host, d->port, &hints, &d->addresses);

    if (rc != 0) {
        d->addresses = NULL;
        return err_set(e, ERR_IO, "%s: %s", d->host, gai_strerror(rc));
    }
    for (struct addrinfo *a = d->addresses; own_only && a != NULL; a = a->ai_next)
        if (!is_own_address(a->ai_addr))
            return err_set(e, ERR_USAGE,
                           "%s is another machine: plain http stays on this one",
                           d->host);
    d->next = d->addresses;
    return 0;
}

/* ---------------------------------------------------------------------- sockets */

/* Whoever takes it out has it; poll_fd does not look at it any more. */
static int take(struct dial *d, unsigned index)
{
    int fd = d->sockets[index];

    (void)epoll_ctl(d->poll_fd, EPOLL_CTL_DEL, fd, NULL);
    d->count--;
    memmove(d->sockets + index, d->sockets + index + 1,
            (d->count - index) * sizeof d->sockets[0]);
    return fd;
}

static void drop(struct dial *d, unsigned index)
{
    (void)close(take(d, index));
}

static void make_room(struct dial *d)
{
    bool spared = d->spared < DIAL_SPARED_MAX;

    drop(d, spared ? 1 : 0);
    d->spared = spared ? d->spared + 1 : 0;
}

static int keep(struct dial *d, int fd, struct err *e)
{
    struct epoll_event event = {.events = EPOLLOUT};

    if (d->count == DIAL_SOCKETS_MAX)
        make_room(d);
    if (epoll_ctl(d->poll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        return err_set_errno(e, ERR_IO, "epoll");
    d->sockets[d->count++] = fd;
    return 0;
}

/* One more at the next address; -1: it said no at once. */
static int ask(struct dial *d, struct err *e)
{
    const struct addrinfo *a = d->next;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    d->next = a->ai_next == NULL ? d->addresses : a->ai_next;
    d->all_tried = d->all_tried || a->ai_next == NULL;
    if (fd >= 0 &&
        (connect(fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EINPROGRESS)) {
        if (keep(d, fd, e) == 0)
            return 0;
    } else {
        (void)err_set_errno(e, ERR_IO, "%s:%s", d->host, d->port);
    }
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* The next ones, until one does not say no at once; -1: all did, and none is at work. */
static int ask_some(struct dial *d, struct err *e)
{
    do {
        if (ask(d, &d->last) == 0)
            return 0;
    } while (!d->all_tried);
    if (d->count > 0)
        return 0;
    *e = d->last;
    return -1;
}

int dial_begin(struct dial **out, const char *host, const char *port, bool own_only,
               struct err *e)
{
    static const struct itimerspec often = {
        .it_interval = {.tv_nsec = DIAL_AGAIN_MS * 1000000L},
        .it_value = {.tv_nsec = DIAL_AGAIN_MS * 1000000L}};
    struct epoll_event event = {.events = EPOLLIN};
    struct dial *d = calloc(1, sizeof *d);

    *out = NULL;
    if (d == NULL)
        return err_set(e, ERR_MEMORY, "dial");
    d->host = host;
    d->port = port;
    d->timer = -1;
    d->poll_fd = epoll_create1(EPOLL_CLOEXEC);
    d->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (d->poll_fd < 0 || d->timer < 0 ||
        timerfd_settime(d->timer, 0, &often, NULL) != 0 ||
        epoll_ctl(d->poll_fd, EPOLL_CTL_ADD, d->timer, &event) != 0) {
        (void)err_set_errno(e, ERR_FAILED, "dial");
        goto failed;
    }
    if (resolve(d, own_only, e) != 0 || ask_some(d, e) != 0)
        goto failed;
    *out = d;
    return 0;
failed:
    dial_end(d);
    return -1;
}

void dial_end(struct dial *d)
{
    if (d == NULL)
        return;
    while (d->count > 0)
        drop(d, 0);
    if (d->timer >= 0)
        (void)close(d->timer);
    if (d->poll_fd >= 0)
        (void)close(d->poll_fd);
    if (d->addresses != NULL)
        freeaddrinfo(d->addresses);
    free(d);
}

int dial_fd(const struct dial *d)
{
    return d->poll_fd;
}

/* ---------------------------------------------------------------------- advance */

/* 1: connected, 0: at work, -1: it said no. */
static int look_at(struct dial *d, int fd)
{
    struct sockaddr_storage other;
    socklen_t size = sizeof other, wrong_size;
    int wrong = 0;

    if (getpeername(fd, (struct sockaddr *)&other, &size) == 0)
        return 1;
    wrong_size = sizeof wrong;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &wrong, &wrong_size) != 0)
        wrong = errno;
    if (wrong == 0)
        return 0;
    errno = wrong;
    return err_set_errno(&d->last, ERR_IO, "%s:%s", d->host, d->port);
}

int dial_advance(struct dial *d, int *fd, struct err *e)
{
    uint64_t rings;
    unsigned i = 0;

    *fd = -1;
    while (i < d->count) {
        int now = look_at(d, d->sockets[i]);

        if (now == 1) {
            *fd = take(d, i);
            return 1;
        }
        if (now < 0)
            drop(d, i);
        else
            i++;
    }
    if (read(d->timer, &rings, sizeof rings) > 0 || d->count == 0) {
        if (d->count == 0 && d->all_tried) {
            *e = d->last;
            return -1;
        }
        return ask_some(d, e);
    }
    return 0;
}

void dial_again(struct dial *d)
{
    (void)ask(d, &d->last); /* if that says no, the timer asks again */
}

/* -------------------------------------------------------------------- from here */

static bool is_same(const struct sockaddr *a, const struct sockaddr_storage *b)
{
    if (a == NULL || a->sa_family != b->ss_family)
        return false;
    if (a->sa_family == AF_INET)
        return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
               ((const struct sockaddr_in *)b)->sin_addr.s_addr;
    return a->sa_family == AF_INET6 &&
           IN6_ARE_ADDR_EQUAL(&((const struct sockaddr_in6 *)a)->sin6_addr,
                              &((const struct sockaddr_in6 *)b)->sin6_addr);
}

bool dial_is_from_here(int fd)
{
    struct sockaddr_storage from = {0};
    socklen_t size = sizeof from;
    struct ifaddrs *all;
    bool ours = false;

    if (getsockname(fd, (struct sockaddr *)&from, &size) != 0 || getifaddrs(&all) != 0)
        return true; /* whoever cannot tell does not give a link up */
    for (const struct ifaddrs *i = all; i != NULL && !ours; i = i->ifa_next)
        ours = is_same(i->ifa_addr, &from);
    freeifaddrs(all);
    return ours;
}
