#include "ocr/suspects/names.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "ocr/language/letter.h"

#define NAME_BYTES       32
#define NAME_LETTERS_MAX 7

/* Clans and given names of the Ê Đê, Gia Rai, Ba Na, Mnông, K'ho, Chăm and others that
 * syllable_of() does not let pass: those of two syllables written as one, and onsets of
 * their own. In small letters. */
static const char *const NAMES[] = {
    "adrơng", "ađrơng",  "adrâng",   "ayun", "êban",   "eban",   "êñuôl",     "ênuôl",
    "enuôl",  "hđơk",    "hmŏk",     "hmok", "hwing",  "kbuôr",  "kbrông",    "kđăm",
    "kđoh",   "knul",    "kpă",      "kpơr", "krajan", "ksor",   "kƀuôr",     "mlô",
    "mjâo",   "mkriêng", "rahlan",   "rmah", "rơchâm", "rochom", "rcom",      "rcăm",
    "rơmah",  "siu",     "ƀkrông",   "ƀuôn", "bkrông", "buônyă", "buônkrông", "bdap",
    "hdơk",   "hlong",   "hdruê",    "hluk", "hruê",   "alê",    "ala",       "ama",
    "amí",    "aduôn",   "inrasara",
};

static void to_small(char out[NAME_BYTES], const char *word)
{
    size_t used = 0;

    for (utf8proc_ssize_t n; *word != '\0' && used + 4 < NAME_BYTES; word += n) {
        utf8proc_int32_t point;

        n = utf8proc_iterate((const utf8proc_uint8_t *)word, -1, &point);
        if (n <= 0)
            break;
        used += (size_t)utf8proc_encode_char(utf8proc_tolower(point),
                                             (utf8proc_uint8_t *)out + used);
    }
    out[used] = '\0';
}

/* Two consonants, the first of which begins no Vietnamese pair, then a vowel; no tone. */
static bool begins_as_theirs(const char *small)
{
    struct letter l;
    size_t at = 0, consonants = 0, count = 0;
    bool vowels = false;

    if (strchr("bhkmprs", small[0]) == NULL || strncmp(small, "kh", 2) == 0 ||
        strncmp(small, "ph", 2) == 0)
        return false;
    for (; small[at] != '\0' && letter_read(&l, small + at); at += l.bytes, count++) {
        if (l.tone != TONE_LEVEL)
            return false;
        vowels = vowels || l.vowel;
        consonants += !vowels;
    }
    return small[at] == '\0' && vowels && consonants == 2 && count <= NAME_LETTERS_MAX;
}

bool names_have(const char *word)
{
    char small[NAME_BYTES];

    to_small(small, word);
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(NAMES[i], small) == 0)
            return true;
    return begins_as_theirs(small);
}
