/* Candidates: the ways to read the letters of one word that the recogniser offered and
 * that are syllables, and what each costs. Pure. */
#ifndef TRAM_OCR_LANGUAGE_CANDIDATES_H
#define TRAM_OCR_LANGUAGE_CANDIDATES_H

#include "ocr/language/core.h"

#define CANDIDATES_MAX 12

struct candidate {
    char letters[CORE_BYTES];
    float cost;     /* in nats, like those of bigram.h */
    uint16_t place; /* of bigram.h */
};

struct candidates {
    struct candidate all[CANDIDATES_MAX + 1];
    size_t count; /* at least one: what was written */
};

/* Only what was written. */
void candidates_fix(struct candidates *out, const struct core *c);

/* All, what was written first. `symbol` is core_symbol()'s; `bases_too`: other letters
 * may be taken, not only other marks and tones. */
void candidates_gather(struct candidates *out, const struct core *c,
                       const struct found *f, uint32_t symbol, bool bases_too);

#endif
