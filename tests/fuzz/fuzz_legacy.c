/* Fuzz: a text in TCVN3 or VNI. What is decoded is UTF-8, at most three times as
 * long. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "schema/legacy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct buffer out, again;
    struct err e;

    buffer_init(&out, 3 * count + 1);
    buffer_init(&again, 9 * count + 3);
    if (legacy_decode((const char *)bytes, count, &out) != LEGACY_NONE) {
        int rc = buffer_check(&out, &e);

        assert(rc == 0);
        for (size_t at = 0; at < out.count;) {
            utf8proc_int32_t code;
            utf8proc_ssize_t width = utf8proc_iterate(
                out.bytes + at, (utf8proc_ssize_t)(out.count - at), &code);

            assert(width > 0);
            at += (size_t)width;
        }
        (void)legacy_decode((const char *)out.bytes, out.count, &again);
    } else {
        assert(out.count == 0);
    }
    buffer_release(&out);
    buffer_release(&again);
    return 0;
}
