/* Fuzz: messages between client and worker. What is taken must come out of its
 * encoder as the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "ocr/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void expect_same(const struct buffer *b, const uint8_t *bytes, size_t count)
{
    if (b->failed != ERR_NONE || b->count != count || memcmp(b->bytes, bytes, count) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct question q;
    struct verdict v;
    struct buffer b;
    struct err e;

    buffer_init(&b, MESSAGE_BYTES_MAX);
    if (question_decode(&q, bytes, count, &e) == 0) {
        question_encode(&q, &b);
        expect_same(&b, bytes, count);
    }
    buffer_clear(&b);
    if (verdict_decode(&v, bytes, count, &e) == 0) {
        verdict_encode(&v, &b);
        expect_same(&b, bytes, count);
    }
    buffer_release(&b);
    return 0;
}
