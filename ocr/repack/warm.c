#include <jxl/decode.h>
#include <jxl/encode.h>

#include "ocr/repack/repack.h"

/* libjxl looks at the processor, and fills tables, when it first makes something. */
void repack_warm(void)
{
    JxlEncoderDestroy(JxlEncoderCreate(NULL));
    JxlDecoderDestroy(JxlDecoderCreate(NULL));
}
