#include "tests/sim/fleet.h"

#include "appliance/courier.h"
#include "sync/centre/courier.h"
#include "tests/sim/fleet_roads.h"

#define HOUR_MS      3600000
#define STICK_DIR    "/"
#define RETURN_TRIES 6 /* then the clerk forgets it in a drawer: nothing comes back */

static uint64_t pick(struct fleet *f, uint64_t below)
{
    return random_below(&f->chance.random, below);
}

/* How long somebody is on the road with it. */
static int64_t road_ms(struct fleet *f)
{
    if (f->road_ms > 0)
        return 1 + (int64_t)pick(f, (uint64_t)f->road_ms);
    if (pick(f, 4) != 0)
        return HOUR_MS / 2 + (int64_t)pick(f, 6 * HOUR_MS);
    fleet_fault(f, FAULT_COURIER_LATE);
    return 20 * HOUR_MS + (int64_t)pick(f, 20 * HOUR_MS);
}

static uint64_t stick_seed(const struct fleet *f, unsigned stick)
{
    return f->seed * 1000 + 900 + stick;
}

int fleet_courier_create(struct fleet *f, struct err *e)
{
    for (unsigned i = 0; i < FLEET_STICKS; i++)
        if (machine_create(f, &f->sticks[i].machine, stick_seed(f, i), e) != 0)
            return -1;
    return 0;
}

void fleet_courier_destroy(struct fleet *f)
{
    for (unsigned i = 0; i < FLEET_STICKS; i++)
        if (f->sticks[i].machine.disk != NULL)
            machine_destroy(&f->sticks[i].machine);
}

/* Another one takes its place, empty. */
static void lose(struct fleet *f, struct fleet_stick *s)
{
    struct err e;

    fleet_fault(f, FAULT_COURIER_LOST);
    fleet_tell(f, WHO_NETWORK, "a courier loses the stick");
    machine_destroy(&s->machine);
    s->away = false;
    if (machine_create(f, &s->machine, stick_seed(f, (unsigned)(s - f->sticks)), &e) != 0)
        fleet_fail(f, "stick: %s", e.text);
}

/* Out of its socket, whatever was being written. */
static void pull_out(struct fleet *f, struct fleet_stick *s)
{
    if (!machine_dead(&s->machine))
        return;
    fleet_fault(f, FAULT_STICK_PULLED);
    fleet_tell(f, WHO_NETWORK, "a stick is pulled out too early");
}

/* Whoever's it is. */
static bool stick_failed(const struct fleet_stick *s)
{
    return machine_dead(&s->machine);
}

/* ---------------------------------------------------------------------- the way back */

/* What a stick promises holds as what a link promises. */
static void see_promise(struct fleet *f, unsigned box, const struct courier_imported *in)
{
    struct fleet_box *b = &f->boxes[box];
    struct fleet_memory *m = &b->memory;
    struct sync_config config;
    struct err e;

    if (in->receipts == 0 || outbox_config(b->outbox, &config, &e) != 0)
        return;
    if (in->received > m->last && m->left_count == 0)
        fleet_fail(f, "a stick receipts %llu of box %u, which has kept %llu",
                   (unsigned long long)in->received, box + 1,
                   (unsigned long long)m->last);
    if (config.centre_epoch > m->promised_epoch) {
        m->promised_epoch = config.centre_epoch;
        m->promised = 0;
        m->promised_blobs_count = m->promised_blobs_whole = 0;
    }
    if (config.centre_epoch == m->promised_epoch && in->received > m->promised &&
        m->left_count == 0)
        m->promised = in->received;
}

/* As the agent looks for what another road has brought. */
static void tell_core(struct fleet *f, unsigned box)
{
    struct sync_event event = {.kind = SYNC_EVENT_TOLD};
    struct fleet_box *b = &f->boxes[box];
    struct err e;

    if (!b->machine.on || machine_dead(&b->machine))
        return;
    if (outbox_told(b->outbox, &event.as.told, &e) != 0)
        fleet_box_error(f, box, "numbers", &e);
    else
        fleet_box_give(f, box, &event);
}

static struct courier_options options_of(struct fleet *f, unsigned box,
                                         struct fleet_stick *s)
{
    return (struct courier_options){.box = f->boxes[box].box,
                                    .random = &f->boxes[box].machine.random.random,
                                    .stick = s->machine.disk,
                                    .dir = STICK_DIR};
}

static void come_back(struct fleet *f, struct fleet_event *ev)
{
    struct fleet_stick *s = &f->sticks[ev->stamp % FLEET_STICKS];
    uint64_t tries = ev->stamp / FLEET_STICKS;
    struct courier_options o;
    struct courier_imported in;
    struct err e;

    if (!f->boxes[ev->who].machine.on && tries < RETURN_TRIES) {
        (void)fleet_later(f, HOUR_MS, come_back, ev->who, ev->stamp + FLEET_STICKS);
        return;
    }
    s->away = false;
    if (!f->boxes[ev->who].machine.on)
        return;
    o = options_of(f, ev->who, s);
    machine_runs(&f->boxes[ev->who].machine);
    if (courier_import(&o, &in, &e) != 0) {
        fleet_box_error(f, ev->who, "stick", &e);
    } else {
        fleet_tell(f, (int)ev->who, "takes %u receipts from a stick: received %llu",
                   in.receipts, (unsigned long long)in.received);
        see_promise(f, ev->who, &in);
        fleet_box_look_at_epoch(f, ev->who);
        fleet_box_look_for_commits(f, ev->who);
        tell_core(f, ev->who);
    }
    fleet_box_notice(f, ev->who);
}

/* ------------------------------------------------------------------ at the centre */

static void told(void *arg, const struct tar_told *t)
{
    struct fleet *f = arg;

    fleet_tell(f, WHO_CENTRE, "a stick's tar %u of box %u: %s", t->name->number,
               t->name->line.site, tar_state_name(t->state));
}

static void take_in(struct fleet *f, struct fleet_stick *s)
{
    struct courier c = {0};
    struct courier_answered answered;
    struct err e;

    machine_runs(&f->centre_machine);
    fleet_roads_stick(f, s->machine.disk, STICK_DIR);
    if (courier_open(&c, f->centre, s->machine.disk, STICK_DIR, &e) != 0 ||
        courier_take(&c, told, f, &e) != 0 || courier_answer(&c, &answered, &e) != 0)
        fleet_centre_error(f, "stick", &e);
    courier_close(&c);
    for (unsigned i = 0; i < f->boxes_count && !machine_dead(&f->centre_machine); i++)
        fleet_centre_sends_down(f, i);
    if (!fleet_centre_notice(f))
        fleet_centre_wake(f);
}

static void arrive(struct fleet *f, struct fleet_event *ev)
{
    struct fleet_stick *s = &f->sticks[ev->stamp];

    if (!f->centre_machine.on) {
        (void)fleet_later(f, HOUR_MS / 4, arrive, ev->who, ev->stamp);
        return;
    }
    take_in(f, s);
    if (pick(f, 4) == 0 && f->centre != NULL) {
        fleet_fault(f, FAULT_COURIER_DOUBLED);
        take_in(f, s);
    }
    if (pick(f, 8) == 0)
        lose(f, s);
    else
        (void)fleet_later(f, road_ms(f), come_back, ev->who, ev->stamp);
}

/* ----------------------------------------------------------------------- the way out */

static void export_to(struct fleet *f, unsigned box, struct fleet_stick *s)
{
    struct courier_options o = options_of(f, box, s);
    struct courier_exported out;
    struct err e;
    int rc;

    if (pick(f, 4) == 0)
        machine_die_after(&s->machine, 1 + pick(f, 15));
    machine_runs(&f->boxes[box].machine);
    rc = courier_export(&o, &out, &e);
    if (rc != 0 && !stick_failed(s) && e.code != ERR_NO_SPACE)
        fleet_box_error(f, box, "stick", &e);
    fleet_tell(f, (int)box, "gives a stick %u bundles and %u blobs", out.bundles,
               out.blobs);
    see_promise(f, box, &out.in);
    fleet_box_look_at_epoch(f, box);
    fleet_box_look_for_commits(f, box);
    pull_out(f, s);
    machine_down(f, &s->machine, true); /* also if it was not: it goes into a pocket */
    s->machine.on = true;
    fleet_box_notice(f, box);
}

void fleet_courier_leave(struct fleet *f, unsigned box)
{
    unsigned stick = (unsigned)pick(f, FLEET_STICKS);
    struct fleet_stick *s = &f->sticks[stick];

    if (!f->boxes[box].machine.on || s->away)
        return;
    fleet_fault(f, FAULT_COURIER);
    s->away = true;
    export_to(f, box, s);
    if (pick(f, 8) == 0)
        lose(f, s);
    else
        (void)fleet_later(f, road_ms(f), arrive, box, stick);
}
