#include "schema/reserve.h"

/* Below this, what is left is for those who have something to write. */
#define FREE_BYTES_MIN (16 * (uint64_t)RESERVE_BYTES)

static int fill(struct disk_file *f, struct err *e)
{
    static const unsigned char nothing[65536];

    for (uint64_t at = 0; at < RESERVE_BYTES; at += sizeof nothing)
        if (disk_file_write(f, nothing, sizeof nothing, at, e) != 0)
            return -1;
    return 0;
}

/* Not synced: after a power cut one that is too short is made again. */
void reserve_keep(struct disk *d, const char *dir)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat there;
    struct disk_file *f = NULL;
    uint64_t free_bytes;
    struct err e;

    if (disk_path(path, &e, "%s/reserve", dir) != 0 ||
        disk_stat(d, path, &there, &e) != 0 || there.bytes >= RESERVE_BYTES ||
        disk_free_bytes(d, dir, &free_bytes, &e) != 0 || free_bytes < FREE_BYTES_MIN)
        return;
    if (there.kind == DISK_FILE && disk_remove(d, path, &e) != 0)
        return;
    if (disk_open(d, &f, path, DISK_CREATE, &e) != 0)
        return; /* somebody else makes it at this moment */
    if (fill(f, &e) != 0)
        (void)disk_remove(d, path, &e); /* a part of it would help too */
    disk_close(f);
}

bool reserve_give_up(struct disk *d, const char *dir)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat there;
    struct err e;

    return disk_path(path, &e, "%s/reserve", dir) == 0 &&
           disk_stat(d, path, &there, &e) == 0 && there.kind == DISK_FILE &&
           disk_remove(d, path, &e) == 0;
}
