/* tram-sim: runs whole fleets in one process, driven by a seed.
 *
 *   tram-sim --seed N [--sites N] [--days N] [--docs-per-day N] [--runs N] [--jobs N]
 *            [--load] [--roads DOCS] [--out DIR] [--sabotage NAME] [--twice] [--trace]
 *
 * Each run is a small world: days of work under every fault, then calm, then everything
 * is compared; with --load a province on ordinary days; with --roads one box's backlog of
 * so many documents by link and by sticks at once. --runs takes that many seeds from N
 * on, --jobs that many processes for them; --out writes what the boxes make as courier
 * sticks, DIR/stick, for the centre in DIR/centre. Exit 0: all held. 1: something did not;
 * its seed and the command that replays it are printed. 2: usage. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "schema/store.h"
#include "tests/sim/worlds.h"

struct wish {
    struct world world;
    uint64_t runs, jobs;
};

static const char usage[] =
    "usage: tram-sim --seed N [--sites N] [--days N] [--docs-per-day N] [--runs N]\n"
    "                [--jobs N] [--load] [--roads DOCS] [--out DIR] [--sabotage NAME]\n"
    "                [--twice] [--trace]\n";

static bool take_number(const char *text, uint64_t max, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && text[0] != '-' && *out <= max;
}

static bool take_count(const char *text, uint64_t max, unsigned *out)
{
    uint64_t n;

    if (!take_number(text, max, &n) || n == 0)
        return false;
    *out = (unsigned)n;
    return true;
}

static bool take_word(struct wish *w, int option)
{
    switch (option) {
    case 's':
        return take_number(optarg, UINT32_MAX, &w->world.seed);
    case 'b':
        return take_count(optarg, SITE_MAX, &w->world.sites);
    case 'd':
        return take_count(optarg, 3650, &w->world.days);
    case 'p':
        return take_count(optarg, 1000, &w->world.docs_per_day);
    case 'r':
        return take_number(optarg, UINT32_MAX, &w->runs);
    case 'j':
        return take_number(optarg, 16, &w->jobs);
    case 'a':
        w->world.sites = 1;
        return take_count(optarg, 100000, &w->world.roads);
    case 'l':
        w->world.load = true;
        return true;
    case 'o':
        w->world.out = optarg;
        return true;
    case 't':
        w->world.trace = true;
        return true;
    case 'w':
        w->world.twice = true;
        return true;
    case 'x':
        return fleet_sabotage_find(optarg, &w->world.sabotage);
    default:
        return false;
    }
}

static bool take_words(struct wish *w, int argc, char **argv)
{
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},
        {"sites", required_argument, NULL, 'b'},
        {"days", required_argument, NULL, 'd'},
        {"docs-per-day", required_argument, NULL, 'p'},
        {"runs", required_argument, NULL, 'r'},
        {"jobs", required_argument, NULL, 'j'},
        {"roads", required_argument, NULL, 'a'},
        {"load", no_argument, NULL, 'l'},
        {"out", required_argument, NULL, 'o'},
        {"trace", no_argument, NULL, 't'},
        {"sabotage", required_argument, NULL, 'x'},
        {"twice", no_argument, NULL, 'w'},
        {NULL, 0, NULL, 0},
    };
    bool good = true;
    int option;

    while (good && (option = getopt_long(argc, argv, "", options, NULL)) != -1)
        good = take_word(w, option);
    return good && optind == argc;
}

static void tell_report(const struct buffer *report)
{
    if (report->count > 0)
        (void)fwrite(report->bytes, 1, report->count, stdout); /* only shown */
}

static void tell_counts(const struct world_counts *c)
{
    printf("%llu worlds, %llu steps, %llu frames", (unsigned long long)c->runs,
           (unsigned long long)c->steps, (unsigned long long)c->frames);
    for (int i = 0; i < FLEET_FAULTS; i++)
        printf("; %s %llu", fleet_fault_name((enum fleet_fault)i),
               (unsigned long long)c->faults[i]);
    printf("\n%llu passed, %llu failed\n", (unsigned long long)(c->runs - c->failed),
           (unsigned long long)c->failed);
}

static double seconds_of(const struct timeval *t)
{
    return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

/* Not on stdout, which is the same for the same seed. */
static void tell_cost(const struct world_counts *c, const struct timespec *from)
{
    struct timespec to;
    struct rusage self, children;
    double seconds, busy;

    (void)clock_gettime(CLOCK_MONOTONIC, &to); /* a clock that is always there */
    (void)getrusage(RUSAGE_SELF, &self);       /* as these two */
    (void)getrusage(RUSAGE_CHILDREN, &children);
    seconds =
        (double)(to.tv_sec - from->tv_sec) + (double)(to.tv_nsec - from->tv_nsec) / 1e9;
    busy = seconds_of(&self.ru_utime) + seconds_of(&self.ru_stime) +
           seconds_of(&children.ru_utime) + seconds_of(&children.ru_stime);
    fprintf(stderr,
            "%.1f s, %.2f worlds/s; %.1f s of processor; %ld MB of memory at most;"
            " %llu MB on simulated disks\n",
            seconds, (double)c->runs / seconds, busy,
            (self.ru_maxrss > children.ru_maxrss ? self.ru_maxrss : children.ru_maxrss) /
                1024,
            (unsigned long long)(c->disk_bytes >> 20));
}

int main(int argc, char **argv)
{
    struct wish w = {
        .world = {.sites = 3, .days = 5, .docs_per_day = 1}, .runs = 1, .jobs = 1};
    struct world_counts counts = {0};
    struct timespec from;
    struct err e;

    if (!take_words(&w, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &from); /* a clock that is always there */
    if (worlds_run(&w.world, w.runs, (unsigned)w.jobs, tell_report, &counts, &e) != 0) {
        fprintf(stderr, "tram-sim: %s\n", e.text);
        return 1;
    }
    tell_counts(&counts);
    tell_cost(&counts, &from);
    return counts.failed == 0 ? 0 : 1;
}
