/* A link for a pair: the sync core of its box, carried out over the real outbox, store and
 * arrivals, and a real session of its centre; in one thread, without a socket, with the
 * box's clock. It breaks, or the box loses power, where a test wants it. */
#ifndef TRAM_TESTS_PAIR_LINK_H
#define TRAM_TESTS_PAIR_LINK_H

#include "appliance/arrivals.h"
#include "sync/centre/session.h"
#include "tests/lib/pair.h"

#define PAIR_LINK_PENDING 4
#define PAIR_LINK_TOLD    16384

struct pair_link {
    struct pair *p;
    struct outbox *outbox;
    struct arrivals *arrivals;
    struct sync *core;
    struct sync_actions actions;
    struct sync_event pending[PAIR_LINK_PENDING];
    size_t pending_count;
    struct buffer block;
    int64_t timer_ms;
    struct fork_names fork_names;
    uint8_t fork_epoch; /* 0: it was not asked for */
    struct session *session;
    struct buffer up, down; /* on their way */
    uint64_t messages;      /* that arrived, at either end, in this contact */
    uint64_t break_after;   /* so many; 0: it holds */
    uint64_t die_at;        /* the box's disk call; 0: its power holds */
    bool connecting, told_writable;
    bool centre_rests; /* it receives, and cannot apply it yet */
    unsigned forks, waits;
    char told[PAIR_LINK_TOLD]; /* what the core said, a line each */
};

/* The box of `p` is open. */
void pair_link_open(struct pair_link *l, struct pair *p);
void pair_link_close(struct pair_link *l); /* a zeroed one is fine */

/* A contact is wanted: until the core rests, or has waited `waits_max` times. The centre
 * applies what it has meanwhile. True: all was received. */
bool pair_link_contact(struct pair_link *l, unsigned waits_max);

/* The same, but the box's power goes at its nth disk call from now (then it is open
 * again, as after a restart, and nothing more was done): false if that never came. */
bool pair_link_power_cut(struct pair_link *l, uint64_t call);

#endif
