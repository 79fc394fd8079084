/* Search query: what a person typed, as groups of words. The index is asked for them,
 * and they are looked for in a text, to check accents and to mark hits. Pure: no
 * database.
 *
 *   12/QĐ-UBND "hội đồng" quyế* -tạm      12 qd ubnd | hoi dong | quye… | not tam
 *   số:12/QĐ ngày:2019..2021              in the field number: 12 qd | date 2019–2021
 *
 * A group is a word, or words side by side: in quotes, or joined by punctuation. `*`
 * behind a group's last word lets that begin a longer one. `-` before a group: not
 * there (in its folded form). NAME: before a group: in that field of the document, with
 * or without accents (field.h). All else is no syntax. A query in TCVN3 or VNI
 * (legacy.h) is decoded. */
#ifndef TRAM_SCHEMA_SEARCH_QUERY_H
#define TRAM_SCHEMA_SEARCH_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "schema/search/field.h"

#define SEARCH_QUERY_BYTES_MAX 1024
#define SEARCH_BEGINNINGS_MAX  9 /* words that may go on: "th*", and the one being typed */

struct search_query;

struct query_group {
    size_t first, count; /* words; no range has any */
    bool negated;
    enum search_field field; /* SEARCH_FIELD_NONE: in the text */
    bool is_range;           /* of days, in a field */
    uint32_t from, to;       /* year × 10000 + month × 100 + day, both included */
};

struct query_word {
    const char *folded, *exact; /* NUL-terminated, the query's */
    size_t folded_bytes, exact_bytes;
    bool prefix;
};

/* `typing`: the last word may go on, as with `*`. On success the caller destroys *out;
 * on failure it is NULL. ERR_USAGE: longer than SEARCH_QUERY_BYTES_MAX, more beginnings than
 * SEARCH_BEGINNINGS_MAX, or not UTF-8. A
 * quote that is not closed ends with the query; “typographic” quotes are quotes. */
int search_query_create(struct search_query **out, const char *text, bool typing,
                        struct err *e);
void search_query_destroy(struct search_query *q); /* NULL is fine */

size_t search_query_groups(const struct search_query *q, const struct query_group **out);
struct query_word search_query_word(const struct search_query *q, size_t word);

/* Whether any group asks for something that is to be there. */
bool search_query_asks(const struct search_query *q);
/* The same, to be in the text: else fields alone say what is meant. */
bool search_query_asks_text(const struct search_query *q);
/* Whether any word to be found in the text has an accent (or a đ), so that the exact
 * form says more. */
bool search_query_accented(const struct search_query *q);

/* NEAR: one letter more, less or other counts as the word (near.h). */
enum search_form { SEARCH_FOLDED, SEARCH_EXACT, SEARCH_NEAR };

#define SEARCH_SPANS_MAX 256 /* of one text; more hits are not marked */

/* Bytes of the text that one group covers. */
struct search_span {
    size_t start, end;
    size_t phrase;      /* the group */
    size_t word, words; /* which of the text's words, from 0; and how many */
};

struct search_spans {
    struct search_span at[SEARCH_SPANS_MAX]; /* by start; they may overlap */
    size_t count;
};

/* Whether all groups that ask for something in the text are in it in that form, and (but
 * for SEARCH_EXACT, which is asked of what is found already) no negated one is; `spans`
 * (may be NULL) gets where the first hits are, also if some group is missing. */
bool search_query_find(const struct search_query *q, enum search_form form,
                       const char *text, size_t bytes, struct search_spans *spans);

/* The same of one group, whatever its field. */
bool search_query_find_group(const struct search_query *q, size_t group, const char *text,
                             size_t bytes);

#endif
