/* Core: the letters of a word, without the brackets, quotes and stops around them, and
 * what may be done with it. Pure. */
#ifndef TRAM_OCR_LANGUAGE_CORE_H
#define TRAM_OCR_LANGUAGE_CORE_H

#include "ocr/found.h"
#include "ocr/language/syllable.h"

#define CORE_BYTES (SYLLABLE_LETTERS_MAX * 4 + 1)

enum core_kind {
    CORE_NONE,    /* no letter and no digit */
    CORE_NUMBER,  /* a number, or a code with one */
    CORE_OTHER,   /* a long or foreign word, mixed capitals */
    CORE_SMALL,   /* small letters only, few enough for a syllable */
    CORE_TITLE,   /* the same behind a capital */
    CORE_CAPITAL, /* capitals only */
};

struct core {
    enum core_kind kind;
    size_t at, bytes;         /* within the word's text; the rest is prefix and suffix */
    char letters[CORE_BYTES]; /* of a kind beyond CORE_OTHER */
    size_t letters_count;
};

void core_read(struct core *c, const char *text);

/* The symbol that stands for the core's first letter, if the word has one for each of
 * its characters; else UINT32_MAX. */
uint32_t core_symbol(const struct core *c, const struct found_word *w);

/* How sure the recogniser is of the word's characters in the mean, 0..100. What it
 * believes less of than CORE_BELIEF_MIN is no text: seals, signatures, dirt. */
float core_belief(const struct found *f, const struct found_word *w);
#define CORE_BELIEF_MIN 75.0f

#endif
