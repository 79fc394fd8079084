#include "sync/centre/unpacking_loop.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/thread.h"

#define LOOK_S    1
#define TROUBLE_S 60 /* after a failure: not at once again */
#define AT_ONCE   4  /* between two looks whether it is to stop */
#define NICE      10 /* boxes that are connected come first */

struct unpacking_loop {
    struct centre *centre;
    struct restorer *restorer; /* not owned */
    struct thread thread;
};

static void *loop(void *arg)
{
    struct unpacking_loop *l = arg;
    struct unpacking_walk walk = {0};
    unsigned restored = 0;
    int wait_s = 0;
    struct err e;

    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE); /* only a courtesy */
    if (unpacking_again(l->centre, &e) != 0)
        log_line("centre", "event=unpacking_failed reason=\"%s\"", e.text);
    while (!thread_rest(&l->thread, wait_s)) {
        if (unpacking_some(l->centre, l->restorer, &walk, AT_ONCE, &restored, &e) != 0) {
            if (thread_rest(&l->thread, 0))
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

int unpacking_loop_start(struct unpacking_loop **out, const struct centre *like,
                         struct restorer *r, struct err *e)
{
    struct unpacking_loop *l = calloc(1, sizeof *l);

    *out = NULL;
    if (l == NULL)
        return err_set(e, ERR_MEMORY, "unpacking");
    l->restorer = r;
    thread_init(&l->thread);
    if (centre_open(&l->centre, like->disk, like->clock, like->random, like->dir, e) !=
            0 ||
        thread_start(&l->thread, loop, l, "restoring originals", e) != 0) {
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
    thread_tell_stop(&l->thread);
    l->restorer->interrupt(l->restorer);
    thread_join(&l->thread);
    centre_close(l->centre);
    thread_release(&l->thread);
    free(l);
}
