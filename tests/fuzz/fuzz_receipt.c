/* Fuzz: a receipt, as it is and with the centre's signature put behind it, as a
 * centre would that says strange things. What is taken contradicts itself nowhere
 * and is the same bytes when it is written again. */
#include <assert.h>
#include <string.h>

#include "sync/receipt.h"

#define SITE 17

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static struct random_seeded seeded;
static struct key_pair centre;

static void check(const struct receipt *r, const struct buffer *signed_bytes)
{
    struct buffer again;

    assert(r->site == SITE && r->applied <= r->received && r->safe <= r->received);
    assert(r->missing_first == 0 ||
           (r->missing_first == r->received + 1 && r->missing_last >= r->missing_first));
    buffer_init(&again, RECEIPT_BYTES_MAX);
    receipt_encode(r, &centre, &again);
    assert(again.count == signed_bytes->count);
    assert(memcmp(again.bytes, signed_bytes->bytes, again.count) == 0);
    buffer_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    uint8_t signature[SIGNATURE_BYTES];
    struct buffer b;
    struct receipt r;
    struct err e;

    if (seeded.random.fill == NULL) {
        random_seeded_init(&seeded, 1);
        key_pair_make(&centre, &seeded.random);
    }
    if (receipt_decode(&r, bytes, count, &centre.public_key, SITE, &e) == 0)
        receipt_release(&r);
    else
        assert(e.code == ERR_REFUSED && r.blobs == NULL);

    buffer_init(&b, 1 << 20);
    buffer_append(&b, bytes, count);
    key_sign(&centre, bytes, count, signature);
    buffer_append(&b, signature, sizeof signature);
    if (receipt_decode(&r, b.bytes, b.count, &centre.public_key, SITE, &e) == 0) {
        check(&r, &b);
        receipt_release(&r);
    } else {
        assert(e.code == ERR_REFUSED && r.blobs == NULL);
    }
    buffer_release(&b);
    return 0;
}
