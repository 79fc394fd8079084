#include "tests/language/bigrams.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "ocr/language/bigram.h"

/* Taken from each pair's count for the pairs that were not seen. */
#define DISCOUNT 0.75
/* What backing off is worth at least, where nearly all pairs were seen. */
#define BACKOFF_MIN 0.02
/* Counts of laws say little of a word in a letter that stands where it never stood in a
 * law: its price at all counts for so much, and for the rest all cost the same. */
#define FLATNESS   0.4
#define FLAT_PRICE 8.0 /* nats */
/* A clause ends after one syllable in ten. */
#define EDGE_SHARE 0.1

/* What is known of one syllable, or of the edge (the last). */
struct entry {
    uint16_t code;
    uint16_t place;            /* in the table */
    double count;              /* of it, */
    double pairs, pairs_kinds; /* of pairs that it begins, */
    double before_kinds;       /* of kinds that it ends */
    double share, backoff;
};

struct making {
    struct entry *entries; /* by code; the edge's is COUNTS_EDGE */
    size_t syllables;
    double count, kinds; /* of all */
};

static bool is_in_table(const struct entry *e)
{
    return e->count + e->before_kinds > 0;
}

static void gather(struct making *m, const struct counts *c)
{
    for (uint32_t code = 0; code < COUNTS_CODES; code++)
        m->entries[code] =
            (struct entry){.code = (uint16_t)code, .count = c->syllables[code]};
    for (size_t i = 0; i < c->pairs_count; i++) {
        struct entry *first = &m->entries[c->pairs[i].first];

        first->pairs += c->pairs[i].count;
        first->pairs_kinds++;
        m->entries[c->pairs[i].second].before_kinds++;
        m->kinds++;
    }
    for (uint32_t code = 0; code < COUNTS_CODES; code++) {
        struct entry *e = &m->entries[code];

        m->count += e->count;
        e->count = fmax(e->count, e->pairs);
        if (is_in_table(e))
            e->place = (uint16_t)m->syllables++;
    }
    m->syllables--; /* the edge is none */
}

/* Half by how often it is seen, half by after how many others. */
static void weigh(struct making *m)
{
    for (uint32_t code = 0; code < COUNTS_CODES; code++) {
        struct entry *e = &m->entries[code];
        double left = e->pairs - DISCOUNT * e->pairs_kinds;

        e->share =
            0.5 * e->count / m->count +
            0.5 * (e->before_kinds + 0.5) / (m->kinds + 0.5 * (double)m->syllables);
        e->backoff = fmax(1 - left / (e->count + 1), BACKOFF_MIN);
    }
    m->entries[COUNTS_EDGE].share = EDGE_SHARE;
}

static uint8_t price(double probability)
{
    double p = -log(probability) * (double)BIGRAM_PRICE_AT;

    return (uint8_t)fmin(fmax(round(p), 0), 255);
}

static uint8_t price_alone(const struct entry *e)
{
    return price(pow(e->share, 1 - FLATNESS) * exp(-FLATNESS * FLAT_PRICE));
}

static void write_firsts(const struct making *m, const struct counts *c,
                         struct buffer *out)
{
    size_t at = 0;

    for (uint32_t code = 0; code < COUNTS_CODES; code++) {
        if (!is_in_table(&m->entries[code]))
            continue;
        buffer_append_u32(out, (uint32_t)at);
        while (at < c->pairs_count && c->pairs[at].first == code)
            at++;
    }
    buffer_append_u32(out, (uint32_t)at);
}

static void write_pair_prices(const struct making *m, const struct counts *c,
                              struct buffer *out)
{
    for (size_t i = 0; i < c->pairs_count; i++) {
        const struct entry *first = &m->entries[c->pairs[i].first];
        const struct entry *second = &m->entries[c->pairs[i].second];
        double seen = fmax(c->pairs[i].count - DISCOUNT, 0) / (first->count + 1);

        buffer_append_byte(out, price(seen + first->backoff * second->share));
    }
}

static void write_table(const struct making *m, const struct counts *c,
                        struct buffer *out)
{
    buffer_append_text(out, "TLB1");
    buffer_append_u32(out, SYLLABLE_CODES);
    buffer_append_u32(out, (uint32_t)m->syllables);
    buffer_append_u32(out, (uint32_t)c->pairs_count);
    for (uint32_t code = 0; code < SYLLABLE_CODES; code++)
        if (is_in_table(&m->entries[code]))
            buffer_append_u16(out, (uint16_t)code);
    write_firsts(m, c, out);
    for (size_t i = 0; i < c->pairs_count; i++)
        buffer_append_u16(out, m->entries[c->pairs[i].second].place);
    write_pair_prices(m, c, out);
    for (uint32_t code = 0; code < COUNTS_CODES; code++)
        if (is_in_table(&m->entries[code]))
            buffer_append_byte(out, price_alone(&m->entries[code]));
    for (uint32_t code = 0; code < COUNTS_CODES; code++)
        if (is_in_table(&m->entries[code]))
            buffer_append_byte(out, price(m->entries[code].backoff));
}

int bigrams_make(const struct counts *c, struct buffer *out, struct err *e)
{
    struct making m = {.entries = calloc(COUNTS_CODES, sizeof *m.entries)};
    int rc = -1;

    if (m.entries == NULL)
        return err_set(e, ERR_MEMORY, "out of memory");
    gather(&m, c);
    if (!is_in_table(&m.entries[COUNTS_EDGE])) {
        err_set(e, ERR_CORRUPT, "no clause ends in the counts");
        goto out;
    }
    weigh(&m);
    write_table(&m, c, out);
    rc = buffer_check(out, e);
out:
    free(m.entries);
    return rc;
}
