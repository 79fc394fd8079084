/* Suspects: the words of a reading that a person should look at, with the reason and with
 * what else may stand there. Nothing is changed here: whoever looks decides.
 *
 * A word is a suspect when
 *
 *   UNSURE    the recogniser says so: how unsure it must be depends on the kind of word,
 *             since nothing but the recogniser vouches for a number
 *   FRAGMENT  it is a piece of a word, or a mark that nobody prints
 *   SYLLABLE  nobody spells so: no Vietnamese syllable, name, abbreviation or code
 *   DIGITS    digits and letters are mixed as no number, date or code has them, a day does
 *             not exist, or a digit stands in a name
 *   UNKNOWN   it could be a syllable, but neither the laws' two million (language/) nor the
 *             commune's own words (known()) have it
 *   MARK      with another mark or tone it would fit its neighbours far better
 *
 * Names of the highlands (Y, H', Đắk, Kpă) are names as any other. Thresholds are measured
 * (make bench-suspects). Pure. */
#ifndef TRAM_OCR_SUSPECTS_H
#define TRAM_OCR_SUSPECTS_H

#include "ocr/alternatives.h"
#include "ocr/layout.h"

enum suspect_reason {
    SUSPECT_UNSURE,
    SUSPECT_FRAGMENT,
    SUSPECT_SYLLABLE,
    SUSPECT_DIGITS,
    SUSPECT_UNKNOWN,
    SUSPECT_MARK,
    SUSPECT_REASONS
};

/* "unsure", … */
const char *suspect_reason_name(enum suspect_reason r);

/* Where a value stands that others rely on. */
struct suspects_zone {
    int32_t left, top, width, height; /* pixels of the original */
    bool name;                        /* of a person or an office: holds no digit */
};

struct suspects_page {
    const char *text; /* as in struct reading; as many words as in the layout */
    const struct layout *layout;
    const struct alternatives *alternatives; /* NULL: none */
    const struct suspects_zone *zones;
    size_t zones_count;
    const bool *settled; /* by word: a person has looked; NULL: no word */
    /* Whether this syllable, as the page has it, is a word here; `name`: it is written as
     * one, with a capital. NULL: none is known. */
    bool (*known)(void *arg, const char *syllable, bool name);
    void *arg;
};

struct suspect {
    uint32_t word;
    unsigned reasons; /* bits: 1 << enum suspect_reason */
    /* What may stand there, likeliest first: what the recogniser offered, and other marks
     * and tones that would fit. */
    size_t alternatives_count;
    char alternatives[ALTERNATIVES_EACH_MAX][ALTERNATIVE_BYTES];
};

struct suspects {
    struct suspect *list; /* owned; by word, ascending */
    size_t count, room;
};

/* ERR_CORRUPT: text and layout do not agree. On failure *out is zeroed. */
int suspects_find(struct suspects *out, const struct suspects_page *p, struct err *e);
void suspects_release(struct suspects *s); /* a zeroed one is fine */

#endif
