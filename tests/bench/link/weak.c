/* Payload in the up-time. Each run has a net of its own, and many run side by side: it
 * is time that is measured, and next to no processor that is used. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/wait.h>

#include "tests/bench/link/emulator.h"
#include "tests/bench/link/parts.h"

#define BEFORE_MS   10000 /* down, with all at work, before the first window */
#define SETTLE_MS   10000 /* of the run without outages: before it is measured */
#define LOOK_MS     1000
#define SHARE_MIN   0.95 /* of the same stack's goodput without outages … */
#define UP_USED_S   1.2  /* … but two round trips a window */
#define BESIDE_MIN  1.03 /* of streaming resume */
#define LOST_MAX    (4096 + 200)
#define JOBS_MAX    256
#define PAPER_BYTES 24000000 /* more than 610 s at 256 kbit/s carry */

struct job {
    enum road_kind road;
    bool outages;
    unsigned rate;
    double loss;
    pid_t pid;
    /* What the child found: */
    bool done;
    double bytes_s; /* without outages: a second; with them: a second of up-time */
    struct road_breaks breaks;
    char why[128];
};

struct weak {
    const struct link_plan *plan;
    struct seed seed;
    struct job *jobs; /* shared with the children */
    size_t count;
};

/* ------------------------------------------------------------------------ a run */

struct run {
    const struct link_plan *plan;
    struct job *job;
    struct net net;
    struct emulator *link;
    struct road road;
};

static void steady(struct run *r)
{
    int64_t from_ms, took_ms;
    uint64_t before;

    emulator_up(r->link);
    place_sleep_ms(SETTLE_MS);
    before = road_delivered(&r->road);
    from_ms = place_now_ms();
    place_sleep_ms((int64_t)r->plan->steady_s * 1000);
    took_ms = place_now_ms() - from_ms;
    r->job->bytes_s =
        (double)(road_delivered(&r->road) - before) * 1000 / (double)took_ms;
}

static int with_outages(struct run *r, struct err *e)
{
    int64_t next_ms = place_now_ms();

    for (unsigned i = 0; i < r->plan->cycles; i++) {
        emulator_up(r->link);
        if (r->plan->new_address && net_box_address(&r->net, i + 1, e) != 0)
            return -1;
        next_ms += (int64_t)r->plan->up_s * 1000;
        place_sleep_ms(next_ms - place_now_ms());
        emulator_down(r->link);
        if (i + 1 == r->plan->cycles)
            break;
        next_ms += (int64_t)r->plan->down_s * 1000;
        place_sleep_ms(next_ms - place_now_ms());
    }
    place_sleep_ms(LOOK_MS);
    road_end(&r->road);
    r->job->bytes_s =
        (double)road_kept(&r->road) / ((double)r->plan->up_s * (double)r->plan->cycles);
    return 0;
}

static int begin(struct run *r, const struct seed *s, size_t number, struct err *e)
{
    const struct emulator_plan link = {.rate_bit_s = r->job->rate,
                                       .delay_ms = r->plan->delay_ms,
                                       .loss = r->job->loss / 100,
                                       .seed = r->plan->seed + number};
    char dir[DISK_PATH_BYTES];

    if (net_create(&r->net, e) != 0 || emulator_start(&r->link, &r->net, &link, e) != 0 ||
        disk_path(dir, e, "%s/run-%zu", r->plan->scratch, number) != 0 ||
        road_begin(&r->road, r->job->road, s, &r->net, dir, e) != 0)
        return -1;
    place_sleep_ms(BEFORE_MS);
    return 0;
}

static void become_run(const struct weak *w, size_t number)
{
    struct run r = {.plan = w->plan, .job = &w->jobs[number]};
    struct err e = {0};
    int rc = begin(&r, &w->seed, number, &e);

    if (rc == 0 && r.job->outages)
        rc = with_outages(&r, &e);
    else if (rc == 0)
        steady(&r);
    road_end(&r.road);
    if (rc == 0)
        road_breaks(&r.road, &r.job->breaks);
    emulator_stop(r.link);
    (void)snprintf(r.job->why, sizeof r.job->why, "%.127s", e.text);
    r.job->done = rc == 0;
    _exit(0);
}

/* ------------------------------------------------------------------------- jobs */

static void add_jobs(struct weak *w)
{
    const struct link_plan *p = w->plan;

    for (size_t i = 0; i < p->rates_count; i++)
        for (size_t k = 0; k < p->losses_count; k++)
            for (int road = 0; road < ROADS; road++)
                for (int outages = 0; outages < 2 && w->count < JOBS_MAX; outages++)
                    if (p->roads[road] && road_is_there((enum road_kind)road))
                        w->jobs[w->count++] = (struct job){.road = (enum road_kind)road,
                                                           .outages = outages == 1,
                                                           .rate = p->rates[i],
                                                           .loss = p->losses[k]};
}

static void run_jobs(struct weak *w)
{
    size_t next = 0, running = 0;

    while (next < w->count || running > 0) {
        if (next < w->count && running < w->plan->at_once) {
            pid_t pid = fork();

            if (pid == 0)
                become_run(w, next);
            next++;
            running += pid > 0;
            continue;
        }
        if (wait(NULL) > 0)
            running--;
    }
}

static const struct job *find(const struct weak *w, enum road_kind road, bool outages,
                              unsigned rate, double loss)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->jobs[i].road == road && w->jobs[i].outages == outages &&
            w->jobs[i].rate == rate && w->jobs[i].loss == loss)
            return w->jobs[i].done ? &w->jobs[i] : NULL;
    return NULL;
}

/* ------------------------------------------------------------------------ table */

static const char *verdict(bool kept, unsigned *missed)
{
    *missed += kept ? 0 : 1;
    return kept ? "ok" : "MISSED";
}

static double percent_of_rate(const struct job *j)
{
    return j->bytes_s * 8 * 100 / j->rate;
}

static void print_ours(const struct weak *w, const struct job *up, const struct job *all,
                       unsigned *missed)
{
    const struct job *resume = find(w, ROAD_RESUME, true, up->rate, up->loss);
    double used = ((double)w->plan->up_s - UP_USED_S) / w->plan->up_s;
    double share = all == NULL ? 0 : up->bytes_s / (all->bytes_s * used);
    unsigned breaks = up->breaks.breaks == 0 ? 1 : up->breaks.breaks;

    printf(" %.3f (≥ %.2f) %s |", share, SHARE_MIN, verdict(share >= SHARE_MIN, missed));
    if (resume == NULL || resume->bytes_s <= 0)
        printf(" |");
    else
        printf(" %.3f (≥ %.2f) %s |", up->bytes_s / resume->bytes_s, BESIDE_MIN,
               verdict(up->bytes_s / resume->bytes_s >= BESIDE_MIN, missed));
    printf(" %llu, at most %llu (≤ %d) %s |\n",
           (unsigned long long)(up->breaks.lost_bytes / breaks),
           (unsigned long long)up->breaks.lost_bytes_most, LOST_MAX,
           verdict(up->breaks.lost_bytes_most <= LOST_MAX, missed));
}

static void print_row(const struct weak *w, enum road_kind road, unsigned rate,
                      double loss, unsigned *missed)
{
    const struct job *all = find(w, road, false, rate, loss);
    const struct job *up = find(w, road, true, rate, loss);

    printf("| %u kbit/s, %.0f %% | %s |", rate / 1000, loss, road_name(road));
    if (all == NULL)
        printf(" |");
    else
        printf(" %.1f |", percent_of_rate(all));
    if (up == NULL) {
        printf(" | | | |\n");
        return;
    }
    printf(" %.1f |", percent_of_rate(up));
    if (road == ROAD_OURS)
        print_ours(w, up, all, missed);
    else if (all == NULL || all->bytes_s <= 0)
        printf(" | | |\n");
    else
        printf(" %.3f | | |\n",
               up->bytes_s /
                   (all->bytes_s * (w->plan->up_s - UP_USED_S) / w->plan->up_s));
}

static void print_table(const struct weak *w, unsigned *missed)
{
    const struct link_plan *p = w->plan;

    printf("\n## Weak link: up %u s, down %u s, %u times; %s\n\n"
           "Payload, per cent of the rate: all the time, and in the up-time.\n\n"
           "| link | road | no outages | up-time | share of its own | beside resume | "
           "bytes lost a break |\n| --- | --- | --- | --- | --- | --- | --- |\n",
           p->up_s, p->down_s, p->cycles,
           p->new_address ? "another address each time" : "old flows dead, nobody told");
    for (size_t i = 0; i < p->rates_count; i++)
        for (size_t k = 0; k < p->losses_count; k++)
            for (int road = 0; road < ROADS; road++)
                if (p->roads[road])
                    print_row(w, (enum road_kind)road, p->rates[i], p->losses[k], missed);
    for (int road = 0; road < ROADS; road++)
        if (p->roads[road] && !road_is_there((enum road_kind)road))
            printf("- %s is not installed here: left out\n",
                   road_name((enum road_kind)road));
    for (size_t i = 0; i < w->count; i++)
        if (!w->jobs[i].done)
            printf("- %s failed: %s\n", road_name(w->jobs[i].road), w->jobs[i].why);
}

int part_weak(const struct link_plan *p, unsigned *missed, struct err *e)
{
    struct weak w = {.plan = p, .seed = {.papers = 1, .paper_bytes = PAPER_BYTES}};

    if (disk_path(w.seed.dir, e, "%s/weak", p->scratch) != 0 ||
        disk_path(w.seed.build, e, "%s", p->build) != 0 || seed_make(&w.seed, e) != 0)
        return -1;
    w.jobs = mmap(NULL, JOBS_MAX * sizeof *w.jobs, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (w.jobs == MAP_FAILED)
        return err_set_errno(e, ERR_MEMORY, "jobs");
    add_jobs(&w);
    run_jobs(&w);
    print_table(&w, missed);
    (void)munmap(w.jobs, JOBS_MAX * sizeof *w.jobs);
    return 0;
}
