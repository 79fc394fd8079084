#include "sync/partial.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_BYTES  12
#define ID_DIGITS (2 * OBJECT_ID_BYTES)

struct partial {
    struct disk *disk; /* not owned */
    struct object_id object;
    struct disk_file *file;
    char path[DISK_PATH_BYTES], at_path[DISK_PATH_BYTES];
    uint64_t total_bytes, bytes, durable_bytes;
    bool named;  /* its names are durable */
    bool failed; /* a second sync would prove nothing */
};

static int paths_of(const struct partial_place *at, const struct object_id *object,
                    char path[DISK_PATH_BYTES], char at_path[DISK_PATH_BYTES],
                    struct err *e)
{
    char hex[ID_DIGITS + 1];

    for (size_t i = 0; i < OBJECT_ID_BYTES; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", object->id[i]);
    if (disk_path(path, e, "%s/partial/%u-%u-%s", at->dir, at->site, object->kind, hex) !=
        0)
        return -1;
    return disk_path(at_path, e, "%s.at", path);
}

/* What ".at" says. */
struct at {
    uint64_t bytes; /* durable */
    uint32_t sweeps;
};

/* Zeroes if it is absent or was never finished. */
static int read_at(struct disk *d, const char *path, struct at *out, struct err *e)
{
    unsigned char bytes[AT_BYTES] = {0};
    struct disk_file *f = NULL;
    struct disk_stat there;
    struct cursor c;
    size_t got;
    int rc;

    *out = (struct at){0};
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

static int write_at(struct disk *d, const char *path, const struct at *at, struct err *e)
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

/* Opens what is there, or makes it. A ".at" without its file, or beyond its end, is
 * of one that was removed: it goes before a new file comes. */
static int open_file(struct partial *p, struct err *e)
{
    struct disk *d = p->disk;
    uint64_t file_bytes;
    struct disk_stat there;
    struct at at;

    if (disk_stat(d, p->path, &there, e) != 0 || read_at(d, p->at_path, &at, e) != 0)
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
    if (paths_of(place, object, p->path, p->at_path, e) != 0 || open_file(p, e) != 0) {
        partial_close(p);
        return err_wrap(e, "partial");
    }
    p->bytes = p->durable_bytes;
    *out = p;
    return 0;
}

int partial_begun(const struct partial_place *place, const struct object_id *object,
                  bool *begun, struct err *e)
{
    char path[DISK_PATH_BYTES], at_path[DISK_PATH_BYTES];
    struct disk_stat there;

    if (paths_of(place, object, path, at_path, e) != 0 ||
        disk_stat(place->disk, path, &there, e) != 0)
        return err_wrap(e, "partial");
    *begun = there.kind != DISK_NOTHING;
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
    if (write_at(p->disk, p->at_path, &(struct at){.bytes = p->bytes}, e) != 0)
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
                   struct err *e)
{
    char path[DISK_PATH_BYTES], at_path[DISK_PATH_BYTES];

    if (paths_of(place, object, path, at_path, e) != 0 ||
        disk_remove(place->disk, at_path, e) != 0 ||
        disk_remove(place->disk, path, e) != 0)
        return err_wrap(e, "partial");
    return 0;
}

/* ----------------------------------------------------------------------- sweep */

/* What a name in the directory says; false if it is none of ours. */
static bool name_read(const char *name, uint16_t *site, struct object_id *object)
{
    unsigned number, kind;
    int at = 0;

    if (sscanf(name, "%5u-%1u-%n", &number, &kind, &at) != 2 || at == 0 ||
        number > UINT16_MAX || kind >= OBJECT_KINDS || strlen(name + at) < ID_DIGITS)
        return false;
    *site = (uint16_t)number;
    object->kind = (uint8_t)kind;
    for (size_t i = 0; i < OBJECT_ID_BYTES; i++) {
        unsigned byte;

        if (sscanf(name + at + (2 * i), "%2x", &byte) != 1)
            return false;
        object->id[i] = (uint8_t)byte;
    }
    return true;
}

struct walk {
    const struct partial_place *place;
    int (*each)(void *arg, const struct object_id *object, uint64_t bytes, struct err *e);
    void *arg;
};

static int walk_one(void *arg, const char *name, struct err *e)
{
    struct walk *w = arg;
    char path[DISK_PATH_BYTES], at_path[DISK_PATH_BYTES];
    struct object_id object;
    struct at at;
    uint16_t site;

    if (!name_read(name, &site, &object) || site != w->place->site ||
        strstr(name, ".at") != NULL)
        return 0;
    if (paths_of(w->place, &object, path, at_path, e) != 0 ||
        read_at(w->place->disk, at_path, &at, e) != 0)
        return -1;
    return w->each(w->arg, &object, at.bytes, e);
}

int partial_each(const struct partial_place *place,
                 int (*each)(void *arg, const struct object_id *object, uint64_t bytes,
                             struct err *e),
                 void *arg, struct err *e)
{
    struct walk w = {.place = place, .each = each, .arg = arg};
    char dir[DISK_PATH_BYTES];

    if (disk_path(dir, e, "%s/partial", place->dir) != 0 ||
        disk_list(place->disk, dir, walk_one, &w, e) != 0)
        return err_wrap(e, "partial");
    return 0;
}

struct sweep {
    struct partial_place place;
    bool ageing;
    int (*taken)(void *arg, uint16_t site, const struct object_id *object, bool *is,
                 struct err *e);
    void *arg;
};

/* Older by one sweep, or gone. A ".at" alone (`at_name`) is of one that was removed. */
static int age(struct sweep *w, const struct object_id *object, bool at_name,
               struct err *e)
{
    char path[DISK_PATH_BYTES], at_path[DISK_PATH_BYTES];
    struct disk *d = w->place.disk;
    struct disk_stat there;
    struct at at;

    if (paths_of(&w->place, object, path, at_path, e) != 0 ||
        disk_stat(d, path, &there, e) != 0 || read_at(d, at_path, &at, e) != 0)
        return -1;
    if (there.kind == DISK_NOTHING)
        return disk_remove(d, at_path, e);
    if (at_name)
        return 0;
    if (++at.sweeps > PARTIAL_SWEEPS_MAX)
        return partial_remove(&w->place, object, e);
    return write_at(d, at_path, &at, e);
}

static int sweep_one(void *arg, const char *name, struct err *e)
{
    struct sweep *w = arg;
    struct object_id object;
    bool taken;

    if (!name_read(name, &w->place.site, &object))
        return 0;
    if (w->taken(w->arg, w->place.site, &object, &taken, e) != 0)
        return -1;
    if (taken)
        return partial_remove(&w->place, &object, e);
    return w->ageing ? age(w, &object, strstr(name, ".at") != NULL, e) : 0;
}

int partial_sweep(struct disk *d, const char *dir, bool ageing,
                  int (*taken)(void *arg, uint16_t site, const struct object_id *object,
                               bool *is, struct err *e),
                  void *arg, struct err *e)
{
    struct sweep w = {
        .place = {.disk = d, .dir = dir}, .ageing = ageing, .taken = taken, .arg = arg};
    char path[DISK_PATH_BYTES];

    if (disk_path(path, e, "%s/partial", dir) != 0 ||
        disk_list(d, path, sweep_one, &w, e) != 0)
        return err_wrap(e, "sweep");
    return 0;
}
