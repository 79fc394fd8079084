#include <malloc.h>
#include <stdlib.h>
#include <zstd.h>

#include "ocr/output.h"
#include "ocr/repack/jpeg_find.h"
#include "ocr/repack/repack.h"
#include "ocr/repack/transcode.h"
#include "ocr/source.h"

#define SQUEEZE_LEVEL 3 /* what lies between JPEGs is mostly compressed already */

/* What is left of a JPEG, at best, when it is guessed whether to begin at all: the
 * best of our samples kept 60 %. */
#define JPEG_LEFT_PERCENT 50

_Static_assert(PACKED_ORIGINAL_MAX == SOURCE_BYTES_MAX, "any document can be packed");

/* From here on up, memory is given back to the machine when it is freed. glibc raises
 * its own bound to 32 MB by and by, and keeps libjxl's planes: 30 scans in a tar then
 * took 403 MB, and take 202. */
#define KEPT_BYTES_MAX (1 << 20)

struct packing {
    struct source source;
    int out_fd;
    ZSTD_CCtx *squeezer;
    unsigned char *squeezed; /* room for a literal */
    struct buffer frame;     /* head or segment head */
    struct buffer jxl;
    uint64_t written;
    uint64_t written_max;
    bool counts_only; /* a rehearsal: nothing is written */
    enum refusal refusal;
};

/* --- what goes out ------------------------------------------------------- */

static bool put(struct packing *p, const void *bytes, size_t count)
{
    struct err e;

    p->written += count;
    if (p->counts_only)
        return p->written <= p->written_max; /* else nobody need read on */
    if (output_write(p->out_fd, bytes, count, &e) == 0)
        return true;
    p->refusal = REFUSAL_CRASHED; /* and there is nobody to tell */
    return false;
}

static bool put_head(struct packing *p)
{
    struct packed_head h = {.original_bytes = p->source.count};

    if (!p->counts_only)
        hash_of(&h.sha256, p->source.bytes, p->source.count);
    buffer_clear(&p->frame);
    packed_head_encode(&h, &p->frame);
    return put(p, p->frame.bytes, p->frame.count);
}

static bool put_segment(struct packing *p, enum packed_kind kind, size_t original_bytes,
                        const void *stored, size_t stored_count)
{
    const struct packed_segment s = {.kind = kind,
                                     .original_bytes = (uint32_t)original_bytes,
                                     .stored_count = (uint32_t)stored_count};

    buffer_clear(&p->frame);
    packed_segment_encode(&s, &p->frame);
    return put(p, p->frame.bytes, p->frame.count) && put(p, stored, stored_count);
}

static bool put_literal(struct packing *p, size_t from, size_t to)
{
    while (from < to) {
        const uint8_t *bytes = p->source.bytes + from;
        size_t count = to - from < PACKED_LITERAL_MAX ? to - from : PACKED_LITERAL_MAX;
        size_t n = ZSTD_compressCCtx(p->squeezer, p->squeezed, count, bytes, count,
                                     SQUEEZE_LEVEL);
        bool as_it_is = ZSTD_isError(n) || n >= count; /* it has no more room */

        if (!put_segment(p, as_it_is ? PACKED_LITERAL : PACKED_SQUEEZED, count,
                         as_it_is ? bytes : p->squeezed, as_it_is ? count : n))
            return false;
        from += count;
    }
    return true;
}

/* False: it stays as it is. */
static bool transcode(struct packing *p, size_t at, size_t count)
{
    buffer_release(&p->jxl);
    buffer_init(&p->jxl, count - 1);
    return jpeg_to_jxl(p->source.bytes + at, count, &p->jxl);
}

/* --- the whole ----------------------------------------------------------- */

static bool pack_segments(struct packing *p)
{
    size_t literal_from = 0, at, count;
    struct jpeg_finder finder;

    jpeg_finder_init(&finder, p->source.bytes, p->source.count);
    while (jpeg_finder_next(&finder, &at, &count)) {
        if (p->counts_only)
            p->written += count * JPEG_LEFT_PERCENT / 100;
        else if (!transcode(p, at, count))
            continue;
        if (!put_literal(p, literal_from, at))
            return false;
        if (!p->counts_only &&
            !put_segment(p, PACKED_JPEG, count, p->jxl.bytes, p->jxl.count))
            return false;
        literal_from = at + count;
    }
    return put_literal(p, literal_from, p->source.count);
}

/* True: it is, or would be, worth it. A volume of pages that hold no JPEG must not be
 * written to somebody's disk only to be forgotten; hence the rehearsal. */
static bool pack(struct packing *p, bool counts_only)
{
    p->counts_only = counts_only;
    p->written = 0;
    return put_head(p) && pack_segments(p) && p->written <= p->written_max;
}

enum refusal repack_pack(int fd, int out_fd, bool *gained)
{
    struct packing p = {.out_fd = out_fd};

    *gained = false;
    (void)mallopt(M_MMAP_THRESHOLD, KEPT_BYTES_MAX); /* else it is only larger */
    buffer_init(&p.frame, PACKED_HEAD_BYTES);
    p.refusal = source_open(&p.source, fd);
    if (p.refusal != REFUSAL_NONE)
        goto out;
    p.written_max = packed_bytes_max(p.source.count);
    p.squeezer = ZSTD_createCCtx();
    p.squeezed = malloc(PACKED_LITERAL_MAX);
    if (p.squeezer == NULL || p.squeezed == NULL) {
        p.refusal = REFUSAL_OUT_OF_MEMORY;
        goto out;
    }
    *gained = pack(&p, true) && pack(&p, false);
out:
    buffer_release(&p.jxl);
    buffer_release(&p.frame);
    free(p.squeezed);
    ZSTD_freeCCtx(p.squeezer); /* NULL is fine */
    source_release(&p.source);
    return p.refusal;
}
