#include "tests/sim/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium/utils.h>

#include "appliance/loose.h"
#include "schema/statements.h"
#include "tests/lib/store_template.h"

#define DIR      "/box"
#define KEY_NAME "box"

/* --------------------------------------------------------------------- create */

static int enrol(struct fleet *f, unsigned box, struct enrolment *out, struct err *e)
{
    char name[64];

    (void)snprintf(name, sizeof name, "Xã %u", box + 1);
    if (site_enrol(f->centre, name, "https://127.0.0.1:8443", &f->centre->key.public_key,
                   out, e) != 0)
        return -1;
    f->boxes[box].site = out->site;
    return 0;
}

/* What `tram-box init --enrol FILE` does. */
static int init(struct fleet *f, struct fleet_box *b, const struct enrolment *file,
                struct err *e)
{
    struct fleet_machine *m = &b->machine;
    struct store_identity who = {.site = file->site, .epoch = 1};
    struct key_pair key;
    struct box *opened = NULL;
    int rc = -1;

    memcpy(who.name, file->name, sizeof who.name);
    key_pair_make(&key, &m->random.random);
    if (store_template_lay(m->disk, DIR, e) == 0 &&
        box_init(m->disk, &m->clock.clock, DIR, &who, e) == 0 &&
        key_pair_save(&key, m->disk, DIR, KEY_NAME, e) == 0 &&
        box_open(&opened, m->disk, &m->clock.clock, DIR, NULL, e) == 0)
        rc = outbox_enrol(opened, file, e);
    /* The log of its making stays as long as it is: times 3,321. */
    if (rc == 0 && f->load)
        rc = sql_run(store_db(opened->store), "PRAGMA wal_checkpoint(TRUNCATE)", e);
    box_close(opened);
    key_pair_wipe(&key);
    return rc;
}

int fleet_box_create(struct fleet *f, unsigned box, struct err *e)
{
    struct fleet_box *b = &f->boxes[box];
    struct enrolment file;

    b->signal = true;
    b->memory.epoch = 1;
    buffer_init(&b->block, BLOCK_BYTES_MAX);
    machine_runs(&b->machine);
    if (machine_create(f, &b->machine, f->seed * 1000 + 1 + box, e) != 0 ||
        enrol(f, box, &file, e) != 0)
        return -1;
    return init(f, b, &file, e);
}

static void close_all(struct fleet_box *b)
{
    sync_actions_release(&b->actions);
    sync_destroy(b->core);
    arrivals_destroy(b->arrivals);
    outbox_destroy(b->outbox);
    box_close(b->box);
    b->core = NULL;
    b->arrivals = NULL;
    b->outbox = NULL;
    b->box = NULL;
}

void fleet_box_destroy(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];

    close_all(b);
    machine_destroy(&b->machine);
    buffer_release(&b->block);
    for (int d = UP; d <= DOWN; d++)
        for (size_t i = 0; i < b->stale[d].count; i++)
            buffer_release(&b->stale[d].messages[i]);
    fleet_lines_release(&b->memory);
    fleet_copy_release(b);
    free(b->memory.kept);
    free(b->memory.promised_blobs);
    free(b->edits);
}

/* ----------------------------------------------------------------------- power */

void fleet_box_error(struct fleet *f, unsigned box, const char *what, const struct err *e)
{
    struct fleet_machine *m = &f->boxes[box].machine;

    if (!machine_dead(m) && !m->unwell)
        fleet_fail(f, "box %u: %s: %s", box + 1, what, e->text);
}

static int open_all(struct fleet *f, struct fleet_box *b, struct err *e)
{
    struct fleet_machine *m = &b->machine;
    struct sync_config config;
    int rc = -1;

    if (f->sabotage == FLEET_SYNCHRONOUS_NORMAL)
        store_sabotage_next_open(STORE_SYNCHRONOUS_NORMAL);
    reader_fake_init(&b->reader, 1);
    b->afterwards = (struct afterwards){0};
    if (box_open(&b->box, m->disk, &m->clock.clock, DIR, &b->reader.reader, e) != 0 ||
        blobs_sweep(b->box->blobs, e) != 0 || loose_sweep(b->box, e) != 0 ||
        outbox_create(&b->outbox, b->box, &m->random.random, e) != 0 ||
        outbox_config(b->outbox, &config, e) != 0)
        return -1;
    config.random = &m->random.random;
    /* A month's log of 3,321 boxes is more than fits in memory. */
    if (f->load &&
        sql_run(store_db(b->box->store), "PRAGMA wal_autocheckpoint = 50", e) != 0)
        return -1;
    rc = arrivals_create(&b->arrivals, b->box, &config, e);
    if (rc == 0)
        rc = sync_create(&b->core, &config, e);
    sodium_memzero(&config, sizeof config);
    return rc;
}

int fleet_box_reopen(struct fleet *f, unsigned box, struct err *e)
{
    close_all(&f->boxes[box]);
    return open_all(f, &f->boxes[box], e);
}

static void boot_event(struct fleet *f, struct fleet_event *ev)
{
    if (ev->stamp == f->boxes[ev->who].machine.life && !f->boxes[ev->who].machine.on)
        fleet_box_boot(f, ev->who);
}

void fleet_box_boot(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    struct err e;

    b->machine.on = true;
    b->machine.clock.booted_ms = f->now_ms;
    machine_runs(&b->machine);
    b->link = 0;
    if (open_all(f, b, &e) != 0) {
        fleet_box_error(f, box, "boot", &e);
        fleet_box_down(f, box, false, 2000);
        return;
    }
    if (f->now_ms > 0)
        fleet_tell(f, (int)box, "boots");
    fleet_check_box(f, box);
    fleet_box_give_kind(f, box, SYNC_EVENT_TIMER);
}

void fleet_box_down(struct fleet *f, unsigned box, bool power, int64_t off_ms)
{
    struct fleet_box *b = &f->boxes[box];
    struct fleet_link *l = fleet_net_find(f, b->link);

    power = machine_needs_power(&b->machine, power);
    fleet_tell(f, (int)box, power ? "loses power" : "is killed");
    machine_die_after(&b->machine, 0); /* closing must write nothing */
    close_all(b);
    if (l != NULL) {
        l->box_open = false; /* what left still arrives; nobody says goodbye */
        if (!power)
            fleet_net_close_box(f, l); /* but the kernel does */
    }
    b->link = 0;
    machine_down(f, &b->machine, power);
    if (off_ms != FLEET_NEVER_MS)
        fleet_box_boot_later(f, box, off_ms);
}

void fleet_box_boot_later(struct fleet *f, unsigned box, int64_t off_ms)
{
    (void)fleet_later(f, off_ms, boot_event, box, f->boxes[box].machine.life);
}

void fleet_box_off(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    struct fleet_link *l = fleet_net_find(f, b->link);

    fleet_tell(f, (int)box, "is shut down");
    close_all(b);
    if (l != NULL)
        fleet_net_close_box(f, l);
    b->link = 0;
    b->machine.clock.boot++;
    machine_down(f, &b->machine, false);
}

void fleet_box_notice(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];

    if (b->machine.on && machine_dead(&b->machine))
        fleet_box_down(f, box, true,
                       1000 + (int64_t)random_below(&f->chance.random, 30000));
}
