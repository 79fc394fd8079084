#include "ocr/marks/codes.h"

#include <stdio.h>
#include <string.h>

#include "ocr/marks/utf8.h"

/* No more room within a line than between two letters, as a share of their height. */
#define ROOM_SHARE 0.2

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "2683/", "05-", "25/KH-": begins with a digit, ends as it cannot. */
static bool is_first_half(const char *text)
{
    size_t bytes = strlen(text);

    return bytes >= 2 && is_digit(text[0]) &&
           (text[bytes - 1] == '/' || (text[bytes - 1] == '-' && text[bytes - 2] != '-'));
}

/* Begins as symbols of papers do, with a capital (of those that are not ASCII, Đ) and
 * what no sentence goes on with; or with a digit, where digits went before. */
static bool is_second_half(const char *text, const char *first)
{
    static const char d[] = "Đ";
    size_t bytes = marks_in(text, d) ? strlen(d) : 1;

    if (is_digit(*text))
        return is_digit(first[strlen(first) - 2]);
    if (bytes == 1 && !(*text >= 'A' && *text <= 'Z'))
        return false;
    text += bytes;
    return (*text >= 'A' && *text <= 'Z') || marks_in(text, d) || *text == '/' ||
           *text == '-';
}

static bool stands_next(const struct found_word *a, const struct found_word *b)
{
    if (a->cell != b->cell)
        return false;
    if (b->start == WORD_NEW_LINE || b->start == WORD_CELL_LINE)
        return true;
    return b->start == WORD_IN_LINE &&
           b->box.left - a->box.right <= ROOM_SHARE * (a->box.bottom - a->box.top);
}

static bool join(struct found_word *a, const struct found_word *b)
{
    char both[FOUND_WORD_BYTES];
    int bytes = snprintf(both, sizeof both, "%s%s", a->text, b->text);
    char was[CHANGE_WAS_BYTES];
    int was_bytes = snprintf(was, sizeof was, "%s %s", a->changed ? a->was : a->text,
                             b->changed ? b->was : b->text);

    if (bytes < 0 || (size_t)bytes >= sizeof both || was_bytes < 0 ||
        (size_t)was_bytes >= sizeof was)
        return false;
    memcpy(a->text, both, (size_t)bytes + 1);
    memcpy(a->was, was, (size_t)was_bytes + 1);
    a->changed = true;
    a->change = CHANGE_JOIN;
    a->symbols_count = 0; /* they are two words' */
    if (b->start == WORD_IN_LINE)
        a->box.right = b->box.right;
    if (b->confidence < a->confidence)
        a->confidence = b->confidence;
    return true;
}

void codes_join(struct found *f)
{
    for (size_t i = 0; i + 1 < f->words_count;) {
        struct found_word *a = &f->words[i], *b = &f->words[i + 1];

        if (!is_first_half(a->text) || !is_second_half(b->text, a->text) ||
            !stands_next(a, b) || !join(a, b)) {
            i++;
            continue;
        }
        found_remove(f, i + 1); /* what follows on its line begins that line now */
    }
}
