/* Forecast: how long the link needs for what waits of each class, at a rate that was
 * seen. A class goes before the next, and one that the month's budget or a metered link
 * keeps back is not waited for. Pure. */
#ifndef TRAM_APPLIANCE_FORECAST_H
#define TRAM_APPLIANCE_FORECAST_H

#include <jansson.h>

#include "appliance/budget.h"
#include "appliance/link_told.h"

/* Contacts that carried less than this say nothing about the link. */
#define FORECAST_BYTES_MIN 65536

/* What past contacts were like. */
struct forecast_past {
    uint64_t bytes;
    int64_t took_ms;
};
void forecast_note(struct forecast_past *p, const struct link_contact *c);

struct forecast {
    uint64_t bytes_s; /* on which it stands; 0: nobody knows */
    bool now;         /* … of the contact at hand, not of past ones */
    int64_t
        left_s[CLASS_COUNT]; /* until this class is through; -1: kept back, or unknown */
};
void forecast_make(struct forecast *out, const uint64_t waiting_bytes[CLASS_COUNT],
                   const struct sync_budget *b, uint64_t bytes_s_now,
                   const struct forecast_past *p);

/* {"bytes_s", "now", "left_s": {class: seconds or null}} */
json_t *forecast_json(const struct forecast *f);

#endif
