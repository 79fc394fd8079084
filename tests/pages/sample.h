/* Samples: a picture byte by byte, 8 bits a sample, whatever its tone (one sample a
 * pixel in grey, three in colour). */
#ifndef TRAM_PAGES_SAMPLE_H
#define TRAM_PAGES_SAMPLE_H

#include "tests/pages/picture.h"

static inline int samples(const PIX *pix)
{
    return pixGetDepth((PIX *)pix) == 8 ? 1 : 3;
}

static inline int sample_get(const l_uint32 *line, int x, int count, int c)
{
    return count == 1 ? GET_DATA_BYTE(line, x) : (int)(line[x] >> (24 - 8 * c) & 0xFF);
}

static inline int byte_of(int v)
{
    return v < 0 ? 0 : v > 255 ? 255 : v;
}

static inline void sample_set(l_uint32 *line, int x, int count, int c, int value)
{
    int shift = 24 - 8 * c;

    if (count == 1)
        SET_DATA_BYTE(line, x, byte_of(value));
    else
        line[x] = (line[x] & ~(0xFFu << shift)) | (l_uint32)byte_of(value) << shift;
}

static inline l_uint32 *line_of(PIX *pix, int y)
{
    return pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix);
}

#endif
