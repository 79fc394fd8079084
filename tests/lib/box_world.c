#include "tests/lib/box_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "appliance/verify.h"
#include "schema/search/search.h"
#include "schema/statements.h"
#include "tests/lib/store_template.h"

#define FIRST_PID 100

static bool holder_alive(const char *boot_id, int64_t pid, int64_t started, void *arg)
{
    const struct box_world *w = arg;

    (void)started;
    return strcmp(boot_id, w->holder.boot_id) == 0 && pid != w->dead_pid;
}

static void new_process(struct box_world *w)
{
    w->holder.pid++;
    w->holder.started = w->holder.pid * 10;
    w->clock.clock.boot_id(&w->clock.clock, w->holder.boot_id);
    reader_fake_release(&w->reader);
}

void world_create(struct box_world *w, uint64_t seed)
{
    *w = (struct box_world){.page_ms = 500};
    clock_manual_init(&w->clock, 1);
    w->clock.mono_ms_now = 1000;
    w->clock.wall_ms_now = 1767225600000; /* 2026-01-01 */
    w->clock.confidence = WALL_SYSTEM;
    w->holder = (struct lease_holder){.pid = FIRST_PID, .alive = holder_alive, .arg = w};
    reader_fake_init(&w->reader, 2);
    new_process(w);
    must(store_template_make(&w->err), &w->err);
    must(disk_sim_create(&w->disk, seed, &w->err), &w->err);
}

void world_destroy(struct box_world *w)
{
    world_close(w);
    reader_fake_release(&w->reader);
    disk_sim_destroy(w->disk);
    w->disk = NULL;
}

int world_init(struct box_world *w, struct err *e)
{
    struct store_identity who = {.site = SITE_DEMO, .epoch = 1, .name = "Xã Thử"};

    if (store_template_lay(w->disk, WORLD_DIR, e) != 0)
        return -1;
    return box_init(w->disk, &w->clock.clock, WORLD_DIR, &who, e);
}

int world_open(struct box_world *w, struct err *e)
{
    return box_open(&w->box, w->disk, &w->clock.clock, WORLD_DIR, &w->reader.reader, e);
}

void world_close(struct box_world *w)
{
    box_close(w->box);
    w->box = NULL;
    w->afterwards = (struct afterwards){0};
}

void world_start(struct box_world *w)
{
    world_create(w, 1);
    must(world_init(w, &w->err), &w->err);
    must(world_open(w, &w->err), &w->err);
}

void world_power_cut(struct box_world *w)
{
    world_close(w);
    disk_sim_power_cut(w->disk);
    w->clock.boot++;
    w->clock.mono_ms_now = 1000;
    new_process(w);
}

void world_kill(struct box_world *w)
{
    struct disk_sim_faults none = {0};

    world_close(w);
    disk_sim_set_faults(w->disk, &none);
    w->dead_pid = w->holder.pid;
    new_process(w);
}

/* -------------------------------------------------------------------- intake */

int world_tell(void *arg, const struct intake_result *r, struct err *e)
{
    struct box_world *w = arg;
    struct world_told *t = &w->told[w->told_count];

    if (w->told_count == WORLD_TOLD_MAX)
        return err_set(e, ERR_FAILED, "the test remembers no more results");
    *t = (struct world_told){.state = r->state,
                             .document = r->document,
                             .pages = r->pages,
                             .sha256 = r->sha256};
    (void)snprintf(t->file, sizeof t->file, "%s", r->file);
    (void)snprintf(t->reason, sizeof t->reason, "%s", r->reason != NULL ? r->reason : "");
    w->told_count++;
    return 0;
}

const struct world_told *world_told(const struct box_world *w, const char *file)
{
    for (size_t n = w->told_count; n > 0; n--)
        if (strcmp(w->told[n - 1].file, file) == 0)
            return &w->told[n - 1];
    return NULL;
}

/* In small pieces, so that a file is more than one call. */
static int add_in_pieces(struct intake *i, const char *paper, struct err *e)
{
    size_t left = strlen(paper);

    while (left > 0) {
        size_t piece = left < 700 ? left : 700;

        if (intake_add(i, paper, piece, e) != 0)
            return -1;
        paper += piece;
        left -= piece;
    }
    return 0;
}

int world_take_as(struct box_world *w, const char *file, const char *paper,
                  const char *dossier, const char *type, struct err *e)
{
    struct intake_options o = {
        .dossier = dossier, .type = type, .each = world_tell, .arg = w};
    struct intake *i = NULL;
    int rc = -1;

    if (intake_create(&i, w->box, &o, e) != 0)
        return -1;
    if (intake_begin(i, file, e) == 0 && add_in_pieces(i, paper, e) == 0)
        rc = intake_end(i, e);
    intake_destroy(i);
    return rc;
}

int world_take(struct box_world *w, const char *file, const char *paper, struct err *e)
{
    return world_take_as(w, file, paper, NULL, NULL, e);
}

int world_resume(struct box_world *w, struct err *e)
{
    struct intake_options o = {.each = world_tell, .arg = w};
    struct intake *i = NULL;
    int rc;

    if (intake_create(&i, w->box, &o, e) != 0)
        return -1;
    rc = intake_resume(i, e);
    intake_destroy(i);
    return rc;
}

/* ------------------------------------------------------------ reading, import */

static int page_took_time(void *arg, const struct queue_progress *p)
{
    struct box_world *w = arg;

    (void)p;
    w->clock.mono_ms_now += w->page_ms;
    return 0;
}

int world_read(struct box_world *w, struct queue_progress *out, struct err *e)
{
    struct queue_run run = {.holder = w->holder, .progress = page_took_time, .arg = w};

    return queue_read_all(w->box, &run, out, e);
}

int world_afterwards(struct box_world *w, struct afterwards_counts *out, struct err *e)
{
    const struct afterwards_run run = {0};

    return afterwards_run(w->box, &w->afterwards, &run, out, e);
}

void world_enrol(struct box_world *w)
{
    struct store *s = w->box->store;

    must(store_write_begin(s, &w->err), &w->err);
    must(sql_run(store_db(s),
                 "INSERT INTO centre_link (one, province, url, centre_key, tls_key)"
                 " VALUES (1, 'Tỉnh', 'https://127.0.0.1', x'00', x'00')",
                 &w->err),
         &w->err);
    must(store_write_commit(s, NULL, &w->err), &w->err);
}

int world_import(struct box_world *w, const char *lines, struct import_counts *out,
                 struct err *e)
{
    struct import_options o = {.source = "thu", .arg = w};
    size_t bytes = strlen(lines);
    int fd = memfd_create("lines", MFD_CLOEXEC);
    int rc;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, lines, bytes), (ssize_t)bytes);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    rc = import_lines(w->box, fd, &o, out, e);
    (void)close(fd); /* memory */
    return rc;
}

/* ------------------------------------------------------------------- looking */

int64_t world_number(struct box_world *w, const char *sql)
{
    int64_t n = 0;

    must(sql_number(store_db(w->box->store), sql, &n, &w->err), &w->err);
    return n;
}

struct hits {
    unsigned count;
    uint64_t document;
};

static int on_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    struct hits *h = arg;

    (void)e;
    if (h->count++ == 0)
        h->document = hit->document;
    return 0;
}

unsigned world_search(struct box_world *w, const char *query, uint64_t *document)
{
    struct hits hits = {0};

    must(search_run(w->box->records, query, 50, on_hit, &hits, &w->err), &w->err);
    if (document != NULL)
        *document = hits.document;
    return hits.count;
}

static void on_problem(void *arg, const char *problem)
{
    char *first = arg;

    if (first[0] == '\0')
        (void)snprintf(first, 256, "%s", problem);
}

const char *world_problem(struct box_world *w)
{
    static char text[256];
    struct verify_sink sink = {.problem = on_problem, .arg = text};
    struct err e;

    text[0] = '\0';
    if (verify_box(w->box, &sink, &e) != 0)
        (void)snprintf(text, sizeof text, "%.200s", e.text);
    return text[0] == '\0' ? NULL : text;
}
