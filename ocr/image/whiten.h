/* Whiten: uneven light, yellow paper and what shows through from behind become an even
 * white. It saves pages with uneven light (Tesseract drops whole parts of them without
 * a doubt) and harms ordinary ones a little, so that it is taken where it is called
 * for. */
#ifndef TRAM_OCR_IMAGE_WHITEN_H
#define TRAM_OCR_IMAGE_WHITEN_H

struct Pix;

/* Evenness of the paper: dark blocks' background over light ones', 0..1. */
double whiten_evenness(struct Pix *grey);
#define WHITEN_EVENNESS_MIN 0.90 /* no ordinary scan of 29 measured ones was below */

/* `grey` with an even background of 255. NULL: no memory. */
struct Pix *whiten(struct Pix *grey);

#endif
