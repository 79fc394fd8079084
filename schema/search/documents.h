/* Search documents: which documents the fields of a query mean. */
#ifndef TRAM_SCHEMA_SEARCH_DOCUMENTS_H
#define TRAM_SCHEMA_SEARCH_DOCUMENTS_H

#include "schema/search/search.h"

/* Ascending, of documents and their pages. */
struct search_slots {
    uint64_t *at; /* owned */
    size_t count, capacity;
};

struct search_documents {
    bool any;      /* the query asks for a field: only these documents count */
    uint64_t *ids; /* owned; the newest in the index first */
    size_t count;
    struct search_slots
        only;                /* of them; its list is there if `any`, though it be empty */
    struct search_slots but; /* of what a negated field leaves out, where not `any` */
    bool narrowed;           /* there may be more of either */
};

/* The caller releases it, after failure too. Inside a snapshot. */
int search_documents_find(struct search_documents *out, struct records *r,
                          const struct search_query *q, struct err *e);
void search_documents_release(struct search_documents *d);

#endif
