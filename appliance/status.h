/* Status: the truth about a box, for `status`, the desk and the status vector.
 * Each count of documents includes the next: kept ≥ read ≥ sent ≥ received ≥
 * applied ≥ complete. */
#ifndef TRAM_APPLIANCE_STATUS_H
#define TRAM_APPLIANCE_STATUS_H

#include <jansson.h>

#include "appliance/box.h"

#define CLASS_COUNT 7 /* DESIGN: 0 status … 1 frames … 4 images, 5 originals, 6 system */

struct status {
    uint64_t kept, read, sent, received, applied, complete; /* documents */
    uint64_t waiting_bytes[CLASS_COUNT];
    int64_t oldest_unsent_ms_min; /* "at least"; of what has no receipt; 0: nothing */
    uint64_t pages_waiting, pages_quarantined, held;
    bool index_building;     /* search may miss something */
    unsigned index_per_cent; /* made, by then */
    bool refused;            /* the centre would not have us, the last time */
    /* Of waiting_bytes: over the month's budget; kept back by a metered link. */
    uint64_t over_budget_bytes, metered_bytes;
    uint64_t disk_free_bytes;
    uint8_t disk_used_percent;
    /* The newest second copy (backup.h). What it holds survives the loss of the box; the
     * words above go by the centre alone. */
    bool copied;
    int64_t copy_age_ms_min;
    uint64_t changed_since_copy; /* documents */
    /* The oldest work that is neither safe at the centre nor in the copy; 0: none. */
    int64_t on_box_only_ms_min;
};

int status_read(struct box *b, struct status *out, struct err *e);

/* {"kept", …, "waiting": {"1": bytes, …}, "oldest_unsent_s", "second_copy":
 * null|{"age_s", "changed_since"}, "problems": [{"code",
 * "count", "vi", "en"}, …], and "pages": {"waiting", "quarantined"}, "held"}. */
json_t *status_json(struct box *b, const struct status *s);

#endif
