#include "appliance/agent_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "appliance/budget.h"
#include "schema/statements.h"

#define CONTACTS_KEPT 1000

/* ------------------------------------------------------------------ contacts */

/* A row a contact, so that a person can see how the link has been. */
static int write_contact(struct agent *a, const char *ended, struct err *e)
{
    static const char *const sql[] = {
        "INSERT INTO contact (boot, mono_ms, wall_ms, wall_confidence, took_ms,"
        "  bytes_out, bytes_in, ended) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        "DELETE FROM contact WHERE id <= (SELECT max(id) FROM contact) - ?1",
    };
    struct store *store = a->options.box->store;
    sqlite3_stmt *s[2];
    int rc = -1;

    if (statements_prepare(store_db(store), s, sql, 2, e) != 0)
        return -1;
    bind_moment(s[0], 1, &a->began);
    (void)sqlite3_bind_int64(s[0], 5, agent_now_ms(a) - a->began_ms);
    (void)sqlite3_bind_int64(s[0], 6, (sqlite3_int64)link_bytes_out(a->link));
    (void)sqlite3_bind_int64(s[0], 7, (sqlite3_int64)link_bytes_in(a->link));
    bind_text(s[0], 8, ended);
    (void)sqlite3_bind_int64(s[1], 1, CONTACTS_KEPT);
    if (store_write_begin(store, e) == 0) {
        if (statement_run(s[0], e) == 0 && statement_run(s[1], e) == 0)
            rc = store_write_commit(store, NULL, e);
        else
            store_write_rollback(store);
    }
    statements_finalize(s, 2);
    return rc;
}

/* It rests, and not all was received. */
static enum agent_end idle_as(const struct sync *core)
{
    if (sync_withheld(core) != 0)
        return AGENT_WITHHELD;
    return sync_held(core) ? AGENT_HELD : AGENT_PARTLY;
}

/* How it ended, by what the core made of it. */
static enum agent_end ended_as(const struct agent *a)
{
    if (sync_drained(a->core))
        return AGENT_DRAINED;
    if (sync_state_now(a->core) == SYNC_IDLE)
        return idle_as(a->core);
    if (sync_refused(a->core) != 0)
        return AGENT_REFUSED;
    if (a->later)
        return AGENT_LATER;
    if (a->over_budget)
        return AGENT_BUDGET;
    return a->greeted ? AGENT_LINK_DOWN : AGENT_UNREACHABLE;
}

void agent_note_spent(struct agent *a)
{
    uint64_t bytes =
        a->link == NULL ? 0 : link_bytes_out(a->link) + link_bytes_in(a->link);
    struct err e;

    a->spent[SYNC_CLASS_STATUS] = bytes - a->written_bytes;
    if (a->spent[SYNC_CLASS_STATUS] > 0 &&
        budget_spend(a->options.box, a->spent, &e) != 0)
        agent_tell(a, e.text); /* a little more may travel this month */
    memset(a->spent, 0, sizeof a->spent);
    a->written_bytes = bytes;
    a->written_ms = agent_now_ms(a);
}

void agent_end_contact(struct agent *a, enum agent_end end)
{
    struct err e;

    agent_note_spent(a);
    a->written_bytes = 0;
    if (a->greeted && write_contact(a, agent_end_name(end), &e) != 0)
        agent_tell(a, e.text); /* the contact was real; only its row is missing */
    a->bytes_out = agent_bytes_out(a);
    a->bytes_in = agent_bytes_in(a);
    arrivals_end(a->arrivals);
    link_close(a->link);
    a->link = NULL;
    memset(a->sent, 0, sizeof a->sent);
    a->rate_ms = 0;
    a->greeted = a->told_writable = a->later = a->over_budget = false;
    a->ended = true;
    a->end = end;
    agent_tell(a, NULL);
}

/* ------------------------------------------------------------------- actions */

static void answer(struct agent *a, const struct sync_event *event)
{
    assert(a->pending_count < AGENT_PENDING_MAX);
    a->pending[a->pending_count++] = *event;
}

static void answer_kind(struct agent *a, enum sync_event_kind kind)
{
    answer(a, &(struct sync_event){.kind = kind});
}

/* Our own disk or memory said no: the core decides what then. */
static void answer_failed(struct agent *a, const struct err *e)
{
    agent_tell(a, e->text);
    (void)snprintf(a->reason, sizeof a->reason, "%s", e->text);
    answer_kind(a, SYNC_EVENT_FAILED);
}

static void do_connect(struct agent *a)
{
    struct err e;

    assert(a->link == NULL);
    a->reason[0] = '\0';
    if (link_dial(&a->link, a->centre.url, a->tls, a->options.random, &e) == 0)
        return;
    (void)snprintf(a->reason, sizeof a->reason, "%s", e.text);
    agent_tell(a, e.text);
    answer_kind(a, SYNC_EVENT_LINK_DOWN);
}

static void do_find(struct agent *a, const struct sync_action *action)
{
    struct sync_event event = {.kind = SYNC_EVENT_OBJECT};
    struct err e;
    int found = action->kind == SYNC_DO_MAKE_BUNDLE
                    ? outbox_make(a->outbox, action, &event.as.object, &e)
                    : outbox_next_blob(a->outbox, action->class, action->first,
                                       &event.as.object, &e);

    if (found < 0)
        answer_failed(a, &e);
    else if (found == 0)
        answer_kind(a, SYNC_EVENT_NO_OBJECT);
    else
        answer(a, &event);
}

static void do_read(struct agent *a, const struct sync_action *action)
{
    struct sync_event event = {.kind = SYNC_EVENT_BLOCK};
    struct err e;

    buffer_clear(&a->block);
    if (outbox_read(a->outbox, &action->object, action->offset, action->count, &a->block,
                    &e) != 0) {
        answer_failed(a, &e);
        return;
    }
    event.as.block.bytes = a->block.bytes;
    event.as.block.count = a->block.count;
    answer(a, &event);
}

static void do_store(struct agent *a, const struct sync_action *action)
{
    struct err e;

    if (outbox_store_receipt(a->outbox, action->bytes.bytes, action->bytes.count, &e) !=
        0) {
        answer_failed(a, &e);
        return;
    }
    /* What it called safe may leave. Trouble with that is none of the contact's. */
    if (room_turn(a->options.box, &a->room, &e) < 0)
        agent_tell(a, e.text);
    answer_kind(a, SYNC_EVENT_STORED);
}

/* What comes down. */
static void do_take(struct agent *a, const struct sync_action *action)
{
    struct sync_event event = {.kind = SYNC_EVENT_TAKEN};
    struct err e;
    int rc = action->kind == SYNC_DO_TAKE_OFFER
                 ? arrivals_offer(a->arrivals, &action->object, action->total_bytes,
                                  &event.as.taken, &e)
                 : arrivals_block(a->arrivals, &action->object, action->offset,
                                  action->bytes.bytes, action->bytes.count,
                                  &event.as.taken, &e);

    if (rc != 0)
        answer_failed(a, &e);
    else
        answer(a, &event);
}

static void do_read_chain(struct agent *a, const struct sync_action *action)
{
    struct sync_event event = {.kind = SYNC_EVENT_CHAIN};
    struct err e;

    buffer_clear(&a->block);
    if (outbox_chain(a->outbox, &action->range, &action->names, &a->block, &e) != 0 ||
        outbox_last(a->outbox, &event.as.chain.last, &e) != 0) {
        answer_failed(a, &e);
        return;
    }
    event.as.chain.hashes = a->block.bytes;
    answer(a, &event);
}

static void do_send(struct agent *a, const struct sync_action *action)
{
    struct err e;

    if (a->link == NULL || !link_is_up(a->link))
        return; /* it broke meanwhile; LINK_DOWN is on its way */
    a->told_writable = false;
    if (action->class != SYNC_CLASS_STATUS)
        a->spent[action->class] += action->bytes.count;
    a->sent[action->class] += action->bytes.count;
    if (link_send(a->link, action->bytes.bytes, action->bytes.count, &e) == 0)
        return;
    (void)snprintf(a->reason, sizeof a->reason, "%s", e.text);
    answer_kind(a, SYNC_EVENT_LINK_DOWN);
}

static void carry_out(struct agent *a, const struct sync_action *action)
{
    switch (action->kind) {
    case SYNC_DO_CONNECT:
        do_connect(a);
        return;
    case SYNC_DO_CLOSE:
        if (a->link != NULL)
            agent_end_contact(a, ended_as(a));
        return;
    case SYNC_DO_SEND:
        do_send(a, action);
        return;
    case SYNC_DO_MAKE_BUNDLE:
    case SYNC_DO_NEXT_BLOB:
        do_find(a, action);
        return;
    case SYNC_DO_READ_BLOCK:
        do_read(a, action);
        return;
    case SYNC_DO_STORE_RECEIPT:
        do_store(a, action);
        return;
    case SYNC_DO_TAKE_OFFER:
    case SYNC_DO_TAKE_BLOCK:
        do_take(a, action);
        return;
    case SYNC_DO_READ_CHAIN:
        do_read_chain(a, action);
        return;
    case SYNC_DO_FORK: /* carried out when this step is over: it is the core's end */
        a->anew = true;
        a->fork_names = action->names;
        a->fork_epoch = action->epoch;
        return;
    case SYNC_DO_TIMER:
        a->timer_ms = action->at_ms;
        return;
    case SYNC_DO_TRACE:
        agent_tell(a, action->text);
        return;
    }
}

void agent_feed(struct agent *a, const struct sync_event *event)
{
    struct err e;

    answer(a, event);
    while (a->pending_count > 0) {
        struct sync_event next = a->pending[0];
        enum sync_state before = sync_state_now(a->core);

        a->pending[0] = a->pending[--a->pending_count];
        next.now_ms = agent_now_ms(a);
        if (sync_step(a->core, &next, &a->actions, &e) != 0) {
            (void)snprintf(a->reason, sizeof a->reason, "%s", e.text);
            a->pending_count = 0;
            if (next.kind != SYNC_EVENT_LINK_DOWN)
                answer_kind(a, SYNC_EVENT_LINK_DOWN);
            continue;
        }
        for (size_t i = 0; i < a->actions.count; i++)
            carry_out(a, &a->actions.list[i]);
        /* What broke, or was said to be over, is closed once the core knows. */
        if (next.kind == SYNC_EVENT_LINK_DOWN &&
            (before == SYNC_CONNECTING || before == SYNC_TALKING))
            agent_end_contact(a, ended_as(a));
    }
}

void agent_feed_kind(struct agent *a, enum sync_event_kind kind)
{
    agent_feed(a, &(struct sync_event){.kind = kind});
}
