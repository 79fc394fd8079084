#include "base/thread.h"

#include <time.h>

#define STACK_BYTES (1u << 20)

void thread_init(struct thread *t)
{
    pthread_condattr_t steady;

    *t = (struct thread){.running = false};
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&t->lock, NULL);
    (void)pthread_cond_init(&t->changed, &steady);
    (void)pthread_condattr_destroy(&steady);
}

void thread_release(struct thread *t)
{
    (void)pthread_cond_destroy(&t->changed);
    (void)pthread_mutex_destroy(&t->lock);
}

int thread_start(struct thread *t, void *(*run)(void *arg), void *arg, const char *what,
                 struct err *e)
{
    pthread_attr_t how;

    (void)pthread_attr_init(&how);
    (void)pthread_attr_setstacksize(&how, STACK_BYTES);
    t->running = pthread_create(&t->id, &how, run, arg) == 0;
    (void)pthread_attr_destroy(&how);
    return t->running ? 0 : err_set(e, ERR_FAILED, "no thread for %s", what);
}

static struct timespec in_seconds(int seconds)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    return until;
}

void thread_wait(struct thread *t, int seconds)
{
    const struct timespec until = in_seconds(seconds);

    (void)pthread_cond_timedwait(&t->changed, &t->lock, &until);
}

bool thread_rest(struct thread *t, int seconds)
{
    const struct timespec until = in_seconds(seconds);
    bool stop;

    pthread_mutex_lock(&t->lock);
    while (!t->stopping && pthread_cond_timedwait(&t->changed, &t->lock, &until) == 0)
        continue;
    stop = t->stopping;
    pthread_mutex_unlock(&t->lock);
    return stop;
}

void thread_tell_stop(struct thread *t)
{
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    pthread_cond_broadcast(&t->changed);
    pthread_mutex_unlock(&t->lock);
}

void thread_join(struct thread *t)
{
    if (t->running)
        (void)pthread_join(t->id, NULL);
    t->running = false;
}
