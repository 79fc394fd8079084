#include "sync/core_internal.h"

/* The centre says where a blob goes on a round trip after it was asked, and a link that is
 * up for half a minute has none to spare. So what follows that which left before goes on at
 * once; the centre keeps it, and what was lost between is filled in when HAVE has come:
 *
 *     here at the centre    left, and lost         leaves before HAVE    later
 *   ├──────────────────────┼──────────────────────┼─────────────────────┼──────►
 *                         HAVE               ahead_from             ahead_to
 *
 * A centre that has not kept it says HAVE once more, at ahead_from. */

static struct reached *reached_of(struct sync *s, enum sync_class class)
{
    return &s->reached[class - BLOB_CLASS_FIRST];
}

void ahead_begin(const struct sync *s, struct outgoing *o)
{
    const struct reached *r;

    if (o->object.id.kind != OBJECT_BLOB)
        return;
    r = reached_of((struct sync *)s, o->object.class);
    if (r->total_bytes != o->object.total_bytes ||
        !object_id_equal(&r->object, &o->object.id))
        return;
    o->offset = o->ahead_from = o->ahead_to = r->offset;
}

bool ahead_waits(const struct outgoing *o)
{
    return o->asked && (o->ahead_from == 0 || o->offset >= o->object.total_bytes ||
                        o->offset - o->ahead_from >= SYNC_AHEAD_BYTES_MAX);
}

size_t ahead_room(const struct outgoing *o)
{
    uint64_t until = o->asked ? o->ahead_from + SYNC_AHEAD_BYTES_MAX : o->ahead_from;
    uint64_t room = o->offset < until ? until - o->offset : BLOCK_BYTES_MAX;

    return room < BLOCK_BYTES_MAX ? (size_t)room : BLOCK_BYTES_MAX;
}

/* What is behind a gap when a link breaks, is lost: it does not count. */
static void note_reached(struct sync *s, const struct outgoing *o)
{
    if (o->object.id.kind != OBJECT_BLOB)
        return;
    *reached_of(s, o->object.class) =
        (struct reached){.object = o->object.id,
                         .total_bytes = o->object.total_bytes,
                         .offset = o->offset < o->object.total_bytes ? o->offset : 0};
}

void ahead_left(struct sync *s, struct outgoing *o)
{
    if (o->asked) {
        o->ahead_to = o->offset;
        return;
    }
    if (o->ahead_to > 0 && o->offset == o->ahead_from) {
        o->offset = o->ahead_to;
        o->ahead_from = o->ahead_to = 0;
    }
    note_reached(s, o);
}

void ahead_have(struct outgoing *o, uint64_t have)
{
    bool kept = o->asked && o->ahead_to > o->ahead_from && have <= o->ahead_to;

    o->asked = false;
    o->offset = have;
    if (kept && have < o->ahead_from)
        return;
    if (kept)
        o->offset = o->ahead_to;
    o->ahead_from = o->ahead_to = 0;
}
