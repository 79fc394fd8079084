#include "ocr/language/core.h"

#include <string.h>
#include <utf8proc.h>

#include "ocr/language/letter.h"

enum sign { SIGN_LETTER, SIGN_DIGIT, SIGN_OTHER };

/* What begins here, of any script; *bytes is its length. */
static enum sign sign_at(const char *text, size_t *bytes)
{
    utf8proc_int32_t point;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &point);
    utf8proc_category_t category;

    *bytes = n > 0 ? (size_t)n : 1;
    if (n <= 0)
        return SIGN_OTHER;
    category = utf8proc_category(point);
    if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO)
        return SIGN_LETTER;
    if (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO)
        return SIGN_DIGIT;
    return SIGN_OTHER;
}

/* Sets at and bytes, from the first letter or digit to the last, and a kind. */
static void trim(struct core *c, const char *text)
{
    size_t bytes, end = 0;

    c->kind = CORE_NONE;
    for (size_t i = 0; text[i] != '\0'; i += bytes) {
        enum sign sign = sign_at(text + i, &bytes);

        if (sign == SIGN_OTHER)
            continue;
        if (c->kind == CORE_NONE)
            c->at = i;
        if (c->kind != CORE_NUMBER)
            c->kind = sign == SIGN_DIGIT ? CORE_NUMBER : CORE_OTHER;
        end = i + bytes;
    }
    if (c->kind == CORE_NONE)
        c->at = end = strlen(text);
    c->bytes = end - c->at;
}

void core_read(struct core *c, const char *text)
{
    size_t capitals = 0;
    bool first_capital = false;

    *c = (struct core){0};
    trim(c, text);
    if (c->kind != CORE_OTHER)
        return;
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

uint32_t core_symbol(const struct core *c, const struct found_word *w)
{
    if (found_characters(w->text, strlen(w->text)) != w->symbols_count)
        return UINT32_MAX;
    return w->symbol_first + (uint32_t)found_characters(w->text, c->at);
}

float core_belief(const struct found *f, const struct found_word *w)
{
    float sum = 0;

    for (uint32_t i = 0; i < w->symbols_count; i++) {
        const struct symbol *s = &f->symbols[w->symbol_first + i];

        sum += s->choices_count > 0 ? f->choices[s->choice_first].confidence : 0;
    }
    return w->symbols_count > 0 ? sum / (float)w->symbols_count : 0;
}
