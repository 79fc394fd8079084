/* Page's suspects: the words of a page that a person should look at, as `show --suspects`
 * and the desk show them (ocr/suspects/). Words that a person has corrected, or has said
 * to be right by correcting them to what they are, are none. Derived: nothing is kept. */
#ifndef TRAM_APPLIANCE_PAGE_SUSPECTS_H
#define TRAM_APPLIANCE_PAGE_SUSPECTS_H

#include <jansson.h>

#include "appliance/box.h"

/* {"page", "reading": 0 if it was not read, "width", "height", "rotation": degrees, "text":
 * as read, "corrections": [{"word", "text"}], "suspects": [{"word": its number, from 1,
 * as `correct` takes it, "text", "confidence", "box": [left, top, width, height] in pixels
 * of the original, "reasons": ["unsure"…], "alternatives": [text…]}]}. *out is the
 * caller's. */
int page_suspects_json(struct box *b, uint64_t page, json_t **out, struct err *e);

#endif
