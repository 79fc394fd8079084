/* Streak: the thin upright lines that dirt on a scanner's glass draws down a page.
 * Tesseract takes one for the edge of a column and tears the lines of text that cross
 * it apart. They become paper; letters on them stay, and so do the rules of tables,
 * which lines across meet. */
#ifndef TRAM_OCR_IMAGE_STREAK_H
#define TRAM_OCR_IMAGE_STREAK_H

#include <stddef.h>

struct Pix;

/* Of `grey` (8 bits), as it lay on the glass: in place. How many there were. */
size_t streak_remove(struct Pix *grey, int dpi);

#endif
