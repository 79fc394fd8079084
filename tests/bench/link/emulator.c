#include "tests/bench/link/emulator.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define QUEUE_PACKETS 32
#define PACKET_BYTES  2048
#define LINE_PACKETS  4096 /* queued, and on their way: more than any plan here has */
#define PORTS         65536
#define PROTOCOL_TCP  6
#define IDLE_MS       1000

/* Shared with the process that carries. */
struct shared {
    atomic_uint window; /* odd: up; each change is one more */
    _Atomic uint64_t payload[NET_ENDS], packets[NET_ENDS], dropped, lost;
};

struct emulator {
    struct shared *shared;
    int bell;
    pid_t pid;
};

struct packet {
    int64_t leaves_us, arrives_us;
    size_t count;
    unsigned char bytes[PACKET_BYTES];
};

struct line {
    struct packet *packets; /* a ring */
    size_t first, count;
    int64_t free_us; /* when the last one will have left */
};

struct carrier {
    struct emulator_plan plan;
    int tun[NET_ENDS], bell;
    struct shared *shared;
    struct line lines[NET_ENDS]; /* by the end that sends */
    unsigned window;
    unsigned flow[PORTS]; /* by the box's port: the window in which it began */
    uint64_t random;
};

static int64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static double chance(struct carrier *c)
{
    c->random ^= c->random << 13;
    c->random ^= c->random >> 7;
    c->random ^= c->random << 17;
    return (double)(c->random >> 11) / (double)(1ull << 53);
}

/* -------------------------------------------------------------------- packets */

struct tcp {
    unsigned port_from, port_to;
    bool opens; /* SYN, and no answer to one */
    size_t payload;
};

static unsigned number16(const unsigned char *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

/* False: it is no TCP over IPv4. */
static bool read_tcp(struct tcp *out, const unsigned char *p, size_t count)
{
    size_t head = count < 20 ? 0 : (size_t)(p[0] & 15) * 4, tcp_head;

    if (count < 20 || p[0] >> 4 != 4 || p[9] != PROTOCOL_TCP || count < head + 20)
        return false;
    p += head;
    tcp_head = (size_t)(p[12] >> 4) * 4;
    *out = (struct tcp){.port_from = number16(p),
                        .port_to = number16(p + 2),
                        .opens = (p[13] & 0x12) == 0x02,
                        .payload = count - head - tcp_head};
    return count >= head + tcp_head;
}

/* Whether its flow is of this window. */
static bool may_pass(struct carrier *c, enum net_end from, const struct tcp *t)
{
    unsigned port = from == NET_BOX ? t->port_from : t->port_to;

    if (from == NET_BOX && t->opens)
        c->flow[port] = c->window;
    return c->flow[port] == c->window;
}

static size_t queued(const struct line *l, int64_t now)
{
    size_t n = 0;

    for (size_t i = l->count; i > 0; i--, n++)
        if (l->packets[(l->first + i - 1) % LINE_PACKETS].leaves_us <= now)
            break;
    return n;
}

static void take(struct carrier *c, enum net_end from, const unsigned char *bytes,
                 size_t count, int64_t now)
{
    struct line *l = &c->lines[from];
    struct packet *p;
    struct tcp t;

    if (c->window % 2 == 0 || !read_tcp(&t, bytes, count) || !may_pass(c, from, &t))
        return;
    if (queued(l, now) >= QUEUE_PACKETS || l->count == LINE_PACKETS) {
        atomic_fetch_add(&c->shared->dropped, 1);
        return;
    }
    p = &l->packets[(l->first + l->count++) % LINE_PACKETS];
    if (l->free_us < now)
        l->free_us = now;
    l->free_us += (int64_t)count * 8000000 / c->plan.rate_bit_s;
    p->leaves_us = l->free_us;
    p->arrives_us = l->free_us + (int64_t)c->plan.delay_ms * 1000;
    p->count = count;
    memcpy(p->bytes, bytes, count);
}

static void deliver(struct carrier *c, enum net_end from, const struct packet *p)
{
    struct tcp t;

    if (chance(c) < c->plan.loss) {
        atomic_fetch_add(&c->shared->lost, 1);
        return;
    }
    if (read_tcp(&t, p->bytes, p->count))
        atomic_fetch_add(&c->shared->payload[from], t.payload);
    atomic_fetch_add(&c->shared->packets[from], 1);
    /* A device that takes no more has lost it, as a radio would. */
    (void)!write(c->tun[from == NET_BOX ? NET_CENTRE : NET_BOX], p->bytes, p->count);
}

/* ---------------------------------------------------------------------- carrying */

static void take_all(struct carrier *c, enum net_end from)
{
    unsigned char bytes[PACKET_BYTES];
    ssize_t n;

    while ((n = read(c->tun[from], bytes, sizeof bytes)) > 0)
        take(c, from, bytes, (size_t)n, now_us());
}

/* What is due; the result is when the next one is. */
static int64_t deliver_due(struct carrier *c, enum net_end from)
{
    struct line *l = &c->lines[from];

    while (l->count > 0) {
        const struct packet *p = &l->packets[l->first];

        if (p->arrives_us > now_us())
            return p->arrives_us;
        deliver(c, from, p);
        l->first = (l->first + 1) % LINE_PACKETS;
        l->count--;
    }
    return INT64_MAX;
}

static void look_at_window(struct carrier *c)
{
    uint64_t rings;
    unsigned window = atomic_load(&c->shared->window);

    (void)!read(c->bell, &rings, sizeof rings);
    if (window == c->window)
        return;
    c->window = window;
    for (int i = 0; i < NET_ENDS; i++)
        c->lines[i].count = 0;
    for (int i = 0; i < NET_ENDS; i++)
        c->lines[i].free_us = 0;
}

static void carry(struct carrier *c)
{
    for (;;) {
        int64_t up = deliver_due(c, NET_BOX), down = deliver_due(c, NET_CENTRE);
        int64_t next = up < down ? up : down, now = now_us();
        int64_t wait = next == INT64_MAX ? IDLE_MS * 1000 : next <= now ? 0 : next - now;
        struct timespec t = {.tv_sec = wait / 1000000, .tv_nsec = wait % 1000000 * 1000};
        struct pollfd p[] = {{.fd = c->tun[NET_BOX], .events = POLLIN},
                             {.fd = c->tun[NET_CENTRE], .events = POLLIN},
                             {.fd = c->bell, .events = POLLIN}};

        (void)ppoll(p, 3, &t, NULL);
        look_at_window(c);
        take_all(c, NET_BOX);
        take_all(c, NET_CENTRE);
    }
}

static void become_carrier(struct emulator *m, const struct net *n,
                           const struct emulator_plan *plan)
{
    static struct carrier c;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)!nice(-5); /* a late packet is a slower link; where that may not be, so be it */
    c.plan = *plan;
    c.shared = m->shared;
    c.bell = m->bell;
    c.random = plan->seed * 2 + 1;
    for (int i = 0; i < NET_ENDS; i++) {
        c.tun[i] = n->tun[i];
        c.lines[i].packets = calloc(LINE_PACKETS, sizeof *c.lines[i].packets);
        if (c.lines[i].packets == NULL)
            _exit(1);
    }
    carry(&c);
}

int emulator_start(struct emulator **out, const struct net *n,
                   const struct emulator_plan *p, struct err *e)
{
    struct emulator *m = calloc(1, sizeof *m);

    *out = NULL;
    if (m == NULL)
        return err_set(e, ERR_MEMORY, "emulator");
    m->shared = mmap(NULL, sizeof *m->shared, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    m->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    m->pid = m->shared == MAP_FAILED || m->bell < 0 ? -1 : fork();
    if (m->pid == 0)
        become_carrier(m, n, p);
    if (m->pid < 0) {
        (void)err_set_errno(e, ERR_FAILED, "emulator");
        emulator_stop(m);
        return -1;
    }
    *out = m;
    return 0;
}

void emulator_stop(struct emulator *m)
{
    if (m == NULL)
        return;
    if (m->pid > 0) {
        (void)kill(m->pid, SIGKILL);
        (void)waitpid(m->pid, NULL, 0);
    }
    if (m->bell >= 0)
        (void)close(m->bell);
    if (m->shared != MAP_FAILED)
        (void)munmap(m->shared, sizeof *m->shared);
    free(m);
}

static void change(struct emulator *m, unsigned odd)
{
    const uint64_t one = 1;

    if (atomic_load(&m->shared->window) % 2 != odd)
        atomic_fetch_add(&m->shared->window, 1);
    (void)!write(m->bell, &one, sizeof one);
}

void emulator_up(struct emulator *m)
{
    change(m, 1);
}

void emulator_down(struct emulator *m)
{
    change(m, 0);
}

void emulator_count(const struct emulator *m, struct emulator_count *out)
{
    struct shared *s = m->shared;

    for (int i = 0; i < NET_ENDS; i++) {
        out->payload[i] = atomic_load(&s->payload[i]);
        out->packets[i] = atomic_load(&s->packets[i]);
    }
    out->dropped = atomic_load(&s->dropped);
    out->lost = atomic_load(&s->lost);
}
