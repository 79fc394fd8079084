/* Letters: what a recogniser gives for a word, made fit for a reading's text: NFC,
 * no control or formatting character, no white space of any script inside, and the
 * Icelandic letter that the Vietnamese model writes for Đ put right. Pure. */
#ifndef TRAM_OCR_LETTERS_H
#define TRAM_OCR_LETTERS_H

#include "base/buffer.h"

/* Appends the cleaned word; false (and nothing appended) if nothing is left of it. */
bool letters_append(struct buffer *out, const char *word);

/* Folds to upper-case ASCII letters: marks dropped, Đ as D, all but letters
 * dropped. For comparing with known words. */
void letters_fold(char *out, size_t out_bytes, const char *text);

#endif
