#include "tests/sim/fleet.h"

#include "sync/core.h"

#define STROKE_MS_MAX  12000
#define CALM_MS_MAX    (3 * SYNC_REFUSED_WAIT_MS) /* a box that was refused looks hourly */
#define DISK_ROOM_LEFT 20000

static uint64_t pick(struct fleet *f, uint64_t below)
{
    return random_below(&f->chance.random, below);
}

static int64_t soon_ms(struct fleet *f)
{
    return 500 + (int64_t)pick(f, 20000);
}

static void strike_link(struct fleet *f, unsigned box)
{
    struct fleet_link *l = fleet_net_find(f, f->boxes[box].link);
    bool half = pick(f, 2) == 0;

    if (l == NULL || l->broken)
        return;
    fleet_fault(f, half ? FAULT_HALF_OPEN : FAULT_LINK_BROKEN);
    fleet_tell(f, WHO_NETWORK,
               half ? "breaks the link of box %u, one end does not know"
                    : "breaks the link of box %u",
               box + 1);
    if (half && pick(f, 2) == 0)
        fleet_net_break(f, l, FLEET_NEVER_MS, 0);
    else
        fleet_net_break(f, l, 0, half ? FLEET_NEVER_MS : (int64_t)pick(f, 5000));
}

static void signal_back(struct fleet *f, struct fleet_event *ev)
{
    if (!f->boxes[ev->who].signal)
        fleet_net_signal(f, ev->who, true);
}

static void strike_signal(struct fleet *f, unsigned box)
{
    if (!f->boxes[box].signal)
        return;
    fleet_fault(f, FAULT_OUTAGE);
    fleet_net_signal(f, box, false);
    (void)fleet_later(f, (int64_t)pick(f, 120000), signal_back, box, 0);
}

/* At a disk call soon, or between two. */
static void strike_box(struct fleet *f, unsigned box)
{
    struct fleet_machine *m = &f->boxes[box].machine;

    if (!m->on || m->faults.die_at_call != 0)
        return;
    if (pick(f, 4) == 0) {
        fleet_fault(f, FAULT_BOX_KILLED);
        fleet_box_down(f, box, false, soon_ms(f));
        return;
    }
    fleet_fault(f, FAULT_BOX_POWER);
    if (pick(f, 4) == 0)
        fleet_box_down(f, box, true, soon_ms(f));
    else
        machine_die_after(m, 1 + pick(f, 60));
}

static void strike_centre(struct fleet *f)
{
    struct fleet_machine *m = &f->centre_machine;

    if (!m->on || m->faults.die_at_call != 0)
        return;
    switch (pick(f, 6)) {
    case 0:
        fleet_fault(f, FAULT_CENTRE_KILLED);
        fleet_centre_down(f, false, soon_ms(f));
        return;
    case 1:
        fleet_fault(f, FAULT_CENTRE_POWER);
        fleet_centre_down(f, true, soon_ms(f));
        return;
    case 2:
    case 3:
        f->receipt_then_cut = true; /* counted when it happens */
        return;
    default:
        fleet_fault(f, FAULT_CENTRE_POWER);
        machine_die_after(m, 1 + pick(f, 80));
        return;
    }
}

/* Whoever looks after the machine restarts what a failing disk has upset. */
static void restart(struct fleet *f, struct fleet_event *ev)
{
    if (ev->who == f->boxes_count) {
        if (f->centre_machine.life == ev->stamp && f->centre_machine.on)
            fleet_centre_down(f, false, 1000);
    } else if (f->boxes[ev->who].machine.life == ev->stamp &&
               f->boxes[ev->who].machine.on) {
        fleet_box_down(f, ev->who, false, 1000);
    }
}

static void strike_disk(struct fleet *f)
{
    unsigned who = (unsigned)pick(f, f->boxes_count + 1);
    bool centre = who == f->boxes_count;
    struct fleet_machine *m = centre ? &f->centre_machine : &f->boxes[who].machine;

    if (!m->on || m->unwell)
        return;
    m->unwell = true;
    if (centre || pick(f, 2) == 0) {
        fleet_fault(f, FAULT_EIO);
        machine_fail_after(m, 1 + pick(f, 60));
    } else {
        fleet_fault(f, FAULT_FULL);
        m->faults.bytes_max = disk_sim_bytes(m->disk) + pick(f, DISK_ROOM_LEFT);
        disk_sim_set_faults(m->disk, &m->faults);
    }
    fleet_tell(f, centre ? WHO_CENTRE : (int)who,
               m->faults.bytes_max != 0 ? "has hardly any room on its disk"
                                        : "has a disk that will fail once");
    (void)fleet_later(f, soon_ms(f), restart, who, m->life);
}

static void strike_backup(struct fleet *f)
{
    if (!f->centre_machine.on)
        return;
    if (f->backup_dir[0] == '\0' || pick(f, 2) == 0)
        fleet_backup_take(f);
    else if (!f->backup_used || f->twice)
        fleet_backup_restore(f, soon_ms(f));
}

static void change_network(struct fleet *f)
{
    static const uint64_t rates[] = {1000, 2500, 25000, 250000};

    f->delay_ms = 20 + (int64_t)pick(f, 1500);
    f->rate_bytes_s = rates[pick(f, 4)];
    f->odds = (struct fleet_odds){0};
    if (pick(f, 2) == 0)
        f->odds = (struct fleet_odds){.lost = (unsigned)pick(f, 300),
                                      .doubled = (unsigned)pick(f, 500),
                                      .reordered = (unsigned)pick(f, 300),
                                      .stale = (unsigned)pick(f, 500)};
}

static void stroke(struct fleet *f, struct fleet_event *ev)
{
    unsigned box = (unsigned)pick(f, f->boxes_count);

    (void)ev;
    if (f->storm_left == 0)
        return;
    f->storm_left--;
    switch (pick(f, 20)) {
    case 0:
    case 1:
        strike_link(f, box);
        break;
    case 2:
        strike_signal(f, box);
        break;
    case 3:
    case 4:
        strike_box(f, box);
        break;
    case 5:
    case 6:
        strike_centre(f);
        break;
    case 7:
        strike_disk(f);
        break;
    case 8:
        if (pick(f, 2) == 0)
            strike_backup(f);
        break;
    case 9:
        change_network(f);
        break;
    default:
        fleet_work_any(f, box);
        break;
    }
    (void)fleet_later(f, (int64_t)pick(f, STROKE_MS_MAX), stroke, 0, 0);
}

void fleet_storm(struct fleet *f, unsigned strokes)
{
    f->storm_left = strokes;
    (void)fleet_later(f, 0, stroke, 0, 0);
    while (f->storm_left > 0 && f->failure[0] == '\0')
        fleet_run(f, 60000);
}

/* Everything works again, from now on. */
static void calm(struct fleet *f)
{
    struct fleet_machine *m = &f->centre_machine;

    f->odds = (struct fleet_odds){0};
    f->delay_ms = 100;
    f->rate_bytes_s = 25000;
    f->receipt_then_cut = false;
    if (m->on && (m->unwell || m->faults.die_at_call != 0))
        fleet_centre_down(f, true, 1000);
    for (unsigned i = 0; i < f->boxes_count; i++) {
        m = &f->boxes[i].machine;
        if (m->on && (m->unwell || m->faults.die_at_call != 0))
            fleet_box_down(f, i, true, 1000);
        if (!f->boxes[i].signal)
            fleet_net_signal(f, i, true);
    }
}

bool fleet_ordeal(struct fleet *f, unsigned strokes)
{
    fleet_storm(f, strokes);
    if (f->failure[0] == '\0')
        calm(f);
    if (f->failure[0] == '\0')
        fleet_settle(f, CALM_MS_MAX);
    fleet_check_rest(f);
    return f->failure[0] == '\0';
}
