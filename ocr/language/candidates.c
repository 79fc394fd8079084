#include "ocr/language/candidates.h"

#include <assert.h>
#include <string.h>

#include "ocr/language/bigram.h"
#include "ocr/language/letter.h"

/* Measured on scanned letters and on typeset pages, other seeds than those that it is
 * judged with: README.md. All are in nats but the two of confidence. */
#define CONFIDENCE_PER_NAT 12.0f
/* Choices without any confidence at all are told apart by their order. */
#define CONFIDENCE_PER_RANK 8.0f
#define CHANGE_COST         2.0f  /* the margin that a change must win by */
#define OTHER_BASE_COST     1.5f  /* another letter, not another mark, each */
#define OPTION_COST_MAX     12.0f /* of one letter */
#define MISSPELT_COST       6.0f  /* of a word as it was written */
#define UNUSUAL_COST        3.0f

/* A beginning of a word. */
struct stem {
    char letters[CORE_BYTES];
    float cost;
};

struct beam {
    struct stem stems[CANDIDATES_MAX]; /* cheapest first */
    size_t count;
};

struct option {
    const char *letter;
    float cost;
};

static void beam_add(struct beam *b, const struct stem *stem, const struct option *o)
{
    float cost = stem->cost + o->cost;
    size_t at = b->count, bytes = strlen(stem->letters);

    assert(bytes + strlen(o->letter) < CORE_BYTES);
    if (at == CANDIDATES_MAX && cost >= b->stems[at - 1].cost)
        return;
    if (at == CANDIDATES_MAX)
        at--;
    else
        b->count++;
    for (; at > 0 && b->stems[at - 1].cost > cost; at--)
        b->stems[at] = b->stems[at - 1];
    b->stems[at].cost = cost;
    memcpy(b->stems[at].letters, stem->letters, sizeof stem->letters);
    /* CORE_BYTES hold any eight letters. */
    memcpy(b->stems[at].letters + bytes, o->letter, strlen(o->letter) + 1);
}

/* What choice `rank` costs instead of the letter that was written; false: it is not
 * another one of the same kind. The written one is the first choice, or, where the
 * recogniser was in two minds, the second. */
static bool option_read(struct option *o, const struct choice *choices, uint32_t rank,
                        const struct letter *was, bool bases_too)
{
    const struct choice *first = &choices[0], *c = &choices[rank];
    float lost = c->confidence > 0
                     ? first->confidence - c->confidence
                     : first->confidence + CONFIDENCE_PER_RANK * (float)rank;
    struct letter is;

    if (!letter_read(&is, c->letter) || is.bytes != strlen(c->letter) ||
        is.capital != was->capital ||
        (is.tone == was->tone && strcmp(is.plain, was->plain) == 0))
        return false;
    o->letter = c->letter;
    o->cost = lost > 0 ? lost / CONFIDENCE_PER_NAT : 0;
    if (letter_base(was) != letter_base(&is)) {
        if (!bases_too)
            return false;
        o->cost += OTHER_BASE_COST;
    }
    return o->cost <= OPTION_COST_MAX;
}

/* Every stem with the letter that was written, which `text` begins with, and with
 * every other that was offered for it. Gives the letter's bytes. */
static size_t beam_grow(struct beam *b, const struct found *f, const struct symbol *s,
                        const char *text, bool bases_too)
{
    const struct choice *choices = &f->choices[s->choice_first];
    char written[FOUND_LETTER_BYTES] = "";
    struct option o = {written, 0};
    struct beam grown = {.count = 0};
    struct letter was;

    (void)letter_read(&was, text); /* a core holds only letters */
    memcpy(written, text, was.bytes);
    for (size_t i = 0; i < b->count; i++)
        beam_add(&grown, &b->stems[i], &o);
    for (uint32_t rank = 0; rank < s->choices_count; rank++)
        if (option_read(&o, choices, rank, &was, bases_too))
            for (size_t i = 0; i < b->count; i++)
                beam_add(&grown, &b->stems[i], &o);
    *b = grown;
    return was.bytes;
}

void candidates_fix(struct candidates *out, const struct core *c)
{
    struct candidate *as_written = &out->all[0];
    struct syllable s = {SYLLABLE_NONE, 0};

    out->count = 1;
    memcpy(as_written->letters, c->letters, sizeof c->letters);
    if (c->kind > CORE_OTHER)
        s = syllable_of(c->letters);
    as_written->cost = s.kind == SYLLABLE_SOUND     ? 0
                       : s.kind == SYLLABLE_UNUSUAL ? UNUSUAL_COST
                                                    : MISSPELT_COST;
    as_written->place = s.kind == SYLLABLE_SOUND ? bigram_find(s.code) : BIGRAM_NO_WORD;
}

void candidates_gather(struct candidates *out, const struct core *c,
                       const struct found *f, uint32_t symbol, bool bases_too)
{
    struct beam beam = {.count = 1};
    const char *letter = c->letters;

    candidates_fix(out, c);
    for (size_t i = 0; i < c->letters_count; i++)
        letter += beam_grow(&beam, f, &f->symbols[symbol + i], letter, bases_too);
    for (size_t i = 0; i < beam.count; i++) {
        const struct stem *stem = &beam.stems[i];
        struct candidate *new = &out->all[out->count];
        struct syllable s;

        if (strcmp(stem->letters, c->letters) == 0)
            continue;
        s = syllable_of(stem->letters);
        if (s.kind != SYLLABLE_SOUND)
            continue;
        memcpy(new->letters, stem->letters, sizeof stem->letters);
        new->cost = stem->cost + CHANGE_COST;
        new->place = bigram_find(s.code);
        out->count++;
    }
}
