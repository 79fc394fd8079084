#include "sync/partial_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------------- names */

/* A name in the directory. */
struct name {
    uint16_t site;
    struct object_id object;
    uint64_t total_bytes; /* 0: of an older program */
    bool at;              /* it is the ".at" */
};

/* What follows the id: nothing, or the total, and then the end of it. */
static bool rest_read(const char *rest, struct name *out)
{
    char *end = (char *)rest;

    if (rest[0] == '-' && isdigit((unsigned char)rest[1]))
        out->total_bytes = strtoull(rest + 1, &end, 10);
    out->at = strcmp(end, ".at") == 0;
    return out->at || *end == '\0';
}

/* False if it is none of ours. */
static bool name_read(const char *name, struct name *out)
{
    unsigned number, kind;
    int at = 0;

    *out = (struct name){0};
    if (sscanf(name, "%5u-%1u-%n", &number, &kind, &at) != 2 || at == 0 ||
        number > UINT16_MAX || kind >= OBJECT_KINDS ||
        strlen(name + at) < PARTIAL_ID_DIGITS)
        return false;
    out->site = (uint16_t)number;
    out->object.kind = (uint8_t)kind;
    for (size_t i = 0; i < OBJECT_ID_BYTES; i++) {
        unsigned byte;

        if (sscanf(name + at + (2 * i), "%2x", &byte) != 1)
            return false;
        out->object.id[i] = (uint8_t)byte;
    }
    return rest_read(name + at + PARTIAL_ID_DIGITS, out);
}

/* ------------------------------------------------------------------------ each */

struct walk {
    const struct partial_place *place;
    int (*each)(void *arg, const struct partial_told *p, struct err *e);
    void *arg;
};

static int walk_one(void *arg, const char *name, struct err *e)
{
    struct walk *w = arg;
    char path[DISK_PATH_BYTES], at_path[DISK_PATH_BYTES];
    struct partial_told told;
    struct partial_at at;
    struct name n;

    if (!name_read(name, &n) || n.site != w->place->site || n.at)
        return 0;
    if (partial_paths(w->place, &n.object, n.total_bytes, path, at_path, e) != 0 ||
        partial_at_read(w->place->disk, at_path, &at, e) != 0)
        return -1;
    told = (struct partial_told){.object = n.object,
                                 .total_bytes = n.total_bytes,
                                 .bytes = at.bytes,
                                 .sweeps = at.sweeps};
    return w->each(w->arg, &told, e);
}

int partial_each(const struct partial_place *place,
                 int (*each)(void *arg, const struct partial_told *p, struct err *e),
                 void *arg, struct err *e)
{
    struct walk w = {.place = place, .each = each, .arg = arg};
    char dir[DISK_PATH_BYTES];

    if (disk_path(dir, e, "%s/partial", place->dir) != 0 ||
        disk_list(place->disk, dir, walk_one, &w, e) != 0)
        return err_wrap(e, "partial");
    return 0;
}

/* ----------------------------------------------------------------------- sweep */

struct sweep {
    struct partial_place place;
    bool ageing;
    int (*taken)(void *arg, uint16_t site, const struct object_id *object, bool *is,
                 struct err *e);
    void *arg;
};

/* Older by one sweep, or gone. A ".at" alone is of one that was removed. */
static int age(struct sweep *w, const struct name *n, struct err *e)
{
    char path[DISK_PATH_BYTES], at_path[DISK_PATH_BYTES];
    struct disk *d = w->place.disk;
    struct disk_stat there;
    struct partial_at at;

    if (partial_paths(&w->place, &n->object, n->total_bytes, path, at_path, e) != 0 ||
        disk_stat(d, path, &there, e) != 0 || partial_at_read(d, at_path, &at, e) != 0)
        return -1;
    if (there.kind == DISK_NOTHING)
        return disk_remove(d, at_path, e);
    if (n->at)
        return 0;
    if (++at.sweeps > PARTIAL_SWEEPS_MAX)
        return partial_remove(&w->place, &n->object, n->total_bytes, e);
    return partial_at_write(d, at_path, &at, e);
}

static int sweep_one(void *arg, const char *name, struct err *e)
{
    struct sweep *w = arg;
    struct name n;
    bool taken;

    if (!name_read(name, &n))
        return 0;
    w->place.site = n.site;
    if (w->taken(w->arg, n.site, &n.object, &taken, e) != 0)
        return -1;
    if (taken)
        return partial_remove(&w->place, &n.object, n.total_bytes, e);
    return w->ageing ? age(w, &n, e) : 0;
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
