#include "base/words.h"

/* Not isspace(): the locale has no say in what a word is. */
static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool words_next(const char *text, size_t *at, const char **word, size_t *bytes)
{
    size_t start = *at, end;

    while (is_space(text[start]))
        start++;
    for (end = start; text[end] != '\0' && !is_space(text[end]);)
        end++;
    *at = end;
    *word = text + start;
    *bytes = end - start;
    return end > start;
}
