/* The inside of restore, for the files that share it: restore.c makes the box,
 * restore_blobs.c its originals and images. */
#ifndef TRAM_APPLIANCE_RESTORE_PARTS_H
#define TRAM_APPLIANCE_RESTORE_PARTS_H

#include "appliance/backup_parts.h"

/* A box in the making: its database stands in DIR/restoring until it is one. */
struct restoring {
    struct disk *disk;
    struct clock *clock;
    const struct backup_options *options;
    struct copy_store store;
    const struct recovery_key *key;
    struct manifest manifest;
    struct second_copy_counts *counts;
    struct backup_progress progress;
    const char *dir;
    char staging[DISK_PATH_BYTES], staged[DISK_PATH_BYTES], final[DISK_PATH_BYTES];
    struct store *staged_store;
};

/* Called before each object. */
int restore_go_on(struct restoring *r, struct err *e);

/* The blobs that `list` names, but for those that are away and those that are lost. */
int restore_blobs(struct restoring *r, const struct buffer *list, struct err *e);

#endif
