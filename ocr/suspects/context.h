/* Context: what the words beside a word say of it, by the counts of language/. Pure. */
#ifndef TRAM_OCR_SUSPECTS_CONTEXT_H
#define TRAM_OCR_SUSPECTS_CONTEXT_H

#include <stdbool.h>

#include "ocr/language/variants.h"

/* One word of a reading, as the language knows it. */
struct context_word {
    struct core core;
    enum syllable_kind kind; /* of a core beyond CORE_OTHER */
    uint16_t place;          /* of bigram.h */
    bool begins, ends;       /* a clause: nothing is known of what is beyond */
};

void context_read(struct context_word *out, const char *text);

#define CONTEXT_VARIANTS_MAX 2
/* The likeliest spellings with another mark or tone; margins, in nats, say how much
 * likelier each is than what was written (below 0: less). */
struct context_variants {
    bool vouched; /* a neighbour is a syllable in use: margins mean something */
    size_t count;
    char letters[CONTEXT_VARIANTS_MAX][CORE_BYTES];
    float margins[CONTEXT_VARIANTS_MAX];
};

/* Of word `at` of all. */
void context_vary(struct context_variants *out, const struct context_word *words,
                  size_t count, size_t at);

#endif
