#include "sync/message.h"

#include <string.h>

#define STATUS_VERSION    2
#define HELLO_PURPOSE     "tram hello"
#define CHAIN_PURPOSE     "tram chain"
#define PURPOSE_BYTES     10
#define BINDING_BYTES_MAX 256
#define CHAIN_LAST_MAX    ((1ull << 56) - 1)
#define MESSAGE_CUT_MAX   (BLOCK_BYTES_MAX + 64)

enum { CHAIN_ASKS, CHAIN_ANSWERS };

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

/* Writes a header whose length end_message fills in. */
static size_t begin_message(struct buffer *out, enum message_type t)
{
    buffer_append_byte(out, (uint8_t)t);
    buffer_append_u16(out, 0);
    return out->count;
}

static void end_message(struct buffer *out, size_t payload_at)
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

/* --------------------------------------------------------------- status vector */

/* A varint of at most so many bytes. */
static void append_up_to(struct buffer *out, uint64_t n, unsigned bytes)
{
    uint64_t most = (1ull << (7 * bytes)) - 1;

    buffer_append_varint(out, n < most ? n : most);
}

/* 1 + 2 * 5 + 5 * 5 + 2 * 6 + 4 + 2 + 2 + 5 + 1 + 2 = 64. Originals and small images
 * are what may grow beyond 34 GB. */
static void append_status(struct buffer *out, const struct status_vector *s)
{
    buffer_append_byte(out, STATUS_VERSION);
    append_up_to(out, s->last, 5);
    append_up_to(out, s->received, 5);
    for (int i = 0; i < SYNC_CLASSES; i++)
        append_up_to(out, s->waiting_bytes[i], i == 4 || i == 5 ? 6 : 5);
    append_up_to(out, s->oldest_unsent_s, 4);
    append_up_to(out, s->parked, 2);
    buffer_append_byte(out, s->disk_used_percent);
    buffer_append_byte(out, s->last_failure);
    append_up_to(out, s->seen, 5);
    buffer_append_byte(out, s->seen_epoch);
    append_up_to(out, s->schema, 2);
}

static void take_seen(struct status_vector *out, struct cursor *c)
{
    uint64_t schema;

    out->seen = cursor_varint(c);
    out->seen_epoch = cursor_byte(c);
    schema = cursor_varint(c);
    if (schema > UINT32_MAX)
        c->failed = true;
    out->schema = (uint32_t)schema;
}

static void take_status(struct status_vector *out, struct cursor *c)
{
    uint8_t version = cursor_byte(c);

    if (version == 0 || version > STATUS_VERSION)
        c->failed = true;
    out->last = cursor_varint(c);
    out->received = cursor_varint(c);
    for (int i = 0; i < SYNC_CLASSES; i++)
        out->waiting_bytes[i] = cursor_varint(c);
    out->oldest_unsent_s = cursor_varint(c);
    out->parked = cursor_varint(c);
    out->disk_used_percent = cursor_byte(c);
    out->last_failure = cursor_byte(c);
    if (version >= 2)
        take_seen(out, c);
}

/* ------------------------------------------------------------- bound to a link */

static void bound_text(struct buffer *text, const char *purpose, const void *binding,
                       size_t binding_count, const void *bytes, size_t count)
{
    buffer_init(text, BINDING_BYTES_MAX + MESSAGE_PAYLOAD_MAX);
    buffer_append(text, purpose, PURPOSE_BYTES);
    buffer_append_varint(text, binding_count);
    buffer_append(text, binding, binding_count);
    buffer_append(text, bytes, count);
}

/* Signs what `out` holds from `at` on, and appends that. */
static void append_signature(struct buffer *out, size_t at, const char *purpose,
                             const void *binding, size_t binding_count,
                             const struct key_pair *key)
{
    uint8_t signature[SIGNATURE_BYTES];
    struct buffer text;

    if (out->failed != ERR_NONE)
        return;
    bound_text(&text, purpose, binding, binding_count, out->bytes + at, out->count - at);
    if (text.failed != ERR_NONE)
        out->failed = text.failed;
    else
        key_sign(key, text.bytes, text.count, signature);
    buffer_release(&text);
    buffer_append(out, signature, sizeof signature);
}

static bool is_signed(const char *purpose, const void *binding, size_t binding_count,
                      const void *bytes, size_t count, const unsigned char *signature,
                      const struct public_key *key)
{
    struct buffer text;
    bool proved;

    bound_text(&text, purpose, binding, binding_count, bytes, count);
    proved =
        text.failed == ERR_NONE && key_verify(key, text.bytes, text.count, signature);
    buffer_release(&text);
    return proved;
}

/* ----------------------------------------------------------------------- hello */

void message_hello(struct buffer *out, uint16_t site, uint8_t epoch,
                   const struct status_vector *status, const void *binding,
                   size_t binding_count, const struct key_pair *box)
{
    size_t at = begin_message(out, MESSAGE_HELLO);

    buffer_append_u16(out, site);
    buffer_append_byte(out, epoch);
    buffer_append_byte(out, 0);
    append_status(out, status);
    append_signature(out, at, HELLO_PURPOSE, binding, binding_count, box);
    end_message(out, at);
}

static void take_hello(struct message *m, struct cursor *c)
{
    m->as.hello.signed_bytes = c->at;
    m->as.hello.site = cursor_u16(c);
    m->as.hello.epoch = cursor_byte(c);
    if (cursor_byte(c) != 0)
        c->failed = true;
    take_status(&m->as.hello.status, c);
    if (c->failed)
        return;
    m->as.hello.signed_count = (size_t)(c->at - m->as.hello.signed_bytes);
    m->as.hello.signature = cursor_take(c, SIGNATURE_BYTES);
}

bool message_hello_proved(const struct message *m, const void *binding,
                          size_t binding_count, const struct public_key *box)
{
    return is_signed(HELLO_PURPOSE, binding, binding_count, m->as.hello.signed_bytes,
                     m->as.hello.signed_count, m->as.hello.signature, box);
}

/* ------------------------------------------------------------------ the others */

void message_claim(struct buffer *out, const uint8_t claim[CLAIM_BYTES])
{
    size_t at = begin_message(out, MESSAGE_CLAIM);

    buffer_append(out, claim, CLAIM_BYTES);
    end_message(out, at);
}

void message_offer(struct buffer *out, const struct object_id *o, uint64_t total_bytes)
{
    size_t at = begin_message(out, MESSAGE_OFFER);

    append_object(out, o);
    buffer_append_u64(out, total_bytes);
    end_message(out, at);
}

void message_have(struct buffer *out, const struct object_id *o, uint64_t offset)
{
    size_t at = begin_message(out, MESSAGE_HAVE);

    append_object(out, o);
    buffer_append_u64(out, offset);
    end_message(out, at);
}

void message_block(struct buffer *out, const struct object_id *o, uint64_t total_bytes,
                   uint64_t offset, const void *bytes, size_t count)
{
    size_t at = begin_message(out, MESSAGE_BLOCK);

    append_object(out, o);
    buffer_append_u64(out, total_bytes);
    buffer_append_u64(out, offset);
    buffer_append(out, bytes, count);
    end_message(out, at);
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
    size_t at = begin_message(out, MESSAGE_RECEIPT);

    buffer_append(out, bytes, count);
    end_message(out, at);
}

void message_refused(struct buffer *out, const struct object_id *o, enum refused r)
{
    size_t at = begin_message(out, MESSAGE_REFUSED);

    append_object(out, o);
    buffer_append_byte(out, (uint8_t)r);
    end_message(out, at);
}

void message_later(struct buffer *out, uint32_t ms)
{
    size_t at = begin_message(out, MESSAGE_LATER);

    buffer_append_u32(out, ms);
    end_message(out, at);
}

void message_empty(struct buffer *out, enum message_type t)
{
    end_message(out, begin_message(out, t));
}

void message_seen(struct buffer *out, uint64_t sequence, uint8_t centre_epoch)
{
    size_t at = begin_message(out, MESSAGE_SEEN);

    buffer_append_u64(out, sequence);
    buffer_append_byte(out, centre_epoch);
    end_message(out, at);
}

void message_want(struct buffer *out, const struct object_id *o)
{
    size_t at = begin_message(out, MESSAGE_WANT);

    append_object(out, o);
    end_message(out, at);
}

/* ----------------------------------------------------------------------- chain */

unsigned chain_places(const struct chain_range *r)
{
    uint64_t count = r->last - r->first + 1;

    return count < CHAIN_PLACES_MAX ? (unsigned)count : CHAIN_PLACES_MAX;
}

uint64_t chain_place(const struct chain_range *r, unsigned index)
{
    unsigned places = chain_places(r);

    /* No overflow: 2^56 by at most 2^6. */
    return places == 1 ? r->first
                       : r->first + (r->last - r->first) * index / (places - 1);
}

static void append_range(struct buffer *out, int says, uint8_t epoch,
                         const struct chain_range *r)
{
    buffer_append_byte(out, (uint8_t)says);
    buffer_append_byte(out, epoch);
    buffer_append_u64(out, r->first);
    buffer_append_u64(out, r->last);
}

void message_chain_ask(struct buffer *out, const struct chain_range *r, uint8_t epoch,
                       const void *hashes)
{
    size_t at = begin_message(out, MESSAGE_CHAIN);

    append_range(out, CHAIN_ASKS, epoch, r);
    buffer_append(out, hashes, (size_t)chain_places(r) * CHAIN_HASH_BYTES);
    end_message(out, at);
}

void message_chain_answer(struct buffer *out, const struct chain_range *r, uint8_t epoch,
                          const void *binding, size_t binding_count,
                          const struct key_pair *centre)
{
    size_t at = begin_message(out, MESSAGE_CHAIN);

    append_range(out, CHAIN_ANSWERS, epoch, r);
    append_signature(out, at, CHAIN_PURPOSE, binding, binding_count, centre);
    end_message(out, at);
}

static void take_chain(struct message *m, struct cursor *c)
{
    struct chain_range *r = &m->as.chain.range;
    const unsigned char *from = c->at;
    uint8_t says = cursor_byte(c);

    m->as.chain.epoch = cursor_byte(c);
    r->first = cursor_u64(c);
    r->last = cursor_u64(c);
    if (says > CHAIN_ANSWERS || r->first > r->last || r->last > CHAIN_LAST_MAX)
        c->failed = true;
    if (c->failed)
        return;
    if (says == CHAIN_ASKS) {
        m->as.chain.hashes = cursor_take(c, (size_t)chain_places(r) * CHAIN_HASH_BYTES);
        return;
    }
    m->as.chain.signed_bytes = from;
    m->as.chain.signed_count = (size_t)(c->at - from);
    m->as.chain.signature = cursor_take(c, SIGNATURE_BYTES);
}

bool message_chain_proved(const struct message *m, const void *binding,
                          size_t binding_count, const struct public_key *centre)
{
    return is_signed(CHAIN_PURPOSE, binding, binding_count, m->as.chain.signed_bytes,
                     m->as.chain.signed_count, m->as.chain.signature, centre);
}

/* -------------------------------------------------------------------- decoding */

static void take_payload(struct message *m, struct cursor *c)
{
    switch (m->type) {
    case MESSAGE_HELLO:
        take_hello(m, c);
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
        take_chain(m, c);
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
