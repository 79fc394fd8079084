#include "ocr/language/join.h"

#include <stdio.h>
#include <string.h>

#include "ocr/language/bigram.h"
#include "ocr/language/core.h"

/* The gap that is still within a word, of the words' height; between words it is a
 * third and more. */
#define GAP_MAX 0.3

static bool is_near(const struct found_word *a, const struct found_word *b)
{
    int32_t height = a->box.bottom - a->box.top, other = b->box.bottom - b->box.top;

    if (other > height)
        height = other;
    return b->box.left - a->box.right <= GAP_MAX * height;
}

/* Both of running text, with nothing but letters where they meet. */
static bool could_meet(const struct found_word *a, const struct core *ca,
                       const struct found_word *b, const struct core *cb)
{
    return b->start == WORD_IN_LINE && a->cell == NO_CELL && b->cell == NO_CELL &&
           (ca->kind == CORE_SMALL || ca->kind == CORE_TITLE) && cb->kind == CORE_SMALL &&
           a->text[ca->at + ca->bytes] == '\0' && cb->at == 0 && !a->changed &&
           !b->changed && is_near(a, b);
}

static bool make_syllable(const struct core *a, const struct core *b)
{
    char both[2 * CORE_BYTES];
    struct syllable whole;

    if (syllable_of(a->letters).kind == SYLLABLE_SOUND &&
        syllable_of(b->letters).kind == SYLLABLE_SOUND)
        return false;
    (void)snprintf(both, sizeof both, "%s%s", a->letters, b->letters);
    whole = syllable_of(both);
    return whole.kind == SYLLABLE_SOUND && bigram_find(whole.code) != BIGRAM_UNSEEN;
}

static void join(struct found_word *a, const struct found_word *b)
{
    char apart[2 * FOUND_WORD_BYTES], whole[2 * FOUND_WORD_BYTES];

    (void)snprintf(apart, sizeof apart, "%s %s", a->text, b->text);
    (void)snprintf(whole, sizeof whole, "%s%s", a->text, b->text);
    if (strlen(apart) >= sizeof a->was)
        return;
    memcpy(a->text, apart, strlen(apart) + 1);
    found_change(a, whole, CHANGE_JOIN);
    a->box.right = b->box.right;
    if (b->box.top < a->box.top)
        a->box.top = b->box.top;
    if (b->box.bottom > a->box.bottom)
        a->box.bottom = b->box.bottom;
    if (b->confidence < a->confidence)
        a->confidence = b->confidence;
    a->symbols_count = 0; /* they are two words' */
}

size_t join_syllables(struct found *f)
{
    size_t joined = 0;

    for (size_t i = 0; i + 1 < f->words_count; i++) {
        struct found_word *a = &f->words[i], *b = a + 1;
        struct core ca, cb;

        core_read(&ca, a->text);
        core_read(&cb, b->text);
        if (!could_meet(a, &ca, b, &cb) || !make_syllable(&ca, &cb))
            continue;
        join(a, b);
        if (a->changed) {
            found_remove(f, i + 1);
            joined++;
        }
    }
    return joined;
}
