/* The inside of partials, for the files that share it: partial.c writes one,
 * partial_sweep.c looks at all that there are. */
#ifndef TRAM_SYNC_PARTIAL_INTERNAL_H
#define TRAM_SYNC_PARTIAL_INTERNAL_H

#include "sync/partial.h"

#define PARTIAL_ID_DIGITS ((size_t)2 * OBJECT_ID_BYTES)

/* `total_bytes` 0: as an older program named it. */
int partial_paths(const struct partial_place *at, const struct object_id *object,
                  uint64_t total_bytes, char path[DISK_PATH_BYTES],
                  char at_path[DISK_PATH_BYTES], struct err *e);

/* What ".at" says. */
struct partial_at {
    uint64_t bytes; /* durable */
    uint32_t sweeps;
};

/* Zeroes if it is absent or was never finished. */
int partial_at_read(struct disk *d, const char *path, struct partial_at *out,
                    struct err *e);
int partial_at_write(struct disk *d, const char *path, const struct partial_at *at,
                     struct err *e);

#endif
