/* Clause: words between two stops, and the cheapest way through their candidates
 * (Viterbi). Held by the caller; no memory of its own. Pure. */
#ifndef TRAM_OCR_LANGUAGE_CLAUSE_H
#define TRAM_OCR_LANGUAGE_CLAUSE_H

#include "ocr/language/candidates.h"

/* A longer one is taken in parts. */
#define CLAUSE_WORDS_MAX 64

struct clause_word {
    size_t index; /* the caller's */
    struct candidates candidates;
};

struct clause {
    struct clause_word words[CLAUSE_WORDS_MAX];
    size_t count;
    uint16_t before; /* place of what goes before: the edge, or a part's last word */
};

/* Chooses for each word; `chosen` has room for CLAUSE_WORDS_MAX. `ends`: a stop comes
 * after the last word. */
void clause_choose(const struct clause *c, bool ends, uint8_t *chosen);

#endif
