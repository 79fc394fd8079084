#include "ocr/offers.h"

#include <string.h>

#include "ocr/language/bigram.h"
#include "ocr/language/core.h"
#include "ocr/letters.h"
#include "ocr/suspects/shape.h"

#define STEMS_MAX 16
/* As language/candidates.c weighs them: in nats. */
#define CONFIDENCE_PER_NAT  12.0f
#define CONFIDENCE_PER_RANK 8.0f
#define UNUSUAL_COST        3.0f
#define MISSPELT_COST       6.0f
#define STRANGER_COST       6.0f /* each character that no paper prints */
/* What is this much less likely than the word as it was written is no help. */
#define OFFER_COST_MAX 9.0f

/* A beginning of a word, and what it costs more than what was written. */
struct stem {
    char text[ALTERNATIVE_BYTES];
    float cost;
};

/* Cheapest first. */
struct beam {
    struct stem stems[STEMS_MAX];
    size_t count;
};

static void beam_add(struct beam *b, const char *text, const char *more, float cost)
{
    size_t at = b->count, bytes = strlen(text), added = strlen(more);

    if (bytes + added >= ALTERNATIVE_BYTES ||
        (at == STEMS_MAX && cost >= b->stems[at - 1].cost))
        return;
    if (at == STEMS_MAX)
        at--;
    else
        b->count++;
    for (; at > 0 && b->stems[at - 1].cost > cost; at--)
        b->stems[at] = b->stems[at - 1];
    b->stems[at].cost = cost;
    memcpy(b->stems[at].text, text, bytes);
    memcpy(b->stems[at].text + bytes, more, added + 1);
}

/* Every stem with the letter that was written, and with each other that was offered. */
static void beam_grow(struct beam *b, const struct choice *choices, uint32_t count,
                      const char *written)
{
    struct beam grown = {.count = 0};

    for (size_t i = 0; i < b->count; i++)
        beam_add(&grown, b->stems[i].text, written, b->stems[i].cost);
    for (uint32_t rank = 0; rank < count; rank++) {
        const struct choice *c = &choices[rank];
        float lost = c->confidence > 0
                         ? choices[0].confidence - c->confidence
                         : choices[0].confidence + CONFIDENCE_PER_RANK * (float)rank;

        if (strcmp(c->letter, written) == 0)
            continue;
        for (size_t i = 0; i < b->count; i++)
            beam_add(&grown, b->stems[i].text, c->letter,
                     b->stems[i].cost + (lost > 0 ? lost / CONFIDENCE_PER_NAT : 0));
    }
    *b = grown;
}

/* --- what a word is worth where it stands -------------------------------------------- */

static uint16_t place_of(const char *text, float *cost)
{
    struct core c;
    struct syllable s;

    core_read(&c, text);
    *cost = STRANGER_COST * (float)shape_strangers(text);
    if (c.kind == CORE_NUMBER && shape_has_digit(text) &&
        (shape_is_bad_number(text) || shape_is_like_digits(text)))
        *cost += MISSPELT_COST;
    if (c.kind == CORE_OTHER && !shape_is_joined(text))
        *cost += MISSPELT_COST;
    if (c.kind <= CORE_OTHER)
        return BIGRAM_NO_WORD;
    s = syllable_of(c.letters);
    if (s.kind == SYLLABLE_SOUND)
        return bigram_find(s.code);
    *cost += s.kind == SYLLABLE_UNUSUAL ? UNUSUAL_COST : MISSPELT_COST;
    return BIGRAM_NO_WORD;
}

struct neighbours {
    uint16_t before, after;
};

static struct neighbours neighbours_of(const struct found *f, size_t at)
{
    struct neighbours n = {bigram_edge(), bigram_edge()};
    float ignored;

    if (at > 0 && f->words[at].start <= WORD_NEW_LINE)
        n.before = place_of(f->words[at - 1].text, &ignored);
    if (at + 1 < f->words_count && f->words[at + 1].start <= WORD_NEW_LINE)
        n.after = place_of(f->words[at + 1].text, &ignored);
    return n;
}

static float worth(const char *text, const struct neighbours *n)
{
    float cost;
    uint16_t place = place_of(text, &cost);

    return cost + bigram_cost(n->before, place) + bigram_cost(place, n->after);
}

/* --- all together -------------------------------------------------------------------- */

/* As the reading would have it; false: nothing is left of it, or it is the word. */
static bool make_fit(char *out, const char *text, const char *own)
{
    struct buffer clean;
    bool fits;

    buffer_init(&clean, ALTERNATIVE_BYTES - 1);
    fits = letters_append(&clean, text) && clean.failed == ERR_NONE;
    if (fits)
        memcpy(out, clean.bytes, clean.count + 1);
    buffer_release(&clean);
    return fits && strcmp(out, own) != 0;
}

static bool is_among(const struct beam *b, const char *text)
{
    for (size_t i = 0; i < b->count; i++)
        if (strcmp(b->stems[i].text, text) == 0)
            return true;
    return false;
}

/* The word's ways by its letters, in the order of what they are worth as words. */
static void rank(struct beam *out, const struct beam *ways, const char *own,
                 const struct neighbours *n)
{
    float own_worth = worth(own, n);

    *out = (struct beam){.count = 0};
    for (size_t i = 0; i < ways->count; i++) {
        char text[ALTERNATIVE_BYTES];
        float cost;

        if (!make_fit(text, ways->stems[i].text, own) || is_among(out, text))
            continue;
        cost = ways->stems[i].cost + worth(text, n) - own_worth;
        if (cost <= OFFER_COST_MAX)
            beam_add(out, text, "", cost);
    }
}

void offers_gather(struct alternatives_word *out, const struct found *f, size_t at)
{
    const struct found_word *w = &f->words[at];
    struct neighbours n = neighbours_of(f, at);
    struct beam ways = {.count = 1}, ranked;
    char own[ALTERNATIVE_BYTES];
    const char *letter = w->text;

    out->count = 0;
    if (found_characters(w->text, strlen(w->text)) != w->symbols_count ||
        strlen(w->text) >= sizeof own)
        return;
    (void)make_fit(own, w->text, "");
    for (uint32_t i = 0; i < w->symbols_count; i++) {
        const struct symbol *s = &f->symbols[w->symbol_first + i];
        char written[8] = "";
        size_t bytes = 1;

        while ((letter[bytes] & 0xC0) == 0x80)
            bytes++;
        memcpy(written, letter, bytes < sizeof written ? bytes : 0);
        letter += bytes;
        beam_grow(&ways, &f->choices[s->choice_first], s->choices_count, written);
    }
    rank(&ranked, &ways, own, &n);
    for (; out->count < ALTERNATIVES_EACH_MAX && out->count < ranked.count; out->count++)
        memcpy(out->texts[out->count], ranked.stems[out->count].text, ALTERNATIVE_BYTES);
}
