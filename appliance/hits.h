/* Hits as JSON, the same for `search --json` and the desk. */
#ifndef TRAM_APPLIANCE_HITS_H
#define TRAM_APPLIANCE_HITS_H

#include <jansson.h>

#include "schema/search/search.h"

/* {"document", "page" (an id; null: found in the fields), "page_number", "snippet", "site",
 * "exact", "near" (a letter is wrong), "order" (of the whole answer: "rank", "date" or
 * "newest": search_order_name())}. The snippet is plain text or, with `marked`, a list of
 * pieces, ["before ", ["hit"], " after"], so that nobody has to cut it up again. */
json_t *hit_json(const struct search_hit *hit, bool marked);

#endif
