/* Spelling of marks within a word: dirt at its ends, dots that lead away from it, and
 * the digits that are read as letters or brackets. */
#ifndef TRAM_OCR_MARKS_SPELLING_H
#define TRAM_OCR_MARKS_SPELLING_H

#include "ocr/found.h"

/* Rewrites the word by found_change. Its alternatives are kept as far as they still
 * stand for its characters, one by one; else they are let go. */
void spelling_mend(struct found_word *w);

#endif
