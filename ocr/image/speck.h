/* Speck: dust taken off a page. Two kinds: grains darker than the page's own print,
 * wherever they lie, and small dots that stand alone, where no letter has its dot and
 * no sentence its full stop. */
#ifndef TRAM_OCR_IMAGE_SPECK_H
#define TRAM_OCR_IMAGE_SPECK_H

#include <stddef.h>

struct Pix;

/* `grey` without its specks, and how many there were; it stays the caller's. NULL: no
 * memory. */
struct Pix *speck_remove(struct Pix *grey, int dpi, size_t *removed);

#endif
