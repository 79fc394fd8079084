#include "ocr/stamp.h"

#include <string.h>

#include "ocr/letters.h"

#define TEXT_BYTES 64

static const struct {
    const char *letters;
    enum stamp_words words;
    size_t wrong_max, wrong_framed_max; /* letters */
} known[] = {
    {"TUYETMAT", STAMP_TUYET_MAT, 1, 3},
    {"TOIMAT", STAMP_TOI_MAT, 1, 2},
    {"MAT", STAMP_MAT, 0, 0}, /* a third of so short a word is too much, but see below */
};

/* Whether `a` becomes `b` by at most `max` letters changed, dropped or added. */
static bool is_near(const char *a, const char *b, size_t max)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    if (*a == '\0' && *b == '\0')
        return true;
    if (max == 0)
        return false;
    return (*a != '\0' && *b != '\0' && is_near(a + 1, b + 1, max - 1)) ||
           (*a != '\0' && is_near(a + 1, b, max - 1)) ||
           (*b != '\0' && is_near(a, b + 1, max - 1));
}

/* What is left of a frame reads as I, l, |, [ or J at the ends. */
static bool is_frame_rest(const char *word)
{
    return word[0] == '\0' || (strchr("ILJ", word[0]) != NULL && word[1] == '\0');
}

/* The folded letters of all words but the rests of a frame. False: too many. */
static bool take_letters(const char *text, char out[TEXT_BYTES])
{
    char word[TEXT_BYTES], folded[TEXT_BYTES];
    size_t used = 0;

    while (*text != '\0') {
        size_t n = strcspn(text, " \t\r\n");

        if (n >= sizeof word)
            return false;
        memcpy(word, text, n);
        word[n] = '\0';
        letters_fold(folded, sizeof folded, word);
        if (!is_frame_rest(folded)) {
            n = strlen(folded);
            if (used + n >= TEXT_BYTES)
                return false;
            memcpy(out + used, folded, n);
            used += n;
        }
        text += strcspn(text, " \t\r\n");
        text += strspn(text, " \t\r\n");
    }
    out[used] = '\0';
    return true;
}

/* The vowel of MẬT, which hardly another short word has: with it, one of the other
 * letters may be wrong. */
static bool has_its_vowel(const char *text)
{
    return strstr(text, "\u1eac") != NULL || strstr(text, "\u1ead") != NULL;
}

enum stamp_words stamp_words(const char *text, bool framed)
{
    char letters[TEXT_BYTES];

    if (!take_letters(text, letters))
        return STAMP_OTHER;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (is_near(letters, known[i].letters,
                    framed ? known[i].wrong_framed_max : known[i].wrong_max))
            return known[i].words;
    if (framed && strlen(letters) == 3 && has_its_vowel(text) &&
        is_near(letters, "MAT", 1))
        return STAMP_MAT;
    return STAMP_OTHER;
}
