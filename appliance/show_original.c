#include "appliance/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/room.h"
#include "base/blob_export.h"

struct originals {
    struct box *box;
    const struct shown *what;
    const char *path;
    bool all;        /* path names a directory */
    uint64_t wanted; /* if not all: the original, once known */
    struct show_originals count;
};

/* It is not here: because it left to make room, or it is damage. */
static int ask_for(struct originals *w, const struct hash *sha256, struct err *e)
{
    bool away;

    if (room_is_away(w->box, sha256, &away, e) != 0)
        return -1;
    if (!away)
        return err_set(e, ERR_CORRUPT, "the original is gone: run verify");
    w->count.away++;
    return room_want(w->box, sha256, e);
}

static int each_original(void *arg, const struct original_row *o, struct err *e)
{
    struct originals *w = arg;
    char name[BLOB_NAME_BYTES], path[DISK_PATH_BYTES];
    bool there;

    if (!w->all && o->id != w->wanted)
        return 0;
    if (blob_exists(w->box->blobs, &o->sha256, &there, e) != 0)
        return -1;
    if (!there)
        return ask_for(w, &o->sha256, e);
    if (w->all) {
        blob_export_name(name, w->count.written + 1, o->name);
        if (disk_path(path, e, "%s%s", w->path, name) != 0)
            return -1;
    } else if (disk_path(path, e, "%s", w->path) != 0) {
        return -1;
    }
    if (blob_export(w->box->blobs, w->box->disk, &o->sha256, path, e) != 0)
        return -1;
    w->count.written++;
    return 0;
}

/* The original of the page asked for, or of the first page that has one. */
static int find_wanted(void *arg, const struct page_row *p, struct err *e)
{
    struct originals *w = arg;

    (void)e;
    if (w->wanted == 0 && (w->what->page == 0 || w->what->page == p->id))
        w->wanted = p->original;
    return 0;
}

int show_originals(struct box *b, const struct shown *what, const char *path,
                   struct show_originals *out, struct err *e)
{
    size_t bytes = strlen(path);
    struct originals w = {
        .box = b, .what = what, .path = path, .all = bytes > 0 && path[bytes - 1] == '/'};

    *out = (struct show_originals){0};
    if (w.all && disk_make_dirs(b->disk, path, e) != 0)
        return -1;
    if (record_each_page(b->records, what->document, find_wanted, &w, e) != 0 ||
        record_each_original(b->records, what->document, each_original, &w, e) != 0)
        return -1;
    *out = w.count;
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

int show_image(struct box *b, const struct shown *what, const char *path, bool *written,
               struct err *e)
{
    uint64_t page = what->page;
    struct image_row image;

    *written = false;
    if (record_each_page(b->records, what->document, take_first, &page, e) != 0 ||
        record_page_image(b->records, page, IMAGE_SMALL, &image, written, e) != 0)
        return -1;
    return *written ? blob_export(b->blobs, b->disk, &image.sha256, path, e) : 0;
}
