#include "ocr/client_stream.h"

#include "ocr/output.h"

static bool stream_take(void *arg, const void *bytes, size_t count)
{
    struct client_stream *s = arg;

    s->count += count;
    s->over = s->count > s->count_max;
    if (s->over)
        return false;
    hasher_add(&s->hasher, bytes, count);
    s->failed = s->fd >= 0 && output_write(s->fd, bytes, count, &s->err) != 0;
    return !s->failed;
}

int client_stream_ask(struct ocr_client *c, struct question q, int fd,
                      struct client_stream *s, enum refusal *refusal, struct err *e)
{
    const struct client_taker taker = {stream_take, s};
    struct client_job *j;

    hasher_init(&s->hasher);
    if (client_ask(c, q, fd, &taker, &j, e) != 0)
        return -1;
    *refusal = s->over ? REFUSAL_NONE : j->verdict.refusal;
    client_job_release(j);
    if (!s->failed)
        return 0;
    *e = s->err;
    return -1;
}
