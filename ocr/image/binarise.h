/* Binarise: black and white by a threshold of each place's own, Sauvola's, which keeps
 * faint letters in shadow that one threshold for the page loses. What was grey in the
 * letters is lost, so ordinary pages read worse for it. */
#ifndef TRAM_OCR_IMAGE_BINARISE_H
#define TRAM_OCR_IMAGE_BINARISE_H

struct Pix;

/* `grey` (8 bits) in nothing but 0 and 255; one too small to be told places in stays as
 * it is. NULL: no memory. */
struct Pix *binarise(struct Pix *grey);

#endif
