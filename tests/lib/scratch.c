#include "tests/lib/scratch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/statements.h"
#include "tests/lib/store_template.h"

static void start_clock(struct scratch *s)
{
    clock_manual_init(&s->clock, 1);
    s->clock.mono_ms_now = 1000;
    s->clock.wall_ms_now = 1767225600000; /* 2026-01-01 */
    s->clock.confidence = WALL_SYSTEM;
}

void scratch_dir(struct scratch *s)
{
    *s = (struct scratch){.on_disk = true, .disk = disk_system()};
    start_clock(s);
    (void)snprintf(s->dir, sizeof s->dir, "/tmp/tram-test-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
}

int scratch_on(struct scratch *s, struct disk *disk, struct err *e)
{
    *s = (struct scratch){.disk = disk};
    start_clock(s);
    (void)snprintf(s->dir, sizeof s->dir, "/box");
    return disk_make_dirs(disk, s->dir, e);
}

int scratch_init(struct scratch *s, struct err *e)
{
    struct store_identity who = {.site = SCRATCH_SITE, .epoch = 1, .name = "Xã Thử"};

    return store_init(s->disk, &s->clock.clock, s->dir, &who, e);
}

int scratch_open(struct scratch *s, struct err *e)
{
    if (store_open(&s->store, s->disk, &s->clock.clock, s->dir, e) != 0)
        return -1;
    if (records_create(&s->records, s->store, e) == 0)
        return 0;
    scratch_close(s);
    return -1;
}

void scratch_close(struct scratch *s)
{
    records_destroy(s->records);
    store_close(s->store);
    s->records = NULL;
    s->store = NULL;
}

void scratch_remove(struct scratch *s)
{
    DIR *d;

    scratch_close(s);
    d = s->on_disk ? opendir(s->dir) : NULL;
    if (d == NULL)
        return;
    for (struct dirent *f; (f = readdir(d)) != NULL;)
        (void)unlinkat(dirfd(d), f->d_name, 0); /* "." and ".." stay */
    (void)closedir(d);
    (void)rmdir(s->dir);
}

void scratch_start(struct scratch *s)
{
    scratch_dir(s);
    must(store_template_make(&s->err), &s->err);
    must(store_template_lay(s->disk, s->dir, &s->err), &s->err);
    must(scratch_init(s, &s->err), &s->err);
    must(scratch_open(s, &s->err), &s->err);
}

struct problems {
    const char *what;
    const char *words; /* looked for */
    unsigned count;
    bool told;
};

static void on_problem(void *arg, const char *problem)
{
    struct problems *p = arg;

    if (p->count++ == 0 && p->what != NULL)
        print_message("%s: %s\n", p->what, problem);
    if (p->words != NULL && strstr(problem, p->words) != NULL)
        p->told = true;
}

unsigned scratch_problems(struct scratch *s, const char *what)
{
    struct problems p = {.what = what};

    must(store_verify(s->store, NULL, on_problem, &p, &s->err), &s->err);
    return p.count;
}

bool scratch_problem_told(struct scratch *s, const char *words)
{
    struct problems p = {.words = words};

    must(store_verify(s->store, NULL, on_problem, &p, &s->err), &s->err);
    return p.told;
}

int64_t scratch_number(struct scratch *s, const char *sql)
{
    int64_t n = 0;

    must(sql_number(store_db(s->store), sql, &n, &s->err), &s->err);
    return n;
}
