/* Print: the darkest ink of a page, which is its print. Grey seals, signatures and what
 * shows through from behind are lighter: they become paper. Faint print suffers. */
#ifndef TRAM_OCR_IMAGE_PRINT_H
#define TRAM_OCR_IMAGE_PRINT_H

struct Pix;

/* `grey` (8 bits, even) with nothing but its print. NULL: no memory. */
struct Pix *print_keep(struct Pix *grey);

#endif
