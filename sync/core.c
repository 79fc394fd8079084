#include "sync/core.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium/utils.h>

#define BACKOFF_MS_MIN  1000
#define BACKOFF_MS_MAX  300000
#define REFUSED_WAIT_MS 3600000 /* a person must act first; look again in an hour */

/* One object on its way out. */
struct outgoing {
    bool active;
    bool asked; /* OFFER sent, HAVE not yet here */
    struct sync_object object;
    uint64_t offset;
};

enum request { REQUEST_NONE, REQUEST_BUNDLE, REQUEST_BLOB, REQUEST_BLOCK, REQUEST_STORE };

struct sync {
    struct sync_config config;
    enum sync_state state;
    unsigned failures; /* contacts in a row that ended badly */
    unsigned refused;

    /* This contact. */
    bool writable;
    enum request request;
    struct outgoing bundle, blob;
    struct outgoing *reading; /* whose block was asked for */
    uint64_t sent;            /* last sequence that left whole in this contact */
    uint64_t blob_after;      /* place of the last blob that left or was passed over */
    bool blobs_asked, blobs_over;
    uint64_t blobs_unreceived; /* left in this contact, no receipt yet */
    struct receipt storing;    /* the receipt that STORE_RECEIPT is for */
    struct buffer stored_next; /* a newer one that came while that was written */
};

static const struct {
    enum sync_state from, to;
} allowed_moves[] = {
    {SYNC_IDLE, SYNC_CONNECTING},    {SYNC_CONNECTING, SYNC_TALKING},
    {SYNC_CONNECTING, SYNC_WAITING}, {SYNC_TALKING, SYNC_IDLE},
    {SYNC_TALKING, SYNC_WAITING},    {SYNC_WAITING, SYNC_CONNECTING},
};

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

/* -------------------------------------------------------------------- actions */

void sync_actions_release(struct sync_actions *a)
{
    for (size_t i = 0; i < a->count; i++)
        buffer_release(&a->list[i].bytes);
    a->count = 0;
}

static struct sync_action *act(struct sync_actions *out, enum sync_action_kind kind)
{
    struct sync_action *a;

    assert(out->count < SYNC_ACTIONS_MAX);
    a = &out->list[out->count++];
    *a = (struct sync_action){.kind = kind};
    buffer_init(&a->bytes, 2 * (MESSAGE_PAYLOAD_MAX + MESSAGE_HEADER_BYTES));
    return a;
}

static void trace(struct sync_actions *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void trace(struct sync_actions *out, const char *format, ...)
{
    struct sync_action *a = act(out, SYNC_DO_TRACE);
    va_list args;

    va_start(args, format);
    (void)vsnprintf(a->text, sizeof a->text, format, args);
    va_end(args);
}

static void move_to(struct sync *s, enum sync_state to)
{
    bool allowed = false;

    for (size_t i = 0; i < sizeof allowed_moves / sizeof allowed_moves[0]; i++)
        if (allowed_moves[i].from == s->state && allowed_moves[i].to == to)
            allowed = true;
    assert(allowed);
    s->state = to;
}

static void set_timer(struct sync_actions *out, int64_t at_ms)
{
    act(out, SYNC_DO_TIMER)->at_ms = at_ms;
}

/* ------------------------------------------------------------------- contacts */

static void forget_contact(struct sync *s)
{
    s->writable = false;
    s->request = REQUEST_NONE;
    s->bundle = (struct outgoing){0};
    s->blob = (struct outgoing){0};
    s->reading = NULL;
    s->sent = s->config.received;
    s->blob_after = 0;
    s->blobs_asked = false;
    s->blobs_over = false;
    s->blobs_unreceived = 0;
    receipt_release(&s->storing);
    buffer_clear(&s->stored_next);
}

static void connect_now(struct sync *s, struct sync_actions *out)
{
    move_to(s, SYNC_CONNECTING);
    s->refused = 0;
    (void)act(out, SYNC_DO_CONNECT);
}

/* Doubles from a second to five minutes, each between half and whole of it, so
 * that a province's boxes do not come back all at once. */
static int64_t backoff_ms(struct sync *s)
{
    int64_t ms = BACKOFF_MS_MIN;

    for (unsigned i = 1; i < s->failures && ms < BACKOFF_MS_MAX; i++)
        ms *= 2;
    if (ms > BACKOFF_MS_MAX)
        ms = BACKOFF_MS_MAX;
    return ms / 2 + (int64_t)random_below(s->config.random, (uint64_t)ms / 2 + 1);
}

static void wait_until(struct sync *s, int64_t at_ms, struct sync_actions *out)
{
    if (s->state == SYNC_TALKING)
        (void)act(out, SYNC_DO_CLOSE);
    forget_contact(s);
    move_to(s, SYNC_WAITING);
    set_timer(out, at_ms);
}

static void link_lost(struct sync *s, int64_t now_ms, struct sync_actions *out)
{
    if (s->state != SYNC_CONNECTING && s->state != SYNC_TALKING)
        return; /* we closed it ourselves */
    s->failures++;
    forget_contact(s);
    move_to(s, SYNC_WAITING);
    set_timer(out, now_ms + backoff_ms(s));
    trace(out, "link down, try %u follows", s->failures + 1);
}

/* The first flight: claim if we are new, and the status vector. */
static void greet(struct sync *s, const struct sync_event *in, struct sync_actions *out)
{
    struct sync_action *a;

    move_to(s, SYNC_TALKING);
    forget_contact(s);
    a = act(out, SYNC_DO_SEND);
    if (!s->config.claimed) {
        uint8_t bytes[CLAIM_BYTES];
        struct claim c = {.site = s->config.site,
                          .epoch = s->config.epoch,
                          .key = s->config.box.public_key};

        claim_encode(&c, s->config.secret, &s->config.box, bytes);
        message_claim(&a->bytes, bytes);
    }
    message_hello(&a->bytes, s->config.site, s->config.epoch, &in->as.link.status,
                  in->as.link.binding, in->as.link.binding_count, &s->config.box);
    trace(out, "says hello, %llu to send",
          (unsigned long long)(s->config.last - s->config.received));
}

/* ----------------------------------------------------------------------- pump */

static bool all_received(const struct sync *s)
{
    return s->config.received >= s->config.last && s->blobs_over &&
           s->blobs_unreceived == 0 && s->config.claimed;
}

static void ask(struct sync *s, enum request r)
{
    assert(s->request == REQUEST_NONE);
    s->request = r;
}

/* Asks for the next block of `o`, or sends the question where to go on. */
static void send_some(struct sync *s, struct outgoing *o, struct sync_actions *out)
{
    struct sync_action *a;

    if (o->object.sent_before && o->offset == 0 && !o->asked) {
        a = act(out, SYNC_DO_SEND);
        message_offer(&a->bytes, &o->object.id, o->object.total_bytes);
        o->asked = true;
        return;
    }
    ask(s, REQUEST_BLOCK);
    s->reading = o;
    a = act(out, SYNC_DO_READ_BLOCK);
    a->object = o->object.id;
    a->offset = o->offset;
    a->count = BLOCK_BYTES_MAX;
}

/* What is most important and can be done now: records, then originals. */
static void pump(struct sync *s, struct sync_actions *out)
{
    if (s->state != SYNC_TALKING || s->request != REQUEST_NONE)
        return;
    if (all_received(s)) {
        s->failures = 0;
        (void)act(out, SYNC_DO_CLOSE);
        forget_contact(s);
        s->blobs_over = true; /* still true: what closed the contact */
        move_to(s, SYNC_IDLE);
        trace(out, "all received");
        return;
    }
    if (!s->writable)
        return;
    if (!s->bundle.active && s->sent < s->config.last) {
        ask(s, REQUEST_BUNDLE);
        act(out, SYNC_DO_MAKE_BUNDLE)->first = s->sent + 1;
    } else if (s->bundle.active && !(s->bundle.asked && s->bundle.offset == 0)) {
        send_some(s, &s->bundle, out);
    } else if (!s->blob.active && !s->blobs_over) {
        ask(s, REQUEST_BLOB);
        act(out, SYNC_DO_NEXT_BLOB)->first = s->blob_after;
    } else if (s->blob.active && !(s->blob.asked && s->blob.offset == 0)) {
        send_some(s, &s->blob, out);
    }
}

/* The object has left whole. */
static void leave(struct sync *s, struct outgoing *o, struct sync_actions *out)
{
    if (o == &s->bundle) {
        s->sent = o->object.last;
        trace(out, "sent %llu to %llu", (unsigned long long)o->object.first,
              (unsigned long long)o->object.last);
    } else {
        s->blob_after = o->object.last;
        s->blobs_unreceived++;
        trace(out, "sent an original of %llu bytes",
              (unsigned long long)o->object.total_bytes);
    }
    *o = (struct outgoing){0};
}

static void block_read(struct sync *s, const struct sync_event *in,
                       struct sync_actions *out)
{
    struct outgoing *o = s->reading;
    struct sync_action *a = act(out, SYNC_DO_SEND);

    assert(o != NULL && o->active);
    assert(in->as.block.count > 0 && in->as.block.count <= BLOCK_BYTES_MAX);
    message_block(&a->bytes, &o->object.id, o->object.total_bytes, o->offset,
                  in->as.block.bytes, in->as.block.count);
    o->offset += in->as.block.count;
    s->reading = NULL;
    s->writable = false; /* until the carrier says so again */
    if (o->offset >= o->object.total_bytes)
        leave(s, o, out);
}

static void object_here(struct sync *s, enum request was,
                        const struct sync_object *object)
{
    struct outgoing *o = was == REQUEST_BUNDLE ? &s->bundle : &s->blob;

    assert(object->total_bytes > 0);
    *o = (struct outgoing){.active = true, .object = *object};
}

static void no_object(struct sync *s, enum request was)
{
    if (was == REQUEST_BLOB)
        s->blobs_over = true;
    else
        s->sent = s->config.last; /* nothing synced lies between */
}

/* ------------------------------------------------------------------- messages */

static struct outgoing *find_outgoing(struct sync *s, const struct object_id *id)
{
    if (s->bundle.active && object_id_equal(&s->bundle.object.id, id))
        return &s->bundle;
    if (s->blob.active && object_id_equal(&s->blob.object.id, id))
        return &s->blob;
    return NULL;
}

static int take_have(struct sync *s, const struct message *m, struct sync_actions *out,
                     struct err *e)
{
    struct outgoing *o = find_outgoing(s, &m->as.block.object);

    if (o == NULL)
        return 0; /* it has left meanwhile: the receipt will tell */
    if (m->as.block.offset > o->object.total_bytes)
        return err_set(e, ERR_REFUSED, "sync: the centre has more than there is");
    if (s->reading == o)
        return 0; /* a block is being read for the old place; HAVE comes again */
    o->asked = false;
    o->object.sent_before = false;
    o->offset = m->as.block.offset;
    if (o->offset == o->object.total_bytes)
        leave(s, o, out);
    return 0;
}

static void store_receipt(struct sync *s, const void *bytes, size_t count,
                          struct sync_actions *out)
{
    struct sync_action *a = act(out, SYNC_DO_STORE_RECEIPT);

    ask(s, REQUEST_STORE);
    buffer_append(&a->bytes, bytes, count);
}

/* Persist first: its numbers count once it is on our disk. */
static int take_receipt(struct sync *s, const struct message *m, struct sync_actions *out,
                        struct err *e)
{
    struct receipt r;

    if (receipt_decode(&r, m->as.receipt.bytes, m->as.receipt.count, &s->config.centre,
                       s->config.site, e) != 0)
        return err_wrap(e, "sync");
    if (s->request != REQUEST_NONE) {
        /* The newest one replaces any that waits, but for blobs: they are named
         * once, so the carrier gets them all. */
        buffer_append_u32(&s->stored_next, (uint32_t)m->as.receipt.count);
        buffer_append(&s->stored_next, m->as.receipt.bytes, m->as.receipt.count);
        receipt_release(&r);
        return buffer_check(&s->stored_next, e);
    }
    receipt_release(&s->storing);
    s->storing = r;
    store_receipt(s, m->as.receipt.bytes, m->as.receipt.count, out);
    return 0;
}

/* Takes the next receipt that waited, if any. */
static void store_waiting(struct sync *s, struct sync_actions *out)
{
    struct cursor c;
    struct err ignored;
    uint32_t count;
    const unsigned char *bytes;

    while (s->state == SYNC_TALKING && s->request == REQUEST_NONE &&
           s->stored_next.count > 0) {
        cursor_init(&c, s->stored_next.bytes, s->stored_next.count);
        count = cursor_u32(&c);
        bytes = cursor_take(&c, count);
        assert(bytes != NULL);
        receipt_release(&s->storing);
        if (receipt_decode(&s->storing, bytes, count, &s->config.centre, s->config.site,
                           &ignored) == 0) /* it was decoded when it came */
            store_receipt(s, bytes, count, out);
        memmove(s->stored_next.bytes, s->stored_next.bytes + 4 + count,
                s->stored_next.count - 4 - count);
        s->stored_next.count -= 4 + (size_t)count;
    }
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Sends again from what the centre has, whatever was on its way. */
static void go_back(struct sync *s)
{
    s->sent = s->config.received;
    s->bundle = (struct outgoing){0};
}

static void take_numbers(struct sync *s, const struct receipt *r)
{
    if (r->centre_epoch > s->config.centre_epoch) {
        /* A centre put back to a backup says where it stands now. */
        s->config.centre_epoch = r->centre_epoch;
        s->config.received = r->received;
        s->config.applied = r->applied;
        s->config.safe = r->safe;
        s->blobs_over = false;
        s->blob_after = 0;
        go_back(s);
    } else if (r->centre_epoch == s->config.centre_epoch) {
        s->config.received = larger(s->config.received, r->received);
        s->config.applied = larger(s->config.applied, r->applied);
        s->config.safe = larger(s->config.safe, r->safe);
        if (r->missing_first != 0)
            go_back(s);
    }
    if (s->config.received > s->sent) { /* another road was faster */
        s->sent = s->config.received;
        if (s->bundle.active && s->bundle.object.last <= s->config.received)
            s->bundle = (struct outgoing){0};
    }
}

static void receipt_stored(struct sync *s, struct sync_actions *out)
{
    const struct receipt *r = &s->storing;

    s->config.claimed = true;
    s->failures = 0;
    take_numbers(s, r);
    s->blobs_unreceived -=
        r->blobs_count < s->blobs_unreceived ? r->blobs_count : s->blobs_unreceived;
    trace(out, "receipt: received %llu, applied %llu, safe %llu, %zu originals",
          (unsigned long long)r->received, (unsigned long long)r->applied,
          (unsigned long long)r->safe, r->blobs_count);
}

static void take_refused(struct sync *s, const struct message *m, int64_t now_ms,
                         struct sync_actions *out)
{
    struct outgoing *o = find_outgoing(s, &m->as.refused.object);

    trace(out, "refused: %s", refused_name(m->as.refused.reason));
    if (m->as.refused.object.kind == OBJECT_BLOB &&
        m->as.refused.reason == REFUSED_FORGED) {
        /* The blob arrived damaged: again from its start, in the next contact. */
        if (o != NULL)
            leave(s, o, out);
        return;
    }
    s->refused = m->as.refused.reason;
    wait_until(s, now_ms + REFUSED_WAIT_MS, out);
}

static int take_message(struct sync *s, const struct sync_event *in,
                        struct sync_actions *out, struct err *e)
{
    const struct message *m = in->as.message;

    if (s->state != SYNC_TALKING)
        return 0; /* it was on its way when we closed */
    switch (m->type) {
    case MESSAGE_HAVE:
        return take_have(s, m, out, e);
    case MESSAGE_RECEIPT:
        return take_receipt(s, m, out, e);
    case MESSAGE_REFUSED:
        take_refused(s, m, in->now_ms, out);
        return 0;
    case MESSAGE_LATER:
        trace(out, "the centre says: in %u ms", m->as.later_ms);
        wait_until(s, in->now_ms + m->as.later_ms, out);
        return 0;
    case MESSAGE_PING:
        message_empty(&act(out, SYNC_DO_SEND)->bytes, MESSAGE_PONG);
        return 0;
    case MESSAGE_PONG:
        return 0;
    case MESSAGE_HELLO:
    case MESSAGE_CLAIM:
    case MESSAGE_OFFER:
    case MESSAGE_BLOCK:
        break;
    }
    return err_set(e, ERR_REFUSED, "sync: message %d is not the centre's to send",
                   (int)m->type);
}

/* ----------------------------------------------------------------------- step */

/* The event that answers the open request; false for a late answer to a contact
 * that is over. */
static bool take_answer(struct sync *s, enum request *was)
{
    *was = s->request;
    s->request = REQUEST_NONE;
    return *was != REQUEST_NONE;
}

static void take_event(struct sync *s, const struct sync_event *in,
                       struct sync_actions *out)
{
    enum request was;

    switch (in->kind) {
    case SYNC_EVENT_TIMER:
    case SYNC_EVENT_WANTED:
        if (s->state == SYNC_WAITING || s->state == SYNC_IDLE)
            connect_now(s, out);
        return;
    case SYNC_EVENT_COMMITTED:
        s->config.last = larger(s->config.last, in->as.last);
        s->blobs_over = false;
        if (s->state == SYNC_IDLE)
            connect_now(s, out);
        return;
    case SYNC_EVENT_LINK_UP:
        if (s->state == SYNC_CONNECTING)
            greet(s, in, out);
        return;
    case SYNC_EVENT_LINK_DOWN:
        link_lost(s, in->now_ms, out);
        return;
    case SYNC_EVENT_WRITABLE:
        s->writable = true;
        return;
    case SYNC_EVENT_OBJECT:
        if (take_answer(s, &was))
            object_here(s, was, &in->as.object);
        return;
    case SYNC_EVENT_NO_OBJECT:
        if (take_answer(s, &was))
            no_object(s, was);
        return;
    case SYNC_EVENT_BLOCK:
        if (take_answer(s, &was) && s->reading != NULL)
            block_read(s, in, out);
        return;
    case SYNC_EVENT_STORED:
        if (take_answer(s, &was))
            receipt_stored(s, out);
        return;
    case SYNC_EVENT_FAILED:
        if (take_answer(s, &was)) {
            (void)act(out, SYNC_DO_CLOSE);
            link_lost(s, in->now_ms, out);
        }
        return;
    case SYNC_EVENT_MESSAGE:
        break; /* take_message: the one that can be refused */
    }
}

int sync_step(struct sync *s, const struct sync_event *in, struct sync_actions *out,
              struct err *e)
{
    sync_actions_release(out);
    if (in->kind == SYNC_EVENT_MESSAGE) {
        if (take_message(s, in, out, e) != 0)
            return -1;
    } else {
        take_event(s, in, out);
    }
    store_waiting(s, out);
    pump(s, out);
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
    assert(c->received <= c->last && c->random != NULL);
    s->config = *c;
    buffer_init(&s->stored_next, 64 * RECEIPT_BYTES_MAX);
    forget_contact(s);
    return 0;
}

void sync_destroy(struct sync *s)
{
    if (s == NULL)
        return;
    receipt_release(&s->storing);
    buffer_release(&s->stored_next);
    sodium_memzero(s, sizeof *s);
    free(s);
}

enum sync_state sync_state_now(const struct sync *s)
{
    return s->state;
}

bool sync_drained(const struct sync *s)
{
    return s->state == SYNC_IDLE && all_received(s);
}

unsigned sync_refused(const struct sync *s)
{
    return s->refused;
}
