#include "ocr/repack/jpeg_find.h"

#include <string.h>

#include "ocr/repack/packed.h"

/* Markers, the byte behind 0xff. */
#define SOF0 0xc0 /* baseline */
#define SOF2 0xc2 /* progressive; 0xc1 between them is the same as baseline */
#define DHT  0xc4
#define JPG  0xc8
#define DAC  0xcc
#define RST0 0xd0
#define RST7 0xd7
#define SOI  0xd8
#define EOI  0xd9
#define SOS  0xda
#define TEM  0x01

/* Beyond what is there: a file of nothing but beginnings must not take the square of
 * its size. */
#define PATIENCE (16u << 20)

struct walk {
    const uint8_t *bytes;
    size_t count;
    size_t at;
    bool framed, scanned;
};

void jpeg_finder_init(struct jpeg_finder *f, const void *bytes, size_t count)
{
    *f = (struct jpeg_finder){bytes, count, 0, count + PATIENCE};
}

static bool is_frame(unsigned marker)
{
    return marker >= SOF0 && marker <= 0xcf && marker != DHT && marker != JPG &&
           marker != DAC;
}

/* The frame's header, `count` bytes behind its length. */
static bool take_frame(struct walk *w, unsigned marker, const uint8_t *p, size_t count)
{
    uint32_t height, width;

    if (w->framed || marker > SOF2 || count < 6)
        return false;
    height = (uint32_t)p[1] << 8 | p[2];
    width = (uint32_t)p[3] << 8 | p[4];
    w->framed = true;
    return height > 0 && width > 0 && height * width <= JPEG_FIND_PIXELS_MAX;
}

/* From behind a scan's header to the marker that ends it. */
static bool skip_scan(struct walk *w)
{
    while (w->at + 1 < w->count) {
        const uint8_t *ff = memchr(w->bytes + w->at, 0xff, w->count - w->at - 1);
        unsigned next;

        if (ff == NULL)
            break;
        w->at = (size_t)(ff - w->bytes);
        next = ff[1];
        if (next == 0xff)
            w->at++;
        else if (next == 0 || (next >= RST0 && next <= RST7))
            w->at += 2;
        else
            return true;
    }
    w->at = w->count;
    return false;
}

/* The marker at `at`, with what belongs to it. True: the next one may be looked at. */
static bool take_marker(struct walk *w, unsigned marker)
{
    size_t length;
    const uint8_t *p = w->bytes + w->at;

    if (marker <= TEM || (marker >= RST0 && marker <= SOI) || w->count - w->at < 2)
        return false;
    length = (size_t)p[0] << 8 | p[1];
    if (length < 2 || length > w->count - w->at)
        return false;
    w->at += length;
    if (is_frame(marker))
        return take_frame(w, marker, p + 2, length - 2);
    if (marker != SOS)
        return true;
    w->scanned = true;
    return w->framed && skip_scan(w);
}

/* Walks from behind SOI; true: `at` is behind EOI of a whole stream. */
static bool walk(struct walk *w)
{
    while (w->at + 1 < w->count && w->bytes[w->at] == 0xff) {
        unsigned marker = w->bytes[w->at + 1];

        if (marker == 0xff) { /* filling */
            w->at++;
            continue;
        }
        w->at += 2;
        if (marker == EOI)
            return w->scanned;
        if (!take_marker(w, marker))
            return false;
    }
    return false;
}

/* The next SOI with a marker behind it, or the end. */
static size_t next_beginning(const struct jpeg_finder *f)
{
    size_t at = f->at;

    while (f->count - at >= 3) {
        const uint8_t *p = memchr(f->bytes + at, 0xff, f->count - at - 2);

        if (p == NULL)
            break;
        at = (size_t)(p - f->bytes);
        if (p[1] == SOI && p[2] == 0xff)
            return at;
        at++;
    }
    return f->count;
}

bool jpeg_finder_next(struct jpeg_finder *f, size_t *at, size_t *count)
{
    while (f->at < f->count) {
        size_t begin = next_beginning(f), walked;
        struct walk w = {f->bytes, f->count, begin + 2, false, false};

        if (begin == f->count || f->patience == 0)
            break;
        if (!walk(&w)) {
            walked = w.at - begin;
            f->patience -= walked < f->patience ? walked : f->patience;
            f->at = begin + 2;
            continue;
        }
        f->at = w.at;
        if (w.at - begin < JPEG_FIND_BYTES_MIN || w.at - begin > PACKED_JPEG_MAX)
            continue;
        *at = begin;
        *count = w.at - begin;
        return true;
    }
    f->at = f->count;
    return false;
}
