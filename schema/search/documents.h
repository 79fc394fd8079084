/* Search documents: which documents the fields of a query mean. */
#ifndef TRAM_SCHEMA_SEARCH_DOCUMENTS_H
#define TRAM_SCHEMA_SEARCH_DOCUMENTS_H

#include "schema/search/search.h"

struct search_documents {
    bool any;      /* the query names a field: only these documents count */
    uint64_t *ids; /* owned; the newest in the index first */
    size_t count;
    uint64_t *slots; /* owned: of them and their pages, ascending */
    size_t slots_count, slots_capacity;
    bool narrowed; /* there may be more */
};

/* The caller releases it, after failure too. Inside a snapshot. */
int search_documents_find(struct search_documents *out, struct records *r,
                          const struct search_query *q, struct err *e);
void search_documents_release(struct search_documents *d);

#endif
