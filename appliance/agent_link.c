#include "appliance/agent_internal.h"

#include <stdio.h>

#include "appliance/budget.h"

#define ROUNDS_MAX     64   /* of sending and hearing before other things are seen to */
#define SPENT_QUIET_MS 1500 /* after the last byte allowed: what has still to be said */
#define BLOCK_WIRE_MAX (BLOCK_BYTES_MAX + 512) /* a block with all that is around it */

static void lose(struct agent *a, const struct err *e)
{
    (void)snprintf(a->reason, sizeof a->reason, "%s", e->text);
    agent_tell(a, e->text);
    agent_feed_kind(a, SYNC_EVENT_LINK_DOWN);
}

static void greet(struct agent *a)
{
    struct sync_event event = {.kind = SYNC_EVENT_LINK_UP};
    struct sync_event budget = {.kind = SYNC_EVENT_BUDGET};
    uint8_t binding[LINK_BINDING_BYTES];
    struct err e;

    if (budget_read(a->options.box, &budget.as.budget, &e) != 0 ||
        outbox_status(a->outbox, &event.as.link.status, &e) != 0 ||
        store_now(a->options.box->store, &a->began, &e) != 0) {
        lose(a, &e);
        return;
    }
    if (!a->greeted)
        a->began_ms = a->moved_ms = a->written_ms = agent_now_ms(a);
    a->greeted = true;
    a->told_writable = false;
    agent_feed(a, &budget);
    link_binding(a->link, binding);
    event.as.link.binding = binding;
    event.as.link.binding_count = sizeof binding;
    agent_feed(a, &event);
}

static void hear(struct agent *a)
{
    struct sync_event event = {.kind = SYNC_EVENT_MESSAGE};
    struct message m;
    struct err e;
    int found = 0;

    while (a->link != NULL && (found = link_next(a->link, &m, &e)) == 1) {
        a->later = a->later || m.type == MESSAGE_LATER; /* what the end is called */
        event.as.message = &m;
        agent_feed(a, &event);
    }
    if (a->link != NULL && found < 0)
        lose(a, &e);
}

static bool within_budget(const struct agent *a)
{
    uint64_t max = a->options.bytes_out_max;

    return max == 0 || agent_bytes_out(a) + link_unsent(a->link) + BLOCK_WIRE_MAX <= max;
}

/* True if the core had something to send. */
static bool offer_room(struct agent *a)
{
    if (a->told_writable || !link_has_room(a->link))
        return false;
    if (!within_budget(a)) {
        a->over_budget = true;
        return false;
    }
    a->told_writable = true;
    agent_feed_kind(a, SYNC_EVENT_WRITABLE);
    return a->link != NULL && !a->told_writable;
}

static void note_movement(struct agent *a)
{
    uint64_t bytes = agent_bytes_out(a) + agent_bytes_in(a);

    if (bytes == a->moved_bytes)
        return;
    a->moved_bytes = bytes;
    a->moved_ms = agent_now_ms(a);
}

/* What was allowed has left, and what was to be said about it has come. */
static void end_if_spent(struct agent *a)
{
    static const struct err spent = {ERR_NONE, "the bytes that were allowed are spent"};

    if (a->over_budget && link_all_arrived(a->link) &&
        agent_now_ms(a) >= a->moved_ms + SPENT_QUIET_MS)
        lose(a, &spent);
}

/* A link from an address that is gone is not waited for. */
void agent_network_news(struct agent *a, enum network_news news)
{
    static const struct err gone = {ERR_IO, "the address that the link was from is gone"};

    if (news == NETWORK_SAME)
        return;
    if (a->link != NULL && link_network_changed(a->link))
        lose(a, &gone);
    if (news == NETWORK_APPEARED)
        agent_feed_kind(a, SYNC_EVENT_NETWORK);
}

bool agent_drive_link(struct agent *a)
{
    struct err e;

    for (int i = 0; i < ROUNDS_MAX && a->link != NULL; i++) {
        int rc = link_advance(a->link, &e);

        if (rc == 0 && link_is_up(a->link) && (link_anew(a->link) || !a->greeted))
            greet(a);
        hear(a);
        if (a->link == NULL)
            return false;
        if (rc != 0) {
            lose(a, &e);
            return false;
        }
        note_movement(a);
        if (a->greeted && !offer_room(a)) {
            if (a->link != NULL)
                end_if_spent(a);
            return a->link != NULL && link_pending(a->link);
        }
        if (!a->greeted)
            return false;
    }
    return a->link != NULL;
}

int64_t agent_link_deadline_ms(const struct agent *a)
{
    return a->link != NULL && a->over_budget && link_all_arrived(a->link)
               ? a->moved_ms + SPENT_QUIET_MS
               : INT64_MAX;
}
