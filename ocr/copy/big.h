/* Big-endian integers, for the formats of others (TrueType, ICC); ours are little. */
#ifndef TRAM_OCR_COPY_BIG_H
#define TRAM_OCR_COPY_BIG_H

#include "base/buffer.h"

static inline void put_u16(struct buffer *b, unsigned value)
{
    buffer_append_byte(b, (uint8_t)(value >> 8));
    buffer_append_byte(b, (uint8_t)value);
}

static inline void put_u32(struct buffer *b, uint32_t value)
{
    put_u16(b, value >> 16);
    put_u16(b, value & 0xffff);
}

#endif
