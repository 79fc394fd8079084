#include "tests/sim/worlds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/fleet_roads.h"

#define REPORT_BYTES_MAX (256u << 20)
#define JOBS_MAX         16

static void append_replay(const struct world *w, struct buffer *out)
{
    buffer_append_format(out,
                         "replay: build/release/tram-sim --seed %llu --sites %u --days %u"
                         " --docs-per-day %u",
                         (unsigned long long)w->seed, w->sites, w->days, w->docs_per_day);
    if (w->sabotage != FLEET_SOUND)
        buffer_append_format(out, " --sabotage %s", fleet_sabotage_name(w->sabotage));
    if (w->roads > 0)
        buffer_append_format(out, " --roads %u", w->roads);
    buffer_append_format(out, "%s%s --trace\n", w->twice ? " --twice" : "",
                         w->load ? " --load" : "");
}

static void count(struct world_counts *c, const struct fleet *f, bool held)
{
    c->runs++;
    c->failed += !held;
    c->steps += f->steps;
    c->unpacked += f->restorer.asked;
    c->disk_bytes += disk_sim_bytes(f->centre_machine.disk);
    for (int i = 0; i < FLEET_FAULTS; i++)
        c->faults[i] += f->faults[i];
    for (unsigned i = 0; i < f->boxes_count; i++) {
        c->frames += f->boxes[i].memory.last;
        c->disk_bytes += disk_sim_bytes(f->boxes[i].machine.disk);
    }
}

static bool run_roads(struct fleet *f, const struct world *w, struct buffer *report)
{
    struct fleet_roads r;
    bool held = fleet_roads(f, w->roads, &r);

    fleet_roads_tell(&r, report);
    fleet_roads_release(&r);
    return held;
}

static bool run(struct fleet *f, const struct world *w, struct buffer *report)
{
    if (w->out != NULL)
        return fleet_out(f, w->days, w->docs_per_day, w->out);
    if (w->roads > 0)
        return run_roads(f, w, report);
    return w->load ? fleet_load(f, w->days, w->docs_per_day)
                   : fleet_days(f, w->days, w->docs_per_day);
}

bool world_run(const struct world *w, struct world_counts *counts, struct buffer *report,
               struct err *e)
{
    struct fleet_options o = {.seed = w->seed,
                              .boxes = w->sites,
                              .trace = w->trace,
                              .twice = w->twice,
                              .load = w->load,
                              .sabotage = w->sabotage};
    struct fleet *f = NULL;
    bool held;

    if (fleet_create(&f, &o, e) != 0)
        return false;
    held = run(f, w, report);
    buffer_append(report, f->told.bytes, f->told.count);
    if (!held) {
        buffer_append_format(report, "seed %llu: %s\n", (unsigned long long)w->seed,
                             f->failure);
        append_replay(w, report);
    }
    count(counts, f, held);
    fleet_destroy(f);
    return true;
}

static void add(struct world_counts *all, const struct world_counts *c)
{
    for (int i = 0; i < FLEET_FAULTS; i++)
        all->faults[i] += c->faults[i];
    all->runs += c->runs;
    all->failed += c->failed;
    all->steps += c->steps;
    all->frames += c->frames;
    all->unpacked += c->unpacked;
    all->disk_bytes += c->disk_bytes;
}

static struct world nth(const struct world *first, uint64_t i)
{
    struct world w = *first;

    w.seed += i;
    return w;
}

/* ------------------------------------------------------------------- one process */

static int run_here(const struct world *first, uint64_t runs,
                    void (*each)(const struct buffer *report),
                    struct world_counts *counts, struct err *e)
{
    for (uint64_t i = 0; i < runs; i++) {
        struct world w = nth(first, i);
        struct buffer report;
        bool ran;

        buffer_init(&report, REPORT_BYTES_MAX);
        ran = world_run(&w, counts, &report, e);
        if (ran)
            each(&report);
        buffer_release(&report);
        if (!ran)
            return -1;
    }
    return 0;
}

/* ---------------------------------------------------------------------- several */

/* What a worker says of one world; its report follows. */
struct answer {
    struct world_counts counts;
    uint64_t report_bytes;
};

static bool write_all(int fd, const void *bytes, size_t bytes_count)
{
    const char *at = bytes;

    while (bytes_count > 0) {
        ssize_t n = write(fd, at, bytes_count);

        if (n <= 0)
            return false;
        at += n;
        bytes_count -= (size_t)n;
    }
    return true;
}

static bool read_all(int fd, void *bytes, size_t bytes_count)
{
    char *at = bytes;

    while (bytes_count > 0) {
        ssize_t n = read(fd, at, bytes_count);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        bytes_count -= (size_t)n;
    }
    return true;
}

/* Every jobs-th world. */
static void work(const struct world *first, uint64_t runs, unsigned job, unsigned jobs,
                 int fd)
{
    for (uint64_t i = job; i < runs; i += jobs) {
        struct world w = nth(first, i);
        struct answer a = {0};
        struct buffer report;
        struct err e;

        buffer_init(&report, REPORT_BYTES_MAX);
        if (!world_run(&w, &a.counts, &report, &e))
            _exit(1);
        a.report_bytes = report.count;
        if (!write_all(fd, &a, sizeof a) || !write_all(fd, report.bytes, report.count))
            _exit(1);
        buffer_release(&report);
    }
    _exit(0);
}

static int hear(int fd, void (*each)(const struct buffer *report),
                struct world_counts *counts, struct err *e)
{
    struct answer a;
    struct buffer report;
    char *bytes;
    int rc = -1;

    if (!read_all(fd, &a, sizeof a))
        return err_set(e, ERR_FAILED, "a worker of the simulator has ended");
    bytes = malloc(a.report_bytes + 1);
    buffer_init(&report, REPORT_BYTES_MAX);
    if (bytes == NULL || !read_all(fd, bytes, a.report_bytes)) {
        (void)err_set(e, ERR_FAILED, "a worker of the simulator has ended");
    } else {
        buffer_append(&report, bytes, a.report_bytes);
        add(counts, &a.counts);
        each(&report);
        rc = 0;
    }
    buffer_release(&report);
    free(bytes);
    return rc;
}

int worlds_run(const struct world *w, uint64_t runs, unsigned jobs,
               void (*each)(const struct buffer *report), struct world_counts *counts,
               struct err *e)
{
    int fds[JOBS_MAX][2], rc = 0;
    pid_t children[JOBS_MAX];

    if (jobs <= 1)
        return run_here(w, runs, each, counts, e);
    if (jobs > JOBS_MAX)
        jobs = JOBS_MAX;
    for (unsigned i = 0; i < jobs; i++) {
        if (pipe(fds[i]) != 0 || (children[i] = fork()) < 0)
            return err_set_errno(e, ERR_FAILED, "simulator");
        if (children[i] == 0)
            work(w, runs, i, jobs, fds[i][1]);
        (void)close(fds[i][1]); /* so that a worker's end is an end */
    }
    for (uint64_t i = 0; rc == 0 && i < runs; i++)
        rc = hear(fds[i % jobs][0], each, counts, e);
    for (unsigned i = 0; i < jobs; i++) {
        (void)close(fds[i][0]); /* one that still writes ends by it */
        (void)waitpid(children[i], NULL, 0);
    }
    return rc;
}
