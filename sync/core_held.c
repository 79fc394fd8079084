#include "sync/core_internal.h"

static bool is_empty(const struct held *h)
{
    return h->last == 0;
}

bool held_begins(const struct sync *s, uint64_t first)
{
    const struct held *h = &s->held;

    return !is_empty(h) && h->first <= first && first <= h->last;
}

uint64_t held_there(const struct sync *s)
{
    const struct held *h = &s->held;

    if (s->contact.held_said && h->first <= s->config.received + 1 &&
        h->last > s->config.received)
        return h->last;
    return s->config.received;
}

void held_forget(struct sync *s)
{
    s->held = (struct held){0};
    s->contact.held_said = false;
}

void held_pass(struct sync *s)
{
    struct contact *c = &s->contact;
    const struct held *h = &s->held;

    if (!c->held_said || c->bundle.active || c->sent + 1 < h->first || c->sent >= h->last)
        return;
    c->sent = h->last;
    c->left = c->sent > c->left ? c->sent : c->left;
}

/* What does not touch what we knew of takes its place: that is asked for again. */
static void add(struct sync *s, uint64_t first, uint64_t last)
{
    struct held *h = &s->held;

    s->contact.held_said = true;
    if (is_empty(h) || first > h->last + 1 || last + 1 < h->first) {
        *h = (struct held){first, last};
        return;
    }
    h->first = first < h->first ? first : h->first;
    h->last = last > h->last ? last : h->last;
}

void held_left(struct sync *s, const struct sync_object *o)
{
    struct contact *c = &s->contact;

    c->bundles_left[c->bundles_left_count++ % BUNDLES_LEFT_MAX] = *o;
}

const struct sync_object *held_find(const struct sync *s, const struct object_id *id)
{
    const struct contact *c = &s->contact;

    for (size_t i = 0; i < c->bundles_left_count && i < BUNDLES_LEFT_MAX; i++)
        if (object_id_equal(&c->bundles_left[i].id, id))
            return &c->bundles_left[i];
    return NULL;
}

void held_have(struct sync *s, const struct object_id *id, uint64_t bytes)
{
    const struct sync_object *o = held_find(s, id);

    if (o == NULL || bytes != o->total_bytes)
        return;
    add(s, o->first, o->last);
    held_pass(s);
}

void held_receipt(struct sync *s, uint64_t before)
{
    const struct held *h = &s->held;
    uint64_t now = s->config.received;

    if (is_empty(h) || now == before || now + 1 < h->first)
        return;
    if (now + 1 == h->first) { /* the gap is closed: do they stand? */
        s->contact.held_said = false;
        outgoing_go_back(s);
    } else {
        bool dropped = now < h->last;

        held_forget(s);
        if (dropped)
            outgoing_go_back(s);
    }
}

bool sync_held_from(const struct sync *s, uint64_t from)
{
    const struct held *h = &s->held;

    return h->first <= from && h->last >= from && h->last >= s->config.last;
}

bool sync_held(const struct sync *s)
{
    return sync_held_from(s, s->config.received + 1);
}
