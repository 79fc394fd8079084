/* Late: frames of a line that the site has left, which come after that: on a stick that was
 * lost for a while, or from a box whose card was copied and which does not know yet.
 *
 * They are the box's all the same: applied as any of its changes are, by what of ours it
 * had seen when it made them, and given to the box that is the site's now (giving.h). A
 * column that this one has changed meanwhile is in conflict: the later frame's value stands
 * at both ends, and a person sees the other one. */
#ifndef TRAM_SYNC_CENTRE_LATE_H
#define TRAM_SYNC_CENTRE_LATE_H

#include "sync/centre/frames.h"

/* Where it came: the line that was the site's then, up to the last frame applied. */
struct late_place {
    struct frames *frames;
    struct line_path now;
    uint64_t applied;
    /* What rows.newer holds: the frames of this line after `common` up to `to`. */
    bool any;
    struct line_path line;
    uint64_t common, to;
};

/* r->newer becomes what the site's line has and the frame's has not. What it holds already
 * is not read again: a place stays for all the frames that came there. */
int late_bring_newer(struct rows *r, struct late_place *p, const struct rows_frame *f,
                     struct err *e);

#endif
