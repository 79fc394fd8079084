#include "tests/sim/fleet.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/incoming.h"
#include "schema/statements.h"
#include "schema/store.h"
#include "sync/bundle.h"
#include "sync/centre/down.h"
#include "tests/lib/store_template.h"

static const char *const sabotage_names[] = {
    [FLEET_SOUND] = "none",
    [FLEET_RECEIPT_BEFORE_SYNC] = "receipt-before-sync",
    [FLEET_ADVANCE_APART] = "advance-apart",
    [FLEET_FORGET_REPLAY] = "forget-replay",
    [FLEET_IGNORE_FILE_SYNC] = "ignore-file-sync",
    [FLEET_SYNCHRONOUS_NORMAL] = "synchronous-normal",
    [FLEET_NO_PREEMPTION] = "no-preemption",
    [FLEET_ACCEPT_GAP] = "accept-gap",
    [FLEET_SENT_IS_RECEIVED] = "sent-is-received",
    [FLEET_SAFE_BEFORE_BACKUP] = "safe-before-backup",
    [FLEET_CENTRE_IGNORES_SEEN] = "centre-ignores-seen",
    [FLEET_BOX_IGNORES_SEEN] = "box-ignores-seen",
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
        [FAULT_CLOCK] = "clocks wrong",
        [FAULT_NIGHT] = "nights off",
        [FAULT_COURIER] = "couriers",
        [FAULT_COURIER_LATE] = "late",
        [FAULT_COURIER_LOST] = "sticks lost",
        [FAULT_COURIER_DOUBLED] = "taken twice",
        [FAULT_STICK_PULLED] = "pulled out",
        [FAULT_UPGRADE] = "upgrades",
        [FAULT_COPIED] = "boxes copied",
        [FAULT_BOX_RESTORED] = "boxes restored",
        [FAULT_PUT_IN_AGAIN] = "cards put back",
        [FAULT_TURN] = "cards by turns",
        [FAULT_PARKED] = "parked and applied",
        [FAULT_EDIT] = "the province's changes",
        [FAULT_LOCK] = "locks",
        [FAULT_CONFLICT] = "conflicts",
        [FAULT_PUT_BACK] = "put back",
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
    f->struck_ms = f->now_ms;
}

/* --------------------------------------------------------------------- events */

static bool is_before(const struct fleet_event *a, const struct fleet_event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

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
    for (at = f->events_count++; at > 0 && is_before(ev, f->events[(at - 1) / 2]);
         at = (at - 1) / 2)
        f->events[at] = f->events[(at - 1) / 2];
    f->events[at] = ev;
    return ev;
}

static struct fleet_event *take_next(struct fleet *f)
{
    struct fleet_event *next = f->events[0], *last = f->events[--f->events_count];
    size_t at = 0, child;

    while ((child = 2 * at + 1) < f->events_count) {
        if (child + 1 < f->events_count &&
            is_before(f->events[child + 1], f->events[child]))
            child++;
        if (!is_before(f->events[child], last))
            break;
        f->events[at] = f->events[child];
        at = child;
    }
    f->events[at] = last;
    return next;
}

static void event_destroy(struct fleet_event *ev)
{
    buffer_release(&ev->bytes);
    free(ev);
}

static void run_next(struct fleet *f)
{
    struct fleet_event *ev = take_next(f);

    f->now_ms = ev->at_ms;
    f->steps++;
    ev->run(f, ev);
    event_destroy(ev);
}

static bool has_next(const struct fleet *f, int64_t until_ms)
{
    return f->failure[0] == '\0' && f->events_count > 0 &&
           f->events[0]->at_ms <= until_ms;
}

void fleet_run(struct fleet *f, int64_t ms)
{
    int64_t until_ms = f->now_ms + ms;

    while (has_next(f, until_ms))
        run_next(f);
    if (f->failure[0] == '\0')
        f->now_ms = until_ms;
}

/* What the centre has changed is applied at the box. */
static bool has_seen_all(struct fleet *f, struct fleet_box *b)
{
    struct incoming_numbers n;
    uint64_t last;
    struct err e;

    return down_last(f->centre, b->site, &last, &e) == 0 &&
           incoming_numbers(b->box, &n, &e) == 0 && n.seen == last;
}

static bool box_settled(struct fleet *f, unsigned box)
{
    struct fleet_box *b = &f->boxes[box];
    struct site_row row;
    struct err e;
    bool found;

    return site_find(f->centre, b->site, &row, &found, &e) == 0 && found &&
           row.applied == b->memory.last && has_seen_all(f, b) &&
           fleet_lines_settled(f, box);
}

bool fleet_settled(struct fleet *f)
{
    int64_t packed = 0;
    struct err e;

    for (unsigned i = 0; i < f->boxes_count; i++)
        if (!f->boxes[i].machine.on || !sync_drained(f->boxes[i].core))
            return false; /* before anything is asked of a database */
    if (!f->centre_machine.on ||
        sql_number(store_db(f->centre->store),
                   "SELECT count(*) FROM unpacking u WHERE " FLEET_UNPACKING_WAITS,
                   &packed, &e) != 0 ||
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

/* ----------------------------------------------------------- create, destroy */

static void sabotage_parts(enum fleet_sabotage s)
{
    sync_sabotage(s == FLEET_NO_PREEMPTION ? SYNC_NO_PREEMPTION : SYNC_SOUND);
    outbox_sabotage(s == FLEET_SENT_IS_RECEIVED ? OUTBOX_SENT_IS_RECEIVED : OUTBOX_SOUND);
    incoming_sabotage_seen(s == FLEET_BOX_IGNORES_SEEN);
}

static enum centre_sabotage centre_part(enum fleet_sabotage s)
{
    switch (s) {
    case FLEET_RECEIPT_BEFORE_SYNC:
        return CENTRE_RECEIPT_BEFORE_SYNC;
    case FLEET_ADVANCE_APART:
        return CENTRE_ADVANCE_APART;
    case FLEET_FORGET_REPLAY:
        return CENTRE_FORGET_REPLAY;
    case FLEET_ACCEPT_GAP:
        return CENTRE_ACCEPT_GAP;
    case FLEET_SAFE_BEFORE_BACKUP:
        return CENTRE_SAFE_BEFORE_BACKUP;
    case FLEET_CENTRE_IGNORES_SEEN:
        return CENTRE_IGNORE_SEEN;
    case FLEET_SOUND:
    case FLEET_IGNORE_FILE_SYNC:
    case FLEET_SYNCHRONOUS_NORMAL:
    case FLEET_NO_PREEMPTION:
    case FLEET_SENT_IS_RECEIVED:
    case FLEET_BOX_IGNORES_SEEN:
    case FLEET_SABOTAGES:
        break;
    }
    return CENTRE_SOUND;
}

static int make_all(struct fleet *f, const struct fleet_options *o, struct err *e)
{
    if (fleet_courier_create(f, e) != 0 || fleet_centre_create(f, e) != 0)
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
    if (store_template_make(e) != 0) {
        free(f);
        return -1;
    }
    if (f != NULL)
        f->boxes = calloc(o->boxes, sizeof *f->boxes);
    if (f == NULL || f->boxes == NULL) {
        free(f);
        return err_set(e, ERR_MEMORY, "fleet");
    }
    f->seed = o->seed;
    f->load = o->load;
    f->trace = o->trace;
    f->twice = o->twice;
    f->sabotage = o->sabotage;
    f->delay_ms = 100;
    f->rate_bytes_s = 2500; /* 20 kbit/s */
    buffer_init(&f->told, 64u << 20);
    random_seeded_init(&f->chance, o->seed);
    fleet_random_tie(o->seed);
    bundle_writer_level_all(0);
    centre_sabotage(centre_part(o->sabotage));
    sabotage_parts(o->sabotage);
    if (make_all(f, o, e) != 0) {
        fleet_destroy(f);
        return err_wrap(e, "fleet");
    }
    *out = f;
    fleet_centre_boot(f);
    for (unsigned i = 0; i < f->boxes_count && !o->load; i++)
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
    fleet_courier_destroy(f);
    while (f->events_count > 0)
        event_destroy(f->events[--f->events_count]);
    free(f->events);
    free(f->boxes);
    buffer_release(&f->told);
    centre_sabotage(CENTRE_SOUND);
    sabotage_parts(FLEET_SOUND);
    fleet_program_end();
    free(f);
}
