/* Boxes and a centre in one process, under every fault at once, driven by a seed. */
#include "tests/sim/fleet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sys/wait.h>

#include "tests/lib/scratch.h" /* must() */

#if defined(__SANITIZE_ADDRESS__)
#define STORMS 60 /* each takes five times as long */
#else
#define STORMS 300
#endif
#define STORM_STROKES   100
#define STORM_SEED      1
#define CONTROL_SEEDS   100
#define STORM_PROCESSES 2

struct storm {
    uint64_t faults[FLEET_FAULTS], failed, steps, unpacked;
};

static struct fleet *fleet_of(uint64_t seed, enum fleet_sabotage sabotage, bool trace)
{
    struct fleet_options o = {
        .seed = seed, .boxes = 2, .trace = trace, .sabotage = sabotage};
    struct fleet *f;
    struct err e;

    must(fleet_create(&f, &o, &e), &e);
    return f;
}

static void run_storm(uint64_t seed, enum fleet_sabotage sabotage, struct storm *out)
{
    struct fleet *f = fleet_of(seed, sabotage, false);

    if (!fleet_ordeal(f, STORM_STROKES)) {
        out->failed++;
        if (sabotage == FLEET_SOUND)
            print_error("seed %llu: %s\nreplay: build/release/tram-sim --seed %llu"
                        " --sites 2 --strokes %d --trace\n",
                        (unsigned long long)seed, f->failure, (unsigned long long)seed,
                        STORM_STROKES);
    }
    for (size_t i = 0; i < FLEET_FAULTS; i++)
        out->faults[i] += f->faults[i];
    out->steps += f->steps;
    out->unpacked += f->restorer.asked;
    fleet_destroy(f);
}

/* Every nth seed; its counts go down the pipe. */
static void storm_process(unsigned nth, int fd)
{
    struct storm s = {0};

    for (uint64_t i = nth; i < STORMS; i += STORM_PROCESSES)
        run_storm(STORM_SEED + i, FLEET_SOUND, &s);
    _exit(write(fd, &s, sizeof s) == (ssize_t)sizeof s ? 0 : 1);
}

static void add_storm(struct storm *all, int fd)
{
    struct storm s;

    assert_int_equal(read(fd, &s, sizeof s), sizeof s);
    all->failed += s.failed;
    all->steps += s.steps;
    all->unpacked += s.unpacked;
    for (size_t i = 0; i < FLEET_FAULTS; i++)
        all->faults[i] += s.faults[i];
}

static void nothing_is_lost_or_doubled_in_any_storm(void **state)
{
    struct storm all = {0};
    int fds[STORM_PROCESSES][2], status;
    pid_t children[STORM_PROCESSES];

    (void)state;
    for (unsigned i = 0; i < STORM_PROCESSES; i++) {
        assert_int_equal(pipe(fds[i]), 0);
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            storm_process(i, fds[i][1]);
        (void)close(fds[i][1]); /* so that a child's end is an end */
    }
    for (unsigned i = 0; i < STORM_PROCESSES; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
        add_storm(&all, fds[i][0]);
        (void)close(fds[i][0]); /* read to its end */
    }
    print_message("%d storms, %llu steps, %llu packed originals restored", STORMS,
                  (unsigned long long)all.steps, (unsigned long long)all.unpacked);
    assert_true(all.unpacked > STORMS);
    for (int i = 0; i < FLEET_FAULTS; i++) {
        print_message("; %s %llu", fleet_fault_name((enum fleet_fault)i),
                      (unsigned long long)all.faults[i]);
        assert_true(all.faults[i] > 0);
    }
    print_message("\n");
    assert_int_equal(all.failed, 0);
}

static void the_same_seed_twice_is_the_same_to_the_byte(void **state)
{
    struct fleet *f;
    struct hash told[2], disks[2][3];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        f = fleet_of(4711, FLEET_SOUND, true);
        (void)fleet_ordeal(f, STORM_STROKES);
        hash_of(&told[i], f->told.bytes, f->told.count);
        assert_true(f->told.count > 5000);
        disk_sim_digest(f->centre_machine.disk, &disks[i][0]);
        disk_sim_digest(f->boxes[0].machine.disk, &disks[i][1]);
        disk_sim_digest(f->boxes[1].machine.disk, &disks[i][2]);
        fleet_destroy(f);
    }
    assert_memory_equal(&told[0], &told[1], sizeof told[0]);
    assert_memory_equal(disks[0], disks[1], sizeof disks[0]);
}

static void every_promise_broken_on_purpose_is_noticed(void **state)
{
    (void)state;
    for (int s = FLEET_SOUND + 1; s <= FLEET_SYNCHRONOUS_NORMAL; s++) {
        struct storm found = {0};
        uint64_t seed = 0;

        while (found.failed == 0 && seed < CONTROL_SEEDS)
            run_storm(STORM_SEED + seed++, (enum fleet_sabotage)s, &found);
        print_message("%s: noticed by seed %llu\n",
                      fleet_sabotage_name((enum fleet_sabotage)s),
                      (unsigned long long)(STORM_SEED + seed - 1));
        assert_int_equal(found.failed, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_or_doubled_in_any_storm),
        cmocka_unit_test(the_same_seed_twice_is_the_same_to_the_byte),
        cmocka_unit_test(every_promise_broken_on_purpose_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
