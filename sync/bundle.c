#include "sync/bundle.h"

#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "sync/bundle_internal.h"

#define FRAME_BYTES_MIN 3 /* three one-byte varints and an empty changeset */

static void header_take(struct bundle_header *out, struct cursor *c)
{
    out->direction = (enum direction)cursor_byte(c);
    out->packing = (enum packing)cursor_byte(c);
    out->site = cursor_u16(c);
    out->epoch = cursor_byte(c);
    out->seen_epoch = cursor_byte(c);
    (void)cursor_take(c, 2);
    out->first = cursor_u64(c);
    out->frames = cursor_u32(c);
    out->plain_bytes = cursor_u32(c);
    out->sealed_bytes = cursor_u32(c);
    out->dictionary = cursor_u32(c);
}

int bundle_peek(struct bundle_header *out, const void *bytes, size_t count, struct err *e)
{
    static const unsigned char nothing[2] = {0};
    struct cursor c;

    *out = (struct bundle_header){0};
    if (count < BUNDLE_OVERHEAD_BYTES || count > BUNDLE_BYTES_MAX)
        return err_set(e, ERR_REFUSED, "bundle of %zu bytes", count);
    if (memcmp(bytes, BUNDLE_MAGIC, 4) != 0 ||
        memcmp((const unsigned char *)bytes + 10, nothing, sizeof nothing) != 0)
        return err_set(e, ERR_REFUSED, "not a bundle");
    cursor_init(&c, (const unsigned char *)bytes + 4, BUNDLE_HEADER_BYTES - 4);
    header_take(out, &c);
    if (out->direction > DIRECTION_DOWN || out->packing > PACKING_HISTORY)
        return err_set(e, ERR_REFUSED, "bundle of a kind that this program cannot read");
    if (out->first == 0 || out->first > INT64_MAX - BUNDLE_FRAMES_MAX ||
        out->frames == 0 || out->frames > BUNDLE_FRAMES_MAX)
        return err_set(e, ERR_REFUSED, "bundle of %u frames", out->frames);
    if (out->plain_bytes > BUNDLE_PLAIN_MAX ||
        out->plain_bytes < (uint64_t)out->frames * FRAME_BYTES_MIN)
        return err_set(e, ERR_REFUSED, "bundle of %u bytes unpacked", out->plain_bytes);
    if (count != (size_t)out->sealed_bytes + BUNDLE_OVERHEAD_BYTES)
        return err_set(e, ERR_REFUSED, "bundle cut off: %zu of %zu bytes", count,
                       (size_t)out->sealed_bytes + BUNDLE_OVERHEAD_BYTES);
    return 0;
}

static int unpack(struct bundle *b, const unsigned char *packed, struct err *e)
{
    const struct bundle_header *h = &b->header;
    size_t count;

    b->plain = malloc(h->plain_bytes);
    if (b->plain == NULL)
        return err_set(e, ERR_MEMORY, "bundle of %u bytes", h->plain_bytes);
    switch (h->packing) {
    case PACKING_PLAIN:
        if (h->plain_bytes != h->sealed_bytes)
            return err_set(e, ERR_REFUSED, "bundle: sizes do not agree");
        memcpy(b->plain, packed, h->plain_bytes);
        return 0;
    case PACKING_ZSTD:
        count = ZSTD_decompress(b->plain, h->plain_bytes, packed, h->sealed_bytes);
        if (ZSTD_isError(count) || count != h->plain_bytes)
            return err_set(e, ERR_REFUSED, "bundle: does not unpack to %u bytes",
                           h->plain_bytes);
        return 0;
    case PACKING_DICTIONARY:
    case PACKING_HISTORY:
        break;
    }
    return err_set(e, ERR_REFUSED, "bundle: packed with what we do not have");
}

static int split(struct bundle *b, struct err *e)
{
    struct cursor c;

    b->frames = calloc(b->header.frames, sizeof *b->frames);
    if (b->frames == NULL)
        return err_set(e, ERR_MEMORY, "bundle of %u frames", b->header.frames);
    b->frames_count = b->header.frames;
    cursor_init(&c, b->plain, b->header.plain_bytes);
    for (size_t i = 0; i < b->frames_count; i++) {
        struct frame *f = &b->frames[i];
        uint64_t schema = cursor_varint(&c);

        f->sequence = b->header.first + i;
        f->seen = cursor_varint(&c);
        f->changeset_bytes = (size_t)cursor_varint(&c);
        f->changeset = cursor_take(&c, f->changeset_bytes);
        if (schema > UINT32_MAX)
            return err_set(e, ERR_REFUSED, "bundle: schema out of range");
        f->schema = (uint32_t)schema;
    }
    if (cursor_done(&c, "bundle", e) != 0) {
        e->code = ERR_REFUSED;
        return -1;
    }
    return 0;
}

int bundle_open(struct bundle *out, const void *bytes, size_t count,
                const struct key_pair *receiver, const struct public_key *writer,
                struct err *e)
{
    unsigned char *packed = NULL;
    int rc = -1;

    *out = (struct bundle){0};
    if (bundle_peek(&out->header, bytes, count, e) != 0 ||
        bundle_unseal(&packed, &out->header, bytes, receiver, writer, e) != 0 ||
        unpack(out, packed, e) != 0 || split(out, e) != 0)
        goto out;
    rc = 0;
out:
    free(packed);
    if (rc != 0)
        bundle_release(out);
    return rc;
}

void bundle_release(struct bundle *b)
{
    free(b->frames);
    free(b->plain);
    *b = (struct bundle){0};
}
