/* Moved: whether this box still stands on the board and the card that it stood on
 * (base/board.h; kept in DIR/board). A copy of its card in another machine, or the card
 * itself there, would give out ids and frames that the first one gives out too: so it
 * begins a new epoch before it writes anything, and an event says why.
 *
 * A box that was put back on the same card is not seen here, but by its chain, when it
 * meets its centre (sync/core.h). What cannot be read is not checked, and nothing here
 * keeps a box from working. */
#ifndef TRAM_APPLIANCE_MOVED_H
#define TRAM_APPLIANCE_MOVED_H

#include "appliance/verbs.h"

/* By who owns the directory, before the first write. `root` as board_look() has it. The
 * first time it only remembers; a box without a centre is left alone. ERR_FAILED: no epoch
 * is left. */
int moved_check(struct box *b, const char *root, bool *moved, struct err *e);

/* The same on this machine, told to whoever starts the box. */
void moved_look(struct box *b, struct verb_io *io);

#endif
