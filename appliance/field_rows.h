/* Field rows: what was drawn from a document's pages (ocr/fields/), as the rows of its
 * record type: number and symbol in one, kinds and marks as codes of the type's lists.
 * What the type has no field or code for is left out. Pure. */
#ifndef TRAM_APPLIANCE_FIELD_ROWS_H
#define TRAM_APPLIANCE_FIELD_ROWS_H

#include "ocr/fields/fields.h"
#include "schema/drawn.h"
#include "schema/types/types.h"

#define FIELD_ROW_BYTES 512 /* of a value that is put together */

struct field_rows {
    struct drawn_value *values; /* owned; they point to `said`, `found` and the type */
    char (*said)[FIELD_ROW_BYTES];
    size_t count;
};

/* `pages`: the ids of the pages that were given to fields_find(). `found` and `type`
 * must outlive *out. On failure (memory) *out is zeroed. */
int field_rows_make(struct field_rows *out, const struct fields *found,
                    const struct record_type *type, const uint64_t *pages, struct err *e);
void field_rows_release(struct field_rows *r); /* a zeroed one is fine */

/* Whether the head says that it is a paper of the Party. */
bool field_rows_are_party(const struct fields *found);

#endif
