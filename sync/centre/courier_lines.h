/* Courier's lines: what an answer on a stick says of the frames that the centre knows of a
 * site, for a box that seems not to know that its line was left: sync/known_lines.h. */
#ifndef TRAM_SYNC_CENTRE_COURIER_LINES_H
#define TRAM_SYNC_CENTRE_COURIER_LINES_H

#include "sync/centre/sites.h"

/* Appends it, signed. */
int courier_lines(struct centre *c, uint16_t site, struct buffer *out, struct err *e);

#endif
