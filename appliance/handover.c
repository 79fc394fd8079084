#include "appliance/handover.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "appliance/handover_door.h"
#include "base/log.h"

#define THREAD_STACK_BYTES (1u << 20)
#define REQUEST_WAIT_S     5 /* a command sends its request at once, or is no command */

struct handover {
    struct handover_options options;
    char path[DISK_PATH_BYTES]; /* of the socket */
    int listen_fd, stop_fd;
    atomic_bool stopping;
    pthread_t door;
    bool door_open; /* the thread `door` runs */
    pthread_mutex_t lock;
    pthread_cond_t fewer;
    unsigned at_work; /* by `lock` */
};

/* One asker and its word. */
struct errand {
    struct handover *handover;
    int fd;
    int fds[2]; /* its standard output and error, or -1 */
};

static void errand_destroy(struct errand *r)
{
    if (r == NULL)
        return;
    for (int i = 0; i < 2; i++)
        if (r->fds[i] >= 0)
            (void)close(r->fds[i]);
    if (r->fd >= 0)
        (void)close(r->fd);
    free(r);
}

/* The asker hung up, or we are to stop. */
static bool errand_cancelled(void *arg)
{
    struct errand *r = arg;
    struct pollfd p = {r->fd, POLLRDHUP, 0};

    if (atomic_load(&r->handover->stopping))
        return true;
    return poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

/* Root, or whoever serves: the same people who could open the database. */
static int check_asker(int fd, struct err *e)
{
    struct ucred who;
    socklen_t bytes = sizeof who;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &bytes) != 0)
        return err_set_errno(e, ERR_REFUSED, "who asks is unknown");
    if (who.uid != 0 && who.uid != geteuid())
        return err_set(e, ERR_REFUSED, "user %u may not ask", (unsigned)who.uid);
    return 0;
}

/* Keeps what descriptors came with a message: two, or none at all. */
static void keep_descriptors(struct errand *r, struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        int fd;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < count; i++) {
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (i < 2 && r->fds[i] < 0)
                r->fds[i] = fd;
            else
                (void)close(fd);
        }
    }
}

static int receive_header(struct errand *r, size_t *body_bytes, struct err *e)
{
    unsigned char header[HANDOVER_HEADER_BYTES];
    union {
        char bytes[CMSG_SPACE(4 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec piece = {header, sizeof header};
    struct msghdr m = {.msg_iov = &piece,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof control.bytes};
    ssize_t n = recvmsg(r->fd, &m, MSG_CMSG_CLOEXEC);

    if (n <= 0)
        return err_set(e, ERR_REFUSED, "nothing was asked");
    keep_descriptors(r, &m);
    if (handover_receive(r->fd, header + n, sizeof header - (size_t)n) != 0)
        return err_set(e, ERR_REFUSED, "request is cut off");
    if (header[0] != 'T' || header[1] != 'V' || header[2] != HANDOVER_VERSION)
        return err_set(e, ERR_REFUSED, "request is of another version");
    if (r->fds[0] < 0 || r->fds[1] < 0)
        return err_set(e, ERR_REFUSED, "request came without its two descriptors");
    *body_bytes = (size_t)header[4] | (size_t)header[5] << 8 | (size_t)header[6] << 16 |
                  (size_t)header[7] << 24;
    if (*body_bytes > HANDOVER_REQUEST_BYTES_MAX)
        return err_set(e, ERR_REFUSED, "request has %zu bytes", *body_bytes);
    return 0;
}

static int receive_request(struct errand *r, struct handover_request *out, struct err *e)
{
    struct timeval patience = {.tv_sec = REQUEST_WAIT_S};
    unsigned char *body = NULL;
    size_t body_bytes = 0;
    int rc = -1;

    (void)setsockopt(r->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (check_asker(r->fd, e) != 0 || receive_header(r, &body_bytes, e) != 0)
        return -1;
    body = malloc(body_bytes + 1);
    if (body == NULL)
        return err_set(e, ERR_MEMORY, "request");
    if (handover_receive(r->fd, body, body_bytes) != 0)
        (void)err_set(e, ERR_REFUSED, "request is cut off");
    else
        rc = handover_request_decode(out, body, body_bytes, e);
    free(body);
    return rc;
}

/* fdopen that takes the descriptor over. */
static FILE *stream_of(int *fd)
{
    FILE *f = fdopen(*fd, "w");

    if (f != NULL)
        *fd = -1;
    return f;
}

static int run_request(struct errand *r, const struct handover_request *q)
{
    struct handover *h = r->handover;
    struct verb_io io = {.out = stream_of(&r->fds[0]),
                         .err = stream_of(&r->fds[1]),
                         .json = q->json,
                         .out_is_terminal = q->out_is_terminal,
                         .err_is_terminal = q->err_is_terminal,
                         .language = q->language,
                         .cwd = q->cwd,
                         .cancelled = errand_cancelled,
                         .cancelled_arg = r};
    int status = EXIT_FAILED;

    if (io.out != NULL && io.err != NULL)
        status = h->options.run(h->options.arg, q, &io);
    if (io.out != NULL)
        (void)fclose(io.out); /* verb_run() has looked for trouble in it */
    if (io.err != NULL)
        (void)fclose(io.err);
    return status;
}

static void *errand_thread(void *arg)
{
    struct errand *r = arg;
    struct handover *h = r->handover;
    struct handover_request q = {0};
    struct err e;
    int status;

    if (receive_request(r, &q, &e) == 0) {
        status = run_request(r, &q);
        /* An asker that left does not need the answer. */
        (void)handover_send(
            r->fd, (unsigned char[]){'T', 'V', HANDOVER_VERSION, (unsigned char)status},
            HANDOVER_ANSWER_BYTES);
    } else {
        log_line("handover", "event=refused reason=\"%s\"", e.text);
    }
    handover_request_release(&q);
    errand_destroy(r);
    pthread_mutex_lock(&h->lock);
    h->at_work--;
    pthread_cond_signal(&h->fewer);
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

static int thread_start(pthread_t *out, bool detached, void *(*run)(void *), void *arg)
{
    pthread_attr_t how;
    int rc;

    (void)pthread_attr_init(&how);
    (void)pthread_attr_setstacksize(&how, THREAD_STACK_BYTES);
    if (detached)
        (void)pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED);
    rc = pthread_create(out, &how, run, arg);
    (void)pthread_attr_destroy(&how);
    return rc == 0 ? 0 : -1;
}

/* Gives the asker a thread; takes `fd`. */
static void let_in(struct handover *h, int fd)
{
    struct errand *r = malloc(sizeof *r);
    pthread_t thread;

    if (r == NULL) {
        (void)close(fd);
        return;
    }
    *r = (struct errand){.handover = h, .fd = fd, .fds = {-1, -1}};
    pthread_mutex_lock(&h->lock);
    h->at_work++;
    pthread_mutex_unlock(&h->lock);
    if (thread_start(&thread, true, errand_thread, r) == 0)
        return;
    log_line("handover", "event=refused reason=\"no thread for it\"");
    errand_destroy(r);
    pthread_mutex_lock(&h->lock);
    h->at_work--;
    pthread_mutex_unlock(&h->lock);
}

/* Waits until fewer than the most are at work, or we are to stop. */
static void wait_for_room(struct handover *h)
{
    pthread_mutex_lock(&h->lock);
    while (h->at_work >= HANDOVER_AT_WORK_MAX && !atomic_load(&h->stopping))
        pthread_cond_wait(&h->fewer, &h->lock);
    pthread_mutex_unlock(&h->lock);
}

static void *door_thread(void *arg)
{
    struct handover *h = arg;
    struct pollfd p[2] = {{h->listen_fd, POLLIN, 0}, {h->stop_fd, POLLIN, 0}};

    while (!atomic_load(&h->stopping)) {
        int fd;

        wait_for_room(h);
        if (poll(p, 2, -1) < 0 || p[1].revents != 0)
            continue; /* a signal, or the end, which the loop looks for */
        fd = accept4(h->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            let_in(h, fd);
    }
    return NULL;
}

static int open_door(struct handover *h, struct err *e)
{
    struct sockaddr_un address;
    int dir_fd;
    int rc = -1;

    if (handover_address(h->options.dir, &address, &dir_fd, e) != 0)
        return -1;
    h->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    h->stop_fd = eventfd(0, EFD_CLOEXEC);
    /* The name takes its mode from the socket, so it is never open to others. */
    if (h->listen_fd < 0 || h->stop_fd < 0 || fchmod(h->listen_fd, 0600) != 0) {
        (void)err_set_errno(e, ERR_IO, "socket");
        goto out;
    }
    (void)unlink(h->path); /* left by one that was killed: we own the directory */
    if (bind(h->listen_fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(h->listen_fd, 64) != 0) {
        (void)err_set_errno(e, ERR_IO, "%s", h->path);
        goto out;
    }
    rc = 0;
out:
    if (dir_fd >= 0)
        (void)close(dir_fd);
    return rc;
}

int handover_start(struct handover **out, const struct handover_options *o, struct err *e)
{
    struct handover *h = calloc(1, sizeof *h);

    *out = NULL;
    if (h == NULL)
        return err_set(e, ERR_MEMORY, "handover");
    h->options = *o;
    h->listen_fd = h->stop_fd = -1;
    (void)pthread_mutex_init(&h->lock, NULL);
    (void)pthread_cond_init(&h->fewer, NULL);
    if (disk_path(h->path, e, "%s/socket", o->dir) != 0 || open_door(h, e) != 0)
        goto fail;
    if (thread_start(&h->door, false, door_thread, h) != 0) {
        (void)err_set(e, ERR_FAILED, "no thread for the handover");
        goto fail;
    }
    h->door_open = true;
    *out = h;
    return 0;
fail:
    handover_stop(h);
    return -1;
}

void handover_stop(struct handover *h)
{
    if (h == NULL)
        return;
    atomic_store(&h->stopping, true);
    if (h->door_open) {
        (void)eventfd_write(h->stop_fd, 1);
        pthread_mutex_lock(&h->lock);
        pthread_cond_broadcast(&h->fewer);
        pthread_mutex_unlock(&h->lock);
        (void)pthread_join(h->door, NULL);
        (void)unlink(h->path);
    }
    pthread_mutex_lock(&h->lock);
    while (h->at_work > 0)
        pthread_cond_wait(&h->fewer, &h->lock);
    pthread_mutex_unlock(&h->lock);
    if (h->listen_fd >= 0)
        (void)close(h->listen_fd);
    if (h->stop_fd >= 0)
        (void)close(h->stop_fd);
    (void)pthread_cond_destroy(&h->fewer);
    (void)pthread_mutex_destroy(&h->lock);
    free(h);
}
