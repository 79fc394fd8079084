#include "ocr/language/letter.h"

#include <string.h>
#include <uchar.h>
#include <utf8proc.h>

/* By tone, in the order of enum tone. */
static const char16_t VOWELS[][TONES] = {
    u"aàáảãạ", u"ăằắẳẵặ", u"âầấẩẫậ", u"eèéẻẽẹ", u"êềếểễệ", u"iìíỉĩị",
    u"oòóỏõọ", u"ôồốổỗộ", u"ơờớởỡợ", u"uùúủũụ", u"ưừứửữự", u"yỳýỷỹỵ",
};
#define VOWELS_COUNT (sizeof VOWELS / sizeof *VOWELS)
#define CROSSED_D    0x111 /* đ */
#define ICELANDIC_D  0xF0  /* ð */

static bool vowel_read(struct letter *l, utf8proc_int32_t *small)
{
    for (size_t v = 0; v < VOWELS_COUNT; v++)
        for (int tone = 0; tone < TONES; tone++)
            if (VOWELS[v][tone] == *small) {
                l->tone = (enum tone)tone;
                l->vowel = true;
                *small = VOWELS[v][0];
                return true;
            }
    return false;
}

bool letter_read(struct letter *out, const char *text)
{
    utf8proc_int32_t point, small;
    utf8proc_ssize_t bytes = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &point),
                     written;

    *out = (struct letter){0};
    if (bytes <= 0 || point <= 0)
        return false;
    small = utf8proc_tolower(point);
    out->capital = small != point;
    out->bytes = (size_t)bytes;
    if (small == ICELANDIC_D)
        small = CROSSED_D;
    if (!vowel_read(out, &small) && small != CROSSED_D && !(small >= 'a' && small <= 'z'))
        return false;
    written = utf8proc_encode_char(small, (utf8proc_uint8_t *)out->plain);
    out->plain[written] = '\0';
    return true;
}

size_t letter_write(char out[LETTER_BYTES], const struct letter *l)
{
    utf8proc_int32_t point = 0;
    utf8proc_ssize_t bytes;

    (void)utf8proc_iterate((const utf8proc_uint8_t *)l->plain, -1, &point);
    for (size_t v = 0; v < VOWELS_COUNT && l->vowel; v++)
        if (VOWELS[v][0] == point) {
            point = VOWELS[v][l->tone];
            break;
        }
    if (l->capital)
        point = utf8proc_toupper(point);
    bytes = utf8proc_encode_char(point, (utf8proc_uint8_t *)out);
    out[bytes] = '\0';
    return (size_t)bytes;
}

char letter_base(const struct letter *l)
{
    static const char *const MARKED[] = {"ăa", "âa", "êe", "ôo", "ơo", "ưu", "đd"};

    for (size_t i = 0; i < sizeof MARKED / sizeof *MARKED; i++)
        if (strncmp(l->plain, MARKED[i], strlen(l->plain)) == 0)
            return MARKED[i][strlen(MARKED[i]) - 1];
    return l->plain[0];
}
