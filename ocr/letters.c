#include "ocr/letters.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define D_WITH_STROKE 0x0110 /* Đ */
#define D_STROKE_LOW  0x0111 /* đ */
#define ETH           0x00d0 /* Ð: looks the same, and is another letter */

static bool is_dropped(utf8proc_int32_t letter)
{
    switch (utf8proc_category(letter)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS:
        return true;
    default:
        return false;
    }
}

/* The next letter of *at, moved behind it; -1 for a byte that is none; 0: the end. */
static utf8proc_int32_t next_letter(const char **at)
{
    utf8proc_int32_t letter;
    utf8proc_ssize_t n;

    if (**at == '\0')
        return 0;
    n = utf8proc_iterate((const utf8proc_uint8_t *)*at, -1, &letter);
    *at += n > 0 ? n : 1;
    return n > 0 ? letter : -1;
}

static void append_letter(struct buffer *out, utf8proc_int32_t letter)
{
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t n = utf8proc_encode_char(letter, bytes);

    buffer_append(out, bytes, n > 0 ? (size_t)n : 0);
}

static void keep_letters(struct buffer *out, const char *word)
{
    bool was_d = false, was_eth = false;
    utf8proc_int32_t letter;

    while ((letter = next_letter(&word)) != 0) {
        bool eth = letter == ETH, d = eth || letter == D_WITH_STROKE;

        if (letter < 0 || is_dropped(letter))
            continue;
        /* The model sometimes writes one Đ as both. */
        if (!(d && was_d && (eth || was_eth)))
            append_letter(out, d ? D_WITH_STROKE : letter);
        was_d = d;
        was_eth = eth;
    }
}

bool letters_append(struct buffer *out, const char *word)
{
    struct buffer kept;
    utf8proc_uint8_t *normal = NULL;
    utf8proc_ssize_t n = 0;

    buffer_init(&kept, out->count_max);
    keep_letters(&kept, word);
    if (kept.count > 0 && kept.failed == ERR_NONE)
        n = utf8proc_map(kept.bytes, (utf8proc_ssize_t)kept.count, &normal,
                         UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (n > 0)
        buffer_append(out, normal, (size_t)n);
    free(normal);
    buffer_release(&kept);
    return n > 0;
}

void letters_fold(char *out, size_t out_bytes, const char *text)
{
    utf8proc_uint8_t *split = NULL;
    utf8proc_ssize_t n =
        utf8proc_map((const utf8proc_uint8_t *)text, 0, &split,
                     UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
    const char *at = n > 0 ? (const char *)split : "";
    utf8proc_int32_t letter;
    size_t used = 0;

    while ((letter = next_letter(&at)) != 0 && used + 1 < out_bytes) {
        if (letter == ETH || letter == D_WITH_STROKE || letter == D_STROKE_LOW)
            letter = 'D';
        if (letter >= 'a' && letter <= 'z')
            letter -= 'a' - 'A';
        if (letter >= 'A' && letter <= 'Z')
            out[used++] = (char)letter;
    }
    out[used] = '\0';
    free(split);
}
