#include "tests/bench/parts.h"

#include <string.h>

#include "tests/bench/turn.h"

#define WORSE_POINTS_MAX 0.3
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
    for (size_t i = 0; i < twin.pages_count; i++) {
        struct page *page = &twin.pages[i];

        if (disk_path(page->image, e, "%s/%s.png", dir, page->id) != 0 ||
            turn_write(page->image, f->pages[i].image, &turns[n], e) != 0)
            goto out;
    }
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

static int turned_row(const struct plan *p, const struct folder *f, struct buffer *rows,
                      unsigned *missed, struct err *e)
{
    struct score straight = {0}, turned;

    for (size_t i = 0; i < f->pages_count; i++)
        score_add(&straight, &f->pages[i].by[READER_OURS].score);
    buffer_append_format(rows, "| %s | %.2f |", f->name, score_cer(&straight));
    for (int i = 0; i < TURNS; i++) {
        bool kept;

        if (read_turned(p, f, i, &turned, e) != 0)
            return -1;
        kept = score_cer(&turned) - score_cer(&straight) <= WORSE_POINTS_MAX;
        *missed += !kept;
        buffer_append_format(rows, " %.2f %s |", score_cer(&turned),
                             kept ? "ok" : "OVER");
    }
    buffer_append_byte(rows, '\n');
    return 0;
}

int part_turned(const struct plan *p, const struct folder *folders, size_t count,
                unsigned *missed, struct err *e)
{
    struct buffer rows; /* after what --per-page tells meanwhile */
    int rc = -1;

    buffer_init(&rows, 1 << 16);
    for (size_t i = 0; i < count; i++)
        if (is_turned(&folders[i]) && turned_row(p, &folders[i], &rows, missed, e) != 0) {
            (void)err_wrap(e, "turned %s", folders[i].name);
            goto out;
        }
    printf(
        "\n### Turned pages: letters wrong, per cent (within %.1f points of straight)\n\n"
        "| folder | straight |",
        WORSE_POINTS_MAX);
    for (int i = 0; i < TURNS; i++)
        printf(" %s° |", turns[i].name);
    printf("\n| --- | --- | --- | --- | --- | --- | --- |\n%s",
           rows.count == 0 ? "" : (const char *)rows.bytes);
    rc = 0;
out:
    buffer_release(&rows);
    return rc;
}
