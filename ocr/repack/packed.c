#include "ocr/repack/packed.h"

#include <string.h>

#define MAGIC   0x6b507254u /* "TrPk" */
#define VERSION 1

uint64_t packed_bytes_max(uint64_t original_bytes)
{
    return original_bytes / 100 * (100 - REPACK_GAIN_MIN_PERCENT);
}

void packed_head_encode(const struct packed_head *h, struct buffer *out)
{
    buffer_append_u32(out, MAGIC);
    buffer_append_byte(out, VERSION);
    buffer_append_u64(out, h->original_bytes);
    buffer_append(out, h->sha256.bytes, HASH_BYTES);
}

int packed_open(struct packed_reader *out, const void *bytes, size_t count, struct err *e)
{
    const unsigned char *sha256;
    unsigned version;
    bool known;

    *out = (struct packed_reader){0};
    cursor_init(&out->rest, bytes, count);
    known = cursor_u32(&out->rest) == MAGIC;
    version = cursor_byte(&out->rest);
    out->head.original_bytes = cursor_u64(&out->rest);
    sha256 = cursor_take(&out->rest, HASH_BYTES);
    if (!known || sha256 == NULL)
        return err_set(e, ERR_CORRUPT, "packed form is none of ours");
    if (version != VERSION)
        return err_set(e, ERR_CORRUPT, "packed form of version %u, ours is %d", version,
                       VERSION);
    if (out->head.original_bytes > PACKED_ORIGINAL_MAX)
        return err_set(e, ERR_TOO_BIG, "packed form of more than a document's bytes");
    memcpy(out->head.sha256.bytes, sha256, HASH_BYTES);
    out->original_left = out->head.original_bytes;
    return 0;
}

void packed_segment_encode(const struct packed_segment *s, struct buffer *out)
{
    buffer_append_byte(out, (uint8_t)s->kind);
    buffer_append_u32(out, s->original_bytes);
    buffer_append_u32(out, s->stored_count);
}

static bool is_segment(unsigned kind, const struct packed_segment *s)
{
    if (s->stored_count == 0 || s->stored_count > s->original_bytes)
        return false;
    switch (kind) {
    case PACKED_LITERAL:
        return s->stored_count == s->original_bytes &&
               s->original_bytes <= PACKED_LITERAL_MAX;
    case PACKED_SQUEEZED:
        return s->original_bytes <= PACKED_LITERAL_MAX;
    case PACKED_JPEG:
        return s->original_bytes <= PACKED_JPEG_MAX;
    default:
        return false;
    }
}

int packed_next(struct packed_reader *r, struct packed_segment *out, struct err *e)
{
    struct packed_segment s = {0};
    unsigned kind;

    *out = s;
    if (r->original_left == 0)
        return cursor_done(&r->rest, "packed form", e);
    kind = cursor_byte(&r->rest);
    s.original_bytes = cursor_u32(&r->rest);
    s.stored_count = cursor_u32(&r->rest);
    s.stored = cursor_take(&r->rest, s.stored_count);
    if (s.stored == NULL || !is_segment(kind, &s) || s.original_bytes > r->original_left)
        return err_set(e, ERR_CORRUPT, "packed form with a bad segment");
    s.kind = (enum packed_kind)kind;
    r->original_left -= s.original_bytes;
    *out = s;
    return 1;
}
