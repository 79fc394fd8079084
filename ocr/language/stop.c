#include "ocr/language/stop.h"

#include <string.h>

#include "ocr/language/core.h"

/* Below this a choice is only somewhere in the list. */
#define BELIEVED 30.0f

static char last_of(const char *text)
{
    size_t bytes = strlen(text);

    return bytes > 0 ? text[bytes - 1] : ' ';
}

static bool is_bullet(const char *text)
{
    return strcmp(text, "-") == 0 || strcmp(text, "+") == 0 || strcmp(text, "–") == 0;
}

static bool begins_line(const struct found_word *w)
{
    return w->start != WORD_IN_LINE;
}

/* The first word of the line of word `at`. */
static const struct found_word *line_of(const struct found *f, size_t at)
{
    while (at > 0 && !begins_line(&f->words[at]))
        at--;
    return &f->words[at];
}

/* More than one letter, because a number's 1 is often read as l. */
static bool is_small_syllable(const char *text)
{
    struct core c;

    core_read(&c, text);
    return c.kind == CORE_SMALL && c.at == 0 && c.letters_count > 1 &&
           syllable_of(c.letters).kind == SYLLABLE_SOUND;
}

/* Behind a word of letters only: no abbreviation, no number. */
static bool is_stop_of_syllable(const struct core *c, const struct found_word *w)
{
    return strlen(w->text) == c->at + c->bytes + 1 && c->letters_count > 1 &&
           (c->kind == CORE_SMALL || c->kind == CORE_TITLE) &&
           syllable_of(c->letters).kind == SYLLABLE_SOUND;
}

/* The first of `wanted` that was offered in the place of the word's last character,
 * and is believed more than `above`; NUL: none. */
static char offered(const struct found *f, const struct found_word *w, const char *wanted,
                    float above)
{
    const struct symbol *s = &f->symbols[w->symbol_first + w->symbols_count - 1];

    for (uint32_t i = 0; i < s->choices_count; i++) {
        const struct choice *c = &f->choices[s->choice_first + i];

        if (strlen(c->letter) == 1 && strchr(wanted, c->letter[0]) != NULL &&
            c->confidence > above)
            return c->letter[0];
    }
    return '\0';
}

/* What should stand instead of the stop behind word `at`; NUL: it may stay. */
static char better_stop(const struct found *f, size_t at, char stop)
{
    const struct found_word *w = &f->words[at], *next = w + 1;

    if (stop == '.' && is_small_syllable(next->text) && next->start <= WORD_NEW_LINE)
        return offered(f, w, ",", -1); /* a sentence begins with a capital */
    if (!begins_line(next) || !is_bullet(next->text))
        return '\0';
    if (stop == ',')
        return offered(f, w, ".;", BELIEVED); /* an item ends there */
    if (stop == ':' && strcmp(line_of(f, at)->text, next->text) == 0)
        return offered(f, w, ";", 0); /* one of several alike */
    return '\0';
}

size_t stop_choose(struct found *f)
{
    size_t changed = 0;

    for (size_t i = 0; i + 1 < f->words_count; i++) {
        struct found_word *w = &f->words[i];
        char text[FOUND_WORD_BYTES], stop;
        bool was_changed = w->changed;
        struct core c;

        if (strchr(".,:", last_of(w->text)) == NULL)
            continue;
        core_read(&c, w->text);
        if (w->cell != NO_CELL || w[1].cell != NO_CELL || !is_stop_of_syllable(&c, w) ||
            core_symbol(&c, w) == UINT32_MAX || core_belief(f, w) < CORE_BELIEF_MIN)
            continue;
        memcpy(text, w->text, sizeof text);
        stop = better_stop(f, i, text[c.at + c.bytes]);
        if (stop == '\0')
            continue;
        text[c.at + c.bytes] = stop;
        found_change(w, text, CHANGE_LANGUAGE);
        changed += w->changed && !was_changed;
    }
    return changed;
}
