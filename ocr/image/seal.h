/* Seal: red and blue seals, and signatures in blue, lifted off the text beneath. Black
 * print is as dark in the seal's own colour as anywhere, and the seal is as light as
 * paper there: its letters vanish and the printed ones stay. Red lines of text and the
 * flat frames of secrecy stamps are no seals and stay as they are. */
#ifndef TRAM_OCR_IMAGE_SEAL_H
#define TRAM_OCR_IMAGE_SEAL_H

#include <stddef.h>

struct Pix;

/* Grey of `page` (1, 8 or 32 bits) with its seals lifted, and how many they were.
 * NULL: no memory. */
struct Pix *seal_lift(struct Pix *page, int dpi, size_t *lifted);

#endif
