/* Syllable: whether a word of letters can be a Vietnamese syllable, and which one. An
 * automaton of onset, rhyme and tone over tables. The tone may stand by the old way or
 * the new (hòa and hoà, ủy and uỷ are one syllable); capitals count as small letters.
 * Pure. */
#ifndef TRAM_OCR_LANGUAGE_SYLLABLE_H
#define TRAM_OCR_LANGUAGE_SYLLABLE_H

#include <stdint.h>

enum syllable_kind {
    SYLLABLE_NONE,    /* nobody spells so */
    SYLLABLE_UNUSUAL, /* not Vietnamese, but a name or a loan may be: Krông, Đắk, gen */
    SYLLABLE_SOUND,
};

#define SYLLABLE_LETTERS_MAX 8      /* nghiêng has seven, Chroong too */
#define SYLLABLE_CODES       27384u /* sound ones have codes below; see syllable.c */

struct syllable {
    enum syllable_kind kind;
    uint16_t code; /* of a sound one: the same for all its spellings */
};

struct syllable syllable_of(const char *text);

#endif
