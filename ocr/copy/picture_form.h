/* Picture form: a page's picture as a PDF may hold it, on its way from the cage that
 * opened the original to the one that writes the copy.
 *
 *   u32 magic | u8 coding | u8 samples | u8 orientation | u32 width | u32 height |
 *   u32 dpi | the coded picture, to the end
 */
#ifndef TRAM_OCR_COPY_PICTURE_FORM_H
#define TRAM_OCR_COPY_PICTURE_FORM_H

#include "base/buffer.h"

enum picture_coding {
    CODING_JPEG = 1, /* a whole file, as it was */
    CODING_JBIG2,    /* of one bit, as ocr/small/jbig2.h gives it */
};

struct picture_form {
    enum picture_coding coding;
    uint8_t samples;        /* a pixel: 1 or 3 */
    uint8_t orientation;    /* 1..8, ocr/upright.h: how it is to be shown */
    uint32_t width, height; /* as it is coded */
    uint32_t dpi;           /* 0: nothing says so */
};

void picture_form_encode(struct buffer *out, const struct picture_form *f);

/* *coded points behind the head. ERR_CORRUPT: it is none of ours. */
int picture_form_decode(struct picture_form *out, const unsigned char **coded,
                        size_t *coded_count, const void *bytes, size_t count,
                        struct err *e);

#endif
