#include "sync/bundle_internal.h"

#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#define WINDOW_LOG_MIN 10 /* zstd's own */

/* ------------------------------------------------------------------------ names */

void history_name_encode(const struct history_name *n, uint64_t first, struct buffer *out)
{
    buffer_append_varint(out, first - n->last);
    buffer_append_varint(out, n->bytes);
    buffer_append(out, n->chain, sizeof n->chain);
}

int history_name_decode(struct history_name *out, uint64_t first, const void *bytes,
                        size_t bytes_count, size_t *count, struct err *e)
{
    uint64_t back, history_bytes;
    const unsigned char *chain;
    struct cursor c;

    *out = (struct history_name){0};
    cursor_init(&c, bytes, bytes_count);
    back = cursor_varint(&c);
    history_bytes = cursor_varint(&c);
    chain = cursor_take(&c, sizeof out->chain);
    if (c.failed || back == 0 || back >= first || history_bytes == 0 ||
        history_bytes > BUNDLE_HISTORY_MAX)
        return err_set(e, ERR_REFUSED, "bundle: its history is named badly");
    out->last = first - back;
    out->bytes = (uint32_t)history_bytes;
    memcpy(out->chain, chain, sizeof out->chain);
    *count = bytes_count - cursor_left(&c);
    return 0;
}

/* ------------------------------------------------------------------------- zstd */

/* Of both together: or the oldest of the past would be out of reach. */
static int window_log(size_t count)
{
    int log = WINDOW_LOG_MIN;

    while (((size_t)1 << log) < count)
        log++;
    return log;
}

static bool set_up(ZSTD_CCtx *z, const struct buffer *plain, const void *past,
                   size_t past_count, int level)
{
    const size_t done[] = {
        ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, level),
        ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog,
                               window_log(past_count + plain->count)),
        ZSTD_CCtx_setParameter(z, ZSTD_c_contentSizeFlag, 0), /* the header says it */
        ZSTD_CCtx_refPrefix(z, past, past_count),
    };

    for (size_t i = 0; i < sizeof done / sizeof done[0]; i++)
        if (ZSTD_isError(done[i]))
            return false;
    return true;
}

int bundle_pack(const struct buffer *plain, const void *past, size_t past_count,
                int level, bool *packed, struct buffer *out, struct err *e)
{
    size_t bound = ZSTD_compressBound(plain->count), count = 0;
    void *room = malloc(bound);
    ZSTD_CCtx *z = ZSTD_createCCtx();
    int rc = -1;

    *packed = false;
    if (room == NULL || z == NULL || !set_up(z, plain, past, past_count, level)) {
        err_set(e, ERR_MEMORY, "bundle: %zu bytes", bound);
        goto out;
    }
    count = ZSTD_compress2(z, room, bound, plain->bytes, plain->count);
    if (ZSTD_isError(count)) {
        err_set(e, ERR_MEMORY, "bundle: %s", ZSTD_getErrorName(count));
        goto out;
    }
    *packed = count < plain->count;
    if (*packed)
        buffer_append(out, room, count);
    rc = buffer_check(out, e);
out:
    ZSTD_freeCCtx(z);
    free(room);
    return rc;
}

int bundle_unpack(unsigned char *plain, size_t plain_count, const void *packed,
                  size_t packed_count, const void *past, size_t past_count, struct err *e)
{
    ZSTD_DCtx *z = ZSTD_createDCtx();
    size_t count;

    if (z == NULL || ZSTD_isError(ZSTD_DCtx_refPrefix(z, past, past_count))) {
        ZSTD_freeDCtx(z);
        return err_set(e, ERR_MEMORY, "bundle");
    }
    count = ZSTD_decompressDCtx(z, plain, plain_count, packed, packed_count);
    ZSTD_freeDCtx(z);
    if (ZSTD_isError(count) || count != plain_count)
        return err_set(e, ERR_REFUSED, "bundle: does not unpack to %zu bytes",
                       plain_count);
    return 0;
}
