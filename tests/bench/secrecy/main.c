/* bench-secrecy: which stamped papers the look at intake holds, and which without a
 * stamp, from pages that tram-pages typesets when the bench runs, from a seed that
 * nobody has seen. Prints Markdown, and on stderr the pages that are wrong. Exit 0: both
 * bounds were kept; 1: not; 2: the words make no sense; 3: it failed. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/disk.h"
#include "base/random.h"
#include "tests/bench/secrecy/looks.h"
#include "tests/bench/task.h"

#define AGES_MAX       8
#define WORDS          4 /* none, and the three stamps: enum secrecy */
#define COUNT_USUAL    300
#define PLAIN_USUAL    1000
#define RECALL_MIN     0.98
#define FALSE_PART_MAX 0.01
#define SEEDS          1000000000
#define LOT_SEEDS      1000 /* between the seeds of two folders … */
#define PART_SEEDS     60   /* … and of what is made for one at once */
#define JOBS_MAX       16
#define MADE_WORDS     6 /* of tram-pages' options */

struct plan {
    uint64_t seed;
    unsigned count, plain, jobs;
    char ages_text[128];
    const char *ages[AGES_MAX];
    size_t ages_count;
    bool help;
    char ocr[DISK_PATH_BYTES], tram_pages[DISK_PATH_BYTES], dir[DISK_PATH_BYTES];
};

/* Pages of one age and one word. */
struct lot {
    unsigned pages, held, right, refused;
    double seconds;
};

static const char usage[] =
    "bench-secrecy [options]\n"
    "  --seed N         of the papers (drawn, and printed)\n"
    "  --count N        stamped pages (300)\n"
    "  --plain N        pages without a stamp (1000)\n"
    "  --ages A,B       of tram-pages (clean,light,heavy,worn,office,bleed,faint)\n"
    "  --jobs N         lookers at once (2)\n";

static const char *const word_names[WORDS] = {"none", "mat", "toi_mat", "tuyet_mat"};

/* ------------------------------------------------------------------------- plan */

static int ages_read(struct plan *p, struct err *e)
{
    char *rest = NULL;

    for (char *age = strtok_r(p->ages_text, ",", &rest); age != NULL;
         age = strtok_r(NULL, ",", &rest)) {
        if (p->ages_count == AGES_MAX)
            return err_set(e, ERR_USAGE, "more than %d ages", AGES_MAX);
        p->ages[p->ages_count++] = age;
    }
    return p->ages_count > 0 ? 0 : err_set(e, ERR_USAGE, "no age");
}

static int plan_read(struct plan *p, int argc, char **argv, struct err *e)
{
    static const struct option known[] = {
        {"seed", 1, NULL, 's'}, {"count", 1, NULL, 'c'}, {"plain", 1, NULL, 'p'},
        {"ages", 1, NULL, 'a'}, {"jobs", 1, NULL, 'j'},  {"help", 0, NULL, 'h'},
        {NULL, 0, NULL, 0}};
    int option;

    *p = (struct plan){.seed = random_below(random_system(), SEEDS),
                       .count = COUNT_USUAL,
                       .plain = PLAIN_USUAL,
                       .ages_text = "clean,light,heavy,worn,office,bleed,faint",
                       .jobs = 2};
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
        switch (option) {
        case 's':
            p->seed = strtoull(optarg, NULL, 10);
            break;
        case 'c':
            p->count = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'p':
            p->plain = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'a':
            (void)snprintf(p->ages_text, sizeof p->ages_text, "%s", optarg);
            break;
        case 'j':
            p->jobs = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'h':
            p->help = true;
            break;
        default:
            return err_set(e, ERR_USAGE, "no such option");
        }
    if (optind != argc || p->jobs == 0 || p->jobs > JOBS_MAX)
        return err_set(e, ERR_USAGE, "what is %s?",
                       optind != argc ? argv[optind] : "so many --jobs");
    return ages_read(p, e);
}

static int plan_places(struct plan *p, struct err *e)
{
    const char *build = getenv("TRAM_BUILD");
    char made[] = "/tmp/bench-secrecy-XXXXXX";

    if (build == NULL)
        build = "build/release";
    if (disk_path(p->ocr, e, "%s/tram-ocr", build) != 0 ||
        disk_path(p->tram_pages, e, "%s/tram-pages", build) != 0)
        return -1;
    if (mkdtemp(made) == NULL)
        return err_set_errno(e, ERR_IO, "%s", made);
    return disk_path(p->dir, e, "%s", made);
}

/* ------------------------------------------------------------------------ a lot */

static int run(struct task *t, struct err *e)
{
    double wall;

    if (tasks_run(t, 1, 1, &wall, e) != 0)
        return -1;
    if (t->status != 0)
        return err_set(e, ERR_FAILED, "%s ended with %d", t->words[0], t->status);
    return 0;
}

static int dir_remove(const char *dir, struct err *e)
{
    struct task t = {.words = {"rm", "-rf", dir}};

    return run(&t, e);
}

/* How many of `all` fall to number `n` of `parts`. */
static unsigned share(unsigned all, size_t n, size_t parts)
{
    return (unsigned)((n + 1) * all / parts - n * all / parts);
}

static void answer_tally(struct lot *c, const struct look_answer *a, size_t word,
                         const char *made)
{
    size_t said = (size_t)a->look.secrecy;
    bool held = a->look.refusal == REFUSAL_NONE && said != 0;

    c->pages++;
    c->held += held;
    c->right += held && said == word;
    c->refused += a->look.refusal != REFUSAL_NONE;
    c->seconds += a->seconds;
    if (held != (word != 0))
        (void)fprintf(stderr, "%s: %s (%s)\n",
                      word != 0 ? "not held" : "held for nothing", a->file, made);
}

/* Typesets and ages `count` pages, as many at once as are looked at: that is most of the
 * bench's time. */
static int lot_make(const struct plan *p, const char *dir, const char *const made[],
                    uint64_t lot_seed, unsigned count, struct err *e)
{
    struct task tasks[JOBS_MAX] = {0};
    char seeds[JOBS_MAX][24], numbers[JOBS_MAX][12];
    double wall;
    size_t used = 0;

    for (unsigned n = 0; n < p->jobs; n++) {
        unsigned part = share(count, n, p->jobs);
        struct task *t = &tasks[used];
        size_t word = 0;

        if (part == 0)
            continue;
        (void)snprintf(seeds[used], sizeof seeds[0], "%llu",
                       (unsigned long long)(lot_seed + n * PART_SEEDS));
        (void)snprintf(numbers[used], sizeof numbers[0], "%u", part);
        *t = (struct task){.words = {p->tram_pages, "--seed", seeds[used], "--count",
                                     numbers[used], "--out", dir}};
        while (t->words[word] != NULL)
            word++;
        for (size_t i = 0; i < MADE_WORDS; i++)
            t->words[word++] = made[i];
        used++;
    }
    if (tasks_run(tasks, used, p->jobs, &wall, e) != 0)
        return -1;
    for (size_t i = 0; i < used; i++)
        if (tasks[i].status != 0)
            return err_set(e, ERR_FAILED, "%s ended with %d", p->tram_pages,
                           tasks[i].status);
    return 0;
}

static int lot_run(struct lot *c, const struct plan *p, size_t age, size_t word,
                   unsigned count, struct err *e)
{
    /* Offices scan at either; ageing the larger one costs twice as much. */
    const char *made[MADE_WORDS] = {"--age",     p->ages[age],
                                    "--secrecy", word_names[word],
                                    "--dpi",     (age + word) % 3 == 0 ? "300" : "200"};
    char dir[DISK_PATH_BYTES], told[160];
    struct looks looks = {0};
    int rc = -1;

    (void)snprintf(told, sizeof told,
                   "the first number is tram-pages' --seed: %s %s %s %s %s %s", made[0],
                   made[1], made[2], made[3], made[4], made[5]);
    if (disk_path(dir, e, "%s/%s-%s", p->dir, p->ages[age], word_names[word]) != 0 ||
        lot_make(p, dir, made, p->seed + LOT_SEEDS * (age * WORDS + word), count, e) !=
            0 ||
        looks_ask(&looks, dir, p->ocr, p->jobs, e) != 0)
        goto out;
    if (looks.count != count) {
        (void)err_set(e, ERR_FAILED, "%s made %zu pages, not %u", p->tram_pages,
                      looks.count, count);
        goto out;
    }
    for (size_t i = 0; i < looks.count; i++)
        answer_tally(c, &looks.all[i], word, told);
    rc = dir_remove(dir, e);
out:
    looks_release(&looks);
    return rc;
}

/* ------------------------------------------------------------------------ tables */

static void add(struct lot *to, const struct lot *c)
{
    to->pages += c->pages;
    to->held += c->held;
    to->right += c->right;
    to->refused += c->refused;
    to->seconds += c->seconds;
}

static double part(double of, double all)
{
    return all > 0 ? of / all : 0;
}

static void age_print(const char *name, const struct lot *stamped,
                      const struct lot *plain)
{
    printf("| %s | %u | %u | %.3f | %u | %u | %u | %.2f %% | %u | %.2f |\n", name,
           stamped->pages, stamped->held, part(stamped->held, stamped->pages),
           stamped->right, plain->pages, plain->held,
           100 * part(plain->held, plain->pages), stamped->refused + plain->refused,
           part(stamped->seconds + plain->seconds, stamped->pages + plain->pages));
}

static int age_run(struct lot lots[WORDS], const struct plan *p, size_t age,
                   struct err *e)
{
    const size_t stamped = p->ages_count * (WORDS - 1);

    for (size_t word = 0; word < WORDS; word++) {
        unsigned count = word == 0
                             ? share(p->plain, age, p->ages_count)
                             : share(p->count, age * (WORDS - 1) + word - 1, stamped);

        if (count > 0 && lot_run(&lots[word], p, age, word, count, e) != 0)
            return err_wrap(e, "%s, %s", p->ages[age], word_names[word]);
    }
    return 0;
}

/* An age is told when it is done: a run that is stopped has shown something. */
static int ages_run(struct lot lots[][WORDS], const struct plan *p, unsigned *missed,
                    struct err *e)
{
    struct lot stamped = {0}, plain = {0};
    bool below, over;

    printf("| age | stamped | held | recall | right word | plain | held | false |"
           " refused | s a page |\n|---|---|---|---|---|---|---|---|---|---|\n");
    for (size_t age = 0; age < p->ages_count; age++) {
        struct lot here = {0};

        if (age_run(lots[age], p, age, e) != 0)
            return -1;
        for (size_t word = 1; word < WORDS; word++)
            add(&here, &lots[age][word]);
        age_print(p->ages[age], &here, &lots[age][0]);
        add(&stamped, &here);
        add(&plain, &lots[age][0]);
    }
    age_print("all", &stamped, &plain);
    below = stamped.pages > 0 && part(stamped.held, stamped.pages) < RECALL_MIN;
    over = part(plain.held, plain.pages) > FALSE_PART_MAX;
    printf("\nrecall >= %.2f: %s; false holds <= %.0f %%: %s\n", RECALL_MIN,
           below ? "MISSED" : "kept", 100 * FALSE_PART_MAX, over ? "OVER" : "kept");
    *missed = below + over;
    return 0;
}

static void words_print(const struct plan *p, const struct lot lots[][WORDS])
{
    printf("\n| stamp | pages | held | recall | right word |\n|---|---|---|---|---|\n");
    for (size_t word = 1; word < WORDS; word++) {
        struct lot all = {0};

        for (size_t age = 0; age < p->ages_count; age++)
            add(&all, &lots[age][word]);
        printf("| %s | %u | %u | %.3f | %u |\n", word_names[word], all.pages, all.held,
               part(all.held, all.pages), all.right);
    }
}

int main(int argc, char **argv)
{
    static struct lot lots[AGES_MAX][WORDS];
    static struct plan p;
    unsigned missed = 0;
    struct err e, ignored;
    int rc = 3;

    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)setenv("OMP_THREAD_LIMIT", "1", 1); /* more threads only cost */
    if (plan_read(&p, argc, argv, &e) != 0 || p.help) {
        (void)fprintf(stderr, "%s%s%s", p.help ? "" : e.text, p.help ? "" : "\n", usage);
        return p.help ? 0 : 2;
    }
    printf("# Secrecy stamps, --seed %llu: %u stamped pages, %u without\n\n",
           (unsigned long long)p.seed, p.count, p.plain);
    if (plan_places(&p, &e) != 0 || ages_run(lots, &p, &missed, &e) != 0) {
        (void)fprintf(stderr, "bench-secrecy: %s\n", e.text);
    } else {
        words_print(&p, lots);
        rc = missed == 0 ? 0 : 1;
    }
    if (p.dir[0] != '\0')
        (void)dir_remove(p.dir, &ignored); /* what stays is in /tmp */
    return rc;
}
