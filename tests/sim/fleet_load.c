#include "tests/sim/fleet.h"

#include "sync/bundle.h"

#define MINUTE_MS       60000
#define HOUR_MS         (60 * MINUTE_MS)
#define DAY_MS          (24 * HOUR_MS)
#define OFFICE_MS       (7 * HOUR_MS)
#define OFFICE_HOURS_MS (10 * HOUR_MS)
#define REST_MS         8000 /* between two looks whether a box has done its work */
#define BOXES_A_STRIKE  300  /* each day one of so many suffers */

static uint64_t pick(struct fleet *f, uint64_t below)
{
    return random_below(&f->chance.random, below);
}

static int64_t office(struct fleet *f)
{
    return OFFICE_MS + (int64_t)pick(f, OFFICE_HOURS_MS);
}

static void rest(struct fleet *f, struct fleet_event *ev)
{
    struct fleet_box *b = &f->boxes[ev->who];

    if (b->machine.on && !b->machine.unwell && b->machine.faults.die_at_call == 0 &&
        sync_drained(b->core) && sync_state_now(b->core) == SYNC_IDLE)
        fleet_box_off(f, ev->who);
    else
        (void)fleet_later(f, REST_MS, rest, ev->who, 0);
}

static void strike(struct fleet *f, struct fleet_event *ev)
{
    fleet_strike_lightly(f, ev->who);
}

static void box_day(struct fleet *f, struct fleet_event *ev)
{
    bool was_on = f->boxes[ev->who].machine.on;

    if (!was_on)
        fleet_box_boot(f, ev->who);
    for (unsigned i = 0; i < f->docs_per_day; i++)
        fleet_work_record(f, ev->who);
    if (pick(f, BOXES_A_STRIKE) == 0)
        (void)fleet_later(f, (int64_t)pick(f, REST_MS / 2), strike, ev->who, 0);
    if (!was_on)
        (void)fleet_later(f, REST_MS, rest, ev->who, 0);
}

static void day(struct fleet *f, struct fleet_event *ev)
{
    for (unsigned i = 0; i < f->boxes_count; i++)
        (void)fleet_later(f, office(f), box_day, i, 0);
    if (ev->stamp > 1)
        (void)fleet_later(f, DAY_MS, day, 0, ev->stamp - 1);
}

static bool is_over(struct fleet *f)
{
    for (unsigned i = 0; i < f->boxes_count; i++)
        if (f->boxes[i].machine.on)
            return false;
    return true;
}

bool fleet_load(struct fleet *f, unsigned days, unsigned docs_per_day)
{
    bundle_writer_level_all(3);
    f->docs_per_day = docs_per_day;
    f->rate_bytes_s = 25000;
    (void)fleet_later(f, 0, day, 0, days);
    fleet_run(f, (int64_t)days * DAY_MS);
    for (unsigned hours = 0; hours < 6 && !is_over(f); hours++)
        fleet_run(f, HOUR_MS);
    if (!is_over(f))
        fleet_fail(f, "a box has not come to rest");
    fleet_check_rest(f);
    return f->failure[0] == '\0';
}
