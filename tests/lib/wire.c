#include "tests/lib/wire.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cmocka.h>

#define PAIRS_MAX 16

struct pair {
    int box, centre;
    uint64_t left_up, left_down;
    bool over_up, over_down, silent;
};

struct wire {
    int listener, bell;
    uint16_t port;
    pthread_t thread;
    struct pair pairs[PAIRS_MAX];
    size_t count;
    pthread_mutex_t lock;
    /* By `lock`: */
    uint16_t to;
    uint64_t break_up, break_down, bytes_up, bytes_down;
    unsigned connections;
    bool silent, stopping;
};

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

/* What waits to be sent must not wait for an acknowledgement too. */
static void at_once(int fd)
{
    int yes = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static void take_call(struct wire *w)
{
    struct pair p = {.box = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC)};
    struct sockaddr_in to;

    if (p.box < 0)
        return;
    pthread_mutex_lock(&w->lock);
    to = loopback(w->to);
    p.left_up = w->break_up;
    p.left_down = w->break_down;
    p.silent = w->silent;
    w->connections++;
    pthread_mutex_unlock(&w->lock);
    p.centre = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (w->count == PAIRS_MAX || p.centre < 0 ||
        connect(p.centre, (struct sockaddr *)&to, sizeof to) != 0) {
        (void)close(p.box);
        if (p.centre >= 0)
            (void)close(p.centre);
        return;
    }
    at_once(p.box);
    at_once(p.centre);
    w->pairs[w->count++] = p;
}

/* False: the wire breaks here. */
static bool carry(struct wire *w, int from, int to, uint64_t *left, bool *over,
                  uint64_t *sum)
{
    char bytes[16384];
    size_t want = *left < sizeof bytes ? (size_t)*left : sizeof bytes;
    ssize_t n = *left == 0 ? -1 : recv(from, bytes, want, 0);

    if (n < 0)
        return false;
    if (n == 0) {
        *over = true;
        (void)shutdown(to, SHUT_WR);
        return true;
    }
    if (send(to, bytes, (size_t)n, MSG_NOSIGNAL) != n)
        return false;
    if (*left != WIRE_WHOLE)
        *left -= (uint64_t)n;
    pthread_mutex_lock(&w->lock);
    *sum += (uint64_t)n;
    pthread_mutex_unlock(&w->lock);
    return true;
}

static void carry_all(struct wire *w, const struct pollfd *polls)
{
    size_t kept = 0;

    for (size_t i = 0; i < w->count; i++) {
        struct pair p = w->pairs[i];
        bool whole = true;

        if (p.silent && (p.left_up == 0 || p.left_down == 0)) {
            w->pairs[kept++] = p;
            continue;
        }
        if (polls[2 * i].revents != 0)
            whole = carry(w, p.box, p.centre, &p.left_up, &p.over_up, &w->bytes_up);
        if (whole && polls[2 * i + 1].revents != 0)
            whole = carry(w, p.centre, p.box, &p.left_down, &p.over_down, &w->bytes_down);
        if (whole && !(p.over_up && p.over_down)) {
            w->pairs[kept++] = p;
            continue;
        }
        (void)close(p.box);
        (void)close(p.centre);
    }
    w->count = kept;
}

static void *run(void *arg)
{
    struct wire *w = arg;
    bool stopping = false;

    while (!stopping) {
        struct pollfd polls[2 + 2 * PAIRS_MAX] = {{.fd = w->bell, .events = POLLIN},
                                                  {.fd = w->listener, .events = POLLIN}};

        for (size_t i = 0; i < w->count; i++) {
            const struct pair *p = &w->pairs[i];
            bool mute = p->silent && (p->left_up == 0 || p->left_down == 0);

            polls[2 + 2 * i] =
                (struct pollfd){.fd = p->over_up || mute ? -1 : p->box, .events = POLLIN};
            polls[3 + 2 * i] = (struct pollfd){
                .fd = p->over_down || mute ? -1 : p->centre, .events = POLLIN};
        }
        (void)poll(polls, 2 + 2 * w->count, -1);
        carry_all(w, polls + 2);
        if (polls[1].revents != 0)
            take_call(w);
        pthread_mutex_lock(&w->lock);
        stopping = w->stopping;
        pthread_mutex_unlock(&w->lock);
    }
    return NULL;
}

struct wire *wire_start(uint16_t port)
{
    struct wire *w = calloc(1, sizeof *w);
    struct sockaddr_in a = loopback(0);
    socklen_t bytes = sizeof a;

    assert_non_null(w);
    w->to = port;
    w->break_up = w->break_down = WIRE_WHOLE;
    (void)pthread_mutex_init(&w->lock, NULL);
    w->bell = eventfd(0, EFD_CLOEXEC);
    w->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(w->listener, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(w->listener, PAIRS_MAX), 0);
    assert_int_equal(getsockname(w->listener, (struct sockaddr *)&a, &bytes), 0);
    w->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&w->thread, NULL, run, w), 0);
    return w;
}

void wire_stop(struct wire *w)
{
    const uint64_t one = 1;

    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_mutex_unlock(&w->lock);
    (void)!write(w->bell, &one, sizeof one); /* it is empty: there is room */
    (void)pthread_join(w->thread, NULL);
    for (size_t i = 0; i < w->count; i++) {
        (void)close(w->pairs[i].box);
        (void)close(w->pairs[i].centre);
    }
    (void)close(w->listener);
    (void)close(w->bell);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
}

uint16_t wire_port(const struct wire *w)
{
    return w->port;
}

void wire_break_after(struct wire *w, uint64_t up, uint64_t down)
{
    pthread_mutex_lock(&w->lock);
    w->break_up = up;
    w->break_down = down;
    pthread_mutex_unlock(&w->lock);
}

void wire_fall_silent(struct wire *w, bool silent)
{
    pthread_mutex_lock(&w->lock);
    w->silent = silent;
    pthread_mutex_unlock(&w->lock);
}

void wire_carry_to(struct wire *w, uint16_t port)
{
    pthread_mutex_lock(&w->lock);
    w->to = port;
    pthread_mutex_unlock(&w->lock);
}

static uint64_t locked(struct wire *w, const uint64_t *number)
{
    uint64_t n;

    pthread_mutex_lock(&w->lock);
    n = *number;
    pthread_mutex_unlock(&w->lock);
    return n;
}

uint64_t wire_bytes_up(struct wire *w)
{
    return locked(w, &w->bytes_up);
}

uint64_t wire_bytes_down(struct wire *w)
{
    return locked(w, &w->bytes_down);
}

unsigned wire_connections(struct wire *w)
{
    unsigned n;

    pthread_mutex_lock(&w->lock);
    n = w->connections;
    pthread_mutex_unlock(&w->lock);
    return n;
}
