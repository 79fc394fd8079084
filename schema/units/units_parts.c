#include "schema/units/units_parts.h"

#include <string.h>

#include "schema/tokenizer.h"

#define TOKENS_MAX 24 /* of a piece; an address has fewer, a sentence is none */

struct word {
    size_t start, end; /* in the piece */
    char folded[16];   /* "" when longer than any word for a kind */
    char exact[24];
    bool accented;
};

struct piece {
    const char *text; /* the piece's */
    size_t at, bytes;
    struct word words[TOKENS_MAX];
    size_t count;
    bool accented, too_long;
};

#define BIT(kind) (uint16_t)(1u << (kind))

/* `exact` is in the tokenizer's form: decomposed, the tone at the end. */
static const struct {
    const char *folded[2], *exact[2];
    uint16_t kinds;
    bool is_short;
} kind_words[] = {
    {{"tinh"}, {"tinh\u0309"}, BIT(UNIT_TINH), false},
    {{"thanh", "pho"}, {"thanh\u0300", "pho\u0302\u0301"}, BIT(UNIT_THANH_PHO), false},
    {{"thu", "do"}, {"thu\u0309", "đo\u0302"}, BIT(UNIT_THANH_PHO), false},
    {{"quan"}, {"qua\u0302n\u0323"}, BIT(UNIT_QUAN), false},
    {{"huyen"}, {"huye\u0302n\u0323"}, BIT(UNIT_HUYEN), false},
    {{"thi", "xa"}, {"thi\u0323", "xa\u0303"}, BIT(UNIT_THI_XA), false},
    {{"xa"}, {"xa\u0303"}, BIT(UNIT_XA), false},
    {{"phuong"}, {"phu\u031bo\u031bng\u0300"}, BIT(UNIT_PHUONG), false},
    {{"thi", "tran"}, {"thi\u0323", "tra\u0302n\u0301"}, BIT(UNIT_THI_TRAN), false},
    {{"dac", "khu"}, {"đa\u0306c\u0323", "khu"}, BIT(UNIT_DAC_KHU), false},
    {{"tp"}, {"tp"}, BIT(UNIT_THANH_PHO), true},
    {{"t", "p"}, {"t", "p"}, BIT(UNIT_THANH_PHO), true},
    {{"tx"}, {"tx"}, BIT(UNIT_THI_XA), true},
    {{"t", "x"}, {"t", "x"}, BIT(UNIT_THI_XA), true},
    {{"tt"}, {"tt"}, BIT(UNIT_THI_TRAN), true},
    {{"t", "t"}, {"t", "t"}, BIT(UNIT_THI_TRAN), true},
    {{"dk"}, {"đk"}, BIT(UNIT_DAC_KHU), true},
    {{"t"}, {"t"}, BIT(UNIT_TINH), true},
    {{"q"}, {"q"}, BIT(UNIT_QUAN), true},
    {{"h"}, {"h"}, BIT(UNIT_HUYEN), true},
    {{"x"}, {"x"}, BIT(UNIT_XA), true},
    {{"p"}, {"p"}, BIT(UNIT_PHUONG), true},
    {{"f"}, {"f"}, BIT(UNIT_PHUONG), true},
};

#define KIND_WORDS (sizeof kind_words / sizeof kind_words[0])

static int word_take(void *arg, const struct token *t)
{
    struct piece *p = arg;
    struct word *w = &p->words[p->count];

    if (p->count == TOKENS_MAX) {
        p->too_long = true;
        return 1;
    }
    *w = (struct word){.start = t->start, .end = t->end, .accented = t->accented};
    if (t->folded_bytes < sizeof w->folded && t->exact_bytes < sizeof w->exact) {
        memcpy(w->folded, t->folded, t->folded_bytes + 1);
        memcpy(w->exact, t->exact, t->exact_bytes + 1);
    }
    p->accented = p->accented || t->accented;
    p->count++;
    return 0;
}

/* A word with accents must be the word itself: xà is not xã. Without any it is taken for
 * it only in a piece that is written without accents altogether, or as a short form. */
static bool word_is(const struct piece *p, size_t i, const char *folded,
                    const char *exact, bool loose)
{
    const struct word *w = &p->words[i];

    if (strcmp(w->folded, folded) != 0)
        return false;
    return strcmp(w->exact, exact) == 0 || (!w->accented && (loose || !p->accented));
}

/* How many words the word for a kind at `i` has; 0: none there. */
static size_t kind_word_at(const struct piece *p, size_t i, size_t k)
{
    size_t words = kind_words[k].folded[1] == NULL ? 1 : 2;

    if (i + words >= p->count) /* a name must follow */
        return 0;
    for (size_t n = 0; n < words; n++)
        if (!word_is(p, i + n, kind_words[k].folded[n], kind_words[k].exact[n], i == 0))
            return 0;
    return words;
}

static void reading_add(struct part *part, const struct piece *p, size_t from, size_t to,
                        uint16_t kinds)
{
    struct reading *r = &part->readings[part->readings_count];

    if (part->readings_count == READINGS_MAX ||
        !unit_key(p->text + from, to - from, false, r->key) ||
        !unit_key(p->text + from, to - from, true, r->exact))
        return;
    r->kinds = kinds;
    part->readings_count++;
}

/* "P12", "Q1": the number is glued to it. */
static void glued_read(struct part *part, const struct piece *p, size_t i, size_t end)
{
    const char *w = p->words[i].folded;
    uint16_t kinds = *w == 'q'                ? BIT(UNIT_QUAN)
                     : *w == 'p' || *w == 'f' ? BIT(UNIT_PHUONG)
                                              : 0;

    if (kinds == 0 || w[1] == '\0' || w[1 + strspn(w + 1, "0123456789")] != '\0')
        return;
    part->has_kind = true;
    reading_add(part, p, p->words[i].start + 1, end, kinds);
}

/* Words `from` to before `to` of a piece as one part. */
static void part_read(struct part *part, const struct piece *p, size_t from, size_t to)
{
    size_t start = p->words[from].start, end = p->words[to - 1].end;
    struct piece sub = *p;

    *part = (struct part){.at = p->at + start, .bytes = end - start};
    for (size_t i = from; i < to; i++)
        part->accented = part->accented || p->words[i].accented;
    sub.count = to - from;
    memmove(sub.words, p->words + from, sub.count * sizeof *sub.words);
    for (size_t k = 0; k < KIND_WORDS; k++) {
        size_t words = kind_word_at(&sub, 0, k);

        if (words == 0)
            continue;
        part->has_kind = part->has_kind || kind_words[k].is_short || !part->accented ||
                         sub.words[0].accented;
        reading_add(part, &sub, sub.words[words].start, end, kind_words[k].kinds);
    }
    glued_read(part, &sub, 0, end);
    if (strncmp(sub.words[0].folded, "tp", 2) == 0 && sub.words[0].folded[2] != '\0')
        reading_add(part, &sub, start + 2, end, BIT(UNIT_THANH_PHO)); /* TPHCM */
    reading_add(part, &sub, start, end, 0);
}

static bool part_known(const struct part *part,
                       bool (*known)(void *arg, const struct reading *r), void *arg)
{
    for (size_t i = 0; i < part->readings_count; i++)
        if (known(arg, &part->readings[i]))
            return true;
    return false;
}

/* Whether a word for a kind begins at `i` inside a piece: a long form, or a short one with
 * its full stop. */
static bool kind_begins(const struct piece *p, size_t i)
{
    for (size_t k = 0; k < KIND_WORDS; k++) {
        size_t words = kind_word_at(p, i, k);

        if (words > 0 && (!kind_words[k].is_short || p->text[p->words[i].end] == '.'))
            return true;
    }
    return false;
}

static void part_keep(struct parts *out, const struct part *part)
{
    if (out->count == PARTS_MAX) {
        memmove(out->all, out->all + 1, (PARTS_MAX - 1) * sizeof *out->all);
        out->count--;
    }
    out->all[out->count++] = *part;
}

static void piece_cut(struct parts *out, const struct piece *p,
                      bool (*known)(void *arg, const struct reading *r), void *arg)
{
    struct part part;
    size_t from = 0;

    part_read(&part, p, 0, p->count);
    if (part_known(&part, known, arg)) {
        part_keep(out, &part);
        return;
    }
    for (size_t i = 1; i <= p->count; i++) {
        if (i < p->count && !kind_begins(p, i))
            continue;
        /* "thị xã" is not "thị" and a "xã" */
        if (i < p->count && i > 0 && strcmp(p->words[i - 1].folded, "thi") == 0 &&
            kind_begins(p, i - 1))
            continue;
        part_read(&part, p, from, i);
        part_keep(out, &part);
        from = i;
    }
}

void parts_cut(struct parts *out, const char *text,
               bool (*known)(void *arg, const struct reading *r), void *arg)
{
    const char *at = text;

    out->count = 0;
    while (*at != '\0') {
        size_t bytes = strcspn(at, ",;\n()");
        struct piece p = {.text = at, .at = (size_t)(at - text), .bytes = bytes};

        (void)tokens_each(at, bytes, word_take, &p);
        if (p.count > 0 && !p.too_long)
            piece_cut(out, &p, known, arg);
        at += bytes + (at[bytes] != '\0');
    }
}
