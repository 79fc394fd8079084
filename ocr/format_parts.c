#include "ocr/format_parts.h"

#include <string.h>
#include <utf8proc.h>

#define NOT_A_LETTER "\xef\xbf\xbd"

/* The letter at `at`, and its bytes; NOT_A_LETTER for what none of the formats can
 * hold (no UTF-8, control characters, XML's two non-characters). */
static const char *clean_letter(const unsigned char *at, size_t left, size_t *taken,
                                size_t *bytes)
{
    utf8proc_int32_t letter = -1;
    utf8proc_ssize_t n = utf8proc_iterate(at, (utf8proc_ssize_t)left, &letter);

    *taken = n <= 0 ? 1 : (size_t)n;
    if (n <= 0 || letter < ' ' || letter == 0x7f || letter == 0xfffe ||
        letter == 0xffff) {
        *bytes = strlen(NOT_A_LETTER);
        return NOT_A_LETTER;
    }
    *bytes = (size_t)n;
    return (const char *)at;
}

void format_append_clean(struct buffer *out, const char *text, size_t count)
{
    const unsigned char *at = (const unsigned char *)text;

    while (count > 0) {
        size_t taken, bytes;
        const char *letter = clean_letter(at, count, &taken, &bytes);

        buffer_append(out, letter, bytes);
        at += taken;
        count -= taken;
    }
}

void format_append_xml(struct buffer *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t plain = 0;

        while (i + plain < count && strchr("&<>\"'", text[i + plain]) == NULL)
            plain++;
        format_append_clean(out, text + i, plain);
        i += plain;
        if (i == count)
            break;
        buffer_append_format(out, "&#%d;", text[i++]);
    }
}

const char *format_text(const struct reading *r)
{
    return r->text.count == 0 ? "" : (const char *)r->text.bytes;
}
