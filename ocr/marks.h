/* Marks: dashes, dots, quotes and bullets that the model cannot write, or mixes up,
 * told by their measures on the page. Pure. */
#ifndef TRAM_OCR_MARKS_H
#define TRAM_OCR_MARKS_H

#include "ocr/found.h"

struct Pix;

/* Rewrites words of *f (found_change, CHANGE_MARK) by what `pix`, the picture that was
 * read, shows at their places; takes out words that are only dotted leaders. */
void marks_measure(struct found *f, struct Pix *pix);

#endif
