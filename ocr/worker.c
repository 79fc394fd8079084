#include "ocr/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cage.h"
#include "base/clock.h"
#include "ocr/archive.h"
#include "ocr/child.h"
#include "ocr/client.h"
#include "ocr/remarks.h"
#include "ocr/repack/repack.h"

#define JOBS_MAX (OCR_JOBS_MAX + 8) /* a client's, and what it asks between */
#define DRAW     "/usr/bin/pdftoppm"
/* A page that is too large at 300 dpi is a plan or a map. */
#define COARSE_DPI   150
#define COARSEST_DPI 100
#define MIB          (1ull << 20)

/* A page of 9 megapixels takes 250 MB with model and libraries; a picture of
 * PIXELS_MAX in colour takes 400 MB before it is scaled down. */
#define MEMORY_BYTES_MAX  (768 * MIB)
#define DRAWING_BYTES_MAX (PIXELS_MAX + 64ull) /* a PNM's header is shorter */
#define DRAWING_BYTES_MIN 64           /* too large a page comes as one of 1 x 1 pixels */
#define DRAW_MEMORY_BYTES (1024 * MIB) /* pdftoppm keeps all of its input */

enum stage { UNUSED, OPENING, DRAWING, READING_DRAWN };

struct job {
    enum stage stage;
    struct question question;
    int document, answer; /* owned */
    int drawing, remarks; /* owned; -1: none */
    uint32_t drawn_dpi;
    int64_t until_ms; /* when the wall clock of all its children is up */
    uint64_t rss_bytes_max;
    struct cage cage;
};

struct worker {
    int socket;
    bool uncaged;
    unsigned without;
    struct recogniser *recogniser; /* NULL before the first page */
    struct job jobs[JOBS_MAX];
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* nothing of ours was written to it */
    *fd = -1;
}

/* --- verdicts ------------------------------------------------------------ */

/* Ends the job and tells the client. That it has gone shows at the next poll. */
static void job_end(struct worker *w, struct job *j, const struct verdict *v)
{
    struct verdict told = *v;
    struct buffer message;
    struct err e;

    told.ticket = j->question.ticket;
    told.rss_bytes_max = j->rss_bytes_max;
    cage_kill(&j->cage);
    /* Before the verdict: after it, the answer's pipe has ended. */
    close_fd(&j->answer);
    close_fd(&j->document);
    close_fd(&j->drawing);
    close_fd(&j->remarks);
    j->stage = UNUSED;
    buffer_init(&message, MESSAGE_BYTES_MAX);
    verdict_encode(&told, &message);
    /* A verdict that does not arrive: the client has gone, or gives us up. */
    (void)message_send(w->socket, &message, NULL, 0, &e);
    buffer_release(&message);
}

static void job_answered(struct worker *w, struct job *j)
{
    job_end(w, j, &(struct verdict){.refusal = REFUSAL_NONE});
}

static void job_refuse(struct worker *w, struct job *j, enum refusal r)
{
    job_end(w, j, &(struct verdict){.refusal = r});
}

static void job_unable(struct worker *w, struct job *j, const char *text)
{
    struct verdict v = {.unable = true};

    (void)snprintf(v.text, sizeof v.text, "%s", text); /* a cut text is fine */
    job_end(w, j, &v);
}

/* --- children ------------------------------------------------------------ */

static int start(struct worker *w, struct job *j, struct cage_spec *spec, struct err *e)
{
    int64_t left = j->until_ms - clock_mono_now_ms();

    spec->uncaged = w->uncaged;
    spec->limits.wall_ms_max = left < 1 ? 1 : (uint32_t)left;
    /* Waiting for a busy machine is not the page's fault: less than the wall. */
    spec->limits.cpu_s_max = 1 + spec->limits.wall_ms_max / 1200;
    return cage_start(&j->cage, spec, e);
}

/* A document is mapped, and its size no reason to refuse it. */
static uint64_t bytes_of(int fd)
{
    struct stat s;

    return fstat(fd, &s) == 0 && s.st_size > 0 ? (uint64_t)s.st_size : 0;
}

/* A copy is written in memory, out of pictures that are copied into it. */
static uint64_t memory_for(enum question_kind kind, uint64_t document_bytes)
{
    return MEMORY_BYTES_MAX + document_bytes * (kind == QUESTION_COPY ? 4 : 1);
}

static int start_child(struct worker *w, struct job *j, enum stage stage, struct err *e)
{
    bool drawn = stage == READING_DRAWN;
    int document = drawn ? j->drawing : j->document;
    struct child_task task = {j->question, drawn, j->drawn_dpi, w->recogniser};
    struct cage_spec spec = {
        .profile = CAGE_COMPUTE,
        .limits.memory_bytes_max = memory_for(j->question.kind, bytes_of(document)),
        .fds = {document, j->answer},
        .fds_count = 2,
        .run = child_run,
        .arg = &task,
    };

    j->stage = stage;
    return start(w, j, &spec, e);
}

/* The document once more, from its beginning: the offset of the one that we were
 * given is shared with whoever else has it drawn. */
static int open_again(int fd)
{
    char path[32];

    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static int start_drawing(struct worker *w, struct job *j, uint32_t dpi, struct err *e)
{
    char page[12], resolution[12];
    /* In colour: stamps are red, and lifted off the letters by it. */
    const char *const argv[] = {DRAW, "-f",       page, "-l", page,
                                "-r", resolution, "-",  NULL};
    struct cage_spec spec = {.profile = CAGE_PROGRAM, .fds_count = 3, .argv = argv};
    int document = open_again(j->document), rc;

    (void)snprintf(page, sizeof page, "%u", j->question.page + 1);
    (void)snprintf(resolution, sizeof resolution, "%u", dpi);
    close_fd(&j->drawing);
    close_fd(&j->remarks);
    j->remarks = remarks_create();
    j->drawing = memfd_create("page", MFD_CLOEXEC);
    if (document < 0 || j->drawing < 0 || j->remarks < 0) {
        close_fd(&document);
        return err_set_errno(e, ERR_FAILED, "no descriptors to draw with");
    }
    spec.limits.memory_bytes_max = DRAW_MEMORY_BYTES + bytes_of(j->document);
    spec.limits.file_bytes_max = DRAWING_BYTES_MAX;
    spec.fds[0] = document;
    spec.fds[1] = j->drawing;
    spec.fds[2] = j->remarks;
    j->stage = DRAWING;
    j->drawn_dpi = dpi;
    rc = start(w, j, &spec, e);
    close_fd(&document);
    return rc;
}

/* --- how they end -------------------------------------------------------- */

static enum refusal refusal_of(enum cage_end end)
{
    switch (end) {
    case CAGE_TIMED_OUT:
        return REFUSAL_TIMED_OUT;
    case CAGE_FORBIDDEN:
        return REFUSAL_FORBIDDEN;
    case CAGE_ENDED: /* with a status that no child of ours has */
    case CAGE_CRASHED:
        break;
    }
    return REFUSAL_CRASHED;
}

static void go_on(struct worker *w, struct job *j, int rc, const struct err *e)
{
    if (rc != 0)
        job_unable(w, j, e->text);
}

static void computed(struct worker *w, struct job *j, enum cage_end end, int status)
{
    struct err e;

    if (end != CAGE_ENDED)
        job_refuse(w, j, refusal_of(end));
    else if (status == CHILD_EXIT_ANSWERED)
        job_answered(w, j);
    else if (child_drawing_dpi(status) != 0 && j->stage == OPENING)
        go_on(w, j, start_drawing(w, j, child_drawing_dpi(status), &e), &e);
    else if (status == CAGE_EXIT_OPEN)
        job_unable(w, j,
                   "the cage cannot be closed on this system (--no-cage goes "
                   "without)");
    else if (status == CAGE_EXIT_MEMORY)
        job_refuse(w, j, REFUSAL_OUT_OF_MEMORY);
    else if (status > CHILD_EXIT_REFUSED && status < CHILD_EXIT_REFUSED + REFUSAL_COUNT)
        job_refuse(w, j, (enum refusal)(status - CHILD_EXIT_REFUSED));
    else if (status == CHILD_EXIT_LARGE)
        job_refuse(w, j, REFUSAL_TOO_LARGE);
    else
        job_refuse(w, j, REFUSAL_CRASHED);
}

static void drawn(struct worker *w, struct job *j, enum cage_end end, int status)
{
    uint64_t bytes = bytes_of(j->drawing);
    bool too_large =
        (end == CAGE_CRASHED && status == SIGXFSZ) ||
        (end == CAGE_ENDED && status == 0 && bytes > 0 && bytes < DRAWING_BYTES_MIN);
    struct err e;

    if (too_large && j->drawn_dpi > COARSEST_DPI)
        go_on(w, j,
              start_drawing(w, j, j->drawn_dpi > COARSE_DPI ? COARSE_DPI : COARSEST_DPI,
                            &e),
              &e);
    else if (too_large)
        job_refuse(w, j, REFUSAL_TOO_LARGE);
    else if (end != CAGE_ENDED)
        job_refuse(w, j, refusal_of(end));
    else if (status == CAGE_EXIT_EXEC)
        job_unable(w, j, DRAW " is missing (Debian: poppler-utils)");
    else if (status == CAGE_EXIT_OPEN)
        job_unable(w, j, "the cage of " DRAW " cannot be closed");
    else if (status != 0 || bytes == 0)
        job_refuse(w, j, REFUSAL_DAMAGED);
    else if (remarks_miss_font(j->remarks))
        job_refuse(w, j, REFUSAL_NO_FONT);
    else
        go_on(w, j, start_child(w, j, READING_DRAWN, &e), &e);
}

static void job_check(struct worker *w, struct job *j)
{
    enum cage_end end;
    int status;

    if (cage_check(&j->cage, &end, &status) == 0)
        return;
    if (j->cage.rss_bytes_max > j->rss_bytes_max)
        j->rss_bytes_max = j->cage.rss_bytes_max;
    if (j->stage == DRAWING)
        drawn(w, j, end, status);
    else
        computed(w, j, end, status);
}

/* --- questions ----------------------------------------------------------- */

static struct job *job_unused(struct worker *w)
{
    for (size_t i = 0; i < JOBS_MAX; i++)
        if (w->jobs[i].stage == UNUSED)
            return &w->jobs[i];
    return NULL;
}

static void job_begin(struct worker *w, struct job *j)
{
    enum question_kind kind = j->question.kind;
    bool needs_model = kind == QUESTION_LOOK || kind == QUESTION_READ;
    struct err e;

    if (needs_model && w->recogniser == NULL &&
        recogniser_create(&w->recogniser, w->without, &e) != 0) {
        job_unable(w, j, e.text);
        return;
    }
    j->until_ms = clock_mono_now_ms() + question_wall_ms(&j->question);
    go_on(w, j, start_child(w, j, OPENING, &e), &e);
}

/* 1: go on; 0: the client has gone; -1: it is none of ours. */
static int take_question(struct worker *w, struct err *e)
{
    struct job *j = job_unused(w);
    struct question q;
    struct buffer message;
    int fds[QUESTION_FDS], rc;

    buffer_init(&message, MESSAGE_BYTES_MAX);
    rc = message_receive(w->socket, &message, fds, QUESTION_FDS, e);
    if (rc == 1 &&
        (question_decode(&q, message.bytes, message.count, e) != 0 || j == NULL)) {
        close_fd(&fds[0]);
        close_fd(&fds[1]);
        rc = j == NULL ? err_set(e, ERR_FAILED, "more than %d questions", JOBS_MAX) : -1;
    }
    buffer_release(&message);
    if (rc != 1)
        return rc;
    *j = (struct job){.question = q,
                      .document = fds[0],
                      .answer = fds[1],
                      .drawing = -1,
                      .remarks = -1};
    job_begin(w, j);
    return 1;
}

/* --- the loop ------------------------------------------------------------ */

/* Waits for a question or for the end of a child. True: a question is there. */
static bool wait_for_something(struct worker *w)
{
    struct pollfd fds[1 + JOBS_MAX] = {{.fd = w->socket, .events = POLLIN}};
    nfds_t count = 1;
    int left = -1;

    for (size_t i = 0; i < JOBS_MAX; i++) {
        struct job *j = &w->jobs[i];
        int its;

        if (j->stage == UNUSED)
            continue;
        its = cage_left_ms(&j->cage);
        if (left < 0 || its < left)
            left = its;
        fds[count++] = (struct pollfd){.fd = j->cage.pidfd, .events = POLLIN};
    }
    return poll(fds, count, left) > 0 && fds[0].revents != 0;
}

static int serve(struct worker *w, struct err *e)
{
    for (;;) {
        if (wait_for_something(w)) {
            int rc = take_question(w, e);

            if (rc != 1)
                return rc;
        }
        for (size_t i = 0; i < JOBS_MAX; i++)
            if (w->jobs[i].stage != UNUSED)
                job_check(w, &w->jobs[i]);
    }
}

static void job_drop(struct job *j)
{
    if (j->stage == UNUSED)
        return;
    cage_kill(&j->cage);
    close_fd(&j->document);
    close_fd(&j->answer);
    close_fd(&j->drawing);
    close_fd(&j->remarks);
}

int worker_serve(int socket, const struct worker_options *o, struct err *e)
{
    struct worker *w = calloc(1, sizeof *w);
    int rc = -1;

    if (w == NULL)
        return err_set(e, ERR_MEMORY, "worker: out of memory");
    w->socket = socket;
    w->uncaged = o->uncaged;
    w->without = o->without;
    repack_warm();
    if (archive_warm(e) == 0)
        rc = serve(w, e);
    for (size_t i = 0; i < JOBS_MAX; i++)
        job_drop(&w->jobs[i]);
    recogniser_destroy(w->recogniser);
    free(w);
    return rc == 0 ? 0 : err_wrap(e, "worker");
}
