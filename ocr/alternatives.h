/* Alternatives: what the recogniser would have believed instead of a word that it was in
 * doubt about, best first. They never leave the box: on a weak link they would cost more
 * than the layout they stand beside, and whoever corrects has the paper.
 *
 * Packed form (a caged child's answer, and a local row of the box):
 *
 *   u8 version=1 | varint words
 *   per word: varint word - (the word before + 1) | u8 how many, 1..ALTERNATIVES_EACH_MAX
 *     per alternative: u8 bytes | text
 *
 * The decoder trusts nobody: a word that is not there, words out of order, a text that is
 * empty, has white space or a control character or is no UTF-8, and a trailing byte are
 * ERR_CORRUPT. */
#ifndef TRAM_OCR_ALTERNATIVES_H
#define TRAM_OCR_ALTERNATIVES_H

#include "base/buffer.h"

#define ALTERNATIVES_EACH_MAX 4 /* as many keys as a clerk finds without looking */
#define ALTERNATIVE_BYTES     64
#define ALTERNATIVES_BYTES_MAX                                                           \
    65536 /* packed; a page of 400 words, each in doubt, takes a quarter */

struct alternatives_word {
    uint32_t word; /* its number in the reading */
    uint32_t count;
    char texts[ALTERNATIVES_EACH_MAX][ALTERNATIVE_BYTES];
};

struct alternatives {
    struct alternatives_word *words; /* owned; by word, ascending */
    size_t count, room;
};

void alternatives_release(struct alternatives *a); /* a zeroed one is fine */

/* Words come in order. */
int alternatives_add(struct alternatives *a, const struct alternatives_word *w,
                     struct err *e);

/* NULL: the recogniser offered nothing else for this word. */
const struct alternatives_word *alternatives_of(const struct alternatives *a,
                                                uint32_t word);

/* What no page has, more than ALTERNATIVES_BYTES_MAX, is left out from there on. */
void alternatives_pack(const struct alternatives *a, struct buffer *out);

/* No bytes at all are no alternatives. `words`: how many the reading has. On failure
 * *out is zeroed. */
int alternatives_unpack(struct alternatives *out, const void *bytes, size_t count,
                        size_t words, struct err *e);

#endif
