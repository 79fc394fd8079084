#include "tests/sim/fleet.h"

#include "sync/bundle.h"

#define MINUTE_MS       60000
#define HOUR_MS         (60 * MINUTE_MS)
#define DAY_MS          (24 * HOUR_MS)
#define OFFICE_MS       (7 * HOUR_MS + HOUR_MS / 2) /* it opens */
#define OFFICE_HOURS_MS (9 * HOUR_MS + HOUR_MS / 2)
#define SOON_MS         6000 /* a contact lasts so long */
#define LOOK_MS         (HOUR_MS / 2)
#define STRIKES_A_DAY   2 /* for each box */
/* A box that was refused looks hourly; one that is off for the night is on by then. */
#define CALM_MS_MAX (26 * HOUR_MS)

static uint64_t pick(struct fleet *f, uint64_t below)
{
    return random_below(&f->chance.random, below);
}

static int64_t within(struct fleet *f, int64_t from_ms, int64_t ms)
{
    return from_ms + (int64_t)pick(f, (uint64_t)ms);
}

/* ---------------------------------------------------------------------- signal */

static void signal_comes(struct fleet *f, struct fleet_event *ev)
{
    if (!f->boxes[ev->who].signal)
        fleet_net_signal(f, ev->who, true);
}

static void signal_goes(struct fleet *f, struct fleet_event *ev)
{
    if (f->boxes[ev->who].signal && ev->stamp == f->days_left)
        fleet_net_signal(f, ev->who, false);
}

/* All day, never, or for some minutes now and then: *moment is when it comes. */
static void plan_signal(struct fleet *f, unsigned box, int64_t *moment)
{
    uint64_t kind = pick(f, 8), windows = 1 + pick(f, 2);

    if (kind == 0) {
        (void)fleet_later(f, 0, signal_comes, box, 0);
        return;
    }
    (void)fleet_later(f, 0, signal_goes, box, f->days_left);
    for (uint64_t i = 0; kind > 1 && i < windows; i++) {
        int64_t from_ms = within(f, 6 * HOUR_MS, 13 * HOUR_MS);

        (void)fleet_later(f, from_ms, signal_comes, box, 0);
        (void)fleet_later(f, within(f, from_ms + 5 * MINUTE_MS, 90 * MINUTE_MS),
                          signal_goes, box, f->days_left);
        *moment = from_ms;
    }
}

/* ------------------------------------------------------------------- the office */

static void do_something(struct fleet *f, struct fleet_event *ev)
{
    fleet_work_any(f, ev->who);
}

/* Who has scanned something writes on it while it is on its way. */
static void take_document(struct fleet *f, struct fleet_event *ev)
{
    bool large = pick(f, 6) == 0;

    fleet_work_document(f, ev->who, 1 + (unsigned)pick(f, 3),
                        large ? 60000 + pick(f, 90000) : 200 + pick(f, 12000));
    if (large || pick(f, 4) == 0)
        (void)fleet_later(f, within(f, 0, SOON_MS), do_something, ev->who, 0);
}

static void province(struct fleet *f, struct fleet_event *ev)
{
    fleet_province_edit(f, ev->who);
}

/* At the wall: nobody asks the box. */
static void night(struct fleet *f, struct fleet_event *ev)
{
    if (!f->boxes[ev->who].machine.on)
        return;
    fleet_fault(f, FAULT_NIGHT);
    fleet_box_down(f, ev->who, true, within(f, 12 * HOUR_MS, 2 * HOUR_MS));
}

static void plan_box(struct fleet *f, unsigned box, int64_t *moment)
{
    plan_signal(f, box, moment);
    for (unsigned i = 0; i < 2 * f->docs_per_day; i++) {
        int64_t at_ms = within(f, OFFICE_MS, OFFICE_HOURS_MS);

        (void)fleet_later(f, at_ms, i % 2 == 0 ? take_document : do_something, box, 0);
        if (pick(f, 2) == 0)
            *moment = at_ms;
    }
    for (uint64_t edits = f->province_writes ? pick(f, 4) : 0; edits > 0; edits--) {
        bool meets = *moment != 0 && pick(f, 2) == 0;

        (void)fleet_later(f,
                          meets ? within(f, *moment, SOON_MS)
                                : within(f, OFFICE_MS, OFFICE_HOURS_MS),
                          province, box, 0);
    }
    if (f->days_left > 1 && pick(f, 4) == 0)
        (void)fleet_later(f, within(f, OFFICE_MS + OFFICE_HOURS_MS, HOUR_MS), night, box,
                          0);
}

/* ------------------------------------------------------------------------- days */

static void strike(struct fleet *f, struct fleet_event *ev)
{
    fleet_strike(f, ev->who);
}

/* Some at any time, most when something is on its way. */
static void plan_strikes(struct fleet *f, unsigned box, int64_t moment)
{
    for (unsigned i = 0; i < STRIKES_A_DAY; i++) {
        uint64_t kind = moment == 0 ? 0 : pick(f, 4);
        int64_t at_ms = kind == 0   ? within(f, OFFICE_MS, OFFICE_HOURS_MS)
                        : kind == 1 ? within(f, moment, 2 * MINUTE_MS)
                                    : within(f, moment, SOON_MS);

        (void)fleet_later(f, at_ms, strike, box, 0);
    }
}

static void look(struct fleet *f, struct fleet_event *ev)
{
    for (unsigned i = 0; i < f->boxes_count; i++)
        fleet_watch_backlog(f, i);
    if (f->days_left > 0)
        (void)fleet_later(f, LOOK_MS, look, ev->who, 0);
}

static void day(struct fleet *f, struct fleet_event *ev)
{
    if (ev->stamp == 0) { /* the last one is over */
        f->days_left = 0;
        return;
    }
    f->days_left = (unsigned)ev->stamp;
    for (unsigned i = 0; i < f->boxes_count; i++) {
        int64_t moment = 0;

        plan_box(f, i, &moment);
        plan_strikes(f, i, moment);
    }
    (void)fleet_later(f, DAY_MS, day, 0, ev->stamp - 1);
}

bool fleet_days(struct fleet *f, unsigned days, unsigned docs_per_day)
{
    bundle_writer_level_all(3); /* a world has a hundred bundles */
    f->docs_per_day = docs_per_day;
    f->days_left = days;
    f->province_writes = pick(f, 2) == 0;
    (void)fleet_later(f, 0, day, 0, days);
    (void)fleet_later(f, LOOK_MS, look, 0, 0);
    fleet_run(f, (int64_t)days * DAY_MS + 1);
    if (f->failure[0] == '\0')
        fleet_calm(f);
    if (f->failure[0] == '\0')
        fleet_settle(f, CALM_MS_MAX);
    fleet_check_rest(f);
    return f->failure[0] == '\0';
}
