#include "appliance/agent.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/eventfd.h>

#include "appliance/agent_internal.h"
#include "appliance/commits.h"

#define LOOK_MS     1000 /* how often it looks for commits by itself */
#define LOOK_MS_MIN 20   /* … and at most, however often somebody commits */
#define SPENT_MS    60000
#define TICK_MS     250 /* between two looks at the numbers */
#define RATE_MS     3000

const char *agent_end_name(enum agent_end end)
{
    static const char *const names[] = {
        [AGENT_DRAINED] = "drained",
        [AGENT_PARTLY] = "partly",
        [AGENT_WITHHELD] = "withheld",
        [AGENT_HELD] = "held",
        [AGENT_UNREACHABLE] = "unreachable",
        [AGENT_LINK_DOWN] = "link_down",
        [AGENT_LATER] = "later",
        [AGENT_REFUSED] = "refused",
        [AGENT_BUDGET] = "budget",
        [AGENT_STOPPED] = "stopped",
    };

    return names[end];
}

int64_t agent_now_ms(struct agent *a)
{
    return a->options.box->clock->mono_ms(a->options.box->clock);
}

uint64_t agent_bytes_out(const struct agent *a)
{
    return a->bytes_out + (a->link == NULL ? 0 : link_bytes_out(a->link));
}

uint64_t agent_bytes_in(const struct agent *a)
{
    return a->bytes_in + (a->link == NULL ? 0 : link_bytes_in(a->link));
}

/* Over seconds: one block more or less is no other rate. */
static void look_at_rate(struct agent *a)
{
    int64_t now_ms = agent_now_ms(a);
    uint64_t bytes = link_bytes_out(a->link);

    if (a->rate_ms == 0)
        a->bytes_s = 0;
    else if (now_ms < a->rate_ms + RATE_MS)
        return;
    else
        a->bytes_s = (bytes - a->rate_bytes) * 1000 / (uint64_t)(now_ms - a->rate_ms);
    a->rate_ms = now_ms;
    a->rate_bytes = bytes;
}

static void read_pulse(struct agent *a, struct pulse *out)
{
    struct stream_pulse link;

    *out = (struct pulse){.at_work = true, .state = sync_state_now(a->core)};
    if (!a->greeted)
        return;
    look_at_rate(a);
    link_pulse(a->link, &link);
    out->talking_ms = agent_now_ms(a) - a->began_ms;
    out->bytes_out = link_bytes_out(a->link);
    out->bytes_in = link_bytes_in(a->link);
    memcpy(out->class_bytes, a->sent, sizeof out->class_bytes);
    out->bytes_s = a->bytes_s;
    out->round_trip_ms = link.round_trip_ms;
}

void agent_tell(struct agent *a, const char *text)
{
    struct agent_news n = {.text = text,
                           .bytes_out = agent_bytes_out(a),
                           .bytes_in = agent_bytes_in(a),
                           .last = a->last,
                           .talking = a->greeted};
    struct outbox_numbers numbers;
    struct err ignored; /* a number less in the progress line */

    if (a->options.news == NULL || a->core == NULL)
        return;
    if (outbox_numbers(a->outbox, &numbers, &ignored) == 0)
        n.received = numbers.received;
    read_pulse(a, &n.pulse);
    a->options.news(a->options.arg, &n);
}

/* ----------------------------------------------------------- create, destroy */

/* Where the kernel does not tell, it is looked for now and then. */
static void watch(struct agent *a)
{
    struct err e;

    if (network_watch(&a->network, &e) != 0)
        agent_tell(a, e.text);
    if (commits_watch(&a->commits_fd, a->options.box->dir, &e) != 0)
        agent_tell(a, e.text);
}

int agent_create(struct agent **out, const struct agent_options *o, struct err *e)
{
    struct agent *a = calloc(1, sizeof *a);

    *out = NULL;
    if (a == NULL)
        return err_set(e, ERR_MEMORY, "agent");
    a->options = *o;
    a->timer_ms = INT64_MAX;
    a->commits_fd = -1;
    buffer_init(&a->block, BLOCK_BYTES_MAX);
    a->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (a->wake_fd < 0) {
        (void)err_set_errno(e, ERR_FAILED, "eventfd");
        goto failed;
    }
    if (agent_make_core(a, e) != 0 ||
        link_tls_client(&a->tls, &a->centre.tls_key, e) != 0)
        goto failed;
    watch(a);
    *out = a;
    return 0;
failed:
    agent_destroy(a);
    return err_wrap(e, "agent");
}

void agent_destroy(struct agent *a)
{
    if (a == NULL)
        return;
    link_close(a->link);
    link_tls_destroy(a->tls);
    sync_actions_release(&a->actions);
    agent_drop_core(a);
    buffer_release(&a->block);
    network_close(a->network);
    if (a->commits_fd >= 0)
        (void)close(a->commits_fd);
    if (a->wake_fd >= 0)
        (void)close(a->wake_fd);
    free(a);
}

static void ring(struct agent *a)
{
    const uint64_t one = 1;

    (void)!write(a->wake_fd, &one, sizeof one); /* full: it rings already */
}

void agent_wake(struct agent *a, bool contact_wanted)
{
    if (contact_wanted)
        atomic_store(&a->wanted, true);
    ring(a);
}

void agent_stop(struct agent *a)
{
    atomic_store(&a->stopping, true);
    ring(a);
}

/* ---------------------------------------------------------------------- loop */

/* Originals that somebody here asked to have back: as many as the core takes. */
static int look_for_wanted(struct agent *a, struct err *e)
{
    struct sync_event event = {.kind = SYNC_EVENT_FETCH,
                               .as.fetch = {.kind = OBJECT_BLOB}};
    struct hash h;
    bool found = true;

    for (int i = 0; i < SYNC_WANTED_MAX && found; i++) {
        if (room_next_wanted(a->options.box, i == 0, &h, &found, e) != 0)
            return -1;
        memcpy(event.as.fetch.id, h.bytes, OBJECT_ID_BYTES);
        if (found)
            agent_feed(a, &event);
    }
    return 0;
}

/* A stick may have told of a fork. */
static int look_at_epoch(struct agent *a, struct err *e)
{
    uint8_t epoch;

    if (store_epoch(a->options.box->store, &epoch, e) != 0)
        return -1;
    a->anew = a->anew || epoch != a->epoch;
    return 0;
}

/* A stick may have brought a receipt. Our own stores come by here too: no harm. */
static int look_for_receipts(struct agent *a, struct err *e)
{
    struct sync_event event = {.kind = SYNC_EVENT_TOLD};
    struct sync_told *told = &event.as.told;

    if (outbox_told(a->outbox, told, e) != 0)
        return -1;
    if (told->centre_epoch == a->told.centre_epoch &&
        told->received == a->told.received && told->applied == a->told.applied &&
        told->safe == a->told.safe)
        return 0;
    a->told = *told;
    agent_feed(a, &event);
    return 0;
}

static int look_for_commits(struct agent *a, struct err *e)
{
    struct sync_event event = {.kind = SYNC_EVENT_COMMITTED};

    a->looked_ms = agent_now_ms(a);
    a->look_ms = a->looked_ms + LOOK_MS;
    if (a->link != NULL && a->looked_ms >= a->written_ms + SPENT_MS)
        agent_note_spent(a);
    if (outbox_last(a->outbox, &event.as.last, e) != 0 || look_at_epoch(a, e) != 0)
        return -1;
    if (event.as.last > a->last) {
        a->last = event.as.last;
        agent_feed(a, &event);
    }
    if (!a->anew && look_for_receipts(a, e) != 0)
        return -1;
    return look_for_wanted(a, e);
}

/* What has happened outside since it was looked last. */
static void take_news(struct agent *a)
{
    uint64_t rings;

    if (read(a->wake_fd, &rings, sizeof rings) > 0)
        a->look_ms = 0;
    if (a->commits_fd >= 0 && commits_seen(a->commits_fd) &&
        a->look_ms > a->looked_ms + LOOK_MS_MIN)
        a->look_ms = a->looked_ms + LOOK_MS_MIN;
    if (a->network != NULL)
        agent_network_news(a, network_news(a->network));
}

static void wait_for_something(struct agent *a, bool at_once)
{
    int64_t now = agent_now_ms(a);
    int64_t until = agent_link_deadline_ms(a);
    struct pollfd p[4] = {
        {.fd = a->wake_fd, .events = POLLIN},
        {.fd = -1},
        {.fd = a->commits_fd, .events = POLLIN},
        {.fd = a->network == NULL ? -1 : network_fd(a->network), .events = POLLIN}};

    until = a->timer_ms < until ? a->timer_ms : until;
    until = a->look_ms < until ? a->look_ms : until;
    if (a->link != NULL)
        p[1] = (struct pollfd){.fd = link_fd(a->link), .events = link_events(a->link)};
    /* An interrupted wait is a short one. */
    (void)poll(p, 4, at_once || until <= now ? 0 : (int)(until - now));
    take_news(a);
}

static void tick(struct agent *a)
{
    if (agent_now_ms(a) < a->tick_ms)
        return;
    a->tick_ms = agent_now_ms(a) + TICK_MS;
    agent_tell(a, NULL);
}

static bool is_over(const struct agent *a)
{
    if (atomic_load(&a->stopping))
        return true;
    return a->ended && !a->anew && (a->options.once || a->end == AGENT_BUDGET);
}

static int loop(struct agent *a, struct err *e)
{
    agent_feed_kind(a, SYNC_EVENT_WANTED);
    while (!is_over(a)) {
        bool more;

        if (agent_now_ms(a) >= a->look_ms && look_for_commits(a, e) != 0)
            return -1;
        if (agent_fork(a, e) != 0)
            return -1;
        if (atomic_exchange(&a->wanted, false))
            agent_feed_kind(a, SYNC_EVENT_WANTED);
        if (agent_now_ms(a) >= a->timer_ms) {
            a->timer_ms = INT64_MAX;
            agent_feed_kind(a, SYNC_EVENT_TIMER);
        }
        more = agent_drive_link(a);
        tick(a);
        if (!is_over(a))
            wait_for_something(a, more || a->anew);
    }
    return 0;
}

int agent_run(struct agent *a, struct agent_result *out, struct err *e)
{
    struct outbox_numbers n = {0};
    int rc;

    *out = (struct agent_result){.end = AGENT_STOPPED};
    rc = loop(a, e);
    if (rc != 0)
        (void)err_wrap(e, "agent");
    if (a->link != NULL) {
        a->end = AGENT_STOPPED;
        agent_end_contact(a, AGENT_STOPPED);
    }
    out->forked = a->forked;
    out->end = a->ended && !atomic_load(&a->stopping) ? a->end : AGENT_STOPPED;
    out->refused = a->core == NULL ? 0 : sync_refused(a->core);
    out->bytes_out = agent_bytes_out(a);
    out->bytes_in = agent_bytes_in(a);
    if (rc == 0)
        rc = outbox_numbers(a->outbox, &n, e);
    out->received = n.received;
    out->applied = n.applied;
    out->safe = n.safe;
    (void)snprintf(out->reason, sizeof out->reason, "%s", a->reason);
    return rc;
}
