/* Fuzz: pictures walked without decoding. The first byte chooses the walker, the rest
 * is the file. What is taken has pages and sides that are taken. */
#include <stdlib.h>

#include "ocr/structure.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static enum refusal (*const walks[])(const uint8_t *, size_t, struct structure *) = {
        jpeg_walk, png_walk, tiff_walk};
    struct structure s = {0};

    if (count == 0)
        return 0;
    if (walks[bytes[0] % 3](bytes + 1, count - 1, &s) == REFUSAL_NONE &&
        (s.pages == 0 || sides_check(s.width, s.height) != REFUSAL_NONE))
        abort();
    return 0;
}
