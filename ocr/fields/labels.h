/* Labels: values behind words that a form prints before them ("Họ và tên: …"), and
 * below words at the head of a ruled column. */
#ifndef TRAM_OCR_FIELDS_LABELS_H
#define TRAM_OCR_FIELDS_LABELS_H

#include "ocr/fields/gather.h"

/* Each label's first value on the pages; a column's cells by their row. */
void labels_find(struct gather *g, const struct fields_label *labels, size_t count);

/* Of labels.c and columns.c: the label whose anchor the folded letters are, or begin
 * with; the longest that fits. Its place among `labels`, or `count`. */
size_t label_of(const struct fields_label *labels, size_t count, const char *folded,
                size_t letters, bool column, struct fold_match *out);
void labels_in_columns(struct gather *g, uint32_t page, const struct fields_label *labels,
                       size_t count);

#endif
