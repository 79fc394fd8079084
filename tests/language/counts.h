/* Counts: of Vietnamese syllables and of pairs of neighbours, read from the files that
 * ocr/language/README.md describes, under their codes: spellings of one syllable are
 * added up, words that are none are left out. For the maker of the table only. */
#ifndef TRAM_TESTS_LANGUAGE_COUNTS_H
#define TRAM_TESTS_LANGUAGE_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ocr/language/syllable.h"

#define COUNTS_EDGE  SYLLABLE_CODES /* the end of a clause, in pairs */
#define COUNTS_CODES (SYLLABLE_CODES + 1)

struct pair {
    uint16_t first, second;
    uint32_t count;
};

struct counts {
    uint32_t *syllables; /* owned; by code */
    struct pair *pairs;  /* owned; ascending, each pair once */
    size_t pairs_count, pairs_room;
};

/* Reads syllables.tsv and pairs.tsv of `dir`. On failure *c is zeroed. */
int counts_read(struct counts *c, const char *dir, struct err *e);
void counts_release(struct counts *c);

#endif
