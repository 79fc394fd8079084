/* Typed: the fields of a record type on their way, by what its file says: behind labels,
 * below headings, in zones, by patterns. */
#ifndef TRAM_OCR_FIELDS_TYPED_H
#define TRAM_OCR_FIELDS_TYPED_H

#include "ocr/fields/anchors.h"
#include "ocr/fields/gather.h"

struct typed {
    struct gather *g;
    struct anchors anchors;
};

/* Whether the field is looked for on that page. */
bool typed_on_page(const struct typed *t, const struct field_def *f, uint32_t page);

/* The run's words as a value of the field, if they stand in one of its zones and have one
 * of its patterns. `label`: its words, which a pattern may name too; it may have no
 * pieces. `row`: a register's, or ROW_NONE. False: they are none. */
#define ROW_NONE UINT32_MAX
bool typed_take(struct typed *t, const struct field_def *f, const struct run *r,
                const struct run *label, unsigned row, unsigned sure, const char *rule);

#define ANCHOR_FIELDS_MAX 8 /* of one anchor in one section */

/* Each label's first value on the pages, but for the cells of registers. */
void labels_find(struct typed *t);

#define RULE_COLUMN "column" /* of a register's cells */

/* Whether that table of the page is one: its first rows are headings. */
bool is_register_table(const struct typed *t, uint32_t page, uint16_t table);

#endif
