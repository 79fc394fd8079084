/* Afterwards: what is done when no page waits to be read: room first (room.h), because
 * the rest needs some; fields of documents that were read anew (drawing.h); small images
 * of pages that have been read (images.h), then a look
 * for papers that were scanned twice (duplicates.h), originals packed for the road
 * (packing.h), then packed forms thrown away that nobody needs any more. One thing at a
 * time, and each is whole when it is done: it may be stopped between any two. */
#ifndef TRAM_APPLIANCE_AFTERWARDS_H
#define TRAM_APPLIANCE_AFTERWARDS_H

#include "appliance/images.h"
#include "appliance/packing.h"
#include "appliance/room.h"

/* Zeroed: at the beginning. One for each box. */
struct afterwards {
    struct images images;
    struct packer packer;
    struct room room;
    int64_t seen_ours, seen_others; /* changes when last all was done */
};

struct afterwards_counts {
    uint64_t images, refused; /* pages */
    uint64_t twins;           /* pages that were found to be here already */
    uint64_t packed;          /* originals that travel in fewer bytes now */
};

struct afterwards_run {
    bool gives_way; /* to heat and want of memory: pace.h */
    /* May be NULL. Called before each thing. Non-zero: stop. */
    int (*progress)(void *arg, const struct afterwards_counts *c);
    void *arg;
};

/* Until nothing is left to do, pages wait to be read, or it is stopped. -1 is trouble
 * with the store, the disk or the reader; what was made before stays. */
int afterwards_run(struct box *b, struct afterwards *a, const struct afterwards_run *how,
                   struct afterwards_counts *out, struct err *e);

#endif
