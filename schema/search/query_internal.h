/* The inside of struct search_query, for the two files that share it: query.c
 * reads what was typed, find.c looks for it in a text. */
#ifndef TRAM_SCHEMA_SEARCH_QUERY_INTERNAL_H
#define TRAM_SCHEMA_SEARCH_QUERY_INTERNAL_H

#include "base/buffer.h"
#include "schema/search/query.h"

/* Two words have at least one byte between them; decoding makes a few more. */
#define TOKENS_MAX (SEARCH_QUERY_BYTES_MAX / 2 + 1)

struct query_token {
    size_t folded, folded_bytes, exact, exact_bytes; /* in words */
    bool accented, prefix;
};

struct search_query {
    struct buffer words;
    struct query_token tokens[TOKENS_MAX];
    size_t tokens_count;
    struct query_group groups[2 * TOKENS_MAX];
    size_t groups_count;
    bool open; /* nothing, not even a blank, is behind the last word */
    bool asks, accented;
};

#endif
