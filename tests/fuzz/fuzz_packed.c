/* Fuzz: the packed form: what is told of it makes up what its head says, and encodes
 * to the same bytes again. The bytes are a document too: the JPEGs found in it lie
 * within, one behind the other. */
#include <stdlib.h>
#include <string.h>

#include "ocr/repack/jpeg_find.h"
#include "ocr/repack/packed.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void read_packed(const uint8_t *bytes, size_t count)
{
    struct packed_reader reader;
    struct packed_segment s;
    struct buffer again;
    uint64_t told = 0;
    struct err e;
    int rc;

    if (packed_open(&reader, bytes, count, &e) != 0)
        return;
    buffer_init(&again, count);
    packed_head_encode(&reader.head, &again);
    while ((rc = packed_next(&reader, &s, &e)) == 1) {
        told += s.original_bytes;
        packed_segment_encode(&s, &again);
        buffer_append(&again, s.stored, s.stored_count);
    }
    if (told > reader.head.original_bytes || again.failed != ERR_NONE ||
        memcmp(again.bytes, bytes, again.count) != 0)
        abort();
    if (rc == 0 && (told != reader.head.original_bytes || again.count != count))
        abort();
    buffer_release(&again);
}

static void find_jpegs(const uint8_t *bytes, size_t count)
{
    struct jpeg_finder finder;
    size_t end = 0, at, size;

    jpeg_finder_init(&finder, bytes, count);
    while (jpeg_finder_next(&finder, &at, &size)) {
        if (at < end || size < JPEG_FIND_BYTES_MIN || size > count - at)
            abort();
        end = at + size;
        if (memcmp(bytes + at, "\xff\xd8\xff", 3) != 0 ||
            memcmp(bytes + end - 2, "\xff\xd9", 2) != 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    read_packed(bytes, count);
    find_jpegs(bytes, count);
    return 0;
}
