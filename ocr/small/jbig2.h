/* JBIG2: a bitmap coded bit for bit, as one generic region (ITU-T T.88, 6.2: the
 * arithmetic coder, template 0, typical prediction). A fifth to a quarter smaller
 * than Group 4 fax, and no letter is ever put in another's place: there is no
 * dictionary of symbols here, and there must never be one. Pure: rows in, bytes out. */
#ifndef TRAM_OCR_JBIG2_H
#define TRAM_OCR_JBIG2_H

#include "base/buffer.h"

struct jbig2_bitmap {
    uint32_t width, height; /* neither 0 */
    size_t row_bytes;
    uint8_t *rows; /* leftmost pixel in the highest bit; 1 is ink; what stands beyond
                    * the width is not looked at */
    /* NULL, or as `rows`: 1 is a pixel on a stroke's edge that may as well be ink as
     * paper. It becomes what costs less, in `rows` too. */
    const uint8_t *doubts;
};

/* Appends what a PDF's JBIG2Decode takes: page information and the region, without
 * a file's header and end. The buffer's failure sticks, as always. */
void jbig2_encode(const struct jbig2_bitmap *b, struct buffer *out);

#endif
