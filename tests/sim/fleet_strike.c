#include "tests/sim/fleet.h"

#include "sync/core.h"

#define DISK_ROOM_LEFT 20000
#define HOUR_MS        3600000
#define NIGHT_MS_MAX   (15 * HOUR_MS)

static uint64_t pick(struct fleet *f, uint64_t below)
{
    return random_below(&f->chance.random, below);
}

static int64_t soon_ms(struct fleet *f)
{
    return 500 + (int64_t)pick(f, 20000);
}

void fleet_strike_link(struct fleet *f, unsigned box)
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

static void strike_centre(struct fleet *f, unsigned box)
{
    struct fleet_machine *m = &f->centre_machine;

    (void)box;
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

static void strike_disk(struct fleet *f, unsigned box)
{
    bool centre = pick(f, f->boxes_count + 1) == 0;
    unsigned who = centre ? f->boxes_count : box;
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

static void strike_backup(struct fleet *f, unsigned box)
{
    (void)box;
    if (!f->centre_machine.on)
        return;
    if (f->backup_dir[0] == '\0' || pick(f, 2) == 0)
        fleet_backup_take(f);
    else if (!f->backup_used || f->twice)
        fleet_backup_restore(f, soon_ms(f));
}

/* Nothing is decided by it; a machine that says 1970 says so with confidence. */
static void strike_clock(struct fleet *f, unsigned box)
{
    static const int64_t wrong_hours[] = {-3, 26, 400 * 24, -56 * 365 * 24, 0};
    bool centre = pick(f, 4) == 0;
    struct fleet_machine *m = centre ? &f->centre_machine : &f->boxes[box].machine;

    fleet_fault(f, FAULT_CLOCK);
    m->clock.wrong_ms = wrong_hours[pick(f, 5)] * HOUR_MS;
    fleet_tell(f, centre ? WHO_CENTRE : (int)box, "has a clock that is wrong by %lld h",
               (long long)(m->clock.wrong_ms / HOUR_MS));
}

static void strike_program(struct fleet *f, unsigned box)
{
    fleet_upgrade(f, pick(f, 3) == 0 ? WHO_CENTRE : (int)box);
}

static bool any_stick_is_away(const struct fleet *f)
{
    for (unsigned i = 0; i < FLEET_STICKS; i++)
        if (f->sticks[i].away)
            return true;
    return false;
}

/* Some hours, or a day. */
static int64_t later_ms(struct fleet *f)
{
    return HOUR_MS / 4 + (int64_t)pick(f, 30 * HOUR_MS);
}

static void box_is_lost(struct fleet *f, struct fleet_event *ev)
{
    if (f->days_left > 0 && !any_stick_is_away(f))
        fleet_copy_restore(f, ev->who, soon_ms(f));
}

static void card_comes_back(struct fleet *f, struct fleet_event *ev)
{
    if (f->days_left > 0 && !any_stick_is_away(f))
        fleet_card_put_back(f, ev->who, soon_ms(f));
}

/* Again and again, whoever has the other card. */
static void card_turns(struct fleet *f, struct fleet_event *ev)
{
    if (f->days_left == 0)
        return;
    if (any_stick_is_away(f)) {
        (void)fleet_later(f, HOUR_MS, card_turns, ev->who, 0);
        return;
    }
    fleet_card_turn(f, ev->who, soon_ms(f));
    if (pick(f, 4) != 0)
        (void)fleet_later(f, later_ms(f), card_turns, ev->who, 0);
}

static void strike_copy(struct fleet *f, unsigned box)
{
    if (f->boxes[box].copy.is_there && pick(f, 3) == 0) {
        box_is_lost(f, &(struct fleet_event){.who = box});
        return;
    }
    fleet_copy_take(f, box);
    if (pick(f, 2) == 0)
        (void)fleet_later(f, later_ms(f), box_is_lost, box, 0);
}

static void strike_card(struct fleet *f, unsigned box)
{
    uint64_t kind = pick(f, 4);

    fleet_card_keep(f, box);
    if (kind < 3)
        (void)fleet_later(f, later_ms(f), kind == 0 ? card_turns : card_comes_back, box,
                          0);
}

/* A stick with frames that are renamed while it is on its way brings them as another
 * box's (ARCHITECTURE.md): none is given where cards take turns and it is not told yet. */
static void strike_courier(struct fleet *f, unsigned box)
{
    const struct fleet_box *b = &f->boxes[box];

    if (!b->card.turned || !b->memory.doubtful)
        fleet_courier_leave(f, box);
}

static void strike_network(struct fleet *f, unsigned box)
{
    static const uint64_t rates[] = {1000, 2500, 25000, 250000};

    (void)box;
    f->struck_ms = f->now_ms;
    f->delay_ms = 20 + (int64_t)pick(f, 1500);
    f->rate_bytes_s = rates[pick(f, 4)];
    f->odds = (struct fleet_odds){0};
    if (pick(f, 2) == 0)
        f->odds = (struct fleet_odds){.lost = (unsigned)pick(f, 300),
                                      .doubled = (unsigned)pick(f, 500),
                                      .reordered = (unsigned)pick(f, 300),
                                      .stale = (unsigned)pick(f, 500)};
}

/* ------------------------------------------------------------------- the table */

struct strike {
    void (*run)(struct fleet *f, unsigned box);
    unsigned weight;
};

static void draw(struct fleet *f, unsigned box, const struct strike *strikes,
                 size_t count)
{
    uint64_t all = 0, at;
    size_t i;

    for (i = 0; i < count; i++)
        all += strikes[i].weight;
    at = pick(f, all);
    for (i = 0; at >= strikes[i].weight; i++)
        at -= strikes[i].weight;
    strikes[i].run(f, box);
}

void fleet_strike(struct fleet *f, unsigned box)
{
    static const struct strike strikes[] = {
        {fleet_strike_link, 4}, {strike_signal, 2}, {strike_box, 4},
        {strike_centre, 4},     {strike_disk, 2},   {strike_backup, 1},
        {strike_network, 3},    {strike_clock, 1},  {strike_courier, 3},
        {strike_program, 1},    {strike_copy, 1},   {strike_card, 1},
    };

    draw(f, box, strikes, sizeof strikes / sizeof strikes[0]);
}

void fleet_strike_lightly(struct fleet *f, unsigned box)
{
    static const struct strike strikes[] = {
        {fleet_strike_link, 4}, {strike_signal, 2}, {strike_box, 3}, {strike_clock, 1}};

    draw(f, box, strikes, sizeof strikes / sizeof strikes[0]);
}

/* ------------------------------------------------------------------------ calm */

/* One of two cards leaves the other one's line when it has something new to say. */
static void works_again(struct fleet *f, struct fleet_event *ev)
{
    fleet_work_document(f, ev->who, 1, 200);
}

void fleet_calm(struct fleet *f)
{
    struct fleet_machine *m = &f->centre_machine;

    f->odds = (struct fleet_odds){0};
    f->delay_ms = 100;
    f->rate_bytes_s = 25000;
    f->receipt_then_cut = false;
    fleet_upgrade_all(f);
    if (m->on && (m->unwell || m->faults.die_at_call != 0))
        fleet_centre_down(f, true, 1000);
    for (unsigned i = 0; i < f->boxes_count; i++) {
        m = &f->boxes[i].machine;
        if (m->on && (m->unwell || m->faults.die_at_call != 0))
            fleet_box_down(f, i, true, 1000);
        if (!f->boxes[i].signal)
            fleet_net_signal(f, i, true);
        if (f->boxes[i].card.turned)
            (void)fleet_later(f, NIGHT_MS_MAX, works_again, i, 0);
    }
}
