#include "sync/partial_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define AT_BYTES 12

struct partial {
    struct disk *disk; /* not owned */
    struct object_id object;
    struct disk_file *file;
    char path[DISK_PATH_BYTES], at_path[DISK_PATH_BYTES];
    uint64_t total_bytes, bytes, durable_bytes;
    bool named;  /* its names are durable */
    bool failed; /* a second sync would prove nothing */
};

int partial_paths(const struct partial_place *at, const struct object_id *object,
                  uint64_t total_bytes, char path[DISK_PATH_BYTES],
                  char at_path[DISK_PATH_BYTES], struct err *e)
{
    char hex[PARTIAL_ID_DIGITS + 1], total[24] = "";

    for (size_t i = 0; i < OBJECT_ID_BYTES; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", object->id[i]);
    if (total_bytes != 0)
        (void)snprintf(total, sizeof total, "-%" PRIu64, total_bytes);
    if (disk_path(path, e, "%s/partial/%u-%u-%s%s", at->dir, at->site, object->kind, hex,
                  total) != 0)
        return -1;
    return disk_path(at_path, e, "%s.at", path);
}

int partial_at_read(struct disk *d, const char *path, struct partial_at *out,
                    struct err *e)
{
    unsigned char bytes[AT_BYTES] = {0};
    struct disk_file *f = NULL;
    struct disk_stat there;
    struct cursor c;
    size_t got;
    int rc;

    *out = (struct partial_at){0};
    if (disk_stat(d, path, &there, e) != 0)
        return -1;
    if (there.kind == DISK_NOTHING)
        return 0;
    if (disk_open(d, &f, path, DISK_READ, e) != 0)
        return -1;
    rc = disk_file_read(f, bytes, sizeof bytes, 0, &got, e);
    disk_close(f);
    cursor_init(&c, bytes, got);
    if (rc != 0 || got < sizeof out->bytes)
        return rc;
    out->bytes = cursor_u64(&c);
    out->sweeps = got == AT_BYTES ? cursor_u32(&c) : 0;
    return 0;
}

int partial_at_write(struct disk *d, const char *path, const struct partial_at *at,
                     struct err *e)
{
    struct disk_file *f = NULL;
    struct disk_stat there;
    struct buffer b;
    int rc = -1;

    buffer_init(&b, AT_BYTES);
    buffer_append_u64(&b, at->bytes);
    buffer_append_u32(&b, at->sweeps);
    if (buffer_check(&b, e) == 0 && disk_stat(d, path, &there, e) == 0 &&
        disk_open(d, &f, path, there.kind == DISK_NOTHING ? DISK_CREATE : DISK_WRITE,
                  e) == 0)
        rc = disk_file_write(f, b.bytes, b.count, 0, e);
    disk_close(f);
    buffer_release(&b);
    return rc;
}

/* What an older program began is gone on with: its names are without the total. */
static int adopt(const struct partial *p, const struct partial_place *place,
                 struct err *e)
{
    char path[DISK_PATH_BYTES], at_path[DISK_PATH_BYTES];
    struct disk_stat ours, older, at;
    struct disk *d = p->disk;

    if (disk_stat(d, p->path, &ours, e) != 0 ||
        partial_paths(place, &p->object, 0, path, at_path, e) != 0 ||
        disk_stat(d, path, &older, e) != 0)
        return -1;
    if (ours.kind != DISK_NOTHING || older.kind == DISK_NOTHING || p->total_bytes == 0)
        return 0;
    if (disk_remove(d, p->at_path, e) != 0 || disk_rename(d, path, p->path, e) != 0 ||
        disk_stat(d, at_path, &at, e) != 0)
        return -1;
    return at.kind == DISK_NOTHING ? 0 : disk_rename(d, at_path, p->at_path, e);
}

/* Opens what is there, or makes it. A ".at" without its file, or beyond its end, is
 * of one that was removed: it goes before a new file comes. */
static int open_file(struct partial *p, struct err *e)
{
    struct disk *d = p->disk;
    uint64_t file_bytes;
    struct disk_stat there;
    struct partial_at at;

    if (disk_stat(d, p->path, &there, e) != 0 ||
        partial_at_read(d, p->at_path, &at, e) != 0)
        return -1;
    p->durable_bytes = at.bytes;
    if (there.kind != DISK_NOTHING) {
        if (disk_open(d, &p->file, p->path, DISK_WRITE, e) != 0 ||
            disk_file_size(p->file, &file_bytes, e) != 0)
            return -1;
        if (p->durable_bytes > file_bytes || p->durable_bytes > p->total_bytes)
            p->durable_bytes = 0;
        p->named = p->durable_bytes > 0;
        return 0;
    }
    p->durable_bytes = 0;
    if (disk_remove(d, p->at_path, e) != 0)
        return -1;
    return disk_open(d, &p->file, p->path, DISK_CREATE, e);
}

int partial_open(struct partial **out, const struct partial_place *place,
                 const struct object_id *object, uint64_t total_bytes, struct err *e)
{
    struct partial *p = calloc(1, sizeof *p);

    *out = NULL;
    if (p == NULL)
        return err_set(e, ERR_MEMORY, "partial");
    p->disk = place->disk;
    p->object = *object;
    p->total_bytes = total_bytes;
    if (partial_paths(place, object, total_bytes, p->path, p->at_path, e) != 0 ||
        adopt(p, place, e) != 0 || open_file(p, e) != 0) {
        partial_close(p);
        return err_wrap(e, "partial");
    }
    p->bytes = p->durable_bytes;
    *out = p;
    return 0;
}

int partial_begun(const struct partial_place *place, const struct object_id *object,
                  uint64_t total_bytes, bool *begun, struct err *e)
{
    const uint64_t totals[] = {total_bytes, 0}; /* the latter: an older program's */
    char path[DISK_PATH_BYTES], at_path[DISK_PATH_BYTES];
    struct disk_stat there;

    *begun = false;
    for (size_t i = 0; i < 2 && !*begun; i++) {
        if (partial_paths(place, object, totals[i], path, at_path, e) != 0 ||
            disk_stat(place->disk, path, &there, e) != 0)
            return err_wrap(e, "partial");
        *begun = there.kind != DISK_NOTHING;
    }
    return 0;
}

void partial_close(struct partial *p)
{
    if (p == NULL)
        return;
    disk_close(p->file);
    free(p);
}

uint64_t partial_bytes(const struct partial *p)
{
    return p->bytes;
}

uint64_t partial_total(const struct partial *p)
{
    return p->total_bytes;
}

const struct object_id *partial_object(const struct partial *p)
{
    return &p->object;
}

int partial_add(struct partial *p, const void *bytes, size_t count, struct err *e)
{
    if (disk_file_write(p->file, bytes, count, p->bytes, e) != 0)
        return err_wrap(e, "partial");
    p->bytes += count;
    if (p->bytes - p->durable_bytes < PARTIAL_UNSYNCED_BYTES_MAX)
        return 0;
    return partial_sync(p, e);
}

int partial_sync(struct partial *p, struct err *e)
{
    char dir[DISK_PATH_BYTES];

    if (p->failed)
        return err_set(e, ERR_FAILED, "partial: a sync of it failed before");
    if (p->durable_bytes == p->bytes)
        return 0;
    if (disk_file_sync(p->file, e) != 0)
        goto failed;
    if (!p->named) {
        if (disk_parent(dir, p->path, e) != 0 || disk_sync_dir(p->disk, dir, e) != 0)
            goto failed;
        p->named = true;
    }
    if (partial_at_write(p->disk, p->at_path, &(struct partial_at){.bytes = p->bytes},
                         e) != 0)
        goto failed;
    p->durable_bytes = p->bytes;
    return 0;
failed:
    p->failed = true;
    return err_wrap(e, "partial");
}

int partial_whole(struct partial *p, struct disk_file **out, struct err *e)
{
    uint64_t file_bytes;

    *out = p->file;
    if (disk_file_size(p->file, &file_bytes, e) != 0)
        return -1;
    /* What may lie behind its end was said to belong there, and is not said any more. */
    return file_bytes > p->total_bytes ? disk_file_truncate(p->file, p->total_bytes, e)
                                       : 0;
}

int partial_remove(const struct partial_place *place, const struct object_id *object,
                   uint64_t total_bytes, struct err *e)
{
    char path[DISK_PATH_BYTES], at_path[DISK_PATH_BYTES];

    if (partial_paths(place, object, total_bytes, path, at_path, e) != 0 ||
        disk_remove(place->disk, at_path, e) != 0 ||
        disk_remove(place->disk, path, e) != 0)
        return err_wrap(e, "partial");
    return 0;
}
