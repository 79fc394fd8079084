#include "ocr/copy/profile.h"

#include <math.h>

#include "ocr/copy/big.h"

#define HEADER_BYTES 128
#define CURVE_STEPS  1024
#define RIGHTS       "No rights reserved"

static void put_zeroes(struct buffer *b, size_t count)
{
    while (count-- > 0)
        buffer_append_byte(b, 0);
}

/* s15Fixed16Number */
static void put_fixed(struct buffer *b, double value)
{
    put_u32(b, (uint32_t)(int32_t)lround(value * 65536));
}

/* ------------------------------------------------------------------- the elements */

static void put_rights(struct buffer *b)
{
    buffer_append(b, "text\0\0\0\0", 8);
    buffer_append(b, RIGHTS, sizeof RIGHTS);
}

/* Its name in ASCII; none in Unicode and for the Macintosh. */
static void put_name(struct buffer *b)
{
    buffer_append(b, "desc\0\0\0\0", 8);
    put_u32(b, sizeof PROFILE_NAME);
    buffer_append(b, PROFILE_NAME, sizeof PROFILE_NAME);
    put_zeroes(b, 4 + 4 + 2 + 1 + 67);
}

static void put_xyz(struct buffer *b, double x, double y, double z)
{
    buffer_append(b, "XYZ \0\0\0\0", 8);
    put_fixed(b, x);
    put_fixed(b, y);
    put_fixed(b, z);
}

/* The white of D65 and the primaries of ITU-R BT.709, adapted to D50 by Bradford's
 * matrix, as the profile's connection space wants them. */
static void put_white(struct buffer *b)
{
    put_xyz(b, 0.9642, 1.0, 0.8249);
}

static void put_red(struct buffer *b)
{
    put_xyz(b, 0.43607, 0.22249, 0.01392);
}

static void put_green(struct buffer *b)
{
    put_xyz(b, 0.38515, 0.71687, 0.09708);
}

static void put_blue(struct buffer *b)
{
    put_xyz(b, 0.14307, 0.06061, 0.71410);
}

static double linear(double v)
{
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static void put_curve(struct buffer *b)
{
    buffer_append(b, "curv\0\0\0\0", 8);
    put_u32(b, CURVE_STEPS);
    for (int i = 0; i < CURVE_STEPS; i++)
        put_u16(b, (unsigned)lround(65535 * linear(i / (CURVE_STEPS - 1.0))));
}

/* ------------------------------------------------------------------------ the file */

static const struct element {
    char tag[5];
    void (*put)(struct buffer *b); /* NULL: the one before once more */
} elements[] = {
    {"cprt", put_rights}, {"desc", put_name},  {"wtpt", put_white},
    {"rXYZ", put_red},    {"gXYZ", put_green}, {"bXYZ", put_blue},
    {"rTRC", put_curve},  {"gTRC", NULL},      {"bTRC", NULL},
};

#define ELEMENTS (sizeof elements / sizeof *elements)

static void put_header(struct buffer *b, size_t bytes)
{
    size_t at = b->count;

    put_u32(b, (uint32_t)bytes);
    put_u32(b, 0);                         /* made for no colour engine */
    put_u32(b, 0x02100000);                /* version 2.1 */
    buffer_append_text(b, "mntrRGB XYZ "); /* a display's, of RGB, by way of XYZ */
    put_u16(b, 1999);                      /* of the standard, not of today: the */
    put_u16(b, 1);                         /* bytes are always the same */
    put_u16(b, 1);
    put_zeroes(b, 6);
    buffer_append_text(b, "acsp");
    put_zeroes(b, 28); /* platform, flags, device, attributes, intent: perceptual */
    put_fixed(b, 0.9642);
    put_fixed(b, 1.0);
    put_fixed(b, 0.8249);
    put_zeroes(b, at + HEADER_BYTES - b->count);
}

static void put_padding(struct buffer *b)
{
    put_zeroes(b, (4 - b->count % 4) % 4);
}

void profile_srgb(struct buffer *out)
{
    size_t at[ELEMENTS], bytes[ELEMENTS];
    size_t data = HEADER_BYTES + 4 + ELEMENTS * 12;
    struct buffer body;

    buffer_init(&body, 65536);
    for (size_t i = 0; i < ELEMENTS; i++) {
        at[i] = elements[i].put == NULL ? at[i - 1] : data + body.count;
        if (elements[i].put != NULL)
            elements[i].put(&body);
        bytes[i] = data + body.count - at[i];
        if (elements[i].put == NULL)
            bytes[i] = bytes[i - 1];
        put_padding(&body);
    }
    if (body.failed != ERR_NONE)
        out->failed = body.failed;
    if (out->failed == ERR_NONE)
        put_header(out, data + body.count);
    put_u32(out, ELEMENTS);
    for (size_t i = 0; i < ELEMENTS; i++) {
        buffer_append(out, elements[i].tag, 4);
        put_u32(out, (uint32_t)at[i]);
        put_u32(out, (uint32_t)bytes[i]);
    }
    buffer_append(out, body.bytes, body.count);
    buffer_release(&body);
}
