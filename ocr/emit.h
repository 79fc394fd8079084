/* Emit: from what was found to a reading: letters made fit, boxes moved to the
 * original's pixels, cells and changes told. Pure. */
#ifndef TRAM_OCR_EMIT_H
#define TRAM_OCR_EMIT_H

#include "ocr/found.h"
#include "ocr/mapping.h"
#include "ocr/reading.h"

/* Appends to out->text and out->layout, whose head is filled in already. What does
 * not fit READING_TEXT_MAX is left out, as a word that no letter is left of. */
int emit_reading(const struct found *f, const struct mapping *m, struct reading *out,
                 struct err *e);

#endif
