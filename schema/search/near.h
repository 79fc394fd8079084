/* Search near: words that one letter makes the same, as a reader or a typist errs. Pure.
 *
 * Of folded words: a wrong tone or hat is no error there at all. One letter other, more,
 * less, or two neighbours exchanged. Short words (under NEAR_BYTES_MIN) have no
 * neighbours. Nor have bare numbers, another number is another paper; but four to eight
 * digits are near to a long number that they are a part of, as somebody remembers the
 * end of an identity number. */
#ifndef TRAM_SCHEMA_SEARCH_NEAR_H
#define TRAM_SCHEMA_SEARCH_NEAR_H

#include <stdbool.h>
#include <stddef.h>

#define NEAR_BYTES_MIN 3
#define NEAR_BYTES_MAX 32
#define PART_BYTES_MIN 4 /* of a number of LONG_BYTES_MIN digits or more */
#define PART_BYTES_MAX 8
#define LONG_BYTES_MIN 9

/* Whether it has neighbours at all. */
bool near_has(const char *word, size_t bytes);
/* Equal words are near too. */
bool near_is(const char *word, size_t bytes, const char *other, size_t other_bytes);

/* Whether it is looked for as a part of longer numbers. */
bool near_is_part(const char *word, size_t bytes);

/* Calls `each` for every neighbour of plain letters and digits, some more than once;
 * ends when it fails, and returns that. Of a number: for none. */
int near_each(const char *word, size_t bytes,
              int (*each)(void *arg, const char *other, size_t other_bytes), void *arg);

#endif
