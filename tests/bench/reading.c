/* bench-reading: our reader beside plain Tesseract and OCRmyPDF, on the same pages, with
 * the same two processors, in the same run. Prints Markdown. Exit 0: all bounds of the
 * issue were kept; 1: some were not; 2: the words make no sense; 3: it failed. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/parts.h"
#include "tests/bench/table.h"
#include "tests/bench/task.h"

struct bench_run {
    struct plan plan;
    struct folder folders[PLAN_FOLDERS_MAX];
    size_t folders_count;
};

static int open_folders(struct bench_run *b, struct err *e)
{
    for (size_t i = 0; i < b->plan.folders_count; i++) {
        const char *name = b->plan.folders[i];
        struct folder *f = &b->folders[b->folders_count];
        char dir[DISK_PATH_BYTES], real[DISK_PATH_BYTES * 4];

        if (plan_folder_dir(&b->plan, name, dir, e) != 0)
            return err_wrap(e, "folder %s", name);
        if (dir[0] == '\0' || realpath(dir, real) == NULL) {
            printf("- %s is not there: left out\n", name);
            continue;
        }
        if (folder_open(f, name, real,
                        b->plan.pages == 0 ? FOLDER_PAGES_MAX : b->plan.pages, e) != 0)
            return err_wrap(e, "folder %s", name);
        b->folders_count++;
    }
    return 0;
}

static void choose_readers(struct plan *p)
{
    for (int r = 0; r < READERS; r++)
        if (p->readers_wanted[r] && !reader_is_there(&p->readers, (enum reader)r)) {
            printf("- %s is not there: its columns stay empty\n",
                   reader_name((enum reader)r));
            p->readers_wanted[r] = false;
        }
}

static int read_folders(struct bench_run *b, struct err *e)
{
    for (size_t i = 0; i < b->folders_count; i++)
        for (int r = 0; r < READERS; r++) {
            if (!b->plan.readers_wanted[r])
                continue;
            if (isatty(2) == 1)
                (void)fprintf(stderr, "%s: %s\n", b->folders[i].name,
                              reader_name((enum reader)r));
            if (reader_run(&b->plan.readers, (enum reader)r, &b->folders[i], e) != 0)
                return err_wrap(e, "%s on %s", reader_name((enum reader)r),
                                b->folders[i].name);
        }
    return 0;
}

/* What is measured: the checkout as it is now, not as it was when this was compiled. */
static void find_version(const struct plan *p, char *out, size_t out_bytes)
{
    char path[DISK_PATH_BYTES];
    struct task t = {.words = {"git", "describe", "--always", "--dirty"},
                     .out_path = path};
    struct buffer text;
    struct err e;
    double wall;

    buffer_init(&text, 256);
    (void)snprintf(out, out_bytes, "%s", TRAM_VERSION);
    if (disk_path(path, &e, "%s/version", p->scratch) == 0 &&
        tasks_run(&t, 1, 1, &wall, &e) == 0 && t.status == 0 &&
        disk_read_all(disk_system(), path, &text, &e) == 0 && text.count > 1)
        (void)snprintf(out, out_bytes, "%.*s", (int)text.count - 1,
                       (const char *)text.bytes);
    buffer_release(&text);
}

static void print_head(const struct plan *p)
{
    char version[64];
    struct utsname u;
    char day[32];
    time_t now = time(NULL);

    find_version(p, version, sizeof version);
    (void)uname(&u);
    (void)strftime(day, sizeof day, "%Y-%m-%d", gmtime(&now));
    printf("# Reading, %s, tram %s, %s, %ld processors\n\n"
           "Made pages: --seed %llu. A page that a peer could not read at all is named, "
           "and\n"
           "counted for nobody. CER: letters wrong of ../shared/pages/score.py.\n\n",
           day, version, u.machine, sysconf(_SC_NPROCESSORS_ONLN),
           (unsigned long long)p->seed);
    if (p->keep)
        printf("- what was written stays in %s\n", p->scratch);
}

/* What is about our reader alone, if it is asked for. */
static int run_parts(struct bench_run *b, unsigned *missed, struct err *e)
{
    const struct plan *p = &b->plan;

    if (!p->readers_wanted[READER_OURS])
        return 0;
    if (p->parts[PART_TURNED] &&
        part_turned(p, b->folders, b->folders_count, missed, e) != 0)
        return -1;
    if (p->parts[PART_MEMORY] && part_memory(p, missed, e) != 0)
        return -1;
    if (p->parts[PART_LADDER] && part_ladder(p, b->folders, b->folders_count, e) != 0)
        return -1;
    if (p->parts[PART_LANGUAGE] &&
        part_language(p, b->folders, b->folders_count, missed, e) != 0)
        return -1;
    return 0;
}

static int run_bench(struct bench_run *b, unsigned *missed, struct err *e)
{
    print_head(&b->plan);
    choose_readers(&b->plan);
    if (open_folders(b, e) != 0 || read_folders(b, e) != 0)
        return -1;
    if (b->plan.per_page)
        for (size_t i = 0; i < b->folders_count; i++)
            table_pages(&b->folders[i]);
    if (b->plan.parts[PART_READING]) {
        *missed += table_letters(b->folders, b->folders_count);
        *missed += table_pace(b->folders, b->folders_count);
    }
    return run_parts(b, missed, e);
}

int main(int argc, char **argv)
{
    static struct bench_run b;
    unsigned missed = 0;
    struct err e;
    int rc = 3;

    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)setenv("OMP_THREAD_LIMIT", "1", 1); /* more threads only cost: five times */
    if (plan_read(&b.plan, argc, argv, &e) != 0 || b.plan.help) {
        (void)fprintf(stderr, "%s%s%s", b.plan.help ? "" : e.text,
                      b.plan.help ? "" : "\n", plan_usage);
        rc = b.plan.help ? 0 : 2;
    } else if (run_bench(&b, &missed, &e) != 0) {
        (void)fprintf(stderr, "bench-reading: %s\n", e.text);
    } else {
        printf("\n%u bounds missed\n", missed);
        rc = missed == 0 ? 0 : 1;
    }
    for (size_t i = 0; i < b.folders_count; i++)
        folder_release(&b.folders[i]);
    plan_release(&b.plan);
    return rc;
}
