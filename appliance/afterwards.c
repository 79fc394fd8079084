#include "appliance/afterwards.h"

#include <time.h>

#include "appliance/drawing.h"
#include "appliance/duplicates.h"
#include "appliance/pace.h"
#include "appliance/queue.h"
#include "appliance/queue_parts.h"
#include "schema/statements.h"

#define REST_MS 200 /* between looks at a machine that is too warm or has no room */
#define LOOK_MS 1000

struct doing {
    struct box *box;
    struct afterwards *state;
    const struct afterwards_run *how;
    struct afterwards_counts *counts;
    struct pace pace;
    int64_t paced_ms;
    unsigned jobs;
};

/* Whether anything was written since all was done, by us or by others. */
static int has_changed(struct box *b, struct afterwards *a, bool remember, bool *changed,
                       struct err *e)
{
    int64_t others, ours = sqlite3_total_changes64(store_db(b->store));

    if (sql_number(store_db(b->store), "PRAGMA data_version", &others, e) != 0)
        return -1;
    *changed = a->seen_others != others || a->seen_ours != ours;
    if (remember) {
        a->seen_others = others;
        a->seen_ours = ours;
    }
    return 0;
}

static void look_at_machine(struct doing *d)
{
    struct clock *c = d->box->clock;
    struct machine m;

    if (!d->how->gives_way) {
        d->jobs = 1;
        return;
    }
    if (d->paced_ms != 0 && c->mono_ms(c) - d->paced_ms < LOOK_MS)
        return;
    machine_look(&m, "");
    d->jobs = pace_jobs(&d->pace, &m, 1, 0);
    d->paced_ms = c->mono_ms(c);
}

/* *go_on is false when it is to stop, or reading comes first. */
static int may_go_on(struct doing *d, bool *go_on, struct err *e)
{
    const struct timespec rest = {.tv_nsec = REST_MS * 1000000L};
    uint64_t waiting, leased;

    *go_on = false;
    for (;;) {
        if (d->how->progress != NULL && d->how->progress(d->how->arg, d->counts) != 0)
            return 0;
        look_at_machine(d);
        if (d->jobs > 0)
            break;
        (void)nanosleep(&rest, NULL); /* a signal makes us look earlier */
    }
    if (queue_left(d->box, &waiting, &leased, e) != 0)
        return -1;
    *go_on = waiting == 0;
    return 0;
}

/* 1: did one thing; 0: there is none. */
static int do_one(struct doing *d, struct err *e)
{
    struct afterwards_counts *c = d->counts;
    bool good;
    int did = room_turn(d->box, &d->state->room, e);

    if (did != 0)
        return did;
    did = drawing_next(d->box, e);
    if (did != 0)
        return did;
    did = images_next(d->box, &d->state->images, &good, e);
    if (did != 0) {
        c->images += did == 1 && good;
        c->refused += did == 1 && !good;
        return did;
    }
    did = duplicates_next(d->box, &good, e);
    if (did != 0) {
        c->twins += did == 1 && good;
        return did;
    }
    did = packing_next(d->box, &d->state->packer, &good, e);
    c->packed += did == 1 && good;
    return did != 0 ? did : packing_drop_next(d->box, e);
}

int afterwards_run(struct box *b, struct afterwards *a, const struct afterwards_run *how,
                   struct afterwards_counts *out, struct err *e)
{
    struct doing d = {.box = b, .state = a, .how = how, .counts = out};
    bool changed, go_on;
    int did = 1;

    *out = (struct afterwards_counts){0};
    if (has_changed(b, a, false, &changed, e) != 0)
        return -1;
    if (!changed)
        return 0;
    while (did == 1) {
        if (may_go_on(&d, &go_on, e) != 0)
            return -1;
        if (!go_on)
            return 0;
        did = do_one(&d, e);
    }
    return did < 0 ? -1 : has_changed(b, a, did == 0 && out->images == 0, &changed, e);
}
