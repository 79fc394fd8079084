/* Fuzz: words and alternatives as a recogniser might give them of a hostile page. The
 * bytes before the first NUL are the words, those behind it what else was offered, a
 * confidence and a character by turns. No character is written that was not there or
 * offered for its place, and no number changes. */
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "ocr/language/language.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

#define WORDS_BYTES_MAX 4096

static void must(bool so)
{
    if (!so)
        abort();
}

/* Of the character there; a byte that begins none stands for itself. */
static size_t character_bytes(const char *text, size_t left)
{
    utf8proc_int32_t point;
    utf8proc_ssize_t n =
        utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)left, &point);

    return n > 0 ? (size_t)n : 1;
}

static bool offer(struct found *f, const char *letter, size_t bytes, float confidence)
{
    struct err e;
    struct choice *c = found_add_choice(f, &e);

    if (c == NULL)
        return false;
    memcpy(c->letter, letter, bytes);
    c->letter[bytes] = '\0';
    c->confidence = confidence;
    return true;
}

/* The offers, taken up again from the first when they are all used. */
struct offers {
    const char *bytes;
    size_t count, at;
};

static bool add_symbol(struct found *f, const char *letter, size_t bytes,
                       struct offers *o)
{
    struct err e;
    struct symbol *s = found_add_symbol(f, &e);

    if (s == NULL)
        return false;
    s->choice_first = (uint32_t)f->choices_count;
    s->choices_count = 1;
    if (!offer(f, letter, bytes, 90))
        return false;
    for (int i = 0; i < 2 && o->count > 1; i++) {
        size_t n;

        if (o->at + 1 >= o->count)
            o->at = 0;
        n = character_bytes(o->bytes + o->at + 1, o->count - o->at - 1);
        if (!offer(f, o->bytes + o->at + 1, n, (float)(uint8_t)o->bytes[o->at]))
            return false;
        o->at += 1 + n;
        f->symbols[f->symbols_count - 1].choices_count++;
    }
    return true;
}

static bool add_word(struct found *f, const char *text, size_t bytes, struct offers *o)
{
    struct err e;
    struct found_word *w = found_add_word(f, &e);
    size_t n;

    if (w == NULL)
        return false;
    memcpy(w->text, text, bytes);
    w->text[bytes] = '\0';
    w->start = (enum word_start)(bytes % 7 == 6 ? WORD_NEW_LINE : WORD_IN_LINE);
    w->box = (struct box){0, 0, (int32_t)bytes, 40};
    w->symbol_first = (uint32_t)f->symbols_count;
    for (size_t at = 0; at < bytes; at += n) {
        n = character_bytes(text + at, bytes - at);
        if (!add_symbol(f, text + at, n, o))
            return false;
        f->words[f->words_count - 1].symbols_count++;
    }
    return true;
}

static bool was_offered(const struct found *f, const struct symbol *s, const char *letter,
                        size_t bytes)
{
    for (uint32_t i = 0; i < s->choices_count; i++) {
        const char *c = f->choices[s->choice_first + i].letter;

        if (strlen(c) == bytes && memcmp(c, letter, bytes) == 0)
            return true;
    }
    return false;
}

static void check_word(const struct found *f, const struct found_word *w)
{
    size_t left = strlen(w->text), at = 0, n;

    if (!w->changed || w->change != CHANGE_LANGUAGE)
        return;
    must(strcspn(w->was, "0123456789") == strlen(w->was));
    for (uint32_t i = 0; i < w->symbols_count; i++, at += n) {
        must(at < left);
        n = character_bytes(w->text + at, left - at);
        must(was_offered(f, &f->symbols[w->symbol_first + i], w->text + at, n));
    }
    must(at == left);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    const char *text = (const char *)bytes;
    size_t words = strnlen(text, count);
    struct offers o = {.bytes = text + words, .count = count - words};
    struct found f = {0};
    struct language_report report;
    bool so = words <= WORDS_BYTES_MAX;

    for (size_t at = 0, n; so && at < words; at += n + 1) {
        for (n = 0; at + n < words && text[at + n] != ' ' && n + 1 < FOUND_WORD_BYTES;)
            n++;
        so = n == 0 || add_word(&f, text + at, n, &o);
    }
    if (so) {
        language_choose(&f, &report);
        for (size_t i = 0; i < f.words_count; i++)
            check_word(&f, &f.words[i]);
        must(language_valid_share(&f) >= 0 && language_valid_share(&f) <= 1);
    }
    found_release(&f);
    return 0;
}
