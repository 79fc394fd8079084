/* Fuzz: a PDF page's content stream. What is one picture has a name, and a place that
 * is a number. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ocr/content.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    const struct box visible = {0, 0, 595, 842};
    struct content c;

    if (!content_is_one_picture(bytes, count, &visible, &c))
        return 0;
    if (c.picture[0] != '/' || memchr(c.picture, '\0', sizeof c.picture) == NULL ||
        !isfinite(c.at.a) || !isfinite(c.at.e))
        abort();
    return 0;
}
