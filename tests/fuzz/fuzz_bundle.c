/* Fuzz: a bundle. The first byte says how the rest is used:
 *   0    the bundle as it is; nobody has the key to make one that opens
 *   1    frames, as a box with a good key would pack them, whatever they are
 *   2    u8 packing | u32 frames | u32 plain bytes | what was packed: a box with a
 *        good key that lies in its header, and names a history and a dictionary that are
 *        here, or are not
 * What opens has frames that lie inside it and count up, and says the same when it
 * is written again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sync/bundle_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static const struct hash chain = {{7}};
static struct random_seeded seeded;
static struct key_pair box, centre;

static void make_keys(void)
{
    random_seeded_init(&seeded, 1);
    key_pair_make(&box, &seeded.random);
    key_pair_make(&centre, &seeded.random);
}

static void check_frames(const struct bundle *b)
{
    const unsigned char *end = b->plain + b->header.plain_bytes;

    assert(b->frames_count == b->header.frames && b->frames_count > 0);
    for (size_t i = 0; i < b->frames_count; i++) {
        const struct frame *f = &b->frames[i];

        assert(f->sequence == b->header.first + i);
        assert(f->changeset >= b->plain && f->changeset + f->changeset_bytes <= end);
    }
}

/* A frame may be told in more bytes than it needs, so only the meaning is compared. */
static void check_again(const struct bundle *b)
{
    struct bundle_writer *w = NULL;
    struct bundle again;
    struct buffer sealed;
    struct err e;
    int rc;

    buffer_init(&sealed, BUNDLE_BYTES_MAX);
    rc = bundle_writer_create(&w, b->header.direction, b->header.site, b->header.epoch,
                              &e);
    for (size_t i = 0; rc == 0 && i < b->frames_count; i++)
        rc = bundle_writer_add(w, &b->frames[i], &e);
    assert(rc == 0);
    rc = bundle_writer_seal(w, &chain, &box, &centre.public_key, &seeded.random, &sealed,
                            &e);
    assert(rc == 0);
    rc = bundle_open(&again, sealed.bytes, sealed.count, &centre, &box.public_key, NULL,
                     &e);
    assert(rc == 0 && again.frames_count == b->frames_count);
    assert(bundle_proved(sealed.bytes, sealed.count, &box.public_key, &chain));
    for (size_t i = 0; i < b->frames_count; i++) {
        assert(again.frames[i].sequence == b->frames[i].sequence);
        assert(again.frames[i].changeset_bytes == b->frames[i].changeset_bytes);
    }
    bundle_release(&again);
    bundle_writer_destroy(w);
    buffer_release(&sealed);
}

/* As many bytes as are asked for, if the first byte of the chain hash is even. */
static int find_history(void *arg, const struct bundle_header *h,
                        const struct history_name *name, struct buffer *out,
                        struct err *e)
{
    (void)arg;
    assert(name->last > 0 && name->last < h->first && name->bytes > 0 &&
           name->bytes <= BUNDLE_HISTORY_MAX);
    if ((name->chain[0] & 1) != 0)
        return 0;
    for (uint32_t i = 0; i < name->bytes && i < 65536; i++)
        buffer_append_byte(out, (uint8_t)(i * 7));
    return buffer_check(out, e) == 0 ? 1 : -1;
}

static int find_dictionary(void *arg, uint32_t number, struct buffer *out, struct err *e)
{
    (void)arg;
    if ((number & 1) != 0)
        return 0;
    buffer_append_text(out, "Ủy ban nhân dân");
    return buffer_check(out, e) == 0 ? 1 : -1;
}

static void open_it(const void *bytes, size_t count)
{
    static const struct bundle_sources sources = {.history = find_history,
                                                  .dictionary = find_dictionary};
    struct bundle b;
    struct err e;

    if (bundle_open(&b, bytes, count, &centre, &box.public_key, &sources, &e) != 0) {
        assert(e.code == ERR_REFUSED && b.frames == NULL && b.plain == NULL);
        return;
    }
    assert(b.lacks == BUNDLE_LACKS_NOTHING);
    check_frames(&b);
    check_again(&b);
    bundle_release(&b);
}

static void seal_and_open(struct bundle_header *h, const unsigned char *packed,
                          size_t count)
{
    struct buffer b, sealed;
    struct err e;
    int rc;

    buffer_init(&b, BUNDLE_PLAIN_MAX);
    buffer_init(&sealed, BUNDLE_BYTES_MAX);
    buffer_append(&b, packed, count);
    h->site = 17;
    h->first = 41;
    rc =
        bundle_seal(h, &b, &chain, &box, &centre.public_key, &seeded.random, &sealed, &e);
    assert(rc == 0);
    open_it(sealed.bytes, sealed.count);
    buffer_release(&b);
    buffer_release(&sealed);
}

/* As many frames as the bytes hold at least one of. */
static uint32_t frames_in(const unsigned char *bytes, size_t count)
{
    struct cursor c;
    uint32_t frames = 0;

    cursor_init(&c, bytes, count);
    while (cursor_left(&c) > 0 && !c.failed && frames < BUNDLE_FRAMES_MAX) {
        (void)cursor_varint(&c);
        (void)cursor_varint(&c);
        (void)cursor_take(&c, (size_t)cursor_varint(&c));
        frames++;
    }
    return frames;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct bundle_header h = {0};
    struct cursor c;

    if (seeded.random.fill == NULL)
        make_keys();
    if (count == 0)
        return 0;
    cursor_init(&c, bytes + 1, count - 1);
    switch (bytes[0] % 3) {
    case 0:
        open_it(bytes + 1, count - 1);
        break;
    case 1:
        h.frames = frames_in(bytes + 1, count - 1);
        h.plain_bytes = (uint32_t)(count - 1);
        seal_and_open(&h, bytes + 1, count - 1);
        break;
    default:
        h.packing = (enum packing)cursor_byte(&c);
        h.dictionary = (uint32_t)h.packing >> 4; /* and in the upper half the number */
        h.packing = (enum packing)((unsigned)h.packing & 15);
        h.frames = cursor_u32(&c);
        h.plain_bytes = cursor_u32(&c);
        seal_and_open(&h, c.at, cursor_left(&c));
        break;
    }
    return 0;
}
