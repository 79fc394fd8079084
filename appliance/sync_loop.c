#include "appliance/sync_loop.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"

#define THREAD_STACK_BYTES (1u << 20)
#define LOOK_S             2  /* an asker's end wakes nobody */
#define TROUBLE_S          30 /* after the box's own disk said no: not at once again */

struct sync_loop {
    struct box *box;
    pthread_t thread;
    bool running; /* the thread is */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* By `lock`: */
    struct agent *agent; /* NULL while it talks to nobody */
    bool stopping, lent; /* lent: somebody else talks */
    unsigned waiting;    /* to do so */
};

static void note(void *arg, const struct agent_news *n)
{
    (void)arg;
    if (n->text != NULL)
        log_line("sync", "event=\"%s\"", n->text);
}

static void wait_s(struct sync_loop *l, int64_t seconds)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    (void)pthread_cond_timedwait(&l->changed, &l->lock, &until);
}

/* With the lock held before and after; let go while the agent works. */
static int talk(struct sync_loop *l, struct err *e)
{
    struct agent_options o = {.box = l->box, .random = random_system(), .news = note};
    struct agent_result r;
    struct agent *a;
    int rc;

    if (agent_create(&a, &o, e) != 0)
        return -1;
    l->agent = a;
    pthread_mutex_unlock(&l->lock);
    rc = agent_run(a, &r, e);
    pthread_mutex_lock(&l->lock);
    l->agent = NULL;
    agent_destroy(a);
    pthread_cond_broadcast(&l->changed);
    return rc;
}

static void *loop(void *arg)
{
    struct sync_loop *l = arg;
    struct err e;

    pthread_mutex_lock(&l->lock);
    while (!l->stopping) {
        if (l->lent || l->waiting > 0) {
            wait_s(l, LOOK_S);
        } else if (talk(l, &e) != 0) {
            log_line("sync", "event=trouble reason=\"%s\"", e.text);
            if (!l->stopping)
                wait_s(l, TROUBLE_S);
        }
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

static int start_thread(struct sync_loop *l, struct err *e)
{
    pthread_attr_t how;

    (void)pthread_attr_init(&how);
    (void)pthread_attr_setstacksize(&how, THREAD_STACK_BYTES);
    l->running = pthread_create(&l->thread, &how, loop, l) == 0;
    (void)pthread_attr_destroy(&how);
    return l->running ? 0 : err_set(e, ERR_FAILED, "no thread for sync");
}

int sync_loop_start(struct sync_loop **out, const char *dir, struct err *e)
{
    struct sync_loop *l = calloc(1, sizeof *l);
    pthread_condattr_t steady;
    bool enrolled;

    *out = NULL;
    if (l == NULL)
        return err_set(e, ERR_MEMORY, "sync loop");
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&l->lock, NULL);
    (void)pthread_cond_init(&l->changed, &steady);
    (void)pthread_condattr_destroy(&steady);
    if (box_open(&l->box, disk_system(), clock_system(), dir, NULL, e) != 0 ||
        outbox_enrolled(l->box, &enrolled, e) != 0)
        goto failed;
    if (!enrolled) {
        sync_loop_stop(l);
        return 0;
    }
    if (start_thread(l, e) != 0)
        goto failed;
    *out = l;
    return 0;
failed:
    sync_loop_stop(l);
    return -1;
}

void sync_loop_stop(struct sync_loop *l)
{
    if (l == NULL)
        return;
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    if (l->agent != NULL)
        agent_stop(l->agent);
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
    if (l->running)
        (void)pthread_join(l->thread, NULL);
    box_close(l->box);
    (void)pthread_cond_destroy(&l->changed);
    (void)pthread_mutex_destroy(&l->lock);
    free(l);
}

void sync_loop_wake(struct sync_loop *l)
{
    if (l == NULL)
        return;
    pthread_mutex_lock(&l->lock);
    if (l->agent != NULL)
        agent_wake(l->agent, false);
    pthread_mutex_unlock(&l->lock);
}

bool sync_loop_borrow(struct sync_loop *l, bool (*cancelled)(void *arg), void *arg)
{
    bool mine;

    if (l == NULL)
        return true; /* no centre: whoever asks is told so by what he does */
    pthread_mutex_lock(&l->lock);
    l->waiting++;
    if (l->agent != NULL)
        agent_stop(l->agent);
    while ((l->agent != NULL || l->lent) && !l->stopping && !cancelled(arg))
        wait_s(l, LOOK_S);
    l->waiting--;
    mine = l->agent == NULL && !l->lent && !l->stopping && !cancelled(arg);
    l->lent = l->lent || mine;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
    return mine;
}

void sync_loop_return(struct sync_loop *l)
{
    if (l == NULL)
        return;
    pthread_mutex_lock(&l->lock);
    l->lent = false;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
}
