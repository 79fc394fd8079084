/* Fuzz: what a JPEG says about how its camera was held. Whatever it says is one of the
 * eight ways. */
#include <stdlib.h>

#include "ocr/exif.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    unsigned orientation = exif_orientation(bytes, count);

    if (orientation < 1 || orientation > 8)
        abort();
    return 0;
}
