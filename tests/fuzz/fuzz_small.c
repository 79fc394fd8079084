/* Fuzz: a small image out of the cage. What is taken must be within its caps, and come
 * back the same when it is encoded again. */
#include <stdlib.h>
#include <string.h>

#include "ocr/small/small.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void same_bytes(const struct buffer *a, const struct buffer *b)
{
    if (a->count != b->count || (a->count > 0 && memcmp(a->bytes, b->bytes, a->count)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct small s, again;
    struct buffer b;
    struct err e;

    if (small_decode(&s, bytes, count, &e) != 0)
        return 0;
    if (s.image.count > SMALL_BYTES_MAX || s.thumbnail.count > THUMBNAIL_BYTES_MAX ||
        (s.refusal == REFUSAL_NONE) != (s.image.count > 0))
        abort();
    buffer_init(&b, SMALL_BYTES_MAX + THUMBNAIL_BYTES_MAX + 64);
    small_encode(&s, &b);
    if (buffer_check(&b, &e) != 0 || small_decode(&again, b.bytes, b.count, &e) != 0)
        abort();
    same_bytes(&s.image, &again.image);
    same_bytes(&s.thumbnail, &again.thumbnail);
    if (s.width != again.width || s.height != again.height || s.dpi != again.dpi)
        abort();
    small_release(&again);
    small_release(&s);
    buffer_release(&b);
    return 0;
}
