/* Labels: values behind words that a form prints before them ("Họ và tên: …"), and
 * below words at the top of a ruled column. */
#ifndef TRAM_OCR_FIELDS_LABELS_H
#define TRAM_OCR_FIELDS_LABELS_H

#include "ocr/fields/gather.h"

void labels_find(struct gather *g, const struct fields_label *labels, size_t count);

#endif
