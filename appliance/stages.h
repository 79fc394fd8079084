/* Stages: since when the oldest thing waits for each step that a document goes through:
 * a page to be read, a change to be sent, received and applied, an original to be
 * received. status.h has how many documents passed each. */
#ifndef TRAM_APPLIANCE_STAGES_H
#define TRAM_APPLIANCE_STAGES_H

#include <jansson.h>

#include "appliance/status.h"

enum stage {
    STAGE_READ,
    STAGE_SENT,
    STAGE_RECEIVED,
    STAGE_APPLIED,
    STAGE_COMPLETE,
    STAGES
};

struct stage_oldest {
    bool waits;         /* something does */
    int64_t age_ms_min; /* for so long, at least; … */
    bool sure;          /* … and exactly so long: the clock was right all the while */
};

/* Whether the age of `then` is exact: of this boot, or by walls that are trusted at both
 * ends and leave nothing out. */
bool stage_age_is_sure(const struct moment *then, const struct moment *now,
                       int64_t age_ms_min);

int stages_read(struct box *b, struct stage_oldest out[STAGES], struct err *e);

/* [{"name": "kept"…"complete", "documents", "oldest": null|{"age_s", "sure"}}] */
json_t *stages_json(const struct status *s, const struct stage_oldest oldest[STAGES]);

#endif
