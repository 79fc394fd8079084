/* The inside of struct agent, for the files that share it: agent.c owns it and loops,
 * agent_actions.c steps the core and carries out what it says, agent_link.c brings
 * link and core together, agent_fork.c makes the core and makes it anew. */
#ifndef TRAM_APPLIANCE_AGENT_INTERNAL_H
#define TRAM_APPLIANCE_AGENT_INTERNAL_H

#include <stdatomic.h>

#include "appliance/agent.h"
#include "appliance/arrivals.h"
#include "appliance/network.h"
#include "appliance/room.h"
#include "sync/link.h"

#define AGENT_PENDING_MAX 2

struct agent {
    struct agent_options options;
    struct outbox *outbox;
    struct arrivals *arrivals;
    struct outbox_centre centre;
    struct sync *core;
    struct sync_actions actions;
    struct sync_event pending[AGENT_PENDING_MAX]; /* answers, to be stepped with next */
    size_t pending_count;
    struct buffer block; /* what a READ_BLOCK or READ_CHAIN answered */
    uint8_t epoch;       /* the core's */
    bool anew; /* another core is needed, after what FORK asked for, if it did: */
    struct fork_names fork_names;
    uint8_t fork_epoch; /* 0: it did not */
    bool forked;        /* in this run */
    struct room room;
    int64_t timer_ms, look_ms, tick_ms;
    uint64_t last;
    struct sync_told told;   /* what the core was told last of receipts on disk */
    struct network *network; /* NULL, and -1: the kernel does not tell */
    int commits_fd;
    int64_t looked_ms; /* for commits */

    struct link_tls *tls; /* for all links: what the centre gave for the next one */

    /* The link at hand. */
    struct link *link; /* NULL: none */
    bool greeted, told_writable, later, over_budget;
    struct moment began;
    int64_t began_ms, moved_ms;
    uint64_t moved_bytes;
    uint64_t spent[SYNC_CLASSES]; /* blocks of each class, not written down yet */
    uint64_t sent[SYNC_CLASSES];  /* … in this contact */
    uint64_t rate_bytes, bytes_s; /* out of it at rate_ms; and how fast they leave */
    int64_t rate_ms;
    uint64_t written_bytes; /* of this link's, both ways, written down already */
    int64_t written_ms;

    /* This run. */
    uint64_t bytes_out, bytes_in; /* of links that are closed */
    bool ended;                   /* a contact has */
    enum agent_end end;
    char reason[256];

    int wake_fd;
    atomic_bool stopping, wanted;
};

int64_t agent_now_ms(struct agent *a);
int agent_make_core(struct agent *a, struct err *e); /* with outbox and arrivals */
void agent_drop_core(struct agent *a);
uint64_t agent_bytes_out(const struct agent *a);
uint64_t agent_bytes_in(const struct agent *a);

/* To whoever watches: a line for a log, or NULL for numbers only. */
void agent_tell(struct agent *a, const char *text);

/* ---------------------------------------------------------- agent_fork.c */

/* Lets the line leave, if that was asked for, and begins with a new core; also where
 * somebody else has raised the epoch. */
int agent_fork(struct agent *a, struct err *e);

/* ------------------------------------------------------- agent_actions.c */

/* One step; its actions; and the steps that their answers ask for. */
void agent_feed(struct agent *a, const struct sync_event *event);
void agent_feed_kind(struct agent *a, enum sync_event_kind kind);

/* Writes down what has travelled. */
void agent_note_spent(struct agent *a);

/* After the step that ended it, so that the core's state tells how. */
void agent_end_contact(struct agent *a, enum agent_end end);

/* ---------------------------------------------------------- agent_link.c */

/* Sends, hears, and begins or ends a contact; true if there is more to do at once. */
bool agent_drive_link(struct agent *a);
void agent_network_news(struct agent *a, enum network_news news);
int64_t agent_link_deadline_ms(const struct agent *a); /* INT64_MAX: none of its own */

#endif
