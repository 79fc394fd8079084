/* Faint: print with little ink (a ribbon or a cartridge that runs out, a carbon copy)
 * made as dark as any, and the grain of the paper beside it white. Otsu's threshold
 * takes that grain for ink where there are few letters, and a signature's block is lost
 * without a doubt. Uneven pages are left to the ladder, which whitens them. */
#ifndef TRAM_OCR_IMAGE_FAINT_H
#define TRAM_OCR_IMAGE_FAINT_H

#include <stdbool.h>

struct Pix;
struct strokes;

bool faint_shows(const struct strokes *s, struct Pix *grey);

/* `grey` (8 bits) with strong ink on even white paper. NULL: no memory. */
struct Pix *faint_strengthen(struct Pix *grey, const struct strokes *s);

#endif
