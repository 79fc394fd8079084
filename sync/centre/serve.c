#include "sync/centre/serve.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/web/http_listen.h"
#include "schema/search/search.h"
#include "sync/centre/answer.h"
#include "sync/centre/apply.h"
#include "sync/centre/connection.h"
#include "sync/centre/session.h"
#include "sync/centre/unpacking_loop.h"

#define SLICE_FRAMES    16       /* applied between two looks at the sockets */
#define LOOK_MS         2000     /* what another process has brought, or made safe */
#define NEWS_MS         250      /* at most so often, while much is being applied */
#define TROUBLE_MS      5000     /* after a failed apply, or without descriptors */
#define SWEEP_MS        86400000 /* what boxes have begun to send: once a day */
#define DESCRIPTORS_OWN 64       /* store, blobs, listener: not for connections */

struct centre_serve {
    struct centre *centre;
    struct link_tls *tls;
    struct answers *answers;
    struct unpacking_loop *unpacking;
    struct connection_post post;
    char address[HTTP_HOST_BYTES];
    int listener, stop_fd;
    atomic_bool stopping;
    struct connection *connections[CENTRE_CONNECTIONS_MAX]; /* the first `count` */
    struct pollfd polls[CENTRE_CONNECTIONS_MAX + 2];
    size_t count, count_max;
    bool again;                           /* a connection has more to do at once */
    bool to_apply, to_tell, to_build;     /* there may be something */
    int64_t apply_ms, tell_ms, accept_ms; /* not before */
    int64_t build_ms;                     /* nor this */
    int64_t look_ms, sweep_ms;
};

static int64_t mono_ms(struct centre_serve *s)
{
    return s->centre->clock->mono_ms(s->centre->clock);
}

/* ----------------------------------------------------------- create, destroy */

static int load_tls(struct centre_serve *s, struct err *e)
{
    struct key_pair key;
    int rc;

    if (key_pair_load(&key, s->centre->disk, s->centre->dir, LINK_TLS_KEY_NAME, e) != 0)
        return -1;
    rc = link_tls_server(&s->tls, &key, e);
    key_pair_wipe(&key);
    return rc;
}

/* As many as there may be, and no more than the system gives us. */
static size_t connections_max(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return 64;
    if (files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files); /* then it stays as it was */
        (void)getrlimit(RLIMIT_NOFILE, &files);
    }
    if (files.rlim_cur <= 2 * DESCRIPTORS_OWN)
        return DESCRIPTORS_OWN;
    return files.rlim_cur - DESCRIPTORS_OWN < CENTRE_CONNECTIONS_MAX
               ? files.rlim_cur - DESCRIPTORS_OWN
               : CENTRE_CONNECTIONS_MAX;
}

/* A box that lost its link is back before we have noticed. */
static void end_older(void *arg, struct connection *c, uint16_t site)
{
    struct centre_serve *s = arg;

    for (size_t i = 0; i < s->count; i++)
        if (s->connections[i] != NULL && s->connections[i] != c)
            connection_leave_to(s->connections[i], site);
}

int centre_serve_create(struct centre_serve **out, const struct centre_serve_options *o,
                        struct err *e)
{
    struct centre_serve *s = calloc(1, sizeof *s);

    *out = NULL;
    if (s == NULL)
        return err_set(e, ERR_MEMORY, "serve");
    s->centre = o->centre;
    s->listener = -1;
    s->count_max = connections_max();
    s->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->stop_fd < 0) {
        (void)err_set_errno(e, ERR_FAILED, "eventfd");
        goto failed;
    }
    /* Boxes come from elsewhere: that is what TLS is for. */
    if (answers_create(&s->answers, s->centre, e) != 0 || load_tls(s, e) != 0 ||
        http_listen(o->listen, true, &s->listener, s->address, e) != 0)
        goto failed;
    if (o->restorer != NULL &&
        unpacking_loop_start(&s->unpacking, s->centre, o->restorer, e) != 0)
        goto failed;
    s->post = (struct connection_post){.centre = s->centre,
                                       .tls = s->tls,
                                       .answers = s->answers,
                                       .address = s->address,
                                       .open = o->open,
                                       .greeted = end_older,
                                       .arg = s};
    s->to_apply = true; /* what a power cut left to do */
    s->to_build = true;
    s->sweep_ms = mono_ms(s) + SWEEP_MS;
    *out = s;
    return 0;
failed:
    centre_serve_destroy(s);
    return err_wrap(e, "serve");
}

void centre_serve_destroy(struct centre_serve *s)
{
    if (s == NULL)
        return;
    unpacking_loop_stop(s->unpacking);
    for (size_t i = 0; i < s->count; i++)
        connection_destroy(s->connections[i]);
    link_tls_destroy(s->tls);
    answers_destroy(s->answers);
    if (s->listener >= 0)
        (void)close(s->listener);
    if (s->stop_fd >= 0)
        (void)close(s->stop_fd);
    free(s);
}

const char *centre_serve_address(const struct centre_serve *s)
{
    return s->address;
}

void centre_serve_stop(struct centre_serve *s)
{
    const uint64_t one = 1;

    atomic_store(&s->stopping, true);
    (void)!write(s->stop_fd, &one, sizeof one); /* full: it is known already */
}

/* --------------------------------------------------------------- connections */

static bool is_local(const struct sockaddr_storage *a)
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)a;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)a;

    if (a->ss_family == AF_INET)
        return ntohl(four->sin_addr.s_addr) >> 24 == 127;
    return a->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static void add_connection(struct centre_serve *s, int fd,
                           const struct sockaddr_storage *from, socklen_t from_bytes,
                           int64_t now_ms)
{
    char name[INET6_ADDRSTRLEN] = "?";
    struct err e;

    (void)getnameinfo((const struct sockaddr *)from, from_bytes, name, sizeof name, NULL,
                      0, NI_NUMERICHOST);
    if (connection_create(&s->connections[s->count], &s->post, fd, name, is_local(from),
                          now_ms, &e) != 0) {
        log_line("centre", "event=connection_failed reason=\"%s\"", e.text);
        return;
    }
    s->count++;
}

static void accept_some(struct centre_serve *s, int64_t now_ms)
{
    while (s->count < s->count_max) {
        struct sockaddr_storage from = {0};
        socklen_t bytes = sizeof from;
        int fd = accept4(s->listener, (struct sockaddr *)&from, &bytes,
                         SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= 0) {
            add_connection(s, fd, &from, bytes, now_ms);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            log_line("centre", "event=accept_failed reason=\"%s\"", strerror(errno));
            s->accept_ms = now_ms + TROUBLE_MS;
        }
        return; /* none waits, or it went away */
    }
}

/* Those that something happened to, and those whose time is up. `polled` is how many
 * were there when poll(2) was asked. An empty place is NULL meanwhile: end_older()
 * walks through here too. */
static void advance_all(struct centre_serve *s, size_t polled, bool all, int64_t now_ms)
{
    size_t kept = 0;

    s->again = false;
    for (size_t i = 0; i < s->count; i++) {
        struct connection *c = s->connections[i];
        bool due = all || i >= polled || s->polls[i + 2].revents != 0 ||
                   now_ms >= connection_deadline_ms(c);
        bool again = false, alive = !due || connection_advance(c, now_ms, &again);

        if (due && connection_was_told(c))
            s->to_apply = true;
        s->again = s->again || again;
        s->connections[i] = NULL;
        if (alive)
            s->connections[kept++] = c;
        else
            connection_destroy(c);
    }
    s->count = kept;
}

/* -------------------------------------------------------------------- apply */

static void apply_slice(struct centre_serve *s, int64_t now_ms)
{
    unsigned applied = 0;
    struct err e;

    if (!s->to_apply || now_ms < s->apply_ms)
        return;
    if (apply_some(s->centre, SLICE_FRAMES, &applied, &e) != 0) {
        log_line("centre", "event=apply_failed reason=\"%s\"", e.text);
        s->apply_ms = now_ms + TROUBLE_MS;
        return;
    }
    s->to_apply = applied == SLICE_FRAMES;
    s->to_tell = s->to_tell || applied > 0;
}

static bool is_first(void *arg, unsigned per_cent)
{
    bool *asked = arg, first = !*asked;

    (void)per_cent;
    *asked = true;
    return first;
}

/* The index that an older version made, anew, a thousand rows between two looks at the
 * sockets: boxes and the page are answered meanwhile. */
static void build_slice(struct centre_serve *s, int64_t now_ms)
{
    bool asked = false;
    struct err e;

    if (!s->to_build || now_ms < s->build_ms)
        return;
    if (search_build(s->centre->records, is_first, &asked, &e) != 0) {
        log_line("centre", "event=index_failed reason=\"%s\"", e.text);
        s->build_ms = now_ms + TROUBLE_MS;
        return;
    }
    s->to_build = asked; /* else there was nothing left to make */
}

static void tell_news(struct centre_serve *s, int64_t now_ms)
{
    if (!s->to_tell || (s->to_apply && now_ms < s->tell_ms))
        return;
    for (size_t i = 0; i < s->count; i++)
        connection_news(s->connections[i]);
    s->to_tell = false;
    s->tell_ms = now_ms + NEWS_MS;
}

/* A stick that another process took in, a backup that made things safe. */
static void look(struct centre_serve *s, int64_t now_ms)
{
    struct err e;

    if (now_ms < s->look_ms)
        return;
    s->look_ms = now_ms + LOOK_MS;
    s->to_apply = s->to_tell = s->to_build = true;
    if (now_ms < s->sweep_ms)
        return;
    s->sweep_ms = now_ms + SWEEP_MS;
    if (session_sweep(s->centre, &e) != 0)
        log_line("centre", "event=sweep_failed reason=\"%s\"", e.text);
}

/* --------------------------------------------------------------------- loop */

static int timeout_ms(const struct centre_serve *s, int64_t now_ms)
{
    int64_t until = s->look_ms;

    if (s->again || (s->to_apply && now_ms >= s->apply_ms) ||
        (s->to_build && now_ms >= s->build_ms))
        return 0;
    for (size_t i = 0; i < s->count; i++)
        if (connection_deadline_ms(s->connections[i]) < until)
            until = connection_deadline_ms(s->connections[i]);
    return until <= now_ms ? 0 : (int)(until - now_ms);
}

static int wait_for_something(struct centre_serve *s, int64_t now_ms, struct err *e)
{
    bool accepting = s->count < s->count_max && now_ms >= s->accept_ms;

    s->polls[0] = (struct pollfd){.fd = s->stop_fd, .events = POLLIN};
    s->polls[1] = (struct pollfd){.fd = accepting ? s->listener : -1, .events = POLLIN};
    for (size_t i = 0; i < s->count; i++)
        s->polls[i + 2] = (struct pollfd){.fd = connection_fd(s->connections[i]),
                                          .events = connection_events(s->connections[i])};
    if (poll(s->polls, s->count + 2, timeout_ms(s, now_ms)) >= 0)
        return 0;
    for (size_t i = 0; i < s->count + 2; i++)
        s->polls[i].revents = 0;
    return errno == EINTR ? 0 : err_set_errno(e, ERR_FAILED, "poll");
}

int centre_serve_run(struct centre_serve *s, struct err *e)
{
    while (!atomic_load(&s->stopping)) {
        size_t polled = s->count;
        bool again = s->again;
        int64_t now_ms;

        if (wait_for_something(s, mono_ms(s), e) != 0)
            return -1;
        now_ms = mono_ms(s);
        look(s, now_ms);
        if (s->polls[1].revents != 0)
            accept_some(s, now_ms);
        advance_all(s, polled, again, now_ms);
        apply_slice(s, now_ms);
        build_slice(s, now_ms);
        tell_news(s, now_ms);
    }
    return 0;
}
