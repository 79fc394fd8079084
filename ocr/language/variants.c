#include "ocr/language/variants.h"

#include <string.h>

#include "ocr/language/bigram.h"
#include "ocr/language/letter.h"

/* Letters that differ in their mark alone; in pairs and threes. */
static const char *const KINDRED[] = {"a", "ă", "â", "e", "ê", "o",
                                      "ô", "ơ", "u", "ư", "d", "đ"};
#define KINDRED_COUNT (sizeof KINDRED / sizeof *KINDRED)

struct spelled {
    struct letter letters[SYLLABLE_LETTERS_MAX];
    size_t count;
};

static void spell(struct spelled *s, const struct core *c)
{
    size_t at = 0;

    *s = (struct spelled){0};
    while (at < c->bytes && s->count < SYLLABLE_LETTERS_MAX &&
           letter_read(&s->letters[s->count], c->letters + at))
        at += s->letters[s->count++].bytes;
}

/* What the letters make, if that is a syllable in use. */
static void add(struct variants *out, const struct spelled *s)
{
    struct variant *v = &out->all[out->count];
    struct syllable syllable;
    size_t bytes = 0;

    if (out->count == VARIANTS_MAX)
        return;
    for (size_t i = 0; i < s->count; i++)
        bytes += letter_write(v->letters + bytes, &s->letters[i]);
    syllable = syllable_of(v->letters);
    if (syllable.kind != SYLLABLE_SOUND)
        return;
    v->place = bigram_find(syllable.code);
    if (v->place != BIGRAM_UNSEEN)
        out->count++;
}

/* Leaves *l with the tone that it had. */
static void vary_tone(struct variants *out, struct spelled *s, struct letter *l,
                      const struct letter *was)
{
    for (int tone = 0; tone < TONES && was->vowel; tone++) {
        l->tone = (enum tone)tone;
        if (l->tone != was->tone)
            add(out, s);
    }
    l->tone = was->tone;
}

/* One letter's mark, its tone, or both, which a blot over it takes together. */
static void vary(struct variants *out, struct spelled *s, struct letter *l)
{
    const struct letter was = *l;

    vary_tone(out, s, l, &was);
    for (size_t i = 0; i < KINDRED_COUNT; i++) {
        struct letter other;

        (void)letter_read(&other, KINDRED[i]);
        if (letter_base(&other) != letter_base(&was) ||
            strcmp(other.plain, was.plain) == 0)
            continue;
        memcpy(l->plain, other.plain, sizeof l->plain);
        add(out, s);
        vary_tone(out, s, l, &was);
    }
    *l = was;
}

void variants_of(struct variants *out, const struct core *c)
{
    struct spelled s;

    out->count = 0;
    if (c->kind <= CORE_OTHER)
        return;
    spell(&s, c);
    for (size_t i = 0; i < s.count; i++)
        vary(out, &s, &s.letters[i]);
}
