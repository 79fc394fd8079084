/* Source: the bytes of a document behind a descriptor, as memory.
 *
 * They are mapped, not read: the descriptor is shared with other children at work
 * on the same document, so its file offset belongs to nobody, and a bound volume
 * of 300 MB must not lie in memory for the one page that is asked for. A file
 * that shrinks meanwhile kills only the caged child. */
#ifndef TRAM_OCR_SOURCE_H
#define TRAM_OCR_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "ocr/refusal.h"

#define SOURCE_BYTES_MAX (1ull << 30) /* of a picture or PDF; archives have their own */

struct source {
    const uint8_t *bytes;
    size_t count;
};

/* REFUSAL_EMPTY, REFUSAL_TOO_LARGE, or REFUSAL_DAMAGED for what is no plain file.
 * Release it also after a refusal. The descriptor stays the caller's. */
enum refusal source_open(struct source *out, int fd);
void source_release(struct source *s); /* a zeroed one is fine */

#endif
