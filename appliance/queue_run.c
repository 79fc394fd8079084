#include "appliance/queue.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "appliance/drawing.h"
#include "appliance/queue_parts.h"
#include "base/kernel_text.h"

#define TICK_MS        1000 /* how often progress is told while nothing ends */
#define OTHERS_WAIT_MS 200  /* between looks at what other readers hold */

/* ------------------------------------------------------------- who we are */

/* Ticks since boot at which a process began: field 22 of /proc/PID/stat, counted
 * behind the last ')' because a program's name may hold spaces. -1: no such
 * process. */
static int64_t process_started(int64_t pid)
{
    char path[64], text[1024];
    const char *at;

    (void)snprintf(path, sizeof path, "/proc/%" PRId64 "/stat", pid);
    if (!kernel_text("", path, text, sizeof text))
        return -1;
    at = strrchr(text, ')');
    for (int field = 2; at != NULL && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at != NULL ? strtoll(at + 1, NULL, 10) : -1;
}

static bool process_alive(const char *boot_id, int64_t pid, int64_t started, void *arg)
{
    char now[BOOT_ID_BYTES];

    (void)arg;
    clock_system()->boot_id(clock_system(), now);
    return strcmp(boot_id, now) == 0 && process_started(pid) == started;
}

void lease_holder_self(struct lease_holder *out)
{
    *out = (struct lease_holder){.pid = getpid(), .alive = process_alive};
    clock_system()->boot_id(clock_system(), out->boot_id);
    out->started = process_started(out->pid);
}

/* ---------------------------------------------------------------- the loop */

struct run {
    struct box *box;
    const struct queue_run *how;
    struct queue_progress so_far;
    int64_t started_ms, told_ms, paced_ms;
    struct pace pace;
    unsigned jobs_now; /* as many may be at work */
    bool stopping;
};

static int64_t now_ms(const struct run *r)
{
    return r->box->clock->mono_ms(r->box->clock);
}

static int tell_progress(struct run *r, struct err *e)
{
    struct queue_progress *p = &r->so_far;
    uint64_t waiting, leased, ended = p->done + p->quarantined;

    if (queue_left(r->box, &waiting, &leased, e) != 0)
        return -1;
    p->left = waiting + leased;
    p->elapsed_ms = now_ms(r) - r->started_ms;
    p->left_ms = ended == 0 ? -1 : p->elapsed_ms * (int64_t)p->left / (int64_t)ended;
    if (r->how->progress != NULL && r->how->progress(r->how->arg, p) != 0)
        r->stopping = true;
    r->told_ms = now_ms(r); /* after it: telling takes time too */
    return 0;
}

static int quarantine(struct run *r, uint64_t page, enum refusal why, struct err *e)
{
    const struct reading refused = {.refusal = why};

    bool set_aside;

    if (queue_end(r->box, page, &refused, &set_aside, e) != 0 ||
        drawing_all(r->box, e) != 0)
        return -1;
    if (set_aside)
        r->so_far.quarantined++;
    else
        r->so_far.done++;
    return tell_progress(r, e);
}

/* A page whose original is not there cannot be read, now or later: the clerk is
 * told, and the others are read. */
static int submit(struct run *r, const struct queue_job *job, struct err *e)
{
    struct reader *reader = r->box->reader;
    struct disk_file *f = NULL;
    bool there;
    int rc;

    if (blob_exists(r->box->blobs, &job->sha256, &there, e) != 0)
        return -1;
    if (!there)
        return quarantine(r, job->page, REFUSAL_DAMAGED, e);
    if (blob_open(r->box->blobs, &f, &job->sha256, e) != 0)
        return -1;
    rc = reader->submit_read(reader, job->page, f, job->original_page, job->quarter_turns,
                             job->way, e);
    disk_close(f);
    return rc;
}

/* The machine is looked at about once a second, not for each page. */
static void look_at_machine(struct run *r)
{
    struct reader *reader = r->box->reader;
    struct machine m;

    if (!r->how->gives_way) {
        r->jobs_now = reader->jobs;
        return;
    }
    if (r->paced_ms != 0 && now_ms(r) - r->paced_ms < TICK_MS)
        return;
    machine_look(&m, "");
    r->jobs_now = pace_jobs(&r->pace, &m, reader->jobs, reader->at_work(reader));
    r->so_far.held = r->pace.reason;
    r->paced_ms = now_ms(r);
}

static int submit_what_fits(struct run *r, struct err *e)
{
    struct reader *reader = r->box->reader;

    look_at_machine(r);
    while (!r->stopping && reader->at_work(reader) < r->jobs_now &&
           r->box->queue->leased_count < OCR_JOBS_MAX) {
        struct queue_job job;

        if (queue_lease(r->box, &job, e) != 0)
            return -1;
        if (job.page == 0)
            return 0;
        if (submit(r, &job, e) != 0)
            return err_wrap(e, "page %" PRIu64, job.page);
    }
    return 0;
}

static int take_answer(struct run *r, uint64_t page, const struct reading *answer,
                       struct err *e)
{
    bool set_aside;

    /* An answer to a question of a run that failed: its lease was given back. */
    if (!queue_holds(r->box->queue, page))
        return 0;
    if (answer->refusal != REFUSAL_NONE)
        return quarantine(r, page, answer->refusal, e);
    if (queue_end(r->box, page, answer, &set_aside, e) != 0) {
        if (e->code != ERR_TOO_BIG)
            return -1;
        return quarantine(r, page, REFUSAL_TOO_LARGE, e);
    }
    if (drawing_all(r->box, e) != 0)
        return -1;
    r->so_far.done++;
    return tell_progress(r, e);
}

static int wait_for_answer(struct run *r, struct err *e)
{
    struct reader *reader = r->box->reader;
    struct reading answer = {0};
    uint64_t page = 0;
    int got = reader->wait_read(reader, TICK_MS, &page, &answer, e);
    int rc = got < 0 ? -1 : 0;

    if (got == 1 && take_answer(r, page, &answer, e) != 0)
        rc = err_wrap(e, "page %" PRIu64, page);
    if (got == 1)
        reading_release(&answer);
    if (rc == 0 && now_ms(r) - r->told_ms >= TICK_MS)
        rc = tell_progress(r, e);
    return rc;
}

/* Nothing is at work here. *more: there is something to wait for. The machine is to
 * cool down or to have room; or other readers hold pages, which are to be done, or
 * their readers to be gone, which makes the pages ours. */
static int wait_for_others(struct run *r, bool *more, struct err *e)
{
    const struct timespec pause = {.tv_nsec = OTHERS_WAIT_MS * 1000000L};
    uint64_t waiting, leased;
    bool resting;

    *more = false;
    if (r->stopping)
        return 0;
    if (queue_left(r->box, &waiting, &leased, e) != 0)
        return -1;
    resting = r->jobs_now == 0 && waiting > 0;
    if (!resting && (!r->how->wait || leased == 0))
        return 0;
    *more = true;
    (void)nanosleep(&pause, NULL); /* a signal makes us look earlier */
    if (now_ms(r) - r->told_ms >= TICK_MS)
        return tell_progress(r, e);
    return 0;
}

static int read_until_done(struct run *r, struct err *e)
{
    for (;;) {
        bool more;

        if (submit_what_fits(r, e) != 0)
            return -1;
        /* At work without a lease: questions of a run that failed. They end before
         * this run does, so that the reader is free. */
        if (r->box->reader->at_work(r->box->reader) > 0) {
            if (wait_for_answer(r, e) != 0)
                return -1;
            continue;
        }
        if (wait_for_others(r, &more, e) != 0)
            return -1;
        if (!more)
            return 0;
    }
}

int queue_read_all(struct box *b, const struct queue_run *how, struct queue_progress *out,
                   struct err *e)
{
    struct run r = {.box = b, .how = how, .so_far = {.left_ms = -1}};
    struct err ignored;
    int rc = -1;

    *out = r.so_far;
    if (b->reader == NULL)
        return err_set(e, ERR_FAILED, "this box has no reader");
    if (queue_release_all(b, e) != 0) /* what a failed run could not give back */
        return err_wrap(e, "read");
    b->queue->holder = how->holder;
    r.started_ms = r.told_ms = now_ms(&r);
    rc = read_until_done(&r, e);
    if (rc != 0) {
        (void)err_wrap(e, "read");
        /* If the disk does not take this either, the next run or the next start
         * frees the leases. */
        (void)queue_release_all(b, &ignored);
    } else if (queue_release_all(b, e) != 0 || tell_progress(&r, e) != 0) {
        rc = -1; /* a reader may have dropped a question: no lease stays */
    }
    *out = r.so_far;
    return rc;
}
