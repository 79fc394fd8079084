#include "ocr/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ocr/client_asking.h"
#include "ocr/client_worker.h"

/* How often who waits for one answer looks whether it was interrupted. */
#define LOOK_MS 100

/* Behind the wall of a question, which the worker keeps: then that one is mad. */
#define ANSWER_GRACE_MS 10000

struct ocr_client {
    struct client_worker worker;
    unsigned jobs_max;
    uint32_t page_wall_ms_max;
    uint64_t numbers; /* given so far */
    uint64_t rss_bytes_max;
    atomic_bool interrupted;
    int64_t asked_ms; /* when something was last asked or answered */
    struct client_job jobs[OCR_JOBS_MAX + 1]; /* the last for what is asked between */
};

int ocr_client_create(struct ocr_client **out, const struct ocr_options *o, struct err *e)
{
    struct ocr_client *c;

    *out = NULL;
    if (o->jobs < 1 || o->jobs > OCR_JOBS_MAX)
        return err_set(e, ERR_USAGE, "%u jobs: 1 to %d can be", o->jobs, OCR_JOBS_MAX);
    c = calloc(1, sizeof *c);
    if (c == NULL)
        return err_set(e, ERR_MEMORY, "reader: out of memory");
    c->jobs_max = o->jobs;
    c->page_wall_ms_max = o->page_wall_ms_max;
    if (client_worker_init(&c->worker, o, e) != 0) {
        free(c);
        return -1;
    }
    *out = c;
    return 0;
}

/* --- jobs ---------------------------------------------------------------- */

static void end_worker(struct ocr_client *c)
{
    client_worker_stop(&c->worker);
    for (size_t i = 0; i <= OCR_JOBS_MAX; i++)
        client_job_release(&c->jobs[i]);
}

void ocr_client_destroy(struct ocr_client *c)
{
    if (c == NULL)
        return;
    end_worker(c);
    client_worker_release(&c->worker);
    free(c);
}

static int worker_gone(struct ocr_client *c, struct err *e)
{
    end_worker(c);
    return err_set(e, ERR_FAILED, "the reader (tram-ocr) ended without an answer");
}

static struct client_job *job_unused(struct ocr_client *c, bool between)
{
    if (between)
        return c->jobs[OCR_JOBS_MAX].used ? NULL : &c->jobs[OCR_JOBS_MAX];
    for (unsigned i = 0; i < c->jobs_max; i++)
        if (!c->jobs[i].used)
            return &c->jobs[i];
    return NULL;
}

/* A page may take as long as the operator says. */
static uint32_t wall_ms_max(const struct ocr_client *c, enum question_kind kind)
{
    bool of_page = kind == QUESTION_LOOK || kind == QUESTION_READ ||
                   kind == QUESTION_SMALL || kind == QUESTION_PICTURE ||
                   kind == QUESTION_VIEW;

    return of_page ? c->page_wall_ms_max : 0;
}

static int ask(struct ocr_client *c, struct client_job *j, struct question q, int fd,
               struct err *e)
{
    bool fresh;
    int rc;

    if (j == NULL)
        return err_set(e, ERR_BUSY, "%u questions are at work", c->jobs_max);
    if (client_worker_start(&c->worker, &fresh, e) != 0)
        return -1;
    q.ticket = ++c->numbers;
    q.wall_ms_max = wall_ms_max(c, q.kind);
    c->asked_ms = clock_mono_now_ms();
    rc = client_job_send(j, c->worker.socket, &q, fd, e);
    if (rc == 0 || e->code != ERR_IO)
        return rc;
    /* It died unnoticed. If nothing was at work, nobody need hear of it. */
    if (fresh || ocr_at_work(c) > 0)
        return worker_gone(c, e);
    end_worker(c);
    if (client_worker_start(&c->worker, &fresh, e) != 0)
        return -1;
    return client_job_send(j, c->worker.socket, &q, fd, e);
}

/* --- what comes back ----------------------------------------------------- */

/* 0; -1: the worker has gone, or its mind has. */
static int take_verdict(struct ocr_client *c)
{
    struct buffer message;
    struct verdict v;
    struct err e;
    int rc;

    buffer_init(&message, MESSAGE_BYTES_MAX);
    rc = message_receive(c->worker.socket, &message, NULL, 0, &e);
    if (rc == 1)
        rc = verdict_decode(&v, message.bytes, message.count, &e) == 0 ? 1 : -1;
    buffer_release(&message);
    if (rc != 1)
        return -1;
    for (size_t i = 0; i <= OCR_JOBS_MAX; i++)
        if (c->jobs[i].used && c->jobs[i].number == v.ticket) {
            c->jobs[i].verdict = v;
            c->jobs[i].judged = true;
        }
    if (v.rss_bytes_max > c->rss_bytes_max)
        c->rss_bytes_max = v.rss_bytes_max;
    c->asked_ms = clock_mono_now_ms();
    return 0;
}

/* Waits for something, and takes it. */
static int pump(struct ocr_client *c, int timeout_ms, struct err *e)
{
    struct pollfd fds[OCR_JOBS_MAX + 2] = {{.fd = c->worker.socket, .events = POLLIN}};
    struct client_job *whose[OCR_JOBS_MAX + 2];
    nfds_t count = 1;

    for (size_t i = 0; i <= OCR_JOBS_MAX; i++)
        if (c->jobs[i].used && c->jobs[i].answer >= 0) {
            whose[count] = &c->jobs[i];
            fds[count++] = (struct pollfd){.fd = c->jobs[i].answer, .events = POLLIN};
        }
    if (poll(fds, count, timeout_ms) < 0)
        return errno == EINTR ? 0 : err_set_errno(e, ERR_FAILED, "reader: poll");
    for (nfds_t i = 1; i < count; i++)
        if (fds[i].revents != 0)
            client_job_read(whose[i]);
    if (fds[0].revents != 0 && take_verdict(c) != 0)
        return worker_gone(c, e);
    return 0;
}

/* --- one at a time ------------------------------------------------------- */

void ocr_client_interrupt(struct ocr_client *c)
{
    atomic_store(&c->interrupted, true);
}

/* What is at work goes with the worker. */
static int interrupted(struct ocr_client *c, struct err *e)
{
    end_worker(c);
    return err_set(e, ERR_BUSY, "reader: interrupted");
}

int client_ask(struct ocr_client *c, struct question q, int fd,
               const struct client_taker *taker, struct client_job **out, struct err *e)
{
    struct client_job *j = job_unused(c, true);
    int64_t left, until_ms;

    if (atomic_load(&c->interrupted))
        return interrupted(c, e);
    if (ask(c, j, q, fd, e) != 0)
        return -1;
    if (taker != NULL)
        j->taker = *taker;
    q.wall_ms_max = wall_ms_max(c, q.kind);
    until_ms = clock_mono_now_ms() + question_wall_ms(&q) + ANSWER_GRACE_MS;
    while (!client_job_complete(j)) {
        left = until_ms - clock_mono_now_ms();
        if (left <= 0)
            return worker_gone(c, e);
        if (pump(c, left < LOOK_MS ? (int)left : LOOK_MS, e) != 0)
            return -1; /* the jobs went with the worker */
        if (atomic_load(&c->interrupted))
            return interrupted(c, e);
    }
    if (j->verdict.unable) {
        (void)err_set(e, ERR_FAILED, "reader: %.200s", j->verdict.text);
        client_job_release(j);
        return -1;
    }
    *out = j;
    return 0;
}

void client_take_reading(const struct client_job *j, struct reading *out)
{
    struct err rubbish;
    enum refusal r = client_job_judge(
        j, reading_decode(out, j->bytes.bytes, j->bytes.count, &rubbish));

    if (r == REFUSAL_NONE)
        return;
    reading_release(out);
    out->refusal = r;
}

/* --- many at once -------------------------------------------------------- */

int ocr_submit_read(struct ocr_client *c, uint64_t ticket, int fd, uint32_t page,
                    unsigned quarter_turns, enum reading_way way, struct err *e)
{
    const struct question q = {.kind = QUESTION_READ,
                               .page = page,
                               .quarter_turns = (uint8_t)quarter_turns,
                               .way = way};
    struct client_job *j = job_unused(c, false);

    if (ask(c, j, q, fd, e) != 0)
        return -1;
    j->ticket = ticket;
    return 0;
}

unsigned ocr_at_work(const struct ocr_client *c)
{
    unsigned count = 0;

    for (size_t i = 0; i < OCR_JOBS_MAX; i++)
        count += c->jobs[i].used;
    return count;
}

static struct client_job *job_finished(struct ocr_client *c)
{
    for (size_t i = 0; i < OCR_JOBS_MAX; i++)
        if (client_job_complete(&c->jobs[i]))
            return &c->jobs[i];
    return NULL;
}

/* A worker that cannot is not the page's fault: an error, and all are given back. */
static int give(struct ocr_client *c, struct client_job *j, uint64_t *ticket,
                struct reading *out, struct err *e)
{
    if (j->verdict.unable) {
        (void)err_set(e, ERR_FAILED, "reader: %.200s", j->verdict.text);
        end_worker(c);
        return -1;
    }
    *ticket = j->ticket;
    client_take_reading(j, out);
    client_job_release(j);
    return 1;
}

int ocr_wait_read(struct ocr_client *c, int timeout_ms, uint64_t *ticket,
                  struct reading *out, struct err *e)
{
    int64_t until_ms = clock_mono_now_ms() + timeout_ms;

    *out = (struct reading){0};
    for (;;) {
        struct client_job *j = job_finished(c);
        int64_t left = timeout_ms < 0 ? -1 : until_ms - clock_mono_now_ms();

        if (j != NULL)
            return give(c, j, ticket, out, e);
        if (ocr_at_work(c) == 0 || (timeout_ms >= 0 && left < 0))
            return 0;
        if (pump(c, (int)left, e) != 0)
            return -1;
    }
}

void ocr_client_idle(struct ocr_client *c)
{
    if (client_worker_runs(&c->worker) && ocr_at_work(c) == 0 &&
        clock_mono_now_ms() - c->asked_ms >= OCR_IDLE_MS)
        end_worker(c);
}

uint64_t ocr_rss_bytes_max(const struct ocr_client *c)
{
    return c->rss_bytes_max;
}
