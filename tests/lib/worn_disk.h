/* A worn disk: passes everything on to another one, but for places that it cannot give
 * any more: EIO there, as from a bad block. SQLite goes to the other one directly. */
#ifndef TRAM_TESTS_WORN_DISK_H
#define TRAM_TESTS_WORN_DISK_H

#include "base/disk.h"

struct worn_disk {
    struct disk disk;   /* hand out this one */
    struct disk *under; /* not owned */
    /* Parts of paths; NULL: none. */
    const char *unseen;   /* looking at such a name fails */
    const char *absent;   /* such a name is not there: its medium was pulled out */
    const char *unopened; /* opening such a file fails */
    const char *unread;   /* reading such a file fails, from this byte on */
    uint64_t unread_from;
    bool unread_once; /* … a single time, and then no more */
};

void worn_disk_init(struct worn_disk *w, struct disk *under);

#endif
