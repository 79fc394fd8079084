#include "appliance/agent_internal.h"

#include <stdio.h>

#include <sodium/utils.h>

#include "schema/fork.h"

static int make(struct agent *a, struct err *e)
{
    struct sync_config c;
    int rc;

    if (outbox_config(a->outbox, &c, e) != 0)
        return -1;
    c.random = a->options.random;
    a->last = c.last;
    a->epoch = c.epoch;
    a->told = (struct sync_told){.centre_epoch = c.centre_epoch,
                                 .received = c.received,
                                 .applied = c.applied,
                                 .safe = c.safe};
    rc = arrivals_create(&a->arrivals, a->options.box, &c, e);
    if (rc == 0)
        rc = sync_create(&a->core, &c, e);
    sodium_memzero(&c, sizeof c);
    return rc;
}

int agent_make_core(struct agent *a, struct err *e)
{
    if (outbox_create(&a->outbox, a->options.box, a->options.random, e) != 0 ||
        outbox_centre(a->outbox, &a->centre, e) != 0)
        return -1;
    return make(a, e);
}

void agent_drop_core(struct agent *a)
{
    sync_destroy(a->core);
    arrivals_destroy(a->arrivals);
    outbox_destroy(a->outbox);
    a->core = NULL;
    a->arrivals = NULL;
    a->outbox = NULL;
    a->pending_count = 0;
    a->timer_ms = INT64_MAX;
}

/* False: our disk said no, and the core that asked for it goes on, and asks again. */
static bool leave_line(struct agent *a)
{
    struct box *b = a->options.box;
    struct err e;

    if (fork_line_as(b->records, &a->fork_names, a->fork_epoch, b->actor, &e) == 0) {
        a->forked = true;
        return true;
    }
    (void)snprintf(a->reason, sizeof a->reason, "%s", e.text);
    agent_tell(a, e.text);
    return false;
}

int agent_fork(struct agent *a, struct err *e)
{
    bool leaves = a->fork_epoch != 0;

    if (!a->anew)
        return 0;
    a->anew = false;
    if (a->link != NULL)
        agent_end_contact(a, AGENT_LINK_DOWN);
    if (leaves && !leave_line(a)) {
        a->fork_epoch = 0;
        return 0;
    }
    a->fork_epoch = 0;
    a->ended = false;
    agent_drop_core(a);
    if (agent_make_core(a, e) != 0)
        return -1;
    agent_feed_kind(a, SYNC_EVENT_WANTED);
    return 0;
}
