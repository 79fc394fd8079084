/* Transcode: a JPEG stream to JPEG XL and back, byte for byte, by libjxl in one thread.
 * Both read hostile bytes. */
#ifndef TRAM_OCR_TRANSCODE_H
#define TRAM_OCR_TRANSCODE_H

#include <stdbool.h>

#include "base/buffer.h"

/* `out`, empty, with its cap: false if libjxl will not have it (or it would be more
 * than the cap, or memory is out); what `out` then holds is rubbish. */
bool jpeg_to_jxl(const void *jpeg, size_t count, struct buffer *out);

/* The JPEG again, which must be of exactly `count` bytes. */
bool jxl_to_jpeg(const void *jxl, size_t jxl_count, void *jpeg, size_t count);

#endif
