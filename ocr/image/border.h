/* Border: the dark of a scanner's lid or a copier's glass beside the sheet, and the
 * wedges that a sheet laid askew leaves of it. Tesseract takes it for a picture, and
 * what stands near it with it; a look at the light takes it for a shadow. It becomes
 * paper. Text that comes close to it, or runs into it, stays: only what is dark along
 * the edge for longer than any letter is, and ends as sharply as a sheet does, goes. */
#ifndef TRAM_OCR_IMAGE_BORDER_H
#define TRAM_OCR_IMAGE_BORDER_H

#include <stddef.h>

struct Pix;

/* Removes them from `grey` (8 bits) in place. How many sides had one. A page without
 * costs no more than a look along its edges. */
size_t border_remove(struct Pix *grey, int dpi);

#endif
