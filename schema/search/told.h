/* Search told: an answer's counts and order as JSON, the same for the box and the centre. */
#ifndef TRAM_SCHEMA_SEARCH_TOLD_H
#define TRAM_SCHEMA_SEARCH_TOLD_H

#include <jansson.h>

#include "schema/search/search.h"

const char *search_order_name(enum search_order o); /* "rank", "date", "newest" */
/* false: it is none of them. */
bool search_order_of(const char *name, enum search_order *out);

/* {"kind", "issuer", "year", "site": {"values": [{"value", "hits"}], "more": there are
 * other values}}, the most frequent first. */
json_t *search_counts_json(const struct search_counts *c);

#endif
