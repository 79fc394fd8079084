/* Levels: how light a page's paper is and how dark its ink, from a sample of its dots. */
#ifndef TRAM_OCR_IMAGE_LEVELS_H
#define TRAM_OCR_IMAGE_LEVELS_H

struct Pix;

/* Of `grey` (8 bits): the level that most of the page has or is darker than; dark beside
 * the sheet, up to four fifths of all, does not change it. */
int levels_paper(struct Pix *grey);

/* The level that `share` of those counted lie below. */
int levels_at(const unsigned counts[256], double share);

#endif
