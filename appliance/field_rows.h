/* Field rows: what was drawn from a document's pages (ocr/fields/), as the rows of its
 * record type: as printed, or the code where the type has a list of them. What the type
 * has no field or code for is left out. Pure. */
#ifndef TRAM_APPLIANCE_FIELD_ROWS_H
#define TRAM_APPLIANCE_FIELD_ROWS_H

#include "ocr/fields/fields.h"
#include "schema/drawn.h"
#include "schema/types/types.h"

struct field_rows {
    struct drawn_value *values; /* owned; they point to `found` and to the type */
    size_t count;
};

/* `pages`: the ids of the document's pages, by the numbers that `found` has for them.
 * `found` and `type` must outlive *out; rows are by name and ordinal. On failure (memory) *out is zeroed. */
int field_rows_make(struct field_rows *out, const struct fields *found,
                    const struct record_type *type, const uint64_t *pages, struct err *e);
void field_rows_release(struct field_rows *r); /* a zeroed one is fine */

/* The type whose heads the paper's title is, or begins with; NULL: none. */
const struct record_type *field_rows_type(const struct record_types *types,
                                          const struct fields *found);

/* Whether the head says that it is a paper of the Party. */
bool field_rows_are_party(const struct fields *found);

#endif
