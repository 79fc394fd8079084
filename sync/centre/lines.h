/* Lines: the runs of frames that one box has made, one an epoch.
 *
 *   1 ─► 2 ─► 3 ─► 4 ─► 5      epoch 1: received and applied
 *             └──► 4' ─►       epoch 2: the box was put back to a backup made after 3
 *
 * A box that was put back, and one that stands in a lost one's place, goes on from an older
 * frame under a higher epoch. The centre then leaves the old line there: frames 4 and 5
 * stay applied, keep their bundles, and go down to the box as frames of the centre's,
 * word for word, so that it gets back what it lost; 4' and what follows is the box's line
 * from now on. So nothing is lost, and both ends end equal by the same merge as ever. An
 * alarm tells an administrator. */
#ifndef TRAM_SYNC_CENTRE_LINES_H
#define TRAM_SYNC_CENTRE_LINES_H

#include "sync/centre/sites.h"

/* Whether the line can be left there. Not while the centre has changed anything itself that
 * was made having seen frames after that (a correction, a conflict, a parked change): those
 * would come down before what they are about. Such a box stays refused, and an alarm. */
int line_may_leave(struct centre *c, const struct site_row *site, uint64_t last_common,
                   bool *may, struct err *e);

/* Inside the caller's transaction, with all of the old line applied. `site` becomes what
 * the row is then: received, applied and safe at `last_common` at most. */
int line_leave(struct centre *c, struct site_row *site, uint64_t last_common,
               uint8_t epoch, struct err *e);

/* The chain hash after a frame of a line that was left, the newest such line first:
 * *found is false where there are no more than `nth` of them. */
int line_left_chain(struct centre *c, uint16_t site, uint64_t sequence, unsigned nth,
                    struct hash *out, bool *found, struct err *e);

/* Whether the chain's hash after this frame, of any line of the site's, begins with these
 * bytes. */
int line_knows(struct centre *c, uint16_t site, uint64_t sequence, const void *hash,
               size_t hash_bytes, bool *known, struct err *e);

#endif
