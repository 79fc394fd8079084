#include "ocr/fields/surname.h"

#include <string.h>

#include "ocr/fields/fold.h"
#include "ocr/language/letter.h"

#define FOLDED_MAX 32

/* Of the Kinh, the Tày and Nùng, the Thái, the Mường, the Hmong and the Dao, the usual
 * ones; public knowledge. Rare ones are here too where a usual one is near, so that they
 * stay as they are. */
static const char *const surnames[] = {
    "An",     "Âu",     "Bá",     "Bạc",   "Bạch",  "Bàn",    "Bành",  "Bế",    "Bùi",
    "Cà",     "Cái",    "Cam",    "Cao",   "Cầm",   "Châu",   "Chảo",  "Chế",   "Chu",
    "Chử",    "Cù",     "Cung",   "Cư",    "Cứ",    "Dư",     "Dương", "Đàm",   "Đan",
    "Đào",    "Đặng",   "Đậu",    "Điền",  "Điêu",  "Đinh",   "Đoàn",  "Đỗ",    "Đồng",
    "Đới",    "Giang",  "Giàng",  "Giáp",  "Hà",    "Hạ",     "Hạng",  "Hàn",   "Hán",
    "Hầu",    "Hoa",    "Hoàng",  "Hồ",    "Hồng",  "Hờ",     "Hứa",   "Huỳnh", "Hùng",
    "Kha",    "Khà",    "Khổng",  "Khúc",  "Khuất", "Khương", "Kiều",  "Kim",   "La",
    "Lã",     "Lại",    "Lâm",    "Lầu",   "Lê",    "Lều",    "Lò",    "Lộc",   "Lô",
    "Lù",     "Lục",    "Lư",     "Lữ",    "Lương", "Lường",  "Lưu",   "Ly",    "Lý",
    "Lỳ",     "Ma",     "Mã",     "Mạc",   "Mai",   "Mạnh",   "Mùa",   "Ngô",   "Ngụy",
    "Nguyễn", "Nghiêm", "Nhâm",   "Ninh",  "Nông",  "Ông",    "Phạm",  "Phan",  "Phí",
    "Phó",    "Phùng",  "Phương", "Quách", "Quan",  "Quàng",  "Sầm",   "Sằm",   "Sùng",
    "Tạ",     "Tăng",   "Tẩn",    "Tất",   "Thạch", "Thái",   "Thào",  "Thân",  "Thẩm",
    "Thiều",  "Tiêu",   "Tòng",   "Tô",    "Tôn",   "Tống",   "Tráng", "Trang", "Trần",
    "Trịnh",  "Triệu",  "Trương", "Từ",    "Tưởng", "Ung",    "Và",    "Vàng",  "Văn",
    "Vi",     "Vì",     "Võ",     "Vũ",    "Vừ",    "Vương",  "Xa",
};

bool surname_is(const char *word, size_t bytes)
{
    for (size_t i = 0; i < sizeof surnames / sizeof *surnames; i++)
        if (strlen(surnames[i]) == bytes && memcmp(surnames[i], word, bytes) == 0)
            return true;
    return false;
}

bool surname_is_missing(const char *word, size_t bytes)
{
    static const char middle[] = "Thị";

    return bytes == sizeof middle - 1 && memcmp(word, middle, bytes) == 0;
}

static size_t accents_of(const char *text, size_t bytes)
{
    size_t n = 0;

    for (size_t i = 0; i < bytes; i++)
        n += ((unsigned char)text[i] & 0xC0) == 0xC0;
    return n;
}

static bool folds_alike(const char *surname, const char *word, size_t bytes)
{
    char a[FOLDED_MAX], b[FOLDED_MAX];
    size_t n = strlen(surname);

    if (n > sizeof a || bytes > sizeof b)
        return false;
    n = fold_text(surname, n, a, NULL);
    return n == fold_text(word, bytes, b, NULL) && n > 0 && memcmp(a, b, n) == 0;
}

/* The surname that the word can only be, NULL: several, none, or it is one. Of several,
 * the only one with as many accented letters counts. */
static const char *surname_of(const char *word, size_t bytes)
{
    const char *only = NULL, *alike = NULL;
    size_t near = 0, nearer = 0, accents = accents_of(word, bytes);

    if (surname_is(word, bytes))
        return NULL;
    for (size_t i = 0; i < sizeof surnames / sizeof *surnames; i++) {
        const char *s = surnames[i];

        if (!folds_alike(s, word, bytes))
            continue;
        only = s;
        near++;
        if (accents_of(s, strlen(s)) == accents) {
            alike = s;
            nearer++;
        }
    }
    if (near == 1)
        return only;
    return nearer == 1 ? alike : NULL;
}

/* "TRAN VAN MAN": in capitals accents are often left out on purpose. */
static bool is_in_capitals(const char *word, size_t bytes)
{
    struct letter l;
    char last[5] = "";
    size_t at = bytes;

    while (at > 0 && ((unsigned char)word[at - 1] & 0xC0) == 0x80)
        at--;
    if (at < 2 || bytes - at + 1 > sizeof last - 1)
        return true;
    memcpy(last, word + at - 1, bytes - at + 1);
    return letter_read(&l, last) && l.capital;
}

bool surname_mend(const char *name, struct buffer *out)
{
    size_t bytes = strcspn(name, " ");
    const char *surname = name[bytes] == ' ' && !is_in_capitals(name, bytes)
                              ? surname_of(name, bytes)
                              : NULL;

    if (surname == NULL)
        return false;
    buffer_append_text(out, surname);
    buffer_append_text(out, name + bytes);
    return true;
}
