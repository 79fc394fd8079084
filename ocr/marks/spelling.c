#include "ocr/marks/spelling.h"

#include <string.h>

#include "ocr/marks/utf8.h"

/* At a word's beginning and end: rules and specks that touch it. */
#define DIRT_BEFORE     "_|¬^ˆ`~‹›„"
#define DIRT_BEHIND     "_|¬^ˆ`~‹›=—"
#define LEADER_DOTS_MIN 4 /* an ellipsis has three */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t characters_count(const char *from, const char *to)
{
    size_t count = 0;

    for (; from < to; from += marks_bytes(from))
        count++;
    return count;
}

/* Where the word begins behind dirt. */
static const char *after_dirt(const char *text)
{
    while (marks_in(text, DIRT_BEFORE))
        text += marks_bytes(text);
    if ((*text == '.' || *text == ',' || *text == ':') && marks_is_letter(text + 1) &&
        !is_digit(text[1]))
        text++;
    return text;
}

/* Where it ends before dirt and leaders; the last character begins at or before. */
static const char *before_dirt(const char *from)
{
    const char *end = from + strlen(from), *last;

    while (end > from) {
        for (last = end - 1; last > from && ((unsigned char)*last & 0xC0) == 0x80;)
            last--;
        if (!marks_in(last, DIRT_BEHIND))
            break;
        end = last;
    }
    last = end;
    while (last > from && last[-1] == '.')
        last--;
    return end - last >= LEADER_DOTS_MIN ? last : end;
}

static void trim(struct found_word *w)
{
    const char *from = after_dirt(w->text), *to = before_dirt(from);
    char kept[FOUND_WORD_BYTES];
    size_t before = characters_count(w->text, from), count = characters_count(from, to);
    size_t all = before + characters_count(from, from + strlen(from));

    if (!marks_has_letters(from) || to <= from || before + count == 0 ||
        (from == w->text && *to == '\0'))
        return;
    memcpy(kept, from, (size_t)(to - from));
    kept[to - from] = '\0';
    found_change(w, kept, CHANGE_MARK);
    if (w->symbols_count == all) {
        w->symbol_first += (uint32_t)before;
        w->symbols_count = (uint32_t)count;
    } else
        w->symbols_count = 0;
}

/* --- digits -------------------------------------------------------------------------
 */

/* What the recogniser reads for a digit 1 or 0 that stands among digits. */
static char digit_like(char c)
{
    switch (c) {
    case 'l':
    case 'I':
    case ']':
    case '!':
        return '1';
    case 'O':
    case 'o':
        return '0';
    default:
        return '\0';
    }
}

/* A run of digits and their doubles, at least one digit among them. A double must have
 * a digit behind it, as in "l2": "5l" may be litres, "12]" may close a bracket that an
 * earlier word opened, and "2024!" is a cry. */
static bool is_number(const char *run, size_t bytes)
{
    size_t digits = 0;

    for (size_t i = 0; i < bytes; i++) {
        digits += is_digit(run[i]);
        if (is_digit(run[i]))
            continue;
        if (digit_like(run[i]) == '\0' || i + 1 >= bytes || !is_digit(run[i + 1]))
            return false;
    }
    return digits > 0 && digits < bytes;
}

static void mend_digits(struct found_word *w)
{
    char mended[FOUND_WORD_BYTES];
    size_t bytes;

    if (strchr(w->text, '[') != NULL)
        return;
    memcpy(mended, w->text, strlen(w->text) + 1);
    for (char *run = mended; *run != '\0';
         run += bytes + strspn(run + bytes, "/-.,:;()")) {
        bytes = strcspn(run, "/-.,:;()");
        if (is_number(run, bytes))
            for (size_t i = 0; i < bytes; i++)
                run[i] = is_digit(run[i]) ? run[i] : digit_like(run[i]);
    }
    found_change(w, mended, CHANGE_MARK);
}

/* The fraction's slash, which the model writes beside digits; with a real one beside it
 * there is only one. */
static void mend_slashes(struct found_word *w)
{
    static const char fraction[] = "⁄";
    char mended[FOUND_WORD_BYTES];
    size_t count = 0;

    if (strstr(w->text, fraction) == NULL)
        return;
    for (const char *at = w->text; *at != '\0'; at += marks_bytes(at)) {
        bool slash = *at == '/' || marks_in(at, fraction);

        if (slash && count > 0 && mended[count - 1] == '/')
            continue;
        if (slash)
            mended[count++] = '/';
        else {
            memcpy(mended + count, at, marks_bytes(at));
            count += marks_bytes(at);
        }
    }
    mended[count] = '\0';
    found_change(w, mended, CHANGE_MARK);
    w->symbols_count = 0;
}

void spelling_mend(struct found_word *w)
{
    trim(w);
    mend_slashes(w);
    mend_digits(w);
}
