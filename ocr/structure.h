/* Structure: walks a picture file from its first byte to its last mark without
 * decoding a pixel, so that what is cut off or absurdly large is known before any
 * decoder sees it. Pure: bytes in, facts out; every length is distrusted. */
#ifndef TRAM_OCR_STRUCTURE_H
#define TRAM_OCR_STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ocr/refusal.h"

struct structure {
    uint32_t pages;
    uint32_t width, height; /* of the page with most pixels */
    /* Of a JPEG: its samples a pixel, and whether it is of the kind that every viewer of
     * PDFs decodes, and to the same colours (baseline or progressive, 8 bits, grey or
     * luminance with chrominance). */
    uint8_t samples;
    bool is_usual;
};

/* REFUSAL_CUT_OFF: ends before its last mark. REFUSAL_DAMAGED: makes no sense
 * before that. REFUSAL_TOO_LARGE: more than PIXELS_MAX, LAYOUT_SIDE_MAX or
 * PAGES_MAX. REFUSAL_NO_PAGES: a TIFF without a directory. */
enum refusal jpeg_walk(const uint8_t *bytes, size_t count, struct structure *out);
enum refusal png_walk(const uint8_t *bytes, size_t count, struct structure *out);
enum refusal tiff_walk(const uint8_t *bytes, size_t count, struct structure *out);

/* Whether a picture of these sides is taken; zero sides are REFUSAL_DAMAGED. */
enum refusal sides_check(uint64_t width, uint64_t height);

#endif
