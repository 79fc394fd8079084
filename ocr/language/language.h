/* Language: chooses among the recogniser's own alternatives by what Vietnamese
 * allows. Never invents a letter that was not offered; never touches digits, codes,
 * names, capitals, words in registers and table cells. Pure; its tables are in the
 * program (counts from laws, which are outside copyright: README.md here). */
#ifndef TRAM_OCR_LANGUAGE_H
#define TRAM_OCR_LANGUAGE_H

#include "ocr/found.h"

/* How many words were looked at and how many were changed. */
struct language_report {
    size_t words, changed, joined;
};

/* Rewrites words of *f (found_change), joins falsely split syllables. */
void language_choose(struct found *f, struct language_report *out);

/* Share of lower-case words of letters that are possible Vietnamese syllables, 0..1;
 * 1 without any such word. For judging an attempt. */
double language_valid_share(const struct found *f);

#endif
