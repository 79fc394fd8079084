#include "sync/centre/shown.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob_export.h"

struct writing {
    struct centre *centre;
    const struct shown *what;
    const char *path;
    bool all;        /* path names a directory */
    uint64_t wanted; /* if not all: the original, once known */
    unsigned written, missing;
};

static int each_original(void *arg, const struct original_row *o, struct err *e)
{
    struct writing *w = arg;
    char name[BLOB_NAME_BYTES], path[DISK_PATH_BYTES];
    bool here;

    if (!w->all && o->id != w->wanted)
        return 0;
    if (blob_exists(w->centre->blobs, &o->sha256, &here, e) != 0)
        return -1;
    if (!here) {
        w->missing++;
        return 0;
    }
    blob_export_name(name, w->written + w->missing + 1, o->name == NULL ? "" : o->name);
    if (disk_path(path, e, "%s%s", w->path, w->all ? name : "") != 0 ||
        blob_export(w->centre->blobs, w->centre->disk, &o->sha256, path, e) != 0)
        return -1;
    w->written++;
    return 0;
}

/* The original of the page asked for, or of the first page that has one. */
static int find_wanted(void *arg, const struct page_row *p, struct err *e)
{
    struct writing *w = arg;

    (void)e;
    if (w->wanted == 0 && (w->what->page == 0 || w->what->page == p->id))
        w->wanted = p->original;
    return 0;
}

int shown_originals(struct centre *c, const struct shown *what, const char *path,
                    unsigned *written, unsigned *missing, struct err *e)
{
    size_t bytes = strlen(path);
    struct writing w = {.centre = c,
                        .what = what,
                        .path = path,
                        .all = bytes > 0 && path[bytes - 1] == '/'};

    *written = *missing = 0;
    if (w.all && disk_make_dirs(c->disk, path, e) != 0)
        return -1;
    if (record_each_page(c->records, what->document, find_wanted, &w, e) != 0 ||
        record_each_original(c->records, what->document, each_original, &w, e) != 0)
        return -1;
    *written = w.written;
    *missing = w.missing;
    return 0;
}

/* --------------------------------------------------------------------- an image */

static int take_first(void *arg, const struct page_row *p, struct err *e)
{
    uint64_t *page = arg;

    (void)e;
    if (*page == 0)
        *page = p->id;
    return 0;
}

int shown_image(struct centre *c, const struct shown *what, const char *path,
                enum shown_image *out, struct err *e)
{
    uint64_t page = what->page;
    struct image_row image;
    bool made, here;

    *out = SHOWN_NO_IMAGE;
    if (record_each_page(c->records, what->document, take_first, &page, e) != 0 ||
        record_page_image(c->records, page, IMAGE_SMALL, &image, &made, e) != 0)
        return -1;
    if (!made)
        return 0;
    *out = SHOWN_IMAGE_WAITS;
    if (blob_exists(c->blobs, &image.sha256, &here, e) != 0)
        return -1;
    if (!here)
        return 0;
    *out = SHOWN_IMAGE;
    return blob_export(c->blobs, c->disk, &image.sha256, path, e);
}
