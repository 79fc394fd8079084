/* Bigrams: the table of ocr/language/bigram.h, made from counts. */
#ifndef TRAM_TESTS_LANGUAGE_BIGRAMS_H
#define TRAM_TESTS_LANGUAGE_BIGRAMS_H

#include "base/buffer.h"
#include "tests/language/counts.h"

/* Appends the whole table. The same counts give the same bytes. */
int bigrams_make(const struct counts *c, struct buffer *out, struct err *e);

#endif
