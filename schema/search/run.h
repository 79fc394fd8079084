/* The inside of a search, for the files that share it: candidates.c asks the index which
 * rows may be hits, search.c looks at them and tells them. */
#ifndef TRAM_SCHEMA_SEARCH_RUN_H
#define TRAM_SCHEMA_SEARCH_RUN_H

#include "schema/search/documents.h"
#include "schema/search/narrow.h"

enum { RUN_ID_OF, RUN_SLOT_OF, RUN_PAGE_ORDINAL, RUN_STATEMENTS };

struct run {
    struct records *records;
    const struct search_request *request;
    sqlite3_stmt *statements[RUN_STATEMENTS];
    struct search_query *query;
    struct search_documents documents;
    struct narrow narrow;
    uint64_t *left; /* owned: slots, if filters leave something out and no field does */
    size_t left_count;
    struct search_answer answer;
    struct buffer text; /* of the candidate at hand */
    struct buffer snippet;
    struct search_spans spans;
    uint64_t *candidates; /* owned; 0: told already */
    size_t candidates_count;
    unsigned told_count;
    int (*each)(void *arg, const struct search_hit *hit, struct err *e);
    void *arg;
};

/* Each of these makes r->candidates anew, in their order, and the first two say of the
 * answer how many there are and in which order. */

/* What the index finds, as it is written. */
int candidates_first(struct run *r, struct err *e);
/* The documents that fields named: the newest in the index first, or by days. */
int candidates_documents(struct run *r, struct err *e);
/* What the index finds with an error in one of the words. */
int candidates_near(struct run *r, struct err *e);

/* Before them: what filters leave, of what fields leave. */
int candidates_narrow(struct run *r, struct err *e);

#endif
