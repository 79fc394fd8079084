/* Recover: what a reading left out. Lines of letters that no word covers are cut out of
 * the page, read one by one, and their words put where they belong. Most stand under
 * seals: grey ones are made paper, and the rings of black ones. */
#ifndef TRAM_OCR_RECOVER_H
#define TRAM_OCR_RECOVER_H

#include "ocr/turn.h"

struct recovery {
    struct page_reader reader; /* of a line */
    struct Pix *pix;           /* 8 bits: the page that boxes are told in */
    int dpi;
    bool flat;           /* nothing on it is lighter than print and no paper */
    size_t lines, words; /* read; taken over */
};

int recover_lines(struct recovery *r, struct found *f, struct err *e);

#endif
