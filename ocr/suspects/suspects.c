#include "ocr/suspects/suspects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "ocr/language/bigram.h"
#include "ocr/suspects/context.h"
#include "ocr/suspects/names.h"
#include "ocr/suspects/shape.h"

/* Confidences, per cent, below which a word is looked at; and by how many nats another
 * mark must fit better. Tuned on tram-pages of seed 7001, all ages, at about one word in
 * twenty; judged on others (docs/BENCHMARKS.md). */
#define UNSURE_BELOW        86
#define UNSURE_NAME_BELOW   89 /* begins with a capital: no neighbour vouches for it */
#define UNSURE_NUMBER_BELOW 92
#define UNSURE_ZONE_BELOW   96 /* a digit of a value that others rely on */
#define UNSURE_MARK_BELOW   90
#define RARE_NAME_BELOW     93
#define MARK_NATS           2.0f
#define MARK_NATS_SURE      6.0f /* of a word that the recogniser is sure of */
#define MARK_NATS_NAME      8.0f /* a name need not fit */
#define MARK_NATS_CAPITAL   1.5f /* heads are set phrases */
#define SURE_FROM           94
/* Another spelling is proposed that is at most so much less likely here. */
#define PROPOSED_NATS -4.0f

static const char *const reason_names[SUSPECT_REASONS] = {
    [SUSPECT_UNSURE] = "unsure",     [SUSPECT_FRAGMENT] = "fragment",
    [SUSPECT_SYLLABLE] = "syllable", [SUSPECT_DIGITS] = "digits",
    [SUSPECT_UNKNOWN] = "unknown",   [SUSPECT_MARK] = "mark",
};

const char *suspect_reason_name(enum suspect_reason r)
{
    return reason_names[r];
}

void suspects_release(struct suspects *s)
{
    free(s->list);
    *s = (struct suspects){0};
}

/* --- the page, taken apart ------------------------------------------------------------ */

struct looking {
    const struct suspects_page *page;
    struct context_word *words; /* owned */
    char **texts;               /* owned, each too */
    size_t count;
};

static void looking_release(struct looking *l)
{
    for (size_t i = 0; l->texts != NULL && i < l->count; i++)
        free(l->texts[i]);
    free(l->texts);
    free(l->words);
}

static int looking_open(struct looking *l, const struct suspects_page *p, struct err *e)
{
    const struct layout *layout = p->layout;
    size_t at = 0, bytes, n = layout->words_count;
    const char *word;

    *l = (struct looking){.page = p};
    l->words = calloc(n + 1, sizeof *l->words);
    l->texts = calloc(n + 1, sizeof *l->texts);
    if (l->words == NULL || l->texts == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for a page's words");
    while (words_next(p->text, &at, &word, &bytes)) {
        enum word_start start;

        if (l->count == n)
            return err_set(e, ERR_CORRUPT, "text and layout disagree");
        start = layout->words[l->count].start;
        l->texts[l->count] = strndup(word, bytes);
        if (l->texts[l->count] == NULL)
            return err_set(e, ERR_MEMORY, "out of memory for a page's words");
        context_read(&l->words[l->count], l->texts[l->count]);
        if (start != WORD_IN_LINE && start != WORD_NEW_LINE && start != WORD_CELL_LINE)
            l->words[l->count].begins = true;
        l->count++;
    }
    return l->count == n ? 0 : err_set(e, ERR_CORRUPT, "text and layout disagree");
}

static const struct suspects_zone *zone_of(const struct looking *l, size_t at)
{
    const struct word *w = &l->page->layout->words[at];
    int32_t x = w->left + w->width / 2, y = w->top + w->height / 2;

    for (size_t i = 0; i < l->page->zones_count; i++) {
        const struct suspects_zone *z = &l->page->zones[i];

        if (x >= z->left && x < z->left + z->width && y >= z->top &&
            y < z->top + z->height)
            return z;
    }
    return NULL;
}

static bool is_known(const struct looking *l, size_t at)
{
    const struct suspects_page *p = l->page;
    const struct core *c = &l->words[at].core;

    return p->known != NULL && p->known(p->arg, c->letters, c->kind != CORE_SMALL);
}

/* A line, or a cell, of this word alone. */
static bool stands_alone(const struct looking *l, size_t at)
{
    const struct word *words = l->page->layout->words;

    return (at == 0 || words[at].start != WORD_IN_LINE) &&
           (at + 1 == l->count || words[at + 1].start != WORD_IN_LINE);
}

/* --- one reason after the other ------------------------------------------------------- */

static bool is_unsure(const struct looking *l, size_t at, enum core_kind kind)
{
    uint8_t confidence = l->page->layout->words[at].confidence;

    switch (kind) {
    case CORE_NONE:
        return confidence < UNSURE_MARK_BELOW;
    case CORE_NUMBER:
        return confidence <
               (zone_of(l, at) != NULL ? UNSURE_ZONE_BELOW : UNSURE_NUMBER_BELOW);
    case CORE_TITLE:
        return confidence < UNSURE_NAME_BELOW;
    case CORE_OTHER:
    case CORE_SMALL:
    case CORE_CAPITAL:
        return confidence < UNSURE_BELOW;
    }
    return false;
}

/* "5 km" and "12.000 đ": a unit behind a number. */
static bool measures(const struct looking *l, size_t at)
{
    return at > 0 && l->words[at - 1].core.kind == CORE_NUMBER &&
           l->words[at].core.kind == CORE_SMALL && l->words[at].core.letters_count <= 3;
}

/* "a)" and "b." count things. */
static bool counts(const struct looking *l, size_t at)
{
    const struct core *c = &l->words[at].core;
    char after = l->texts[at][c->at + c->bytes];

    return c->kind == CORE_SMALL && c->letters_count == 1 &&
           (after == ')' || after == '.');
}

static bool is_fragment(const struct looking *l, size_t at)
{
    const struct core *c = &l->words[at].core;

    if (c->kind == CORE_NONE)
        return shape_is_dirt(l->texts[at]);
    if (c->kind != CORE_SMALL || c->letters_count > 3 || measures(l, at) || counts(l, at))
        return false;
    if (strpbrk(c->letters, "aeiouy") == NULL && c->bytes == c->letters_count)
        return true; /* consonants alone */
    return c->letters_count == 1 && c->bytes == 1 && stands_alone(l, at);
}

/* An abbreviation bears no tone: UBND, TTHĐ. */
static bool is_abbreviation(const struct core *c)
{
    size_t marks = 0;

    for (size_t i = 0; i < c->bytes; i++)
        marks += (unsigned char)c->letters[i] >= 0xC0;
    return marks == 0 || strstr(c->letters, "Đ") != NULL;
}

static bool is_name(const struct core *c)
{
    return (c->kind == CORE_TITLE || c->kind == CORE_CAPITAL) && names_have(c->letters);
}

static bool is_misspelt(const struct looking *l, size_t at)
{
    const struct context_word *w = &l->words[at];

    if (w->core.kind == CORE_OTHER)
        return !shape_is_joined(l->texts[at]);
    if (w->core.kind < CORE_OTHER || w->kind == SYLLABLE_SOUND || measures(l, at) ||
        counts(l, at))
        return false;
    /* In small letters it is no name either: a loan, or misread. */
    if (w->kind == SYLLABLE_UNUSUAL)
        return w->core.kind == CORE_SMALL && !is_known(l, at);
    if (w->core.kind == CORE_CAPITAL && is_abbreviation(&w->core))
        return false;
    return !is_name(&w->core) && !is_known(l, at);
}

/* A day, a month, a year and a number have digits behind them. */
static bool is_before_digits(const char *text)
{
    static const char *const BEFORE[] = {"ngày", "Ngày", "tháng", "năm", "số:", "Số:"};

    for (size_t i = 0; i < sizeof BEFORE / sizeof *BEFORE; i++)
        if (strcmp(text, BEFORE[i]) == 0)
            return true;
    return false;
}

static bool is_bad_digits(const struct looking *l, size_t at)
{
    const struct suspects_zone *z = zone_of(l, at);
    const char *text = l->texts[at];

    if (at > 0 && is_before_digits(l->texts[at - 1]) && shape_is_like_digits(text))
        return true;
    return l->words[at].core.kind == CORE_NUMBER && shape_has_digit(text) &&
           ((z != NULL && z->name) || shape_is_bad_number(text));
}

static bool is_unknown(const struct looking *l, size_t at)
{
    const struct context_word *w = &l->words[at];
    bool unsure = l->page->layout->words[at].confidence < RARE_NAME_BELOW, rare = false;

    if (w->kind == SYLLABLE_SOUND)
        rare = w->place == BIGRAM_UNSEEN && (unsure || w->core.kind != CORE_TITLE);
    else if (w->kind == SYLLABLE_UNUSUAL)
        rare = unsure && w->core.kind != CORE_SMALL;
    return rare && w->core.kind > CORE_OTHER && !is_name(&w->core) && !is_known(l, at);
}

static bool fits_badly(const struct looking *l, size_t at,
                       const struct context_variants *v)
{
    bool sure = l->page->layout->words[at].confidence >= SURE_FROM;
    float nats = sure ? MARK_NATS_SURE : MARK_NATS;

    if (!v->vouched || v->count == 0 || l->words[at].kind != SYLLABLE_SOUND)
        return false;
    if (l->words[at].core.kind == CORE_TITLE)
        return !sure && v->margins[0] >= MARK_NATS_NAME;
    if (l->words[at].core.kind == CORE_CAPITAL)
        nats = MARK_NATS_CAPITAL;
    return v->margins[0] >= nats;
}

/* --- what may stand there --------------------------------------------------------------- */

static void propose(struct suspect *s, const char *text, const char *own)
{
    if (s->alternatives_count == ALTERNATIVES_EACH_MAX || strcmp(text, own) == 0 ||
        strlen(text) >= ALTERNATIVE_BYTES)
        return;
    for (size_t i = 0; i < s->alternatives_count; i++)
        if (strcmp(s->alternatives[i], text) == 0)
            return;
    memcpy(s->alternatives[s->alternatives_count++], text, strlen(text) + 1);
}

/* The variants that fit better before what was offered, the others behind. */
static void propose_variants(struct suspect *s, const struct looking *l, size_t at,
                             const struct context_variants *v, bool better)
{
    const struct core *c = &l->words[at].core;
    const char *own = l->texts[at];

    for (size_t i = 0; i < v->count; i++) {
        char text[ALTERNATIVE_BYTES];
        int bytes;

        if ((v->margins[i] > 0) != better || v->margins[i] < PROPOSED_NATS)
            continue;
        bytes = snprintf(text, sizeof text, "%.*s%s%s", (int)c->at, own, v->letters[i],
                         own + c->at + c->bytes);
        if (bytes > 0 && (size_t)bytes < sizeof text)
            propose(s, text, own);
    }
}

static void propose_all(struct suspect *s, const struct looking *l, size_t at,
                        const struct context_variants *v)
{
    const struct alternatives_word *offered =
        l->page->alternatives == NULL
            ? NULL
            : alternatives_of(l->page->alternatives, (uint32_t)at);

    propose_variants(s, l, at, v, true);
    for (uint32_t i = 0; offered != NULL && i < offered->count; i++)
        propose(s, offered->texts[i], l->texts[at]);
    propose_variants(s, l, at, v, false);
}

/* --- all together ----------------------------------------------------------------------- */

static unsigned reasons_of(const struct looking *l, size_t at,
                           const struct context_variants *v)
{
    unsigned fragment = is_fragment(l, at);

    return (unsigned)is_unsure(l, at, l->words[at].core.kind) << SUSPECT_UNSURE |
           fragment << SUSPECT_FRAGMENT |
           (unsigned)(!fragment && is_misspelt(l, at)) << SUSPECT_SYLLABLE |
           (unsigned)is_bad_digits(l, at) << SUSPECT_DIGITS |
           (unsigned)is_unknown(l, at) << SUSPECT_UNKNOWN |
           (unsigned)fits_badly(l, at, v) << SUSPECT_MARK;
}

static int add(struct suspects *out, const struct suspect *s, struct err *e)
{
    if (out->count == out->room) {
        size_t room = out->room == 0 ? 32 : 2 * out->room;
        struct suspect *list = realloc(out->list, room * sizeof *list);

        if (list == NULL)
            return err_set(e, ERR_MEMORY, "out of memory for suspects");
        out->list = list;
        out->room = room;
    }
    out->list[out->count++] = *s;
    return 0;
}

int suspects_find(struct suspects *out, const struct suspects_page *p, struct err *e)
{
    struct suspects found = {0};
    struct looking l;
    int rc = -1;

    *out = found;
    if (looking_open(&l, p, e) != 0)
        goto out;
    for (size_t i = 0; i < l.count; i++) {
        struct suspect s = {.word = (uint32_t)i};
        struct context_variants v;

        if (p->settled != NULL && p->settled[i])
            continue;
        context_vary(&v, l.words, l.count, i);
        s.reasons = reasons_of(&l, i, &v);
        if (s.reasons == 0)
            continue;
        propose_all(&s, &l, i, &v);
        if (add(&found, &s, e) != 0)
            goto out;
    }
    *out = found;
    found = (struct suspects){0}; /* now the caller's */
    rc = 0;
out:
    suspects_release(&found);
    looking_release(&l);
    return rc;
}
