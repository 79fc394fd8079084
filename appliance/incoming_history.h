/* Incoming history: the centre's frames that are here, as its next bundles lean on them
 * (sync/bundle.h). */
#ifndef TRAM_APPLIANCE_INCOMING_HISTORY_H
#define TRAM_APPLIANCE_INCOMING_HISTORY_H

#include "appliance/box.h"
#include "sync/bundle.h"

/* `b` must outlive `out`. */
void incoming_sources(struct box *b, struct bundle_sources *out);

#endif
