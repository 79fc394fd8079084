#include "tests/bench/plan.h"

#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "tests/bench/made.h"

#define PAGES_DEFAULT 10

const char plan_usage[] =
    "bench-reading [options]\n"
    "  --folders A,B…   clean light heavy table real (in ../shared/pages), made-clean\n"
    "                   made-light made-heavy made-office made-bleed made-faint\n"
    "                   made-table, or a path with known texts\n"
    "  --readers A,B…   tesseract ocrmypdf ours\n"
    "  --parts A,B…     reading turned memory ladder language (all; only reading if\n"
    "                   folders or readers are named)\n"
    "  --pages N        of each folder at most (made ones: 10)\n"
    "  --seed N         of the made pages (drawn, and printed)\n"
    "  --per-page       a line a page\n"
    "  --ocr PATH       another tram-ocr     --without A,B…  its option of that name\n"
    "  --shared DIR     (../shared/pages)    --keep          what was written stays\n";

static const char *const folders_all[] = {
    "clean",      "light",      "heavy",       "table",      "real",       "made-clean",
    "made-light", "made-heavy", "made-office", "made-bleed", "made-faint", "made-table"};
#define FOLDERS_ALL (sizeof folders_all / sizeof *folders_all)

static const char *const parts_all[PARTS] = {"reading", "turned", "memory", "ladder",
                                             "language"};
static const char *const readers_all[READERS] = {"tesseract", "ocrmypdf", "ours"};

/* Sets those that `list` names, and no others. */
static int take_names(bool *set, const char *const *names, size_t count, char *list,
                      struct err *e)
{
    char *rest;

    memset(set, 0, count * sizeof *set);
    for (char *word = strtok_r(list, ",", &rest); word != NULL;
         word = strtok_r(NULL, ",", &rest)) {
        size_t i = 0;

        while (i < count && strcmp(names[i], word) != 0)
            i++;
        if (i == count)
            return err_set(e, ERR_USAGE, "there is no '%s'", word);
        set[i] = true;
    }
    return 0;
}

static int take_folders(struct plan *p, char *list, struct err *e)
{
    char *rest;

    p->folders_count = 0;
    for (char *word = strtok_r(list, ",", &rest); word != NULL;
         word = strtok_r(NULL, ",", &rest)) {
        if (p->folders_count == PLAN_FOLDERS_MAX)
            return err_set(e, ERR_USAGE, "too many folders");
        p->folders[p->folders_count++] = word;
    }
    return 0;
}

static int take_option(struct plan *p, int letter, struct err *e)
{
    switch (letter) {
    case 'f':
        p->is_short = true;
        return take_folders(p, optarg, e);
    case 'r':
        p->is_short = true;
        return take_names(p->readers_wanted, readers_all, READERS, optarg, e);
    case 't':
        p->parts_told = true;
        return take_names(p->parts, parts_all, PARTS, optarg, e);
    case 'n':
        p->pages = (unsigned)strtoul(optarg, NULL, 10);
        return 0;
    case 's':
        p->seed = strtoull(optarg, NULL, 10);
        return 0;
    case 'p':
        p->per_page = true;
        return 0;
    case 'o':
        return disk_path(p->ocr, e, "%s", optarg);
    case 'w':
        p->readers.without = optarg;
        return 0;
    case 'd':
        p->shared = optarg;
        return 0;
    case 'k':
        p->keep = true;
        return 0;
    case 'h':
        p->help = true;
        return 0;
    default:
        return err_set(e, ERR_USAGE, "no such option");
    }
}

static int take_options(struct plan *p, int argc, char **argv, struct err *e)
{
    static const struct option known[] = {
        {"folders", 1, NULL, 'f'}, {"readers", 1, NULL, 'r'}, {"parts", 1, NULL, 't'},
        {"pages", 1, NULL, 'n'},   {"seed", 1, NULL, 's'},    {"per-page", 0, NULL, 'p'},
        {"ocr", 1, NULL, 'o'},     {"without", 1, NULL, 'w'}, {"shared", 1, NULL, 'd'},
        {"keep", 0, NULL, 'k'},    {"help", 0, NULL, 'h'},    {NULL, 0, NULL, 0}};
    int letter;

    while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1)
        if (take_option(p, letter, e) != 0)
            return -1;
    if (optind != argc)
        return err_set(e, ERR_USAGE, "'%s' is no option", argv[optind]);
    for (int i = PART_READING + 1; i < PARTS; i++)
        p->parts[i] = p->parts[i] && (p->parts_told || !p->is_short);
    return 0;
}

/* The programs of the same build as this one. */
static int find_build(struct plan *p, struct err *e)
{
    ssize_t n = readlink("/proc/self/exe", p->build, sizeof p->build - 1);

    if (n <= 0)
        return err_set_errno(e, ERR_FAILED, "/proc/self/exe");
    p->build[n] = '\0';
    *strrchr(p->build, '/') = '\0';
    if (disk_path(p->ocr, e, "%s/tram-ocr", p->build) != 0)
        return -1;
    return disk_path(p->tram_pages, e, "%s/tram-pages", p->build);
}

int plan_read(struct plan *out, int argc, char **argv, struct err *e)
{
    *out = (struct plan){.shared = "../shared/pages", .folders_count = FOLDERS_ALL};
    memcpy(out->folders, folders_all, sizeof folders_all);
    memset(out->readers_wanted, true, sizeof out->readers_wanted);
    memset(out->parts, true, sizeof out->parts);
    out->seed = random_below(random_system(), 1000000000);
    if (find_build(out, e) != 0 || take_options(out, argc, argv, e) != 0)
        return -1;
    (void)snprintf(out->scratch, sizeof out->scratch, "/tmp/tram-reading-XXXXXX");
    if (mkdtemp(out->scratch) == NULL)
        return err_set_errno(e, ERR_IO, "%s", out->scratch);
    out->readers.ocr = out->ocr;
    out->readers.scratch = out->scratch;
    out->readers.jobs = 2;
    return 0;
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *f)
{
    (void)s;
    (void)kind;
    (void)f;
    return remove(path);
}

void plan_release(struct plan *p)
{
    if (p->scratch[0] != '\0' && !p->keep)
        (void)nftw(p->scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int plan_folder_dir(const struct plan *p, const char *folder, char out[DISK_PATH_BYTES],
                    struct err *e)
{
    struct disk_stat s;
    unsigned pages = p->pages == 0 ? PAGES_DEFAULT : p->pages;
    int rc;

    if (made_is(folder)) {
        if (disk_path(out, e, "%s/%s", p->scratch, folder) != 0)
            return -1;
        return made_write(p->tram_pages, folder, out, p->seed, pages, e);
    }
    rc = strchr(folder, '/') != NULL   ? disk_path(out, e, "%s", folder)
         : strcmp(folder, "real") == 0 ? disk_path(out, e, "%s/real/pages", p->shared)
                                       : disk_path(out, e, "%s/%s", p->shared, folder);
    if (rc != 0 || disk_stat(disk_system(), out, &s, e) != 0)
        return -1;
    if (s.kind != DISK_DIR)
        out[0] = '\0';
    return 0;
}
