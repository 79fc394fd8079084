#include "sync/bundle.h"

#include <assert.h>
#include <stdlib.h>

#include <zstd.h>

#include "sync/bundle_internal.h"

/* The link's time is what is scarce; a bundle is at most a few hundred kB. */
static int zstd_level = BUNDLE_LEVEL;

void bundle_writer_level(int level)
{
    zstd_level = level;
}

struct bundle_writer {
    struct bundle_header header;
    uint64_t next;
    struct buffer plain;
};

int bundle_writer_create(struct bundle_writer **out, enum direction direction,
                         uint16_t site, uint8_t epoch, struct err *e)
{
    struct bundle_writer *w = calloc(1, sizeof *w);

    *out = w;
    if (w == NULL)
        return err_set(e, ERR_MEMORY, "bundle");
    w->header.direction = direction;
    w->header.site = site;
    w->header.epoch = epoch;
    buffer_init(&w->plain, BUNDLE_PLAIN_MAX);
    return 0;
}

void bundle_writer_destroy(struct bundle_writer *w)
{
    if (w == NULL)
        return;
    buffer_release(&w->plain);
    free(w);
}

void bundle_writer_seen_epoch(struct bundle_writer *w, uint8_t seen_epoch)
{
    w->header.seen_epoch = seen_epoch;
}

int bundle_writer_add(struct bundle_writer *w, const struct frame *f, struct err *e)
{
    size_t before = w->plain.count;

    assert(w->header.frames == 0 || f->sequence == w->next);
    if (w->header.frames == BUNDLE_FRAMES_MAX)
        return err_set(e, ERR_TOO_BIG, "bundle: %d frames", BUNDLE_FRAMES_MAX);
    buffer_append_varint(&w->plain, f->schema);
    buffer_append_varint(&w->plain, f->seen);
    buffer_append_varint(&w->plain, f->changeset_bytes);
    buffer_append(&w->plain, f->changeset, f->changeset_bytes);
    if (buffer_check(&w->plain, e) != 0) {
        w->plain.count = before;
        w->plain.failed = ERR_NONE;
        return err_wrap(e, "bundle");
    }
    if (w->header.frames == 0)
        w->header.first = f->sequence;
    w->header.frames++;
    w->next = f->sequence + 1;
    return 0;
}

size_t bundle_writer_bytes(const struct bundle_writer *w)
{
    return w->plain.count;
}

static int pack(struct bundle_writer *w, struct buffer *packed, struct err *e)
{
    size_t bound = ZSTD_compressBound(w->plain.count);
    void *room = malloc(bound);
    size_t count;

    if (room == NULL)
        return err_set(e, ERR_MEMORY, "bundle: %zu bytes", bound);
    count = ZSTD_compress(room, bound, w->plain.bytes, w->plain.count, zstd_level);
    w->header.packing = PACKING_ZSTD;
    if (ZSTD_isError(count) || count >= w->plain.count) {
        w->header.packing = PACKING_PLAIN;
        buffer_append(packed, w->plain.bytes, w->plain.count);
    } else {
        buffer_append(packed, room, count);
    }
    free(room);
    return buffer_check(packed, e);
}

int bundle_writer_seal(struct bundle_writer *w, const struct hash *chain,
                       const struct key_pair *writer, const struct public_key *receiver,
                       struct random *r, struct buffer *out, struct err *e)
{
    struct buffer packed;
    int rc = -1;

    assert(w->header.frames > 0);
    buffer_init(&packed, BUNDLE_PLAIN_MAX);
    w->header.plain_bytes = (uint32_t)w->plain.count;
    if (pack(w, &packed, e) == 0)
        rc = bundle_seal(&w->header, &packed, chain, writer, receiver, r, out, e);
    buffer_release(&packed);
    return rc;
}
