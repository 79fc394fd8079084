/* bench-fields: what ocr/fields/ draws from papers that tram-pages typesets when the
 * bench runs, from a seed that nobody has seen, read by our own reader. Prints
 * Markdown. Exit 0: all bounds of the issue were kept; 1: some were not; 2: the words
 * make no sense; 3: it failed. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/disk.h"
#include "base/random.h"
#include "tests/bench/fields/tally.h"
#include "tests/bench/task.h"

#define AGES         8
#define RESOLUTIONS  2
#define COUNT_USUAL  60 /* papers of each age */
#define F1_MIN       0.95
#define F1_MIN_HEAVY 0.85
#define SEEDS        1000000000
#define PAGE_SECONDS 1200 /* a busy machine must not make a page unreadable */

struct plan {
    uint64_t seed;
    unsigned count;
    char ages[128];
    const char *keep; /* a folder where papers and readings stay; NULL: none */
    bool layouts_only, misses, help;
    struct record_types *types;
    char jobs[8];
    char ocr[DISK_PATH_BYTES], tram_pages[DISK_PATH_BYTES], dir[DISK_PATH_BYTES];
};

static const char usage[] =
    "bench-fields [options]\n"
    "  --seed N         of the papers (drawn, and printed)\n"
    "  --count N        papers of each age (60)\n"
    "  --ages A,B       of tram-pages (clean,light,heavy)\n"
    "  --jobs N         readers at once (2)\n"
    "  --keep DIR       papers and readings stay there, and are taken from there\n"
    "  --layouts-only   nothing is read: words and boxes are the truth's\n"
    "  --misses         print every value that is not right\n";

static int plan_read(struct plan *p, int argc, char **argv, struct err *e)
{
    static const struct option known[] = {
        {"seed", 1, NULL, 's'},   {"count", 1, NULL, 'c'},        {"ages", 1, NULL, 'a'},
        {"jobs", 1, NULL, 'j'},   {"keep", 1, NULL, 'k'},         {"help", 0, NULL, 'h'},
        {"misses", 0, NULL, 'm'}, {"layouts-only", 0, NULL, 'l'}, {NULL, 0, NULL, 0}};
    int option;

    *p = (struct plan){.seed = random_below(random_system(), SEEDS),
                       .count = COUNT_USUAL,
                       .ages = "clean,light,heavy",
                       .jobs = "2"};
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
        switch (option) {
        case 's':
            p->seed = strtoull(optarg, NULL, 10);
            break;
        case 'c':
            p->count = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'a':
            (void)snprintf(p->ages, sizeof p->ages, "%s", optarg);
            break;
        case 'j':
            (void)snprintf(p->jobs, sizeof p->jobs, "%s", optarg);
            break;
        case 'k':
            p->keep = optarg;
            break;
        case 'l':
            p->layouts_only = true;
            break;
        case 'm':
            p->misses = true;
            break;
        case 'h':
            p->help = true;
            break;
        default:
            return err_set(e, ERR_USAGE, "no such option");
        }
    if (p->count < RESOLUTIONS || optind != argc)
        return err_set(e, ERR_USAGE, "--count must be %d or more", RESOLUTIONS);
    return 0;
}

/* Beside this program; `dir` is --keep, or a scratch folder. */
static int plan_places(struct plan *p, struct err *e)
{
    const char *build = getenv("TRAM_BUILD");
    char made[] = "/tmp/bench-fields-XXXXXX";

    if (build == NULL)
        build = "build/release";
    if (p->keep == NULL && mkdtemp(made) == NULL)
        return err_set_errno(e, ERR_IO, "%s", made);
    if (p->keep != NULL && mkdir(p->keep, 0777) != 0 && errno != EEXIST)
        return err_set_errno(e, ERR_IO, "%s", p->keep);
    if (disk_path(p->ocr, e, "%s/tram-ocr", build) != 0 ||
        disk_path(p->tram_pages, e, "%s/tram-pages", build) != 0 ||
        disk_path(p->dir, e, "%s", p->keep != NULL ? p->keep : made) != 0)
        return -1;
    return 0;
}

static bool is_there(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0;
}

static int run(struct task *t, struct err *e)
{
    double wall;

    if (tasks_run(t, 1, 1, &wall, e) != 0)
        return -1;
    if (t->status != 0 && t->status != 3) /* 3: some pages were refused */
        return err_set(e, ERR_FAILED, "%s ended with %d",
                       t->argv != NULL ? t->argv[0] : t->words[0], t->status);
    return 0;
}

/* Half of an age's papers at each resolution, several kinds, PDFs of one picture a
 * page: a paper is one file. */
static int papers_make(const struct plan *p, const char *age, const char *dpi,
                       const char *dir, struct err *e)
{
    char seed[24], count[12];
    struct task t = {.words = {p->tram_pages, "--seed", seed, "--count", count, "--age",
                               age, "--dpi", dpi, "--format", "pdf", "--out", dir}};

    (void)snprintf(seed, sizeof seed, "%llu",
                   (unsigned long long)p->seed + strtoull(dpi, NULL, 10));
    (void)snprintf(count, sizeof count, "%u", p->count / RESOLUTIONS);
    return is_there(dir) ? 0 : run(&t, e);
}

/* A shell's pattern instead of a list of names: there are hundreds. */
static int papers_read(const struct plan *p, const char *dir, const char *readings,
                       struct err *e)
{
    char line[3 * DISK_PATH_BYTES];
    struct task t = {.words = {"sh", "-c", line}, .out_path = readings};

    if (p->layouts_only || is_there(readings))
        return 0;
    (void)snprintf(line, sizeof line,
                   "exec '%s' --json --jobs %s --page-seconds %d '%s'/*.pdf", p->ocr,
                   p->jobs, PAGE_SECONDS, dir);
    return run(&t, e);
}

/* A paper of a type has that type's fields too: its truth's names say which. */
static const struct record_type *type_of(const struct record_types *types,
                                         const struct paper *p)
{
    char name[64];

    paper_type(p, name);
    return name[0] == '\0' ? NULL : types_find(types, name);
}

static int find_typed(struct fields *out, const struct fields *found,
                      const struct record_type *type, const struct fields_page *pages,
                      size_t pages_count, struct err *e)
{
    struct fields_register *r;
    int rc = 0;

    if (fields_register_create(&r, type, pages_count, e) != 0)
        return -1;
    for (size_t i = 0; rc == 0 && i < pages_count; i++)
        rc = fields_register_page(r, out, &pages[i], (uint32_t)i, e);
    fields_register_destroy(r);
    return rc == 0 ? fields_of_type(out, found, type, pages, pages_count, e) : -1;
}

static int paper_tally(struct tally *t, const struct paper *p,
                       const struct record_types *types, bool misses, struct err *e)
{
    const struct record_type *type = type_of(types, p);
    struct fields_page pages[PAPER_PAGES_MAX];
    struct fields found, typed = {0};
    int rc;

    for (size_t i = 0; i < p->pages_count; i++)
        pages[i] =
            (struct fields_page){p->texts[i] == NULL ? "" : p->texts[i], &p->layouts[i]};
    if (fields_find(&found, pages, p->pages_count, e) != 0)
        return -1;
    rc = type == NULL ? 0 : find_typed(&typed, &found, type, pages, p->pages_count, e);
    if (rc == 0)
        rc = tally_paper(t, p, &found, &typed, misses, e);
    fields_release(&typed);
    fields_release(&found);
    return rc;
}

static int folder_tally(struct tally *t, const struct plan *p, const char *age,
                        const char *dpi, struct err *e)
{
    char dir[DISK_PATH_BYTES], readings[DISK_PATH_BYTES];
    struct papers all;
    int rc = 0;

    if (disk_path(dir, e, "%s/%s-%s", p->dir, age, dpi) != 0 ||
        disk_path(readings, e, "%s.jsonl", dir) != 0 ||
        papers_make(p, age, dpi, dir, e) != 0 || papers_read(p, dir, readings, e) != 0 ||
        papers_open(&all, dir, p->layouts_only ? NULL : readings, e) != 0)
        return -1;
    for (size_t i = 0; rc == 0 && i < all.count; i++)
        rc = paper_tally(t, &all.all[i], p->types, p->misses, e);
    papers_close(&all);
    return rc;
}

static int age_run(const struct plan *p, const char *age, unsigned *missed, struct err *e)
{
    static const char *const dpis[RESOLUTIONS] = {"200", "300"};
    bool light = strcmp(age, "clean") == 0 || strcmp(age, "light") == 0;
    struct tally *t = calloc(1, sizeof *t);
    int rc = t == NULL ? err_set(e, ERR_MEMORY, "tally") : 0;

    for (int i = 0; rc == 0 && i < RESOLUTIONS; i++)
        rc = folder_tally(t, p, age, dpis[i], e);
    if (rc == 0)
        *missed += tally_print(t, age, light ? F1_MIN : F1_MIN_HEAVY);
    free(t);
    return rc;
}

static void scratch_remove(const struct plan *p)
{
    struct task t = {.words = {"rm", "-rf", p->dir}};
    struct err e;
    double wall;

    if (p->keep == NULL && p->dir[0] != '\0')
        (void)tasks_run(&t, 1, 1, &wall, &e); /* what stays is in /tmp */
}

static int ages_run(struct plan *p, unsigned *missed, struct err *e)
{
    char *rest = NULL;

    printf("# Fields, --seed %llu, %u papers of each age%s\n\nRead so: the value stands "
           "in the text that was read, letter for letter.\n",
           (unsigned long long)p->seed, p->count / RESOLUTIONS * RESOLUTIONS,
           p->layouts_only ? ", not read: the truth's own words" : "");
    for (char *age = strtok_r(p->ages, ",", &rest); age != NULL;
         age = strtok_r(NULL, ",", &rest))
        if (age_run(p, age, missed, e) != 0)
            return err_wrap(e, "%s", age);
    return 0;
}

int main(int argc, char **argv)
{
    static struct plan p;
    unsigned missed = 0;
    struct err e;
    int rc = 3;

    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)setenv("OMP_THREAD_LIMIT", "1", 1); /* more threads only cost */
    if (plan_read(&p, argc, argv, &e) != 0 || p.help) {
        (void)fprintf(stderr, "%s%s%s", p.help ? "" : e.text, p.help ? "" : "\n", usage);
        return p.help ? 0 : 2;
    }
    if (plan_places(&p, &e) != 0 || types_load(&p.types, &e) != 0 ||
        ages_run(&p, &missed, &e) != 0) {
        (void)fprintf(stderr, "bench-fields: %s\n", e.text);
    } else {
        printf("\n%u bounds missed\n", missed);
        rc = missed == 0 ? 0 : 1;
    }
    scratch_remove(&p);
    types_destroy(p.types);
    return rc;
}
