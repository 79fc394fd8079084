#include "ocr/small/mq.h"

/* Table E.1: how likely the less probable symbol is, and where to go from there. */
static const struct state {
    uint16_t less;
    uint8_t after_more, after_less;
    bool swaps;
} states[] = {
    {0x5601, 1, 1, true},    {0x3401, 2, 6, false},   {0x1801, 3, 9, false},
    {0x0ac1, 4, 12, false},  {0x0521, 5, 29, false},  {0x0221, 38, 33, false},
    {0x5601, 7, 6, true},    {0x5401, 8, 14, false},  {0x4801, 9, 14, false},
    {0x3801, 10, 14, false}, {0x3001, 11, 17, false}, {0x2401, 12, 18, false},
    {0x1c01, 13, 20, false}, {0x1601, 29, 21, false}, {0x5601, 15, 14, true},
    {0x5401, 16, 14, false}, {0x5101, 17, 15, false}, {0x4801, 18, 16, false},
    {0x3801, 19, 17, false}, {0x3401, 20, 18, false}, {0x3001, 21, 19, false},
    {0x2801, 22, 19, false}, {0x2401, 23, 20, false}, {0x2201, 24, 21, false},
    {0x1c01, 25, 22, false}, {0x1801, 26, 23, false}, {0x1601, 27, 24, false},
    {0x1401, 28, 25, false}, {0x1201, 29, 26, false}, {0x1101, 30, 27, false},
    {0x0ac1, 31, 28, false}, {0x09c1, 32, 29, false}, {0x08a1, 33, 30, false},
    {0x0521, 34, 31, false}, {0x0441, 35, 32, false}, {0x02a1, 36, 33, false},
    {0x0221, 37, 34, false}, {0x0141, 38, 35, false}, {0x0111, 39, 36, false},
    {0x0085, 40, 37, false}, {0x0049, 41, 38, false}, {0x0025, 42, 39, false},
    {0x0015, 43, 40, false}, {0x0009, 44, 41, false}, {0x0005, 45, 42, false},
    {0x0001, 45, 43, false}, {0x5601, 46, 46, false},
};

#define HALF           0x8000u
#define CARRY          0x8000000u
#define CODE_BITS      27
#define EXPECTED_BELOW 0x2801u /* a quarter: surer than not */

void mq_start(struct mq *m, struct buffer *out)
{
    *m = (struct mq){.out = out, .interval = HALF, .shifts = 12, .held = -1};
}

/* Gives the held byte away and takes the next one off the code. After 0xff only
 * seven bits are taken, so that a carry can stop there. */
static void byte_out(struct mq *m)
{
    int bits;

    if (m->held != 0xff && m->code >= CARRY) {
        m->held++;
        m->code &= CARRY - 1;
    }
    bits = m->held == 0xff ? 7 : 8;
    if (m->held >= 0)
        buffer_append_byte(m->out, (uint8_t)m->held);
    m->held = (int)(m->code >> (CODE_BITS - bits));
    m->code &= (1u << (CODE_BITS - bits)) - 1;
    m->shifts = bits;
}

static void renormalise(struct mq *m)
{
    do {
        m->interval <<= 1;
        m->code <<= 1;
        if (--m->shifts == 0)
            byte_out(m);
    } while ((m->interval & HALF) == 0);
}

/* A context: the state's number, and in the highest bit the more probable symbol. */
void mq_put(struct mq *m, uint8_t *context, bool bit)
{
    const struct state *s = &states[*context & 0x7f];
    uint8_t more = *context & 0x80;
    bool is_more = bit == (more != 0);

    m->interval -= s->less;
    if (is_more && (m->interval & HALF) != 0) {
        m->code += s->less;
        return;
    }
    /* The larger part of the interval is the more probable symbol's, always. */
    if (is_more == (m->interval < s->less))
        m->interval = s->less;
    else
        m->code += s->less;
    if (is_more)
        *context = more | s->after_more;
    else
        *context = (s->swaps ? more ^ 0x80 : more) | s->after_less;
    renormalise(m);
}

bool mq_expects(const uint8_t *context, bool bit)
{
    return bit == (*context >> 7 != 0) && states[*context & 0x7f].less < EXPECTED_BELOW;
}

void mq_end(struct mq *m)
{
    uint32_t top = m->code + m->interval;

    m->code |= 0xffff;
    if (m->code >= top)
        m->code -= HALF;
    for (int i = 0; i < 2; i++) {
        m->code <<= m->shifts;
        byte_out(m);
    }
    if (m->held != 0xff)
        buffer_append_byte(m->out, (uint8_t)m->held);
    buffer_append(m->out, "\xff\xac", 2);
}
