/* Fuzz: the plain bytes of a second copy's manifest, as whoever has the recovery key
 * could write them. What is taken is the same bytes when it is written again, or at
 * least the same manifest. And what a person types as a recovery key. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/backup_manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void check_again(const struct manifest *m)
{
    struct manifest again;
    struct buffer b;
    struct err e;

    buffer_init(&b, MANIFEST_BYTES_MAX);
    copy_manifest_encode(m, &b);
    assert(copy_manifest_decode(&again, b.bytes, b.count, &e) == 0);
    assert(again.generation == m->generation && again.keys_count == m->keys_count);
    assert(again.database.count == m->database.count);
    assert(again.blobs.count == m->blobs.count);
    copy_manifest_release(&again);
    buffer_release(&b);
}

static void check_key(const uint8_t *bytes, size_t count)
{
    char typed[256], text[RECOVERY_TEXT_BYTES];
    struct recovery_key key, again;

    if (count >= sizeof typed)
        count = sizeof typed - 1;
    memcpy(typed, bytes, count);
    typed[count] = '\0';
    if (recovery_from_text(&key, typed) != 0)
        return;
    recovery_to_text(text, &key);
    assert(recovery_from_text(&again, text) == 0);
    assert(memcmp(key.bytes, again.bytes, sizeof key.bytes) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct manifest m;
    struct err e;

    if (copy_manifest_decode(&m, bytes, count, &e) == 0) {
        for (size_t i = 0; i < m.keys_count; i++)
            assert(strchr(m.keys[i].name, '/') == NULL && m.keys[i].name[0] != '\0');
        check_again(&m);
        copy_manifest_release(&m);
    } else {
        assert(e.code == ERR_CORRUPT || e.code == ERR_MEMORY);
        assert(m.database.hashes == NULL && m.blobs.hashes == NULL);
    }
    check_key(bytes, count);
    return 0;
}
