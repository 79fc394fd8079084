/* Field look: whether a document's field says what a group of a query asks of it. */
#ifndef TRAM_SCHEMA_SEARCH_FIELD_LOOK_H
#define TRAM_SCHEMA_SEARCH_FIELD_LOOK_H

#include "schema/search/search.h"

struct field_look;

/* Inside a snapshot. On failure *out is NULL. */
int field_look_create(struct field_look **out, struct records *r,
                      const struct search_query *q, struct err *e);
void field_look_destroy(struct field_look *l); /* NULL is fine */

/* The group is one that names a field; whether it is negated is the caller's. */
int field_look_at(struct field_look *l, size_t group, uint64_t document, bool *found,
                  struct err *e);

#endif
