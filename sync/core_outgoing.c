#include "sync/core_internal.h"

#include <assert.h>

/* A bundle may lack its history, its dictionary, and each once more on another road. */
#define LACKED_MAX           4
#define SENT_AGAIN_BYTES_MAX 2048 /* a record's, as it is made: under a second's bytes */

/* A rate is told of at least so many bytes, and forgets what is older. */
#define RATE_BYTES_MIN (16u << 10)
#define RATE_BYTES_MAX (256u << 10)

static struct outgoing *find(struct sync *s, const struct object_id *id)
{
    struct contact *c = &s->contact;
    struct blob_line *line = blob_line_with(c, id);

    if (c->bundle.active && object_id_equal(&c->bundle.object.id, id))
        return &c->bundle;
    return line == NULL ? NULL : &line->out;
}

void outgoing_drop(struct sync *s, struct outgoing *o)
{
    if (s->contact.reading == o)
        s->contact.reading = NULL;
    *o = (struct outgoing){0};
}

/* ----------------------------------------------------------------------- pump */

/* Bytes a second that the link takes, by what left last, also in contacts before; 0: too
 * little has left to say. */
static uint64_t rate_of(const struct sync *s)
{
    if (s->drained_bytes < RATE_BYTES_MIN)
        return 0;
    return s->drained_bytes * 1000 / (s->drained_ms + 1);
}

void outgoing_drained(struct sync *s, int64_t now_ms)
{
    struct contact *c = &s->contact;

    if (c->writable || c->leaving_bytes == 0)
        return;
    s->drained_bytes += c->leaving_bytes;
    s->drained_ms += (uint64_t)(now_ms - c->leaving_ms);
    c->leaving_bytes = 0;
    if (s->drained_bytes < RATE_BYTES_MAX)
        return;
    s->drained_bytes /= 2; /* the newest counts most */
    s->drained_ms /= 2;
}

static void ask_bundle(struct sync *s, struct sync_actions *out)
{
    struct contact *c = &s->contact;
    struct sync_action *a = sync_act(out, SYNC_DO_MAKE_BUNDLE);

    sync_request(s, REQUEST_BUNDLE);
    a->first = c->sent + 1;
    a->rate = rate_of(s);
    a->lacks = c->lacks;
    a->object = c->lacking;
    c->lacks = 0;
}

static void ask_blob(struct sync *s, unsigned line, struct sync_actions *out)
{
    struct sync_action *a;

    sync_request(s, REQUEST_BLOB);
    s->contact.asking = line;
    a = sync_act(out, SYNC_DO_NEXT_BLOB);
    a->class = (enum sync_class)(BLOB_CLASS_FIRST + line);
    a->first = s->contact.blobs[line].after;
}

/* Some of it left before: ask how much arrived. But a small bundle is sooner sent again
 * than asked after, and a record is urgent; unless the centre holds it. */
static bool must_ask(const struct sync *s, const struct outgoing *o)
{
    if (o == &s->contact.bundle && o->offset == 0 && held_begins(s, o->object.first))
        return true;
    return o->object.sent_before && o->offset == 0 &&
           (o->object.class != SYNC_CLASS_RECORDS ||
            o->object.total_bytes > SENT_AGAIN_BYTES_MAX);
}

/* Asks for the next block of `o`, or puts the question where to go on. */
static void send_some(struct sync *s, struct outgoing *o, struct sync_actions *out)
{
    struct sync_action *a;

    if (must_ask(s, o)) {
        a = sync_act(out, SYNC_DO_SEND);
        message_offer(&a->bytes, &o->object.id, o->object.total_bytes);
        o->asked = true;
        ahead_begin(s, o);
        return;
    }
    sync_request(s, REQUEST_BLOCK);
    s->contact.reading = o;
    a = sync_act(out, SYNC_DO_READ_BLOCK);
    a->object = o->object.id;
    a->class = o->object.class;
    a->offset = o->offset;
    a->count = ahead_room(o);
}

/* For one blob more to wait for its receipt: those that are leaving will too. */
static bool has_room(const struct contact *c)
{
    size_t count = c->awaited_count;

    for (size_t i = 0; i < BLOB_CLASSES; i++)
        count += c->blobs[i].out.active;
    return count < BLOBS_AWAITED_MAX;
}

bool outgoing_ready(const struct sync *s, enum sync_class class)
{
    const struct contact *c = &s->contact;
    const struct blob_line *line = blob_line_of((struct contact *)c, class);

    if (!class_allowed(s, class))
        return false;
    if (class == SYNC_CLASS_RECORDS)
        return c->bundle.active ? !ahead_waits(&c->bundle) : c->sent < s->config.last;
    if (line == NULL)
        return false;
    return line->out.active ? !ahead_waits(&line->out) : !line->over && has_room(c);
}

/* A blob's rest is found again when there is room. */
void outgoing_withhold(struct sync *s, struct sync_actions *out)
{
    struct contact *c = &s->contact;

    if ((c->bundle.active || c->sent < s->config.last) &&
        !class_allowed(s, SYNC_CLASS_RECORDS))
        class_withhold(s, SYNC_CLASS_RECORDS, out);
    for (size_t i = 0; i < BLOB_CLASSES; i++) {
        struct blob_line *line = &c->blobs[i];
        enum sync_class class = (enum sync_class)(BLOB_CLASS_FIRST + i);

        if (!line->out.active || class_allowed(s, class))
            continue;
        class_withhold(s, class, out);
        blob_drop(s, line);
        line->over = true;
    }
}

/* Nothing of it leaves now, but whether something waits is told. */
static void look_at_withheld(struct sync *s, struct sync_actions *out)
{
    struct contact *c = &s->contact;

    for (unsigned i = 0; i < BLOB_CLASSES && has_room(c); i++)
        if (!c->blobs[i].over && !c->blobs[i].out.active &&
            !class_allowed(s, (enum sync_class)(BLOB_CLASS_FIRST + i))) {
            ask_blob(s, i, out);
            return;
        }
}

void outgoing_pump(struct sync *s, struct sync_actions *out)
{
    struct contact *c = &s->contact;
    enum sync_class class;

    if (!c->writable || s->request != REQUEST_NONE)
        return;
    if (!classes_next(s, &class)) {
        look_at_withheld(s, out);
    } else if (class == SYNC_CLASS_RECORDS && c->bundle.active) {
        send_some(s, &c->bundle, out);
    } else if (class == SYNC_CLASS_RECORDS) {
        ask_bundle(s, out);
    } else if (blob_line_of(c, class)->out.active) {
        send_some(s, &blob_line_of(c, class)->out, out);
    } else {
        ask_blob(s, class - BLOB_CLASS_FIRST, out);
    }
}

/* The object has left whole. */
static void leave(struct sync *s, struct outgoing *o, struct sync_actions *out)
{
    struct contact *c = &s->contact;

    if (o == &c->bundle) {
        c->sent = o->object.last;
        c->left = c->sent > c->left ? c->sent : c->left;
        sync_trace(out, "sent %llu to %llu", (unsigned long long)o->object.first,
                   (unsigned long long)o->object.last);
        held_left(s, &o->object);
        outgoing_drop(s, o);
        held_pass(s);
        return;
    }
    blob_await(c, &o->object.id);
    sync_trace(out, "sent an %s of %llu bytes",
               o->object.class == SYNC_CLASS_IMAGES ? "image" : "original",
               (unsigned long long)o->object.total_bytes);
    blob_drop(s, blob_line_with(c, &o->object.id));
}

/* -------------------------------------------------------------------- answers */

void outgoing_here(struct sync *s, enum request was, const struct sync_object *object)
{
    struct contact *c = &s->contact;
    struct outgoing o = {.active = true, .object = *object};

    assert(object->total_bytes > 0 && object->first <= object->last);
    if (was == REQUEST_BUNDLE) {
        assert(object->class == SYNC_CLASS_RECORDS);
        if (object->last > s->config.last)
            s->config.last = object->last; /* committed since we were last told */
        c->bundle = o;
        return;
    }
    assert(object->class == (enum sync_class)(BLOB_CLASS_FIRST + c->asking));
    if (blob_was_refused(s, &object->id) || blob_is_awaited(c, &object->id) ||
        blob_line_with(c, &object->id) != NULL) /* an image that somebody took in again */
        c->blobs[c->asking].after = object->last;
    else
        c->blobs[c->asking].out = o;
}

void outgoing_none(struct sync *s, enum request was)
{
    struct contact *c = &s->contact;

    if (was == REQUEST_BLOB)
        c->blobs[c->asking].over = true;
    else
        c->sent = s->config.last; /* nothing synced lies between */
}

void outgoing_block(struct sync *s, const struct sync_event *in, struct sync_actions *out)
{
    struct contact *c = &s->contact;
    struct outgoing *o = c->reading;
    struct sync_action *a;

    c->reading = NULL;
    if (o == NULL)
        return; /* it was dropped meanwhile */
    assert(in->as.block.count > 0 && in->as.block.count <= BLOCK_BYTES_MAX &&
           in->as.block.count <= o->object.total_bytes - o->offset);
    a = sync_act(out, SYNC_DO_SEND);
    message_block(&a->bytes, &o->object.id, o->object.total_bytes, o->offset,
                  in->as.block.bytes, in->as.block.count);
    a->class = o->object.class;
    classes_sent(s, o->object.class, a->bytes.count);
    o->offset += in->as.block.count;
    ahead_left(s, o);
    c->leaving_bytes = a->bytes.count;
    c->leaving_ms = in->now_ms;
    c->writable = false; /* until the carrier says so again */
    c->moved_ms = in->now_ms;
    if (o->offset >= o->object.total_bytes && !o->asked)
        leave(s, o, out);
}

/* -------------------------------------------------------------- what came back */

/* Also unasked: the centre says so when a block is not where it needs it. */
int outgoing_have(struct sync *s, const struct message *m, struct sync_actions *out,
                  struct err *e)
{
    struct outgoing *o = find(s, &m->as.block.object);

    if (o == NULL) { /* it has left meanwhile: the receipt will tell */
        held_have(s, &m->as.block.object, m->as.block.offset);
        return 0;
    }
    if (m->as.block.offset > o->object.total_bytes)
        return err_set(e, ERR_REFUSED, "the centre has more than there is");
    if (s->contact.reading == o)
        s->contact.reading = NULL; /* that block is for the old place */
    ahead_have(o, m->as.block.offset);
    o->object.sent_before = false;
    if (o->offset < o->object.total_bytes) {
        if (o == &s->contact.bundle && held_begins(s, o->object.first))
            held_forget(s);
        return 0;
    }
    leave(s, o, out);
    held_have(s, &m->as.block.object, m->as.block.offset);
    return 0;
}

/* The centre lacks what a bundle leans on: its frames go again, packed otherwise. False if
 * that does not help. */
static bool pack_otherwise(struct sync *s, const struct message *m)
{
    struct contact *c = &s->contact;

    if (c->lacked++ == LACKED_MAX)
        return false;
    c->lacks = m->as.refused.reason;
    c->lacking = m->as.refused.object;
    outgoing_drop(s, &c->bundle);
    c->sent = s->config.received;
    return true;
}

/* One original that is damaged or too big must not stop the records, nor a bundle that can
 * be made otherwise; any other refusal is about us. */
bool outgoing_refused(struct sync *s, const struct message *m)
{
    const struct object_id *id = &m->as.refused.object;

    if (id->kind == OBJECT_BUNDLE && (m->as.refused.reason == REFUSED_HISTORY ||
                                      m->as.refused.reason == REFUSED_DICTIONARY))
        return pack_otherwise(s, m);
    return id->kind == OBJECT_BLOB &&
           (m->as.refused.reason == REFUSED_FORGED ||
            m->as.refused.reason == REFUSED_TOO_BIG) &&
           blob_pass_over(s, id);
}

bool outgoing_unreadable(struct sync *s)
{
    struct object_id id;

    if (s->contact.reading == NULL)
        return true; /* it was dropped meanwhile */
    id = s->contact.reading->object.id;
    return id.kind == OBJECT_BLOB && blob_pass_over(s, &id);
}

void outgoing_go_back(struct sync *s)
{
    struct contact *c = &s->contact;
    uint64_t next = s->config.received + 1;

    if (c->bundle.active && c->bundle.object.first <= next &&
        next <= c->bundle.object.last) {
        c->sent = c->bundle.object.first - 1;
        return; /* what is on its way is what is needed */
    }
    c->sent = s->config.received;
    outgoing_drop(s, &c->bundle);
}

void outgoing_skip(struct sync *s)
{
    struct contact *c = &s->contact;

    if (c->sent < s->config.received)
        c->sent = s->config.received;
    if (c->bundle.active && c->bundle.object.last <= s->config.received)
        outgoing_drop(s, &c->bundle);
}
