#include "tests/bench/folder.h"

#include <stdlib.h>
#include <string.h>

struct opening {
    struct folder *folder;
    const char *dir;
    size_t pages_max;
};

static bool is_picture(const char *name)
{
    const char *end = strrchr(name, '.');

    return end != NULL && (strcmp(end, ".png") == 0 || strcmp(end, ".jpg") == 0 ||
                           strcmp(end, ".tif") == 0);
}

/* STEM of the page's truth; empty if it has none. */
static int truth_stem(char out[DISK_PATH_BYTES], const char *dir, const char *id,
                      struct err *e)
{
    static const char *const places[] = {"", "/../gt"};
    char path[DISK_PATH_BYTES];
    struct disk_stat s;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (disk_path(out, e, "%s%s/%s", dir, places[i], id) != 0 ||
            disk_path(path, e, "%s.txt", out) != 0 ||
            disk_stat(disk_system(), path, &s, e) != 0)
            return -1;
        if (s.kind == DISK_FILE)
            return 0;
    }
    out[0] = '\0';
    return 0;
}

static int each_name(void *arg, const char *name, struct err *e)
{
    struct opening *o = arg;
    struct page *p = &o->folder->pages[o->folder->pages_count];
    char stem[DISK_PATH_BYTES];

    if (!is_picture(name) || o->folder->pages_count == o->pages_max)
        return 0;
    *p = (struct page){0};
    (void)snprintf(p->id, sizeof p->id, "%.*s", (int)strcspn(name, "."), name);
    if (truth_stem(stem, o->dir, p->id, e) != 0)
        return -1;
    if (stem[0] == '\0')
        return 0;
    if (disk_path(p->image, e, "%s/%s", o->dir, name) != 0 ||
        truth_read(&p->truth, stem, e) != 0)
        return -1;
    o->folder->pages_count++;
    return 0;
}

int folder_open(struct folder *out, const char *name, const char *dir, size_t pages_max,
                struct err *e)
{
    struct opening o = {out, dir,
                        pages_max < FOLDER_PAGES_MAX ? pages_max : FOLDER_PAGES_MAX};
    const char *last = strrchr(name, '/'); /* of a path; files are named by it */

    *out = (struct folder){0};
    (void)snprintf(out->name, sizeof out->name, "%s", last == NULL ? name : last + 1);
    out->pages = calloc(FOLDER_PAGES_MAX + 1, sizeof *out->pages);
    if (out->pages == NULL)
        return err_set(e, ERR_MEMORY, "folder %s", name);
    if (disk_list(disk_system(), dir, each_name, &o, e) == 0)
        return 0;
    folder_release(out);
    return -1;
}

void folder_release(struct folder *f)
{
    for (size_t i = 0; i < f->pages_count; i++) {
        struct page *p = &f->pages[i];

        if (!f->borrowed)
            truth_release(&p->truth);
        for (int r = 0; r < READERS; r++)
            free(p->by[r].text);
        json_decref(p->ours);
    }
    free(f->pages);
    *f = (struct folder){0};
}

int folder_twin(struct folder *out, const struct folder *f, const char *suffix,
                struct err *e)
{
    *out = (struct folder){.borrowed = true};
    out->pages = calloc(f->pages_count + 1, sizeof *out->pages);
    if (out->pages == NULL)
        return err_set(e, ERR_MEMORY, "folder %s", f->name);
    (void)snprintf(out->name, sizeof out->name, "%.32s-%s", f->name, suffix);
    out->pages_count = f->pages_count;
    for (size_t i = 0; i < f->pages_count; i++) {
        struct page *p = &out->pages[i];

        memcpy(p->id, f->pages[i].id, sizeof p->id);
        memcpy(p->image, f->pages[i].image, sizeof p->image);
        p->truth = f->pages[i].truth;
    }
    return 0;
}

int page_take(struct page *p, enum reader r, const char *text, struct err *e)
{
    struct reading_of_page *by = &p->by[r];

    free(by->text);
    *by = (struct reading_of_page){0};
    if (text != NULL && (by->text = strdup(text)) == NULL)
        return err_set(e, ERR_MEMORY, "a page's text");
    return score_page(&by->score, &p->truth, text == NULL ? "" : text,
                      text == NULL ? 0 : strlen(text), e);
}

bool page_counts(const struct folder *f, const struct page *p)
{
    for (int r = 0; r < READER_OURS; r++)
        if (f->pace[r].ran && p->by[r].text == NULL)
            return false;
    return true;
}

struct score folder_score(const struct folder *f, enum reader r)
{
    struct score sum = {0};

    for (size_t i = 0; i < f->pages_count; i++)
        if (page_counts(f, &f->pages[i]))
            score_add(&sum, &f->pages[i].by[r].score);
    return sum;
}
