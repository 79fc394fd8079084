#include "appliance/reading_loop.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "appliance/afterwards.h"
#include "base/log.h"
#include "base/thread.h"
#include "schema/search/search.h"

#define LOOK_S        2 /* how often it looks for pages by itself */
#define BUILDING_STEP 10
#define TROUBLE_S     30 /* after a run that failed: not at once again */

struct reading_loop {
    struct reading_loop_options options;
    struct box *box;
    struct reader *reader;
    struct afterwards afterwards;
    unsigned building_next; /* per cent of the search index that are told next */
    struct thread thread;
    /* By its lock: */
    bool woken;
    bool reading;     /* the thread is in queue_read_all() */
    bool lent;        /* somebody else has the reader */
    unsigned waiting; /* for the reader */
    struct reading_state state;
};

static int note_progress(void *arg, const struct queue_progress *p)
{
    struct reading_loop *l = arg;
    bool stop;

    pthread_mutex_lock(&l->thread.lock);
    l->state.progress = *p;
    stop = l->thread.stopping || l->waiting > 0;
    pthread_mutex_unlock(&l->thread.lock);
    if (l->options.tick != NULL)
        l->options.tick(l->options.arg);
    return stop ? 1 : 0;
}

static int stop_asked(void *arg, const struct afterwards_counts *c)
{
    struct reading_loop *l = arg;
    bool stop;

    (void)c;
    pthread_mutex_lock(&l->thread.lock);
    stop = l->thread.stopping || l->waiting > 0;
    pthread_mutex_unlock(&l->thread.lock);
    if (l->options.tick != NULL)
        l->options.tick(l->options.arg);
    return stop ? 1 : 0;
}

static int do_afterwards(struct reading_loop *l, struct err *e)
{
    struct afterwards_run how = {.gives_way = true, .progress = stop_asked, .arg = l};
    struct afterwards_counts made;

    if (afterwards_run(l->box, &l->afterwards, &how, &made, e) != 0)
        return -1;
    if (made.images + made.refused + made.packed > 0)
        log_line("read",
                 "event=afterwards images=%" PRIu64 " refused=%" PRIu64
                 " packed=%" PRIu64,
                 made.images, made.refused, made.packed);
    return 0;
}

/* With the lock held before and after; let go while it reads. */
static void read_once(struct reading_loop *l)
{
    struct queue_run how = {.gives_way = true, .progress = note_progress, .arg = l};
    struct queue_progress end;
    struct queue_counts pages = {0};
    struct err e;
    int rc;

    lease_holder_self(&how.holder);
    l->reading = true;
    pthread_mutex_unlock(&l->thread.lock);
    rc = queue_count(l->box, &pages, &e);
    if (rc == 0 && pages.waiting + pages.leased > 0) {
        pthread_mutex_lock(&l->thread.lock);
        l->state.at_work = true;
        pthread_mutex_unlock(&l->thread.lock);
        rc = queue_read_all(l->box, &how, &end, &e);
        if (rc == 0 && end.done + end.quarantined > 0)
            log_line("read",
                     "event=done pages=%" PRIu64 " quarantined=%" PRIu64 " left=%" PRIu64,
                     end.done, end.quarantined, end.left);
    }
    if (rc == 0)
        rc = do_afterwards(l, &e);
    (void)sqlite3_db_release_memory(store_db(l->box->store));
    l->reader->idle(l->reader);
    if (l->options.tick != NULL)
        l->options.tick(l->options.arg);
    pthread_mutex_lock(&l->thread.lock);
    if (rc != 0 && !l->thread.stopping) /* which interrupts */
        log_line("read", "event=trouble reason=\"%s\"", e.text);
    l->reading = l->state.at_work = false;
    (void)snprintf(l->state.trouble, sizeof l->state.trouble, "%s",
                   rc == 0 ? "" : e.text);
    pthread_cond_broadcast(&l->thread.changed);
}

/* While it is made anew, whose box is of an older version. */
static bool note_building(void *arg, unsigned per_cent)
{
    struct reading_loop *l = arg;
    bool stopping;

    if (per_cent >= l->building_next) {
        log_line("search", "event=building percent=%u", per_cent);
        l->building_next = per_cent + BUILDING_STEP;
    }
    pthread_mutex_lock(&l->thread.lock);
    stopping = l->thread.stopping;
    pthread_mutex_unlock(&l->thread.lock);
    return !stopping;
}

static void build_index(struct reading_loop *l)
{
    struct err e;

    if (search_build(l->box->records, note_building, l, &e) != 0)
        log_line("search", "event=trouble reason=\"%s\"", e.text);
    else if (l->building_next > 0)
        log_line("search", "event=built");
}

/* Reading is what can wait, the desk is not. Of this thread and what it starts,
 * which is the worker with its children. */
#define READING_NICE 5

static void *loop(void *arg)
{
    struct reading_loop *l = arg;

    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), READING_NICE); /* only a courtesy */
    build_index(l);
    pthread_mutex_lock(&l->thread.lock);
    while (!l->thread.stopping) {
        if (l->lent || l->waiting > 0) {
            thread_wait(&l->thread, LOOK_S);
            continue;
        }
        l->woken = false;
        read_once(l);
        if (!l->thread.stopping && !l->woken && l->waiting == 0)
            thread_wait(&l->thread, l->state.trouble[0] == '\0' ? LOOK_S : TROUBLE_S);
    }
    pthread_mutex_unlock(&l->thread.lock);
    return NULL;
}

int reading_loop_start(struct reading_loop **out, const struct reading_loop_options *o,
                       struct err *e)
{
    struct reading_loop *l = calloc(1, sizeof *l);

    *out = NULL;
    if (l == NULL)
        return err_set(e, ERR_MEMORY, "reading loop");
    l->options = *o;
    thread_init(&l->thread);
    if (reader_ocr_create(&l->reader, &o->ocr, e) != 0 ||
        box_open(&l->box, disk_system(), clock_system(), o->dir, l->reader, e) != 0 ||
        thread_start(&l->thread, loop, l, "reading", e) != 0) {
        reading_loop_stop(l);
        return -1;
    }
    *out = l;
    return 0;
}

void reading_loop_stop(struct reading_loop *l)
{
    if (l == NULL)
        return;
    thread_tell_stop(&l->thread);
    if (l->reader != NULL) /* an image or a packed form is made another time */
        l->reader->interrupt(l->reader);
    thread_join(&l->thread);
    box_close(l->box);
    if (l->reader != NULL)
        l->reader->destroy(l->reader);
    thread_release(&l->thread);
    free(l);
}

void reading_loop_wake(struct reading_loop *l)
{
    pthread_mutex_lock(&l->thread.lock);
    l->woken = true;
    pthread_cond_broadcast(&l->thread.changed);
    pthread_mutex_unlock(&l->thread.lock);
}

struct reader *reading_loop_borrow(struct reading_loop *l, bool (*cancelled)(void *arg),
                                   void *arg)
{
    struct reader *r = NULL;

    pthread_mutex_lock(&l->thread.lock);
    l->waiting++;
    while ((l->reading || l->lent) && !l->thread.stopping && !cancelled(arg))
        thread_wait(&l->thread, 1); /* the asker's end wakes nobody, so look */
    l->waiting--;
    if (!l->reading && !l->lent && !l->thread.stopping && !cancelled(arg)) {
        l->lent = true;
        r = l->reader;
    }
    pthread_cond_broadcast(&l->thread.changed);
    pthread_mutex_unlock(&l->thread.lock);
    return r;
}

void reading_loop_return(struct reading_loop *l)
{
    pthread_mutex_lock(&l->thread.lock);
    l->lent = false;
    pthread_cond_broadcast(&l->thread.changed);
    pthread_mutex_unlock(&l->thread.lock);
}

void reading_loop_look(struct reading_loop *l, struct reading_state *out)
{
    pthread_mutex_lock(&l->thread.lock);
    *out = l->state;
    pthread_mutex_unlock(&l->thread.lock);
}
