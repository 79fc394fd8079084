#include "sync/predictor.h"

#include <stdlib.h>
#include <string.h>

#include "sync/weigher.h"

#define CONTEXTS        WEIGHER_CONTEXTS
#define SYLLABLES_AT    3  /* the contexts of syllables begin here */
#define NODES           15 /* of a nibble: what may stand before its next bit */
#define BUCKETS_LOG_MIN 12
#define BUCKETS_LOG_MAX 19
#define PLACES_LOG      18
#define MATCH_MIN       5
#define MATCH_LOOK      400
#define FACTOR          0x9E3779B1u
#define FACTOR_MORE     0x85EBCA77u

/* A context's counters for one nibble of the byte that follows. */
struct bucket {
    uint16_t check; /* 0: free */
    uint16_t counters[NODES];
};

struct predictor {
    struct weigher weigher;
    uint16_t rates[COUNTER_TIMES_MAX + 1]; /* what a new case counts, of 65536 */
    struct bucket *buckets;
    unsigned buckets_log;
    /* the text so far */
    uint8_t *text;
    uint32_t count, count_max;
    uint32_t last4, before4; /* its last eight bytes */
    uint32_t syllables[3]; /* hashes: this one so far, the one before, and before that */
    /* where it goes on as it did behind the same six bytes */
    uint32_t *places;
    uint32_t match, match_bytes;
    /* the byte that is being told */
    uint32_t partial; /* 1, and its bits so far */
    unsigned node;
    uint32_t hashes[CONTEXTS];
    struct bucket *chosen[CONTEXTS];
};

static uint32_t mixed(uint32_t a, uint32_t b)
{
    uint32_t h = (a ^ b * FACTOR_MORE) * FACTOR;

    h = (h ^ h >> 15) * FACTOR_MORE;
    return h ^ h >> 13;
}

/* ----------------------------------------------------------------------- counters */

/* The context's own, or the less used one of the two that it may have. */
static struct bucket *bucket_of(struct predictor *p, uint32_t hash)
{
    struct bucket *a = &p->buckets[hash >> (32 - p->buckets_log) & ~1u], *b = a + 1;
    uint16_t check = (uint16_t)(hash | 1);
    struct bucket *taken = a;

    if (a->check == check)
        return a;
    if (b->check == check)
        return b;
    if (a->check != 0 && (b->check == 0 || (b->counters[0] & COUNTER_TIMES_MAX) <
                                               (a->counters[0] & COUNTER_TIMES_MAX)))
        taken = b;
    taken->check = check;
    for (unsigned i = 0; i < NODES; i++)
        taken->counters[i] = COUNTER_EVEN;
    return taken;
}

static void nibble_begin(struct predictor *p)
{
    uint32_t hashes[CONTEXTS];

    for (unsigned k = 0; k < CONTEXTS; k++) {
        hashes[k] = mixed(p->hashes[k], p->partial);
        __builtin_prefetch(&p->buckets[hashes[k] >> (32 - p->buckets_log) & ~1u], 1);
    }
    for (unsigned k = 0; k < CONTEXTS; k++)
        p->chosen[k] = bucket_of(p, hashes[k]);
    p->node = 0;
}

/* One that is told for the first time begins with what the shorter context says. */
static void counters_learn(struct predictor *p, bool bit)
{
    int shorter = COUNTER_EVEN >> COUNTER_TIMES_BITS;

    for (unsigned k = 0; k < CONTEXTS; k++) {
        uint16_t *counter = &p->chosen[k]->counters[p->node];
        unsigned times = *counter & COUNTER_TIMES_MAX;
        int likely = *counter >> COUNTER_TIMES_BITS, off;

        if (k == SYLLABLES_AT)
            shorter = COUNTER_EVEN >> COUNTER_TIMES_BITS;
        if (times == 0)
            likely = shorter;
        shorter = likely;
        off = bit ? 4095 - likely : likely;
        off = off * p->rates[times] >> 16;
        likely = bit ? likely + off : likely - off;
        *counter = (uint16_t)((unsigned)likely << COUNTER_TIMES_BITS |
                              (times < COUNTER_TIMES_MAX ? times + 1 : times));
    }
}

/* ------------------------------------------------------------------------ the text */

static bool in_syllable(uint8_t c)
{
    return c >= 128 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9');
}

static void text_add(struct predictor *p, uint8_t c)
{
    p->text[p->count++] = c;
    p->before4 = p->before4 << 8 | p->last4 >> 24;
    p->last4 = p->last4 << 8 | c;
    if (in_syllable(c)) {
        p->syllables[0] = mixed(p->syllables[0], c + 1u);
    } else if (p->syllables[0] != 0) {
        p->syllables[2] = p->syllables[1];
        p->syllables[1] = p->syllables[0];
        p->syllables[0] = 0;
    }
}

static void match_find(struct predictor *p, uint32_t at)
{
    uint32_t same = 0;

    while (same < MATCH_LOOK && same < at &&
           p->text[at - 1 - same] == p->text[p->count - 1 - same])
        same++;
    p->match = at;
    p->match_bytes = same >= MATCH_MIN ? same : 0;
}

static void match_move(struct predictor *p, bool look)
{
    uint32_t *place =
        &p->places[mixed(p->last4, p->before4 & 0xffff) >> (32 - PLACES_LOG)];

    if (p->match_bytes > 0 && p->text[p->match] == (uint8_t)p->last4) {
        p->match++;
        p->match_bytes++;
    } else {
        p->match_bytes = 0;
        if (look && *place > 0)
            match_find(p, *place);
    }
    *place = p->count;
}

static void byte_begin(struct predictor *p)
{
    const uint32_t *s = p->syllables;
    uint32_t *h = p->hashes, last = p->last4;

    h[0] = mixed(last & 0xff, 1);
    h[1] = mixed(last & 0xffff, 2);
    h[2] = mixed(last & 0xffffff, 3);
    h[3] = mixed(s[0], 0x400 | (last & 0xff));
    h[4] = mixed(mixed(s[0], s[1]), 5);
    h[5] = mixed(mixed(mixed(s[0], s[1]), s[2]), 6);
    p->partial = 1;
    nibble_begin(p);
}

static void told(struct predictor *p, bool bit, bool look)
{
    counters_learn(p, bit);
    p->partial = p->partial << 1 | bit;
    p->node = p->node * 2 + 1 + bit;
    if (p->partial >= 256) {
        if (p->count < p->count_max) {
            text_add(p, (uint8_t)p->partial);
            match_move(p, look);
        }
        byte_begin(p);
    } else if (p->partial >= 16 && p->partial < 32) {
        nibble_begin(p);
    }
}

/* ------------------------------------------------------------------------ the bits */

/* Which of the weigher's matches there is; *bit: what comes next if it goes on. */
static unsigned match_now(struct predictor *p, bool *bit)
{
    uint32_t n = p->match_bytes, byte;
    int left = 8;

    *bit = false;
    if (n == 0)
        return 0;
    for (uint32_t bits = p->partial; bits > 1; bits >>= 1)
        left--;
    byte = 256u | p->text[p->match];
    if (byte >> left != p->partial)
        return 0;
    *bit = (byte >> (left - 1) & 1) != 0;
    return n < 16    ? n
           : n < 32  ? 16 + (n - 16) / 4
           : n < 64  ? 20 + (n - 32) / 8
           : n < 512 ? 24 + (n - 64) / 64
                     : 31;
}

uint32_t predictor_next(struct predictor *p)
{
    bool bit;
    unsigned match = match_now(p, &bit);

    for (unsigned k = 0; k < CONTEXTS; k++)
        weigher_hear(&p->weigher, k, p->chosen[k]->counters[p->node]);
    weigher_hear_match(&p->weigher, match, bit);
    return weigher_next(&p->weigher, match, p->partial, (uint8_t)p->last4);
}

void predictor_learn(struct predictor *p, bool bit)
{
    weigher_learn(&p->weigher, bit);
    told(p, bit, true);
}

void predictor_skim(struct predictor *p, const void *bytes, size_t count)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < count; i++)
        for (int left = 7; left >= 0; left--)
            told(p, (at[i] >> left & 1) != 0, false);
}

void predictor_read(struct predictor *p, const void *bytes, size_t count)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < count; i++)
        for (int left = 7; left >= 0; left--) {
            (void)predictor_next(p);
            predictor_learn(p, (at[i] >> left & 1) != 0);
        }
}

/* --------------------------------------------------------------------------- start */

int predictor_create(struct predictor **out, size_t count_max, struct err *e)
{
    struct predictor *p = calloc(1, sizeof *p);

    *out = p;
    if (p == NULL || count_max > UINT32_MAX)
        goto failed;
    p->count_max = (uint32_t)count_max;
    p->buckets_log = BUCKETS_LOG_MIN;
    while (p->buckets_log < BUCKETS_LOG_MAX && (size_t)1 << p->buckets_log < count_max)
        p->buckets_log++;
    p->buckets = calloc((size_t)1 << p->buckets_log, sizeof *p->buckets);
    p->places = calloc((size_t)1 << PLACES_LOG, sizeof *p->places);
    p->text = malloc(count_max + 1);
    if (p->buckets == NULL || p->places == NULL || p->text == NULL)
        goto failed;
    for (unsigned i = 0; i < COUNTER_TIMES_MAX; i++)
        p->rates[i] = (uint16_t)(65536 * 5 / (5 * i + 7));
    p->rates[COUNTER_TIMES_MAX] = 65536 / 60;
    weigher_init(&p->weigher);
    byte_begin(p);
    return 0;
failed:
    predictor_destroy(p);
    *out = NULL;
    return err_set(e, ERR_MEMORY, "predictor for %zu bytes", count_max);
}

void predictor_destroy(struct predictor *p)
{
    if (p == NULL)
        return;
    free(p->buckets);
    free(p->places);
    free(p->text);
    free(p);
}
