#include "sync/centre/connection.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>

#include "base/log.h"
#include "sync/centre/answer.h"
#include "sync/centre/session.h"
#include "sync/http_head.h"
#include "sync/link.h"
#include "sync/stream.h"

#define TLS_FIRST_BYTE 0x16
#define IN_BYTES_MAX   ((size_t)2 * (MESSAGE_HEADER_BYTES + MESSAGE_PAYLOAD_MAX))
#define TURN_BYTES_MAX 65536 /* read in one turn: others wait too */
#define OUT_BYTES_MAX  (4u << 20)
#define OUT_BYTES_FULL 262144 /* who does not listen is not listened to */
#define FROM_BYTES     64
#define HEAR_OUT_TURNS 64 /* more than any kernel's buffer holds */
#define DOWN_TURNS_MAX 32 /* blocks sent down before others have their turn */

enum connection_state { FIRST, SHAKING, HEAD, SYNC, ANSWER, CLOSING };

struct connection {
    const struct connection_post *post;
    enum connection_state state;
    struct stream *stream; /* NULL in FIRST */
    int fd;                /* in FIRST; then the stream's */
    bool local, plain;
    char from[FROM_BYTES];
    int64_t began_ms, deadline_ms;
    struct buffer in, out;
    bool ended;                   /* nothing more will come */
    struct message_thread thread; /* in */
    struct session *session;
    uint16_t site; /* that was here, for the log */
    bool told;
};

/* ----------------------------------------------------------- create, destroy */

int connection_create(struct connection **out, const struct connection_post *post, int fd,
                      const char *from, bool local, int64_t now_ms, struct err *e)
{
    struct connection *c = calloc(1, sizeof *c);

    *out = c;
    if (c == NULL) {
        (void)close(fd);
        return err_set(e, ERR_MEMORY, "connection");
    }
    c->post = post;
    c->fd = fd;
    c->local = local;
    c->began_ms = now_ms;
    c->deadline_ms = now_ms + CONNECTION_HEAD_MS_MAX;
    (void)snprintf(c->from, sizeof c->from, "%s", from);
    buffer_init(&c->in, IN_BYTES_MAX);
    buffer_init(&c->out, OUT_BYTES_MAX);
    return 0;
}

void connection_destroy(struct connection *c)
{
    if (c == NULL)
        return;
    session_destroy(c->session);
    stream_destroy(c->stream);
    if (c->fd >= 0)
        (void)close(c->fd);
    buffer_release(&c->in);
    buffer_release(&c->out);
    free(c);
}

/* ------------------------------------------------------------ state to state */

/* bytes_lost: came, and were no whole message when it ended, or lay behind a gap; they come
 * again. */
static void log_contact(const struct connection *c, int64_t now_ms, const char *how)
{
    log_line("sync",
             "event=contact site=%u from=%s took_ms=%" PRId64 " bytes_in=%" PRIu64
             " bytes_out=%" PRIu64 " bytes_handshake=%" PRIu64 " bytes_lost=%" PRIu64
             " ended=\"%s\"",
             c->site, c->from, now_ms - c->began_ms, stream_bytes_in(c->stream),
             stream_bytes_out(c->stream), stream_bytes_handshake(c->stream),
             c->in.count + stream_bytes_unfinished(c->stream) +
                 session_bytes_ahead(c->session),
             how);
}

/* Says what is still to be said, and then nothing more. */
static void begin_closing(struct connection *c, int64_t now_ms)
{
    session_destroy(c->session); /* makes durable what came of unfinished objects */
    c->session = NULL;
    c->state = CLOSING;
    c->deadline_ms = now_ms + CONNECTION_CLOSE_MS_MAX;
    buffer_clear(&c->in);
    stream_end(c->stream);
}

static void drop_front(struct buffer *b, size_t count)
{
    memmove(b->bytes, b->bytes + count, b->count - count);
    b->count -= count;
}

/* 1: go on; 0: wait; -1: over. */
static int advance_first(struct connection *c, struct err *e)
{
    unsigned char byte;
    ssize_t n = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    int rc;

    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return 0;
    if (n <= 0)
        return err_set(e, ERR_IO, "nothing was said");
    c->plain = byte != TLS_FIRST_BYTE;
    if (c->plain && !c->local)
        return err_set(e, ERR_REFUSED, "plain text from another machine");
    rc = stream_create(&c->stream, c->fd, c->plain ? NULL : c->post->tls, e);
    c->fd = -1;
    if (rc != 0)
        return -1;
    c->state = SHAKING;
    return 1;
}

static bool take_nonce(const struct http_head *head, uint8_t out[LINK_BINDING_BYTES])
{
    struct http_text hex;
    char digits[HASH_HEX_BYTES] = "";
    struct hash nonce;

    if (!http_head_field(head, LINK_NONCE, &hex) || hex.count != sizeof digits - 1)
        return false;
    memcpy(digits, hex.bytes, hex.count);
    if (!hash_from_hex(&nonce, digits))
        return false;
    memcpy(out, nonce.bytes, LINK_BINDING_BYTES);
    return true;
}

/* 1: a session has begun. 0: it is an ordinary request. */
static int begin_session(struct connection *c, const struct http_head *head,
                         struct err *e)
{
    uint8_t binding[LINK_BINDING_BYTES];

    if (!http_text_is(head->method, "GET") || !http_text_is(head->target, LINK_TARGET) ||
        !http_head_lists(head, "Upgrade", LINK_PROTOCOL))
        return 0;
    if (c->plain ? !take_nonce(head, binding) : !stream_binding(c->stream, binding))
        return 0;
    if (session_create(&c->session, c->post->centre, binding, sizeof binding, e) != 0)
        return -1;
    c->state = SYNC;
    buffer_append_text(&c->out, "HTTP/1.1 101 Switching Protocols\r\n"
                                "Upgrade: " LINK_PROTOCOL "\r\n"
                                "Connection: Upgrade\r\n\r\n");
    return 1;
}

/* Who said in the handshake that it speaks as we do has nothing to ask. */
static int begin_unasked(struct connection *c, int64_t now_ms, struct err *e)
{
    uint8_t binding[LINK_BINDING_BYTES];

    if (!stream_binding(c->stream, binding))
        return err_set(e, ERR_FAILED, "TLS gives no binding");
    c->state = SYNC;
    c->deadline_ms = now_ms + CONNECTION_SILENT_MS_MAX;
    return session_create(&c->session, c->post->centre, binding, sizeof binding, e);
}

static int advance_head(struct connection *c, int64_t now_ms, struct err *e)
{
    struct http_head head;
    size_t used;
    int whole = http_request_parse(&head, &used, c->in.bytes, c->in.count, e);
    int begun = 0;

    if (whole == 0)
        return c->ended ? err_set(e, ERR_IO, "left before asking") : 0;
    if (whole == 1) {
        begun = begin_session(c, &head, e);
        if (begun < 0)
            return -1;
        if (begun == 0)
            answer_request(c->post->answers, &head,
                           &(struct answer_rules){.address = c->post->address,
                                                  .open = c->post->open,
                                                  .local = c->local},
                           &c->out);
    } else {
        answer_malformed(&c->out);
    }
    drop_front(&c->in, begun == 1 ? used : c->in.count);
    if (begun == 1) {
        c->deadline_ms = now_ms + CONNECTION_SILENT_MS_MAX;
    } else {
        c->state = ANSWER;
        c->deadline_ms = now_ms + CONNECTION_ANSWER_MS_MAX;
    }
    return buffer_check(&c->out, e) == 0 ? 1 : -1;
}

/* Messages, until there is no whole one or too much is waiting to be sent. */
static int advance_sync(struct connection *c, int64_t now_ms, struct err *e)
{
    size_t at = 0;
    int rc = 1;

    while (rc == 1 && c->out.count < OUT_BYTES_FULL) {
        struct message m;
        size_t used;

        rc = message_next(&m, &used, c->in.bytes + at, c->in.count - at, e);
        if (rc != 1)
            break;
        at += used;
        c->told = true;
        if (message_lengthen(&c->thread, &m, e) != 0)
            return -1;
        rc = session_message(c->session, &m, &c->out, e);
        if (session_site(c->session) != 0 && c->site == 0) {
            c->site = session_site(c->session);
            c->post->greeted(c->post->arg, c, c->site);
        }
        if (rc == 0) {
            log_contact(c, now_ms, "refused");
            c->state = ANSWER; /* what is in `out`, and then the end */
            c->deadline_ms = now_ms + CONNECTION_ANSWER_MS_MAX;
            at = c->in.count;
            break;
        }
    }
    drop_front(&c->in, at);
    if (at > 0 && c->state == SYNC)
        c->deadline_ms = now_ms + CONNECTION_SILENT_MS_MAX;
    if (rc == 0 && c->ended && c->state == SYNC)
        return err_set(e, ERR_NONE, "the box has closed it");
    return rc < 0 ? -1 : 0;
}

/* ------------------------------------------------------------------- advance */

/* Before anything is written: when the link has broken, what had come is still to be
 * had, and every byte of it was dear. */
static int hear(struct connection *c, bool *again, struct err *e)
{
    size_t before = c->in.count;

    if (c->ended || c->out.count >= OUT_BYTES_FULL)
        return 0;
    if (stream_read(c->stream, &c->in, TURN_BYTES_MAX, &c->ended, e) != 0)
        return -1;
    *again = c->in.count - before >= TURN_BYTES_MAX || stream_pending(c->stream);
    if (c->state == CLOSING || c->state == ANSWER)
        buffer_clear(&c->in); /* too late to be listened to */
    return 0;
}

/* The kernel takes more when the box has acknowledged what was before: it is there. */
static int write_out(struct connection *c, int64_t now_ms, struct err *e)
{
    size_t before = c->out.count;

    if (before == 0)
        return 0;
    if (stream_write(c->stream, &c->out, c->session == NULL ? NULL : message_cut, e) != 0)
        return -1;
    if (c->state == SYNC && c->out.count < before)
        c->deadline_ms = now_ms + CONNECTION_SILENT_MS_MAX;
    return 0;
}

/* Sends what there is to say, and of what goes down so much that little lies in hand:
 * a receipt that comes next waits for no more than that. */
static int say(struct connection *c, int64_t now_ms, bool *again, struct err *e)
{
    int more = 1;

    for (int i = 0; more == 1 && i < DOWN_TURNS_MAX; i++) {
        if (write_out(c, now_ms, e) != 0)
            return -1;
        more = 0;
        if (c->state == SYNC && c->out.count < LINK_ROOM_BYTES)
            more = session_room(c->session, &c->out, e);
        if (more < 0)
            return -1;
    }
    *again = *again || more == 1;
    return 0;
}

static int advance(struct connection *c, int64_t now_ms, bool *again, struct err *e)
{
    int rc;

    *again = false;
    if (c->state == FIRST && (rc = advance_first(c, e)) <= 0)
        return rc;
    if (c->state == SHAKING) {
        rc = stream_handshake(c->stream, e);
        if (rc <= 0)
            return rc;
        c->state = HEAD;
        if (stream_speaks_ours(c->stream) && begin_unasked(c, now_ms, e) != 0)
            return -1;
    }
    if (hear(c, again, e) != 0)
        return -1;
    if (c->state == HEAD && (rc = advance_head(c, now_ms, e)) <= 0)
        return rc;
    if (c->state == SYNC && advance_sync(c, now_ms, e) != 0)
        return -1;
    if (say(c, now_ms, again, e) != 0)
        return -1;
    if (c->state == ANSWER && c->out.count == 0)
        begin_closing(c, now_ms);
    if (c->state == CLOSING && c->ended)
        return err_set(e, ERR_NONE, "done");
    return 0;
}

bool connection_advance(struct connection *c, int64_t now_ms, bool *again)
{
    struct err e = {0};

    *again = false;
    if (now_ms >= c->deadline_ms) {
        if (c->state == SYNC)
            log_contact(c, now_ms, "silent");
        return false;
    }
    if (advance(c, now_ms, again, &e) == 0)
        return true;
    if (c->state == SYNC)
        log_contact(c, now_ms, e.text);
    else if (e.code == ERR_FAILED || e.code == ERR_MEMORY)
        log_line("centre", "event=connection_failed from=%s reason=\"%s\"", c->from,
                 e.text);
    return false;
}

/* ---------------------------------------------------------------- for the loop */

int connection_fd(const struct connection *c)
{
    return c->stream == NULL ? c->fd : stream_fd(c->stream);
}

short connection_events(const struct connection *c)
{
    short events;

    if (c->stream == NULL)
        return POLLIN;
    events = stream_events(c->stream, c->out.count > 0);
    if (c->ended || c->out.count >= OUT_BYTES_FULL)
        events &= ~POLLIN;
    return events;
}

int64_t connection_deadline_ms(const struct connection *c)
{
    return c->deadline_ms;
}

bool connection_was_told(struct connection *c)
{
    bool told = c->told;

    c->told = false;
    return told;
}

/* Takes what its socket still holds; what would be answered goes nowhere. */
static void hear_out(struct connection *c, int64_t now_ms)
{
    bool again = true;
    struct err e;

    for (int i = 0; i < HEAR_OUT_TURNS && again && c->state == SYNC; i++) {
        again = false;
        buffer_clear(&c->out);
        if (hear(c, &again, &e) != 0 || advance_sync(c, now_ms, &e) != 0)
            return;
    }
}

void connection_leave_to(struct connection *c, uint16_t site)
{
    struct clock *clock = c->post->centre->clock;

    if (c->state != SYNC || c->site != site)
        return;
    hear_out(c, clock->mono_ms(clock));
    log_contact(c, clock->mono_ms(clock), "back by another connection");
    session_destroy(c->session);
    c->session = NULL;
    c->state = CLOSING;
    c->deadline_ms = INT64_MIN; /* dropped when it is looked at next */
}

void connection_news(struct connection *c)
{
    struct err e;

    if (c->state != SYNC || session_site(c->session) == 0)
        return;
    if (session_news(c->session, &c->out, &e) != 0)
        log_line("centre", "event=news_failed site=%u reason=\"%s\"", c->site, e.text);
}
