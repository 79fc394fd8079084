/* Marks: what the recogniser takes for marks though it is dirt, a rule or the streak of
 * a feeder, and marks that it mixes up: bullets, a digit's 1, dotted leaders; and the
 * numbers of papers that were broken in two. Told by shape and place alone; no word is
 * known here. Pure. */
#ifndef TRAM_OCR_MARKS_H
#define TRAM_OCR_MARKS_H

#include "ocr/found.h"

/* Takes words out of *f that are noise or dotted leaders, and rewrites others
 * (CHANGE_MARK, CHANGE_JOIN). Best before language_choose. */
void marks_clean(struct found *f);

#endif
