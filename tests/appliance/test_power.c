/* Power: it goes at any instant of a day of intake and reading, and everything that
 * was told is true afterwards. The controls break one promise of the disk or the
 * store each, and must be noticed by the same means. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/box_story.h"

/* The sanitizers make a day ten times longer. */
#if defined(__SANITIZE_ADDRESS__)
#define SEEDS 60
#else
#define SEEDS 500
#endif
#define CONTROL_SEEDS 60 /* the first of them */

struct outcome {
    enum story_phase phase;
    uint64_t told;      /* kept, before the power went */
    unsigned more_cuts; /* during recovery */
    const char *loss;
};

/* Disk calls of making a box, and of it and the whole day: the instants to choose
 * from. The same for every seed: what the disk forgets differs, not what is asked. */
static uint64_t calls_made, calls_over;

static void make_box(struct box_world *w)
{
    must(world_init(w, &w->err), &w->err);
    must(world_open(w, &w->err), &w->err);
    world_enrol(w);
    world_close(w);
}

static void measure_the_day(void)
{
    static struct box_world w;
    struct story s = {0};

    world_create(&w, 1);
    make_box(&w);
    calls_made = disk_sim_calls(w.disk);
    must(world_open(&w, &w.err), &w.err);
    must(story_live(&s, &w, &w.err), &w.err);
    world_close(&w);
    calls_over = disk_sim_calls(w.disk);
    world_destroy(&w);
}

/* splitmix64: neighbouring seeds give instants far apart. */
static uint64_t scatter(uint64_t z)
{
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Power that comes back may go again before all is in order. */
#define RECOVERY_CALLS 60

/* A clerk who asks at once, before anything is put in order, is told of no damage:
 * a file on its way may be anywhere, one that was kept may not. */
static const char *problem_after_cut(struct box_world *w)
{
    const char *problem;

    disk_sim_set_faults(w->disk, &(struct disk_sim_faults){0});
    if (world_open(w, &w->err) != 0)
        return w->err.text;
    problem = world_problem(w);
    world_close(w);
    return problem;
}

static int recover(struct box_world *w, const struct disk_sim_faults *broken,
                   uint64_t seed, unsigned *cuts, struct err *e)
{
    struct disk_sim_faults faults = *broken;
    const char *problem = problem_after_cut(w);

    if (problem != NULL)
        return err_set(e, ERR_CORRUPT, "verify after the cut: %s", problem);
    while (seed % 3 == 0 && *cuts < 3) {
        faults.die_at_call =
            disk_sim_calls(w->disk) + 1 + scatter(seed + *cuts) % RECOVERY_CALLS;
        disk_sim_set_faults(w->disk, &faults);
        (void)story_recover(w, e); /* it may come to its end before it dies */
        world_power_cut(w);
        ++*cuts;
        problem = problem_after_cut(w);
        if (problem != NULL)
            return err_set(e, ERR_CORRUPT, "verify after the cut: %s", problem);
    }
    disk_sim_set_faults(w->disk, &(struct disk_sim_faults){0});
    return story_recover(w, e);
}

/* The box is made on a sound disk: the day is what is being tested. */
static void live_one_day(struct outcome *out, uint64_t seed,
                         const struct disk_sim_faults *broken, enum store_sabotage how)
{
    static struct box_world w;
    static char text[300];
    struct disk_sim_faults faults = *broken;
    struct story s = {0};
    struct err e;

    world_create(&w, seed);
    make_box(&w);
    faults.die_at_call = calls_made + 1 + scatter(seed) % (calls_over - calls_made);
    disk_sim_set_faults(w.disk, &faults);
    store_sabotage_next_open(how);
    if (world_open(&w, &e) == 0)
        (void)story_live(&s, &w, &e); /* it dies in it, or just behind */
    *out = (struct outcome){.phase = s.phase, .told = w.told_count};
    world_power_cut(&w);
    if (recover(&w, broken, seed, &out->more_cuts, &e) == 0) {
        out->loss = story_loss(&s, &w);
    } else {
        (void)snprintf(text, sizeof text, "recovery: %s", e.text);
        out->loss = text;
    }
    world_destroy(&w);
}

static void what_was_told_is_true_after_any_of_500_power_cuts(void **state)
{
    const struct disk_sim_faults sound = {0};
    unsigned cuts[STORY_OVER + 1] = {0};
    unsigned more_cuts = 0;
    uint64_t told = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct outcome o;

        live_one_day(&o, seed, &sound, STORE_SOUND);
        if (o.loss != NULL)
            fail_msg("seed %" PRIu64 ": %s", seed, o.loss);
        cuts[o.phase]++;
        told += o.told;
        more_cuts += o.more_cuts;
    }
    print_message("# %d power cuts: %u during intake, %u during reading, %u afterwards,"
                  " %u at the end, and %u more during recovery; %" PRIu64
                  " results told before them, all true after\n",
                  SEEDS, cuts[STORY_INTAKE], cuts[STORY_READING], cuts[STORY_AFTERWARDS],
                  cuts[STORY_OVER], more_cuts, told);
    assert_true(cuts[STORY_INTAKE] > SEEDS / 10);
    assert_true(cuts[STORY_READING] > SEEDS / 20);
    assert_true(cuts[STORY_AFTERWARDS] > SEEDS / 10);
    assert_true(told > SEEDS);
}

/* Fails unless a loss is noticed within the same seeds; the first is enough. */
static void expect_loss(const char *what, const struct disk_sim_faults *broken,
                        enum store_sabotage how)
{
    for (uint64_t seed = 1; seed <= CONTROL_SEEDS; seed++) {
        struct outcome o;

        live_one_day(&o, seed, broken, how);
        if (o.loss != NULL) {
            print_message("# %s: seed %" PRIu64 ": %s\n", what, seed, o.loss);
            return;
        }
    }
    fail_msg("%s: not noticed after %d power cuts", what, CONTROL_SEEDS);
}

static void without_file_sync_a_loss_is_noticed(void **state)
{
    struct disk_sim_faults broken = {.ignore_file_sync = true};

    (void)state;
    expect_loss("no file sync", &broken, STORE_SOUND);
}

static void without_directory_sync_a_loss_is_noticed(void **state)
{
    struct disk_sim_faults broken = {.ignore_dir_sync = true};

    (void)state;
    expect_loss("no directory sync", &broken, STORE_SOUND);
}

static void with_synchronous_normal_a_loss_is_noticed(void **state)
{
    struct disk_sim_faults broken = {0};

    (void)state;
    expect_loss("synchronous=NORMAL", &broken, STORE_SYNCHRONOUS_NORMAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_told_is_true_after_any_of_500_power_cuts),
        cmocka_unit_test(without_file_sync_a_loss_is_noticed),
        cmocka_unit_test(without_directory_sync_a_loss_is_noticed),
        cmocka_unit_test(with_synchronous_normal_a_loss_is_noticed),
    };

    measure_the_day();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
