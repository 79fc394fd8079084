/* Link, told: how the contact at hand goes, what waits, and the contacts there were, as
 * JSON for `link --json` and the desk. */
#ifndef TRAM_APPLIANCE_LINK_TOLD_H
#define TRAM_APPLIANCE_LINK_TOLD_H

#include <jansson.h>

#include "appliance/box.h"
#include "appliance/pulse.h"
#include "appliance/status.h"

#define LINK_HISTORY     10
#define LINK_HISTORY_MAX 1000 /* as many as are kept */

/* Of all classes; what waits, by the status. */
uint64_t link_waiting_bytes(const struct status *s);

/* Seconds; -1: nothing moves, so nobody knows. */
int64_t link_forecast_s(const struct pulse *p, const struct status *s);

struct link_contact {
    int64_t wall_ms; /* when it began, … */
    enum wall_confidence confidence;
    int64_t took_ms;
    uint64_t bytes_out, bytes_in;
    const char *ended; /* enum agent_end's name */
};
/* The newest first, at most `count`. */
int link_each_contact(struct box *b, uint64_t count,
                      void (*each)(void *arg, const struct link_contact *c), void *arg,
                      struct err *e);

/* {"now": null|{"state", "talking_ms", "bytes_out", "bytes_in", "bytes_s",
 * "round_trip_ms", "classes"}, "waiting": {class: bytes}, "forecast_s": or null,
 * "contacts": [{"wall_ms", "wall_confidence", "took_ms", "bytes_out", "bytes_in",
 * "ended"}]}. *out is the caller's. */
int link_json(struct box *b, const struct pulse *p, const struct status *s,
              uint64_t history, json_t **out, struct err *e);

#endif
