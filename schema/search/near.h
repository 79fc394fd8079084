/* Search near: words that one letter makes the same, as a reader or a typist errs. Pure.
 *
 * Of folded words: a wrong tone or hat is no error there at all. One letter other, more,
 * less, or two neighbours exchanged. Short words (under NEAR_BYTES_MIN) and bare numbers
 * have no neighbours: another number is another paper. */
#ifndef TRAM_SCHEMA_SEARCH_NEAR_H
#define TRAM_SCHEMA_SEARCH_NEAR_H

#include <stdbool.h>
#include <stddef.h>

#define NEAR_BYTES_MIN 3
#define NEAR_BYTES_MAX 32

/* Whether it has neighbours at all. */
bool near_has(const char *word, size_t bytes);
/* Equal words are near too. */
bool near_is(const char *word, size_t bytes, const char *other, size_t other_bytes);

/* Calls `each` for every neighbour of plain letters and digits, some more than once;
 * ends when it fails, and returns that. */
int near_each(const char *word, size_t bytes,
              int (*each)(void *arg, const char *other, size_t other_bytes), void *arg);

#endif
