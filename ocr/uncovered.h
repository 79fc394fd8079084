/* Uncovered: ink of letters' size that stands in lines and that no word of a reading
 * covers: what the recogniser took for a picture, lost beside a seal, or cut off. Where
 * it is, and where in the reading what is read there belongs. Pure: boxes in, boxes
 * out. */
#ifndef TRAM_OCR_UNCOVERED_H
#define TRAM_OCR_UNCOVERED_H

#include "ocr/found.h"

#define UNCOVERED_MAX 10 /* on a page: each takes time to be read */

/* The height of the letters of most words, with what rises above them; 0: no words. */
int uncovered_letters(const struct found *f);

/* The lines that no word covers, the longest first; how many. `inks` are the boxes of
 * all connected ink on the page, in any order. */
size_t uncovered_find(const struct box *inks, size_t count, const struct found *f,
                      struct box out[UNCOVERED_MAX]);

/* Before which word of *f a line that stands in `b` is read. */
size_t uncovered_place(const struct found *f, const struct box *b);

#endif
