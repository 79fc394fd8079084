#include "tests/sim/fleet.h"

#include <stdio.h>

#define FIRST_WALL_MS 1767225600000 /* 2026-01-01; only shown, never decided by */

/* ---------------------------------------------------------------------- clock */

static int64_t clock_mono_ms(struct clock *c)
{
    const struct fleet_clock *k = (const struct fleet_clock *)c;

    return 1000 + *k->now_ms - k->booted_ms;
}

/* It says that it is right, whatever it says. */
static int64_t clock_wall_ms(struct clock *c, enum wall_confidence *confidence)
{
    const struct fleet_clock *k = (const struct fleet_clock *)c;

    *confidence = WALL_SYSTEM;
    return FIRST_WALL_MS + *k->now_ms + k->wrong_ms;
}

static void clock_boot_id(struct clock *c, char out[BOOT_ID_BYTES])
{
    (void)snprintf(out, BOOT_ID_BYTES, "00000000-0000-4000-8000-%012u",
                   ((const struct fleet_clock *)c)->boot);
}

/* ---------------------------------------------------------------------- power */

static void set_faults(struct fleet_machine *m)
{
    disk_sim_set_faults(m->disk, &m->faults);
}

void machine_clock_init(struct fleet_machine *m, const int64_t *now_ms)
{
    m->clock =
        (struct fleet_clock){.clock = {clock_mono_ms, clock_wall_ms, clock_boot_id},
                             .now_ms = now_ms,
                             .boot = 1};
}

int machine_create(struct fleet *f, struct fleet_machine *m, uint64_t seed, struct err *e)
{
    random_seeded_init(&m->random, seed);
    machine_clock_init(m, &f->now_ms);
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
        m->clock.booted_ms = f->now_ms;
    }
    set_faults(m);
}
