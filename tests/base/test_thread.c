/* A thread that works in turns, and ends when it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/thread.h"

struct worker {
    struct thread thread;
    unsigned turns; /* by its lock */
    bool asked;     /* … somebody wants another one */
};

static void *rest_long(void *arg)
{
    struct worker *w = arg;

    do {
        pthread_mutex_lock(&w->thread.lock);
        w->turns++;
        pthread_cond_broadcast(&w->thread.changed);
        pthread_mutex_unlock(&w->thread.lock);
    } while (!thread_rest(&w->thread, 1000));
    return NULL;
}

static void wait_for_turn(struct worker *w, unsigned turn)
{
    pthread_mutex_lock(&w->thread.lock);
    for (int tries = 0; w->turns < turn && tries < 60; tries++)
        thread_wait(&w->thread, 1);
    assert_int_equal(w->turns, turn);
    pthread_mutex_unlock(&w->thread.lock);
}

static void one_that_rests_ends_when_it_is_told(void **state)
{
    struct worker w = {.turns = 0};
    struct err e;

    (void)state;
    thread_init(&w.thread);
    assert_int_equal(thread_start(&w.thread, rest_long, &w, "a test", &e), 0);
    wait_for_turn(&w, 1);
    thread_tell_stop(&w.thread);
    thread_join(&w.thread); /* or the test never ends */
    assert_int_equal(w.turns, 1);
    thread_release(&w.thread);
}

static void *work_when_asked(void *arg)
{
    struct worker *w = arg;

    pthread_mutex_lock(&w->thread.lock);
    while (!w->thread.stopping) {
        w->turns += w->asked;
        w->asked = false;
        pthread_cond_broadcast(&w->thread.changed);
        thread_wait(&w->thread, 1000);
    }
    pthread_mutex_unlock(&w->thread.lock);
    return NULL;
}

static void one_that_waits_works_when_it_is_woken(void **state)
{
    struct worker w = {.turns = 0};
    struct err e;

    (void)state;
    thread_init(&w.thread);
    assert_int_equal(thread_start(&w.thread, work_when_asked, &w, "a test", &e), 0);
    for (unsigned turn = 1; turn < 4; turn++) {
        pthread_mutex_lock(&w.thread.lock);
        w.asked = true;
        pthread_cond_broadcast(&w.thread.changed);
        pthread_mutex_unlock(&w.thread.lock);
        wait_for_turn(&w, turn);
    }
    thread_tell_stop(&w.thread);
    thread_join(&w.thread);
    thread_release(&w.thread);
}

static void one_that_never_began_is_joined_at_once(void **state)
{
    struct thread t;

    (void)state;
    thread_init(&t);
    thread_tell_stop(&t);
    assert_true(thread_rest(&t, 1000));
    thread_join(&t);
    thread_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_rests_ends_when_it_is_told),
        cmocka_unit_test(one_that_waits_works_when_it_is_woken),
        cmocka_unit_test(one_that_never_began_is_joined_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
