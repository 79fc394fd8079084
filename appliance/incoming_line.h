/* Incoming line: the centre was put back to a backup, and goes on from an older frame
 * under a new epoch of its own:
 *
 *   1 ─► 2 ─► 3 ─► 4  ─► 5     epoch 0: 4 and 5 are applied here, and lost there
 *             └──► 4' ─► 5'    epoch 1
 *
 * What this box has applied beyond the last common frame becomes frames of its own, and
 * the cursor goes back to that frame, under the new epoch: so 4' is taken next, and what
 * the box gives back was made without having seen it. Internal to appliance/incoming*.c. */
#ifndef TRAM_APPLIANCE_INCOMING_LINE_H
#define TRAM_APPLIANCE_INCOMING_LINE_H

#include "appliance/incoming.h"

/* Inside the transaction that takes the new line's first frame; all that is kept is
 * applied. */
int incoming_leave(struct box *b, uint64_t last_common, uint8_t epoch, struct err *e);

#endif
