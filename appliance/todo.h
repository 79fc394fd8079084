/* To do: what waits for a person at the desk, kind by kind, the first few of each by
 * name. Derived: nothing is kept. */
#ifndef TRAM_APPLIANCE_TODO_H
#define TRAM_APPLIANCE_TODO_H

#include <jansson.h>

#include "appliance/box.h"

#define TODO_FIRST 20 /* of a kind; `count` has them all */
#define TODO_PAGES 20 /* read last, whose words and fields are looked at */

/* {"held": {"count", "first": [{"name", "stamp", "page", "pages", "wall_ms": or null}]},
 * "quarantined": …[{"page", "document", "name": or null, "reason"}],
 * "proposed": another reading stands beside one, …[{"page", "document", "name", "reason":
 * null, or why it could not be read}],
 * "twins": …[{"page", "document", "name", "other", "other_document", "other_name",
 * "agreeing"}],
 * "review": of the TODO_PAGES pages that were read last those with doubtful words, or in
 * whose document's fields something is odd, the newest first,
 * …[{"page", "document", "name", "suspects", "warnings": its document's}],
 * "looked_at": how many pages that were}. *out is the caller's. */
int todo_json(struct box *b, json_t **out, struct err *e);

#endif
