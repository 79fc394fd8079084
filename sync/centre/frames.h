/* Frames: what the journal holds, frame by frame and by name (lines.h), out of the bundles
 * that brought them. One bundle stays open for the next question. */
#ifndef TRAM_SYNC_CENTRE_FRAMES_H
#define TRAM_SYNC_CENTRE_FRAMES_H

#include "sync/centre/lines.h"
#include "sync/rows/rows.h"

struct frames {
    struct centre *centre;
    const struct site_row *site;
    struct bundle bundle; /* owned */
};

void frames_release(struct frames *f); /* a zeroed one is fine */

/* The frame, until the next question. ERR_CORRUPT: it is not in the journal. */
int frames_find(struct frames *f, uint8_t epoch, uint64_t sequence,
                struct rows_frame *out, struct err *e);

#endif
