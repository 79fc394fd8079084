#include "tests/lib/link_world.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/queue.h"
#include "schema/search/search.h"
#include "schema/statements.h"
#include "tests/lib/store_template.h"

#define PAPER_BYTES_MAX (16u << 20)
#define WAIT_MS         10000
#define LOOK_MS         10

/* ------------------------------------------------------------------ the centre */

static void *serve(void *arg)
{
    struct link_world *w = arg;

    (void)centre_serve_run(w->serve, &w->thread_err);
    return NULL;
}

/* Listens, but does not serve yet: until then the centre is this thread's. */
static void open_centre(struct link_world *w)
{
    struct centre_serve_options o = {.listen = "127.0.0.1:0",
                                     .restorer = &w->restorer.restorer};
    uint16_t port;

    restorer_fake_init(&w->restorer);
    must(centre_open(&w->served, disk_system(), clock_system(), w->random, w->centre_dir,
                     &w->err),
         &w->err);
    o.centre = w->served;
    must(centre_serve_create(&w->serve, &o, &w->err), &w->err);
    port = (uint16_t)atoi(strrchr(centre_serve_address(w->serve), ':') + 1);
    if (w->wire == NULL)
        w->wire = wire_start(port);
    else
        wire_carry_to(w->wire, port);
}

static void start_serving(struct link_world *w)
{
    assert_int_equal(pthread_create(&w->thread, NULL, serve, w), 0);
}

void link_world_serve(struct link_world *w)
{
    open_centre(w);
    start_serving(w);
}

void link_world_stop_centre(struct link_world *w)
{
    if (w->serve == NULL)
        return;
    centre_serve_stop(w->serve);
    (void)pthread_join(w->thread, NULL);
    centre_serve_destroy(w->serve);
    centre_close(w->served);
    w->serve = NULL;
    w->served = NULL;
}

static void enrol(struct link_world *w)
{
    struct key_pair tls;
    char url[64];

    (void)snprintf(url, sizeof url, "%s://127.0.0.1:%u", w->plain ? "http" : "https",
                   wire_port(w->wire));
    must(key_pair_load(&tls, disk_system(), w->centre_dir, CENTRE_KEY_TLS, &w->err),
         &w->err);
    must(site_enrol(w->served, "Xã Thử", url, &tls.public_key, &w->enrolment, &w->err),
         &w->err);
}

struct centre *link_world_look(struct link_world *w)
{
    struct centre *c;

    must(
        centre_open(&c, disk_system(), clock_system(), w->random, w->centre_dir, &w->err),
        &w->err);
    return c;
}

static int take_hit(void *arg, const struct search_hit *hit, struct err *e)
{
    uint64_t *found = arg; /* count, best document */

    (void)e;
    if (found[0]++ == 0)
        found[1] = hit->document;
    return 0;
}

unsigned link_world_search(struct link_world *w, const char *query, uint64_t *document)
{
    struct centre *c = link_world_look(w);
    uint64_t found[2] = {0};

    must(search_run(c->records, query, 10, take_hit, found, &w->err), &w->err);
    centre_close(c);
    if (document != NULL)
        *document = found[1];
    return (unsigned)found[0];
}

void link_world_wait_applied(struct link_world *w, uint16_t site, uint64_t sequence)
{
    struct centre *c = link_world_look(w);
    struct site_row row = {0};
    bool found;

    for (int waited = 0; waited < WAIT_MS && row.applied < sequence; waited += LOOK_MS) {
        must(site_find(c, site, &row, &found, &w->err), &w->err);
        if (row.applied < sequence)
            (void)poll(NULL, 0, LOOK_MS);
    }
    centre_close(c);
    assert_true(row.applied >= sequence);
}

void link_world_wait_original(struct link_world *w, const struct hash *sha256)
{
    struct centre *c = link_world_look(w);
    bool there = false;

    for (int waited = 0; waited < WAIT_MS && !there; waited += LOOK_MS) {
        must(blob_check(c->blobs, sha256, &there, &w->err), &w->err);
        if (!there)
            (void)poll(NULL, 0, LOOK_MS);
    }
    centre_close(c);
    assert_true(there);
}

/* --------------------------------------------------------------------- the box */

struct box *link_world_make_box(struct link_world *w, const char *name,
                                const struct enrolment *f)
{
    struct store_identity who = {.site = f->site, .epoch = 1, .name = "Xã Thử"};
    struct key_pair key;
    struct box *b;
    char dir[160];

    (void)snprintf(dir, sizeof dir, "%s/%s", w->dir, name);
    must(store_template_lay(disk_system(), dir, &w->err), &w->err);
    must(box_init(disk_system(), clock_system(), dir, &who, &w->err), &w->err);
    key_pair_make(&key, w->random);
    must(key_pair_save(&key, disk_system(), dir, "box", &w->err), &w->err);
    must(box_open(&b, disk_system(), clock_system(), dir, &w->reader.reader, &w->err),
         &w->err);
    must(outbox_enrol(b, f, &w->err), &w->err);
    return b;
}

void link_world_start(struct link_world *w, bool plain)
{
    *w = (struct link_world){.plain = plain, .random = random_system()};
    (void)snprintf(w->dir, sizeof w->dir, "/tmp/tram-test-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    (void)snprintf(w->centre_dir, sizeof w->centre_dir, "%s/centre", w->dir);
    reader_fake_init(&w->reader, 1);
    must(store_template_make(&w->err), &w->err);
    must(store_template_lay(disk_system(), w->centre_dir, &w->err), &w->err);
    must(centre_init(disk_system(), clock_system(), w->random, w->centre_dir,
                     "Tỉnh Thử Nghiệm", &w->err),
         &w->err);
    open_centre(w);
    enrol(w);
    start_serving(w);
    w->box = link_world_make_box(w, "box", &w->enrolment);
}

void link_world_finish(struct link_world *w)
{
    char command[128];

    box_close(w->box);
    wire_stop(w->wire);
    link_world_stop_centre(w);
    reader_fake_release(&w->reader);
    /* A directory that mkdtemp() made for us. */
    (void)snprintf(command, sizeof command, "rm -rf '%s'", w->dir);
    assert_int_equal(system(command), 0);
}

static int take_result(void *arg, const struct intake_result *r, struct err *e)
{
    struct link_world *w = arg;

    (void)e;
    assert_int_equal(r->state, INTAKE_KEPT);
    w->taken = r->sha256;
    w->document = r->document;
    return 0;
}

static void write_paper(struct link_world *w, const char *text, size_t bytes,
                        struct buffer *out)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
                                 "QRSTUVWXYZ-_";
    uint8_t random[64];

    buffer_init(out, PAPER_BYTES_MAX);
    buffer_append_format(out, "fake jpeg\npage: %s\n", text);
    for (size_t n = 0; n < bytes; n += sizeof random) {
        w->random->fill(w->random, random, sizeof random);
        for (size_t i = 0; i < sizeof random; i++)
            buffer_append_byte(out, (uint8_t)digits[random[i] % 64]);
        buffer_append_byte(out, '\n');
    }
    buffer_append_text(out, "end\n");
    must(buffer_check(out, &w->err), &w->err);
}

void link_world_take(struct link_world *w, const char *text, size_t bytes)
{
    struct intake_options o = {.each = take_result, .arg = w};
    struct queue_run how = {0};
    struct queue_progress progress;
    struct intake *i = NULL;
    struct buffer paper;

    write_paper(w, text, bytes, &paper);
    must(intake_create(&i, w->box, &o, &w->err), &w->err);
    must(intake_begin(i, "paper.jpg", &w->err), &w->err);
    must(intake_add(i, paper.bytes, paper.count, &w->err), &w->err);
    must(intake_end(i, &w->err), &w->err);
    intake_destroy(i);
    buffer_release(&paper);
    lease_holder_self(&how.holder);
    must(queue_read_all(w->box, &how, &progress, &w->err), &w->err);
}

uint64_t link_world_last(struct link_world *w)
{
    int64_t last;

    must(sql_number(store_db(w->box->store), "SELECT max(sequence) FROM changelog", &last,
                    &w->err),
         &w->err);
    return (uint64_t)last;
}

struct agent_result link_world_sync(struct link_world *w, uint64_t bytes_out_max)
{
    struct agent_options o = {
        .box = w->box, .random = w->random, .once = true, .bytes_out_max = bytes_out_max};
    struct agent_result r;
    struct agent *a;

    must(agent_create(&a, &o, &w->err), &w->err);
    must(agent_run(a, &r, &w->err), &w->err);
    agent_destroy(a);
    return r;
}
