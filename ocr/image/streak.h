/* Streak: the thin upright lines that dirt on a scanner's glass draws down a page.
 * Tesseract takes one for the edge of a column and tears the lines of text that cross
 * it apart. They become paper; letters on them stay, and so do lines that others across
 * meet. A page with a table is left as it is: its rules, worn, look the same. */
#ifndef TRAM_OCR_IMAGE_STREAK_H
#define TRAM_OCR_IMAGE_STREAK_H

#include <stddef.h>

struct Pix;

/* How many `grey` (8 bits) has. */
size_t streak_count(struct Pix *grey, int dpi);

/* Removes them in place. How many they were. */
size_t streak_remove(struct Pix *grey, int dpi);

#endif
