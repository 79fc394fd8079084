/* bench-copy: what a searchable copy costs. Pages are typeset and aged when the bench
 * runs, from a seed; each is read once, and then
 *
 *   the copy alone   picture and words of a page that is read into PDF/A, as `show --pdf`
 *                    does, one after the other, beside `ocrmypdf --tesseract-timeout 0`,
 *                    which makes PDF/A of the same scan and reads nothing
 *   all of it        `tram-ocr --format pdf` of one page, beside `ocrmypdf -l vie`
 *
 * one process at a time. Prints Markdown. A peer that is not there is left out, and said
 * so. Exit 0: every copy took at most a second and holds its scan's own bytes; 1: not; 2:
 * the words make no sense; 3: it failed.
 *
 *   build/release/bench-copy [--count N] [--seed N] [--age AGE] [--dpi N] */
#include <fcntl.h>
#include <getopt.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/random.h"
#include "ocr/run_copy.h"
#include "tests/bench/task.h"

#define SEEDS         1000000000ull
#define SECONDS_BOUND 1.0
#define FILE_BYTES    (256u << 20)

enum way { COPY_OURS, COPY_PEER, ALL_OURS, ALL_PEER, WAYS };

struct figures {
    double sum_s, worst_s;
    uint64_t bytes;      /* of the PDFs */
    unsigned count, own; /* own: that hold the scan's bytes */
};

struct copying {
    unsigned long long seed;
    const char *count, *age, *dpi;
    char dir[DISK_PATH_BYTES], ocr[DISK_PATH_BYTES], pages[DISK_PATH_BYTES];
    char out[DISK_PATH_BYTES];
    struct ocr_client *client;
    uint64_t scan_bytes;
    struct figures figures[WAYS];
};

static double now_s(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Notes a PDF that lies at c->out. */
static int note(struct copying *c, enum way w, double took_s, const struct buffer *scan,
                struct err *e)
{
    struct figures *f = &c->figures[w];
    struct buffer pdf;
    int rc;

    buffer_init(&pdf, FILE_BYTES);
    rc = disk_read_all(disk_system(), c->out, &pdf, e);
    if (rc == 0) {
        f->sum_s += took_s;
        f->worst_s = took_s > f->worst_s ? took_s : f->worst_s;
        f->bytes += pdf.count;
        f->count++;
        f->own += memmem(pdf.bytes, pdf.count, scan->bytes, scan->count) != NULL;
    }
    buffer_release(&pdf);
    return rc;
}

/* ----------------------------------------------------------------- the copy alone */

static int make_copy(struct copying *c, int fd, const struct reading *r, int out,
                     struct err *e)
{
    enum refusal refusal = REFUSAL_NONE;
    struct run_copy copy;
    int rc = run_copy_begin(&copy, e);

    if (rc == 0)
        rc = run_copy_page(&copy, c->client, fd, 0, r, &refusal, e);
    if (rc == 0 && refusal == REFUSAL_NONE)
        rc = run_copy_finish(&copy, c->client, out, &refusal, e);
    run_copy_release(&copy);
    if (rc == 0 && refusal != REFUSAL_NONE)
        rc = err_set(e, ERR_FAILED, "no copy: %s", refusal_name(refusal));
    return rc;
}

static int time_copy(struct copying *c, int fd, const struct buffer *scan, struct err *e)
{
    int out = open(c->out, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), rc = -1;
    struct reading r = {0};
    double began;

    if (out < 0)
        return err_set_errno(e, ERR_IO, "%s", c->out);
    if (ocr_read(c->client, fd, 0, 0, &r, e) == 0) {
        began = now_s();
        rc = make_copy(c, fd, &r, out, e);
        if (rc == 0)
            rc = note(c, COPY_OURS, now_s() - began, scan, e);
    }
    reading_release(&r);
    (void)close(out);
    return rc;
}

/* -------------------------------------------------------------- programs to their end */

/* A program that is not there, or cannot do this page, has one page fewer. */
static int time_task(struct copying *c, enum way w, struct task *t,
                     const struct buffer *scan, struct err *e)
{
    double wall_s;

    (void)unlink(c->out);
    if (tasks_run(t, 1, 1, &wall_s, e) != 0)
        return -1;
    return t->status != 0 ? 0 : note(c, w, wall_s, scan, e);
}

static int time_page(struct copying *c, const char *path, struct err *e)
{
    struct task bare = {.words = {"ocrmypdf", "--tesseract-timeout", "0", "--output-type",
                                  "pdfa-2", "-j1", "-l", "vie", "-q", path, c->out}},
                ours = {.words = {c->ocr, "--jobs", "1", "--format", "pdf", path},
                        .out_path = c->out},
                peer = {.words = {"ocrmypdf", "--output-type", "pdfa-2", "-j1", "-l",
                                  "vie", "-q", path, c->out}};
    struct buffer scan;
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;

    if (fd < 0)
        return err_set_errno(e, ERR_IO, "%s", path);
    buffer_init(&scan, FILE_BYTES);
    if (buffer_read_fd(&scan, fd, e) == 0 && time_copy(c, fd, &scan, e) == 0 &&
        time_task(c, COPY_PEER, &bare, &scan, e) == 0 &&
        time_task(c, ALL_OURS, &ours, &scan, e) == 0)
        rc = time_task(c, ALL_PEER, &peer, &scan, e);
    c->scan_bytes += scan.count;
    buffer_release(&scan);
    (void)close(fd);
    return rc;
}

/* -------------------------------------------------------------------------- the run */

static int typeset(struct copying *c, struct err *e)
{
    char seed[24];
    struct task t = {.words = {c->pages, "--seed", seed, "--count", c->count, "--age",
                               c->age, "--dpi", c->dpi, "--format", "jpg", "--out",
                               c->dir}};
    double wall_s;

    (void)snprintf(seed, sizeof seed, "%llu", c->seed);
    if (tasks_run(&t, 1, 1, &wall_s, e) != 0)
        return -1;
    return t.status == 0 ? 0
                         : err_set(e, ERR_FAILED, "tram-pages ended with %d", t.status);
}

static int time_all(struct copying *c, struct err *e)
{
    char pattern[DISK_PATH_BYTES];
    glob_t found = {0};
    int rc = disk_path(pattern, e, "%s/*.jpg", c->dir);

    if (rc == 0 && glob(pattern, 0, NULL, &found) != 0)
        rc = err_set(e, ERR_FAILED, "no pages in %s", c->dir);
    for (size_t i = 0; i < found.gl_pathc && rc == 0; i++)
        rc = time_page(c, found.gl_pathv[i], e);
    globfree(&found);
    return rc;
}

static void print_row(const struct copying *c, const char *name, enum way w)
{
    const struct figures *f = &c->figures[w];

    if (f->count == 0)
        printf("| %s | 0 | not there | | | |\n", name);
    else
        printf("| %s | %u | %.3f | %.3f | %.0f | %u |\n", name, f->count,
               f->sum_s / f->count, f->worst_s, (double)f->bytes / f->count / 1e3,
               f->own);
}

/* How many bounds were missed. */
static unsigned print_all(const struct copying *c)
{
    const struct figures *f = &c->figures[COPY_OURS];
    unsigned missed = (f->worst_s > SECONDS_BOUND) + (f->own < f->count);

    printf("%u pages, %s, %s dpi, JPEG, seed %llu; a scan is %.0f kB\n\n", f->count,
           c->age, c->dpi, c->seed,
           f->count == 0 ? 0.0 : (double)c->scan_bytes / f->count / 1e3);
    printf(
        "| what | pages | s a page | the slowest | kB a page | hold the scan's bytes |\n"
        "| --- | --- | --- | --- | --- | --- |\n");
    print_row(c, "the copy of a page that is read (≤ 1 s)", COPY_OURS);
    print_row(c, "ocrmypdf, nothing read", COPY_PEER);
    print_row(c, "tram-ocr --format pdf", ALL_OURS);
    print_row(c, "ocrmypdf -l vie", ALL_PEER);
    return missed;
}

static int options_read(struct copying *c, int argc, char **argv)
{
    static const struct option known[] = {{"seed", 1, NULL, 's'},
                                          {"count", 1, NULL, 'c'},
                                          {"age", 1, NULL, 'a'},
                                          {"dpi", 1, NULL, 'd'},
                                          {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
        switch (option) {
        case 's':
            c->seed = strtoull(optarg, NULL, 10);
            break;
        case 'c':
            c->count = optarg;
            break;
        case 'a':
            c->age = optarg;
            break;
        case 'd':
            c->dpi = optarg;
            break;
        default:
            return -1;
        }
    return optind == argc ? 0 : -1;
}

static int run(struct copying *c, struct err *e)
{
    const struct ocr_options o = {.program = c->ocr, .jobs = 1};
    char made[] = "/tmp/bench-copy-XXXXXX";
    const char *build = getenv("TRAM_BUILD");
    int rc = -1;

    if (build == NULL)
        build = "build/release";
    if (mkdtemp(made) == NULL)
        return err_set_errno(e, ERR_IO, "%s", made);
    if (disk_path(c->dir, e, "%s", made) == 0 &&
        disk_path(c->out, e, "%s/out.pdf", made) == 0 &&
        disk_path(c->ocr, e, "%s/tram-ocr", build) == 0 &&
        disk_path(c->pages, e, "%s/tram-pages", build) == 0 &&
        ocr_client_create(&c->client, &o, e) == 0)
        rc = typeset(c, e) == 0 ? time_all(c, e) : -1;
    ocr_client_destroy(c->client);
    return rc;
}

static void tidy(struct copying *c)
{
    struct task t = {.words = {"rm", "-rf", c->dir}};
    struct err ignored; /* it is below /tmp */
    double wall_s;

    if (c->dir[0] != '\0')
        (void)tasks_run(&t, 1, 1, &wall_s, &ignored);
}

int main(int argc, char **argv)
{
    struct copying c = {.seed = random_below(random_system(), SEEDS),
                        .count = "12",
                        .age = "office",
                        .dpi = "300"};
    struct err e;
    int rc;

    if (options_read(&c, argc, argv) != 0) {
        (void)fputs("bench-copy [--count N] [--seed N] [--age AGE] [--dpi N]\n", stderr);
        return 2;
    }
    rc = run(&c, &e);
    tidy(&c);
    if (rc != 0) {
        (void)fprintf(stderr, "bench-copy: %s\n", e.text);
        return 3;
    }
    return print_all(&c) == 0 ? 0 : 1;
}
