/* Fuzz: u8 a quarter of the past's bytes | the past | a text. It comes back as it was; and
 * taken as something squeezed, it is refused, or comes out to what squeezes to it again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sync/squeeze.h"

#define TEXT_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void there_and_back(const uint8_t *past, size_t past_count, const uint8_t *text,
                           size_t count)
{
    unsigned char *again = malloc(count + 1);
    struct buffer squeezed;
    struct err e;
    int rc;

    buffer_init(&squeezed, 2 * count + 64);
    rc = squeeze(text, count, past, past_count, &squeezed, &e);
    if (rc != 0) {
        assert(e.code == ERR_TOO_BIG && count > SQUEEZE_FREE);
        goto out;
    }
    rc = unsqueeze(again, count, squeezed.bytes, squeezed.count, past, past_count, &e);
    assert(rc == 0 && (count == 0 || memcmp(again, text, count) == 0));
out:
    buffer_release(&squeezed);
    free(again);
}

static void take(const uint8_t *past, size_t past_count, const uint8_t *squeezed,
                 size_t count, size_t text_count)
{
    unsigned char *text = malloc(text_count + 1);
    struct buffer again;
    struct err e;

    buffer_init(&again, 2 * text_count + 64);
    if (unsqueeze(text, text_count, squeezed, count, past, past_count, &e) == 0) {
        int rc = squeeze(text, text_count, past, past_count, &again, &e);

        assert(rc == 0 && again.count <= count + 1);
    } else {
        assert(e.code == ERR_REFUSED);
    }
    buffer_release(&again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    size_t past_count;

    if (count == 0)
        return 0;
    past_count = (size_t)bytes[0] * 4;
    past_count = past_count < count - 1 ? past_count : count - 1;
    bytes++;
    count -= 1 + past_count;
    there_and_back(bytes, past_count, bytes + past_count, count);
    for (size_t text_count = 1; text_count <= TEXT_MAX; text_count *= TEXT_MAX)
        take(bytes, past_count, bytes + past_count, count, text_count);
    return 0;
}
