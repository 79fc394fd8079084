#include "sync/weigher.h"

#include <string.h>

#define MATCH       WEIGHER_CONTEXTS
#define STEADY      (WEIGHER_CONTEXTS + 1)
#define SAID_MAX    2047
#define STEP_BITS   7
#define ONE         65535
#define LIKELY_MIN  16
#define WEIGHT_ONE  65536
#define WEIGHT_MAX  (4 * WEIGHT_ONE - 1)
#define RIGHT_SHIFT 7 /* a new case counts for a 128th */
#define PAIR_FACTOR 0x9E3779B1u

static int said_clip(int said)
{
    return said > SAID_MAX ? SAID_MAX : said < -SAID_MAX ? -SAID_MAX : said;
}

/* -------------------------------------------------------------------------- start */

static void stretch_init(struct weigher *w)
{
    /* 65536 / (1 + exp(-x)), x from -8 to 8 in halves; between them, straight lines. */
    static const uint16_t steps[WEIGHER_STEPS] = {
        22,    36,    60,    98,    162,   267,   439,   720,   1179,  1921,  3108,
        4971,  7812,  11955, 17625, 24743, 32768, 40793, 47911, 53581, 57724, 60565,
        62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514};
    int x = 0;

    for (int i = 0; i < 4096; i++) {
        int step = i >> STEP_BITS, part = i & ((1 << STEP_BITS) - 1);

        w->squashed[i] = (uint16_t)((steps[step] * ((1 << STEP_BITS) - part) +
                                     steps[step + 1] * part) >>
                                    STEP_BITS);
    }
    for (int i = 0; i < 4096; i++) {
        while (x < 4095 && w->squashed[x] >> 4 < i)
            x++;
        w->stretched[i] = (int16_t)said_clip(x - 2048);
    }
}

static void weights_init(struct weights *of, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = 0; k < WEIGHER_CONTEXTS; k++)
            of[i].of[k] = WEIGHT_ONE * 2 / 5;
        of[i].of[MATCH] = WEIGHT_ONE / 3;
        of[i].of[STEADY] = 0;
    }
}

static void refined_init(const struct weigher *w, struct refinement *of, unsigned count)
{
    for (unsigned i = 0; i < WEIGHER_STEPS; i++)
        of->steps[i] = w->squashed[i == WEIGHER_STEPS - 1 ? 4095 : i << STEP_BITS];
    for (unsigned i = 1; i < count; i++)
        of[i] = of[0];
}

void weigher_init(struct weigher *w)
{
    memset(w, 0, sizeof *w);
    stretch_init(w);
    for (unsigned k = 0; k < WEIGHER_CONTEXTS; k++)
        for (unsigned times = 0; times <= COUNTER_TIMES_MAX; times++)
            for (unsigned i = 0; i < 64; i++)
                w->right[k][times][i] = (uint16_t)(i * 1024 + 512);
    for (unsigned i = 0; i < WEIGHER_MATCHES; i++)
        w->match_right[i] = (uint16_t)(ONE - 65536 / (i + 2));
    weights_init(w->by_match, WEIGHER_MATCHES);
    weights_init(w->by_partial, 256);
    weights_init(w->by_last, 256);
    refined_init(w, w->refined_partial, 256);
    refined_init(w, w->refined_pair, 1u << WEIGHER_PAIRS_BITS);
    w->inputs[STEADY] = 256;
}

/* --------------------------------------------------------------------------- next */

void weigher_hear(struct weigher *w, unsigned k, uint16_t counter)
{
    unsigned times = counter & COUNTER_TIMES_MAX;

    w->heard[k] = &w->right[k][times][counter >> 10];
    w->inputs[k] = times > 0 ? w->stretched[*w->heard[k] >> 4] : 0;
}

void weigher_hear_match(struct weigher *w, unsigned match, bool bit)
{
    int said;

    w->heard_match = match > 0 ? &w->match_right[match] : NULL;
    w->match_bit = bit;
    said = match > 0 ? w->stretched[*w->heard_match >> 4] : 0;
    w->inputs[MATCH] = bit ? said : -said;
}

static int weigh(const struct weights *weights, const int32_t *inputs)
{
    int32_t sum = 0;

    for (unsigned i = 0; i < WEIGHER_INPUTS; i++)
        sum += weights->of[i] * inputs[i] / 4;
    return said_clip(sum / (WEIGHT_ONE / 4));
}

/* What stands in the two steps around, by how near they are; the nearer one will learn. */
static uint32_t refine(struct refinement *r, unsigned said, uint16_t **nearer)
{
    unsigned step = said >> STEP_BITS, part = said & ((1u << STEP_BITS) - 1);

    *nearer = &r->steps[part < 1u << (STEP_BITS - 1) ? step : step + 1];
    return (r->steps[step] * ((1u << STEP_BITS) - part) + r->steps[step + 1] * part) >>
           STEP_BITS;
}

uint32_t weigher_next(struct weigher *w, unsigned match, uint32_t partial, uint8_t last)
{
    uint32_t pair = (last << 8 | partial) * PAIR_FACTOR >> (32 - WEIGHER_PAIRS_BITS);
    uint32_t likely;
    unsigned said;
    int sum = 0;

    w->sets[0] = &w->by_match[match];
    w->sets[1] = &w->by_partial[partial];
    w->sets[2] = &w->by_last[last];
    for (unsigned s = 0; s < WEIGHER_SETS; s++) {
        w->said[s] = weigh(w->sets[s], w->inputs);
        sum += w->said[s];
    }
    said = (unsigned)(sum / WEIGHER_SETS + 2048);
    likely = 2u * w->squashed[said];
    likely += refine(&w->refined_partial[partial], said, &w->refined[0]);
    likely += refine(&w->refined_pair[pair], said, &w->refined[1]);
    likely /= 4;
    return likely < LIKELY_MIN              ? LIKELY_MIN
           : likely > ONE + 1u - LIKELY_MIN ? ONE + 1u - LIKELY_MIN
                                            : likely;
}

/* -------------------------------------------------------------------------- learn */

static void set_right(uint16_t *right, bool was)
{
    if (was)
        *right = (uint16_t)(*right + ((ONE - *right) >> RIGHT_SHIFT));
    else
        *right = (uint16_t)(*right - (*right >> RIGHT_SHIFT));
}

static void weights_learn(struct weights *weights, const int32_t *inputs, int wrong_by)
{
    for (unsigned i = 0; i < WEIGHER_INPUTS; i++) {
        int32_t new = weights->of[i] + inputs[i] * wrong_by / 2048;

        weights->of[i] = new > WEIGHT_MAX    ? WEIGHT_MAX
                         : new < -WEIGHT_MAX ? -WEIGHT_MAX
                                             : new;
    }
}

void weigher_learn(struct weigher *w, bool bit)
{
    for (unsigned s = 0; s < WEIGHER_SETS; s++) {
        int squashed = w->squashed[w->said[s] + 2048] >> 4;

        weights_learn(w->sets[s], w->inputs, (bit ? 4096 : 0) - squashed);
    }
    for (unsigned k = 0; k < WEIGHER_CONTEXTS; k++)
        set_right(w->heard[k], bit);
    if (w->heard_match != NULL)
        set_right(w->heard_match, w->match_bit == bit);
    set_right(w->refined[0], bit);
    set_right(w->refined[1], bit);
}
