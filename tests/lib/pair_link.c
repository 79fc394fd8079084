#include "tests/lib/pair_link.h"

#include <stdio.h>
#include <string.h>

#include <sodium/utils.h>

#include "schema/fork.h"

#define BINDING    "this link"
#define BYTES_MAX  (1u << 20)
#define ROUNDS_MAX 200000

/* --------------------------------------------------------------------- open, close */

static int open_core(struct pair_link *l, struct err *e)
{
    struct pair *p = l->p;
    struct sync_config c;
    int rc;

    if (outbox_create(&l->outbox, p->box, &p->random.random, e) != 0 ||
        outbox_config(l->outbox, &c, e) != 0)
        return -1;
    c.random = &p->random.random;
    rc = arrivals_create(&l->arrivals, p->box, &c, e);
    if (rc == 0)
        rc = sync_create(&l->core, &c, e);
    sodium_memzero(&c, sizeof c);
    l->timer_ms = 0;
    return rc;
}

static void close_core(struct pair_link *l)
{
    sync_destroy(l->core);
    arrivals_destroy(l->arrivals);
    outbox_destroy(l->outbox);
    l->core = NULL;
    l->arrivals = NULL;
    l->outbox = NULL;
    l->pending_count = 0;
}

static void hang_up(struct pair_link *l)
{
    session_destroy(l->session);
    l->session = NULL;
    l->connecting = false;
    buffer_clear(&l->up);
    buffer_clear(&l->down);
}

void pair_link_open(struct pair_link *l, struct pair *p)
{
    *l = (struct pair_link){.p = p};
    buffer_init(&l->block, BLOCK_BYTES_MAX);
    buffer_init(&l->up, BYTES_MAX);
    buffer_init(&l->down, BYTES_MAX);
    must(open_core(l, &p->err), &p->err);
}

void pair_link_close(struct pair_link *l)
{
    hang_up(l);
    close_core(l);
    sync_actions_release(&l->actions);
    buffer_release(&l->block);
    buffer_release(&l->up);
    buffer_release(&l->down);
    *l = (struct pair_link){0};
}

static bool is_dead(const struct pair_link *l)
{
    return l->die_at != 0 && disk_sim_calls(l->p->disk) >= l->die_at;
}

/* ------------------------------------------------------------------------ carrier */

static void answer(struct pair_link *l, const struct sync_event *event)
{
    assert_true(l->pending_count < PAIR_LINK_PENDING);
    l->pending[l->pending_count++] = *event;
}

static void answer_if(struct pair_link *l, int rc, struct sync_event event,
                      const struct err *e)
{
    if (rc != 0) {
        event = (struct sync_event){.kind = SYNC_EVENT_FAILED};
        if (!is_dead(l))
            fail_msg("%s", e->text);
    }
    answer(l, &event);
}

static void do_find(struct pair_link *l, const struct sync_action *a)
{
    struct sync_event event = {.kind = SYNC_EVENT_OBJECT};
    struct err e;
    int found =
        a->kind == SYNC_DO_MAKE_BUNDLE
            ? outbox_bundle(l->outbox, a->first, &event.as.object, &e)
            : outbox_next_blob(l->outbox, a->class, a->first, &event.as.object, &e);

    if (found == 0)
        event.kind = SYNC_EVENT_NO_OBJECT;
    answer_if(l, found < 0 ? -1 : 0, event, &e);
}

static void do_read(struct pair_link *l, const struct sync_action *a)
{
    struct sync_event event = {.kind = SYNC_EVENT_BLOCK};
    struct err e;
    int rc;

    buffer_clear(&l->block);
    rc = outbox_read(l->outbox, &a->object, a->offset, a->count, &l->block, &e);
    event.as.block.bytes = l->block.bytes;
    event.as.block.count = l->block.count;
    answer_if(l, rc, event, &e);
}

static void do_read_chain(struct pair_link *l, const struct sync_action *a)
{
    struct sync_event event = {.kind = SYNC_EVENT_CHAIN};
    struct err e;
    int rc;

    buffer_clear(&l->block);
    rc = outbox_chain(l->outbox, &a->range, &a->names, &l->block, &e);
    if (rc == 0)
        rc = outbox_last(l->outbox, &event.as.chain.last, &e);
    event.as.chain.hashes = l->block.bytes;
    answer_if(l, rc, event, &e);
}

static void do_store(struct pair_link *l, const struct sync_action *a)
{
    struct err e;
    int rc = outbox_store_receipt(l->outbox, a->bytes.bytes, a->bytes.count, &e);

    answer_if(l, rc, (struct sync_event){.kind = SYNC_EVENT_STORED}, &e);
}

static void do_take(struct pair_link *l, const struct sync_action *a)
{
    struct sync_event event = {.kind = SYNC_EVENT_TAKEN};
    struct err e;
    int rc =
        a->kind == SYNC_DO_TAKE_OFFER
            ? arrivals_offer(l->arrivals, &a->object, a->total_bytes, &event.as.taken, &e)
            : arrivals_block(l->arrivals, &a->object, a->offset, a->bytes.bytes,
                             a->bytes.count, &event.as.taken, &e);

    answer_if(l, rc, event, &e);
}

static void note(struct pair_link *l, const char *text)
{
    size_t at = strlen(l->told);

    (void)snprintf(l->told + at, sizeof l->told - at, "%s\n", text);
}

static void carry_out(struct pair_link *l, const struct sync_action *a)
{
    switch (a->kind) {
    case SYNC_DO_CONNECT:
        l->connecting = true;
        return;
    case SYNC_DO_CLOSE:
        hang_up(l);
        return;
    case SYNC_DO_SEND:
        l->told_writable = false;
        if (l->session != NULL)
            buffer_append(&l->up, a->bytes.bytes, a->bytes.count);
        return;
    case SYNC_DO_MAKE_BUNDLE:
    case SYNC_DO_NEXT_BLOB:
        do_find(l, a);
        return;
    case SYNC_DO_READ_BLOCK:
        do_read(l, a);
        return;
    case SYNC_DO_STORE_RECEIPT:
        do_store(l, a);
        return;
    case SYNC_DO_TAKE_OFFER:
    case SYNC_DO_TAKE_BLOCK:
        do_take(l, a);
        return;
    case SYNC_DO_READ_CHAIN:
        do_read_chain(l, a);
        return;
    case SYNC_DO_FORK:
        l->fork_names = a->names;
        l->fork_epoch = a->epoch;
        return;
    case SYNC_DO_TIMER:
        l->timer_ms = a->at_ms;
        return;
    case SYNC_DO_TRACE:
        note(l, a->text);
        return;
    }
}

static void feed(struct pair_link *l, struct sync_event event);

static void leave_line(struct pair_link *l)
{
    uint8_t epoch = l->fork_epoch;
    struct err e;

    l->fork_epoch = 0;
    if (epoch == 0 || is_dead(l))
        return;
    if (fork_line_as(l->p->box->records, &l->fork_names, epoch, "test", &e) != 0) {
        if (!is_dead(l))
            fail_msg("%s", e.text);
        return;
    }
    l->forks++;
    close_core(l);
    if (open_core(l, &e) == 0)
        feed(l, (struct sync_event){.kind = SYNC_EVENT_WANTED});
    else if (!is_dead(l))
        fail_msg("%s", e.text);
}

static void feed(struct pair_link *l, struct sync_event event)
{
    struct err e;

    answer(l, &event);
    while (l->pending_count > 0) {
        struct sync_event next = l->pending[0];

        memmove(l->pending, l->pending + 1, --l->pending_count * sizeof next);
        next.now_ms = l->p->clock.mono_ms_now;
        must(sync_step(l->core, &next, &l->actions, &e), &e);
        for (size_t i = 0; i < l->actions.count; i++)
            carry_out(l, &l->actions.list[i]);
    }
    leave_line(l);
}

/* ----------------------------------------------------------------------- the wire */

static void break_off(struct pair_link *l)
{
    hang_up(l);
    feed(l, (struct sync_event){.kind = SYNC_EVENT_LINK_DOWN});
}

/* The first message of a stream; it stays there until it is dropped. */
static bool first_of(struct buffer *from, struct message *m, size_t *used)
{
    struct err e;
    int rc = message_next(m, used, from->bytes, from->count, &e);

    assert_true(rc >= 0);
    return rc == 1;
}

static void drop(struct buffer *from, size_t count)
{
    memmove(from->bytes, from->bytes + count, from->count - count);
    from->count -= count;
}

static bool breaks_here(struct pair_link *l)
{
    if (l->break_after == 0 || ++l->messages < l->break_after)
        return false;
    l->break_after = 0;
    break_off(l);
    return true;
}

static void one_up(struct pair_link *l)
{
    struct message m;
    struct err e;
    size_t used;
    int rc;

    if (l->session == NULL || l->up.count == 0 || breaks_here(l))
        return;
    assert_true(first_of(&l->up, &m, &used));
    rc = session_message(l->session, &m, &l->down, &e);
    if (rc < 0)
        fail_msg("%s", e.text);
    drop(&l->up, used);
    if (rc == 0 && l->down.count == 0)
        break_off(l);
}

static void one_down(struct pair_link *l)
{
    struct sync_event in = {.kind = SYNC_EVENT_MESSAGE};
    struct buffer one;
    struct message m;
    size_t used;

    if (l->session == NULL || l->down.count == 0 || breaks_here(l))
        return;
    assert_true(first_of(&l->down, &m, &used));
    buffer_init(&one, BYTES_MAX);
    buffer_append(&one, l->down.bytes, used);
    drop(&l->down, used);
    assert_true(first_of(&one, &m, &used));
    in.as.message = &m;
    feed(l, in);
    buffer_release(&one);
}

static void come_up(struct pair_link *l)
{
    struct sync_event in = {
        .kind = SYNC_EVENT_LINK_UP,
        .as.link = {.binding = BINDING, .binding_count = strlen(BINDING)}};
    struct pair *p = l->p;
    struct err e;

    l->connecting = false;
    l->messages = 0;
    must(session_create(&l->session, p->p.centre, BINDING, strlen(BINDING), &p->err),
         &p->err);
    if (outbox_status(l->outbox, &in.as.link.status, &e) != 0) {
        assert_true(is_dead(l));
        break_off(l);
        return;
    }
    feed(l, in);
}

/* What the centre does by itself; true if it had something to say. */
static bool centre_works(struct pair_link *l)
{
    struct pair *p = l->p;
    unsigned applied;

    if (!l->centre_rests)
        must(apply_some(p->p.centre, 100, &applied, &p->err), &p->err);
    if (l->session == NULL)
        return false;
    must(session_news(l->session, &l->down, &p->err), &p->err);
    if (l->down.count == 0)
        assert_true(session_room(l->session, &l->down, &p->err) >= 0);
    return l->down.count > 0;
}

/* One thing that happens; false: nothing does by itself. */
static bool go_on(struct pair_link *l)
{
    if (l->connecting && l->session == NULL) {
        come_up(l);
        return true;
    }
    if (l->session == NULL)
        return false;
    if (!l->told_writable) {
        l->told_writable = true;
        feed(l, (struct sync_event){.kind = SYNC_EVENT_WRITABLE});
        return true;
    }
    if (l->up.count > 0 || l->down.count > 0) {
        one_up(l);
        one_down(l);
        return true;
    }
    return centre_works(l);
}

bool pair_link_contact(struct pair_link *l, unsigned waits_max)
{
    struct sync_event committed = {.kind = SYNC_EVENT_COMMITTED};
    unsigned rounds = 0;

    l->waits = 0;
    must(outbox_last(l->outbox, &committed.as.last, &l->p->err), &l->p->err);
    feed(l, committed);
    feed(l, (struct sync_event){.kind = SYNC_EVENT_WANTED});
    while (!is_dead(l) && l->waits <= waits_max) {
        assert_true(rounds++ < ROUNDS_MAX);
        if (go_on(l))
            continue;
        if (sync_state_now(l->core) == SYNC_IDLE)
            break;
        l->waits += sync_state_now(l->core) == SYNC_WAITING;
        if (l->p->clock.mono_ms_now < l->timer_ms)
            l->p->clock.mono_ms_now = l->timer_ms;
        feed(l, (struct sync_event){.kind = SYNC_EVENT_TIMER});
    }
    (void)centre_works(l);
    return !is_dead(l) && sync_drained(l->core);
}

/* The box comes back with what its disk kept. */
static void restart(struct pair_link *l)
{
    const struct disk_sim_faults none = {0};
    struct pair *p = l->p;

    hang_up(l);
    close_core(l);
    box_close(p->box);
    disk_sim_power_cut(p->disk);
    disk_sim_set_faults(p->disk, &none);
    l->die_at = 0;
    must(box_open(&p->box, p->disk, &p->clock.clock, PAIR_DIR, NULL, &p->err), &p->err);
    must(open_core(l, &p->err), &p->err);
}

bool pair_link_power_cut(struct pair_link *l, uint64_t call)
{
    struct disk_sim_faults faults = {.die_at_call = disk_sim_calls(l->p->disk) + call};
    bool died;

    l->die_at = faults.die_at_call;
    disk_sim_set_faults(l->p->disk, &faults);
    (void)pair_link_contact(l, 4);
    died = is_dead(l);
    restart(l);
    return died;
}
