#include "tests/bench/parts.h"

#include <leptonica/allheaders.h>
#include <math.h>
#include <string.h>

#define WORSE_POINTS_MAX 0.3
#define TURNS            5

static const struct {
    const char *name;
    int quarters;
    double degrees; /* clockwise */
} turns[TURNS] = {
    {"90", 1, 0}, {"180", 2, 0}, {"270", 3, 0}, {"+8", 0, 8}, {"-8", 0, -8},
};

/* The whole page stays on a larger sheet, as when it lay askew on the glass. */
static PIX *turn(PIX *pix, int n)
{
    if (turns[n].quarters > 0)
        return pixRotateOrth(pix, turns[n].quarters);
    return pixRotate(pix, (l_float32)(turns[n].degrees * M_PI / 180),
                     pixGetDepth(pix) == 1 ? L_ROTATE_SAMPLING : L_ROTATE_AREA_MAP,
                     L_BRING_IN_WHITE, pixGetWidth(pix), pixGetHeight(pix));
}

/* As PNG: a turned page loses nothing but what turning takes. */
static int write_turned(struct page *p, const char *dir, int n, struct err *e)
{
    PIX *pix = pixRead(p->image), *turned = NULL;
    int rc = -1;

    if (disk_path(p->image, e, "%s/%s.png", dir, p->id) != 0)
        goto out;
    if (pix != NULL)
        turned = turn(pix, n);
    if (turned != NULL)
        pixSetResolution(turned, pixGetXRes(pix), pixGetYRes(pix));
    if (turned == NULL || pixWrite(p->image, turned, IFF_PNG) != 0)
        err_set(e, ERR_FAILED, "turning %s", p->id);
    else
        rc = 0;
out:
    pixDestroy(&pix);
    pixDestroy(&turned);
    return rc;
}

static int read_turned(const struct plan *p, const struct folder *f, int n,
                       struct score *out, struct err *e)
{
    char dir[DISK_PATH_BYTES];
    struct folder twin;
    int rc = -1;

    if (folder_twin(&twin, f, turns[n].name, e) != 0)
        return -1;
    if (disk_path(dir, e, "%s/%s", p->scratch, twin.name) != 0 ||
        disk_make_dir(disk_system(), dir, e) != 0)
        goto out;
    for (size_t i = 0; i < twin.pages_count; i++)
        if (write_turned(&twin.pages[i], dir, n, e) != 0)
            goto out;
    if (reader_run(&p->readers, READER_OURS, &twin, e) != 0)
        goto out;
    if (p->per_page)
        for (size_t i = 0; i < twin.pages_count; i++)
            printf("- %s %s: %.2f straight, %.2f turned\n", twin.name, twin.pages[i].id,
                   score_cer(&f->pages[i].by[READER_OURS].score),
                   score_cer(&twin.pages[i].by[READER_OURS].score));
    *out = folder_score(&twin, READER_OURS);
    rc = 0;
out:
    folder_release(&twin);
    return rc;
}

static bool is_turned(const struct folder *f)
{
    return strstr(f->name, "clean") != NULL || strstr(f->name, "light") != NULL;
}

static int turned_row(const struct plan *p, const struct folder *f, unsigned *missed,
                      struct err *e)
{
    struct score straight = {0}, turned;
    char line[512];
    int n = 0;

    for (size_t i = 0; i < f->pages_count; i++)
        score_add(&straight, &f->pages[i].by[READER_OURS].score);
    n += snprintf(line, sizeof line, "| %s | %.2f |", f->name, score_cer(&straight));
    for (int i = 0; i < TURNS; i++) {
        bool kept;

        if (read_turned(p, f, i, &turned, e) != 0)
            return -1;
        kept = score_cer(&turned) - score_cer(&straight) <= WORSE_POINTS_MAX;
        *missed += !kept;
        n += snprintf(line + n, sizeof line - (size_t)n, " %.2f %s |", score_cer(&turned),
                      kept ? "ok" : "OVER");
    }
    printf("%s\n", line);
    return 0;
}

int part_turned(const struct plan *p, const struct folder *folders, size_t count,
                unsigned *missed, struct err *e)
{
    printf(
        "\n### Turned pages: letters wrong, per cent (within %.1f points of straight)\n\n"
        "| folder | straight |",
        WORSE_POINTS_MAX);
    for (int i = 0; i < TURNS; i++)
        printf(" %s° |", turns[i].name);
    printf("\n| --- | --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < count; i++)
        if (is_turned(&folders[i]) && turned_row(p, &folders[i], missed, e) != 0)
            return err_wrap(e, "turned %s", folders[i].name);
    return 0;
}
