#include "ocr/marks/utf8.h"

#include <string.h>

#define LEADER_DOTS_MIN 6
/* No letters, though they are not ASCII. */
#define OTHER_MARKS "“”’‘…–—¬ˆ‹›„°©®¡¿«»⁄‡†€£§•·"

size_t marks_bytes(const char *at)
{
    size_t bytes = *at != '\0';

    while (bytes > 0 && ((unsigned char)at[bytes] & 0xC0) == 0x80)
        bytes++;
    return bytes;
}

bool marks_in(const char *at, const char *set)
{
    size_t bytes = marks_bytes(at);

    for (; bytes > 0 && *set != '\0'; set += marks_bytes(set))
        if (marks_bytes(set) == bytes && memcmp(set, at, bytes) == 0)
            return true;
    return false;
}

bool marks_only_of(const char *text, const char *set)
{
    for (; *text != '\0'; text += marks_bytes(text))
        if (!marks_in(text, set))
            return false;
    return true;
}

bool marks_some_of(const char *text, const char *set)
{
    for (; *text != '\0'; text += marks_bytes(text))
        if (marks_in(text, set))
            return true;
    return false;
}

bool marks_is_letter(const char *at)
{
    unsigned char c = (unsigned char)*at;

    if (c < 0x80)
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    return !marks_in(at, OTHER_MARKS);
}

bool marks_has_letters(const char *text)
{
    for (; *text != '\0'; text += marks_bytes(text))
        if (marks_is_letter(text))
            return true;
    return false;
}

bool marks_is_leader(const char *text)
{
    size_t dots = 0;

    for (; *text != '\0'; text += marks_bytes(text)) {
        if (!marks_in(text, ".…·,_"))
            return false;
        dots += marks_in(text, "…") ? 3 : 1;
    }
    return dots >= LEADER_DOTS_MIN;
}
