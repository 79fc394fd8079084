/* Hit boxes: where on a page's picture the words are that a query finds.
 *
 * A box is [left, top, width, height] in fractions (0 to 1) of the page's picture as it is
 * shown: upright, its orientation tag and the clerk's turn obeyed. So it fits every size
 * that a picture is drawn in. Words side by side that are one hit are one box, a line of
 * the page each. What is marked is what the hit was found by: the words as they were
 * typed, else with other accents, else with one letter wrong; and what a person corrected
 * counts as corrected, in the box of what it stands for. Imported text has no boxes. */
#ifndef TRAM_APPLIANCE_HIT_BOXES_H
#define TRAM_APPLIANCE_HIT_BOXES_H

#include <jansson.h>

#include "appliance/box.h"
#include "schema/shown.h"

#define HIT_BOXES_PAGES_MAX 100 /* of a document; further ones are asked for by page */

struct hit_boxes_question {
    const char *query;
    bool typing;      /* its last word may go on */
    bool fields_only; /* of a hit in the document's fields: not its pages' words */
};

/* {"pages": [{"page", "number", "boxes": [box]}], pages without any left out, "fields":
 * [{"name", "page", "box"}]: where values that hold what is asked for were drawn}. *out is
 * the caller's. */
int hit_boxes_json(struct box *b, const struct shown *what,
                   const struct hit_boxes_question *q, json_t **out, struct err *e);

#endif
