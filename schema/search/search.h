/* Search: the index of folded words, and the questions asked of it.
 *
 * Index and query pass the same tokenizer (schema/tokenizer.h): NFC, lower case,
 * then folded: no tone, no circumflex, horn or breve, đ → d. So "quyet dinh",
 * "quyết định", "QUYẾT ĐỊNH", hoà and hòa, NFC and NFD find the same rows. When
 * the query has accents, the candidates' own text is looked at: hits that hold the
 * words as they were typed (tone placement apart) come first, and behind them those with
 * other accents. What one wrong letter hides comes last.
 *
 * The best by BM25 come first, up to SEARCH_RANKED_MAX hits; above that the newest, and
 * the answer says so. Pure parts: query.h (reading a query, finding it in a text),
 * field.h, near.h and snippet.h; the index is index.h, and what it holds is asked with
 * match.h. */
#ifndef TRAM_SCHEMA_SEARCH_SEARCH_H
#define TRAM_SCHEMA_SEARCH_SEARCH_H

#include "schema/records.h"
#include "schema/search/query.h"

/* The row of a page or a document; `text` replaces what was there, empty text
 * removes it. Inside a write of the caller's. */
int search_put(struct store *s, uint64_t id, const char *text, struct err *e);

/* The index of a box of an older version is made anew, from the current text of all rows,
 * while the box works, and so is one with a damaged block: this says that it is due, at
 * each open, and empties what is there. */
int search_begin(struct records *r, struct err *e);
/* Whether it is being made, and how far; until then a question may miss something. */
int search_building(struct store *s, bool *building, unsigned *per_cent, struct err *e);
/* Makes it, where that is due, in writes of its own, a thousand rows each, while `more`
 * (may be NULL) says so, before each; goes on where an earlier one ended. */
int search_build(struct records *r, bool (*more)(void *arg, unsigned per_cent), void *arg,
                 struct err *e);

/* Above SEARCH_RANKED_MAX hits it is always the last. */
enum search_order {
    SEARCH_BY_RANK,
    SEARCH_BY_DATE,   /* of the paper, the latest first; those without one last */
    SEARCH_BY_COMING, /* into the index, the newest first; before them, as by rank, those
                         that hold the words as they were typed */
};

/* What hits are left out; names in any case, with or without accents. */
struct search_filter {
    const char *kind, *issuer; /* NULL or '': any */
    uint32_t year;             /* of the paper; 0: any */
    uint16_t site;             /* 0: any */
};

enum search_facet {
    SEARCH_KINDS,
    SEARCH_ISSUERS,
    SEARCH_YEARS,
    SEARCH_SITES,
    SEARCH_FACETS
};

#define SEARCH_COUNTED_MAX    20  /* values of a facet; the most frequent */
#define SEARCH_NAME_BYTES_MAX 200 /* of a kind or an issuer */

/* How many hits there are of each, but for the near ones and those that a filter left out;
 * above SEARCH_RANKED_MAX hits: at least. What papers do not say is not counted. */
struct search_counts {
    struct search_value {
        uint32_t number;                      /* the year or the site */
        char name[SEARCH_NAME_BYTES_MAX + 1]; /* the kind or the issuer */
        uint64_t hits;
    } values[SEARCH_FACETS][SEARCH_COUNTED_MAX];
    size_t counts[SEARCH_FACETS];
    bool more[SEARCH_FACETS]; /* there are other values */
};

struct search_request {
    const char *query;
    unsigned limit;
    bool typing; /* the last word may go on */
    enum search_order order;
    struct search_filter filter;
    struct search_counts *counts; /* NULL, or told before the first hit */
};

struct search_hit {
    uint64_t document;
    uint64_t page;        /* 0: found in the document's fields */
    uint32_t page_number; /* in the document, from 1; 0 with page 0 */
    uint16_t site;
    bool exact;              /* holds the words as typed; always, if none has an accent */
    bool near;               /* only with a letter that is wrong */
    enum search_order order; /* the answer's */
    const char *snippet; /* one line of UTF-8, hits between SEARCH_HIT_BEGIN and _END */
    const char *text;    /* current text: what the spans are of */
    const struct search_spans *spans;
};

struct search_answer {
    uint64_t total; /* hits, but for the near ones; above SEARCH_RANKED_MAX: at least */
    uint64_t near;  /* of those told */
    enum search_order order; /* that the hits came in */
    bool narrowed;           /* it means more words or papers than were looked for */
    bool building;           /* the index is being made: there may be more */
    unsigned built_per_cent;
};

#define SEARCH_HIT_BEGIN      "\x02"
#define SEARCH_HIT_END        "\x03"
#define SEARCH_RANKED_MAX     50000
#define SEARCH_CANDIDATES_MAX 400  /* looked at for accents; best ranked first */
#define SEARCH_NEAR_WORDS_MAX 6    /* of a query, tried for a wrong letter */
#define SEARCH_DOCUMENTS_MAX  2000 /* whose fields are looked at; the newest */

/* Calls `each` for at most `limit` hits, in their order, the near ones last. A query without a letter or
 * digit finds nothing: that is an answer. `each` stops the search by failing. Reads
 * one snapshot: a write of this store must not begin in `each`. ERR_USAGE: too long,
 * or not UTF-8. *answer (may be NULL) is told at the end. */
int search_ask(struct records *r, const struct search_request *request,
               struct search_answer *answer,
               int (*each)(void *arg, const struct search_hit *hit, struct err *e),
               void *arg, struct err *e);

/* The same, of a query alone. */
int search_run(struct records *r, const char *query, unsigned limit,
               int (*each)(void *arg, const struct search_hit *hit, struct err *e),
               void *arg, struct err *e);

/* Every document that the query finds, however many, but for the near ones; ascending, the
 * caller frees *ids. ERR_REFUSED: it begins more words, or names more papers by their
 * fields, than are looked for, or the index is being made, so that "every" cannot be
 * said. */
int search_all_documents(struct records *r, const char *query, uint64_t **ids,
                         size_t *count, struct err *e);

/* The newest pages and documents with this word, at most so many. */
int search_ids_with(struct store *s, const char *word, uint64_t *ids, size_t ids_max,
                    size_t *count, struct err *e);

/* Rows that the index lacks or has too many, against pages and documents; 0 in a
 * sound box, and while it is being made. A block, a list or tags that are damaged count as
 * one that is lacking. For verify. */
int search_verify(struct records *r, uint64_t *missing, uint64_t *surplus, struct err *e);

#endif
