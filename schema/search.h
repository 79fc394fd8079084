/* Search: the index of folded tokens, and the questions asked of it.
 *
 * Index and query pass the same tokenizer (schema/tokenizer.h): NFC, lower case,
 * then folded: no tone, no circumflex, horn or breve, đ → d. So "quyet dinh",
 * "quyết định", "QUYẾT ĐỊNH", hoà and hòa, NFC and NFD find the same rows. When
 * the query has accents, the candidates' own text is looked at: hits that hold the
 * words as they were typed (tone placement apart) come first. Words in "quotes"
 * are a phrase, and so are the parts of 12/QĐ-UBND; other words must all be there.
 * Nothing in a query is syntax but the quotes. Pure parts: search_query.h (reading
 * a query, finding it in a text) and snippet.h. */
#ifndef TRAM_SCHEMA_SEARCH_H
#define TRAM_SCHEMA_SEARCH_H

#include "schema/records.h"

/* The row of a page or a document; `text` replaces what was there, empty text
 * removes it. Inside a write of the caller's. */
int search_put(struct store *s, uint64_t id, const char *text, struct err *e);

struct search_hit {
    uint64_t document;
    uint64_t page;        /* 0: found in the document's fields */
    uint32_t page_number; /* in the document, from 1; 0 with page 0 */
    uint16_t site;
    bool exact;          /* holds the words as typed; always, if none has an accent */
    const char *snippet; /* one line of UTF-8, hits between SEARCH_HIT_BEGIN and _END */
};

#define SEARCH_HIT_BEGIN       "\x02"
#define SEARCH_HIT_END         "\x03"
#define SEARCH_QUERY_BYTES_MAX 1024
#define SEARCH_CANDIDATES_MAX  2000 /* looked at for accents; best ranked first */

/* Calls `each` for at most `limit` hits, best first. A query without a letter or
 * digit finds nothing: that is an answer. `each` stops the search by failing. Reads
 * one snapshot: a write of this store must not begin in `each`. ERR_USAGE: too long,
 * or not UTF-8. */
int search_run(struct records *r, const char *query, unsigned limit,
               int (*each)(void *arg, const struct search_hit *hit, struct err *e),
               void *arg, struct err *e);

/* Rows that the index lacks or has too many, against pages and documents; 0 in a
 * sound box. For verify. */
int search_verify(struct records *r, uint64_t *missing, uint64_t *surplus, struct err *e);

#endif
