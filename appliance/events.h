/* Events: who did what to a row, with a detail as JSON. */
#ifndef TRAM_APPLIANCE_EVENTS_H
#define TRAM_APPLIANCE_EVENTS_H

#include <jansson.h>

#include "appliance/box.h"

/* Inside a write of the caller's; by the box's actor. Takes `detail`; NULL, or what is no
 * text, is ERR_MEMORY: an event that must have one is not written without. */
int event_add(struct box *b, uint64_t subject, const char *kind, json_t *detail,
              struct err *e);

#endif
