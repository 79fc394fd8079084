#include "base/replacing.h"

#include <stdio.h>
#include <unistd.h>

int replacing_begin(struct replacing *r, struct disk *d, const char *path, struct err *e)
{
    struct disk_stat there;

    *r = (struct replacing){.disk = d};
    if (disk_stat(d, path, &there, e) != 0)
        return -1;
    if (there.kind != DISK_NOTHING && there.kind != DISK_FILE)
        return err_set(e, ERR_REFUSED, "%s is there, and is no plain file", path);
    if (disk_path(r->path, e, "%s", path) != 0 ||
        disk_path(r->beside, e, "%s.%ld.part", path, (long)getpid()) != 0 ||
        disk_stat(d, r->beside, &there, e) != 0)
        return -1;
    if (there.kind != DISK_NOTHING)
        return err_set(e, ERR_BUSY, "%s is being written", path);
    return disk_open(d, &r->file, r->beside, DISK_CREATE, e);
}

int replacing_commit(struct replacing *r, struct err *e)
{
    char parent[DISK_PATH_BYTES];

    if (disk_parent(parent, r->path, e) != 0 || disk_file_sync(r->file, e) != 0 ||
        disk_rename(r->disk, r->beside, r->path, e) != 0)
        return -1;
    disk_close(r->file);
    r->file = NULL;
    return disk_sync_dir(r->disk, parent, e);
}

void replacing_release(struct replacing *r)
{
    struct err ignored; /* what failed before is the one to tell */

    if (r->file == NULL)
        return;
    disk_close(r->file);
    r->file = NULL;
    (void)disk_remove(r->disk, r->beside, &ignored);
}
