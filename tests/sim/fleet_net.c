#include "tests/sim/fleet.h"

#include <stdlib.h>
#include <string.h>

/* A server that hears nothing for so long drops the connection. */
#define SERVER_PATIENCE_MS 90000

static const char *const message_names[] = {
    [MESSAGE_HELLO] = "hello",     [MESSAGE_CLAIM] = "claim",
    [MESSAGE_OFFER] = "offer",     [MESSAGE_HAVE] = "have",
    [MESSAGE_BLOCK] = "block",     [MESSAGE_RECEIPT] = "receipt",
    [MESSAGE_REFUSED] = "refusal", [MESSAGE_LATER] = "later",
    [MESSAGE_PING] = "ping",       [MESSAGE_PONG] = "pong",
    [MESSAGE_SEEN] = "seen",       [MESSAGE_WANT] = "want",
    [MESSAGE_CHAIN] = "chain",
};

struct fleet_link *fleet_net_find(struct fleet *f, unsigned id)
{
    for (struct fleet_link *l = id == 0 ? NULL : f->links; l != NULL; l = l->next)
        if (l->id == id)
            return l;
    return NULL;
}

static void link_destroy(struct fleet_link *l)
{
    session_destroy(l->session);
    for (int d = UP; d <= DOWN; d++) {
        buffer_release(&l->in[d]);
        buffer_release(&l->put_off[d]);
    }
    free(l);
}

/* Forgets links that both ends have left. */
static void sweep(struct fleet *f)
{
    struct fleet_link **at = &f->links;

    while (*at != NULL) {
        struct fleet_link *l = *at;

        if (l->box_open || l->centre_open) {
            at = &l->next;
            continue;
        }
        *at = l->next;
        link_destroy(l);
    }
}

void fleet_net_destroy(struct fleet *f)
{
    for (struct fleet_link *l = f->links; l != NULL; l = f->links) {
        f->links = l->next;
        link_destroy(l);
    }
}

/* ------------------------------------------------------------------ connecting */

static void box_loses(struct fleet *f, struct fleet_event *ev)
{
    struct fleet_link *l = fleet_net_find(f, (unsigned)ev->stamp);

    if (l != NULL)
        l->box_open = false;
    if (f->boxes[ev->who].link != ev->stamp)
        return;
    f->boxes[ev->who].link = 0;
    fleet_box_give_kind(f, ev->who, SYNC_EVENT_LINK_DOWN);
}

static void writable(struct fleet *f, struct fleet_event *ev)
{
    struct fleet_link *l = fleet_net_find(f, ev->who);

    if (l != NULL && l->box_open && !l->broken && f->boxes[l->box].link == l->id)
        fleet_box_give_kind(f, l->box, SYNC_EVENT_WRITABLE);
}

static void link_up(struct fleet *f, struct fleet_event *ev)
{
    struct fleet_link *l = fleet_net_find(f, ev->who);
    struct sync_event in = {.kind = SYNC_EVENT_LINK_UP};
    struct fleet_box *b;
    struct err e;

    if (l == NULL || l->broken)
        return;
    b = &f->boxes[l->box];
    if (b->link != l->id || b->machine.life != ev->stamp)
        return; /* it has given up */
    if (f->centre == NULL) {
        (void)fleet_later(f, 0, box_loses, l->box, l->id);
        return;
    }
    l->centre_open = true;
    fleet_centre_accept(f, l);
    in.as.link.binding = l->binding;
    in.as.link.binding_count = sizeof l->binding;
    if (outbox_status(b->outbox, &in.as.link.status, &e) != 0) {
        fleet_box_error(f, l->box, "status", &e);
        (void)fleet_later(f, 0, box_loses, l->box, l->id);
        return;
    }
    (void)fleet_later(f, 0, writable, l->id, 0);
    fleet_watch_contact(f, l->box);
    fleet_box_give(f, l->box, &in);
}

static struct fleet_link *link_create(struct fleet *f, unsigned box)
{
    struct fleet_link *l = calloc(1, sizeof *l);

    if (l == NULL)
        abort();
    l->id = ++f->links_made;
    l->box = box;
    l->box_open = true;
    for (int d = UP; d <= DOWN; d++) {
        buffer_init(&l->in[d], 4u << 20);
        buffer_init(&l->put_off[d], 1u << 20);
        l->free_ms[d] = f->now_ms;
    }
    memcpy(l->binding, &l->id, sizeof l->id); /* no two are the same */
    l->next = f->links;
    f->links = l;
    return l;
}

void fleet_net_connect(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    struct fleet_link *l;

    sweep(f);
    l = link_create(f, box);
    b->link = l->id;
    if (!b->signal || f->centre == NULL)
        (void)fleet_later(f, f->delay_ms, box_loses, box, l->id);
    else
        (void)fleet_later(f, 2 * f->delay_ms, link_up, l->id, b->machine.life);
}

/* -------------------------------------------------------------------- arriving */

static void take(struct fleet *f, struct fleet_link *l, int direction,
                 const struct message *m)
{
    struct sync_event in = {.kind = SYNC_EVENT_MESSAGE, .as.message = m};

    if (direction == UP)
        fleet_centre_take(f, l, m);
    else if (f->boxes[l->box].link == l->id)
        fleet_box_give(f, l->box, &in);
}

static bool listens(const struct fleet_link *l, int direction)
{
    return direction == UP ? l->centre_open : l->box_open;
}

/* Takes whole messages off the front; both ends may vanish while they are taken. */
static void parse(struct fleet *f, unsigned id, int direction)
{
    struct fleet_link *l = fleet_net_find(f, id);
    struct message m;
    struct err e;
    size_t used = 0;
    int rc = 0;

    while (l != NULL && listens(l, direction)) {
        struct buffer *in = &l->in[direction];
        struct buffer one;

        rc = message_next(&m, &used, in->bytes, in->count, &e);
        if (rc <= 0)
            break;
        /* A copy, because taking it may close the link and free these bytes. */
        buffer_init(&one, MESSAGE_PAYLOAD_MAX + MESSAGE_HEADER_BYTES);
        buffer_append(&one, in->bytes, used);
        memmove(in->bytes, in->bytes + used, in->count - used);
        in->count -= used;
        (void)message_next(&m, &used, one.bytes, one.count, &e);
        take(f, l, direction, &m);
        buffer_release(&one);
        l = fleet_net_find(f, id);
    }
    if (rc < 0)
        fleet_fail(f, "a message that is none arrived: %s", e.text);
}

static void arrive(struct fleet *f, struct fleet_event *ev)
{
    int direction = (int)ev->stamp;
    struct fleet_link *l = fleet_net_find(f, ev->who);

    if (l == NULL || l->broken || !listens(l, direction))
        return;
    buffer_append(&l->in[direction], ev->bytes.bytes, ev->bytes.count);
    parse(f, l->id, direction);
}

/* --------------------------------------------------------------------- sending */

/* The bytes are on the wire one after the other, then on their way. */
static void transmit(struct fleet *f, struct fleet_link *l, int direction,
                     const void *bytes, size_t count)
{
    int64_t *free_ms = &l->free_ms[direction];
    struct fleet_event *ev;

    if (*free_ms < f->now_ms)
        *free_ms = f->now_ms;
    *free_ms += (int64_t)(count * 1000 / f->rate_bytes_s);
    ev = fleet_later(f, *free_ms + f->delay_ms - f->now_ms, arrive, l->id,
                     (uint64_t)direction);
    buffer_append(&ev->bytes, bytes, count);
}

static bool chance(struct fleet *f, unsigned of_10000)
{
    return of_10000 != 0 && random_below(&f->chance.random, 10000) < of_10000;
}

/* What may come again in a later contact: not the greetings, whose bytes are bound
 * to theirs. */
static void remember(struct fleet *f, struct fleet_stale *s, const void *bytes,
                     size_t count)
{
    int type = ((const unsigned char *)bytes)[0];
    struct buffer *b;

    if (type != MESSAGE_BLOCK && type != MESSAGE_OFFER && type != MESSAGE_HAVE &&
        type != MESSAGE_RECEIPT)
        return;
    if (s->count < FLEET_STALE_MAX) {
        b = &s->messages[s->count++];
        buffer_init(b, MESSAGE_PAYLOAD_MAX + MESSAGE_HEADER_BYTES);
    } else {
        b = &s->messages[random_below(&f->chance.random, FLEET_STALE_MAX)];
        buffer_clear(b);
    }
    buffer_append(b, bytes, count);
}

static void send_old(struct fleet *f, struct fleet_link *l, int direction)
{
    unsigned box = l->box;
    const struct fleet_stale *s;
    const struct buffer *old;

    if (chance(f, 1000))
        box = (unsigned)random_below(&f->chance.random, f->boxes_count);
    s = &f->boxes[box].stale[direction];
    if (s->count == 0)
        return;
    old = &s->messages[random_below(&f->chance.random, s->count)];
    fleet_fault(f, box == l->box ? FAULT_STALE : FAULT_FOREIGN);
    fleet_tell(f, WHO_NETWORK, "brings an old %s of box %u", message_names[old->bytes[0]],
               box + 1);
    transmit(f, l, direction, old->bytes, old->count);
}

/* Each message has its own fate. */
static void send_one(struct fleet *f, struct fleet_link *l, int direction,
                     const unsigned char *bytes, size_t count)
{
    if (f->lose_next[direction] != 0 && f->lose_next[direction] == bytes[0]) {
        f->lose_next[direction] = 0;
        fleet_tell(f, WHO_NETWORK, "loses the %s", message_names[bytes[0]]);
        return;
    }
    if (chance(f, f->odds.lost)) {
        fleet_fault(f, FAULT_LOST);
        fleet_tell(f, WHO_NETWORK, "loses a %s", message_names[bytes[0]]);
        return;
    }
    if (chance(f, f->odds.stale))
        send_old(f, l, direction);
    if (l->put_off[direction].count == 0 && chance(f, f->odds.reordered)) {
        fleet_fault(f, FAULT_REORDERED);
        buffer_append(&l->put_off[direction], bytes, count);
        return;
    }
    transmit(f, l, direction, bytes, count);
    if (chance(f, f->odds.doubled)) {
        fleet_fault(f, FAULT_DOUBLED);
        fleet_tell(f, WHO_NETWORK, "doubles a %s", message_names[bytes[0]]);
        transmit(f, l, direction, bytes, count);
    }
    if (l->put_off[direction].count > 0) {
        transmit(f, l, direction, l->put_off[direction].bytes,
                 l->put_off[direction].count);
        buffer_clear(&l->put_off[direction]);
    }
    if (!f->load)
        remember(f, &f->boxes[l->box].stale[direction], bytes, count);
}

void fleet_net_send(struct fleet *f, struct fleet_link *l, int direction,
                    const void *bytes, size_t count)
{
    const unsigned char *at = bytes, *end = at + count;

    while (at < end) {
        size_t one = MESSAGE_HEADER_BYTES + (size_t)(at[1] | at[2] << 8);

        send_one(f, l, direction, at, one);
        at += one;
    }
    if (direction == UP)
        (void)fleet_later(f, l->free_ms[UP] > f->now_ms ? l->free_ms[UP] - f->now_ms : 0,
                          writable, l->id, 0);
}

/* --------------------------------------------------------------------- closing */

static void centre_hears(struct fleet *f, struct fleet_event *ev)
{
    struct fleet_link *l = fleet_net_find(f, ev->who);

    if (l != NULL && l->centre_open)
        fleet_centre_closed(f, l);
}

static int64_t after_what_was_sent(struct fleet *f, const struct fleet_link *l,
                                   int direction)
{
    int64_t free_ms = l->free_ms[direction];

    return (free_ms > f->now_ms ? free_ms - f->now_ms : 0) + f->delay_ms;
}

void fleet_net_close_box(struct fleet *f, struct fleet_link *l)
{
    l->box_open = false;
    (void)fleet_later(f, l->broken ? SERVER_PATIENCE_MS : after_what_was_sent(f, l, UP),
                      centre_hears, l->id, 0);
}

void fleet_net_close_centre(struct fleet *f, struct fleet_link *l)
{
    l->centre_open = false;
    if (!l->broken)
        (void)fleet_later(f, after_what_was_sent(f, l, DOWN), box_loses, l->box, l->id);
}

void fleet_net_break(struct fleet *f, struct fleet_link *l, int64_t box_learns_ms,
                     int64_t centre_learns_ms)
{
    l->broken = true;
    if (box_learns_ms != FLEET_NEVER_MS)
        (void)fleet_later(f, box_learns_ms, box_loses, l->box, l->id);
    (void)fleet_later(
        f, centre_learns_ms != FLEET_NEVER_MS ? centre_learns_ms : SERVER_PATIENCE_MS,
        centre_hears, l->id, 0);
}

void fleet_net_signal(struct fleet *f, unsigned box, bool there)
{
    struct fleet_box *b = &f->boxes[box];
    struct fleet_link *l = fleet_net_find(f, b->link);

    fleet_tell(f, (int)box, there ? "has a signal" : "has no signal");
    b->signal = there;
    b->signal_ms = f->now_ms;
    if (!there && l != NULL)
        fleet_net_break(f, l, 0, FLEET_NEVER_MS);
    else if (there && b->machine.on) /* what the carrier sees of the network */
        fleet_box_give_kind(f, box, SYNC_EVENT_NETWORK);
}
