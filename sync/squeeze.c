#include "sync/squeeze.h"

#include <string.h>

#include "base/hash.h"
#include "sync/predictor.h"

#define CHECK_BYTES 2
#define AHEAD       4 /* bytes that a reader is ahead of a writer */
#define PAST_TIMES  16
#define PAST_MIN    (128u << 10)
#define PAST_MAX    (512u << 10) /* twice as much would save 1 %, in twice the time */

size_t squeeze_past(size_t count)
{
    if (count >= PAST_MAX / PAST_TIMES)
        return PAST_MAX;
    return count > PAST_MIN / PAST_TIMES ? count * PAST_TIMES : PAST_MIN;
}

/* An interval of numbers that is parted at every bit, as likely as the bit is; bytes that
 * both its ends share are done with. */
struct interval {
    uint32_t low, high;
};

static void interval_part(struct interval *i, uint32_t likely, bool bit)
{
    uint64_t span = i->high - i->low;
    uint32_t middle = i->low + (uint32_t)(span * likely >> 16);

    if (bit)
        i->high = middle;
    else
        i->low = middle + 1;
}

static bool interval_shift(struct interval *i)
{
    if ((i->low ^ i->high) >> 24 != 0)
        return false;
    i->low <<= 8;
    i->high = i->high << 8 | 255;
    return true;
}

static size_t most_of(size_t squeezed_count)
{
    return SQUEEZE_RATIO * squeezed_count + SQUEEZE_FREE;
}

/* One that has read the past, for a text of `count` bytes. */
static int predictor_of(struct predictor **out, size_t count, const unsigned char *past,
                        size_t past_count, struct err *e)
{
    size_t most = squeeze_past(count), skimmed;

    if (past_count > most) {
        past += past_count - most;
        past_count = most;
    }
    if (predictor_create(out, past_count + count, e) != 0)
        return -1;
    skimmed = past_count > SQUEEZE_THOROUGH ? past_count - SQUEEZE_THOROUGH : 0;
    predictor_skim(*out, past, skimmed);
    if (past_count > skimmed)
        predictor_read(*out, past + skimmed, past_count - skimmed);
    return 0;
}

/* ------------------------------------------------------------------------- writing */

static void write_byte(struct predictor *p, struct interval *i, unsigned char byte,
                       struct buffer *out)
{
    for (int left = 7; left >= 0; left--) {
        bool bit = (byte >> left & 1) != 0;

        interval_part(i, predictor_next(p), bit);
        predictor_learn(p, bit);
        for (uint32_t top = i->high >> 24; interval_shift(i); top = i->high >> 24)
            buffer_append_byte(out, (uint8_t)top);
    }
}

int squeeze(const void *text, size_t count, const void *past, size_t past_count,
            struct buffer *out, struct err *e)
{
    const unsigned char *bytes = text;
    struct interval i = {0, UINT32_MAX};
    struct predictor *p = NULL;
    size_t before = out->count;
    struct hash check;

    if (count > SQUEEZE_MAX)
        return err_set(e, ERR_TOO_BIG, "squeeze: %zu bytes", count);
    if (predictor_of(&p, count, past, past_count, e) != 0)
        return -1;
    hash_of(&check, text, count);
    buffer_append(out, check.bytes, CHECK_BYTES);
    for (size_t n = 0; n < count; n++)
        write_byte(p, &i, bytes[n], out);
    /* Zeroes behind it are not sent: this lies in the interval with them. */
    buffer_append_byte(out, (uint8_t)(i.high >> 24));
    predictor_destroy(p);
    if (buffer_check(out, e) != 0)
        return -1;
    return count <= most_of(out->count - before)
               ? 0
               : err_set(e, ERR_TOO_BIG, "squeeze: %zu bytes into next to nothing",
                         count);
}

/* ------------------------------------------------------------------------- reading */

struct reading {
    struct interval interval;
    uint32_t number; /* in the interval */
    const unsigned char *at, *end;
    size_t beyond; /* zeroes that were not sent */
};

static void read_more(struct reading *r)
{
    r->number <<= 8;
    if (r->at < r->end)
        r->number |= *r->at++;
    else
        r->beyond++;
}

static unsigned char read_byte(struct predictor *p, struct reading *r)
{
    unsigned byte = 0;

    for (int i = 0; i < 8; i++) {
        struct interval ones = r->interval;
        bool bit;
        uint32_t likely = predictor_next(p);

        interval_part(&ones, likely, true);
        bit = r->number <= ones.high;
        interval_part(&r->interval, likely, bit);
        predictor_learn(p, bit);
        while (interval_shift(&r->interval))
            read_more(r);
        byte = byte << 1 | bit;
    }
    return (unsigned char)byte;
}

static bool text_is(const unsigned char *text, size_t count, const unsigned char *check)
{
    struct hash h;

    hash_of(&h, text, count);
    return memcmp(h.bytes, check, CHECK_BYTES) == 0;
}

int unsqueeze(unsigned char *text, size_t count, const void *squeezed,
              size_t squeezed_count, const void *past, size_t past_count, struct err *e)
{
    const unsigned char *bytes = squeezed;
    struct reading r = {.interval = {0, UINT32_MAX}};
    struct predictor *p = NULL;
    size_t n = 0;

    if (count > SQUEEZE_MAX || squeezed_count <= CHECK_BYTES ||
        count > most_of(squeezed_count))
        return err_set(e, ERR_REFUSED, "squeezed: %zu bytes into %zu", count,
                       squeezed_count);
    if (predictor_of(&p, count, past, past_count, e) != 0)
        return -1;
    r.at = bytes + CHECK_BYTES;
    r.end = bytes + squeezed_count;
    for (int i = 0; i < AHEAD; i++)
        read_more(&r);
    while (n < count && r.beyond < AHEAD)
        text[n++] = read_byte(p, &r);
    predictor_destroy(p);
    /* As far ahead as at the beginning, less the byte that ends it. */
    if (n < count || r.at < r.end || r.beyond != AHEAD - 1 ||
        !text_is(text, count, bytes))
        return err_set(e, ERR_REFUSED, "squeezed: does not come out to %zu bytes", count);
    return 0;
}
