#include "ocr/protocol.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ocr/client.h"

#define QUESTION_MAGIC 0x31517254u /* "TrQ1" */
#define VERDICT_MAGIC  0x31567254u /* "TrV1" */
#define TURNS_MAX      3
#define FDS_MAX        4

uint32_t question_wall_ms(const struct question *q)
{
    static const uint32_t kinds[] = {
        [QUESTION_IDENTIFY] = 60000,
        [QUESTION_LOOK] = OCR_PAGE_WALL_MS,
        [QUESTION_READ] = OCR_PAGE_WALL_MS,
        [QUESTION_SMALL] = OCR_PAGE_WALL_MS,
        [QUESTION_PICTURE] = OCR_PAGE_WALL_MS,
        [QUESTION_VIEW] = OCR_PAGE_WALL_MS,
        /* These wait for the disk of who asked. */
        [QUESTION_UNPACK] = 3600000,
        [QUESTION_REPACK] = 3600000,
        [QUESTION_RESTORE] = 3600000,
        [QUESTION_COPY] = 3600000,
    };

    return q->wall_ms_max != 0 ? q->wall_ms_max : kinds[q->kind];
}

void question_encode(const struct question *q, struct buffer *out)
{
    buffer_append_u32(out, QUESTION_MAGIC);
    buffer_append_u64(out, q->ticket);
    buffer_append_byte(out, (uint8_t)q->kind);
    buffer_append_u32(out, q->page);
    buffer_append_byte(out, q->quarter_turns);
    buffer_append_byte(out, (uint8_t)q->way);
    buffer_append_u32(out, q->wall_ms_max);
}

int question_decode(struct question *out, const void *bytes, size_t count, struct err *e)
{
    struct cursor c;
    struct question q;
    unsigned kind, way;
    bool known;

    *out = (struct question){0};
    cursor_init(&c, bytes, count);
    known = cursor_u32(&c) == QUESTION_MAGIC;
    q.ticket = cursor_u64(&c);
    kind = cursor_byte(&c);
    q.page = cursor_u32(&c);
    q.quarter_turns = cursor_byte(&c);
    way = cursor_byte(&c);
    q.wall_ms_max = cursor_u32(&c);
    if (cursor_done(&c, "question", e) != 0)
        return -1;
    if (!known || kind < QUESTION_IDENTIFY || kind > QUESTION_LAST ||
        q.quarter_turns > TURNS_MAX || way > WAY_LAST)
        return err_set(e, ERR_CORRUPT, "question is none of ours");
    q.kind = (enum question_kind)kind;
    q.way = (enum reading_way)way;
    *out = q;
    return 0;
}

void verdict_encode(const struct verdict *v, struct buffer *out)
{
    buffer_append_u32(out, VERDICT_MAGIC);
    buffer_append_u64(out, v->ticket);
    buffer_append_byte(out, v->unable);
    buffer_append_byte(out, (uint8_t)v->refusal);
    buffer_append_u64(out, v->rss_bytes_max);
    buffer_append_text(out, v->text);
}

static void take_text(struct cursor *c, char *text, size_t text_size)
{
    size_t count = cursor_left(c);
    const unsigned char *bytes = cursor_take(c, count);

    if (bytes == NULL || count >= text_size || memchr(bytes, '\0', count) != NULL)
        c->failed = true;
    else
        memcpy(text, bytes, count);
}

int verdict_decode(struct verdict *out, const void *bytes, size_t count, struct err *e)
{
    struct cursor c;
    struct verdict v = {0};
    unsigned unable, refusal;
    bool known;

    *out = (struct verdict){0};
    cursor_init(&c, bytes, count);
    known = cursor_u32(&c) == VERDICT_MAGIC;
    v.ticket = cursor_u64(&c);
    unable = cursor_byte(&c);
    refusal = cursor_byte(&c);
    v.rss_bytes_max = cursor_u64(&c);
    take_text(&c, v.text, sizeof v.text);
    if (cursor_done(&c, "verdict", e) != 0)
        return -1;
    if (!known || unable > 1 || refusal >= REFUSAL_COUNT)
        return err_set(e, ERR_CORRUPT, "verdict is none of ours");
    v.unable = unable == 1;
    v.refusal = (enum refusal)refusal;
    *out = v;
    return 0;
}

/* Room for the descriptors of one message, aligned as the kernel wants it. */
union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
};

int message_send(int socket, const struct buffer *message, const int *fds,
                 size_t fds_count, struct err *e)
{
    union control control = {0};
    struct iovec part = {message->bytes, message->count};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t n;

    if (buffer_check(message, e) != 0)
        return -1;
    if (fds_count > FDS_MAX)
        return err_set(e, ERR_FAILED, "message with %zu descriptors", fds_count);
    if (fds_count > 0) {
        struct cmsghdr *c = &control.header;

        m.msg_control = &control;
        m.msg_controllen = CMSG_SPACE(fds_count * sizeof(int));
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(fds_count * sizeof(int));
        memcpy(CMSG_DATA(c), fds, fds_count * sizeof(int));
    }
    do
        n = sendmsg(socket, &m, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? err_set_errno(e, ERR_IO, "message") : 0;
}

/* How many descriptors came; those beyond FDS_MAX the kernel has dropped. */
static size_t take_descriptors(struct msghdr *m, int *came)
{
    size_t count = 0;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        memcpy(came + count, CMSG_DATA(c), n * sizeof(int));
        count += n;
    }
    return count;
}

int message_receive(int socket, struct buffer *message, int *fds, size_t fds_count,
                    struct err *e)
{
    unsigned char bytes[MESSAGE_BYTES_MAX];
    union control control = {0};
    int came[FDS_MAX];
    struct iovec part = {bytes, sizeof bytes};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    size_t came_count;
    ssize_t n;

    buffer_clear(message);
    do
        n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == ECONNRESET)
        return 0; /* it went with a message of ours unread */
    if (n < 0)
        return err_set_errno(e, ERR_IO, "message");
    if (n == 0)
        return 0;
    came_count = take_descriptors(&m, came);
    if (came_count != fds_count || (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        for (size_t i = 0; i < came_count; i++)
            (void)close(came[i]); /* nobody has them */
        return err_set(e, ERR_CORRUPT, "message of %zd bytes with %zu descriptors", n,
                       came_count);
    }
    if (fds_count > 0)
        memcpy(fds, came, fds_count * sizeof(int));
    buffer_append(message, bytes, (size_t)n);
    return buffer_check(message, e) == 0 ? 1 : -1;
}
