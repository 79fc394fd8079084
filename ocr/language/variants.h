/* Variants: a syllable with another mark or tone on one letter, or both, as far as such a
 * syllable is in use: what a reader errs in most, and sees least of. Pure. */
#ifndef TRAM_OCR_LANGUAGE_VARIANTS_H
#define TRAM_OCR_LANGUAGE_VARIANTS_H

#include "ocr/language/core.h"

/* A vowel has three marks and six tones at most; a syllable, three vowels and đ. */
#define VARIANTS_MAX (3 * 3 * 6 + 1)

struct variant {
    char letters[CORE_BYTES];
    uint16_t place; /* of bigram.h */
};

struct variants {
    struct variant all[VARIANTS_MAX];
    size_t count;
};

/* Those of a core of a kind beyond CORE_OTHER; of others there are none. */
void variants_of(struct variants *out, const struct core *c);

#endif
