#include "sync/core_internal.h"

#include <assert.h>
#include <string.h>

void contact_forget(struct sync *s)
{
    s->contact = (struct contact){.sent = s->config.received};
    fork_contact_over(s);
    incoming_forget(s);
    if (s->request != REQUEST_STORE) /* a receipt counts whenever it is on disk */
        s->request = REQUEST_NONE;
}

/* ------------------------------------------------------------------ beginning */

void contact_connect(struct sync *s, int64_t now_ms, struct sync_actions *out)
{
    sync_move(s, SYNC_CONNECTING);
    contact_forget(s);
    s->backing_off = false;
    s->withheld = 0;
    s->refused = 0;
    s->wake_ms = now_ms + SYNC_CONNECT_MS_MAX;
    (void)sync_act(out, SYNC_DO_CONNECT);
}

static void append_claim(const struct sync_config *c, struct buffer *out)
{
    uint8_t bytes[CLAIM_BYTES];
    struct claim claim = {.site = c->site, .epoch = c->epoch, .key = c->box.public_key};

    claim_encode(&claim, c->secret, &c->box, bytes);
    message_claim(out, bytes);
}

void contact_greet(struct sync *s, const struct sync_event *in, struct sync_actions *out)
{
    struct sync_action *a = sync_act(out, SYNC_DO_SEND);

    if (s->state == SYNC_TALKING)
        contact_forget(s);
    else
        sync_move(s, SYNC_TALKING);
    assert(in->as.link.binding_count <= SYNC_BINDING_BYTES_MAX);
    memcpy(s->contact.binding, in->as.link.binding, in->as.link.binding_count);
    s->contact.binding_count = in->as.link.binding_count;
    contact_heard(s, in->now_ms);
    s->contact.moved_ms = in->now_ms;
    s->contact.answered = false;
    s->contact.claimed =
        !s->config.claimed && (s->config.received == 0 || s->claim_again);
    if (s->contact.claimed)
        append_claim(&s->config, &a->bytes);
    message_hello(&a->bytes, s->config.site, s->config.epoch, &in->as.link.status,
                  in->as.link.binding, in->as.link.binding_count, &s->config.box);
    sync_trace(out, "says hello, %llu to send",
               (unsigned long long)(s->config.last - s->config.received));
}

/* --------------------------------------------------------------------- ending */

/* Between half and the whole of it, so that a province's boxes do not come back
 * all at once. */
static int64_t spread(struct sync *s, int64_t ms)
{
    return ms / 2 + (int64_t)random_below(s->config.random, (uint64_t)ms / 2 + 1);
}

static int64_t backoff_ms(struct sync *s)
{
    int64_t ms = SYNC_BACKOFF_MS_MIN;

    for (unsigned i = 1; i < s->failures && ms < SYNC_BACKOFF_MS_MAX; i++)
        ms *= 2;
    return spread(s, ms < SYNC_BACKOFF_MS_MAX ? ms : SYNC_BACKOFF_MS_MAX);
}

bool contact_nothing_left(const struct sync *s)
{
    uint64_t last =
        class_allowed(s, SYNC_CLASS_RECORDS) ? s->config.last : s->contact.sent;

    return s->answered_ever && held_there(s) >= last && blobs_over(s) &&
           s->contact.awaited_count == 0;
}

static void rest(struct sync *s, int64_t now_ms, struct sync_actions *out)
{
    if (s->config.received < s->config.last && sync_held(s))
        sync_trace(out, "all received but what the centre holds");
    else if (s->withheld != 0)
        sync_trace(out, "all received but what is kept back");
    else if (s->blobs_refused_count == 0)
        sync_trace(out, "all received");
    else
        sync_trace(out, "all received but %zu originals", s->blobs_refused_count);
    contact_forget(s);
    for (size_t i = 0; i < BLOB_CLASSES; i++)
        s->contact.blobs[i].over = true; /* still true: it is why we rest */
    s->failures = 0;
    s->wake_ms = now_ms + spread(s, SYNC_IDLE_MS_MAX);
    sync_move(s, SYNC_IDLE);
}

void contact_lost(struct sync *s, int64_t now_ms, struct sync_actions *out)
{
    if (s->state == SYNC_TALKING && s->contact.answered && contact_nothing_left(s) &&
        incoming_settled(s) && !fork_in_doubt(s)) {
        rest(s, now_ms, out);
        return;
    }
    s->failures++;
    contact_forget(s);
    s->backing_off = true;
    s->wake_ms = now_ms + backoff_ms(s);
    sync_move(s, SYNC_WAITING);
    sync_trace(out, "link down, try %u follows", s->failures + 1);
}

void contact_leave_until(struct sync *s, int64_t at_ms, struct sync_actions *out)
{
    (void)sync_act(out, SYNC_DO_CLOSE);
    contact_forget(s);
    s->wake_ms = at_ms;
    sync_move(s, SYNC_WAITING);
}

/* A centre put back to before our claim. While the claim is in no backup the secret
 * is kept for this; a centre that has heard it and still refuses means it. */
bool contact_claim_again(struct sync *s, int64_t now_ms, struct sync_actions *out)
{
    if (s->config.claimed || s->contact.claimed)
        return false;
    s->claim_again = true;
    contact_leave_until(s, now_ms + SYNC_BACKOFF_MS_MIN, out);
    return true;
}

/* Whether the centre may still have something to say that is worth a moment. */
static bool more_to_hear(const struct sync *s)
{
    return !s->contact.answered || s->config.applied < held_there(s);
}

bool contact_over(struct sync *s, int64_t now_ms, struct sync_actions *out)
{
    struct contact *c = &s->contact;
    bool nothing = contact_nothing_left(s) && incoming_settled(s);

    if (!nothing)
        c->lingering = false;
    if (s->request != REQUEST_NONE || !nothing)
        return false;
    if (!c->lingering) {
        c->lingering = true;
        c->linger_until_ms = now_ms + SYNC_LINGER_MS_MAX;
    }
    if (more_to_hear(s) && now_ms < c->linger_until_ms)
        return false;
    (void)sync_act(out, SYNC_DO_CLOSE);
    rest(s, now_ms, out);
    return true;
}

/* ----------------------------------------------------------------------- time */

void contact_heard(struct sync *s, int64_t now_ms)
{
    s->contact.heard_ms = now_ms;
    s->contact.pinged = false;
    s->contact.doubted = false;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t contact_deadline(const struct sync *s)
{
    const struct contact *c = &s->contact;
    int64_t at_ms;

    if (s->state != SYNC_TALKING)
        return s->wake_ms;
    at_ms = c->heard_ms + (c->pinged ? SYNC_SILENCE_MS_MAX : SYNC_PING_AFTER_MS);
    at_ms = earlier(at_ms, c->moved_ms + SYNC_STALL_MS_MAX);
    if (c->doubted)
        at_ms = earlier(at_ms, c->doubted_until_ms);
    /* Who asks where the lines part waits for that answer, however long it takes. */
    return c->lingering && !fork_in_doubt(s) ? earlier(at_ms, c->linger_until_ms) : at_ms;
}

static void give_up(struct sync *s, int64_t now_ms, const char *why,
                    struct sync_actions *out)
{
    (void)sync_act(out, SYNC_DO_CLOSE);
    sync_trace(out, "%s", why);
    contact_lost(s, now_ms, out);
}

static void ping(struct sync *s, struct sync_actions *out)
{
    s->contact.pinged = true;
    s->contact.pings++;
    message_empty(&sync_act(out, SYNC_DO_SEND)->bytes, MESSAGE_PING);
}

/* What failed before says nothing about this network. A link may be dead without
 * knowing: it is asked, and has not long to answer. */
void contact_network(struct sync *s, int64_t now_ms, struct sync_actions *out)
{
    struct contact *c = &s->contact;

    switch (s->state) {
    case SYNC_IDLE:
        return;
    case SYNC_WAITING:
        if (!s->backing_off)
            return; /* the centre, or our own disk, has said when */
        s->failures = 0;
        s->wake_ms =
            earlier(s->wake_ms, now_ms + (int64_t)random_below(s->config.random,
                                                               SYNC_NETWORK_MS_MAX + 1));
        return;
    case SYNC_CONNECTING:
        s->failures = 0;
        s->wake_ms = earlier(s->wake_ms, now_ms + SYNC_DOUBT_MS_MAX);
        return;
    case SYNC_TALKING:
        if (c->doubted)
            return;
        s->failures = 0;
        c->doubted = true;
        c->doubted_until_ms = now_ms + SYNC_DOUBT_MS_MAX;
        ping(s, out);
        return;
    }
}

static void talking_timer(struct sync *s, int64_t now_ms, struct sync_actions *out)
{
    struct contact *c = &s->contact;

    if (now_ms >= c->heard_ms + SYNC_SILENCE_MS_MAX) {
        give_up(s, now_ms, "the centre is silent", out);
    } else if (c->doubted && now_ms >= c->doubted_until_ms) {
        give_up(s, now_ms, "nothing is heard since the network changed", out);
    } else if (now_ms >= c->moved_ms + SYNC_STALL_MS_MAX) {
        give_up(s, now_ms, "nothing moves", out);
    } else if (now_ms >= c->heard_ms + SYNC_PING_AFTER_MS && !c->pinged) {
        ping(s, out);
    }
}

void contact_timer(struct sync *s, int64_t now_ms, struct sync_actions *out)
{
    if (s->state == SYNC_TALKING) {
        talking_timer(s, now_ms, out);
        return;
    }
    if (now_ms < s->wake_ms)
        return; /* an older one, from another state */
    switch (s->state) {
    case SYNC_CONNECTING:
        give_up(s, now_ms, "no answer", out);
        return;
    case SYNC_IDLE:
        s->blobs_refused_count = 0;
        incoming_hope_again(s);
        contact_connect(s, now_ms, out);
        return;
    case SYNC_WAITING:
        contact_connect(s, now_ms, out);
        return;
    case SYNC_TALKING:
        return;
    }
}
