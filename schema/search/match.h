/* Search match: which slots of the index hold what a query asks for, how many they are,
 * and how well they do.
 *
 * Blocks are gone through from the newest: in each a word is a set of bits, and a group
 * of words side by side is found by their places. Above SEARCH_RANKED_MAX slots the rest
 * is not looked at: then the newest are the answer, not the best. Else each slot has its
 * BM25 (k1 1.2, b 0.75, a group counts as one term: as FTS5 does it). */
#ifndef TRAM_SCHEMA_SEARCH_MATCH_H
#define TRAM_SCHEMA_SEARCH_MATCH_H

#include "schema/search/index.h"
#include "schema/search/query.h"

struct match_hit {
    uint64_t slot;
    double score; /* higher is better; 0 unless ranked */
};

struct match {
    struct match_hit *hits;  /* owned; best first if ranked, else newest first */
    size_t count;            /* of hits, at most what was asked for */
    struct match_hit *found; /* owned; if wished for, all slots found, in no order */
    size_t found_count;
    uint64_t total; /* slots found; above SEARCH_RANKED_MAX: at least so many */
    bool ranked;
    bool narrowed; /* a word began, or was near to, more words than were looked for */
};

struct match_wish {
    const struct search_query *query;
    bool near;            /* only what one letter of one word hides: misread.h */
    bool newest;          /* in that order, however few */
    bool found;           /* all are wanted, beside the best */
    bool whole;           /* nothing is left unlooked at, however many there are */
    size_t count;         /* hits wanted */
    const uint64_t *only; /* ascending slots; NULL: all */
    size_t only_count;
    const uint64_t *but; /* the same; NULL: none is left out */
    size_t but_count;
    size_t
        field_group; /* only this group counts, of a field; SIZE_MAX: those of the text */
};

/* The caller releases *out; on failure it is zeroed. Within one snapshot. */
int match_run(struct match *out, sqlite3 *db, const struct match_wish *wish,
              struct err *e);
void match_release(struct match *m); /* a zeroed one is fine */

#endif
