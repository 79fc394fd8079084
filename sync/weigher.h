/* Weigher: makes one likelihood out of what the counters of several contexts say of the
 * next bit, and learns whom to believe. For predictor.h; whole numbers only, every figure
 * is part of the format.
 *
 * What is said is first set right (how often was it a 1 when a counter stood like this?),
 * then stretched - ln(p / (1 - p)) in 256ths, so that the sure count for more - and
 * summed up by weights, three times: by how long a match there is, by what stands of the
 * byte, by the byte before. The mean of the three is set right once more, twice. */
#ifndef TRAM_SYNC_WEIGHER_H
#define TRAM_SYNC_WEIGHER_H

#include <stdbool.h>
#include <stdint.h>

#define WEIGHER_CONTEXTS   6
#define WEIGHER_INPUTS     (WEIGHER_CONTEXTS + 2) /* the match, and one that never changes */
#define WEIGHER_SETS       3
#define WEIGHER_MATCHES    32 /* 0: there is none */
#define WEIGHER_STEPS      33
#define WEIGHER_PAIRS_BITS 13

/* A counter: how likely a 1 is in its upper 12 bits; below, how often it was told, 15: or
 * more. */
#define COUNTER_TIMES_BITS 4
#define COUNTER_TIMES_MAX  15
#define COUNTER_EVEN       0x8000

struct weights {
    int32_t of[WEIGHER_INPUTS];
};

struct refinement {
    uint16_t steps[WEIGHER_STEPS];
};

struct weigher {
    int16_t stretched[4096];
    uint16_t squashed[4096]; /* from -2048 on */
    uint16_t right[WEIGHER_CONTEXTS][COUNTER_TIMES_MAX + 1][64];
    uint16_t match_right[WEIGHER_MATCHES];
    struct weights by_match[WEIGHER_MATCHES], by_partial[256], by_last[256];
    struct refinement refined_partial[256], refined_pair[1 << WEIGHER_PAIRS_BITS];
    /* of the bit that is asked about */
    int32_t inputs[WEIGHER_INPUTS];
    uint16_t *heard[WEIGHER_CONTEXTS], *heard_match, *refined[2];
    struct weights *sets[WEIGHER_SETS];
    int said[WEIGHER_SETS];
    bool match_bit;
};

void weigher_init(struct weigher *w);

/* What context `k` and the match say; all of them, for every bit. */
void weigher_hear(struct weigher *w, unsigned k, uint16_t counter);
void weigher_hear_match(struct weigher *w, unsigned match, bool bit);

/* `match` as heard; `partial`: 1 and the bits of the byte so far; `last`: the byte before.
 * Of 65536: 16 to 65520. */
uint32_t weigher_next(struct weigher *w, unsigned match, uint32_t partial, uint8_t last);
void weigher_learn(struct weigher *w, bool bit);

#endif
