#include "sync/core_internal.h"

#include <assert.h>

/* A contact has only so many questions: sync/centre/session_chain.c. */
#define NAMES_TRIED_MAX 16

static const struct {
    enum fork_state from, to;
} allowed_moves[] = {
    {FORK_NONE, FORK_SUSPECTED},    {FORK_SUSPECTED, FORK_READING},
    {FORK_READING, FORK_ASKED},     {FORK_ASKED, FORK_READING},
    {FORK_READING, FORK_SUSPECTED}, {FORK_ASKED, FORK_SUSPECTED},
    {FORK_ASKED, FORK_NONE},
};

static void move(struct sync *s, enum fork_state to)
{
    bool allowed = false;

    for (size_t i = 0; i < sizeof allowed_moves / sizeof allowed_moves[0]; i++)
        if (allowed_moves[i].from == s->fork.state && allowed_moves[i].to == to)
            allowed = true;
    assert(allowed);
    s->fork.state = to;
}

bool fork_in_doubt(const struct sync *s)
{
    return s->fork.state != FORK_NONE;
}

void fork_contact_over(struct sync *s)
{
    if (s->fork.state == FORK_READING || s->fork.state == FORK_ASKED)
        move(s, FORK_SUSPECTED);
}

/* ------------------------------------------------------------------- suspicion */

void fork_refused(struct sync *s, const struct object_id *object,
                  struct sync_actions *out)
{
    const struct sync_object *o = held_find(s, object);
    uint64_t last = o != NULL ? o->last : s->config.last;

    s->fork.refused = true;
    if (last > s->fork.refused_last)
        s->fork.refused_last = last;
    if (fork_in_doubt(s)) {
        s->fork.from = 0; /* not even where we began to ask: it was put back since */
        return;
    }
    s->fork.from = s->contact.greeted ? s->config.received : 0;
    sync_trace(out, "asks where our line and the centre's part");
    move(s, FORK_SUSPECTED);
}

/* Clones that both have nothing to say would leave each other's line for ever: one that
 * only looks in again leaves it when it has something new. A box that was put back was
 * started since. */
static bool leaves_replaced(const struct sync *s)
{
    return !s->receipted || s->config.last > s->config.received;
}

/* Our frames up to here are at the centre: it has said so before, or they left in this
 * contact, before this receipt was made. All else may be another's, though the numbers
 * are ours. */
static uint64_t vouched(const struct sync *s)
{
    const struct contact *c = &s->contact;
    uint64_t known = s->config.received;

    if (s->fork.known > known)
        known = s->fork.known;
    return c->greeted && c->left > known ? c->left : known;
}

/* How many of our frames it says are there: of a line that we have left, those of it. */
static uint64_t told_of_ours(const struct sync_config *c, const struct receipt *r)
{
    uint64_t ours = c->line_last[r->box_epoch];

    return receipt_of_left_line(r, c->epoch) && ours < r->received ? ours : r->received;
}

bool fork_suspects(struct sync *s, const struct receipt *r, struct sync_actions *out)
{
    const struct sync_config *c = &s->config;

    if (fork_in_doubt(s))
        return true;
    if (r->centre_epoch < c->centre_epoch)
        return false; /* from before the centre was restored: it counts for nothing */
    if (r->box_epoch > c->epoch && leaves_replaced(s)) {
        s->fork.replaced = true;
        sync_trace(out, "the centre goes on with a line of epoch %u, ours is %u",
                   r->box_epoch, c->epoch);
    } else if ((r->box_epoch == c->epoch || receipt_of_left_line(r, c->epoch)) &&
               told_of_ours(c, r) > vouched(s)) {
        s->fork.said = told_of_ours(c, r);
        sync_trace(out, "asks whether what the centre has up to %llu is ours",
                   (unsigned long long)s->fork.said);
    } else {
        s->contact.greeted = true;
        return false;
    }
    s->fork.from = r->centre_epoch == c->centre_epoch ? c->received : 0;
    move(s, FORK_SUSPECTED);
    return true;
}

/* -------------------------------------------------------------------- question */

static void read_hashes(struct sync *s, struct sync_actions *out)
{
    struct sync_action *a;

    move(s, FORK_READING);
    sync_request(s, REQUEST_CHAIN);
    a = sync_act(out, SYNC_DO_READ_CHAIN);
    a->range = s->fork.range;
    a->names = s->fork.names;
    a->names.last = a->range.last;
}

void fork_next(struct sync *s, struct sync_actions *out)
{
    struct fork *f = &s->fork;

    if (s->state != SYNC_TALKING || f->state != FORK_SUSPECTED ||
        s->request != REQUEST_NONE)
        return;
    f->names = (struct fork_names){0};
    f->range = (struct chain_range){.first = f->from, .last = s->config.last};
    if (!f->refused && !f->replaced && f->said < f->range.last)
        f->range.last = f->said;
    read_hashes(s, out);
}

/* Frames that were made, and left by another road, since we were last told: what the
 * centre says to have may be among them. */
static bool grew(struct sync *s, uint64_t last)
{
    bool asked_short = s->fork.range.last == s->config.last;

    if (last <= s->config.last)
        return false;
    s->config.last = last;
    return asked_short && s->fork.said > s->fork.range.last;
}

void fork_hashes(struct sync *s, const struct sync_event *in, struct sync_actions *out)
{
    if (grew(s, in->as.chain.last)) {
        move(s, FORK_SUSPECTED);
        return;
    }
    move(s, FORK_ASKED);
    message_chain_ask(&sync_act(out, SYNC_DO_SEND)->bytes, &s->fork.range,
                      s->config.epoch, in->as.chain.hashes);
}

/* ---------------------------------------------------------------------- answer */

/* Whether these are two places next to each other that we asked about, or the last. */
static bool is_answer(const struct chain_range *asked, const struct chain_range *r)
{
    unsigned places = chain_places(asked);

    for (unsigned i = 0; i < places; i++)
        if (chain_place(asked, i) == r->first)
            return r->last == chain_place(asked, i + 1 < places ? i + 1 : i);
    return false;
}

/* Until a person has acted; asked again then. */
static void give_up(struct sync *s, int64_t now_ms, const char *why,
                    struct sync_actions *out)
{
    sync_trace(out, "%s", why);
    s->fork = (struct fork){.state = s->fork.state};
    move(s, FORK_NONE);
    contact_leave_until(s, now_ms + SYNC_REFUSED_WAIT_MS, out);
    s->refused = REFUSED_FORK;
}

static void leave_line(struct sync *s, uint64_t after, int64_t now_ms,
                       struct sync_actions *out)
{
    struct sync_action *a;

    sync_trace(out, "our line leaves after %llu, under epoch %u",
               (unsigned long long)after, s->fork.epoch);
    contact_leave_until(s, now_ms + SYNC_BACKOFF_MS_MAX, out);
    a = sync_act(out, SYNC_DO_FORK);
    a->names = s->fork.names;
    a->names.after = after;
    a->epoch = s->fork.epoch;
}

/* Of our own frame of this number. */
static uint8_t epoch_of(const struct sync *s, uint64_t sequence)
{
    for (unsigned i = 0; i < s->config.epoch; i++)
        if (s->config.line_last[i] >= sequence)
            return (uint8_t)i;
    return s->config.epoch;
}

/* The centre has other frames than ours after the last common one. Else it only knows that
 * another box goes on in our name: it will take them late, by whatever road they come. */
static bool is_contradicted(const struct fork *f, uint64_t common)
{
    return f->said > common || (f->refused && f->refused_last > common);
}

/* A line that left after the last common frame has named what followed it anew, under an
 * epoch that was new. One question each, the newest first. */
static void try_names(struct sync *s, int64_t now_ms, struct sync_actions *out)
{
    struct fork *f = &s->fork;
    uint64_t common = f->names.after;

    if (common < s->config.last && f->tried < NAMES_TRIED_MAX &&
        f->names.epoch > epoch_of(s, common + 1)) {
        f->tried++;
        f->range = (struct chain_range){.first = common, .last = common + 1};
        read_hashes(s, out);
        return;
    }
    f->names.epoch = 0;
    leave_line(s, is_contradicted(f, common) ? common : s->config.last, now_ms, out);
}

/* So many of our frames are known, by the names that were tried. */
static void names_answered(struct sync *s, uint64_t known, int64_t now_ms,
                           struct sync_actions *out)
{
    struct fork *f = &s->fork;

    if (known == f->names.after) {
        f->names.epoch--;
        try_names(s, now_ms, out);
    } else if (f->range.first == f->names.after && known < s->config.last) {
        f->range = (struct chain_range){.first = known, .last = s->config.last};
        read_hashes(s, out);
    } else {
        sync_trace(out, "the centre has ours up to %llu by the names of epoch %u",
                   (unsigned long long)known, f->names.epoch);
        f->names.last = known;
        leave_line(s, f->names.after, now_ms, out);
    }
}

/* What is common, and the highest epoch of ours that the centre knows. A new line is begun
 * only where the centre has heard of the one that it leaves: whoever is refused again right
 * after would else use up all epochs. */
static void decide(struct sync *s, uint64_t common, uint8_t known, int64_t now_ms,
                   struct sync_actions *out)
{
    struct fork *f = &s->fork;
    bool all = common == s->config.last && common >= f->said;

    f->epoch = (uint8_t)((known > s->config.epoch ? known : s->config.epoch) + 1);
    if (!f->refused && !f->replaced && common >= f->said) {
        sync_trace(out, "the centre's frames are ours up to %llu",
                   (unsigned long long)common);
        s->fork = (struct fork){.state = s->fork.state, .known = common};
        move(s, FORK_NONE);
    } else if (known < epoch_of(s, common + 1) || (known == s->config.epoch && all)) {
        give_up(s, now_ms, "the centre refuses what follows its own line", out);
    } else if (known >= SYNC_EPOCH_LAST || s->config.epoch >= SYNC_EPOCH_LAST) {
        give_up(s, now_ms, "no epoch is left to begin a new line with", out);
    } else {
        f->names = (struct fork_names){.epoch = known, .after = common};
        f->tried = 0;
        try_names(s, now_ms, out);
    }
}

/* We asked no further than the centre's own number, and a bundle was refused meanwhile: where
 * the lines part may be beyond that. */
static bool is_cut_short(const struct sync *s, uint64_t known)
{
    return s->fork.refused && known == s->fork.range.last && known < s->config.last;
}

int fork_answer(struct sync *s, const struct sync_event *in, struct sync_actions *out,
                struct err *e)
{
    const struct message *m = in->as.message;
    const struct chain_range r = m->as.chain.range;

    if (s->fork.state != FORK_ASKED || m->as.chain.hashes != NULL ||
        !message_chain_proved(m, s->contact.binding, s->contact.binding_count,
                              &s->config.centre) ||
        !is_answer(&s->fork.range, &r))
        return err_set(e, ERR_REFUSED, "an answer about our chain that makes no sense");
    s->contact.moved_ms = in->now_ms;
    if (r.last > r.first + 1) {
        s->fork.range = r;
        read_hashes(s, out);
        return 0;
    }
    if (s->fork.names.epoch != 0)
        names_answered(s, r.first, in->now_ms, out);
    else if (is_cut_short(s, r.first))
        move(s, FORK_SUSPECTED);
    else
        decide(s, r.first, m->as.chain.epoch, in->now_ms, out);
    return 0;
}
