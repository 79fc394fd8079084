#include "ocr/fields/phrases.h"

#include <string.h>

#include "base/words.h"
#include "ocr/fields/fold.h"

#define PHRASE_WORDS_MAX 8
#define VALUE_WORDS_MAX  64
#define WORD_BYTES_MAX   32

/* Longer ones before those that they begin with. Both spellings of a word that has two
 * are here, the one that is printed as read stays. */
static const char *const phrases[] = {
    "ỦY BAN NHÂN DÂN PHƯỜNG",
    "UỶ BAN NHÂN DÂN PHƯỜNG",
    "ỦY BAN NHÂN DÂN TỈNH",
    "UỶ BAN NHÂN DÂN TỈNH",
    "ỦY BAN NHÂN DÂN HUYỆN",
    "UỶ BAN NHÂN DÂN HUYỆN",
    "ỦY BAN NHÂN DÂN XÃ",
    "UỶ BAN NHÂN DÂN XÃ",
    "ỦY BAN NHÂN DÂN THÀNH PHỐ",
    "ỦY BAN NHÂN DÂN",
    "UỶ BAN NHÂN DÂN",
    "HỘI ĐỒNG NHÂN DÂN PHƯỜNG",
    "HỘI ĐỒNG NHÂN DÂN TỈNH",
    "HỘI ĐỒNG NHÂN DÂN XÃ",
    "HỘI ĐỒNG NHÂN DÂN HUYỆN",
    "HỘI ĐỒNG NHÂN DÂN",
    "UBND PHƯỜNG",
    "UBND XÃ",
    "UBND TỈNH",
    "UBND HUYỆN",
    "ĐẢNG ỦY PHƯỜNG",
    "ĐẢNG UỶ PHƯỜNG",
    "ĐẢNG ỦY XÃ",
    "ĐẢNG UỶ XÃ",
    "ĐẢNG BỘ TỈNH",
    "ĐẢNG BỘ HUYỆN",
    "ĐẢNG BỘ THÀNH PHỐ",
    "PHÒNG VĂN HÓA - XÃ HỘI",
    "PHÒNG VĂN HOÁ - XÃ HỘI",
    "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG",
    "TRƯỜNG TIỂU HỌC",
    "TRƯỜNG TRUNG HỌC CƠ SỞ",
    "TRƯỜNG MẦM NON",
    "SỞ NỘI VỤ",
    "SỞ TƯ PHÁP",
    "SỞ TÀI CHÍNH",
    "BAN THƯỜNG VỤ",
    "BAN CHẤP HÀNH",
    "PHÓ CHỦ TỊCH",
    "CHỦ TỊCH",
    "PHÓ CHÁNH VĂN PHÒNG",
    "CHÁNH VĂN PHÒNG",
    "PHÓ TRƯỞNG PHÒNG",
    "TRƯỞNG PHÒNG",
    "PHÓ HIỆU TRƯỞNG",
    "HIỆU TRƯỞNG",
    "PHÓ GIÁM ĐỐC",
    "GIÁM ĐỐC",
    "PHÓ BÍ THƯ",
    "BÍ THƯ",
    "PHÓ CHỦ NHIỆM",
};

struct spelled_word {
    const char *text;
    size_t bytes;
    char folded[WORD_BYTES_MAX];
    size_t folded_count;
};

static size_t words_of(const char *text, struct spelled_word *out, size_t max)
{
    size_t at = 0, count = 0;

    while (count < max && words_next(text, &at, &out[count].text, &out[count].bytes)) {
        struct spelled_word *w = &out[count++];

        w->folded_count =
            w->bytes > WORD_BYTES_MAX ? 0 : fold_text(w->text, w->bytes, w->folded, NULL);
    }
    return count;
}

static bool is_lower(const struct spelled_word *w)
{
    return w->bytes > 0 && w->text[0] >= 'a' && w->text[0] <= 'z';
}

/* How many letters of the words differ from the phrase's, accents not counted; more
 * than one in a word of four letters, or any in a shorter one, is another word. */
static bool word_matches(const struct spelled_word *w, const struct spelled_word *phrase)
{
    struct fold_match m;
    char needle[WORD_BYTES_MAX + 1];

    if (is_lower(w))
        return false;
    if (phrase->folded_count == 0) /* a dash */
        return w->folded_count == 0;
    memcpy(needle, phrase->folded, phrase->folded_count);
    needle[phrase->folded_count] = '\0';
    return fold_is(w->folded, w->folded_count, needle, phrase->folded_count >= 4, &m);
}

static bool same_text(const struct spelled_word *words, const struct spelled_word *phrase,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (words[i].bytes != phrase[i].bytes ||
            memcmp(words[i].text, phrase[i].text, words[i].bytes) != 0)
            return false;
    return true;
}

/* The phrase that the words begin with, and its words; 0: none. One that says the same
 * letter for letter goes before the others. */
static size_t phrase_find(const struct spelled_word *words, size_t count,
                          struct spelled_word *best)
{
    size_t found = 0;

    for (size_t p = 0; p < sizeof phrases / sizeof *phrases; p++) {
        struct spelled_word phrase[PHRASE_WORDS_MAX];
        size_t length = words_of(phrases[p], phrase, PHRASE_WORDS_MAX), i = 0;

        if (length > count || length < found)
            continue;
        while (i < length && word_matches(&words[i], &phrase[i]))
            i++;
        if (i < length)
            continue;
        if (length > found || same_text(words, phrase, length)) {
            memcpy(best, phrase, length * sizeof *phrase);
            found = length;
        }
    }
    return found;
}

bool phrases_mend(const char *value, struct buffer *out)
{
    struct spelled_word words[VALUE_WORDS_MAX], phrase[PHRASE_WORDS_MAX];
    size_t count = words_of(value, words, VALUE_WORDS_MAX), i = 0;
    bool changed = false;

    if (count == VALUE_WORDS_MAX) { /* no head is so long */
        buffer_append_text(out, value);
        return false;
    }
    while (i < count) {
        size_t length = phrase_find(words + i, count - i, phrase);
        const struct spelled_word *from = length > 0 ? phrase : words + i;
        size_t step = length > 0 ? length : 1;

        changed = changed || (length > 0 && !same_text(words + i, phrase, length));
        for (size_t k = 0; k < step; k++) {
            if (out->count > 0)
                buffer_append_byte(out, ' ');
            buffer_append(out, from[k].text, from[k].bytes);
        }
        i += step;
    }
    return changed;
}

bool phrases_digits(const char *text, size_t bytes, struct buffer *out)
{
    static const struct {
        const char *letters;
        char digit;
    } alike[] = {{"OoQD", '0'}, {"lIiLT|![]", '1'}, {"Zz", '2'}, {"Ss$", '5'},
                 {"bG", '6'},   {"B", '8'},         {"gq", '9'}};
    /* With marks, which are dirt above the digit. */
    static const char *const marked[] = {"ŠšŚś5", "ÌÍÏÎĨìíïîĩỈỉ1", "ÓÒÔÖ0"};

    for (size_t i = 0, step; i < bytes; i += step) {
        char digit = 0, one[5] = "";
        unsigned char first = (unsigned char)text[i];

        step = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (step > bytes - i)
            return false;
        memcpy(one, text + i, step);
        if (first >= '0' && first <= '9')
            digit = (char)first;
        for (size_t k = 0; step == 1 && digit == 0 && k < sizeof alike / sizeof *alike;
             k++)
            if (strchr(alike[k].letters, one[0]) != NULL)
                digit = alike[k].digit;
        for (size_t k = 0; step > 1 && k < sizeof marked / sizeof *marked; k++)
            if (strstr(marked[k], one) != NULL)
                digit = marked[k][strlen(marked[k]) - 1];
        if (digit == 0)
            return false;
        buffer_append_byte(out, (uint8_t)digit);
    }
    return true;
}
