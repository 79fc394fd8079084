/* Codes: numbers of papers such as 2683/QĐ-UBND that a typesetter broke in two at a
 * line's end, or the recogniser at a hyphen. They are looked up as one word. */
#ifndef TRAM_OCR_MARKS_CODES_H
#define TRAM_OCR_MARKS_CODES_H

#include "ocr/found.h"

/* Joins the halves of codes into the first one, which keeps its place on the page. */
void codes_join(struct found *f);

#endif
