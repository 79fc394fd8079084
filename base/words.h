/* Words: the runs between ASCII white space of a text. A word's number counts
 * them from 0; layouts and corrections name words by it. */
#ifndef TRAM_BASE_WORDS_H
#define TRAM_BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* The next word at or after byte *at, which moves behind it; false at the end.
 *   size_t at = 0; while (words_next(text, &at, &word, &bytes)) … */
bool words_next(const char *text, size_t *at, const char **word, size_t *bytes);

#endif
