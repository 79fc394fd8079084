#include "ocr/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ocr/client_unpacking.h"
#include "ocr/client_worker.h"
#include "ocr/protocol.h"

#define JOBS_MAX 64
#define CHUNK    65536

/* A question on its way. Complete when the verdict has come and the answer's pipe
 * has ended, in whichever order. */
struct job {
    bool used;
    enum question_kind kind;
    uint64_t number; /* on the wire */
    uint64_t ticket; /* the caller's, of a submitted read */
    int answer;      /* the pipe; -1: it has ended */
    bool judged;
    struct verdict verdict;
    struct buffer bytes; /* of the answer; of an archive they go to `unpacking` */
    struct client_unpacking *unpacking;
};

struct ocr_client {
    struct client_worker worker;
    unsigned jobs_max;
    uint32_t page_wall_ms_max;
    uint64_t numbers; /* given so far */
    uint64_t rss_bytes_max;
    int64_t asked_ms;              /* when something was last asked or answered */
    struct job jobs[JOBS_MAX + 1]; /* the last for what is asked between */
};

static int64_t now_ms(void)
{
    struct clock *c = clock_system();

    return c->mono_ms(c);
}

int ocr_client_create(struct ocr_client **out, const struct ocr_options *o, struct err *e)
{
    struct ocr_client *c;

    *out = NULL;
    if (o->jobs < 1 || o->jobs > JOBS_MAX)
        return err_set(e, ERR_USAGE, "%u jobs: 1 to %d can be", o->jobs, JOBS_MAX);
    c = calloc(1, sizeof *c);
    if (c == NULL)
        return err_set(e, ERR_MEMORY, "reader: out of memory");
    c->jobs_max = o->jobs;
    c->page_wall_ms_max = o->page_wall_ms_max;
    if (client_worker_init(&c->worker, o->program, o->uncaged, e) != 0) {
        free(c);
        return -1;
    }
    *out = c;
    return 0;
}

/* --- jobs ---------------------------------------------------------------- */

static void job_release(struct job *j)
{
    if (j->used && j->answer >= 0)
        (void)close(j->answer);
    buffer_release(&j->bytes);
    *j = (struct job){0};
}

static void end_worker(struct ocr_client *c)
{
    client_worker_stop(&c->worker);
    for (size_t i = 0; i <= JOBS_MAX; i++)
        job_release(&c->jobs[i]);
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

static struct job *job_unused(struct ocr_client *c, bool between)
{
    if (between)
        return c->jobs[JOBS_MAX].used ? NULL : &c->jobs[JOBS_MAX];
    for (unsigned i = 0; i < c->jobs_max; i++)
        if (!c->jobs[i].used)
            return &c->jobs[i];
    return NULL;
}

static bool job_complete(const struct job *j)
{
    return j->used && j->judged && j->answer < 0;
}

/* Sends the question with the document and the pipe for its answer. */
static int job_send(struct ocr_client *c, struct job *j, const struct question *q, int fd,
                    struct err *e)
{
    int rc = -1, ends[2] = {-1, -1};
    struct buffer message;

    buffer_init(&message, MESSAGE_BYTES_MAX);
    question_encode(q, &message);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        err_set_errno(e, ERR_FAILED, "reader: no pipe");
        goto out;
    }
    /* Our end alone: the child's writes wait for us. */
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        err_set_errno(e, ERR_FAILED, "reader: pipe");
        goto out;
    }
    if (message_send(c->worker.socket, &message, (int[]){fd, ends[1]}, QUESTION_FDS, e) !=
        0)
        goto out;
    *j = (struct job){
        .used = true, .kind = q->kind, .number = q->ticket, .answer = ends[0]};
    buffer_init(&j->bytes, ANSWER_BYTES_MAX);
    ends[0] = -1; /* now the job's */
    rc = 0;
out:
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            (void)close(ends[i]);
    buffer_release(&message);
    return rc;
}

static int ask(struct ocr_client *c, struct job *j, struct question q, int fd,
               struct err *e)
{
    bool fresh;
    int rc;

    if (j == NULL)
        return err_set(e, ERR_BUSY, "%u questions are at work", c->jobs_max);
    if (client_worker_start(&c->worker, &fresh, e) != 0)
        return -1;
    q.ticket = ++c->numbers;
    if (q.kind == QUESTION_LOOK || q.kind == QUESTION_READ)
        q.wall_ms_max = c->page_wall_ms_max;
    c->asked_ms = now_ms();
    rc = job_send(c, j, &q, fd, e);
    if (rc == 0 || e->code != ERR_IO)
        return rc;
    /* It died unnoticed. If nothing was at work, nobody need hear of it. */
    if (fresh || ocr_at_work(c) > 0)
        return worker_gone(c, e);
    end_worker(c);
    if (client_worker_start(&c->worker, &fresh, e) != 0)
        return -1;
    return job_send(c, j, &q, fd, e);
}

/* --- what comes back ----------------------------------------------------- */

static void job_close(struct job *j)
{
    (void)close(j->answer); /* only read from */
    j->answer = -1;
}

/* Whoever says too much is not listened to: closing the pipe ends the child. */
static void job_take(struct job *j, const void *bytes, size_t count)
{
    if (j->unpacking != NULL) {
        if (!client_unpacking_take(j->unpacking, bytes, count))
            job_close(j);
        return;
    }
    buffer_append(&j->bytes, bytes, count);
    if (j->bytes.failed != ERR_NONE)
        job_close(j);
}

static void job_read(struct job *j)
{
    unsigned char chunk[CHUNK];
    ssize_t n = read(j->answer, chunk, sizeof chunk);

    if (n > 0)
        job_take(j, chunk, (size_t)n);
    else if (n == 0 || (errno != EINTR && errno != EAGAIN))
        job_close(j);
}

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
    for (size_t i = 0; i <= JOBS_MAX; i++)
        if (c->jobs[i].used && c->jobs[i].number == v.ticket) {
            c->jobs[i].verdict = v;
            c->jobs[i].judged = true;
        }
    if (v.rss_bytes_max > c->rss_bytes_max)
        c->rss_bytes_max = v.rss_bytes_max;
    c->asked_ms = now_ms();
    return 0;
}

/* Waits for something, and takes it. */
static int pump(struct ocr_client *c, int timeout_ms, struct err *e)
{
    struct pollfd fds[JOBS_MAX + 2] = {{.fd = c->worker.socket, .events = POLLIN}};
    struct job *whose[JOBS_MAX + 2];
    nfds_t count = 1;

    for (size_t i = 0; i <= JOBS_MAX; i++)
        if (c->jobs[i].used && c->jobs[i].answer >= 0) {
            whose[count] = &c->jobs[i];
            fds[count++] = (struct pollfd){.fd = c->jobs[i].answer, .events = POLLIN};
        }
    if (poll(fds, count, timeout_ms) < 0)
        return errno == EINTR ? 0 : err_set_errno(e, ERR_FAILED, "reader: poll");
    for (nfds_t i = 1; i < count; i++)
        if (fds[i].revents != 0)
            job_read(whose[i]);
    if (fds[0].revents != 0 && take_verdict(c) != 0)
        return worker_gone(c, e);
    return 0;
}

/* --- one at a time ------------------------------------------------------- */

/* Asks and waits; on success the caller releases *j. */
static int ask_and_wait(struct ocr_client *c, struct question q, int fd,
                        struct client_unpacking *u, struct job **out, struct err *e)
{
    struct job *j = job_unused(c, true);

    if (ask(c, j, q, fd, e) != 0)
        return -1;
    j->unpacking = u;
    while (!job_complete(j))
        if (pump(c, -1, e) != 0)
            return -1; /* the jobs went with the worker */
    if (j->verdict.unable) {
        (void)err_set(e, ERR_FAILED, "reader: %.200s", j->verdict.text);
        job_release(j);
        return -1;
    }
    *out = j;
    return 0;
}

/* The verdict's refusal; CRASHED if the child ended well and talked rubbish. */
static enum refusal judge(const struct job *j, int decoded)
{
    if (j->verdict.refusal != REFUSAL_NONE)
        return j->verdict.refusal;
    return decoded == 0 ? REFUSAL_NONE : REFUSAL_CRASHED;
}

int ocr_identify(struct ocr_client *c, int fd, struct identity *out, struct err *e)
{
    struct job *j;
    struct err rubbish;
    enum refusal r;

    *out = (struct identity){0};
    if (ask_and_wait(c, (struct question){.kind = QUESTION_IDENTIFY}, fd, NULL, &j, e) !=
        0)
        return -1;
    r = judge(j, identity_decode(out, j->bytes.bytes, j->bytes.count, &rubbish));
    if (r != REFUSAL_NONE)
        *out = (struct identity){.refusal = r};
    job_release(j);
    return 0;
}

int ocr_look(struct ocr_client *c, int fd, uint32_t page, struct look *out, struct err *e)
{
    struct job *j;
    struct err rubbish;
    enum refusal r;

    *out = (struct look){0};
    if (ask_and_wait(c, (struct question){.kind = QUESTION_LOOK, .page = page}, fd, NULL,
                     &j, e) != 0)
        return -1;
    r = judge(j, look_decode(out, j->bytes.bytes, j->bytes.count, &rubbish));
    if (r != REFUSAL_NONE)
        *out = (struct look){.refusal = r};
    job_release(j);
    return 0;
}

static void take_reading(const struct job *j, struct reading *out)
{
    struct err rubbish;
    enum refusal r =
        judge(j, reading_decode(out, j->bytes.bytes, j->bytes.count, &rubbish));

    if (r == REFUSAL_NONE)
        return;
    reading_release(out);
    out->refusal = r;
}

int ocr_read(struct ocr_client *c, int fd, uint32_t page, unsigned quarter_turns,
             struct reading *out, struct err *e)
{
    const struct question q = {
        .kind = QUESTION_READ, .page = page, .quarter_turns = (uint8_t)quarter_turns};
    struct job *j;

    *out = (struct reading){0};
    if (ask_and_wait(c, q, fd, NULL, &j, e) != 0)
        return -1;
    take_reading(j, out);
    job_release(j);
    return 0;
}

int ocr_unpack(struct ocr_client *c, int fd, const struct entry_sink *sink,
               enum refusal *refusal, struct err *e)
{
    struct client_unpacking u;
    struct job *j;
    int rc = -1;

    *refusal = REFUSAL_NONE;
    if (client_unpacking_init(&u, sink, e) != 0)
        return -1;
    if (ask_and_wait(c, (struct question){.kind = QUESTION_UNPACK}, fd, &u, &j, e) == 0) {
        rc = client_unpacking_finish(&u, j->verdict.refusal, refusal, e);
        job_release(j);
    } else {
        struct err later; /* the worker's end is the news */

        (void)client_unpacking_finish(&u, REFUSAL_CRASHED, refusal, &later);
    }
    client_unpacking_release(&u);
    return rc;
}

/* --- many at once -------------------------------------------------------- */

int ocr_submit_read(struct ocr_client *c, uint64_t ticket, int fd, uint32_t page,
                    unsigned quarter_turns, struct err *e)
{
    const struct question q = {
        .kind = QUESTION_READ, .page = page, .quarter_turns = (uint8_t)quarter_turns};
    struct job *j = job_unused(c, false);

    if (ask(c, j, q, fd, e) != 0)
        return -1;
    j->ticket = ticket;
    return 0;
}

unsigned ocr_at_work(const struct ocr_client *c)
{
    unsigned count = 0;

    for (size_t i = 0; i < JOBS_MAX; i++)
        count += c->jobs[i].used;
    return count;
}

static struct job *job_finished(struct ocr_client *c)
{
    for (size_t i = 0; i < JOBS_MAX; i++)
        if (job_complete(&c->jobs[i]))
            return &c->jobs[i];
    return NULL;
}

/* A worker that cannot is not the page's fault: an error, and all are given back. */
static int give(struct ocr_client *c, struct job *j, uint64_t *ticket,
                struct reading *out, struct err *e)
{
    if (j->verdict.unable) {
        (void)err_set(e, ERR_FAILED, "reader: %.200s", j->verdict.text);
        end_worker(c);
        return -1;
    }
    *ticket = j->ticket;
    take_reading(j, out);
    job_release(j);
    return 1;
}

int ocr_wait_read(struct ocr_client *c, int timeout_ms, uint64_t *ticket,
                  struct reading *out, struct err *e)
{
    int64_t until_ms = now_ms() + timeout_ms;

    *out = (struct reading){0};
    for (;;) {
        struct job *j = job_finished(c);
        int64_t left = timeout_ms < 0 ? -1 : until_ms - now_ms();

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
        now_ms() - c->asked_ms >= OCR_IDLE_MS)
        end_worker(c);
}

uint64_t ocr_rss_bytes_max(const struct ocr_client *c)
{
    return c->rss_bytes_max;
}
