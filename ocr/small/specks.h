/* Specks: dirt of a full stop's size and less, told from full stops. */
#ifndef TRAM_OCR_SPECKS_H
#define TRAM_OCR_SPECKS_H

#include <stdint.h>

struct Pix;

/* Takes `mask` (1 bit), which may be NULL; gives one without specks. Of a
 * noisy page `grey` is what the mask was made from, 0 to 255: pale specks go too;
 * else NULL, because small dots of faint print are pale. NULL: no memory. */
struct Pix *specks_dropped(struct Pix *mask, struct Pix *grey, uint32_t dpi);

#endif
