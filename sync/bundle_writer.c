#include "sync/bundle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sync/bundle_internal.h"
#include "sync/squeeze.h"

static int level_all;

void bundle_writer_level_all(int level)
{
    level_all = level;
}

int bundle_level(uint64_t bytes_per_s, size_t plain_bytes)
{
    /* A day of twenty papers, 147 kB: squeezed 21 kB in 0.5 s; with zstd on a megabyte of
     * history level 12 makes 31.8 in 0.03, 6 makes 34.5 in 0.01; a box takes four times as
     * long (docs/BENCHMARKS.md). On a weak link every byte is paid for, too. */
    static const struct {
        uint64_t below;
        int level;
    } steps[] = {{32u << 10, BUNDLE_LEVEL}, {256u << 10, 12}, {UINT64_MAX, 6}};
    size_t i = 0;

    /* Single records never fill a link, and so never tell its rate. A squeeze takes 140 ms
     * of one at either end (docs/BENCHMARKS.md), and the centre's are everybody's. */
    if (bytes_per_s == 0 && plain_bytes < BUNDLE_SMALL)
        return steps[1].level;
    while (bytes_per_s >= steps[i].below && steps[i].below != UINT64_MAX)
        i++;
    return steps[i].level;
}

/* Bytes that are somebody else's. */
struct bytes {
    const void *bytes;
    size_t count;
};

struct bundle_writer {
    struct bundle_header header;
    uint64_t next;
    struct buffer plain;
    int level;
    struct bytes dictionary, history;
    struct history_name name;
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
    /* The link's time is what is scarce; a bundle is at most a few hundred kB. */
    w->level = level_all != 0 ? level_all : BUNDLE_LEVEL;
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

void bundle_writer_level(struct bundle_writer *w, int level)
{
    if (level_all == 0)
        w->level = level;
}

void bundle_writer_dictionary(struct bundle_writer *w, uint32_t number, const void *bytes,
                              size_t count)
{
    assert(number != 0 && count <= BUNDLE_DICTIONARY_MAX);
    w->header.dictionary = number;
    w->dictionary = (struct bytes){bytes, count};
}

void bundle_writer_history(struct bundle_writer *w, uint64_t last,
                           const struct hash *chain, const void *bytes, size_t count)
{
    assert(last > 0 && count > 0 && count <= BUNDLE_HISTORY_MAX);
    w->name.last = last;
    w->name.bytes = (uint32_t)count;
    memcpy(w->name.chain, chain->bytes, sizeof w->name.chain);
    w->history = (struct bytes){bytes, count};
}

/* ------------------------------------------------------------------------ packing */

static int zstd_level(const struct bundle_writer *w)
{
    return w->level < BUNDLE_LEVEL_ZSTD ? w->level : BUNDLE_LEVEL_ZSTD;
}

static bool squeezes(const struct bundle_writer *w)
{
    return w->level > BUNDLE_LEVEL_ZSTD && w->plain.count <= SQUEEZE_MAX &&
           w->history.count + w->dictionary.count > 0;
}

/* What would not be read need not be looked for at the other end; nor, for a single record,
 * what is long ago. */
static void lean_on_less(struct bundle_writer *w, bool squeezed)
{
    size_t most = squeeze_past(w->plain.count);

    if (w->history.count > most) {
        w->history.bytes = (const char *)w->history.bytes + (w->history.count - most);
        w->history.count = most;
        w->name.bytes = (uint32_t)most;
    }
    if (squeezed && w->history.count > 0 &&
        w->history.count + w->dictionary.count > most) {
        w->header.dictionary = 0;
        w->dictionary.count = 0;
    }
}

/* Fills `packed`; *made is false if it could not be made smaller. */
static int pack_leaning(struct bundle_writer *w, bool squeezed, struct buffer *packed,
                        bool *made, struct err *e)
{
    struct buffer past;
    int rc = -1;

    buffer_init(&past, BUNDLE_DICTIONARY_MAX + BUNDLE_HISTORY_MAX);
    buffer_append(&past, w->dictionary.bytes, w->dictionary.count);
    buffer_append(&past, w->history.bytes, w->history.count);
    if (w->history.count > 0) {
        assert(w->name.last < w->header.first);
        history_name_encode(&w->name, w->header.first, packed);
    }
    *made = true;
    if (buffer_check(&past, e) != 0)
        rc = -1;
    else if (squeezed)
        rc = squeeze(w->plain.bytes, w->plain.count, past.bytes, past.count, packed, e);
    else
        rc = bundle_pack(&w->plain, past.bytes, past.count, zstd_level(w), made, packed,
                         e);
    buffer_release(&past);
    return rc;
}

static enum packing packing_of(const struct bundle_writer *w, bool squeezed)
{
    if (w->history.count > 0)
        return squeezed ? PACKING_SQUEEZED_HISTORY : PACKING_HISTORY;
    if (w->dictionary.count > 0)
        return squeezed ? PACKING_SQUEEZED_DICTIONARY : PACKING_DICTIONARY;
    return PACKING_ZSTD;
}

static int pack(struct bundle_writer *w, struct buffer *packed, struct err *e)
{
    bool made, squeezed = squeezes(w);
    int rc;

    if (squeezed || w->plain.count < BUNDLE_SMALL)
        lean_on_less(w, squeezed);
    w->header.packing = packing_of(w, squeezed);
    rc = pack_leaning(w, squeezed, packed, &made, e);
    if (rc != 0 && squeezed &&
        e->code == ERR_TOO_BIG) { /* so regular that zstd will do */
        buffer_clear(packed);
        w->header.packing = packing_of(w, false);
        rc = pack_leaning(w, false, packed, &made, e);
    }
    if (rc != 0)
        return -1;
    if (made && packed->count < w->plain.count)
        return 0;
    buffer_clear(packed);
    w->header.packing = PACKING_PLAIN;
    w->header.dictionary = 0;
    buffer_append(packed, w->plain.bytes, w->plain.count);
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
