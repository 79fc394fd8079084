/* Fuzz: a stream of messages, given at once and byte by byte: the same messages,
 * and each that an encoder can make comes out as the bytes that went in. */
#include <assert.h>
#include <string.h>

#include "sync/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void encode(const struct message *m, struct buffer *out)
{
    switch (m->type) {
    case MESSAGE_CLAIM:
        message_claim(out, m->as.claim.bytes);
        return;
    case MESSAGE_OFFER:
        message_offer(out, &m->as.block.object, m->as.block.total_bytes);
        return;
    case MESSAGE_HAVE:
        message_have(out, &m->as.block.object, m->as.block.offset);
        return;
    case MESSAGE_BLOCK:
        message_block(out, &m->as.block.object, m->as.block.total_bytes,
                      m->as.block.offset, m->as.block.bytes, m->as.block.count);
        return;
    case MESSAGE_RECEIPT:
        message_receipt(out, m->as.receipt.bytes, m->as.receipt.count);
        return;
    case MESSAGE_REFUSED:
        message_refused(out, &m->as.refused.object, m->as.refused.reason);
        return;
    case MESSAGE_LATER:
        message_later(out, m->as.later_ms);
        return;
    case MESSAGE_PING:
    case MESSAGE_PONG:
        message_empty(out, m->type);
        return;
    case MESSAGE_SEEN:
        message_seen(out, m->as.seen.sequence, m->as.seen.epoch);
        return;
    case MESSAGE_WANT:
        message_want(out, &m->as.block.object);
        return;
    case MESSAGE_CHAIN: /* an answer's signature is a key's, too */
        message_chain_ask(out, &m->as.chain.range, m->as.chain.epoch, m->as.chain.hashes);
        return;
    case MESSAGE_MORE:
        buffer_append_byte(out, MESSAGE_MORE);
        buffer_append_u16(out, (uint16_t)m->as.block.count);
        buffer_append(out, m->as.block.bytes, m->as.block.count);
        return;
    case MESSAGE_HELLO: /* its signature is a key's */
        return;
    }
}

static void check(const struct message *m, const uint8_t *bytes, size_t used)
{
    static const struct public_key nobody = {{9}};
    struct buffer again;

    if (m->type == MESSAGE_HELLO) {
        assert(m->as.hello.signature + SIGNATURE_BYTES == bytes + used);
        assert(!message_hello_proved(m, "binding", 7, &nobody));
        return;
    }
    if (m->type == MESSAGE_CHAIN) {
        const struct chain_range *r = &m->as.chain.range;

        assert(chain_place(r, 0) == r->first);
        assert(chain_place(r, chain_places(r) - 1) == r->last || r->first == r->last);
    }
    if (m->type == MESSAGE_CHAIN && m->as.chain.hashes == NULL) {
        assert(m->as.chain.signature + SIGNATURE_BYTES == bytes + used);
        assert(!message_chain_proved(m, "binding", 7, &nobody));
        return;
    }
    buffer_init(&again, MESSAGE_PAYLOAD_MAX + MESSAGE_HEADER_BYTES);
    encode(m, &again);
    assert(again.failed == ERR_NONE && again.count == used);
    assert(memcmp(again.bytes, bytes, used) == 0);
    buffer_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct message m, same;
    struct err e;
    size_t at = 0, used, ignored;
    int rc;

    while ((rc = message_next(&m, &used, bytes + at, count - at, &e)) == 1) {
        assert(used >= MESSAGE_HEADER_BYTES && used <= count - at);
        for (size_t n = 0; n < used; n += 1 + n / 4)
            assert(message_next(&same, &ignored, bytes + at, n, &e) == 0);
        check(&m, bytes + at, used);
        at += used;
    }
    assert(rc == 0 || (e.code == ERR_CORRUPT && used == 0));
    return 0;
}
