#include "ocr/exif.h"

#include <stdbool.h>
#include <string.h>

#define MARKER_SOS  0xda
#define MARKER_EOI  0xd9
#define MARKER_APP1 0xe1

#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT      3
#define HEADER_BYTES    8
#define ENTRY_BYTES     12

#define AS_IT_LIES 1

struct tiff {
    const uint8_t *bytes;
    size_t count;
    bool little;
};

/* The caller looked that it is there. */
static uint32_t number(const struct tiff *t, size_t at, unsigned bytes)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | t->bytes[at + (t->little ? bytes - 1 - i : i)];
    return value;
}

static unsigned orientation_in(const uint8_t *bytes, size_t count)
{
    struct tiff t = {bytes, count, count > 0 && bytes[0] == 'I'};
    size_t at, entries;

    if (count < HEADER_BYTES ||
        (memcmp(bytes, "II*\0", 4) != 0 && memcmp(bytes, "MM\0*", 4) != 0))
        return AS_IT_LIES;
    at = number(&t, 4, 4);
    if (at > count || count - at < 2)
        return AS_IT_LIES;
    entries = number(&t, at, 2);
    for (at += 2; entries > 0 && count - at >= ENTRY_BYTES; entries--) {
        if (number(&t, at, 2) == TAG_ORIENTATION) {
            uint32_t value = number(&t, at + 8, 2);
            bool sound = number(&t, at + 2, 2) == TYPE_SHORT &&
                         number(&t, at + 4, 4) == 1 && value >= 1 && value <= 8;

            return sound ? value : AS_IT_LIES;
        }
        at += ENTRY_BYTES;
    }
    return AS_IT_LIES;
}

unsigned exif_orientation(const uint8_t *jpeg, size_t count)
{
    static const uint8_t name[6] = "Exif\0";
    size_t at = 2; /* behind the mark of a JPEG */

    while (at < count && count - at >= 4 && jpeg[at] == 0xff) {
        uint8_t marker = jpeg[at + 1];
        size_t length = (size_t)jpeg[at + 2] << 8 | jpeg[at + 3];

        if (marker == 0xff) { /* fills up */
            at++;
            continue;
        }
        if (marker == MARKER_SOS || marker == MARKER_EOI || length < 2 ||
            length > count - at - 2)
            break;
        if (marker == MARKER_APP1 && length >= 2 + sizeof name &&
            memcmp(jpeg + at + 4, name, sizeof name) == 0)
            return orientation_in(jpeg + at + 4 + sizeof name, length - 2 - sizeof name);
        at += 2 + length;
    }
    return AS_IT_LIES;
}
