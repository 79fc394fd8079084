#include "sync/core_internal.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium/utils.h>

#define PONGS_OWED_MAX 16 /* who asks faster than a disk can store needs no more */

static const struct {
    enum sync_state from, to;
} allowed_moves[] = {
    {SYNC_IDLE, SYNC_CONNECTING},    {SYNC_CONNECTING, SYNC_TALKING},
    {SYNC_CONNECTING, SYNC_WAITING}, {SYNC_TALKING, SYNC_IDLE},
    {SYNC_TALKING, SYNC_WAITING},    {SYNC_WAITING, SYNC_CONNECTING},
};

static enum sync_sabotage sabotage = SYNC_SOUND;

void sync_sabotage(enum sync_sabotage how)
{
    sabotage = how;
}

bool sync_sabotaged(enum sync_sabotage how)
{
    return sabotage == how;
}

const char *sync_state_name(enum sync_state s)
{
    static const char *const names[] = {
        [SYNC_IDLE] = "idle",
        [SYNC_CONNECTING] = "connecting",
        [SYNC_TALKING] = "talking",
        [SYNC_WAITING] = "waiting",
    };

    return names[s];
}

void sync_move(struct sync *s, enum sync_state to)
{
    bool allowed = false;

    for (size_t i = 0; i < sizeof allowed_moves / sizeof allowed_moves[0]; i++)
        if (allowed_moves[i].from == s->state && allowed_moves[i].to == to)
            allowed = true;
    assert(allowed);
    s->state = to;
}

/* -------------------------------------------------------------------- actions */

void sync_actions_release(struct sync_actions *a)
{
    for (size_t i = 0; i < a->count; i++)
        buffer_release(&a->list[i].bytes);
    a->count = 0;
}

struct sync_action *sync_act(struct sync_actions *out, enum sync_action_kind kind)
{
    struct sync_action *a;

    assert(out->count < SYNC_ACTIONS_MAX);
    a = &out->list[out->count++];
    *a = (struct sync_action){.kind = kind};
    buffer_init(&a->bytes, MESSAGE_PAYLOAD_MAX + MESSAGE_HEADER_BYTES);
    return a;
}

void sync_trace(struct sync_actions *out, const char *format, ...)
{
    struct sync_action *a = sync_act(out, SYNC_DO_TRACE);
    va_list args;

    va_start(args, format);
    (void)vsnprintf(a->text, sizeof a->text, format, args);
    va_end(args);
}

/* A carrier's timer is only ever moved forward: one that rings too early is asked
 * for again, so that not every step of a contact moves it. */
static void keep_time(struct sync *s, struct sync_actions *out)
{
    int64_t at_ms = contact_deadline(s);

    if (s->armed && s->armed_ms <= at_ms)
        return;
    s->armed = true;
    s->armed_ms = at_ms;
    sync_act(out, SYNC_DO_TIMER)->at_ms = at_ms;
}

/* ------------------------------------------------------------------- requests */

void sync_request(struct sync *s, enum request r)
{
    assert(s->request == REQUEST_NONE);
    s->request = r;
}

/* The answer to what is open; false for an answer to a contact that is over. */
static bool answers(struct sync *s, enum request *was)
{
    *was = s->request;
    s->request = REQUEST_NONE;
    return *was != REQUEST_NONE;
}

static void take_answer(struct sync *s, const struct sync_event *in,
                        struct sync_actions *out)
{
    enum request was;

    if (!answers(s, &was))
        return;
    switch (was) {
    case REQUEST_BUNDLE:
    case REQUEST_BLOB:
        assert(in->kind == SYNC_EVENT_OBJECT || in->kind == SYNC_EVENT_NO_OBJECT);
        if (in->kind == SYNC_EVENT_OBJECT)
            outgoing_here(s, was, &in->as.object);
        else
            outgoing_none(s, was);
        return;
    case REQUEST_BLOCK:
        assert(in->kind == SYNC_EVENT_BLOCK);
        outgoing_block(s, in, out);
        return;
    case REQUEST_STORE:
        assert(in->kind == SYNC_EVENT_STORED);
        receipts_stored(s, in->now_ms, out);
        return;
    case REQUEST_OFFER:
    case REQUEST_TAKE:
        assert(in->kind == SYNC_EVENT_TAKEN);
        incoming_taken(s, was, in, out);
        return;
    case REQUEST_CHAIN:
        assert(in->kind == SYNC_EVENT_CHAIN);
        fork_hashes(s, in, out);
        return;
    case REQUEST_NONE:
        return;
    }
}

/* Our own disk said no. One original that cannot be read must not stop the rest;
 * anything else can wait for the disk to be looked at. */
static void take_failure(struct sync *s, int64_t now_ms, struct sync_actions *out)
{
    enum request was;

    if (!answers(s, &was) || s->state != SYNC_TALKING)
        return;
    sync_trace(out, "the box's own disk failed");
    if (was == REQUEST_BLOCK && outgoing_unreadable(s))
        return;
    if (was == REQUEST_OFFER || was == REQUEST_TAKE) {
        incoming_failed(s);
        return;
    }
    contact_leave_until(s, now_ms + SYNC_BACKOFF_MS_MAX, out);
}

/* ----------------------------------------------------------------------- step */

static void take_refused(struct sync *s, const struct sync_event *in,
                         struct sync_actions *out)
{
    const struct message *m = in->as.message;

    s->contact.moved_ms = in->now_ms;
    sync_trace(out, "refused: %s", refused_name(m->as.refused.reason));
    if (incoming_refused(s, m) || outgoing_refused(s, m) ||
        (m->as.refused.reason == REFUSED_UNKNOWN_SITE &&
         contact_claim_again(s, in->now_ms, out)))
        return;
    if (m->as.refused.reason == REFUSED_FORK) {
        fork_refused(s, &m->as.refused.object, out);
        return;
    }
    s->refused = m->as.refused.reason;
    contact_leave_until(s, in->now_ms + SYNC_REFUSED_WAIT_MS, out);
}

static int take_message(struct sync *s, const struct sync_event *in,
                        struct sync_actions *out, struct err *e)
{
    const struct message *m = in->as.message;

    if (s->state != SYNC_TALKING)
        return 0; /* it was on its way when we closed */
    contact_heard(s, in->now_ms);
    switch (m->type) {
    case MESSAGE_OFFER:
    case MESSAGE_BLOCK:
        incoming_message(s, m, out);
        return 0;
    case MESSAGE_HAVE:
        s->contact.moved_ms = in->now_ms;
        return outgoing_have(s, m, out, e);
    case MESSAGE_RECEIPT:
        return receipts_take(s, m, out, e);
    case MESSAGE_REFUSED:
        take_refused(s, in, out);
        return 0;
    case MESSAGE_LATER:
        sync_trace(out, "the centre says: in %u ms", m->as.later_ms);
        contact_leave_until(s, in->now_ms + m->as.later_ms, out);
        return 0;
    case MESSAGE_PING:
        if (s->contact.pongs_owed < PONGS_OWED_MAX)
            s->contact.pongs_owed++;
        return 0;
    case MESSAGE_PONG:
        s->contact.pongs++;
        return 0;
    case MESSAGE_CHAIN:
        return fork_answer(s, in, out, e);
    case MESSAGE_HELLO:
    case MESSAGE_CLAIM:
    case MESSAGE_SEEN:
    case MESSAGE_WANT:
    case MESSAGE_MORE: /* a carrier makes a BLOCK of it */
        break;
    }
    return err_set(e, ERR_REFUSED, "message %d is not the centre's to send",
                   (int)m->type);
}

static void take_commit(struct sync *s, const struct sync_event *in,
                        struct sync_actions *out)
{
    if (in->as.last <= s->config.last)
        return;
    s->config.last = in->as.last;
    blobs_anew(s); /* what was made last may go before what waits longest */
    if (s->state == SYNC_IDLE && class_allowed(s, SYNC_CLASS_RECORDS))
        contact_connect(s, in->now_ms, out);
}

static int take_event(struct sync *s, const struct sync_event *in,
                      struct sync_actions *out, struct err *e)
{
    switch (in->kind) {
    case SYNC_EVENT_TIMER:
        s->armed = false;
        contact_timer(s, in->now_ms, out);
        return 0;
    case SYNC_EVENT_WANTED:
        s->blobs_refused_count = 0;
        incoming_hope_again(s);
        if (s->state == SYNC_WAITING || s->state == SYNC_IDLE)
            contact_connect(s, in->now_ms, out);
        return 0;
    case SYNC_EVENT_COMMITTED:
        take_commit(s, in, out);
        return 0;
    case SYNC_EVENT_TOLD:
        receipts_told(s, &in->as.told);
        return 0;
    case SYNC_EVENT_LINK_UP:
        if (s->state == SYNC_CONNECTING || s->state == SYNC_TALKING)
            contact_greet(s, in, out);
        return 0;
    case SYNC_EVENT_LINK_DOWN:
        if (s->state == SYNC_CONNECTING || s->state == SYNC_TALKING)
            contact_lost(s, in->now_ms, out);
        return 0;
    case SYNC_EVENT_WRITABLE:
        if (!s->contact.writable)
            contact_heard(s, in->now_ms); /* what was sent has been acknowledged */
        outgoing_drained(s, in->now_ms);
        s->contact.writable = true;
        return 0;
    case SYNC_EVENT_MESSAGE:
        return take_message(s, in, out, e);
    case SYNC_EVENT_OBJECT:
    case SYNC_EVENT_NO_OBJECT:
    case SYNC_EVENT_BLOCK:
    case SYNC_EVENT_STORED:
    case SYNC_EVENT_TAKEN:
    case SYNC_EVENT_CHAIN:
        take_answer(s, in, out);
        return 0;
    case SYNC_EVENT_FAILED:
        take_failure(s, in->now_ms, out);
        return 0;
    case SYNC_EVENT_NETWORK:
        contact_network(s, in->now_ms, out);
        return 0;
    case SYNC_EVENT_BUDGET:
        classes_budget(s, in, out);
        return 0;
    case SYNC_EVENT_FETCH:
        incoming_fetch(s, in, out);
        return 0;
    }
    return 0;
}

static void send_pongs(struct sync *s, struct sync_actions *out)
{
    struct contact *c = &s->contact;

    if (s->state != SYNC_TALKING || c->pongs_owed == 0 || !receipts_settled(s))
        return;
    for (struct sync_action *a = sync_act(out, SYNC_DO_SEND); c->pongs_owed > 0;
         c->pongs_owed--)
        message_empty(&a->bytes, MESSAGE_PONG);
}

/* Whatever is the most important thing that can be done now. */
static void go_on(struct sync *s, int64_t now_ms, struct sync_actions *out)
{
    incoming_next(s, out);
    if (s->state == SYNC_TALKING)
        outgoing_withhold(s, out);
    if (s->state == SYNC_TALKING && !contact_over(s, now_ms, out))
        outgoing_pump(s, out);
}

int sync_step(struct sync *s, const struct sync_event *in, struct sync_actions *out,
              struct err *e)
{
    sync_actions_release(out);
    if (take_event(s, in, out, e) != 0)
        return err_wrap(e, "sync");
    receipts_next(s, out);
    send_pongs(s, out);
    if (fork_in_doubt(s))
        fork_next(s, out);
    else
        go_on(s, in->now_ms, out);
    keep_time(s, out);
    for (size_t i = 0; i < out->count; i++)
        if (buffer_check(&out->list[i].bytes, e) != 0)
            return err_wrap(e, "sync");
    return 0;
}

int sync_create(struct sync **out, const struct sync_config *c, struct err *e)
{
    struct sync *s = calloc(1, sizeof *s);

    *out = s;
    if (s == NULL)
        return err_set(e, ERR_MEMORY, "sync");
    assert(c->random != NULL);
    s->config = *c;
    s->answered_ever = c->claimed;
    buffer_init(&s->receipts_waiting, 64 * RECEIPT_BYTES_MAX);
    contact_forget(s);
    return 0;
}

void sync_destroy(struct sync *s)
{
    if (s == NULL)
        return;
    receipt_release(&s->storing);
    buffer_release(&s->receipts_waiting);
    for (size_t i = 0; i < OBJECT_KINDS; i++)
        buffer_release(&s->incoming[i].waiting);
    sodium_memzero(s, sizeof *s);
    free(s);
}

enum sync_state sync_state_now(const struct sync *s)
{
    return s->state;
}

bool sync_drained(const struct sync *s)
{
    return s->state == SYNC_IDLE && contact_nothing_left(s) &&
           s->blobs_refused_count == 0 && s->withheld == 0;
}

unsigned sync_withheld(const struct sync *s)
{
    return s->withheld;
}

unsigned sync_refused(const struct sync *s)
{
    return s->refused;
}
