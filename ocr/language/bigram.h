/* Bigram: how likely one syllable is after another, by the counts of README.md, with
 * back-off to how likely it is at all. A table in the program, made by
 * build/release/tram-bigrams and read where it lies. Pure.
 *
 * The table (numbers little-endian):
 *
 *   "TLB1" | u32 SYLLABLE_CODES when it was made | u32 syllables | u32 pairs
 *   u16 code of each syllable, ascending
 *   u32 where each one's pairs begin, also the edge's, then the pairs' count
 *   u16 the second of each pair, ascending within a first: place among the codes,
 *       or `syllables` for the edge
 *   u8  price of each pair
 *   u8  price of each syllable, and of the edge, where the pair was not counted
 *   u8  price of backing off, for each first, also the edge
 *
 * A price is -ln(probability) in sixteenths. */
#ifndef TRAM_OCR_LANGUAGE_BIGRAM_H
#define TRAM_OCR_LANGUAGE_BIGRAM_H

#include <stdint.h>

#define BIGRAM_UNSEEN   0xFFFFu /* a sound syllable that was never counted */
#define BIGRAM_NO_WORD  0xFFFEu /* something of which nothing is known */
#define BIGRAM_PRICE_AT 16.0f

/* The place in the table of a sound syllable's code, or BIGRAM_UNSEEN. */
uint16_t bigram_find(uint16_t code);
/* The place of a clause's beginning (as a first) and end (as a second). */
uint16_t bigram_edge(void);

/* What `second` costs after `first`: -ln of its probability. */
float bigram_cost(uint16_t first, uint16_t second);

#endif
