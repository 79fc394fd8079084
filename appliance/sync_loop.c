#include "appliance/sync_loop.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/thread.h"

#define LOOK_S    2  /* an asker's end wakes nobody */
#define TROUBLE_S 30 /* after the box's own disk said no: not at once again */

struct sync_loop {
    struct box *box;
    struct thread thread;
    /* By its lock: */
    struct agent *agent; /* NULL while it talks to nobody */
    bool lent;           /* somebody else talks */
    unsigned waiting;    /* to do so */
};

static void note(void *arg, const struct agent_news *n)
{
    (void)arg;
    pulse_show(&n->pulse);
    if (n->text != NULL)
        log_line("sync", "event=\"%s\"", n->text);
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
    pthread_mutex_unlock(&l->thread.lock);
    rc = agent_run(a, &r, e);
    pthread_mutex_lock(&l->thread.lock);
    l->agent = NULL;
    pulse_show(&(struct pulse){0});
    agent_destroy(a);
    pthread_cond_broadcast(&l->thread.changed);
    return rc;
}

static void *loop(void *arg)
{
    struct sync_loop *l = arg;
    struct err e;

    pthread_mutex_lock(&l->thread.lock);
    while (!l->thread.stopping) {
        if (l->lent || l->waiting > 0) {
            thread_wait(&l->thread, LOOK_S);
        } else if (talk(l, &e) != 0) {
            log_line("sync", "event=trouble reason=\"%s\"", e.text);
            if (!l->thread.stopping)
                thread_wait(&l->thread, TROUBLE_S);
        }
    }
    pthread_mutex_unlock(&l->thread.lock);
    return NULL;
}

int sync_loop_start(struct sync_loop **out, const char *dir, struct err *e)
{
    struct sync_loop *l = calloc(1, sizeof *l);
    bool enrolled;

    *out = NULL;
    if (l == NULL)
        return err_set(e, ERR_MEMORY, "sync loop");
    thread_init(&l->thread);
    if (box_open(&l->box, disk_system(), clock_system(), dir, NULL, e) != 0 ||
        outbox_enrolled(l->box, &enrolled, e) != 0)
        goto failed;
    if (!enrolled) {
        sync_loop_stop(l);
        return 0;
    }
    if (thread_start(&l->thread, loop, l, "sync", e) != 0)
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
    pthread_mutex_lock(&l->thread.lock);
    l->thread.stopping = true;
    if (l->agent != NULL)
        agent_stop(l->agent);
    pthread_cond_broadcast(&l->thread.changed);
    pthread_mutex_unlock(&l->thread.lock);
    thread_join(&l->thread);
    box_close(l->box);
    thread_release(&l->thread);
    free(l);
}

void sync_loop_wake(struct sync_loop *l)
{
    if (l == NULL)
        return;
    pthread_mutex_lock(&l->thread.lock);
    if (l->agent != NULL)
        agent_wake(l->agent, false);
    pthread_mutex_unlock(&l->thread.lock);
}

bool sync_loop_borrow(struct sync_loop *l, bool (*cancelled)(void *arg), void *arg)
{
    bool mine;

    if (l == NULL)
        return true; /* no centre: whoever asks is told so by what he does */
    pthread_mutex_lock(&l->thread.lock);
    l->waiting++;
    if (l->agent != NULL)
        agent_stop(l->agent);
    while ((l->agent != NULL || l->lent) && !l->thread.stopping && !cancelled(arg))
        thread_wait(&l->thread, LOOK_S);
    l->waiting--;
    mine = l->agent == NULL && !l->lent && !l->thread.stopping && !cancelled(arg);
    l->lent = l->lent || mine;
    pthread_cond_broadcast(&l->thread.changed);
    pthread_mutex_unlock(&l->thread.lock);
    return mine;
}

void sync_loop_return(struct sync_loop *l)
{
    if (l == NULL)
        return;
    pthread_mutex_lock(&l->thread.lock);
    l->lent = false;
    pthread_cond_broadcast(&l->thread.changed);
    pthread_mutex_unlock(&l->thread.lock);
}
