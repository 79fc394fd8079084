/* Fuzz: the entry stream of an archive, whole and byte by byte: both must tell the
 * same. The bytes are a name too, for the encoder: whatever it is given,
 * the parser takes what it makes. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "ocr/reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static int on_begin(void *arg, const char *name, struct err *e)
{
    (void)e;
    if (*name == '/' || *name == '\0' || strstr(name, "../") == name)
        abort();
    hasher_add(arg, name, strlen(name));
    return 0;
}

static int on_bytes(void *arg, const void *bytes, size_t count, struct err *e)
{
    (void)e;
    hasher_add(arg, bytes, count);
    return 0;
}

static int on_end(void *arg, enum refusal r, struct err *e)
{
    uint8_t byte = (uint8_t)r;

    (void)e;
    hasher_add(arg, &byte, 1);
    return 0;
}

static int tell(struct hash *story, const uint8_t *bytes, size_t count, size_t piece)
{
    struct hasher h;
    const struct entry_sink sink = {on_begin, on_bytes, on_end, &h};
    struct entry_parser *p;
    enum refusal refusal;
    uint64_t entries;
    struct err e;
    int rc = 0;

    hasher_init(&h);
    if (entry_parser_create(&p, &sink, &e) != 0)
        abort();
    for (size_t at = 0; at < count && rc == 0; at += piece)
        rc =
            entry_parser_feed(p, bytes + at, count - at < piece ? count - at : piece, &e);
    entry_parser_finish(p, &refusal, &entries);
    entry_parser_destroy(p);
    hasher_finish(&h, story);
    return rc;
}

static void try_name(const uint8_t *bytes, size_t count)
{
    char *name = malloc(count + 1);
    struct hash story;
    struct buffer b;

    memcpy(name, bytes, count);
    name[count] = '\0';
    buffer_init(&b, 1 << 16);
    entry_encode_begin(&b, name);
    entry_encode_end(&b, REFUSAL_NONE);
    entry_encode_finish(&b, 1);
    if (tell(&story, b.bytes, b.count, b.count) != 0)
        abort();
    buffer_release(&b);
    free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct hash whole, byte_by_byte;

    if (count == 0)
        return 0;
    try_name(bytes, count);
    if (tell(&whole, bytes, count, count) != tell(&byte_by_byte, bytes, count, 1))
        abort();
    if (!hash_equal(&whole, &byte_by_byte))
        abort();
    return 0;
}
