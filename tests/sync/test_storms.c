/* Boxes and a centre in one process, under every fault at once, driven by a seed. */
#include "tests/sim/worlds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium/randombytes.h>

#include "sync/centre/apply.h"
#include "sync/centre/courier.h"
#include "tests/lib/scratch.h" /* must() */

#if defined(__SANITIZE_ADDRESS__)
#define WORLDS 40 /* each takes five times as long */
#else
#define WORLDS 200
#endif
#define CONTROL_SEEDS    200
#define REPORT_BYTES_MAX (64u << 20)

static const struct world small = {.seed = 1, .sites = 3, .days = 5, .docs_per_day = 1};

static struct world small_world(uint64_t seed, enum fleet_sabotage sabotage, bool trace)
{
    struct world w = small;

    w.seed = seed;
    w.sabotage = sabotage;
    w.trace = trace;
    return w;
}

static void tell(const struct buffer *report)
{
    if (report->count > 0)
        print_error("%.*s", (int)report->count, (const char *)report->bytes);
}

static void nothing_is_lost_or_doubled_in_any_world(void **state)
{
    struct world_counts all = {0};
    struct err e;

    (void)state;
    must(worlds_run(&small, WORLDS, 2, tell, &all, &e), &e);
    print_message("%d worlds, %llu steps, %llu packed originals restored", WORLDS,
                  (unsigned long long)all.steps, (unsigned long long)all.unpacked);
    assert_true(all.unpacked > WORLDS);
    for (int i = 0; i < FLEET_FAULTS; i++) {
        print_message("; %s %llu", fleet_fault_name((enum fleet_fault)i),
                      (unsigned long long)all.faults[i]);
        assert_true(all.faults[i] > 0);
    }
    print_message("\n");
    assert_int_equal(all.failed, 0);
}

/* ---------------------------------------------------------------------- replay */

static struct hasher traces;
static size_t trace_bytes;

static void add_trace(const struct buffer *report)
{
    hasher_add(&traces, report->bytes, report->count);
    trace_bytes += report->count;
}

static struct hash trace_of(const struct world *w, uint64_t runs, unsigned jobs)
{
    struct world_counts counts = {0};
    struct hash h;
    struct err e;

    trace_bytes = 0;
    hasher_init(&traces);
    must(worlds_run(w, runs, jobs, add_trace, &counts, &e), &e);
    hasher_finish(&traces, &h);
    assert_true(trace_bytes > runs * 5000);
    return h;
}

/* In this process, in this process again, and in others side by side. */
static void the_same_seed_twice_is_the_same_to_the_byte(void **state)
{
    const struct world w = small_world(4711, FLEET_SOUND, true);
    struct hash first = trace_of(&w, 4, 1), again = trace_of(&w, 4, 1),
                elsewhere = trace_of(&w, 4, 2), other;
    struct world later = w;

    (void)state;
    assert_memory_equal(&first, &again, sizeof first);
    assert_memory_equal(&first, &elsewhere, sizeof first);
    later.seed++;
    other = trace_of(&later, 4, 2);
    assert_memory_not_equal(&first, &other, sizeof first);
}

static void the_disks_are_the_same_to_the_byte_too(void **state)
{
    struct fleet_options o = {.seed = 4711, .boxes = 3};
    struct hash disks[2][4];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct fleet *f;
        struct err e;

        must(fleet_create(&f, &o, &e), &e);
        assert_true(fleet_days(f, 2, 2));
        disk_sim_digest(f->centre_machine.disk, &disks[i][3]);
        for (unsigned b = 0; b < 3; b++)
            disk_sim_digest(f->boxes[b].machine.disk, &disks[i][b]);
        fleet_destroy(f);
    }
    assert_memory_equal(disks[0], disks[1], sizeof disks[0]);
}

static void what_libsodium_draws_by_itself_comes_from_the_seed(void **state)
{
    unsigned char drawn[3][64];

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        fleet_random_tie(i == 2 ? 8 : 7);
        randombytes_buf(drawn[i], 32);
        for (unsigned k = 32; k < 64; k++)
            drawn[i][k] = (unsigned char)randombytes_uniform(256);
    }
    assert_memory_equal(drawn[0], drawn[1], sizeof drawn[0]);
    assert_memory_not_equal(drawn[0], drawn[2], sizeof drawn[0]);
}

/* -------------------------------------------------------------------- controls */

/* The first seed at which it is noticed; what is said then goes to *report. */
static uint64_t noticed(enum fleet_sabotage sabotage, struct buffer *report)
{
    struct world_counts counts = {0};
    uint64_t seed;

    for (seed = 1; seed <= CONTROL_SEEDS; seed++) {
        struct world w = small_world(seed, sabotage, false);
        struct err e;

        if (!world_run(&w, &counts, report, &e))
            fail_msg("%s", e.text);
        if (counts.failed > 0)
            return seed;
    }
    fail_msg("%s is not noticed", fleet_sabotage_name(sabotage));
    return 0;
}

static void every_promise_broken_on_purpose_is_noticed(void **state)
{
    (void)state;
    for (int s = FLEET_SOUND + 1; s < FLEET_SABOTAGES; s++) {
        struct buffer report;
        uint64_t seed;

        buffer_init(&report, REPORT_BYTES_MAX);
        seed = noticed((enum fleet_sabotage)s, &report);
        print_message(
            "%s, noticed by seed %llu: %.*s", fleet_sabotage_name((enum fleet_sabotage)s),
            (unsigned long long)seed, (int)report.count, (const char *)report.bytes);
        buffer_release(&report);
    }
}

/* ----------------------------------------------------------------------- sticks */

static void ignore(void *arg, const struct tar_told *t)
{
    (void)arg;
    (void)t;
}

/* Opens what --out has left, as the programs do, and takes the sticks in. */
static void take_sticks(const char *dir, unsigned sites)
{
    char centre_dir[DISK_PATH_BYTES], stick[DISK_PATH_BYTES];
    struct courier c = {0};
    struct centre *centre;
    unsigned applied;
    struct err e;

    must(disk_path(centre_dir, &e, "%s/centre", dir), &e);
    must(disk_path(stick, &e, "%s/stick", dir), &e);
    must(centre_open(&centre, disk_system(), clock_system(), random_system(), centre_dir,
                     &e),
         &e);
    must(courier_open(&c, centre, disk_system(), stick, &e), &e);
    must(courier_take(&c, ignore, NULL, &e), &e);
    courier_close(&c);
    must(apply_some(centre, 1000, &applied, &e), &e);
    for (unsigned i = 1; i <= sites; i++) {
        struct site_row row;
        bool found;

        must(site_find(centre, (uint16_t)i, &row, &found, &e), &e);
        assert_true(found && row.claimed);
        assert_int_equal(row.received, 6); /* three days, two documents a day */
        assert_int_equal(row.applied, row.received);
        assert_int_equal(row.alarms, 0);
    }
    centre_close(centre);
}

static void what_is_written_as_sticks_is_what_the_boxes_have(void **state)
{
    struct world_counts counts = {0};
    struct world w = small_world(3, FLEET_SOUND, false);
    struct scratch s = {0};
    struct buffer report;
    struct err e;

    (void)state;
    scratch_dir(&s);
    w.days = 3;
    w.docs_per_day = 2;
    w.out = s.dir;
    buffer_init(&report, REPORT_BYTES_MAX);
    assert_true(world_run(&w, &counts, &report, &e));
    tell(&report);
    assert_int_equal(counts.failed, 0);
    buffer_release(&report);
    take_sticks(s.dir, w.sites);
    scratch_remove(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_or_doubled_in_any_world),
        cmocka_unit_test(the_same_seed_twice_is_the_same_to_the_byte),
        cmocka_unit_test(the_disks_are_the_same_to_the_byte_too),
        cmocka_unit_test(what_libsodium_draws_by_itself_comes_from_the_seed),
        cmocka_unit_test(what_is_written_as_sticks_is_what_the_boxes_have),
        cmocka_unit_test(every_promise_broken_on_purpose_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
