#include "ocr/suspects/names.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#define NAME_BYTES 32

/* Clans and given names of the Ê Đê, Gia Rai, Ba Na, Mnông, K'ho, Chăm and others that
 * syllable_of() does not let pass: those of two syllables written as one, and onsets of
 * their own. In small letters. */
static const char *const NAMES[] = {
    "adrơng", "ađrơng", "adrâng", "ayun",   "êban",   "eban",    "êñuôl", "ênuôl",
    "enuôl",  "hđơk",   "hmŏk",   "hmok",   "hwing",  "kbuôr",   "kbrông", "kđăm",
    "kđoh",   "knul",   "kpă",    "kpơr",   "krajan", "ksor",    "kƀuôr", "mlô",
    "mjâo",   "mkriêng", "rahlan", "rmah",  "rơchâm", "rochom",  "rcom",  "rcăm",
    "rơmah",  "siu",    "ƀkrông", "ƀuôn",   "bkrông", "buônyă",  "buônkrông", "bdap",
    "hdơk",   "hlong",  "hdruê",  "hluk",   "hruê",   "alê",     "ala",   "ama",
    "amí",    "aduôn",  "inrasara", "yahweh",
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

bool names_have(const char *word)
{
    char small[NAME_BYTES];

    to_small(small, word);
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(NAMES[i], small) == 0)
            return true;
    return false;
}
