/* Fuzz: a sealed blob. The first byte says how the rest is used: 0, it is what
 * arrived; else it is a blob, sealed by a good key, and that byte says where one bit
 * of it was turned over afterwards (255: nowhere). What opens is the blob. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sync/sealed_blob.h"

#define SITE 17

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/* A file in memory, for reading: the only two calls that the format makes. */
struct memory_file {
    struct disk_file file;
    const unsigned char *bytes;
    size_t count;
};

static int memory_read(struct disk_file *f, void *bytes, size_t count, uint64_t offset,
                       size_t *got, struct err *e)
{
    const struct memory_file *m = (const struct memory_file *)f;

    (void)e;
    *got = offset < m->count ? m->count - (size_t)offset : 0;
    if (*got > count)
        *got = count;
    if (*got > 0)
        memcpy(bytes, m->bytes + offset, *got);
    return 0;
}

static int memory_size(struct disk_file *f, uint64_t *bytes, struct err *e)
{
    (void)e;
    *bytes = ((const struct memory_file *)f)->count;
    return 0;
}

static const struct disk_ops memory_ops = {.read_at = memory_read, .size = memory_size};
static struct disk memory = {.ops = &memory_ops};

static int sink(void *arg, const void *bytes, size_t count, struct err *e)
{
    buffer_append(arg, bytes, count);
    return buffer_check(arg, e);
}

static int open_sealed(const void *bytes, size_t count, struct hash *sha256,
                       struct buffer *plain)
{
    static const uint8_t shared[SHARED_BYTES] = {5};
    struct memory_file f = {.file.disk = &memory, .bytes = bytes, .count = count};
    struct hash found;
    struct err e;

    if (sealed_blob_open(&f.file, SITE, shared, sha256, sink, plain, &e) != 0) {
        assert(e.code == ERR_REFUSED);
        return -1;
    }
    hash_of(&found, plain->bytes, plain->count);
    assert(hash_equal(&found, sha256));
    return 0;
}

static void seal(const uint8_t *bytes, size_t count, struct buffer *out)
{
    static const uint8_t shared[SHARED_BYTES] = {5};
    struct memory_file f = {.file.disk = &memory, .bytes = bytes, .count = count};
    struct hash sha256;
    struct err e;
    size_t half = (size_t)sealed_bytes(count) / 2;
    int rc;

    hash_of(&sha256, bytes, count);
    rc = sealed_blob_read(&f.file, SITE, &sha256, shared, 0, half, out, &e);
    assert(rc == 0);
    rc = sealed_blob_read(&f.file, SITE, &sha256, shared, half, 1 << 20, out, &e);
    assert(rc == 0 && out->count == sealed_bytes(count));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct buffer sealed, plain;
    struct hash sha256;
    int rc;

    if (count == 0)
        return 0;
    buffer_init(&sealed, 1 << 20);
    buffer_init(&plain, 1 << 20);
    if (bytes[0] == 0) {
        (void)open_sealed(bytes + 1, count - 1, &sha256, &plain);
    } else {
        seal(bytes + 1, count - 1, &sealed);
        if (bytes[0] != 255)
            sealed.bytes[bytes[0] * (sealed.count - 1) / 255] ^= 1;
        rc = open_sealed(sealed.bytes, sealed.count, &sha256, &plain);
        assert((rc == 0) == (bytes[0] == 255));
        if (rc == 0)
            assert(plain.count == count - 1 &&
                   (count == 1 || memcmp(plain.bytes, bytes + 1, count - 1) == 0));
    }
    buffer_release(&sealed);
    buffer_release(&plain);
    return 0;
}
