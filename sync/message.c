#include "sync/message_internal.h"

#include <string.h>

#define MESSAGE_CUT_MAX (BLOCK_BYTES_MAX + 64)

bool object_id_equal(const struct object_id *a, const struct object_id *b)
{
    return a->kind == b->kind && memcmp(a->id, b->id, OBJECT_ID_BYTES) == 0;
}

const char *refused_name(enum refused r)
{
    static const char *const names[] = {
        [REFUSED_FORGED] = "forged",
        [REFUSED_UNKNOWN_SITE] = "unknown_site",
        [REFUSED_CLAIM_USED] = "claim_used",
        [REFUSED_NOT_YOURS] = "not_yours",
        [REFUSED_FORK] = "fork",
        [REFUSED_TOO_BIG] = "too_big",
        [REFUSED_UNKNOWN_KIND] = "unknown_kind",
        [REFUSED_NOT_HERE] = "not_here",
        [REFUSED_HISTORY] = "history",
        [REFUSED_DICTIONARY] = "dictionary",
    };

    return r >= REFUSED_FORGED && r <= REFUSED_DICTIONARY ? names[r] : "unknown";
}

/* --------------------------------------------------------------------- frames */

size_t message_begin(struct buffer *out, enum message_type t)
{
    buffer_append_byte(out, (uint8_t)t);
    buffer_append_u16(out, 0);
    return out->count;
}

void message_end(struct buffer *out, size_t payload_at)
{
    size_t count = out->count - payload_at;

    if (out->failed != ERR_NONE)
        return;
    if (count > MESSAGE_PAYLOAD_MAX) {
        out->failed = ERR_TOO_BIG;
        return;
    }
    out->bytes[payload_at - 2] = (unsigned char)count;
    out->bytes[payload_at - 1] = (unsigned char)(count >> 8);
}

static void append_object(struct buffer *out, const struct object_id *o)
{
    buffer_append_byte(out, o->kind);
    buffer_append(out, o->id, OBJECT_ID_BYTES);
}

static void take_object(struct object_id *out, struct cursor *c)
{
    const unsigned char *id;

    out->kind = cursor_byte(c);
    id = cursor_take(c, OBJECT_ID_BYTES);
    if (id != NULL)
        memcpy(out->id, id, OBJECT_ID_BYTES);
}

/* -------------------------------------------------------------------- writing */

void message_claim(struct buffer *out, const uint8_t claim[CLAIM_BYTES])
{
    size_t at = message_begin(out, MESSAGE_CLAIM);

    buffer_append(out, claim, CLAIM_BYTES);
    message_end(out, at);
}

void message_offer(struct buffer *out, const struct object_id *o, uint64_t total_bytes)
{
    size_t at = message_begin(out, MESSAGE_OFFER);

    append_object(out, o);
    buffer_append_u64(out, total_bytes);
    message_end(out, at);
}

void message_have(struct buffer *out, const struct object_id *o, uint64_t offset)
{
    size_t at = message_begin(out, MESSAGE_HAVE);

    append_object(out, o);
    buffer_append_u64(out, offset);
    message_end(out, at);
}

void message_block(struct buffer *out, const struct object_id *o, uint64_t total_bytes,
                   uint64_t offset, const void *bytes, size_t count)
{
    size_t at = message_begin(out, MESSAGE_BLOCK);

    append_object(out, o);
    buffer_append_u64(out, total_bytes);
    buffer_append_u64(out, offset);
    buffer_append(out, bytes, count);
    message_end(out, at);
}

static void take_block(struct message *m, struct cursor *c)
{
    take_object(&m->as.block.object, c);
    m->as.block.total_bytes = cursor_u64(c);
    m->as.block.offset = cursor_u64(c);
    m->as.block.count = cursor_left(c);
    if (m->as.block.count == 0 || m->as.block.count > BLOCK_BYTES_MAX ||
        m->as.block.total_bytes > INT64_MAX ||
        m->as.block.offset > m->as.block.total_bytes ||
        m->as.block.count > m->as.block.total_bytes - m->as.block.offset)
        c->failed = true;
    m->as.block.bytes = cursor_take(c, m->as.block.count);
}

/* What it goes on with is the carrier's to know: message_lengthen(). */
static void take_more(struct message *m, struct cursor *c)
{
    m->as.block.count = cursor_left(c);
    if (m->as.block.count == 0 || m->as.block.count > BLOCK_BYTES_MAX)
        c->failed = true;
    m->as.block.bytes = cursor_take(c, m->as.block.count);
}

void message_receipt(struct buffer *out, const void *bytes, size_t count)
{
    size_t at = message_begin(out, MESSAGE_RECEIPT);

    buffer_append(out, bytes, count);
    message_end(out, at);
}

void message_refused(struct buffer *out, const struct object_id *o, enum refused r)
{
    size_t at = message_begin(out, MESSAGE_REFUSED);

    append_object(out, o);
    buffer_append_byte(out, (uint8_t)r);
    message_end(out, at);
}

void message_later(struct buffer *out, uint32_t ms)
{
    size_t at = message_begin(out, MESSAGE_LATER);

    buffer_append_u32(out, ms);
    message_end(out, at);
}

void message_empty(struct buffer *out, enum message_type t)
{
    message_end(out, message_begin(out, t));
}

void message_seen(struct buffer *out, uint64_t sequence, uint8_t centre_epoch)
{
    size_t at = message_begin(out, MESSAGE_SEEN);

    buffer_append_u64(out, sequence);
    buffer_append_byte(out, centre_epoch);
    message_end(out, at);
}

void message_want(struct buffer *out, const struct object_id *o)
{
    size_t at = message_begin(out, MESSAGE_WANT);

    append_object(out, o);
    message_end(out, at);
}

/* -------------------------------------------------------------------- decoding */

static void take_payload(struct message *m, struct cursor *c)
{
    switch (m->type) {
    case MESSAGE_HELLO:
        message_take_hello(m, c);
        return;
    case MESSAGE_CLAIM:
        m->as.claim.bytes = cursor_take(c, CLAIM_BYTES);
        return;
    case MESSAGE_OFFER:
        take_object(&m->as.block.object, c);
        m->as.block.total_bytes = cursor_u64(c);
        return;
    case MESSAGE_HAVE:
        take_object(&m->as.block.object, c);
        m->as.block.offset = cursor_u64(c);
        return;
    case MESSAGE_BLOCK:
        take_block(m, c);
        return;
    case MESSAGE_RECEIPT:
        m->as.receipt.count = cursor_left(c);
        m->as.receipt.bytes = cursor_take(c, m->as.receipt.count);
        return;
    case MESSAGE_REFUSED:
        take_object(&m->as.refused.object, c);
        m->as.refused.reason = (enum refused)cursor_byte(c);
        return;
    case MESSAGE_LATER:
        m->as.later_ms = cursor_u32(c);
        return;
    case MESSAGE_PING:
    case MESSAGE_PONG:
        return;
    case MESSAGE_SEEN:
        m->as.seen.sequence = cursor_u64(c);
        m->as.seen.epoch = cursor_byte(c);
        return;
    case MESSAGE_WANT:
        take_object(&m->as.block.object, c);
        return;
    case MESSAGE_CHAIN:
        message_take_chain(m, c);
        return;
    case MESSAGE_MORE:
        take_more(m, c);
        return;
    }
    c->failed = true; /* a type that this version does not know */
}

int message_next(struct message *out, size_t *used, const void *bytes, size_t count,
                 struct err *e)
{
    const unsigned char *at = bytes;
    struct cursor c;
    size_t payload;

    *used = 0;
    memset(out, 0, sizeof *out);
    if (count < MESSAGE_HEADER_BYTES)
        return 0;
    payload = (size_t)at[1] | (size_t)at[2] << 8;
    if (count < MESSAGE_HEADER_BYTES + payload)
        return 0;
    out->type = (enum message_type)at[0];
    cursor_init(&c, at + MESSAGE_HEADER_BYTES, payload);
    take_payload(out, &c);
    if (cursor_done(&c, "message", e) != 0)
        return err_wrap(e, "type %u", at[0]);
    *used = MESSAGE_HEADER_BYTES + payload;
    return 1;
}

size_t message_cut(const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    size_t cut = 0;

    while (count - cut >= MESSAGE_HEADER_BYTES) {
        size_t next =
            MESSAGE_HEADER_BYTES + ((size_t)at[cut + 1] | (size_t)at[cut + 2] << 8);

        if (next > count - cut || (cut > 0 && cut + next > MESSAGE_CUT_MAX))
            break;
        cut += next;
    }
    return cut > 0 ? cut : count;
}
