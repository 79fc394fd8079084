#include "sync/core_internal.h"

#include <assert.h>
#include <string.h>

/* All blocks of what may come before it is offered again, with what is around them. */
#define WAITING_BLOCKS_BYTES_MAX                                                         \
    ((size_t)SYNC_INCOMING_BYTES_MAX / BLOCK_BYTES_MAX * (BLOCK_BYTES_MAX + 64))
#define WAITING_BYTES_MAX (WAITING_BLOCKS_BYTES_MAX + MESSAGE_PAYLOAD_MAX)

static bool is_same(const struct incoming *i, const struct message *m)
{
    return i->active && object_id_equal(&i->object, &m->as.block.object) &&
           i->total_bytes == m->as.block.total_bytes;
}

void incoming_forget(struct sync *s)
{
    for (size_t i = 0; i < OBJECT_KINDS; i++) {
        struct buffer waiting = s->incoming[i].waiting;

        if (waiting.count_max == 0)
            buffer_init(&waiting, WAITING_BYTES_MAX);
        buffer_clear(&waiting);
        s->incoming[i] = (struct incoming){.waiting = waiting};
    }
}

bool incoming_settled(const struct sync *s)
{
    const struct contact *c = &s->contact;

    if (c->incoming_stopped)
        return true;
    for (size_t i = 0; i < OBJECT_KINDS; i++)
        if ((s->incoming[i].active && !s->incoming[i].taken) ||
            s->incoming[i].waiting.count > 0)
            return false;
    return c->pongs >= c->pongs_due &&
           (s->wanted_count == 0 || !class_allowed(s, SYNC_CLASS_ORIGINALS));
}

/* -------------------------------------------------------------------- arriving */

/* What is too much is dropped, and asked for again from where we are. */
static void keep_waiting(struct incoming *i, const struct message *m)
{
    if (m->type == MESSAGE_OFFER)
        message_offer(&i->waiting, &m->as.block.object, m->as.block.total_bytes);
    else if (i->waiting.count <= WAITING_BLOCKS_BYTES_MAX)
        message_block(&i->waiting, &m->as.block.object, m->as.block.total_bytes,
                      m->as.block.offset, m->as.block.bytes, m->as.block.count);
    else
        i->tell = true;
}

void incoming_message(struct sync *s, const struct message *m, struct sync_actions *out)
{
    if (m->as.block.object.kind >= OBJECT_KINDS) {
        message_refused(&sync_act(out, SYNC_DO_SEND)->bytes, &m->as.block.object,
                        REFUSED_UNKNOWN_KIND);
        return;
    }
    if (!s->contact.incoming_stopped)
        keep_waiting(&s->incoming[m->as.block.object.kind], m);
}

/* --------------------------------------------------------------------- looking */

static void drop_first(struct incoming *i, size_t count)
{
    memmove(i->waiting.bytes, i->waiting.bytes + count, i->waiting.count - count);
    i->waiting.count -= count;
}

static void ask_here(struct sync *s, struct incoming *i, struct sync_actions *out)
{
    struct sync_action *a = sync_act(out, SYNC_DO_TAKE_OFFER);

    sync_request(s, REQUEST_OFFER);
    s->contact.taking = i;
    a->object = i->object;
    a->total_bytes = i->total_bytes;
}

static void ask_offer(struct sync *s, struct incoming *i, const struct message *m,
                      struct sync_actions *out)
{
    *i = (struct incoming){.active = true,
                           .tell = i->tell, /* what was dropped came after this */
                           .object = m->as.block.object,
                           .total_bytes = m->as.block.total_bytes,
                           .waiting = i->waiting};
    ask_here(s, i, out);
}

/* Bytes that we have are passed over; bytes after a gap are not taken. Either way the
 * centre is told once where to go on. */
static void ask_block(struct sync *s, struct incoming *i, const struct message *m,
                      struct sync_actions *out)
{
    uint64_t from = m->as.block.offset, end = from + m->as.block.count;
    struct sync_action *a;

    if (from > i->bytes || end <= i->bytes) {
        i->tell = i->tell || !i->asked;
        return;
    }
    sync_request(s, REQUEST_TAKE);
    s->contact.taking = i;
    a = sync_act(out, SYNC_DO_TAKE_BLOCK);
    a->object = i->object;
    a->total_bytes = i->total_bytes;
    a->offset = i->bytes;
    buffer_append(&a->bytes, m->as.block.bytes + (i->bytes - from),
                  (size_t)(end - i->bytes));
}

/* A BLOCK that begins something is its offer first, and waits for the answer. */
static void look_at(struct sync *s, struct incoming *i, struct sync_actions *out)
{
    struct message m;
    struct err ignored;
    size_t used;

    if (message_next(&m, &used, i->waiting.bytes, i->waiting.count, &ignored) != 1) {
        buffer_clear(&i->waiting); /* memory was short: it is asked for again */
        return;
    }
    if (m.type == MESSAGE_OFFER) {
        ask_offer(s, i, &m, out);
    } else if (!is_same(i, &m) || (i->taken && m.as.block.offset == 0 && !i->fresh)) {
        ask_offer(s, i, &m, out);
        i->fresh = true;
        return;
    } else if (!i->taken) {
        ask_block(s, i, &m, out);
    }
    i->fresh = false;
    drop_first(i, used);
}

static void look(struct sync *s, struct incoming *i, struct sync_actions *out)
{
    while (s->request == REQUEST_NONE && i->waiting.count > 0)
        look_at(s, i, out);
    if (s->request != REQUEST_NONE || !i->tell || !i->active || i->taken)
        return;
    i->tell = false;
    ask_here(s, i, out);
}

/* A blob's block, while records leave: in its turn only. */
static bool blobs_turn(const struct sync *s)
{
    return !outgoing_ready(s, SYNC_CLASS_RECORDS) ||
           s->contact.incoming_passed >= SYNC_SHARE_BLOCKS;
}

static void say_wanted(struct sync *s, struct sync_actions *out)
{
    struct contact *c = &s->contact;
    struct sync_action *a;

    if (c->wanted_said >= s->wanted_count || c->incoming_stopped ||
        !class_allowed(s, SYNC_CLASS_ORIGINALS))
        return;
    a = sync_act(out, SYNC_DO_SEND);
    for (; c->wanted_said < s->wanted_count; c->wanted_said++)
        message_want(&a->bytes, &s->wanted[c->wanted_said]);
}

void incoming_next(struct sync *s, struct sync_actions *out)
{
    if (s->state != SYNC_TALKING)
        return;
    say_wanted(s, out);
    look(s, &s->incoming[OBJECT_BUNDLE], out);
    if (blobs_turn(s))
        look(s, &s->incoming[OBJECT_BLOB], out);
}

/* -------------------------------------------------------------------- answered */

static void want_no_more(struct sync *s, size_t index)
{
    if (index < s->contact.wanted_said)
        s->contact.wanted_said--;
    s->wanted_count--;
    for (size_t i = index; i < s->wanted_count; i++)
        s->wanted[i] = s->wanted[i + 1];
}

static bool want_ended(struct sync *s, const struct object_id *id)
{
    for (size_t i = 0; i < s->wanted_count; i++)
        if (object_id_equal(&s->wanted[i], id)) {
            want_no_more(s, i);
            return true;
        }
    return false;
}

/* Who asks again and again is not answered by a contact each time; the oldest is
 * forgotten first. */
static bool want_denied(struct sync *s, const struct object_id *id)
{
    if (!want_ended(s, id))
        return false;
    if (s->denied_count == SYNC_WANTED_MAX)
        memmove(s->denied, s->denied + 1, --s->denied_count * sizeof s->denied[0]);
    s->denied[s->denied_count++] = *id;
    return true;
}

static bool is_among(const struct object_id *list, size_t count,
                     const struct object_id *id)
{
    for (size_t i = 0; i < count; i++)
        if (object_id_equal(&list[i], id))
            return true;
    return false;
}

void incoming_hope_again(struct sync *s)
{
    s->denied_count = 0;
}

/* Whole, and kept. What a bundle changed is said too, and the centre is asked whether
 * it has more to say. */
static void all_here(struct sync *s, struct incoming *i, const struct sync_taken *t,
                     struct sync_actions *out)
{
    struct sync_action *a = sync_act(out, SYNC_DO_SEND);

    i->taken = true;
    message_have(&a->bytes, &i->object, i->total_bytes);
    if (i->object.kind == OBJECT_BUNDLE) {
        message_seen(&a->bytes, t->seen, t->epoch);
        message_empty(&a->bytes, MESSAGE_PING);
        s->contact.pongs_due = ++s->contact.pings;
        sync_trace(out, "applied the centre's changes up to %llu",
                   (unsigned long long)t->seen);
        return;
    }
    (void)want_ended(s, &i->object);
    sync_trace(out, "an original of %llu bytes is back",
               (unsigned long long)i->total_bytes);
}

static void go_on(struct sync *s, struct incoming *i, const struct sync_taken *t,
                  bool offered, struct sync_actions *out)
{
    i->bytes = t->bytes;
    if (offered) {
        message_have(&sync_act(out, SYNC_DO_SEND)->bytes, &i->object, t->bytes);
        i->asked = true;
        return;
    }
    i->asked = false;
    if (i->object.kind == OBJECT_BLOB)
        s->contact.incoming_passed = 0;
}

void incoming_taken(struct sync *s, enum request was, const struct sync_event *in,
                    struct sync_actions *out)
{
    const struct sync_taken *t = &in->as.taken;
    struct incoming *i = s->contact.taking;

    s->contact.moved_ms = in->now_ms;
    switch (t->state) {
    case SYNC_TAKING_MORE:
        assert(t->bytes < i->total_bytes);
        go_on(s, i, t, was == REQUEST_OFFER, out);
        return;
    case SYNC_TAKING_DONE:
        all_here(s, i, t, out);
        return;
    case SYNC_TAKING_REFUSED:
        i->taken = true;
        (void)want_denied(s, &i->object);
        message_refused(&sync_act(out, SYNC_DO_SEND)->bytes, &i->object, t->why);
        sync_trace(out, "refuses what the centre sent: %s", refused_name(t->why));
        return;
    }
}

/* The rest of the contact goes on without it: what leaves must not wait for what
 * cannot be kept. */
void incoming_failed(struct sync *s)
{
    incoming_forget(s);
    s->contact.taking = NULL;
    s->contact.incoming_stopped = true;
}

/* ---------------------------------------------------------------------- wanted */

void incoming_fetch(struct sync *s, const struct sync_event *in, struct sync_actions *out)
{
    const struct object_id *id = &in->as.fetch;

    if (is_among(s->wanted, s->wanted_count, id) ||
        is_among(s->denied, s->denied_count, id))
        return;
    if (s->wanted_count == SYNC_WANTED_MAX)
        return; /* the carrier says it again when there is room */
    s->wanted[s->wanted_count++] = *id;
    if (s->state == SYNC_IDLE && class_allowed(s, SYNC_CLASS_ORIGINALS))
        contact_connect(s, in->now_ms, out);
}

bool incoming_refused(struct sync *s, const struct message *m)
{
    return m->as.refused.reason == REFUSED_NOT_HERE &&
           want_denied(s, &m->as.refused.object);
}
