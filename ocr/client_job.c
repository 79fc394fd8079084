#include "ocr/client_job.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ocr/small/small.h"

#define CHUNK 65536

void client_job_release(struct client_job *j)
{
    if (j->used && j->answer >= 0)
        (void)close(j->answer);
    buffer_release(&j->bytes);
    *j = (struct client_job){0};
}

bool client_job_complete(const struct client_job *j)
{
    return j->used && j->judged && j->answer < 0;
}

int client_job_send(struct client_job *j, int socket, const struct question *q, int fd,
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
    if (message_send(socket, &message, (int[]){fd, ends[1]}, QUESTION_FDS, e) != 0)
        goto out;
    *j = (struct client_job){
        .used = true, .kind = q->kind, .number = q->ticket, .answer = ends[0]};
    buffer_init(&j->bytes, q->kind == QUESTION_SMALL  ? SMALL_ANSWER_BYTES_MAX
                           : q->kind == QUESTION_VIEW ? VIEW_BYTES_MAX
                                                      : ANSWER_BYTES_MAX);
    ends[0] = -1; /* now the job's */
    rc = 0;
out:
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            (void)close(ends[i]);
    buffer_release(&message);
    return rc;
}

static void job_close(struct client_job *j)
{
    (void)close(j->answer); /* only read from */
    j->answer = -1;
}

/* Whoever says too much is not listened to: closing the pipe ends the child. */
static void job_take(struct client_job *j, const void *bytes, size_t count)
{
    if (j->taker.take != NULL) {
        if (!j->taker.take(j->taker.arg, bytes, count))
            job_close(j);
        return;
    }
    buffer_append(&j->bytes, bytes, count);
    if (j->bytes.failed != ERR_NONE)
        job_close(j);
}

void client_job_read(struct client_job *j)
{
    unsigned char chunk[CHUNK];
    ssize_t n = read(j->answer, chunk, sizeof chunk);

    if (n > 0)
        job_take(j, chunk, (size_t)n);
    else if (n == 0 || (errno != EINTR && errno != EAGAIN))
        job_close(j);
}

enum refusal client_job_judge(const struct client_job *j, int decoded)
{
    if (j->verdict.refusal != REFUSAL_NONE)
        return j->verdict.refusal;
    return decoded == 0 ? REFUSAL_NONE : REFUSAL_CRASHED;
}
