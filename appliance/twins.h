/* Twins: whether two readings are of one paper. Words that both hold in the same order
 * speak for it; where they differ, and both readers were sure, it is another paper: a form
 * that was filled in for two people shares all but a few words. A misread word is rarely
 * one that the reader was sure of. Pure. */
#ifndef TRAM_APPLIANCE_TWINS_H
#define TRAM_APPLIANCE_TWINS_H

#include "ocr/layout.h"

#define TWIN_WORDS_MAX  2000 /* of a page, from its beginning; more are not looked at */
#define TWIN_WORD_BYTES 24   /* folded; a longer word is cut */

struct twin_word {
    char folded[TWIN_WORD_BYTES];
    uint8_t confidence;
    bool has_digit;
};

struct twin_text {
    struct twin_word *words; /* owned */
    size_t count;
};

/* `layout` NULL: text that nobody read, sure of every word. ERR_MEMORY. */
int twin_text_init(struct twin_text *out, const char *text, const struct layout *layout,
                   struct err *e);
void twin_text_release(struct twin_text *t); /* a zeroed one is fine */

struct twin_verdict {
    size_t fewer;        /* words of the shorter one */
    size_t agreeing;     /* words that both hold, in order */
    size_t contradicted; /* places where both are sure of something else */
    bool is_twin;
};
int twins_compare(const struct twin_text *a, const struct twin_text *b,
                  struct twin_verdict *out, struct err *e);

#endif
