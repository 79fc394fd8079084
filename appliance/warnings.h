/* Warnings: what schema/checks/ says of a document's current values, for `show --json`
 * and the desk. Nothing is kept: a warning is as old as the question. */
#ifndef TRAM_APPLIANCE_WARNINGS_H
#define TRAM_APPLIANCE_WARNINGS_H

#include <jansson.h>

#include "appliance/box.h"

/* [{"rule", "field", "ordinal", "beside": the other field or null, "vi", "en": the
 * sentence, "mark": "V"|"V2"|"U", "source"}]; empty for a document of no known type.
 * *out is the caller's. */
int warnings_json(struct box *b, uint64_t document, json_t **out, struct err *e);

#endif
