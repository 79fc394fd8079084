#include "ocr/view.h"

#include <leptonica/allheaders.h>
#include <stdlib.h>

/* Letters of an A4 page stay legible at VIEW_SIDE_MAX; more adds bytes, not words. */
#define QUALITY 75

/* Of 8 or 32 bits. NULL: no memory. */
static struct Pix *scaled(struct Pix *pix)
{
    int32_t width = pixGetWidth(pix), height = pixGetHeight(pix);
    float scale = (float)VIEW_SIDE_MAX / (float)(width > height ? width : height);

    if (pixGetDepth(pix) == 1 && scale < 1)
        return pixScaleToGray(pix, scale);
    if (pixGetDepth(pix) == 1)
        return pixConvertTo8(pix, 0);
    return scale < 1 ? pixScaleAreaMap(pix, scale, scale) : pixClone(pix);
}

enum refusal view_make(const struct opened_page *page, unsigned quarter_turns,
                       struct buffer *out)
{
    struct Pix *small = scaled(page->pix), *upright = NULL;
    enum refusal r = REFUSAL_OUT_OF_MEMORY;
    l_uint8 *bytes = NULL;
    size_t count = 0;

    if (small != NULL)
        upright = pixRotateOrth(small, (l_int32)(quarter_turns % 4));
    if (upright != NULL && pixWriteMemJpeg(&bytes, &count, upright, QUALITY, 0) == 0) {
        buffer_append(out, bytes, count);
        r = REFUSAL_NONE;
    }
    free(bytes);
    pixDestroy(&upright);
    pixDestroy(&small);
    return r;
}
