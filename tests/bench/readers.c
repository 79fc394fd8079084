#include "tests/bench/readers.h"

#include <leptonica/allheaders.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/task.h"

#define TEXT_BYTES_MAX (16u << 20)
#define OURS_WORDS     8 /* beside the files */
#define DPI_UNTOLD     "300"

/* Paths of one task, which must outlive it. */
struct paths {
    char out[DISK_PATH_BYTES], text[DISK_PATH_BYTES], log[DISK_PATH_BYTES];
};

const char *reader_name(enum reader r)
{
    static const char *const names[READERS] = {"tesseract", "ocrmypdf", "ours"};

    return names[r];
}

bool reader_is_there(const struct readers *o, enum reader r)
{
    struct task t = {
        .words = {r == READER_OURS ? o->ocr : reader_name(r), "--version", NULL}};
    struct err e;
    double wall;

    return tasks_run(&t, 1, 1, &wall, &e) == 0 && t.status == 0;
}

/* A file's text into the page's reading; none: it could not be read. */
static int take_file(struct page *p, enum reader r, const char *path, struct err *e)
{
    struct buffer text;
    struct disk_stat s;
    int rc = -1;

    buffer_init(&text, TEXT_BYTES_MAX);
    if (disk_stat(disk_system(), path, &s, e) != 0 ||
        (s.kind == DISK_FILE && disk_read_all(disk_system(), path, &text, e) != 0))
        goto out;
    rc = page_take(p, r,
                   s.kind != DISK_FILE ? NULL
                   : text.count == 0   ? ""
                                       : (const char *)text.bytes,
                   e);
out:
    buffer_release(&text);
    return rc;
}

/* --- the peers ----------------------------------------------------------- */

static void tesseract_task(struct task *t, const struct page *p, const struct paths *at)
{
    *t = (struct task){.words = {"tesseract", p->image, at->out, "-l", "vie"},
                       .err_path = at->log};
}

/* OCRmyPDF refuses a picture that does not say its resolution, until it is told. */
static bool resolution_is_told(const char *image)
{
    PIX *pix = pixRead(image);
    bool told = pix != NULL && pixGetXRes(pix) > 0;

    pixDestroy(&pix);
    return told;
}

/* The fastest way to start it on many files that we found (see docs/BENCHMARKS.md):
 * two processes of one job, and no PDF/A, which nobody here looks at. */
static void ocrmypdf_task(struct task *t, const struct page *p, const struct paths *at)
{
    size_t n = 0;
    const char *words[] = {"ocrmypdf",
                           "-q",
                           "-l",
                           "vie",
                           "--deskew",
                           "--clean",
                           "--rotate-pages",
                           "-j1",
                           "--output-type",
                           "pdf",
                           "--sidecar",
                           at->text};

    *t = (struct task){.err_path = at->log};
    for (; n < sizeof words / sizeof *words; n++)
        t->words[n] = words[n];
    if (!resolution_is_told(p->image)) {
        t->words[n++] = "--image-dpi";
        t->words[n++] = DPI_UNTOLD;
    }
    t->words[n++] = p->image;
    t->words[n] = at->out;
}

static int paths_make(struct paths *out, const struct readers *o, enum reader r,
                      const struct folder *f, const struct page *p, struct err *e)
{
    const char *name = reader_name(r);

    if (disk_path(out->out, e, "%s/%s.%s.%s", o->scratch, name, f->name, p->id) != 0 ||
        disk_path(out->text, e, "%s.txt", out->out) != 0 ||
        disk_path(out->log, e, "%s.log", out->out) != 0)
        return -1;
    return 0;
}

static int peer_run(const struct readers *o, enum reader r, struct folder *f,
                    struct err *e)
{
    struct task *tasks = calloc(f->pages_count + 1, sizeof *tasks);
    struct paths *paths = calloc(f->pages_count + 1, sizeof *paths);
    int rc = -1;

    if (tasks == NULL || paths == NULL) {
        err_set(e, ERR_MEMORY, "folder %s", f->name);
        goto out;
    }
    for (size_t i = 0; i < f->pages_count; i++) {
        if (paths_make(&paths[i], o, r, f, &f->pages[i], e) != 0)
            goto out;
        if (r == READER_TESSERACT)
            tesseract_task(&tasks[i], &f->pages[i], &paths[i]);
        else
            ocrmypdf_task(&tasks[i], &f->pages[i], &paths[i]);
    }
    if (tasks_run(tasks, f->pages_count, o->jobs, &f->pace[r].wall_s, e) != 0)
        goto out;
    for (size_t i = 0; i < f->pages_count; i++) {
        f->pace[r].cpu_s += tasks[i].cpu_s;
        if (take_file(&f->pages[i], r, paths[i].text, e) != 0)
            goto out;
        if (f->pages[i].by[r].text == NULL || tasks[i].status != 0)
            printf("- %s on %s/%s ended with %d%s: see its log, %s\n", reader_name(r),
                   f->name, f->pages[i].id, tasks[i].status,
                   f->pages[i].by[r].text == NULL ? " and read nothing" : "",
                   paths[i].log);
    }
    rc = 0;
out:
    free(tasks);
    free(paths);
    return rc;
}

/* --- ours ---------------------------------------------------------------- */

static struct page *page_of(struct folder *f, const char *image)
{
    for (size_t i = 0; i < f->pages_count; i++)
        if (image != NULL && strcmp(f->pages[i].image, image) == 0)
            return &f->pages[i];
    return NULL;
}

/* JSON Lines, an object a page; a refused one has no text. */
static int take_lines(struct folder *f, const char *path, struct err *e)
{
    FILE *file = fopen(path, "rb");
    json_t *line;
    int rc = 0;

    if (file == NULL)
        return err_set_errno(e, ERR_IO, "%s", path);
    while (rc == 0 && (line = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL)) != NULL) {
        struct page *p = page_of(f, json_string_value(json_object_get(line, "file")));

        if (p == NULL) {
            json_decref(line);
            continue;
        }
        json_decref(p->ours);
        p->ours = line;
        rc = page_take(p, READER_OURS, json_string_value(json_object_get(line, "text")),
                       e);
    }
    (void)fclose(file);
    return rc;
}

/* The command line, with all of the folder's files: models are loaded once. */
static void ours_words(const struct readers *o, const struct folder *f, const char *jobs,
                       const char **words)
{
    size_t n = 0;

    words[n++] = o->ocr;
    words[n++] = "--json";
    words[n++] = "--jobs";
    words[n++] = jobs;
    if (o->without != NULL) {
        words[n++] = "--without";
        words[n++] = o->without;
    }
    for (size_t i = 0; i < f->pages_count; i++)
        words[n++] = f->pages[i].image;
    words[n] = NULL;
}

static int ours_run(const struct readers *o, struct folder *f, struct err *e)
{
    const char **words = calloc(f->pages_count + OURS_WORDS, sizeof *words);
    char jobs[12], out[DISK_PATH_BYTES], log[DISK_PATH_BYTES];
    struct task t = {.argv = words, .out_path = out, .err_path = log};
    int rc = -1;

    if (words == NULL) {
        err_set(e, ERR_MEMORY, "folder %s", f->name);
        goto out;
    }
    if (disk_path(out, e, "%s/ours.%s.jsonl", o->scratch, f->name) != 0 ||
        disk_path(log, e, "%s/ours.%s.log", o->scratch, f->name) != 0)
        goto out;
    (void)snprintf(jobs, sizeof jobs, "%u", o->jobs);
    ours_words(o, f, jobs, words);
    for (size_t i = 0; i < f->pages_count; i++)
        if (page_take(&f->pages[i], READER_OURS, NULL, e) != 0)
            goto out;
    if (tasks_run(&t, 1, 1, &f->pace[READER_OURS].wall_s, e) != 0)
        goto out;
    f->pace[READER_OURS].cpu_s = t.cpu_s;
    if (t.status != 0)
        printf("- ours on %s ended with %d: see its log, %s\n", f->name, t.status, log);
    rc = take_lines(f, out, e);
out:
    free(words);
    return rc;
}

int reader_run(const struct readers *o, enum reader r, struct folder *f, struct err *e)
{
    f->pace[r] = (struct pace){.ran = true};
    return r == READER_OURS ? ours_run(o, f, e) : peer_run(o, r, f, e);
}
