#include "ocr/language/bigram.h"

#include "base/embed.h"

/* Of who was never seen among two million syllables; as flat as the table's. */
#define UNSEEN_COST 12.7f
/* A number, a name, a foreign word: as dear as a syllable that nobody uses. */
#define NO_WORD_COST 12.0f

EMBED(bigrams, "ocr/language/bigrams.bin");

#define HEAD_BYTES 16

static uint32_t u32_at(size_t at)
{
    const uint8_t *b = (const uint8_t *)bigrams + at;

    return (uint32_t)(b[0] | b[1] << 8 | b[2] << 16) | (uint32_t)b[3] << 24;
}

static uint16_t u16_at(size_t at)
{
    const uint8_t *b = (const uint8_t *)bigrams + at;

    return (uint16_t)(b[0] | b[1] << 8);
}

static float price_at(size_t at)
{
    return (float)*((const uint8_t *)bigrams + at) / BIGRAM_PRICE_AT;
}

/* Where the parts of the table are. */
struct parts {
    size_t syllables, pairs;
    size_t codes, firsts, seconds, pair_prices, prices, backoffs;
};

static struct parts parts_of_table(void)
{
    struct parts p = {.syllables = u32_at(8), .pairs = u32_at(12), .codes = HEAD_BYTES};

    p.firsts = p.codes + 2 * p.syllables;
    p.seconds = p.firsts + 4 * (p.syllables + 2);
    p.pair_prices = p.seconds + 2 * p.pairs;
    p.prices = p.pair_prices + p.pairs;
    p.backoffs = p.prices + p.syllables + 1;
    return p;
}

/* The place of `wanted` among the ascending numbers from place `low` to `high`, or
 * `high`. */
static size_t search(size_t numbers, size_t low, size_t high, uint16_t wanted)
{
    size_t end = high;

    while (low < high) {
        size_t middle = (low + high) / 2;
        uint16_t number = u16_at(numbers + 2 * middle);

        if (number == wanted)
            return middle;
        if (number < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return end;
}

uint16_t bigram_find(uint16_t code)
{
    struct parts p = parts_of_table();
    size_t at = search(p.codes, 0, p.syllables, code);

    return at == p.syllables ? BIGRAM_UNSEEN : (uint16_t)at;
}

uint16_t bigram_edge(void)
{
    return (uint16_t)u32_at(8);
}

float bigram_cost(uint16_t first, uint16_t second)
{
    struct parts p = parts_of_table();
    size_t low, high, at;
    float alone;

    if (second == BIGRAM_NO_WORD)
        return NO_WORD_COST;
    alone = second == BIGRAM_UNSEEN ? UNSEEN_COST : price_at(p.prices + second);
    if (first == BIGRAM_NO_WORD || first == BIGRAM_UNSEEN)
        return alone;
    low = u32_at(p.firsts + 4 * (size_t)first);
    high = u32_at(p.firsts + 4 * ((size_t)first + 1));
    at = search(p.seconds, low, high, second);
    if (at < high)
        return price_at(p.pair_prices + at);
    return alone + price_at(p.backoffs + first);
}
