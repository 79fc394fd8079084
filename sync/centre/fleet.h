/* Fleet: what the centre knows of its boxes, for `status`.
 *
 * Counts are of documents in the applied rows, each including the next: kept; read:
 * every page has a reading, and with that sent, received and applied, since it is
 * here; complete: its originals are here too. Backlog and waiting are what the box
 * said in its last contact, corrected by what has come since. */
#ifndef TRAM_SYNC_CENTRE_FLEET_H
#define TRAM_SYNC_CENTRE_FLEET_H

#include <jansson.h>

#include "sync/centre/sites.h"

/* {"name", "epoch", "sites": [{"site", "name", "claimed", "kept", "read", "sent",
 * "received", "applied", "complete", "waiting": {class: bytes}, "oldest_unsent_s",
 * "problems": [{"code", "count", "vi", "en"}], "last_contact_s_ago" (at least; null:
 * never), "sequences": {"last", "received", "applied", "safe"}}],
 * "alarms": [{"site", "kind", "detail", "s_ago"}]}
 * of one site, or of all if `site` is 0. *out is the caller's; NULL if there is no
 * such site. */
int fleet_json(struct centre *c, uint16_t site, json_t **out, struct err *e);

#endif
