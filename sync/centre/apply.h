/* Apply: journalled bundles become rows, in order of their sequence per site.
 *
 * One transaction applies one frame's changes through merge(), advances the
 * site's cursor, and brings what is derived (search) up to date. A frame of a newer
 * schema waits, and those after it. A change that cannot be applied is parked with
 * both versions and the reason; the rest goes on. A site whose journal cannot be read
 * raises an alarm and does not keep the others waiting. */
#ifndef TRAM_SYNC_CENTRE_APPLY_H
#define TRAM_SYNC_CENTRE_APPLY_H

#include "sync/centre/centre.h"

/* Applies what is ready, at most `frames_max` frames; *applied says how many. What is
 * parked and may have lost its reason, without a frame that told so, counts as frames
 * too. One caller at a time. */
int apply_some(struct centre *c, unsigned frames_max, unsigned *applied, struct err *e);

/* How many changes of this site are parked. */
int apply_parked_count(struct centre *c, uint16_t site, uint64_t *count, struct err *e);

#endif
