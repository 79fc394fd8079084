/* Letter: one letter of Vietnamese taken apart: what it is without its tone, the
 * tone, and whether it is a capital. Letters come composed (NFC), as the recogniser
 * writes them. Pure. */
#ifndef TRAM_OCR_LANGUAGE_LETTER_H
#define TRAM_OCR_LANGUAGE_LETTER_H

#include <stdbool.h>
#include <stddef.h>

#define LETTER_BYTES 4 /* UTF-8 of the longest, with NUL */

enum tone { TONE_LEVEL, TONE_FALLING, TONE_RISING, TONE_ASKING, TONE_BROKEN, TONE_HEAVY };
#define TONES 6

struct letter {
    char plain[LETTER_BYTES]; /* small, with its own mark (ă, ơ, đ), without the tone */
    enum tone tone;
    bool capital, vowel;
    size_t bytes; /* that it takes in the text */
};

/* Takes the letter that `text` begins with apart; false if that is no letter of the
 * Vietnamese or the Latin alphabet. Ð, which the model writes for Đ, is one. */
bool letter_read(struct letter *out, const char *text);

/* The other way: writes it and a NUL, and gives its bytes. */
size_t letter_write(char out[LETTER_BYTES], const struct letter *l);

/* The letter of a to z under all marks. */
char letter_base(const struct letter *l);

#endif
