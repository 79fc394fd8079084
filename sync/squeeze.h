/* Squeeze: a text in as few bytes as a predictor that has read what came before it needs;
 * a third less than zstd makes of our days, for half a second at either end
 * (docs/BENCHMARKS.md). The same bytes on every machine (PROTOCOL.md, "Squeezed"):
 *
 *   first 2 bytes of the SHA-256 of the text | what the coder made of its bits
 *
 * Of the past the last squeeze_past() bytes are read, and of these thoroughly the last
 * SQUEEZE_THOROUGH: reading takes its time, so a single record is squeezed behind little;
 * and nobody makes work for a receiver with next to nothing. At most 19 MB. */
#ifndef TRAM_SYNC_SQUEEZE_H
#define TRAM_SYNC_SQUEEZE_H

#include "base/buffer.h"

#define SQUEEZE_MAX      (1u << 20) /* of a text */
#define SQUEEZE_THOROUGH (64u << 10)
/* A text is at most so many times as long as what came of it, and so many bytes. */
#define SQUEEZE_RATIO 64
#define SQUEEZE_FREE  (16u << 10)

/* How much of a past is read for a text of `count` bytes. */
size_t squeeze_past(size_t count);

/* Appends. ERR_TOO_BIG: more than SQUEEZE_MAX, or than SQUEEZE_RATIO allows. */
int squeeze(const void *text, size_t count, const void *past, size_t past_count,
            struct buffer *out, struct err *e);
/* Exactly `count` bytes; ERR_REFUSED if that is not what was squeezed. */
int unsqueeze(unsigned char *text, size_t count, const void *squeezed,
              size_t squeezed_count, const void *past, size_t past_count, struct err *e);

#endif
