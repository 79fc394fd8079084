#include "appliance/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COPY_BYTES     65536
#define NAME_BYTES_MAX 200 /* file systems take 255; room for a number before it */

struct originals {
    struct box *box;
    const struct shown *what;
    const char *path;
    bool all;        /* path names a directory */
    uint64_t wanted; /* if not all: the original, once known */
    unsigned count;  /* written */
};

static int copy_blob(struct box *b, const struct hash *h, struct disk_file *to,
                     struct err *e)
{
    unsigned char *chunk = malloc(COPY_BYTES);
    struct disk_file *from = NULL;
    uint64_t at = 0;
    size_t got = 0;
    int rc = -1;

    if (chunk == NULL)
        return err_set(e, ERR_MEMORY, "copy");
    if (blob_open(b->blobs, &from, h, e) != 0)
        goto out;
    do {
        if (disk_file_read(from, chunk, COPY_BYTES, at, &got, e) != 0 ||
            disk_file_write(to, chunk, got, at, e) != 0)
            goto out;
        at += got;
    } while (got == COPY_BYTES);
    rc = 0;
out:
    disk_close(from);
    free(chunk);
    return rc;
}

/* Beside its place first, so that what stood there stands until all is written. */
static int write_original(struct box *b, const struct hash *h, const char *path,
                          struct err *e)
{
    char beside[DISK_PATH_BYTES], parent[DISK_PATH_BYTES];
    struct disk_file *to = NULL;
    struct disk_stat there;
    int rc = -1;

    if (disk_stat(b->disk, path, &there, e) != 0)
        return -1;
    /* A rename would put a file where a device or a link was. */
    if (there.kind != DISK_NOTHING && there.kind != DISK_FILE)
        return err_set(e, ERR_REFUSED, "%s is there, and is no plain file", path);
    if (disk_path(beside, e, "%s.part", path) != 0 || disk_parent(parent, path, e) != 0)
        return -1;
    if (disk_remove(b->disk, beside, e) != 0 ||
        disk_open(b->disk, &to, beside, DISK_CREATE, e) != 0)
        return -1;
    if (copy_blob(b, h, to, e) == 0 && disk_file_sync(to, e) == 0 &&
        disk_rename(b->disk, beside, path, e) == 0)
        rc = disk_sync_dir(b->disk, parent, e);
    disk_close(to);
    if (rc != 0) {
        struct err ignored; /* the first failure is the one to tell */

        (void)disk_remove(b->disk, beside, &ignored);
    }
    return rc;
}

/* A name as files were called elsewhere, made harmless in a directory: numbered, so
 * that two alike do not meet; no separators, controls or dots in front. */
static void harmless_name(char out[NAME_BYTES_MAX + 16], unsigned number,
                          const char *name)
{
    const char *slash = strrchr(name, '/');
    size_t used;

    (void)snprintf(out, NAME_BYTES_MAX + 16, "%03u-", number);
    used = strlen(out);
    for (const char *c = slash == NULL ? name : slash + 1; *c != '\0'; c++) {
        bool within_letter = ((unsigned char)*c & 0xc0) == 0x80;

        if (used >= NAME_BYTES_MAX + (within_letter ? 8 : 0))
            break;
        out[used++] = (unsigned char)*c < 0x20 || *c == 0x7f ? '_' : *c;
    }
    out[used] = '\0';
}

static int each_original(void *arg, const struct original_row *o, struct err *e)
{
    struct originals *w = arg;
    char name[NAME_BYTES_MAX + 16], path[DISK_PATH_BYTES];

    if (!w->all && o->id != w->wanted)
        return 0;
    if (w->all) {
        harmless_name(name, w->count + 1, o->name);
        if (disk_path(path, e, "%s%s", w->path, name) != 0)
            return -1;
    } else if (disk_path(path, e, "%s", w->path) != 0) {
        return -1;
    }
    if (write_original(w->box, &o->sha256, path, e) != 0)
        return -1;
    w->count++;
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
                   unsigned *count, struct err *e)
{
    size_t bytes = strlen(path);
    struct originals w = {
        .box = b, .what = what, .path = path, .all = bytes > 0 && path[bytes - 1] == '/'};

    *count = 0;
    if (w.all && disk_make_dirs(b->disk, path, e) != 0)
        return -1;
    if (record_each_page(b->records, what->document, find_wanted, &w, e) != 0 ||
        record_each_original(b->records, what->document, each_original, &w, e) != 0)
        return -1;
    *count = w.count;
    return 0;
}
