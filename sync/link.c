#include "sync/link.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <poll.h>

#include "sync/dial.h"
#include "sync/http_head.h"

#define MESSAGE_BYTES_MAX (MESSAGE_HEADER_BYTES + MESSAGE_PAYLOAD_MAX)
#define IN_BYTES_MAX      ((size_t)2 * MESSAGE_BYTES_MAX)
#define OUT_BYTES_MAX     (1u << 20) /* the core sends when there is room; PONGs too */
#define PORT_MAX          65535
#define EARLY_ROOM_BYTES  (BLOCK_BYTES_MAX + 64) /* for a block and what is around it */

enum link_state { LINK_CONNECTING, LINK_SHAKING, LINK_EARLY, LINK_OPEN, LINK_TALKING };

struct link {
    enum link_state state;
    struct link_place place;
    struct link_tls *tls;  /* the caller's; unused if plain */
    struct dial *dial;     /* while CONNECTING */
    struct stream *stream; /* then */
    uint8_t binding[LINK_BINDING_BYTES];
    struct buffer in, out;
    size_t in_at;                 /* what lies before it was given out */
    bool ended;                   /* nothing more will come */
    bool anew;                    /* not told yet */
    struct message_thread thread; /* out */
};

/* ------------------------------------------------------------------------ URL */

static bool port_is_sound(const char *port)
{
    unsigned long number = 0;

    for (const char *c = port; *c != '\0'; c++) {
        if (*c < '0' || *c > '9')
            return false;
        number = number * 10 + (unsigned long)(*c - '0');
    }
    return number >= 1 && number <= PORT_MAX;
}

static bool host_is_sound(const char *host)
{
    for (const char *c = host; *c != '\0'; c++)
        if ((*c < '0' || *c > '9') && (*c < 'a' || *c > 'z') && (*c < 'A' || *c > 'Z') &&
            strchr(".-:_%", *c) == NULL)
            return false;
    return host[0] != '\0';
}

int link_place_parse(struct link_place *out, const char *url, struct err *e)
{
    const char *at, *host_end, *port;
    size_t count;

    *out = (struct link_place){0};
    if (strncmp(url, "https://", 8) == 0) {
        at = url + 8;
    } else if (strncmp(url, "http://", 7) == 0) {
        at = url + 7;
        out->plain = true;
    } else {
        return err_set(e, ERR_USAGE,
                       "\"%.100s\" begins with neither https:// nor http://", url);
    }
    host_end = at[0] == '[' ? strchr(at, ']') : strrchr(at, ':');
    if (host_end == NULL)
        return err_set(e, ERR_USAGE, "\"%.100s\" names no port", url);
    port = at[0] == '[' ? host_end + 1 : host_end;
    at += at[0] == '[';
    count = strlen(port);
    if (count > 1 && port[count - 1] == '/')
        count--;
    if (port[0] != ':' || count < 2 || count > sizeof out->port ||
        (size_t)(host_end - at) >= sizeof out->host)
        return err_set(e, ERR_USAGE, "\"%.100s\" names no host and port", url);
    memcpy(out->host, at, (size_t)(host_end - at));
    memcpy(out->port, port + 1, count - 1);
    if (!host_is_sound(out->host) || !port_is_sound(out->port))
        return err_set(e, ERR_USAGE, "\"%.100s\" names no host and port", url);
    return 0;
}

/* ----------------------------------------------------------------------- dial */

int link_dial(struct link **out, const char *url, struct link_tls *tls, struct random *r,
              struct err *e)
{
    struct link *l = calloc(1, sizeof *l);

    *out = NULL;
    if (l == NULL)
        return err_set(e, ERR_MEMORY, "link");
    l->tls = tls;
    buffer_init(&l->in, IN_BYTES_MAX);
    buffer_init(&l->out, OUT_BYTES_MAX);
    if (link_place_parse(&l->place, url, e) != 0)
        goto failed;
    assert(l->place.plain || tls != NULL);
    if (l->place.plain)
        r->fill(r, l->binding, sizeof l->binding);
    if (dial_begin(&l->dial, l->place.host, l->place.port, l->place.plain, e) != 0)
        goto failed;
    *out = l;
    return 0;
failed:
    link_close(l);
    return err_wrap(e, "link");
}

void link_close(struct link *l)
{
    if (l == NULL)
        return;
    dial_end(l->dial);
    stream_destroy(l->stream);
    buffer_release(&l->in);
    buffer_release(&l->out);
    free(l);
}

/* -------------------------------------------------------------------- advance */

/* 1: connected, 0: wait, -1: there is no way. */
static int finish_connect(struct link *l, struct err *e)
{
    int fd, rc = dial_advance(l->dial, &fd, e);

    if (rc <= 0)
        return rc;
    dial_end(l->dial);
    l->dial = NULL;
    if (stream_create(&l->stream, fd, l->place.plain ? NULL : l->tls, e) != 0)
        return -1;
    l->state = LINK_SHAKING;
    return 1;
}

static void write_request(struct link *l)
{
    bool six = strchr(l->place.host, ':') != NULL;
    char hex[HASH_HEX_BYTES];
    struct hash nonce;

    buffer_append_format(&l->out,
                         "GET " LINK_TARGET " HTTP/1.1\r\nHost: %s%s%s:%s\r\n"
                         "Upgrade: " LINK_PROTOCOL "\r\nConnection: Upgrade\r\n",
                         six ? "[" : "", l->place.host, six ? "]" : "", l->place.port);
    if (l->place.plain) {
        memcpy(nonce.bytes, l->binding, sizeof nonce.bytes);
        hash_to_hex(hex, &nonce);
        buffer_append_format(&l->out, LINK_NONCE ": %s\r\n", hex);
    }
    buffer_append_text(&l->out, "\r\n");
}

static int take_binding(struct link *l, struct err *e)
{
    return stream_binding(l->stream, l->binding)
               ? 0
               : err_set(e, ERR_FAILED, "TLS gives no binding");
}

/* TLS is done: 1, and so is the asking. */
static int be_open(struct link *l, struct err *e)
{
    if (l->place.plain) {
        write_request(l);
        l->state = LINK_OPEN;
        return buffer_check(&l->out, e) == 0 ? 1 : -1;
    }
    if (!stream_speaks_ours(l->stream))
        return err_set(e, ERR_REFUSED, "the centre does not speak " LINK_PROTOCOL);
    if (l->state == LINK_EARLY && !stream_early_refused(l->stream)) {
        l->state = LINK_TALKING;
        return 1;
    }
    if (l->state == LINK_EARLY) {
        buffer_clear(&l->out); /* of what is lost, too */
        l->thread = (struct message_thread){0};
        l->anew = true;
    }
    l->state = LINK_TALKING;
    return take_binding(l, e) == 0 ? 1 : -1;
}

/* 1: messages may be sent, 0: wait. */
static int shake(struct link *l, struct err *e)
{
    int rc = stream_begin_early(l->stream, e);

    if (rc < 0)
        return -1;
    if (rc == 1) {
        l->state = LINK_EARLY;
        return take_binding(l, e) == 0 ? 1 : -1;
    }
    rc = stream_handshake(l->stream, e);
    return rc <= 0 ? rc : be_open(l, e);
}

/* The first flight goes on until the centre has answered: what is lost of the handshake
 * comes again after a round trip or three, and all that while the link is ours. */
static int advance_early(struct link *l, struct err *e)
{
    int rc;

    if (stream_write(l->stream, &l->out, message_cut, e) != 0)
        return -1;
    if (!stream_early_over(l->stream))
        return 0;
    rc = stream_handshake(l->stream, e);
    return rc <= 0 ? rc : be_open(l, e);
}

static int take_answer(struct link *l, struct err *e)
{
    struct http_head head;
    int whole = http_answer_parse(&head, &l->in_at, l->in.bytes, l->in.count, e);

    if (whole <= 0)
        return whole;
    if (head.status != 101)
        return err_set(e, ERR_REFUSED, "the centre answers with status %u", head.status);
    if (!http_head_lists(&head, "Upgrade", LINK_PROTOCOL))
        return err_set(e, ERR_REFUSED, "the centre does not speak " LINK_PROTOCOL);
    l->state = LINK_TALKING;
    return 0;
}

static void drop_given(struct link *l)
{
    if (l->in_at == 0)
        return;
    memmove(l->in.bytes, l->in.bytes + l->in_at, l->in.count - l->in_at);
    l->in.count -= l->in_at;
    l->in_at = 0;
}

static int exchange(struct link *l, struct err *e)
{
    /* Reading first: when the link has broken, what had come is still to be had. */
    drop_given(l);
    if (!l->ended && l->in.count < l->in.count_max &&
        stream_read(l->stream, &l->in, l->in.count_max, &l->ended, e) != 0)
        return -1;
    if (l->state == LINK_OPEN && take_answer(l, e) != 0)
        return -1;
    if (l->ended && l->state == LINK_OPEN)
        return err_set(e, ERR_IO, "the centre has closed the link");
    return l->out.count > 0 ? stream_write(l->stream, &l->out, message_cut, e) : 0;
}

/* What came before the end is still to be read: only then is the end told. */
static int check_end(struct link *l, struct err *e)
{
    struct message ignored;
    struct err ignored_too;
    size_t used;

    if (!l->ended || message_next(&ignored, &used, l->in.bytes + l->in_at,
                                  l->in.count - l->in_at, &ignored_too) != 0)
        return 0;
    return err_set(e, ERR_IO, "the centre has closed the link");
}

static int advance(struct link *l, struct err *e)
{
    int rc = 1;

    if (l->state == LINK_CONNECTING)
        rc = finish_connect(l, e);
    if (rc == 1 && l->state == LINK_SHAKING) {
        rc = shake(l, e);
        if (l->state == LINK_EARLY)
            return rc < 0 ? -1 : 0; /* what is said first, we do not know yet */
    }
    if (rc == 1 && l->state == LINK_EARLY)
        rc = advance_early(l, e);
    if (rc <= 0 || l->state == LINK_EARLY)
        return rc < 0 ? -1 : 0;
    if (l->state == LINK_TALKING && check_end(l, e) != 0)
        return -1;
    return exchange(l, e);
}

int link_advance(struct link *l, struct err *e)
{
    return advance(l, e) == 0 ? 0 : err_wrap(e, "link");
}

/* ------------------------------------------------------------------ the caller */

int link_fd(const struct link *l)
{
    return l->stream != NULL ? stream_fd(l->stream) : dial_fd(l->dial);
}

short link_events(const struct link *l)
{
    if (l->stream == NULL)
        return POLLIN;
    return stream_events(l->stream, l->out.count > 0);
}

bool link_pending(const struct link *l)
{
    return l->stream != NULL &&
           (stream_pending(l->stream) || stream_early_held(l->stream) || l->ended);
}

bool link_is_up(const struct link *l)
{
    return l->state >= LINK_EARLY;
}

bool link_anew(struct link *l)
{
    bool anew = l->anew;

    l->anew = false;
    return anew;
}

bool link_network_changed(struct link *l)
{
    if (l->stream != NULL)
        return !dial_is_from_here(stream_fd(l->stream));
    dial_again(l->dial);
    return false;
}

void link_binding(const struct link *l, uint8_t out[LINK_BINDING_BYTES])
{
    assert(link_is_up(l));
    memcpy(out, l->binding, LINK_BINDING_BYTES);
}

int link_send(struct link *l, const void *bytes, size_t count, struct err *e)
{
    assert(link_is_up(l));
    message_shorten(&l->thread, &l->out, bytes, count);
    return buffer_check(&l->out, e);
}

bool link_has_room(const struct link *l)
{
    return link_is_up(l) && l->out.count < LINK_ROOM_BYTES &&
           (l->state != LINK_EARLY || stream_early_room(l->stream) >= EARLY_ROOM_BYTES);
}

size_t link_unsent(const struct link *l)
{
    return l->out.count;
}

bool link_all_arrived(const struct link *l)
{
    return l->out.count == 0 &&
           (l->stream == NULL || stream_unacknowledged(l->stream) == 0);
}

int link_next(struct link *l, struct message *out, struct err *e)
{
    size_t used;
    int rc;

    if (l->state != LINK_TALKING)
        return 0;
    rc = message_next(out, &used, l->in.bytes + l->in_at, l->in.count - l->in_at, e);
    if (rc < 0)
        return err_wrap(e, "link");
    l->in_at += used;
    return rc;
}

uint64_t link_bytes_out(const struct link *l)
{
    return l->stream == NULL ? 0 : stream_bytes_out(l->stream);
}

uint64_t link_bytes_in(const struct link *l)
{
    return l->stream == NULL ? 0 : stream_bytes_in(l->stream);
}

void link_pulse(const struct link *l, struct stream_pulse *out)
{
    *out = (struct stream_pulse){0};
    if (l->stream != NULL)
        stream_pulse(l->stream, out);
}
