/* Search counts: how many hits there are of each kind, issuer, year and site. */
#ifndef TRAM_SCHEMA_SEARCH_COUNTS_H
#define TRAM_SCHEMA_SEARCH_COUNTS_H

#include "schema/search/match.h"
#include "schema/search/tags.h"

/* Of these slots. */
int counts_take(struct search_counts *out, struct tags_reader *tags,
                const struct match_hit *found, size_t found_count, struct err *e);

#endif
