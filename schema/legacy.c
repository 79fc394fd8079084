#include "schema/legacy.h"

#include <string.h>

#include <utf8proc.h>

#define WORD_MAX    64 /* letters; longer ones are nobody's syllable */
#define SHARE_RIGHT 8  /* of ten words, so many must come out right */

/* TCVN 5712:1993, its third set, from 0xa1 on. Capitals with a tone are the small
 * letters in a font of capitals. */
static const uint16_t tcvn3[] = {
    0x102,  0xc2,   0xca,   0xd4,   0x1a0,  0x1af,  0x110,  0x103,  0xe2,   0xea,
    0xf4,   0x1a1,  0x1b0,  0x111,  0,      0,      0,      0,      0,      0,
    0xe0,   0x1ea3, 0xe3,   0xe1,   0x1ea1, 0,      0x1eb1, 0x1eb3, 0x1eb5, 0x1eaf,
    0,      0,      0,      0,      0,      0,      0,      0x1eb7, 0x1ea7, 0x1ea9,
    0x1eab, 0x1ea5, 0x1ead, 0xe8,   0,      0x1ebb, 0x1ebd, 0xe9,   0x1eb9, 0x1ec1,
    0x1ec3, 0x1ec5, 0x1ebf, 0x1ec7, 0xec,   0x1ec9, 0,      0,      0,      0x129,
    0xed,   0x1ecb, 0xf2,   0,      0x1ecf, 0xf5,   0xf3,   0x1ecd, 0x1ed3, 0x1ed5,
    0x1ed7, 0x1ed1, 0x1ed9, 0x1edd, 0x1edf, 0x1ee1, 0x1edb, 0x1ee3, 0xf9,   0,
    0x1ee7, 0x169,  0xfa,   0x1ee5, 0x1eeb, 0x1eed, 0x1eef, 0x1ee9, 0x1ef1, 0x1ef3,
    0x1ef7, 0x1ef9, 0xfd,   0x1ef5,
};
#define TCVN3_FIRST 0xa1

/* VNI for Windows: a vowel and the mark behind it, or a letter alone. Small letters. */
static const struct {
    uint16_t letter, mark, means;
} vni[] = {
    {'a', 0xf9, 0xe1},    {'a', 0xf8, 0xe0},    {'a', 0xfb, 0x1ea3},
    {'a', 0xf5, 0xe3},    {'a', 0xef, 0x1ea1},  {'a', 0xe2, 0xe2},
    {'a', 0xe1, 0x1ea5},  {'a', 0xe0, 0x1ea7},  {'a', 0xe5, 0x1ea9},
    {'a', 0xe3, 0x1eab},  {'a', 0xe4, 0x1ead},  {'a', 0xea, 0x103},
    {'a', 0xe9, 0x1eaf},  {'a', 0xe8, 0x1eb1},  {'a', 0xfa, 0x1eb3},
    {'a', 0xfc, 0x1eb5},  {'a', 0xeb, 0x1eb7},  {'e', 0xf9, 0xe9},
    {'e', 0xf8, 0xe8},    {'e', 0xfb, 0x1ebb},  {'e', 0xf5, 0x1ebd},
    {'e', 0xef, 0x1eb9},  {'e', 0xe2, 0xea},    {'e', 0xe1, 0x1ebf},
    {'e', 0xe0, 0x1ec1},  {'e', 0xe5, 0x1ec3},  {'e', 0xe3, 0x1ec5},
    {'e', 0xe4, 0x1ec7},  {'o', 0xf9, 0xf3},    {'o', 0xf8, 0xf2},
    {'o', 0xfb, 0x1ecf},  {'o', 0xf5, 0xf5},    {'o', 0xef, 0x1ecd},
    {'o', 0xe2, 0xf4},    {'o', 0xe1, 0x1ed1},  {'o', 0xe0, 0x1ed3},
    {'o', 0xe5, 0x1ed5},  {'o', 0xe3, 0x1ed7},  {'o', 0xe4, 0x1ed9},
    {0xf4, 0xf9, 0x1edb}, {0xf4, 0xf8, 0x1edd}, {0xf4, 0xfb, 0x1edf},
    {0xf4, 0xf5, 0x1ee1}, {0xf4, 0xef, 0x1ee3}, {'u', 0xf9, 0xfa},
    {'u', 0xf8, 0xf9},    {'u', 0xfb, 0x1ee7},  {'u', 0xf5, 0x169},
    {'u', 0xef, 0x1ee5},  {0xf6, 0xf9, 0x1ee9}, {0xf6, 0xf8, 0x1eeb},
    {0xf6, 0xfb, 0x1eed}, {0xf6, 0xf5, 0x1eef}, {0xf6, 0xef, 0x1ef1},
    {'y', 0xf9, 0xfd},    {'y', 0xf8, 0x1ef3},  {'y', 0xfb, 0x1ef7},
    {'y', 0xf5, 0x1ef9},  {0xf1, 0, 0x111},     {0xf4, 0, 0x1a1},
    {0xf6, 0, 0x1b0},     {0xed, 0, 0xed},      {0xec, 0, 0xec},
    {0xe6, 0, 0x1ec9},    {0xf3, 0, 0x129},     {0xf2, 0, 0x1ecb},
    {0xee, 0, 0x1ef5},
};

/* ------------------------------------------------------------------ syllables */

/* What may begin a syllable, be its vowels, end it; longer ones first where one begins
 * another. Tones are taken off before. */
static const char *const onsets[] = {
    "ngh", "ng", "nh", "gh", "gi", "kh", "ph", "th", "tr", "ch", "qu", "b", "c", "d",
    "đ",   "g",  "h",  "k",  "l",  "m",  "n",  "p",  "r",  "s",  "t",  "v", "x", ""};
static const char vowels[] =
    " a ă â e ê i o ô ơ u ư y ia iê yê ya ua uô ưa ươ ai ay ao au âu ây eo êu iu oa oă oe"
    " oi ôi ơi uâ ue uê ui uy uơ ưi ưu iêu yêu oai oay oao oeo uai uây uôi ươi ươu uya"
    " uyê uyu uă ";
static const char codas[] = " c ch m n ng nh p t ";

static bool is_listed(const char *list, const char *word, size_t bytes)
{
    char padded[32];

    if (bytes == 0 || bytes + 3 > sizeof padded)
        return false;
    padded[0] = ' ';
    memcpy(padded + 1, word, bytes);
    padded[bytes + 1] = ' ';
    padded[bytes + 2] = '\0';
    return strstr(list, padded) != NULL;
}

/* The letter without its tone; *tones counts those. */
static int32_t toneless(int32_t code, size_t *tones)
{
    utf8proc_int32_t parts[4], rest[4];
    int boundary = 0;
    utf8proc_ssize_t count =
        utf8proc_decompose_char(code, parts, 4, UTF8PROC_DECOMPOSE, &boundary);
    utf8proc_ssize_t left = 0;

    for (utf8proc_ssize_t i = 0; i < count && i < 4; i++) {
        int32_t c = parts[i];

        if (c == 0x300 || c == 0x301 || c == 0x303 || c == 0x309 || c == 0x323)
            (*tones)++;
        else
            rest[left++] = c;
    }
    if (left == 0 || count > 4)
        return code;
    left = utf8proc_normalize_utf32(rest, left, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    return left == 1 ? rest[0] : code;
}

/* Vowels and the end, from here on. */
static bool is_rhyme(const char *text)
{
    size_t bytes = strlen(text);

    for (size_t end = bytes; end > 0; end--) {
        if (is_listed(vowels, text, end) &&
            (end == bytes || is_listed(codas, text + end, bytes - end)))
            return true;
    }
    return false;
}

bool legacy_is_syllable(const int32_t *letters, size_t count)
{
    char text[4 * 8 + 1];
    size_t bytes = 0, tones = 0;

    if (count == 0 || count > 7)
        return false;
    for (size_t i = 0; i < count; i++)
        bytes +=
            (size_t)utf8proc_encode_char(toneless(utf8proc_tolower(letters[i]), &tones),
                                         (utf8proc_uint8_t *)text + bytes);
    text[bytes] = '\0';
    if (tones > 1)
        return false;
    for (size_t i = 0; i < sizeof onsets / sizeof *onsets; i++) {
        size_t onset = strlen(onsets[i]);

        /* "gi" and "qu" are vowels too: gì, gìn; quy, quốc. */
        if (strncmp(text, onsets[i], onset) == 0 && is_rhyme(text + onset))
            return true;
    }
    return false;
}

/* --------------------------------------------------------------------- words */

struct word {
    int32_t letters[WORD_MAX];
    size_t count;
    bool marked; /* something in it is not ASCII */
};

static int32_t tcvn3_of(int32_t code)
{
    if (code < TCVN3_FIRST ||
        code >= TCVN3_FIRST + (int32_t)(sizeof tcvn3 / sizeof *tcvn3))
        return 0;
    return tcvn3[code - TCVN3_FIRST];
}

/* False: no word of that set. */
static bool word_from_tcvn3(const struct word *w, struct word *out)
{
    bool small = false, capital = false;

    *out = *w;
    for (size_t i = 0; i < w->count; i++) {
        if (w->letters[i] < 0x80) {
            small = small || (w->letters[i] >= 'a' && w->letters[i] <= 'z');
            capital = capital || (w->letters[i] >= 'A' && w->letters[i] <= 'Z');
            continue;
        }
        out->letters[i] = tcvn3_of(w->letters[i]);
        if (out->letters[i] == 0)
            return false;
        capital = capital || w->letters[i] <= 0xa7;
    }
    for (size_t i = 0; capital && !small && w->count > 1 && i < w->count; i++)
        out->letters[i] = utf8proc_toupper(out->letters[i]);
    return true;
}

/* The letter at `i`, with the mark behind it or without; *taken of the word. */
static int32_t vni_of(const struct word *w, size_t i, size_t *taken)
{
    int32_t letter = utf8proc_tolower(w->letters[i]);
    int32_t mark = i + 1 < w->count ? utf8proc_tolower(w->letters[i + 1]) : 0;

    for (*taken = 2; *taken > 0; --*taken)
        for (size_t j = 0; j < sizeof vni / sizeof *vni; j++)
            if (vni[j].letter == letter && vni[j].mark == (*taken == 2 ? mark : 0) &&
                (*taken == 1 || mark != 0))
                return letter == w->letters[i] ? vni[j].means
                                               : utf8proc_toupper(vni[j].means);
    *taken = 1;
    return w->letters[i] < 0x80 ? w->letters[i] : 0;
}

static bool word_from_vni(const struct word *w, struct word *out)
{
    out->count = 0;
    out->marked = w->marked;
    for (size_t i = 0, taken; i < w->count; i += taken) {
        int32_t means = vni_of(w, i, &taken);

        if (means == 0)
            return false;
        out->letters[out->count++] = means;
    }
    return true;
}

/* --------------------------------------------------------------------- texts */

/* ASCII that is no letter parts words; so do typographic marks, which no set has. */
static bool is_apart(int32_t code)
{
    if (code < 0x80)
        return (code < 'a' || code > 'z') && (code < 'A' || code > 'Z');
    return code == 0xa0 || code >= 0x2000;
}

struct scan {
    size_t marked;                  /* words */
    size_t as_is, as_tcvn3, as_vni; /* of them, how many are syllables */
};

static void scan_word(struct scan *s, const struct word *w)
{
    struct word other;

    if (!w->marked)
        return;
    s->marked++;
    s->as_is += legacy_is_syllable(w->letters, w->count);
    if (word_from_tcvn3(w, &other))
        s->as_tcvn3 += legacy_is_syllable(other.letters, other.count);
    if (word_from_vni(w, &other))
        s->as_vni += legacy_is_syllable(other.letters, other.count);
}

static void append_code(struct buffer *out, int32_t code)
{
    utf8proc_uint8_t bytes[4];

    buffer_append(out, bytes, (size_t)utf8proc_encode_char(code, bytes));
}

static void append_word(struct buffer *out, const struct word *w, enum legacy set)
{
    struct word other;
    const struct word *told = w;

    if (w->marked &&
        (set == LEGACY_TCVN3 ? word_from_tcvn3(w, &other) : word_from_vni(w, &other)))
        told = &other;
    for (size_t i = 0; i < told->count; i++)
        append_code(out, told->letters[i]);
}

/* Goes through the words; with `out` it writes them as that set's. False: not UTF-8. */
static bool each_word(const char *text, size_t bytes, struct scan *s, enum legacy set,
                      struct buffer *out)
{
    struct word w = {.count = 0};

    for (size_t at = 0; at <= bytes;) {
        utf8proc_int32_t code = ' ';
        utf8proc_ssize_t width = 1;

        if (at < bytes)
            width = utf8proc_iterate((const utf8proc_uint8_t *)text + at,
                                     (utf8proc_ssize_t)(bytes - at), &code);
        if (width <= 0)
            return false;
        if (is_apart(code) || w.count == WORD_MAX) {
            if (out != NULL)
                append_word(out, &w, set);
            else
                scan_word(s, &w);
            w = (struct word){.count = 0};
        }
        if (!is_apart(code)) {
            w.letters[w.count++] = code;
            w.marked = w.marked || code >= 0x80;
        } else if (out != NULL && at < bytes) {
            append_code(out, code);
        }
        at += (size_t)width;
    }
    return true;
}

enum legacy legacy_decode(const char *text, size_t bytes, struct buffer *out)
{
    struct scan s = {0};
    enum legacy set;
    size_t right;

    if (!each_word(text, bytes, &s, LEGACY_NONE, NULL) || s.marked == 0)
        return LEGACY_NONE;
    set = s.as_tcvn3 >= s.as_vni ? LEGACY_TCVN3 : LEGACY_VNI;
    right = set == LEGACY_TCVN3 ? s.as_tcvn3 : s.as_vni;
    if (right <= s.as_is || right * 10 < s.marked * SHARE_RIGHT)
        return LEGACY_NONE;
    (void)each_word(text, bytes, &s, set, out);
    buffer_append_text(out, "");
    return set;
}
