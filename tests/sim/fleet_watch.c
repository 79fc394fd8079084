#include "tests/sim/fleet.h"

/* Of the blocks that leave while records wait: images and originals have waited for a
 * share of SYNC_SHARE_BLOCKS each. */
#define BLOB_BLOCKS_MAX(records) (2 + (records) / (SYNC_SHARE_BLOCKS / 2))
/* A whole original and the longest wait between two tries fit twice. */
#define LOOK_MS 1800000

/* ---------------------------------------------------------------------- classes */

void fleet_watch_told(struct fleet *f, unsigned box, uint64_t last)
{
    f->boxes[box].watch.told = last;
}

/* What another road has brought is not on its way any more. */
static void see_received(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    struct fleet_watch *w = &b->watch;
    struct outbox_numbers n;
    struct err e;

    if (outbox_numbers(b->outbox, &n, &e) != 0)
        return; /* its disk: whoever needs it says so */
    if (w->sent < n.received)
        w->sent = n.received;
    if (w->bundle && w->object.last <= n.received)
        w->bundle = false;
}

void fleet_watch_contact(struct fleet *f, unsigned box)
{
    struct fleet_watch *w = &f->boxes[box].watch;

    w->sent = 0;
    w->bundle = false;
    w->blob_blocks = w->record_blocks = 0;
    see_received(f, box);
}

void fleet_watch_bundle(struct fleet *f, unsigned box, const struct sync_object *object)
{
    struct fleet_watch *w = &f->boxes[box].watch;

    w->bundle = object != NULL;
    w->asked = false;
    if (object != NULL)
        w->object = *object;
    else
        w->sent = w->told; /* nothing synced lies between */
}

static void bundle_leaves(struct fleet_watch *w, const struct message *m)
{
    w->asked = false;
    w->record_blocks++;
    if (m->as.block.offset + m->as.block.count < m->as.block.total_bytes)
        return;
    w->bundle = false;
    w->sent = w->object.last;
}

/* Records that were offered wait for the centre, not for originals; so do those that are
 * held there behind a gap. */
static bool records_wait(const struct fleet_box *b)
{
    const struct fleet_watch *w = &b->watch;

    if (w->bundle)
        return !w->asked;
    return w->sent < w->told && !sync_held_from(b->core, w->sent + 1);
}

static void blob_leaves(struct fleet *f, unsigned box)
{
    struct fleet_watch *w = &f->boxes[box].watch;

    if (records_wait(&f->boxes[box]))
        see_received(f, box);
    if (!records_wait(&f->boxes[box])) {
        w->blob_blocks = w->record_blocks = 0;
        return;
    }
    if (++w->blob_blocks > BLOB_BLOCKS_MAX(w->record_blocks))
        fleet_fail(f, "box %u: an original leaves while records wait", box + 1);
}

void fleet_watch_send(struct fleet *f, unsigned box, const struct buffer *messages)
{
    struct fleet_watch *w = &f->boxes[box].watch;
    size_t at = 0, used;
    struct message m;
    struct err e;

    while (at < messages->count &&
           message_next(&m, &used, messages->bytes + at, messages->count - at, &e) == 1) {
        bool bundle = m.as.block.object.kind == OBJECT_BUNDLE;

        at += used;
        if (m.type == MESSAGE_OFFER && bundle)
            w->asked = true;
        else if (m.type == MESSAGE_BLOCK && bundle)
            bundle_leaves(w, &m);
        else if (m.type == MESSAGE_BLOCK)
            blob_leaves(f, box);
    }
}

/* ---------------------------------------------------------------------- backlog */

static bool is_quiet(const struct fleet *f, const struct fleet_box *b)
{
    const struct fleet_odds *o = &f->odds;
    int64_t since_ms = f->now_ms - LOOK_MS;

    return b->machine.on && f->centre_machine.on && b->signal &&
           b->signal_ms <= since_ms && f->struck_ms <= since_ms &&
           b->machine.clock.booted_ms <= since_ms &&
           f->centre_machine.clock.booted_ms <= since_ms &&
           o->lost + o->doubled + o->reordered + o->stale == 0;
}

/* One that rests may have an original that was refused for an hour; no records. */
static bool is_due(const struct fleet_box *b)
{
    return sync_state_now(b->core) == SYNC_IDLE ? b->memory.last > b->memory.promised
                                                : !sync_drained(b->core);
}

void fleet_watch_backlog(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    struct fleet_watch *w = &b->watch;
    bool moved =
        w->received != b->memory.promised || w->blobs != b->memory.promised_blobs_count;
    /* What a centre cannot read yet it may have to hold, with the line behind it. */
    bool waits = b->memory.doubtful || (b->machine.on && sync_held(b->core));
    bool due = b->machine.on && !waits && sync_refused(b->core) == 0 && is_due(b);

    if (due && w->due && !moved && is_quiet(f, b))
        fleet_fail(f, "box %u: it has a link, and its backlog does not fall", box + 1);
    w->due = due;
    w->received = b->memory.promised;
    w->blobs = b->memory.promised_blobs_count;
}
