#include "sync/message_internal.h"

#define STATUS_VERSION    2
#define HELLO_PURPOSE     "tram hello"
#define CHAIN_PURPOSE     "tram chain"
#define PURPOSE_BYTES     10
#define BINDING_BYTES_MAX 256
#define CHAIN_LAST_MAX    ((1ull << 56) - 1)

enum { CHAIN_ASKS, CHAIN_ANSWERS };

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
    size_t at = message_begin(out, MESSAGE_HELLO);

    buffer_append_u16(out, site);
    buffer_append_byte(out, epoch);
    buffer_append_byte(out, 0);
    append_status(out, status);
    append_signature(out, at, HELLO_PURPOSE, binding, binding_count, box);
    message_end(out, at);
}

void message_take_hello(struct message *m, struct cursor *c)
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
    size_t at = message_begin(out, MESSAGE_CHAIN);

    append_range(out, CHAIN_ASKS, epoch, r);
    buffer_append(out, hashes, (size_t)chain_places(r) * CHAIN_HASH_BYTES);
    message_end(out, at);
}

void message_chain_answer(struct buffer *out, const struct chain_range *r, uint8_t epoch,
                          const void *binding, size_t binding_count,
                          const struct key_pair *centre)
{
    size_t at = message_begin(out, MESSAGE_CHAIN);

    append_range(out, CHAIN_ANSWERS, epoch, r);
    append_signature(out, at, CHAIN_PURPOSE, binding, binding_count, centre);
    message_end(out, at);
}

void message_take_chain(struct message *m, struct cursor *c)
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
