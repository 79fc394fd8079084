#include "tests/lib/packed_fake.h"

#include "ocr/repack/packed.h"

#define BYTES_MAX (16u << 20)
#define TURN      0x5a

static int read_file(struct disk_file *f, struct buffer *out, struct err *e)
{
    unsigned char chunk[4096];
    size_t got;

    buffer_init(out, BYTES_MAX);
    do {
        if (disk_file_read(f, chunk, sizeof chunk, out->count, &got, e) != 0)
            return -1;
        buffer_append(out, chunk, got);
    } while (got == sizeof chunk);
    return buffer_check(out, e);
}

static void turn_over(unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] ^= TURN;
}

void packed_fake_bytes(const void *original, size_t count, struct buffer *out)
{
    struct packed_head head = {.original_bytes = count};
    size_t body;

    hash_of(&head.sha256, original, count);
    packed_head_encode(&head, out);
    body = out->count;
    buffer_append(out, original, count);
    if (out->count == body + count)
        turn_over(out->bytes + body, count);
}

int packed_fake_pack(struct disk_file *original, const struct hash *sha256,
                     struct disk_file *packed, struct err *e)
{
    struct buffer bytes, out;
    int rc = read_file(original, &bytes, e);

    (void)sha256; /* the bytes tell */
    buffer_init(&out, BYTES_MAX);
    if (rc == 0) {
        packed_fake_bytes(bytes.bytes, bytes.count, &out);
        rc = buffer_check(&out, e);
    }
    if (rc == 0)
        rc = disk_file_write(packed, out.bytes, out.count, 0, e);
    buffer_release(&bytes);
    buffer_release(&out);
    return rc;
}

int packed_fake_restore(struct disk_file *packed, const struct hash *sha256,
                        struct disk_file *original, enum refusal *refusal, struct err *e)
{
    struct buffer bytes;
    struct packed_reader reader;
    struct err broken;
    struct hash came;
    int rc = read_file(packed, &bytes, e);

    *refusal = REFUSAL_DAMAGED;
    if (rc == 0 && packed_open(&reader, bytes.bytes, bytes.count, &broken) == 0) {
        unsigned char *body = bytes.bytes + PACKED_HEAD_BYTES;
        size_t count = bytes.count - PACKED_HEAD_BYTES;

        turn_over(body, count);
        hash_of(&came, body, count);
        if (hash_equal(&came, sha256)) {
            *refusal = REFUSAL_NONE;
            rc = disk_file_write(original, body, count, 0, e);
        }
    }
    buffer_release(&bytes);
    return rc;
}
