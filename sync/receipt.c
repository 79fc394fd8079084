#include "sync/receipt.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC            "TRR1"
#define MAGIC_BYTES      4
#define BLOB_ENTRY_BYTES (HASH_BYTES + 1)

void receipt_release(struct receipt *r)
{
    free(r->blobs);
    *r = (struct receipt){0};
}

void receipt_encode(const struct receipt *r, const struct key_pair *centre,
                    struct buffer *out)
{
    uint8_t signature[SIGNATURE_BYTES];
    size_t from = out->count;

    buffer_append(out, MAGIC, MAGIC_BYTES);
    buffer_append_u16(out, r->site);
    buffer_append_byte(out, r->box_epoch);
    buffer_append_byte(out, r->centre_epoch);
    buffer_append_u64(out, r->received);
    buffer_append_u64(out, r->applied);
    buffer_append_u64(out, r->safe);
    buffer_append_u64(out, r->missing_first);
    buffer_append_u64(out, r->missing_last);
    buffer_append_u64(out, (uint64_t)r->wall_ms);
    buffer_append_u32(out, (uint32_t)r->blobs_count);
    for (size_t i = 0; i < r->blobs_count; i++) {
        buffer_append(out, r->blobs[i].sha256.bytes, HASH_BYTES);
        buffer_append_byte(out, (uint8_t)r->blobs[i].state);
    }
    if (out->failed != ERR_NONE)
        return;
    key_sign(centre, out->bytes + from, out->count - from, signature);
    buffer_append(out, signature, sizeof signature);
}

static int take_blobs(struct receipt *out, struct cursor *c, uint32_t count,
                      struct err *e)
{
    if (count > RECEIPT_BLOBS_MAX || cursor_left(c) != (size_t)count * BLOB_ENTRY_BYTES)
        return err_set(e, ERR_REFUSED, "receipt: %u blobs do not fit", count);
    if (count == 0)
        return 0;
    out->blobs = calloc(count, sizeof *out->blobs);
    if (out->blobs == NULL)
        return err_set(e, ERR_MEMORY, "receipt of %u blobs", count);
    out->blobs_count = count;
    for (uint32_t i = 0; i < count; i++) {
        memcpy(out->blobs[i].sha256.bytes, cursor_take(c, HASH_BYTES), HASH_BYTES);
        out->blobs[i].state = (enum blob_state)cursor_byte(c);
        if (out->blobs[i].state != BLOB_RECEIVED && out->blobs[i].state != BLOB_SAFE)
            return err_set(e, ERR_REFUSED, "receipt: blob %u in no known state", i);
    }
    return 0;
}

static int check_numbers(const struct receipt *r, struct err *e)
{
    if (r->applied > r->received || r->safe > r->received ||
        (r->missing_first != 0 &&
         (r->missing_first != r->received + 1 || r->missing_last < r->missing_first)))
        return err_set(e, ERR_REFUSED, "receipt: its numbers contradict each other");
    return 0;
}

/* A receipt is looked at more than once on its way to the disk, and a signature costs
 * more than all the rest: the last ones that were proved are known by their hash. */
#define PROVED_MAX 8
static _Thread_local struct {
    struct hash list[PROVED_MAX];
    unsigned next;
} proved;

static bool is_signed(const struct public_key *centre, const unsigned char *bytes,
                      size_t count)
{
    struct hasher hasher;
    struct hash h;

    hasher_init(&hasher);
    hasher_add(&hasher, centre->bytes, sizeof centre->bytes);
    hasher_add(&hasher, bytes, count);
    hasher_finish(&hasher, &h);
    for (size_t i = 0; i < PROVED_MAX; i++)
        if (hash_equal(&proved.list[i], &h))
            return true;
    if (!key_verify(centre, bytes, count - SIGNATURE_BYTES,
                    bytes + count - SIGNATURE_BYTES))
        return false;
    proved.list[proved.next++ % PROVED_MAX] = h;
    return true;
}

int receipt_decode(struct receipt *out, const void *bytes, size_t count,
                   const struct public_key *centre, uint16_t site, struct err *e)
{
    const unsigned char *at = bytes;
    struct cursor c;
    uint32_t blobs;

    *out = (struct receipt){0};
    if (count < MAGIC_BYTES + SIGNATURE_BYTES || memcmp(at, MAGIC, MAGIC_BYTES) != 0)
        return err_set(e, ERR_REFUSED, "not a receipt");
    if (!is_signed(centre, at, count))
        return err_set(e, ERR_REFUSED, "receipt: not signed by our centre");
    cursor_init(&c, at + MAGIC_BYTES, count - MAGIC_BYTES - SIGNATURE_BYTES);
    out->site = cursor_u16(&c);
    out->box_epoch = cursor_byte(&c);
    out->centre_epoch = cursor_byte(&c);
    out->received = cursor_u64(&c);
    out->applied = cursor_u64(&c);
    out->safe = cursor_u64(&c);
    out->missing_first = cursor_u64(&c);
    out->missing_last = cursor_u64(&c);
    out->wall_ms = (int64_t)cursor_u64(&c);
    blobs = cursor_u32(&c);
    if (c.failed)
        err_set(e, ERR_REFUSED, "receipt: cut off");
    else if (out->site != site)
        err_set(e, ERR_REFUSED, "receipt: for site %u, we are %u", out->site, site);
    else if (take_blobs(out, &c, blobs, e) == 0 && check_numbers(out, e) == 0)
        return 0;
    receipt_release(out);
    return -1;
}

bool receipt_of_left_line(const struct receipt *r, uint8_t epoch)
{
    return r->box_epoch != 0 && r->box_epoch < epoch;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void receipt_limit(struct receipt *r, uint64_t common)
{
    r->received = smaller(r->received, common);
    r->applied = smaller(r->applied, common);
    r->safe = smaller(r->safe, common);
    r->missing_first = r->missing_last = 0;
}
