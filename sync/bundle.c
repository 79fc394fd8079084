#include "sync/bundle.h"

#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "sync/bundle_internal.h"
#include "sync/squeeze.h"

#define FRAME_BYTES_MIN 3 /* three one-byte varints and an empty changeset */
#define KEPT_LEVEL      3 /* nobody waits for a link here */

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
    if (out->direction > DIRECTION_DOWN || out->packing > PACKING_SQUEEZED_HISTORY)
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

/* ---------------------------------------------------------------------- leaning */

/* What the packer leant on, and where its own bytes begin. */
struct leaning {
    const struct bundle_sources *sources;
    struct buffer past, part;
    size_t packed_at;
};

/* What a source has answered: joined, or noted as lacking. */
static int lean_on(struct leaning *l, struct bundle *b, int found, enum bundle_lack lack,
                   struct err *e)
{
    if (found < 0)
        return -1;
    if (found == 0) {
        b->lacks = lack;
        return err_set(e, ERR_REFUSED, "bundle: packed with what we do not have");
    }
    buffer_append(&l->past, l->part.bytes, l->part.count);
    buffer_clear(&l->part);
    return buffer_check(&l->past, e);
}

static int find_dictionary(struct leaning *l, struct bundle *b, struct err *e)
{
    const struct bundle_sources *s = l->sources;
    int found = 0;

    if (s != NULL && s->dictionary != NULL)
        found = s->dictionary(s->arg, b->header.dictionary, &l->part, e);
    return lean_on(l, b, found, BUNDLE_LACKS_DICTIONARY, e);
}

static int find_history(struct leaning *l, struct bundle *b, const unsigned char *packed,
                        struct err *e)
{
    const struct bundle_sources *s = l->sources;
    struct history_name name;
    int found = 0;

    if (history_name_decode(&name, b->header.first, packed, b->header.sealed_bytes,
                            &l->packed_at, e) != 0)
        return -1;
    if (s != NULL && s->history != NULL)
        found = s->history(s->arg, &b->header, &name, &l->part, e);
    if (found == 1 && l->part.count != name.bytes)
        found = 0;
    return lean_on(l, b, found, BUNDLE_LACKS_HISTORY, e);
}

/* One that does not come out is as good as one that leans on what is not here: the same
 * frames are asked for without. */
static int unpack_behind(struct bundle *b, const unsigned char *packed, size_t count,
                         const struct buffer *past, struct err *e)
{
    const struct bundle_header *h = &b->header;

    if (h->packing != PACKING_SQUEEZED_DICTIONARY &&
        h->packing != PACKING_SQUEEZED_HISTORY)
        return bundle_unpack(b->plain, h->plain_bytes, packed, count, past->bytes,
                             past->count, e);
    if (unsqueeze(b->plain, h->plain_bytes, packed, count, past->bytes, past->count, e) ==
        0)
        return 0;
    if (e->code == ERR_REFUSED)
        b->lacks =
            bundle_leans_on_history(h) ? BUNDLE_LACKS_HISTORY : BUNDLE_LACKS_DICTIONARY;
    return -1;
}

static int unpack_leaning(struct bundle *b, const unsigned char *packed,
                          const struct bundle_sources *sources, struct err *e)
{
    const struct bundle_header *h = &b->header;
    struct leaning l = {.sources = sources};
    int rc = -1;

    buffer_init(&l.past, BUNDLE_DICTIONARY_MAX + BUNDLE_HISTORY_MAX);
    buffer_init(&l.part, BUNDLE_HISTORY_MAX);
    if (h->dictionary != 0 && find_dictionary(&l, b, e) != 0)
        goto out;
    if (bundle_leans_on_history(h) && find_history(&l, b, packed, e) != 0)
        goto out;
    rc =
        unpack_behind(b, packed + l.packed_at, h->sealed_bytes - l.packed_at, &l.past, e);
out:
    buffer_release(&l.past);
    buffer_release(&l.part);
    return rc;
}

/* --------------------------------------------------------------------- unpacking */

static int unpack(struct bundle *b, const unsigned char *packed,
                  const struct bundle_sources *sources, struct err *e)
{
    const struct bundle_header *h = &b->header;

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
        return bundle_unpack(b->plain, h->plain_bytes, packed, h->sealed_bytes, NULL, 0,
                             e);
    case PACKING_DICTIONARY:
    case PACKING_HISTORY:
    case PACKING_SQUEEZED_DICTIONARY:
    case PACKING_SQUEEZED_HISTORY:
        return unpack_leaning(b, packed, sources, e);
    }
    return err_set(e, ERR_REFUSED, "bundle: packed in no way that is known");
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
                const struct bundle_sources *sources, struct err *e)
{
    unsigned char *packed = NULL;
    int rc = -1;

    *out = (struct bundle){0};
    if (bundle_peek(&out->header, bytes, count, e) != 0 ||
        bundle_unseal(&packed, &out->header, bytes, receiver, writer, e) != 0 ||
        unpack(out, packed, sources, e) != 0 || split(out, e) != 0)
        goto out;
    rc = 0;
out:
    free(packed);
    if (rc != 0) {
        struct bundle_header h = out->header;

        bundle_release(out);
        if (out->lacks != BUNDLE_LACKS_NOTHING)
            out->header = h; /* it is authentic */
    }
    return rc;
}

void bundle_release(struct bundle *b)
{
    enum bundle_lack lacks = b->lacks;

    free(b->frames);
    free(b->plain);
    *b = (struct bundle){.lacks = lacks};
}

/* ------------------------------------------------------------------------- kept */

bool bundle_leans_on_history(const struct bundle_header *h)
{
    return h->packing == PACKING_HISTORY || h->packing == PACKING_SQUEEZED_HISTORY;
}

bool bundle_stands_alone(const struct bundle_header *h)
{
    return h->packing == PACKING_PLAIN || h->packing == PACKING_ZSTD;
}

int bundle_keep(const struct bundle *b, struct buffer *out, struct err *e)
{
    size_t bound = ZSTD_compressBound(b->header.plain_bytes), count = 0;
    ZSTD_CCtx *z = ZSTD_createCCtx();
    void *room = malloc(bound);
    int rc = -1;

    if (z == NULL || room == NULL) {
        err_set(e, ERR_MEMORY, "bundle");
        goto out;
    }
    (void)ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, KEPT_LEVEL);
    (void)ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
    count = ZSTD_compress2(z, room, bound, b->plain, b->header.plain_bytes);
    if (ZSTD_isError(count)) {
        err_set(e, ERR_MEMORY, "bundle: %s", ZSTD_getErrorName(count));
        goto out;
    }
    buffer_append(out, room, count);
    rc = buffer_check(out, e);
out:
    ZSTD_freeCCtx(z);
    free(room);
    return rc;
}

int bundle_open_kept(struct bundle *out, const void *bytes, size_t count,
                     const void *kept, size_t kept_count, struct err *e)
{
    *out = (struct bundle){0};
    if (bundle_peek(&out->header, bytes, count, e) != 0)
        goto failed;
    out->plain = malloc(out->header.plain_bytes);
    if (out->plain == NULL) {
        err_set(e, ERR_MEMORY, "bundle of %u bytes", out->header.plain_bytes);
        goto failed;
    }
    if (bundle_unpack(out->plain, out->header.plain_bytes, kept, kept_count, NULL, 0,
                      e) == 0 &&
        split(out, e) == 0)
        return 0;
failed:
    bundle_release(out);
    if (e->code == ERR_REFUSED)
        e->code = ERR_CORRUPT;
    return -1;
}
