/* Agent: carries out what the sync core decides, over the link. It owns the core,
 * the outbox and at most one link; it holds no decision about the protocol.
 *
 *   store ─outbox─► core ─actions─► link ─► centre
 *           ▲                        │
 *           └── receipts ◄───────────┘
 *
 * Where the core finds that the box was put back or its card copied, the agent lets the
 * line leave (schema/fork.h) and goes on with a new core at once; so it does when another
 * command has raised the epoch.
 *
 * It works in the thread that calls agent_run(), on a box that nobody else uses
 * meanwhile. Contacts are kept in the table `contact`, the month's bytes in link_month.
 * Commits of other threads and processes are seen at once (commits.h), and so is a
 * network that appears (network.h); where the kernel does not tell, within a second,
 * and at the end of the wait. */
#ifndef TRAM_APPLIANCE_AGENT_H
#define TRAM_APPLIANCE_AGENT_H

#include "appliance/outbox.h"
#include "appliance/pulse.h"

struct agent;

enum agent_end {
    AGENT_DRAINED,  /* the centre has all there is */
    AGENT_PARTLY,   /* … but for originals that it would not take */
    AGENT_WITHHELD, /* … but for what the month's budget or a metered link keeps back */
    AGENT_HELD, /* … but what it holds until it has, or can read, what is before that */
    AGENT_UNREACHABLE, /* no link could be had */
    AGENT_LINK_DOWN,   /* there was one, and it broke */
    AGENT_LATER,       /* the centre asked to come back */
    AGENT_REFUSED,     /* the centre will not have us: see `refused` */
    AGENT_BUDGET,      /* as many bytes left as were allowed */
    AGENT_STOPPED,     /* agent_stop() */
};
const char *agent_end_name(enum agent_end end); /* "drained", "link_down", … */

/* What happens, while it happens. */
struct agent_news {
    const char *text;             /* one line for a log; or NULL: numbers only */
    uint64_t bytes_out, bytes_in; /* on the wire, of this run */
    uint64_t received, last;      /* sequences */
    bool talking;
    struct pulse pulse;
};

struct agent_options {
    struct box *box;        /* enrolled */
    struct random *random;  /* both must outlive it */
    bool once;              /* one contact */
    uint64_t bytes_out_max; /* of the whole run, on the wire; 0: no bound */
    void (*news)(void *arg, const struct agent_news *n); /* may be NULL */
    void *arg;
};

struct agent_result {
    enum agent_end end;
    unsigned refused; /* AGENT_REFUSED: enum refused */
    bool forked;      /* the line was left in it, and goes on under a new epoch */
    char reason[256]; /* what broke, or empty */
    uint64_t bytes_out, bytes_in, received, applied, safe;
};

int agent_create(struct agent **out, const struct agent_options *o, struct err *e);
void agent_destroy(struct agent *a); /* NULL is fine; closes the link */

/* Until the one contact has ended, the budget is spent, or agent_stop(). -1: only
 * the box's own trouble. */
int agent_run(struct agent *a, struct agent_result *out, struct err *e);

/* From any thread: look for commits; or a contact is wanted now. */
void agent_wake(struct agent *a, bool contact_wanted);
void agent_stop(struct agent *a); /* from a signal handler too */

#endif
