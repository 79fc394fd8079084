#include <stdlib.h>
#include <zstd.h>

#include "ocr/output.h"
#include "ocr/repack/repack.h"
#include "ocr/repack/transcode.h"
#include "ocr/source.h"

struct restoring {
    struct source source;
    struct packed_reader reader;
    int out_fd;
    ZSTD_DCtx *unsqueezer;
    struct hasher hasher;
};

static bool put(struct restoring *r, const void *bytes, size_t count)
{
    struct err e;

    hasher_add(&r->hasher, bytes, count);
    return output_write(r->out_fd, bytes, count, &e) == 0;
}

static bool unsqueeze(struct restoring *r, const struct packed_segment *s, void *room)
{
    return ZSTD_decompressDCtx(r->unsqueezer, room, s->original_bytes, s->stored,
                               s->stored_count) == s->original_bytes;
}

/* False: it is damaged, or nobody reads. */
static bool restore_segment(struct restoring *r, const struct packed_segment *s)
{
    bool well = false;
    void *room;

    if (s->kind == PACKED_LITERAL)
        return put(r, s->stored, s->stored_count);
    room = malloc(s->original_bytes);
    if (room == NULL)
        return false;
    if (s->kind == PACKED_SQUEEZED
            ? unsqueeze(r, s, room)
            : jxl_to_jpeg(s->stored, s->stored_count, room, s->original_bytes))
        well = put(r, room, s->original_bytes);
    free(room);
    return well;
}

static enum refusal restore(struct restoring *r)
{
    struct packed_segment segment;
    struct hash sha256;
    struct err e;
    int rc;

    if (packed_open(&r->reader, r->source.bytes, r->source.count, &e) != 0)
        return e.code == ERR_TOO_BIG ? REFUSAL_TOO_LARGE : REFUSAL_DAMAGED;
    hasher_init(&r->hasher);
    while ((rc = packed_next(&r->reader, &segment, &e)) == 1)
        if (!restore_segment(r, &segment))
            return REFUSAL_DAMAGED;
    hasher_finish(&r->hasher, &sha256);
    return rc == 0 && hash_equal(&sha256, &r->reader.head.sha256) ? REFUSAL_NONE
                                                                  : REFUSAL_DAMAGED;
}

enum refusal repack_restore(int fd, int out_fd)
{
    struct restoring r = {.out_fd = out_fd};
    enum refusal refusal = source_open(&r.source, fd);

    if (refusal == REFUSAL_NONE) {
        r.unsqueezer = ZSTD_createDCtx();
        refusal = r.unsqueezer == NULL ? REFUSAL_OUT_OF_MEMORY : restore(&r);
    }
    ZSTD_freeDCtx(r.unsqueezer); /* NULL is fine */
    source_release(&r.source);
    return refusal;
}
