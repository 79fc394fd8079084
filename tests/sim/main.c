/* tram-sim: runs whole fleets in one process, driven by a seed.
 *
 *   tram-sim --seed N [--runs N] [--sites N] [--strokes N] [--trace]
 *            [--sabotage NAME] [--twice]
 *
 * Each run is a storm of work and faults, then calm, then everything is compared.
 * Exit 0: all held. 1: something did not; its seed and the command that replays it
 * are printed. 2: usage. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/sim/fleet.h"

struct wish {
    uint64_t seed, runs, sites, strokes;
    bool trace, twice;
    enum fleet_sabotage sabotage;
};

static const char usage[] =
    "usage: tram-sim --seed N [--runs N] [--sites N] [--strokes N] [--trace]\n"
    "                [--sabotage NAME] [--twice]\n";

static bool take_number(const char *text, uint64_t max, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && text[0] != '-' && *out <= max;
}

static bool take_words(struct wish *w, int argc, char **argv)
{
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},
        {"runs", required_argument, NULL, 'r'},
        {"sites", required_argument, NULL, 'b'},
        {"strokes", required_argument, NULL, 'k'},
        {"trace", no_argument, NULL, 't'},
        {"sabotage", required_argument, NULL, 'x'},
        {"twice", no_argument, NULL, 'w'},
        {NULL, 0, NULL, 0},
    };
    bool good = true;
    int option;

    while (good && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 's':
            good = take_number(optarg, UINT32_MAX, &w->seed);
            break;
        case 'r':
            good = take_number(optarg, UINT32_MAX, &w->runs);
            break;
        case 'b':
            good = take_number(optarg, FLEET_BOXES_MAX, &w->sites) && w->sites > 0;
            break;
        case 'k':
            good = take_number(optarg, UINT32_MAX, &w->strokes);
            break;
        case 't':
            w->trace = true;
            break;
        case 'w':
            w->twice = true;
            break;
        case 'x':
            good = fleet_sabotage_find(optarg, &w->sabotage);
            break;
        default:
            good = false;
        }
    }
    return good && optind == argc;
}

static void tell_replay(const struct wish *w, uint64_t seed)
{
    printf("replay: build/release/tram-sim --seed %llu --sites %llu --strokes %llu",
           (unsigned long long)seed, (unsigned long long)w->sites,
           (unsigned long long)w->strokes);
    if (w->sabotage != FLEET_SOUND)
        printf(" --sabotage %s", fleet_sabotage_name(w->sabotage));
    printf("%s --trace\n", w->twice ? " --twice" : "");
}

/* 1 held, 0 did not, -1 could not be run. */
static int run(const struct wish *w, uint64_t seed, uint64_t faults[FLEET_FAULTS],
               uint64_t *steps)
{
    struct fleet_options o = {.seed = seed,
                              .boxes = (unsigned)w->sites,
                              .trace = w->trace,
                              .twice = w->twice,
                              .sabotage = w->sabotage};
    struct fleet *f = NULL;
    struct err e;
    bool held;

    if (fleet_create(&f, &o, &e) != 0) {
        fprintf(stderr, "tram-sim: %s\n", e.text);
        return -1;
    }
    held = fleet_ordeal(f, (unsigned)w->strokes);
    if (w->trace && f->told.count > 0)
        (void)fwrite(f->told.bytes, 1, f->told.count, stdout); /* only shown */
    for (size_t i = 0; i < FLEET_FAULTS; i++)
        faults[i] += f->faults[i];
    *steps += f->steps;
    if (!held) {
        printf("seed %llu: %s\n", (unsigned long long)seed, f->failure);
        tell_replay(w, seed);
    }
    fleet_destroy(f);
    return held ? 1 : 0;
}

static void tell_counts(const uint64_t faults[FLEET_FAULTS], uint64_t steps,
                        uint64_t runs, double seconds)
{
    printf("%llu runs, %llu steps, %.1f s", (unsigned long long)runs,
           (unsigned long long)steps, seconds);
    for (int i = 0; i < FLEET_FAULTS; i++)
        printf("; %s %llu", fleet_fault_name((enum fleet_fault)i),
               (unsigned long long)faults[i]);
    printf("\n");
}

int main(int argc, char **argv)
{
    struct wish w = {.runs = 1, .sites = 2, .strokes = 150};
    uint64_t faults[FLEET_FAULTS] = {0}, steps = 0, failed = 0, i;
    struct timespec from, to;

    if (!take_words(&w, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &from); /* a clock that is always there */
    for (i = 0; i < w.runs; i++) {
        int rc = run(&w, w.seed + i, faults, &steps);

        if (rc < 0)
            return 1;
        failed += rc == 0;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    tell_counts(faults, steps, w.runs,
                (double)(to.tv_sec - from.tv_sec) +
                    (double)(to.tv_nsec - from.tv_nsec) / 1e9);
    printf("%llu passed, %llu failed\n", (unsigned long long)(w.runs - failed),
           (unsigned long long)failed);
    return failed == 0 ? 0 : 1;
}
