#include "tests/sim/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "sync/centre/apply.h"
#include "sync/centre/down.h"
#include "sync/centre/unpacking.h"
#include "tests/sim/fleet_roads.h"
#include "tests/lib/store_template.h"

#define FIRST_DIR   "/centre-0"
#define TICK_MS     200 /* between two looks for what can be applied */
#define TICK_FRAMES 8
#define TICK_PACKED 2

int fleet_centre_create(struct fleet *f, struct err *e)
{
    struct fleet_machine *m = &f->centre_machine;

    machine_runs(m);
    restorer_fake_init(&f->restorer);
    memcpy(f->centre_dir, FIRST_DIR, sizeof FIRST_DIR);
    if (machine_create(f, m, f->seed * 1000, e) != 0 ||
        store_template_lay(m->disk, f->centre_dir, e) != 0 ||
        centre_init(m->disk, &m->clock.clock, &m->random.random, f->centre_dir,
                    "Tỉnh Thử", e) != 0)
        return -1;
    return centre_open(&f->centre, m->disk, &m->clock.clock, &m->random.random,
                       f->centre_dir, e);
}

void fleet_centre_destroy(struct fleet *f)
{
    centre_close(f->centre);
    f->centre = NULL;
    machine_destroy(&f->centre_machine);
}

/* ----------------------------------------------------------------------- power */

void fleet_centre_error(struct fleet *f, const char *what, const struct err *e)
{
    struct fleet_machine *m = &f->centre_machine;

    if (!machine_dead(m) && !m->unwell)
        fleet_fail(f, "centre: %s: %s", what, e->text);
}

static void boot_event(struct fleet *f, struct fleet_event *ev)
{
    if (ev->stamp == f->centre_machine.life && !f->centre_machine.on)
        fleet_centre_boot(f);
}

static int open_all(struct fleet *f, struct err *e)
{
    struct fleet_machine *m = &f->centre_machine;

    if (f->sabotage == FLEET_SYNCHRONOUS_NORMAL)
        store_sabotage_next_open(STORE_SYNCHRONOUS_NORMAL);
    centre_close(f->centre); /* the one that enrolled the boxes */
    f->centre = NULL;
    if (centre_open(&f->centre, m->disk, &m->clock.clock, &m->random.random,
                    f->centre_dir, e) != 0)
        return -1;
    return blobs_sweep(f->centre->blobs, e) == 0 ? session_sweep(f->centre, e) : -1;
}

static void set_tick(struct fleet *f);

void fleet_centre_boot(struct fleet *f)
{
    struct fleet_machine *m = &f->centre_machine;
    struct err e;

    m->on = true;
    m->clock.booted_ms = f->now_ms;
    machine_runs(m);
    f->tick_set = false;
    if (open_all(f, &e) != 0) {
        fleet_centre_error(f, "boot", &e);
        fleet_centre_down(f, false, 2000);
        return;
    }
    if (f->now_ms > 0)
        fleet_tell(f, WHO_CENTRE, "boots");
    fleet_province_boot(f);
    fleet_province_check(f, true);
    fleet_check_centre(f);
    set_tick(f);
}

/* Sessions of a machine without power sync nothing more; its boxes are not told. */
static void drop_links(struct fleet *f, bool power)
{
    for (struct fleet_link *l = f->links; l != NULL; l = l->next) {
        if (!l->centre_open)
            continue;
        session_destroy(l->session);
        l->session = NULL;
        l->centre_open = false;
        if (power)
            l->broken = true;
        else
            fleet_net_close_centre(f, l);
    }
}

void fleet_centre_down(struct fleet *f, bool power, int64_t off_ms)
{
    struct fleet_machine *m = &f->centre_machine;

    power = machine_needs_power(m, power);
    fleet_tell(f, WHO_CENTRE, power ? "loses power" : "is killed");
    machine_die_after(m, 0); /* closing must write nothing */
    drop_links(f, power);
    centre_close(f->centre);
    f->centre = NULL;
    f->receipt_then_cut = false;
    machine_down(f, m, power);
    if (off_ms != FLEET_NEVER_MS)
        (void)fleet_later(f, off_ms, boot_event, 0, m->life);
}

bool fleet_centre_notice(struct fleet *f)
{
    if (f->centre != NULL && machine_dead(&f->centre_machine))
        fleet_centre_down(f, true,
                          1000 + (int64_t)random_below(&f->chance.random, 20000));
    return f->centre == NULL;
}

/* -------------------------------------------------------------------- sessions */

void fleet_centre_accept(struct fleet *f, struct fleet_link *l)
{
    struct err e;

    if (session_create(&l->session, f->centre, l->binding, sizeof l->binding, &e) != 0)
        fleet_centre_error(f, "session", &e);
}

void fleet_centre_closed(struct fleet *f, struct fleet_link *l)
{
    session_destroy(l->session);
    l->session = NULL;
    l->centre_open = false;
    (void)fleet_centre_notice(f);
}

void fleet_centre_sends_down(struct fleet *f, unsigned box)
{
    struct err e;

    if (down_last(f->centre, f->boxes[box].site, &f->boxes[box].down_left, &e) != 0)
        fleet_centre_error(f, "down", &e);
}

static void tell_refused(struct fleet *f, const struct fleet_link *l,
                         const struct message *m)
{
    fleet_tell(f, WHO_CENTRE, "refuses box %u: %s", l->box + 1,
               refused_name(m->as.refused.reason));
}

/* What leaves is seen once more, as a box sees it: what it promises must hold from
 * now on. True if it held a receipt. */
static bool see_receipts(struct fleet *f, const struct fleet_link *l,
                         const struct buffer *out)
{
    size_t at = 0, used;
    struct message m;
    struct receipt r;
    struct err e;
    bool any = false;

    while (at < out->count &&
           message_next(&m, &used, out->bytes + at, out->count - at, &e) == 1) {
        at += used;
        if (m.type == MESSAGE_REFUSED)
            tell_refused(f, l, &m);
        if (m.type == MESSAGE_OFFER && m.as.block.object.kind == OBJECT_BUNDLE)
            fleet_centre_sends_down(f, l->box);
        if (m.type != MESSAGE_RECEIPT)
            continue;
        if (receipt_decode(&r, m.as.receipt.bytes, m.as.receipt.count,
                           &f->centre->key.public_key, f->boxes[l->box].site, &e) != 0) {
            fleet_fail(f, "centre: its own receipt: %s", e.text);
            continue;
        }
        fleet_check_promise(f, l->box, &r);
        receipt_release(&r);
        any = true;
    }
    return any;
}

static void room(struct fleet *f, struct fleet_event *ev);

static void send(struct fleet *f, struct fleet_link *l, const struct buffer *out)
{
    bool receipt = see_receipts(f, l, out);

    if (out->count > 0)
        fleet_net_send(f, l, DOWN, out->bytes, out->count);
    if (l->session != NULL && session_has_more(l->session))
        (void)fleet_later(f,
                          l->free_ms[DOWN] > f->now_ms ? l->free_ms[DOWN] - f->now_ms : 0,
                          room, l->id, f->centre_machine.life);
    if (receipt && f->receipt_then_cut) {
        fleet_fault(f, FAULT_AFTER_RECEIPT);
        fleet_centre_down(f, true,
                          1000 + (int64_t)random_below(&f->chance.random, 20000));
    }
}

/* What was sent before has left: the next block of what goes down. */
static void room(struct fleet *f, struct fleet_event *ev)
{
    struct fleet_link *l = fleet_net_find(f, ev->who);
    struct buffer out;
    struct err e;

    if (l == NULL || !l->centre_open || l->session == NULL ||
        ev->stamp != f->centre_machine.life || l->free_ms[DOWN] > f->now_ms)
        return;
    machine_runs(&f->centre_machine);
    buffer_init(&out, 1 << 20);
    if (session_room(l->session, &out, &e) < 0)
        fleet_centre_error(f, "room", &e);
    else if (!fleet_centre_notice(f))
        send(f, l, &out);
    buffer_release(&out);
}

static void hang_up(struct fleet *f, struct fleet_link *l)
{
    session_destroy(l->session);
    l->session = NULL;
    fleet_net_close_centre(f, l);
    (void)fleet_centre_notice(f);
}

void fleet_centre_take(struct fleet *f, struct fleet_link *l, const struct message *m)
{
    unsigned id = l->id;
    struct buffer out;
    struct err e;
    int rc;

    if (l->session == NULL)
        return;
    machine_runs(&f->centre_machine);
    if (m->type == MESSAGE_BLOCK)
        fleet_roads_block(f, m);
    buffer_init(&out, 1 << 20);
    rc = session_message(l->session, m, &out, &e);
    if (rc < 0)
        fleet_centre_error(f, "message", &e);
    if (!fleet_centre_notice(f)) {
        if (rc >= 0)
            send(f, l, &out);
        l = fleet_net_find(f, id); /* it may have gone with the power */
        if (rc <= 0 && l != NULL && l->centre_open)
            hang_up(f, l);
        set_tick(f);
    }
    buffer_release(&out);
}

/* -------------------------------------------------------------------- applying */

static void tell_news(struct fleet *f)
{
    struct fleet_link *l = f->links;
    struct buffer out;
    struct err e;

    while (l != NULL && f->centre != NULL) {
        struct fleet_link *next = l->next;

        buffer_init(&out, 1 << 20);
        if (l->centre_open && l->session != NULL) {
            if (session_news(l->session, &out, &e) != 0)
                fleet_centre_error(f, "news", &e);
            else
                send(f, l, &out);
        }
        buffer_release(&out);
        l = next;
    }
}

void fleet_centre_wake(struct fleet *f)
{
    set_tick(f);
}

static void tick(struct fleet *f, struct fleet_event *ev)
{
    struct unpacking_walk walk = {0};
    struct err e;
    unsigned applied = 0, restored = 0;

    if (ev->stamp != f->centre_machine.life || f->centre == NULL)
        return;
    f->tick_set = false;
    machine_runs(&f->centre_machine);
    if (apply_some(f->centre, TICK_FRAMES, &applied, &e) != 0)
        fleet_centre_error(f, "apply", &e);
    else if (unpacking_some(f->centre, &f->restorer.restorer, &walk, TICK_PACKED,
                            &restored, &e) != 0)
        fleet_centre_error(f, "unpacking", &e);
    f->applied += applied;
    if (fleet_centre_notice(f))
        return;
    if (applied > 0) {
        fleet_tell(f, WHO_CENTRE, "applies %u", applied);
        fleet_province_check(f, false);
        tell_news(f);
    }
    if (f->centre != NULL && (applied + restored > 0 || f->centre_machine.unwell))
        set_tick(f);
}

static void set_tick(struct fleet *f)
{
    if (f->tick_set || f->centre == NULL)
        return;
    f->tick_set = true;
    (void)fleet_later(f, TICK_MS, tick, 0, f->centre_machine.life);
}
