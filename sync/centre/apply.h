/* Apply: journalled bundles become rows, in order of their sequence per site.
 *
 * One transaction applies one frame's changes through merge(), advances the
 * site's cursor, and brings what is derived (search) up to date. A frame of a newer
 * schema waits. A change that cannot be applied is parked with both versions and
 * the reason; the rest goes on. */
#ifndef TRAM_SYNC_CENTRE_APPLY_H
#define TRAM_SYNC_CENTRE_APPLY_H

#include "sync/centre/centre.h"

/* Applies what is ready, at most `frames_max` frames; *applied says how many. */
int apply_some(struct centre *c, unsigned frames_max, unsigned *applied, struct err *e);

/* The same for one bundle's worth of rows, for tests: which rows were parked. */
int apply_parked_count(struct centre *c, uint16_t site, uint64_t *count, struct err *e);

#endif
