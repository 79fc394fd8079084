#include "sync/centre/unpacking_loop.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define THREAD_STACK_BYTES (1u << 20)
#define LOOK_S             1
#define TROUBLE_S          60 /* after a failure: not at once again */
#define AT_ONCE            4  /* between two looks whether it is to stop */
#define NICE               10 /* boxes that are connected come first */

struct unpacking_loop {
    struct centre *centre;
    struct restorer *restorer; /* not owned */
    pthread_t thread;
    bool running;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping; /* by `lock` */
};

/* True when it is to stop. */
static bool rest(struct unpacking_loop *l, int seconds)
{
    struct timespec until;
    bool stop;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&l->lock);
    while (!l->stopping && pthread_cond_timedwait(&l->changed, &l->lock, &until) == 0)
        continue;
    stop = l->stopping;
    pthread_mutex_unlock(&l->lock);
    return stop;
}

static void *loop(void *arg)
{
    struct unpacking_loop *l = arg;
    unsigned restored = 0;
    int wait_s = 0;
    struct err e;

    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE); /* only a courtesy */
    if (unpacking_again(l->centre, &e) != 0)
        log_line("centre", "event=unpacking_failed reason=\"%s\"", e.text);
    while (!rest(l, wait_s)) {
        if (unpacking_some(l->centre, l->restorer, AT_ONCE, &restored, &e) != 0) {
            if (rest(l, 0))
                break; /* it was interrupted */
            log_line("centre", "event=unpacking_failed reason=\"%s\"", e.text);
            wait_s = TROUBLE_S;
            continue;
        }
        if (restored > 0)
            log_line("centre", "event=unpacked originals=%u", restored);
        else
            l->restorer->idle(l->restorer);
        wait_s = restored > 0 ? 0 : LOOK_S;
    }
    return NULL;
}

static int start_thread(struct unpacking_loop *l, struct err *e)
{
    pthread_attr_t how;

    (void)pthread_attr_init(&how);
    (void)pthread_attr_setstacksize(&how, THREAD_STACK_BYTES);
    l->running = pthread_create(&l->thread, &how, loop, l) == 0;
    (void)pthread_attr_destroy(&how);
    return l->running ? 0 : err_set(e, ERR_FAILED, "no thread for restoring originals");
}

int unpacking_loop_start(struct unpacking_loop **out, const struct centre *like,
                         struct restorer *r, struct err *e)
{
    struct unpacking_loop *l = calloc(1, sizeof *l);
    pthread_condattr_t steady;

    *out = NULL;
    if (l == NULL)
        return err_set(e, ERR_MEMORY, "unpacking");
    l->restorer = r;
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&l->lock, NULL);
    (void)pthread_cond_init(&l->changed, &steady);
    (void)pthread_condattr_destroy(&steady);
    if (centre_open(&l->centre, like->disk, like->clock, like->random, like->dir, e) !=
            0 ||
        start_thread(l, e) != 0) {
        unpacking_loop_stop(l);
        return -1;
    }
    *out = l;
    return 0;
}

void unpacking_loop_stop(struct unpacking_loop *l)
{
    if (l == NULL)
        return;
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
    l->restorer->interrupt(l->restorer);
    if (l->running)
        (void)pthread_join(l->thread, NULL);
    centre_close(l->centre);
    (void)pthread_cond_destroy(&l->changed);
    (void)pthread_mutex_destroy(&l->lock);
    free(l);
}
