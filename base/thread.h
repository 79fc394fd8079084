/* Thread: one that works in turns, rests between them, and ends when it is told. Its lock
 * is for whatever its owner shares with it. */
#ifndef TRAM_BASE_THREAD_H
#define TRAM_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "base/err.h"

struct thread {
    pthread_t id;
    bool running;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* something by `lock` did */
    bool stopping;          /* by `lock` */
};

void thread_init(struct thread *t);
/* Of what does not run. */
void thread_release(struct thread *t);

/* `run` looks at t->stopping between its turns. `what` it is for, if there is none. */
int thread_start(struct thread *t, void *(*run)(void *arg), void *arg, const char *what,
                 struct err *e);

/* With the lock held, until something changed, or so long. It may end sooner. */
void thread_wait(struct thread *t, int seconds);

/* So long, or until it is to stop, which is what it gives. Without the lock. */
bool thread_rest(struct thread *t, int seconds);

void thread_tell_stop(struct thread *t);
void thread_join(struct thread *t); /* fine if it never started */

#endif
