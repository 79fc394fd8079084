#include "tests/sim/fleet.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/store.h"
#include "schema/statements.h"
#include "sync/centre/sites.h"

#define FIRST_WALL_MS 1767225600000 /* 2026-01-01; only shown, never decided by */

static const char *const sabotage_names[] = {
    [FLEET_SOUND] = "none",
    [FLEET_RECEIPT_BEFORE_SYNC] = "receipt-before-sync",
    [FLEET_ADVANCE_APART] = "advance-apart",
    [FLEET_FORGET_REPLAY] = "forget-replay",
    [FLEET_IGNORE_FILE_SYNC] = "ignore-file-sync",
    [FLEET_SYNCHRONOUS_NORMAL] = "synchronous-normal",
};

const char *fleet_sabotage_name(enum fleet_sabotage s)
{
    return sabotage_names[s];
}

bool fleet_sabotage_find(const char *name, enum fleet_sabotage *out)
{
    for (size_t i = 0; i < sizeof sabotage_names / sizeof sabotage_names[0]; i++)
        if (strcmp(sabotage_names[i], name) == 0) {
            *out = (enum fleet_sabotage)i;
            return true;
        }
    return false;
}

const char *fleet_fault_name(enum fleet_fault f)
{
    static const char *const names[] = {
        [FAULT_BOX_POWER] = "box power cuts",
        [FAULT_BOX_KILLED] = "box killed",
        [FAULT_CENTRE_POWER] = "centre power cuts",
        [FAULT_CENTRE_KILLED] = "centre killed",
        [FAULT_AFTER_RECEIPT] = "cuts after a receipt",
        [FAULT_LINK_BROKEN] = "links broken",
        [FAULT_HALF_OPEN] = "links half open",
        [FAULT_OUTAGE] = "outages",
        [FAULT_LOST] = "messages lost",
        [FAULT_DOUBLED] = "doubled",
        [FAULT_REORDERED] = "reordered",
        [FAULT_STALE] = "stale",
        [FAULT_FOREIGN] = "foreign",
        [FAULT_RESTORED] = "centre restored",
        [FAULT_EIO] = "disk calls failed",
        [FAULT_FULL] = "disks full",
    };

    return names[f];
}

void *fleet_grow(void *items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity == 0 ? 16 : *capacity * 2;
    items = realloc(items, *capacity * item_bytes);
    if (items == NULL)
        abort();
    return items;
}

/* -------------------------------------------------------------------- telling */

void fleet_tell(struct fleet *f, int who, const char *format, ...)
{
    char text[256], name[16] = "centre";
    va_list args;

    if (!f->trace)
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (who == WHO_NETWORK)
        (void)snprintf(name, sizeof name, "network");
    else if (who != WHO_CENTRE)
        (void)snprintf(name, sizeof name, "box %d", who + 1);
    buffer_append_format(&f->told, "%.3fs  %-7s  %s\n",
                         (double)(f->now_ms - f->told_from_ms) / 1000, name, text);
}

void fleet_fail(struct fleet *f, const char *format, ...)
{
    va_list args;

    if (f->failure[0] != '\0')
        return; /* the first one is the cause */
    va_start(args, format);
    (void)vsnprintf(f->failure, sizeof f->failure, format, args);
    va_end(args);
    fleet_tell(f, WHO_NETWORK, "FAILED: %s", f->failure);
}

void fleet_fault(struct fleet *f, enum fleet_fault fault)
{
    f->faults[fault]++;
}

/* --------------------------------------------------------------------- events */

struct fleet_event *fleet_later(struct fleet *f, int64_t ms,
                                void (*run)(struct fleet *f, struct fleet_event *ev),
                                unsigned who, uint64_t stamp)
{
    struct fleet_event *ev = calloc(1, sizeof *ev);
    size_t at;

    if (ev == NULL)
        abort();
    *ev = (struct fleet_event){.at_ms = f->now_ms + ms,
                               .order = f->order++,
                               .run = run,
                               .who = who,
                               .stamp = stamp};
    buffer_init(&ev->bytes, 1 << 20);
    f->events =
        fleet_grow(f->events, f->events_count, &f->events_capacity, sizeof *f->events);
    /* Latest first, so that the next one is taken from the end. */
    for (at = f->events_count; at > 0 && f->events[at - 1]->at_ms <= ev->at_ms; at--)
        f->events[at] = f->events[at - 1];
    f->events[at] = ev;
    f->events_count++;
    return ev;
}

static void event_destroy(struct fleet_event *ev)
{
    buffer_release(&ev->bytes);
    free(ev);
}

static void set_clocks(struct fleet *f)
{
    machine_clock(f, &f->centre_machine);
    for (unsigned i = 0; i < f->boxes_count; i++)
        machine_clock(f, &f->boxes[i].machine);
}

static void run_next(struct fleet *f)
{
    struct fleet_event *ev = f->events[--f->events_count];

    f->now_ms = ev->at_ms;
    f->steps++;
    set_clocks(f);
    ev->run(f, ev);
    event_destroy(ev);
}

static bool has_next(const struct fleet *f, int64_t until_ms)
{
    return f->failure[0] == '\0' && f->events_count > 0 &&
           f->events[f->events_count - 1]->at_ms <= until_ms;
}

void fleet_run(struct fleet *f, int64_t ms)
{
    int64_t until_ms = f->now_ms + ms;

    while (has_next(f, until_ms))
        run_next(f);
    if (f->failure[0] == '\0')
        f->now_ms = until_ms;
    set_clocks(f);
}

static bool box_settled(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    struct site_row row;
    struct err e;
    bool found;

    return b->machine.on && sync_drained(b->core) &&
           site_find(f->centre, b->site, &row, &found, &e) == 0 && found &&
           row.applied == b->memory.last;
}

bool fleet_settled(struct fleet *f)
{
    int64_t packed = 0;
    struct err e;

    if (!f->centre_machine.on ||
        sql_number(store_db(f->centre->store),
                   "SELECT count(*) FROM unpacking WHERE state = 'waiting'", &packed,
                   &e) != 0 ||
        packed > 0)
        return false;
    for (unsigned i = 0; i < f->boxes_count; i++)
        if (!box_settled(f, i))
            return false;
    return true;
}

void fleet_settle(struct fleet *f, int64_t ms_max)
{
    int64_t until_ms = f->now_ms + ms_max;

    while (has_next(f, until_ms) && !fleet_settled(f))
        run_next(f);
    if (!fleet_settled(f))
        fleet_fail(f, "not drained within %lld s of calm", (long long)ms_max / 1000);
}

/* ------------------------------------------------------------------- machines */

void machine_clock(struct fleet *f, struct fleet_machine *m)
{
    m->clock.mono_ms_now = 1000 + f->now_ms - m->booted_ms;
    m->clock.wall_ms_now = FIRST_WALL_MS + f->now_ms;
}

static void set_faults(struct fleet_machine *m)
{
    disk_sim_set_faults(m->disk, &m->faults);
}

int machine_create(struct fleet *f, struct fleet_machine *m, uint64_t seed, struct err *e)
{
    random_seeded_init(&m->random, seed);
    clock_manual_init(&m->clock, 1);
    m->clock.confidence = WALL_SYSTEM;
    machine_clock(f, m);
    if (disk_sim_create(&m->disk, seed, e) != 0)
        return -1;
    m->faults.ignore_file_sync = f->sabotage == FLEET_IGNORE_FILE_SYNC;
    set_faults(m);
    return 0;
}

void machine_destroy(struct fleet_machine *m)
{
    disk_sim_destroy(m->disk);
    m->disk = NULL;
}

void machine_die_after(struct fleet_machine *m, uint64_t calls)
{
    uint64_t at = disk_sim_calls(m->disk) + calls;

    m->faults.die_at_call = at == 0 ? 1 : at;
    set_faults(m);
}

void machine_fail_after(struct fleet_machine *m, uint64_t calls)
{
    m->faults.fail_call = disk_sim_calls(m->disk) + (calls == 0 ? 1 : calls);
    set_faults(m);
}

bool machine_dead(const struct fleet_machine *m)
{
    return m->faults.die_at_call != 0 && disk_sim_calls(m->disk) >= m->faults.die_at_call;
}

/* Dead is dead. And a sync that failed leaves a cache that is not the disk: a process
 * that begins anew on it would believe what is in no place but memory, as on Linux.
 * Only a restart of the machine is safe then. */
bool machine_needs_power(const struct fleet_machine *m, bool power)
{
    return power || machine_dead(m) || m->unwell;
}

void machine_down(struct fleet *f, struct fleet_machine *m, bool power)
{
    m->on = false;
    m->unwell = false;
    m->life++;
    m->faults.die_at_call = 0;
    m->faults.fail_call = 0;
    m->faults.bytes_max = 0;
    if (power) {
        disk_sim_power_cut(m->disk);
        m->clock.boot++;
        m->booted_ms = f->now_ms;
    }
    set_faults(m);
}

/* ----------------------------------------------------------- create, destroy */

static enum centre_sabotage centre_part(enum fleet_sabotage s)
{
    switch (s) {
    case FLEET_RECEIPT_BEFORE_SYNC:
        return CENTRE_RECEIPT_BEFORE_SYNC;
    case FLEET_ADVANCE_APART:
        return CENTRE_ADVANCE_APART;
    case FLEET_FORGET_REPLAY:
        return CENTRE_FORGET_REPLAY;
    case FLEET_SOUND:
    case FLEET_IGNORE_FILE_SYNC:
    case FLEET_SYNCHRONOUS_NORMAL:
        break;
    }
    return CENTRE_SOUND;
}

static int make_all(struct fleet *f, const struct fleet_options *o, struct err *e)
{
    if (fleet_centre_create(f, e) != 0)
        return err_wrap(e, "centre");
    for (unsigned i = 0; i < o->boxes; i++) {
        f->boxes_count = i + 1;
        if (fleet_box_create(f, i, e) != 0)
            return err_wrap(e, "box %u", i + 1);
    }
    return 0;
}

int fleet_create(struct fleet **out, const struct fleet_options *o, struct err *e)
{
    struct fleet *f = calloc(1, sizeof *f);

    *out = NULL;
    if (f == NULL)
        return err_set(e, ERR_MEMORY, "fleet");
    f->seed = o->seed;
    f->trace = o->trace;
    f->twice = o->twice;
    f->sabotage = o->sabotage;
    f->delay_ms = 100;
    f->rate_bytes_s = 2500; /* 20 kbit/s */
    buffer_init(&f->told, 64u << 20);
    random_seeded_init(&f->chance, o->seed);
    centre_sabotage(centre_part(o->sabotage));
    if (make_all(f, o, e) != 0) {
        fleet_destroy(f);
        return err_wrap(e, "fleet");
    }
    *out = f;
    fleet_centre_boot(f);
    for (unsigned i = 0; i < f->boxes_count; i++)
        fleet_box_boot(f, i);
    return 0;
}

void fleet_destroy(struct fleet *f)
{
    if (f == NULL)
        return;
    fleet_net_destroy(f);
    for (unsigned i = 0; i < f->boxes_count; i++)
        fleet_box_destroy(f, i);
    fleet_centre_destroy(f);
    while (f->events_count > 0)
        event_destroy(f->events[--f->events_count]);
    free(f->events);
    buffer_release(&f->told);
    centre_sabotage(CENTRE_SOUND);
    free(f);
}
