#include "tests/bench/link/seed.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "tests/bench/link/emulator.h"

#define WORDS_MAX   12
#define STOP_MS     5000
#define READY_TURNS 500
#define READY_MS    20
#define PAPER_EXTRA 1024 /* of a PDF, around the noise */

/* ---------------------------------------------------------------------- papers */

static void pdf_object(struct buffer *b, size_t *at, const char *text)
{
    *at = b->count;
    buffer_append_text(b, text);
}

/* An empty page; behind it `count` bytes that nobody shows. */
static void make_pdf(struct buffer *b, uint64_t count, struct random *r)
{
    unsigned char noise[4096];
    size_t at[5];

    buffer_append_text(b, "%PDF-1.4\n");
    pdf_object(b, &at[1], "1 0 obj<</Type/Catalog/Pages 2 0 R/Extra 4 0 R>>endobj\n");
    pdf_object(b, &at[2], "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n");
    pdf_object(b, &at[3],
               "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]"
               "/Resources<<>>>>endobj\n");
    pdf_object(b, &at[4], "4 0 obj");
    buffer_append_format(b, "<</Length %llu>>stream\n", (unsigned long long)count);
    for (uint64_t left = count; left > 0;) {
        size_t some = left < sizeof noise ? (size_t)left : sizeof noise;

        r->fill(r, noise, some);
        buffer_append(b, noise, some);
        left -= some;
    }
    buffer_append_text(b, "\nendstream endobj\n");
    at[0] = b->count;
    buffer_append_text(b, "xref\n0 5\n0000000000 65535 f \n");
    for (int i = 1; i < 5; i++)
        buffer_append_format(b, "%010zu 00000 n \n", at[i]);
    buffer_append_format(b, "trailer<</Size 5/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n",
                         at[0]);
}

static int make_paper(const struct seed *s, unsigned number, struct random *r,
                      struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct buffer b;
    int rc = -1;

    buffer_init(&b, s->paper_bytes + PAPER_EXTRA);
    make_pdf(&b, s->paper_bytes, r);
    if (buffer_check(&b, e) == 0 &&
        disk_path(path, e, "%s/papers/%u.pdf", s->dir, number) == 0)
        rc = disk_replace(disk_system(), path, b.bytes, b.count, e);
    buffer_release(&b);
    return rc;
}

static int make_papers(const struct seed *s, struct err *e)
{
    struct random_seeded r;
    char dir[DISK_PATH_BYTES];

    random_seeded_init(&r, 1);
    if (disk_path(dir, e, "%s/papers", s->dir) != 0 ||
        disk_make_dirs(disk_system(), dir, e) != 0)
        return -1;
    for (unsigned i = 0; i < s->papers; i++)
        if (make_paper(s, i, &r.random, e) != 0)
            return err_wrap(e, "paper %u", i);
    return 0;
}

int seed_paper(const struct seed *s, char out[DISK_PATH_BYTES], struct err *e)
{
    return disk_path(out, e, "%s/papers/0.pdf", s->dir);
}

/* --------------------------------------------------------------------- programs */

/* PROGRAM --data DIR/NAME WORDS… */
struct command {
    char program[DISK_PATH_BYTES], data[DISK_PATH_BYTES], out[DISK_PATH_BYTES];
    const char *words[WORDS_MAX + 4];
};

static int command_make(struct command *c, const struct seed *s, const char *dir,
                        const char *name, const char *const *words, struct err *e)
{
    size_t n = 0;

    if (disk_path(c->program, e, "%s/tram-%s", s->build, name) != 0 ||
        disk_path(c->data, e, "%s/%s", dir, name) != 0 ||
        disk_path(c->out, e, "%s/%s.out", dir, name) != 0)
        return -1;
    c->words[n++] = c->program;
    c->words[n++] = "--data";
    c->words[n++] = c->data;
    for (size_t i = 0; words[i] != NULL && n < WORDS_MAX + 3; i++)
        c->words[n++] = words[i];
    c->words[n] = NULL;
    return 0;
}

static int run(const struct seed *s, const struct net *n, const char *dir,
               const char *name, const char *const *words, struct err *e)
{
    enum net_end end = strcmp(name, "box") == 0 ? NET_BOX : NET_CENTRE;
    struct command c;

    if (command_make(&c, s, dir, name, words, e) != 0)
        return -1;
    return place_run(n, end, c.out, c.words, e);
}

int seed_copy(struct pair_running *out, const struct seed *s, const struct net *n,
              const char *dir, struct err *e)
{
    char from[DISK_PATH_BYTES];

    *out = (struct pair_running){.seed = s, .net = n};
    if (disk_path(out->dir, e, "%s", dir) != 0 ||
        disk_make_dirs(disk_system(), dir, e) != 0 ||
        disk_path(from, e, "%s/centre", s->dir) != 0 || place_copy(from, dir, e) != 0 ||
        disk_path(from, e, "%s/box", s->dir) != 0)
        return -1;
    return place_copy(from, dir, e);
}

static int start(struct pair_running *p, const char *name, const char *const *words,
                 pid_t *pid, struct err *e)
{
    enum net_end end = strcmp(name, "box") == 0 ? NET_BOX : NET_CENTRE;
    struct command c;

    if (command_make(&c, p->seed, p->dir, name, words, e) != 0)
        return -1;
    (void)unlink(c.out); /* what it said before is no sign that it serves */
    *pid = place_start(p->net, end, c.out, c.words);
    return *pid > 0 ? 0 : err_set_errno(e, ERR_FAILED, "tram-%s", name);
}

/* Both say on standard output where they serve, when they do. */
static int wait_ready(const struct pair_running *p, const char *name, struct err *e)
{
    char path[DISK_PATH_BYTES];

    if (disk_path(path, e, "%s/%s.out", p->dir, name) != 0)
        return -1;
    for (int i = 0; i < READY_TURNS; i++) {
        if (place_bytes(path) > 0)
            return 0;
        place_sleep_ms(READY_MS);
    }
    return err_set(e, ERR_FAILED, "tram-%s does not serve: see %s.err", name, path);
}

int seed_start_centre(struct pair_running *p, struct err *e)
{
    static const char *const words[] = {"serve", "--listen",
                                        NET_CENTRE_HOST ":" SEED_PORT, NULL};

    if (start(p, "centre", words, &p->centre, e) != 0)
        return -1;
    return wait_ready(p, "centre", e);
}

int seed_start_box(struct pair_running *p, const char *word, struct err *e)
{
    const char *const serve[] = {"serve", "--listen", "127.0.0.1:0", NULL};
    const char *const sync[] = {"sync", NULL};
    bool serves = strcmp(word, "serve") == 0;

    if (start(p, "box", serves ? serve : sync, &p->box, e) != 0)
        return -1;
    return serves ? wait_ready(p, "box", e) : 0;
}

int seed_box(const struct pair_running *p, const char *const *words, struct err *e)
{
    return run(p->seed, p->net, p->dir, "box", words, e);
}

void seed_stop(struct pair_running *p)
{
    place_end(p->box, STOP_MS);
    place_end(p->centre, STOP_MS);
    p->box = p->centre = 0;
}

/* ----------------------------------------------------------------------- making */

static int enrol(const struct seed *s, struct err *e)
{
    char file[DISK_PATH_BYTES];
    const char *const init[] = {"init", "--name", "Tỉnh Đo", NULL};
    const char *const give[] = {
        "enrol", "--site", "Xã Đo", "--url", "https://" NET_CENTRE_HOST ":" SEED_PORT,
        "--out", file,     NULL};
    const char *const take[] = {"init", "--enrol", file, NULL};

    if (disk_path(file, e, "%s/enrolment.json", s->dir) != 0 ||
        run(s, NULL, s->dir, "centre", init, e) != 0 ||
        run(s, NULL, s->dir, "centre", give, e) != 0)
        return -1;
    return run(s, NULL, s->dir, "box", take, e);
}

/* The claim is made, so that no run has to. */
static int meet(const struct seed *s, struct err *e)
{
    static const char *const once[] = {"sync", "--once", NULL};
    static const struct emulator_plan fast = {.rate_bit_s = 100000000, .delay_ms = 1};
    struct pair_running p = {.seed = s};
    struct emulator *m = NULL;
    struct net n;
    int rc = -1;

    if (net_create(&n, e) != 0)
        return -1;
    p.net = &n;
    if (disk_path(p.dir, e, "%s", s->dir) == 0 && emulator_start(&m, &n, &fast, e) == 0) {
        emulator_up(m);
        if (seed_start_centre(&p, e) == 0)
            rc = seed_box(&p, once, e);
    }
    seed_stop(&p);
    emulator_stop(m);
    net_release(&n);
    return rc;
}

int seed_make(const struct seed *s, struct err *e)
{
    char papers[DISK_PATH_BYTES];
    const char *const intake[] = {"intake", papers, NULL};

    if (disk_make_dirs(disk_system(), s->dir, e) != 0 || enrol(s, e) != 0 ||
        meet(s, e) != 0)
        return err_wrap(e, "seed");
    if (s->papers == 0)
        return 0;
    if (make_papers(s, e) != 0 || disk_path(papers, e, "%s/papers", s->dir) != 0 ||
        run(s, NULL, s->dir, "box", intake, e) != 0)
        return err_wrap(e, "seed");
    return 0;
}
