#include "tests/sim/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/room.h"
#include "schema/fork.h"
#include "schema/statements.h"

#define ANSWERS_MAX 4

static int64_t mono_ms(struct fleet_box *b)
{
    struct clock *c = &b->machine.clock.clock;

    return c->mono_ms(c);
}

/* Answers to a step's requests; given to the core one after the other. */
struct answers {
    struct sync_event list[ANSWERS_MAX];
    size_t count;
};

static void answer(struct answers *a, enum sync_event_kind kind)
{
    if (a->count == ANSWERS_MAX)
        abort();
    a->list[a->count++] = (struct sync_event){.kind = kind};
}

static void answer_object(struct fleet *f, unsigned box, const struct sync_action *action,
                          struct answers *out)
{
    struct fleet_box *b = &f->boxes[box];
    struct sync_object object;
    struct err e;
    int rc = action->kind == SYNC_DO_MAKE_BUNDLE
                 ? outbox_make(b->outbox, action, &object, &e)
                 : outbox_next_blob(b->outbox, action->class, action->first, &object, &e);

    if (rc < 0) {
        fleet_box_error(f, box, "outbox", &e);
        answer(out, SYNC_EVENT_FAILED);
    } else if (rc == 0) {
        answer(out, SYNC_EVENT_NO_OBJECT);
        if (action->kind == SYNC_DO_MAKE_BUNDLE)
            fleet_watch_bundle(f, box, NULL);
    } else {
        answer(out, SYNC_EVENT_OBJECT);
        out->list[out->count - 1].as.object = object;
        if (action->kind == SYNC_DO_MAKE_BUNDLE)
            fleet_watch_bundle(f, box, &object);
    }
}

static void answer_block(struct fleet *f, unsigned box, const struct sync_action *action,
                         struct answers *out)
{
    struct fleet_box *b = &f->boxes[box];
    struct err e;

    buffer_clear(&b->block);
    if (outbox_read(b->outbox, &action->object, action->offset, action->count, &b->block,
                    &e) != 0) {
        fleet_box_error(f, box, "read", &e);
        answer(out, SYNC_EVENT_FAILED);
        return;
    }
    answer(out, SYNC_EVENT_BLOCK);
    out->list[out->count - 1].as.block.bytes = b->block.bytes;
    out->list[out->count - 1].as.block.count = b->block.count;
}

static void answer_stored(struct fleet *f, unsigned box, const struct sync_action *action,
                          struct answers *out)
{
    struct err e;

    if (outbox_store_receipt(f->boxes[box].outbox, action->bytes.bytes,
                             action->bytes.count, &e) == 0) {
        answer(out, SYNC_EVENT_STORED);
        return;
    }
    fleet_box_error(f, box, "receipt", &e);
    answer(out, SYNC_EVENT_FAILED);
}

static void answer_taken(struct fleet *f, unsigned box, const struct sync_action *action,
                         struct answers *out)
{
    struct arrivals *a = f->boxes[box].arrivals;
    struct sync_taken taken;
    struct err e;
    int rc = action->kind == SYNC_DO_TAKE_OFFER
                 ? arrivals_offer(a, &action->object, action->total_bytes, &taken, &e)
                 : arrivals_block(a, &action->object, action->offset, action->bytes.bytes,
                                  action->bytes.count, &taken, &e);

    if (rc != 0) {
        fleet_box_error(f, box, "arrivals", &e);
        answer(out, SYNC_EVENT_FAILED);
        return;
    }
    f->boxes[box].took = true;
    answer(out, SYNC_EVENT_TAKEN);
    out->list[out->count - 1].as.taken = taken;
}

static void answer_chain(struct fleet *f, unsigned box, const struct sync_action *action,
                         struct answers *out)
{
    struct fleet_box *b = &f->boxes[box];
    uint64_t last;
    struct err e;

    buffer_clear(&b->block);
    if (outbox_chain(b->outbox, &action->range, &action->names, &b->block, &e) != 0 ||
        outbox_last(b->outbox, &last, &e) != 0) {
        fleet_box_error(f, box, "chain", &e);
        answer(out, SYNC_EVENT_FAILED);
        return;
    }
    answer(out, SYNC_EVENT_CHAIN);
    out->list[out->count - 1].as.chain.hashes = b->block.bytes;
    out->list[out->count - 1].as.chain.last = last;
}

/* What the agent does now and then: what is wanted and is not here is asked for. */
static void ask_back(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    struct sync_event in = {.kind = SYNC_EVENT_FETCH, .as.fetch = {.kind = OBJECT_BLOB}};
    struct hash h;
    struct err e;
    bool found = true;

    for (int i = 0; i < SYNC_WANTED_MAX && found && b->machine.on; i++) {
        if (room_next_wanted(b->box, i == 0, &h, &found, &e) != 0) {
            fleet_box_error(f, box, "room", &e);
            return;
        }
        memcpy(in.as.fetch.id, h.bytes, OBJECT_ID_BYTES);
        if (found)
            fleet_box_give(f, box, &in);
    }
}

static void timer_event(struct fleet *f, struct fleet_event *ev)
{
    struct fleet_box *b = &f->boxes[ev->who];

    if (ev->stamp != b->machine.life || !b->machine.on || b->timer_ms != f->now_ms)
        return;
    if (b->memory.left_count > 0)
        ask_back(f, ev->who);
    fleet_box_give_kind(f, ev->who, SYNC_EVENT_TIMER);
}

static void set_timer(struct fleet *f, unsigned box, int64_t at_ms)
{
    struct fleet_box *b = &f->boxes[box];
    int64_t in_ms = at_ms - mono_ms(b);

    if (in_ms < 0)
        in_ms = 0;
    b->timer_ms = f->now_ms + in_ms;
    (void)fleet_later(f, in_ms, timer_event, box, b->machine.life);
}

static void carry_out(struct fleet *f, unsigned box, const struct sync_action *action,
                      struct answers *out)
{
    struct fleet_link *l = fleet_net_find(f, f->boxes[box].link);

    switch (action->kind) {
    case SYNC_DO_CONNECT:
        fleet_net_connect(f, box);
        return;
    case SYNC_DO_CLOSE:
        f->boxes[box].link = 0;
        if (l != NULL)
            fleet_net_close_box(f, l);
        return;
    case SYNC_DO_SEND:
        fleet_watch_send(f, box, &action->bytes);
        if (l != NULL)
            fleet_net_send(f, l, UP, action->bytes.bytes, action->bytes.count);
        return;
    case SYNC_DO_MAKE_BUNDLE:
    case SYNC_DO_NEXT_BLOB:
        answer_object(f, box, action, out);
        return;
    case SYNC_DO_READ_BLOCK:
        answer_block(f, box, action, out);
        return;
    case SYNC_DO_STORE_RECEIPT:
        answer_stored(f, box, action, out);
        return;
    case SYNC_DO_TAKE_OFFER:
    case SYNC_DO_TAKE_BLOCK:
        answer_taken(f, box, action, out);
        return;
    case SYNC_DO_READ_CHAIN:
        answer_chain(f, box, action, out);
        return;
    case SYNC_DO_FORK: /* when this step is over: it is the core's end */
        f->boxes[box].fork_names = action->names;
        f->boxes[box].fork_epoch = action->epoch;
        return;
    case SYNC_DO_TIMER:
        set_timer(f, box, action->at_ms);
        return;
    case SYNC_DO_TRACE:
        fleet_tell(f, (int)box, "%s", action->text);
        return;
    }
}

/* The carrier's part when the core will not have a message. */
static void step_failed(struct fleet *f, unsigned box, const struct err *why)
{
    struct fleet_box *b = &f->boxes[box];
    struct sync_event down = {.kind = SYNC_EVENT_LINK_DOWN};
    struct fleet_link *l = fleet_net_find(f, b->link);

    fleet_tell(f, (int)box, "closes: %s", why->text);
    b->link = 0;
    if (l != NULL)
        fleet_net_close_box(f, l);
    fleet_box_give(f, box, &down);
}

/* Another core goes on, under the epoch that the box has now. */
static void begin_anew(struct fleet *f, unsigned box, uint64_t last_common, uint8_t epoch)
{
    struct err e;

    fleet_check_forked(f, box, last_common, epoch);
    if (fleet_box_reopen(f, box, &e) != 0)
        fleet_box_error(f, box, "fork", &e);
    else
        fleet_box_give_kind(f, box, SYNC_EVENT_WANTED);
}

void fleet_box_look_for_commits(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    uint64_t last;
    struct err e;

    b->took = false;
    if (!b->machine.on || machine_dead(&b->machine))
        return;
    if (outbox_last(b->outbox, &last, &e) != 0) {
        fleet_box_error(f, box, "last", &e);
    } else if (last > b->memory.last) {
        b->memory.last = last;
        fleet_check_remember(f, box);
        fleet_box_committed(f, box);
    }
}

bool fleet_box_has_forked(struct fleet *f, unsigned box, uint64_t *after, uint8_t *epoch)
{
    struct fleet_box *b = &f->boxes[box];
    int64_t last_common = 0;
    struct err e;

    if (store_epoch(b->box->store, epoch, &e) != 0 ||
        sql_number(store_db(b->box->store),
                   "SELECT coalesce((SELECT json_extract(detail, '$.after') FROM event"
                   " WHERE kind = 'forked' AND json_extract(detail, '$.epoch') ="
                   "  (SELECT epoch FROM identity) ORDER BY id DESC LIMIT 1), -1)",
                   &last_common, &e) != 0) {
        fleet_box_error(f, box, "epoch", &e);
        return false;
    }
    *after = (uint64_t)last_common;
    return last_common >= 0 && *epoch > b->memory.epoch;
}

void fleet_box_look_at_epoch(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    uint64_t after;
    uint8_t epoch;

    if (b->machine.on && !machine_dead(&b->machine) &&
        fleet_box_has_forked(f, box, &after, &epoch))
        begin_anew(f, box, after, epoch);
}

/* What the core asked for at its end: the line leaves. */
static void leave_line(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    uint8_t epoch = b->fork_epoch;
    struct err e;

    b->fork_epoch = 0;
    if (epoch == 0 || !b->machine.on || machine_dead(&b->machine))
        return;
    if (fork_line_as(b->box->records, &b->fork_names, epoch, b->box->actor, &e) != 0) {
        fleet_box_error(f, box, "fork", &e);
        return;
    }
    begin_anew(f, box, b->fork_names.after, epoch);
}

void fleet_box_give(struct fleet *f, unsigned box, const struct sync_event *event)
{
    struct fleet_box *b = &f->boxes[box];
    struct answers answers = {.list = {*event}, .count = 1};
    struct err e;

    machine_runs(&b->machine);
    while (b->machine.on && answers.count > 0 && !machine_dead(&b->machine)) {
        struct sync_event in = answers.list[0];

        memmove(answers.list, answers.list + 1, --answers.count * sizeof in);
        in.now_ms = mono_ms(b);
        if (sync_step(b->core, &in, &b->actions, &e) != 0) {
            step_failed(f, box, &e);
            return;
        }
        for (size_t i = 0; i < b->actions.count && !machine_dead(&b->machine); i++)
            carry_out(f, box, &b->actions.list[i], &answers);
    }
    leave_line(f, box);
    if (b->took)
        fleet_box_look_for_commits(f, box);
    fleet_box_notice(f, box);
}

void fleet_box_give_kind(struct fleet *f, unsigned box, enum sync_event_kind kind)
{
    struct sync_event in = {.kind = kind};

    fleet_box_give(f, box, &in);
}

void fleet_box_committed(struct fleet *f, unsigned box)
{
    struct sync_event in = {.kind = SYNC_EVENT_COMMITTED};
    struct fleet_box *b = &f->boxes[box];

    if (!b->machine.on)
        return;
    in.as.last = b->memory.last;
    fleet_watch_told(f, box, b->memory.last);
    fleet_box_give(f, box, &in);
}
