/* Offers: other ways to read a whole word, made of what the recogniser offered for each
 * of its letters, best first. Unlike language/, which may change a word by itself and so
 * touches no name, number or code, this only proposes to a person: any letter that was
 * offered may be taken. Pure. */
#ifndef TRAM_OCR_OFFERS_H
#define TRAM_OCR_OFFERS_H

#include "ocr/alternatives.h"
#include "ocr/found.h"

/* Sets out->count and texts for word `at` of *f; 0: nothing worth a look was offered. The
 * texts are as the reading's are (letters.h), and none is the word's own. */
void offers_gather(struct alternatives_word *out, const struct found *f, size_t at);

#endif
