#include "tests/bench/parts.h"

#include <inttypes.h>
#include <leptonica/allheaders.h>
#include <string.h>

#include "tests/bench/task.h"

static const struct {
    const char *name, *dpi, *format;
    int dpi_told; /* A4 drawn at 566 dpi has the pixels of A3 at 400 */
    unsigned mb_max;
} sheets[] = {
    {"A4 at 300 dpi in colour, JPEG", "300", "jpg", 300, 200},
    {"A4 at 300 dpi in colour, PNG", "300", "png", 300, 200},
    {"A4 at 300 dpi in colour, TIFF", "300", "tif", 300, 200},
    {"A4 at 300 dpi in colour, PDF", "300", "pdf", 300, 200},
    {"A3 at 400 dpi in colour, JPEG", "566", "jpg", 400, 300},
    {"A3 at 400 dpi in colour, PNG", "566", "png", 400, 300},
    {"A3 at 400 dpi in colour, TIFF", "566", "tif", 400, 300},
};

static int tell_resolution(const char *path, int dpi, struct err *e)
{
    PIX *pix = pixRead(path);
    int rc = -1;

    if (pix != NULL && pixSetResolution(pix, dpi, dpi) == 0 &&
        pixWrite(path, pix, pixGetInputFormat(pix)) == 0)
        rc = 0;
    pixDestroy(&pix);
    return rc == 0 ? 0 : err_set(e, ERR_FAILED, "%s at %d dpi", path, dpi);
}

static int sheet_make(const struct plan *p, size_t n, const char *path, struct err *e)
{
    char seed[24], name[16];
    struct task t = {.words = {p->tram_pages, "--seed", seed, "--kind", "decision",
                               "--age", "heavy", "--tone", "colour", "--seal", "yes",
                               "--dpi", sheets[n].dpi, "--format", sheets[n].format,
                               "--name", name, "--out", p->scratch}};
    double wall;

    (void)snprintf(seed, sizeof seed, "%" PRIu64, p->seed);
    (void)snprintf(name, sizeof name, "sheet%zu", n);
    if (tasks_run(&t, 1, 1, &wall, e) != 0)
        return -1;
    if (t.status != 0)
        return err_set(e, ERR_FAILED, "%s ended with %d", p->tram_pages, t.status);
    return atoi(sheets[n].dpi) == sheets[n].dpi_told
               ? 0
               : tell_resolution(path, sheets[n].dpi_told, e);
}

int part_memory(const struct plan *p, unsigned *missed, struct err *e)
{
    printf("\n### Memory of our largest process\n\n"
           "| page | resident, MB | bound |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < sizeof sheets / sizeof *sheets; i++) {
        char path[DISK_PATH_BYTES];
        struct task t = {.words = {p->ocr, "--jobs", "1", path}};
        double wall;
        unsigned mb;

        if (disk_path(path, e, "%s/sheet%zu.%s", p->scratch, i, sheets[i].format) != 0 ||
            sheet_make(p, i, path, e) != 0 || tasks_run(&t, 1, 1, &wall, e) != 0)
            return err_wrap(e, "memory");
        mb = (unsigned)((t.rss_kb_max + 1023) / 1024);
        *missed += t.status != 0 || mb > sheets[i].mb_max;
        printf("| %s | %u%s | ≤ %u %s |\n", sheets[i].name, mb,
               t.status == 0 ? "" : " (refused)", sheets[i].mb_max,
               t.status == 0 && mb <= sheets[i].mb_max ? "ok" : "OVER");
    }
    return 0;
}
