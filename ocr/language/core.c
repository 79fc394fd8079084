#include "ocr/language/core.h"

#include <string.h>
#include <utf8proc.h>

#include "ocr/language/letter.h"

/* Whether a letter or digit of any script begins here; *bytes is its length. */
static bool is_wordly(const char *text, size_t *bytes)
{
    utf8proc_int32_t point;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &point);
    utf8proc_category_t category;

    *bytes = n > 0 ? (size_t)n : 1;
    if (n <= 0)
        return false;
    category = utf8proc_category(point);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

/* Sets at and bytes: from the first letter or digit to the last. */
static void trim(struct core *c, const char *text)
{
    size_t bytes, end = 0;
    bool begun = false;

    for (size_t i = 0; text[i] != '\0'; i += bytes) {
        if (!is_wordly(text + i, &bytes))
            continue;
        if (!begun)
            c->at = i;
        begun = true;
        end = i + bytes;
    }
    c->bytes = begun ? end - c->at : 0;
}

void core_read(struct core *c, const char *text)
{
    size_t capitals = 0;
    bool first_capital = false;

    *c = (struct core){.kind = CORE_OTHER};
    trim(c, text);
    if (c->bytes == 0) {
        c->at = strlen(text);
        c->kind = CORE_NONE;
        return;
    }
    for (size_t i = 0; i < c->bytes; c->letters_count++) {
        struct letter l;

        if (c->letters_count == SYLLABLE_LETTERS_MAX ||
            !letter_read(&l, text + c->at + i))
            return;
        capitals += l.capital;
        first_capital = first_capital || (l.capital && i == 0);
        i += l.bytes;
    }
    memcpy(c->letters, text + c->at, c->bytes);
    if (capitals == 0)
        c->kind = CORE_SMALL;
    else if (capitals == c->letters_count)
        c->kind = CORE_CAPITAL;
    else if (capitals == 1 && first_capital)
        c->kind = CORE_TITLE;
}

uint32_t core_symbol(const struct core *c, const struct found *f,
                     const struct found_word *w)
{
    uint32_t first = UINT32_MAX;
    size_t at = 0;

    for (uint32_t i = w->symbol_first;
         i < w->symbol_first + w->symbols_count && at < c->at + c->bytes; i++) {
        const struct symbol *s = &f->symbols[i];
        const char *letter = s->choices_count ? f->choices[s->choice_first].letter : "";
        struct letter l;

        if (*letter == '\0' || strncmp(w->text + at, letter, strlen(letter)) != 0)
            return UINT32_MAX;
        if (at == c->at)
            first = i;
        if (at >= c->at && (!letter_read(&l, letter) || l.bytes != strlen(letter)))
            return UINT32_MAX;
        at += strlen(letter);
    }
    return at == c->at + c->bytes ? first : UINT32_MAX;
}
