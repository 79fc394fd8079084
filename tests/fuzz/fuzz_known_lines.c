/* Fuzz: what a stick says of a site's lines, as it is and with the centre's signature put
 * behind it, as a centre would that says strange things. What is taken is in order, is
 * found, and is the same when it is written again. */
#include <assert.h>
#include <string.h>

#include "sync/known_lines.h"

#define SITE 17

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static struct random_seeded seeded;
static struct key_pair centre;

static void check(const struct known_lines *k)
{
    struct known_lines same;
    struct buffer again;
    struct err e;

    for (size_t i = 0; i < k->count; i++) {
        assert(k->frames[i].sequence >= (i == 0 ? k->floor : k->frames[i - 1].sequence));
        assert(known_lines_has(k, k->frames[i].sequence, k->frames[i].chain));
    }
    buffer_init(&again, KNOWN_BYTES_MAX);
    known_lines_encode(k, &centre, &again);
    assert(again.failed == ERR_NONE);
    assert(known_lines_decode(&same, again.bytes, again.count, &centre.public_key, SITE,
                              &e) == 0);
    assert(same.count == k->count && same.received == k->received);
    known_lines_release(&same);
    buffer_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static const char purpose[] = "tram lines";
    uint8_t signature[SIGNATURE_BYTES];
    struct known_lines k;
    struct buffer b;
    struct err e;

    if (seeded.random.fill == NULL) {
        random_seeded_init(&seeded, 1);
        key_pair_make(&centre, &seeded.random);
    }
    if (known_lines_decode(&k, bytes, count, &centre.public_key, SITE, &e) == 0)
        known_lines_release(&k);
    else
        assert(e.code == ERR_REFUSED && k.frames == NULL);

    buffer_init(&b, 1 << 20);
    buffer_append(&b, purpose, sizeof purpose - 1);
    buffer_append(&b, bytes, count);
    if (b.failed == ERR_NONE) {
        key_sign(&centre, b.bytes, b.count, signature);
        buffer_append(&b, signature, sizeof signature);
    }
    if (b.failed == ERR_NONE &&
        known_lines_decode(&k, b.bytes + sizeof purpose - 1, b.count - sizeof purpose + 1,
                           &centre.public_key, SITE, &e) == 0) {
        check(&k);
        known_lines_release(&k);
    }
    buffer_release(&b);
    return 0;
}
