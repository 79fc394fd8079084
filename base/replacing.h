/* Replacing: a file made beside its place, "path.PROCESS.part", and put there whole: what stood
 * there stands until all is written and synced, and half a file is never seen.
 *
 *   replacing_begin ─► write to r.file ─► replacing_commit
 *          └─────────── anything fails ─► replacing_release: nothing is left of it
 *
 * Two that write to one path do not meet: each process has a name of its own there, and of
 * one process the second is ERR_BUSY. */
#ifndef TRAM_BASE_REPLACING_H
#define TRAM_BASE_REPLACING_H

#include "base/disk.h"

struct replacing {
    struct disk_file *file; /* NULL: committed, or never begun */
    struct disk *disk;
    char path[DISK_PATH_BYTES], beside[DISK_PATH_BYTES];
};

/* ERR_BUSY: this process is writing there already. ERR_REFUSED: a directory, link or device is there; a rename would put a file in its
 * place. Release it also after a failure. */
int replacing_begin(struct replacing *r, struct disk *d, const char *path, struct err *e);
int replacing_commit(struct replacing *r, struct err *e);
void replacing_release(struct replacing *r); /* a zeroed or committed one is fine */

#endif
