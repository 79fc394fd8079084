#include "sync/centre/session_internal.h"

#include <stdlib.h>
#include <string.h>

#include "sync/centre/receipts.h"
#include "sync/centre/site_keys.h"

int session_create(struct session **out, struct centre *c, const void *binding,
                   size_t binding_count, struct err *e)
{
    struct session *s;

    *out = NULL;
    if (binding_count > BINDING_BYTES_MAX)
        return err_set(e, ERR_TOO_BIG, "binding of %zu bytes", binding_count);
    s = calloc(1, sizeof *s);
    if (s == NULL)
        return err_set(e, ERR_MEMORY, "session");
    s->centre = c;
    memcpy(s->binding, binding, binding_count);
    s->binding_count = binding_count;
    *out = s;
    return 0;
}

void session_destroy(struct session *s)
{
    if (s == NULL)
        return;
    session_arrivals_end(s);
    session_down_end(s);
    free(s);
}

uint16_t session_site(const struct session *s)
{
    return s->state == SESSION_OPEN ? s->site.site : 0;
}

/* -------------------------------------------------------------------- receipts */

static int read_numbers(struct session *s, struct receipt *out, struct err *e)
{
    return site_receipt(s->centre, s->site.site, out, e);
}

/* Reads committed rows only: no write is open here. */
static int send_receipt(struct session *s, struct receipt *r, struct receipt_blob *blobs,
                        size_t count, struct buffer *out, struct err *e)
{
    struct buffer bytes;
    int rc;

    buffer_init(&bytes, RECEIPT_BYTES_MAX);
    s->sent = *r;
    r->blobs = blobs;
    r->blobs_count = count;
    receipt_encode(r, &s->centre->key, &bytes);
    rc = buffer_check(&bytes, e);
    if (rc == 0)
        message_receipt(out, bytes.bytes, bytes.count);
    buffer_release(&bytes);
    return rc == 0 ? buffer_check(out, e) : -1;
}

int session_receipt(struct session *s, struct receipt_blob *blob, struct buffer *out,
                    struct err *e)
{
    struct receipt r = {0};

    if (read_numbers(s, &r, e) != 0 ||
        send_receipt(s, &r, blob, blob == NULL ? 0 : 1, out, e) != 0)
        return -1;
    return 1;
}

/* With the originals that became safe. The box answers the PING after it has stored
 * what came before it, so that a receipt which was lost on its way is said again. */
static int receipt_with_safe(struct session *s, struct receipt *r, struct buffer *out,
                             struct err *e)
{
    if (s->untold_count == 0 && originals_untold(s->centre, s->site.site, s->untold,
                                                 UNTOLD_MAX, &s->untold_count, e) != 0)
        return -1;
    if (send_receipt(s, r, s->untold, s->untold_count, out, e) != 0)
        return -1;
    if (s->untold_count > 0)
        message_empty(out, MESSAGE_PING);
    return buffer_check(out, e);
}

static bool numbers_equal(const struct receipt *a, const struct receipt *b)
{
    return a->received == b->received && a->applied == b->applied && a->safe == b->safe &&
           a->missing_first == b->missing_first && a->missing_last == b->missing_last;
}

int session_news(struct session *s, struct buffer *out, struct err *e)
{
    struct receipt r = {0};

    if (s->state != SESSION_OPEN)
        return 0;
    if (session_down_offer(s, out, e) != 0 || read_numbers(s, &r, e) != 0)
        return err_wrap(e, "session");
    return numbers_equal(&r, &s->sent) ? 0 : receipt_with_safe(s, &r, out, e);
}

/* ---------------------------------------------------------------------- opening */

int session_refuse(struct session *s, const struct object_id *object, enum refused why,
                   struct buffer *out)
{
    static const struct object_id nothing = {0};

    message_refused(out, object == NULL ? &nothing : object, why);
    s->state = SESSION_CLOSED;
    return 0;
}

static int take_claim(struct session *s, const struct message *m, struct buffer *out,
                      struct err *e)
{
    enum refused why;
    int rc = site_claim(s->centre, m->as.claim.bytes, CLAIM_BYTES, &why, e);

    if (rc < 0)
        return -1;
    return rc == 0 ? 1 : session_refuse(s, NULL, why, out);
}

/* Not this box: the one that it replaced, or nobody's. */
static int refuse_other(struct session *s, const struct message *m, struct buffer *out,
                        struct err *e)
{
    uint16_t site = s->site.site;
    bool former;

    if (site_hello_former(s->centre, &s->site, m, s->binding, s->binding_count, &former,
                          e) != 0)
        return -1;
    if ((former ? site_alarm_former(s->centre, site, e)
                : site_alarm(s->centre, site, refused_name(REFUSED_FORGED),
                             "somebody without its key poses as this box", e)) != 0)
        return -1;
    return session_refuse(s, NULL, former ? REFUSED_CLAIM_USED : REFUSED_FORGED, out);
}

static int take_hello(struct session *s, const struct message *m, struct buffer *out,
                      struct err *e)
{
    uint16_t site = m->as.hello.site;
    struct receipt r = {0};
    bool found;

    if (site_find(s->centre, site, &s->site, &found, e) != 0)
        return -1;
    if (!found || !s->site.claimed) {
        if (site_alarm(s->centre, site, refused_name(REFUSED_UNKNOWN_SITE),
                       found ? "a box says hello that has not claimed its number"
                             : "a box says hello with a number that was never given out"
                               " here",
                       e) != 0)
            return -1;
        return session_refuse(s, NULL, REFUSED_UNKNOWN_SITE, out);
    }
    if (!message_hello_proved(m, s->binding, s->binding_count, &s->site.key))
        return refuse_other(s, m, out, e);
    if (site_contact(s->centre, m, e) != 0)
        return -1;
    s->epoch = m->as.hello.epoch;
    s->state = SESSION_OPEN;
    if (session_down_begin(s, &m->as.hello.status, out, e) != 0 ||
        read_numbers(s, &r, e) != 0 || receipt_with_safe(s, &r, out, e) != 0)
        return -1;
    return 1;
}

static int take_pong(struct session *s, struct err *e)
{
    if (s->untold_count == 0)
        return 1;
    if (originals_told(s->centre, s->site.site, s->untold, s->untold_count, e) != 0)
        return -1;
    s->untold_count = 0;
    return 1;
}

/* ---------------------------------------------------------------------- message */

static int take_new(struct session *s, const struct message *m, struct buffer *out,
                    struct err *e)
{
    switch (m->type) {
    case MESSAGE_CLAIM:
        return take_claim(s, m, out, e);
    case MESSAGE_HELLO:
        return take_hello(s, m, out, e);
    case MESSAGE_OFFER:
    case MESSAGE_HAVE:
    case MESSAGE_BLOCK:
    case MESSAGE_RECEIPT:
    case MESSAGE_REFUSED:
    case MESSAGE_LATER:
    case MESSAGE_PING:
    case MESSAGE_PONG:
    case MESSAGE_SEEN:
    case MESSAGE_WANT:
    case MESSAGE_CHAIN:
    case MESSAGE_MORE:
        break;
    }
    s->state = SESSION_CLOSED; /* a stranger's: no answer */
    return 0;
}

static int take_open(struct session *s, const struct message *m, struct buffer *out,
                     struct err *e)
{
    switch (m->type) {
    case MESSAGE_OFFER:
        return session_offer(s, m, out, e);
    case MESSAGE_BLOCK:
        return session_block(s, m, out, e);
    case MESSAGE_HAVE:
        return session_have(s, m, out, e);
    case MESSAGE_SEEN:
        return session_seen(s, m, out, e);
    case MESSAGE_WANT:
        return session_want(s, m, out, e);
    case MESSAGE_REFUSED:
        return session_refused(s, m, out, e);
    case MESSAGE_CHAIN:
        return session_chain(s, m, out, e);
    case MESSAGE_PING:
        message_empty(out, MESSAGE_PONG);
        return 1;
    case MESSAGE_PONG:
        return take_pong(s, e);
    case MESSAGE_CLAIM:
    case MESSAGE_HELLO:
    case MESSAGE_RECEIPT:
    case MESSAGE_LATER:
    case MESSAGE_MORE: /* the carrier makes a BLOCK of it */
        break;
    }
    s->state = SESSION_CLOSED; /* not a box's to send now */
    return 0;
}

int session_message(struct session *s, const struct message *m, struct buffer *out,
                    struct err *e)
{
    int rc = 0;

    switch (s->state) {
    case SESSION_NEW:
        rc = take_new(s, m, out, e);
        break;
    case SESSION_OPEN:
        rc = take_open(s, m, out, e);
        break;
    case SESSION_CLOSED:
        break;
    }
    if (rc >= 0 && buffer_check(out, e) != 0)
        rc = -1;
    return rc >= 0 ? rc : err_wrap(e, "session");
}
