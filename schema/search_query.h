/* Search query: what a person typed, as phrases of tokens. It is written as an
 * expression for FTS5, in which nothing of the person's is syntax, and it is looked
 * for in a text, to check accents and to mark hits. Pure: no database.
 *
 *   12/QĐ-UBND "hội đồng" quyết định  ─►  "12" + "qd" + "ubnd" AND "hoi" + "dong"
 *                                         AND "quyet" AND "dinh" */
#ifndef TRAM_SCHEMA_SEARCH_QUERY_H
#define TRAM_SCHEMA_SEARCH_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct search_query;

/* On success the caller destroys *out; on failure it is NULL. ERR_USAGE: longer than
 * SEARCH_QUERY_BYTES_MAX, or not UTF-8. A quote that is not closed ends with the
 * query; “typographic” quotes are quotes. */
int search_query_create(struct search_query **out, const char *text, struct err *e);
void search_query_destroy(struct search_query *q); /* NULL is fine */

/* The FTS5 expression; empty without a letter or digit, when nothing is asked. */
const char *search_query_expression(const struct search_query *q);

/* Whether any word has an accent (or a đ), so that the exact form says more. */
bool search_query_accented(const struct search_query *q);

enum search_form { SEARCH_FOLDED, SEARCH_EXACT };

#define SEARCH_SPANS_MAX 256 /* of one text; more hits are not marked */

/* Bytes of the text that one phrase covers. */
struct search_span {
    size_t start, end;
    size_t phrase;
};

struct search_spans {
    struct search_span at[SEARCH_SPANS_MAX]; /* by start; they may overlap */
    size_t count;
};

/* Whether all phrases are in the text in that form; `spans` (may be NULL) gets where
 * the first hits are, also if some phrase is missing. */
bool search_query_find(const struct search_query *q, enum search_form form,
                       const char *text, size_t bytes, struct search_spans *spans);

#endif
