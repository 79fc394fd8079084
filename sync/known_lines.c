#include "sync/known_lines.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC         "TRL2"
#define MAGIC_BYTES   4
#define PURPOSE       "tram lines"
#define PURPOSE_BYTES 10

void known_lines_release(struct known_lines *k)
{
    free(k->frames);
    *k = (struct known_lines){0};
}

/* What is signed: what it is for, and the bytes. */
static void signed_text(struct buffer *text, const void *bytes, size_t count)
{
    buffer_init(text, PURPOSE_BYTES + KNOWN_BYTES_MAX);
    buffer_append(text, PURPOSE, PURPOSE_BYTES);
    buffer_append(text, bytes, count);
}

static bool is_signed(const struct public_key *centre, const unsigned char *bytes,
                      size_t count)
{
    struct buffer text;
    bool proved;

    signed_text(&text, bytes, count - SIGNATURE_BYTES);
    proved = text.failed == ERR_NONE &&
             key_verify(centre, text.bytes, text.count, bytes + count - SIGNATURE_BYTES);
    buffer_release(&text);
    return proved;
}

static void append_ends(const struct known_lines *k, struct buffer *out)
{
    size_t count = 0;

    for (size_t i = 0; i < KNOWN_LINES; i++)
        count += k->ends[i] != 0;
    buffer_append_byte(out, (uint8_t)count); /* 255 is no box's */
    for (size_t i = 0; i < KNOWN_LINES; i++)
        if (k->ends[i] != 0) {
            buffer_append_byte(out, (uint8_t)i);
            buffer_append_u64(out, k->ends[i]);
        }
}

void known_lines_encode(const struct known_lines *k, const struct key_pair *centre,
                        struct buffer *out)
{
    uint8_t signature[SIGNATURE_BYTES];
    uint64_t before = k->floor;
    size_t at = out->count;
    struct buffer text;

    buffer_append(out, MAGIC, MAGIC_BYTES);
    buffer_append_u16(out, k->site);
    buffer_append_byte(out, k->epoch);
    buffer_append_byte(out, k->centre_epoch);
    buffer_append_u64(out, k->received);
    buffer_append_u64(out, k->floor);
    append_ends(k, out);
    buffer_append_u32(out, (uint32_t)k->count);
    for (size_t i = 0; i < k->count; i++) {
        buffer_append_varint(out, k->frames[i].sequence - before);
        buffer_append(out, k->frames[i].chain, CHAIN_HASH_BYTES);
        before = k->frames[i].sequence;
    }
    if (out->failed != ERR_NONE)
        return;
    signed_text(&text, out->bytes + at, out->count - at);
    if (text.failed != ERR_NONE)
        out->failed = text.failed;
    else
        key_sign(centre, text.bytes, text.count, signature);
    buffer_release(&text);
    buffer_append(out, signature, sizeof signature);
}

static int take_ends(struct known_lines *k, struct cursor *c, struct err *e)
{
    uint8_t count = cursor_byte(c);
    int before = -1;

    for (unsigned i = 0; i < count && !c->failed; i++) {
        uint8_t epoch = cursor_byte(c);
        uint64_t last = cursor_u64(c);

        if (epoch <= before || last == 0 || last > INT64_MAX)
            return err_set(e, ERR_REFUSED, "lines: line %u is malformed", i);
        k->ends[epoch] = last;
        before = epoch;
    }
    return 0;
}

static int take_frames(struct known_lines *k, struct cursor *c, uint32_t count,
                       struct err *e)
{
    uint64_t sequence = k->floor;

    if (count > KNOWN_FRAMES_MAX || count > cursor_left(c) / (1 + CHAIN_HASH_BYTES))
        return err_set(e, ERR_REFUSED, "lines: %u frames", count);
    k->frames = calloc(count == 0 ? 1 : count, sizeof *k->frames);
    if (k->frames == NULL)
        return err_set(e, ERR_MEMORY, "lines");
    for (; k->count < count; k->count++) {
        uint64_t step = cursor_varint(c);
        const unsigned char *chain = cursor_take(c, CHAIN_HASH_BYTES);

        if (chain == NULL || step > INT64_MAX - sequence)
            return err_set(e, ERR_REFUSED, "lines: frame %zu is malformed", k->count);
        sequence += step;
        k->frames[k->count].sequence = sequence;
        memcpy(k->frames[k->count].chain, chain, CHAIN_HASH_BYTES);
    }
    return cursor_left(c) == 0 ? 0 : err_set(e, ERR_REFUSED, "lines: too long");
}

int known_lines_decode(struct known_lines *out, const void *bytes, size_t count,
                       const struct public_key *centre, uint16_t site, struct err *e)
{
    struct cursor c;
    uint32_t frames;

    *out = (struct known_lines){0};
    if (count < MAGIC_BYTES + SIGNATURE_BYTES || count > KNOWN_BYTES_MAX ||
        memcmp(bytes, MAGIC, MAGIC_BYTES) != 0 || !is_signed(centre, bytes, count))
        return err_set(e, ERR_REFUSED, "lines: not signed by our centre");
    cursor_init(&c, (const unsigned char *)bytes + MAGIC_BYTES,
                count - MAGIC_BYTES - SIGNATURE_BYTES);
    out->site = cursor_u16(&c);
    out->epoch = cursor_byte(&c);
    out->centre_epoch = cursor_byte(&c);
    out->received = cursor_u64(&c);
    out->floor = cursor_u64(&c);
    if (take_ends(out, &c, e) != 0)
        return -1;
    frames = cursor_u32(&c);
    if (c.failed || out->site != site || out->floor > INT64_MAX ||
        out->received > INT64_MAX)
        (void)err_set(e, ERR_REFUSED, "lines: malformed, or of another site");
    else if (take_frames(out, &c, frames, e) == 0)
        return 0;
    known_lines_release(out);
    return -1;
}

bool known_lines_has(const struct known_lines *k, uint64_t sequence,
                     const uint8_t chain[CHAIN_HASH_BYTES])
{
    size_t low = 0, high = k->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (k->frames[middle].sequence < sequence)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < k->count && k->frames[low].sequence == sequence; low++)
        if (memcmp(k->frames[low].chain, chain, CHAIN_HASH_BYTES) == 0)
            return true;
    return false;
}
