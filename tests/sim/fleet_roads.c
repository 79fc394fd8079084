#include "tests/sim/fleet_roads.h"

#include <stdio.h>
#include <stdlib.h>

#include "sync/bundle.h"
#include "sync/courier_reader.h"

#define MINUTE_MS   60000
#define HOUR_MS     (60 * MINUTE_MS)
#define CALM_MS_MAX (48 * HOUR_MS)
#define SOON_MS     6000
#define DOCUMENT_MS 3500 /* what the link needs for one */

static uint64_t pick(struct fleet *f, uint64_t below)
{
    return random_below(&f->chance.random, below);
}

/* -------------------------------------------------------------------- what arrives */

static struct road_object *object_of(struct fleet_roads *r, const struct object_id *id,
                                     uint64_t total_bytes)
{
    struct road_object *o;

    for (size_t i = r->objects_count; i > 0; i--)
        if (object_id_equal(&r->objects[i - 1].id, id))
            return &r->objects[i - 1];
    r->objects =
        fleet_grow(r->objects, r->objects_count, &r->objects_capacity, sizeof *o);
    o = &r->objects[r->objects_count++];
    *o = (struct road_object){.id = *id, .total_bytes = total_bytes};
    return o;
}

/* Bytes [from, to) were here: whose were they? */
static void count_twice(const struct road_object *o, struct road_bytes *b, uint64_t from,
                        uint64_t to)
{
    for (unsigned i = 0; i < o->stretches_count; i++) {
        uint64_t begin = o->stretches[i].from;
        uint64_t end = i + 1 < o->stretches_count ? o->stretches[i + 1].from : o->have;

        begin = begin > from ? begin : from;
        end = end < to ? end : to;
        if (begin < end)
            b->twice[o->stretches[i].road] += end - begin;
    }
}

static void arrive(struct fleet_roads *r, enum road road, struct road_object *o,
                   uint64_t from, uint64_t count)
{
    struct road_bytes *b = &r->bytes[o->id.kind][road];
    uint64_t to = from + count;

    if (from > o->have) {
        b->gap += count;
        return;
    }
    count_twice(o, b, from, to);
    if (to <= o->have)
        return;
    b->first += to - o->have;
    if (o->stretches_count == 0 || o->stretches[o->stretches_count - 1].road != road) {
        if (o->stretches_count == ROAD_STRETCHES_MAX)
            abort();
        o->stretches[o->stretches_count++] =
            (struct road_stretch){.from = o->have, .road = road};
    }
    o->have = to;
}

void fleet_roads_block(struct fleet *f, const struct message *m)
{
    if (f->roads != NULL)
        arrive(f->roads, ROAD_LINK,
               object_of(f->roads, &m->as.block.object, m->as.block.total_bytes),
               m->as.block.offset, m->as.block.count);
}

/* The entries of one tar, as the centre will read them. */
static void see_tar(struct fleet *f, struct disk *stick, const char *path)
{
    struct courier_reader *reader = NULL;
    struct courier_entry n;
    struct err e;

    if (courier_reader_open(&reader, stick, path, &e) != 0) {
        fleet_fail(f, "a stick: %s", e.text);
        return;
    }
    while (courier_reader_next(reader, &n, &e) == 1) {
        bool bundle = n.what == COURIER_BUNDLE;

        if (bundle || n.what == COURIER_BLOB)
            arrive(f->roads, ROAD_STICK,
                   object_of(f->roads, &n.object, bundle ? n.bytes : n.end),
                   bundle ? 0 : n.at, n.bytes);
    }
    courier_reader_close(reader);
}

void fleet_roads_stick(struct fleet *f, struct disk *stick, const char *dir)
{
    struct courier_list list = {0};
    char path[DISK_PATH_BYTES];
    struct err e;

    if (f->roads == NULL)
        return;
    f->roads->sticks++;
    if (courier_list_read(&list, stick, dir, &e) != 0)
        fleet_fail(f, "a stick: %s", e.text);
    for (size_t i = 0; i < list.count; i++)
        if (list.names[i].direction == DIRECTION_UP && !list.names[i].part &&
            courier_path(path, dir, &list.names[i], &e) == 0)
            see_tar(f, stick, path);
    courier_list_release(&list);
}

/* ------------------------------------------------------------------------ the story */

/* In the hours before: nobody sends anything. */
static void take_in(struct fleet *f, unsigned documents)
{
    fleet_net_signal(f, 0, false);
    for (unsigned i = 0; i < documents && f->failure[0] == '\0'; i++) {
        bool large = pick(f, 100) == 0;

        fleet_work_document(f, 0, 1 + (unsigned)pick(f, 2),
                            large ? 60000 + pick(f, 90000) : 200 + pick(f, 12000));
        fleet_run(f, MINUTE_MS);
        if (i % 20 == 19)
            fleet_work_afterwards(f, 0);
    }
    fleet_work_afterwards(f, 0);
}

static bool is_over(struct fleet *f)
{
    return f->boxes[0].machine.on && sync_drained(f->boxes[0].core);
}

static void cut(struct fleet *f, struct fleet_event *ev)
{
    if (is_over(f))
        return;
    fleet_strike_link(f, ev->who);
    (void)fleet_later(f, (int64_t)pick(f, (uint64_t)f->road_ms / 8), cut, ev->who, 0);
}

static void leave(struct fleet *f, struct fleet_event *ev)
{
    if (is_over(f))
        return;
    fleet_courier_leave(f, ev->who);
    (void)fleet_later(f, f->road_ms / 4, leave, ev->who, 0);
}

static void count_all(struct fleet *f, struct fleet_roads *r)
{
    r->frames = f->boxes[0].memory.last;
    r->applied = f->applied;
    r->cuts = (unsigned)(f->faults[FAULT_LINK_BROKEN] + f->faults[FAULT_HALF_OPEN]);
    for (size_t i = 0; i < r->objects_count; i++)
        r->unfinished += r->objects[i].have < r->objects[i].total_bytes;
}

static void signal_comes(struct fleet *f, struct fleet_event *ev)
{
    fleet_net_signal(f, ev->who, true);
}

bool fleet_roads(struct fleet *f, unsigned documents, struct fleet_roads *out)
{
    int64_t from_ms;

    *out = (struct fleet_roads){.documents = documents};
    bundle_writer_level_all(3);
    take_in(f, documents);
    from_ms = f->now_ms;
    f->roads = out;
    f->applied = 0;
    f->road_ms = (int64_t)documents * DOCUMENT_MS / 2;
    (void)fleet_later(f, (int64_t)pick(f, (uint64_t)f->road_ms / 2), signal_comes, 0, 0);
    (void)fleet_later(f, 1, leave, 0, 0);
    (void)fleet_later(f, SOON_MS, cut, 0, 0);
    while (f->failure[0] == '\0' && !is_over(f) && f->now_ms - from_ms < CALM_MS_MAX)
        fleet_run(f, SOON_MS);
    out->took_ms = f->now_ms - from_ms;
    fleet_settle(f, CALM_MS_MAX);
    fleet_run(f, CALM_MS_MAX); /* sticks on the road arrive too */
    fleet_check_rest(f);
    count_all(f, out);
    f->roads = NULL;
    if (out->applied != out->frames)
        fleet_fail(f, "%llu frames were made, and %llu applied",
                   (unsigned long long)out->frames, (unsigned long long)out->applied);
    return f->failure[0] == '\0';
}

void fleet_roads_release(struct fleet_roads *r)
{
    free(r->objects);
    *r = (struct fleet_roads){0};
}

/* ------------------------------------------------------------------------- the table */

static uint64_t all_first(const struct fleet_roads *r, int kind)
{
    return r->bytes[kind][ROAD_LINK].first + r->bytes[kind][ROAD_STICK].first;
}

static void tell_line(struct buffer *out, const char *what, uint64_t bundles,
                      uint64_t blobs)
{
    buffer_append_format(out, "%-34s %12llu %12llu\n", what, (unsigned long long)bundles,
                         (unsigned long long)blobs);
}

void fleet_roads_tell(const struct fleet_roads *r, struct buffer *out)
{
    static const char *const roads[ROADS] = {"link", "stick"};
    const struct road_bytes *bundles = r->bytes[OBJECT_BUNDLE],
                            *blobs = r->bytes[OBJECT_BLOB];
    char what[64];

    buffer_append_format(out,
                         "%u documents, %llu frames, each applied once: %llu; link cut %u"
                         " times, sticks taken in %u times; %lld minutes\n"
                         "%-34s %12s %12s\n",
                         r->documents, (unsigned long long)r->frames,
                         (unsigned long long)r->applied, r->cuts, r->sticks,
                         (long long)(r->took_ms / MINUTE_MS), "bytes at the centre",
                         "records", "blobs");
    for (int i = 0; i < ROADS; i++) {
        (void)snprintf(what, sizeof what, "first by %s", roads[i]);
        tell_line(out, what, bundles[i].first, blobs[i].first);
    }
    tell_line(out, "all there is", all_first(r, OBJECT_BUNDLE),
              all_first(r, OBJECT_BLOB));
    for (int i = 0; i < ROADS; i++)
        for (int k = 0; k < ROADS; k++) {
            (void)snprintf(what, sizeof what, "again by %s, first by %s", roads[i],
                           roads[k]);
            tell_line(out, what, bundles[i].twice[k], blobs[i].twice[k]);
        }
    tell_line(out, "behind a gap, not taken",
              bundles[ROAD_LINK].gap + bundles[ROAD_STICK].gap,
              blobs[ROAD_LINK].gap + blobs[ROAD_STICK].gap);
}
