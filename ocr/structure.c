#include "ocr/structure.h"

#include <string.h>

#include "ocr/layout.h"
#include "ocr/opener.h"

enum refusal sides_check(uint64_t width, uint64_t height)
{
    if (width == 0 || height == 0)
        return REFUSAL_DAMAGED;
    if (width > LAYOUT_SIDE_MAX || height > LAYOUT_SIDE_MAX)
        return REFUSAL_TOO_LARGE;
    return width * height > PIXELS_MAX ? REFUSAL_TOO_LARGE : REFUSAL_NONE;
}

/* --- JPEG ----------------------------------------------------------------
 *
 *   FF D8 | segments: FF marker, u16 length (with itself), … | FF DA segment,
 *   then coded data, in which FF is followed by 00 or D0..D7 | … | FF D9 */

#define JPEG_END  0xd9
#define JPEG_SCAN 0xda

static bool jpeg_is_frame(uint8_t marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
           marker != 0xcc;
}

static bool jpeg_is_alone(uint8_t marker)
{
    return marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

/* The next marker at or after *at, which is moved behind it; 0 at the end. */
static uint8_t jpeg_next_marker(const uint8_t *bytes, size_t count, size_t *at)
{
    while (*at < count) {
        const uint8_t *ff = memchr(bytes + *at, 0xff, count - *at);

        if (ff == NULL)
            break;
        *at = (size_t)(ff - bytes) + 1;
        if (*at < count && bytes[*at] != 0xff && !jpeg_is_alone(bytes[*at]))
            return bytes[(*at)++];
    }
    return 0;
}

static uint32_t u16_be(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

/* The frame's segment: u16 length | u8 bits | u16 height | u16 width | u8 samples |
 * samples × (u8 name | …). Samples named 'R', 'G', 'B' are taken for colours by some
 * decoders and not by others; a second frame makes it a hierarchy. */
static bool jpeg_is_usual(uint8_t marker, const uint8_t *at, uint32_t length)
{
    uint8_t samples = at[7];

    return marker <= 0xc2 && at[2] == 8 && (samples == 1 || samples == 3) &&
           length == 8u + 3u * samples && at[8] != 'R';
}

static enum refusal jpeg_take_frame(uint8_t marker, const uint8_t *at, uint32_t length,
                                    struct structure *out)
{
    bool first = out->width == 0;

    if (length < 8)
        return REFUSAL_DAMAGED;
    out->height = u16_be(at + 3);
    out->width = u16_be(at + 5);
    out->samples = at[7];
    out->is_usual = first && jpeg_is_usual(marker, at, length);
    return sides_check(out->width, out->height);
}

enum refusal jpeg_walk(const uint8_t *bytes, size_t count, struct structure *out)
{
    size_t at = 2;
    bool scanned = false;
    uint8_t marker;

    *out = (struct structure){.pages = 1};
    while ((marker = jpeg_next_marker(bytes, count, &at)) != 0) {
        uint32_t length;

        if (marker == JPEG_END)
            return out->width > 0 && scanned ? REFUSAL_NONE : REFUSAL_DAMAGED;
        if (count - at < 2)
            return REFUSAL_CUT_OFF;
        length = u16_be(bytes + at);
        if (length < 2)
            return REFUSAL_DAMAGED;
        if (count - at < length)
            return REFUSAL_CUT_OFF;
        if (jpeg_is_frame(marker)) {
            enum refusal r = jpeg_take_frame(marker, bytes + at, length, out);

            if (r != REFUSAL_NONE)
                return r;
        }
        scanned = scanned || marker == JPEG_SCAN;
        at += length;
    }
    return REFUSAL_CUT_OFF;
}

/* --- PNG -----------------------------------------------------------------
 *
 *   8 bytes | chunks: u32 length, 4 letters, data, u32 crc; IHDR first (width,
 *   height, …), IEND last. The crc is the decoder's business. */

#define PNG_SIGNATURE_BYTES 8
#define PNG_CHUNK_BYTES     12 /* without its data */
#define PNG_LENGTH_MAX      0x7fffffffu

static uint32_t u32_be(const uint8_t *at)
{
    return u16_be(at) << 16 | u16_be(at + 2);
}

enum refusal png_walk(const uint8_t *bytes, size_t count, struct structure *out)
{
    size_t at = PNG_SIGNATURE_BYTES;
    bool data = false;

    *out = (struct structure){.pages = 1};
    while (count >= at && count - at >= PNG_CHUNK_BYTES) {
        uint32_t length = u32_be(bytes + at);
        const uint8_t *type = bytes + at + 4;
        bool first = at == PNG_SIGNATURE_BYTES;

        if (length > PNG_LENGTH_MAX || first != (memcmp(type, "IHDR", 4) == 0))
            return REFUSAL_DAMAGED;
        if (count - at - PNG_CHUNK_BYTES < length)
            return REFUSAL_CUT_OFF;
        if (first) {
            enum refusal r = REFUSAL_DAMAGED;

            if (length == 13) {
                out->width = u32_be(type + 4);
                out->height = u32_be(type + 8);
                r = sides_check(out->width, out->height);
            }
            if (r != REFUSAL_NONE)
                return r;
        }
        if (memcmp(type, "IEND", 4) == 0)
            return data ? REFUSAL_NONE : REFUSAL_DAMAGED;
        data = data || memcmp(type, "IDAT", 4) == 0;
        at += (size_t)length + PNG_CHUNK_BYTES;
    }
    return REFUSAL_CUT_OFF;
}
