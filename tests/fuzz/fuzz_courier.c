/* Fuzz: a tar on a stick. The first byte says what is done to the rest before it is
 * read: with bit 0 every block that begins as an entry of ours gets the checksum that
 * it should have, with bit 1 the magic and type too, so that what is behind the gate
 * is reached. What is read lies in the file, is named by names of ours, and is sound
 * only if its hash says so. The rest, as a text, is also the name of a file. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/courier_reader.h"

#define BLOCK COURIER_BLOCK_BYTES

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/* A file in memory, for reading. */
struct memory_file {
    struct disk_file file;
    const unsigned char *bytes;
    size_t count;
};

static struct memory_file opened;

static int memory_open(struct disk *d, struct disk_file **out, const char *path,
                       enum disk_open how, struct err *e)
{
    (void)path;
    (void)how;
    (void)e;
    opened.file.disk = d;
    *out = &opened.file;
    return 0;
}

static void memory_close(struct disk_file *f)
{
    (void)f;
}

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

static const struct disk_ops memory_ops = {.open = memory_open,
                                           .close = memory_close,
                                           .read_at = memory_read,
                                           .size = memory_size};
static struct disk memory = {.ops = &memory_ops};

static void mend(unsigned char *block, bool magic)
{
    unsigned sum = 0;

    if (magic) {
        block[156] = '0';
        memcpy(block + 257,
               "ustar\0"
               "00",
               8);
    }
    memset(block + 148, ' ', 8);
    for (size_t i = 0; i < BLOCK; i++)
        sum += block[i];
    (void)snprintf((char *)block + 148, 7, "%06o", sum);
}

static void check_entry(const struct courier_entry *n)
{
    char name[COURIER_ENTRY_NAME_MAX + 1];
    struct courier_entry again;

    courier_entry_write(name, n);
    assert(courier_entry_read(&again, name));
    assert(again.what == n->what && again.at == n->at && again.end == n->end);
    assert(courier_line_equal(&again.line, &n->line));
    assert(n->bytes <= COURIER_ENTRY_BYTES_MAX);
}

static void read_tar(void)
{
    struct courier_reader *r;
    struct courier_entry n;
    struct buffer entry;
    struct err e;
    size_t entries = 0;
    bool sound;
    int rc;

    rc = courier_reader_open(&r, &memory, "tar", &e);
    assert(rc == 0);
    buffer_init(&entry, COURIER_ENTRY_BYTES_MAX);
    while (courier_reader_next(r, &n, &e) == 1) {
        check_entry(&n);
        rc = courier_reader_bytes(r, &entry, &sound, &e);
        assert(rc == 0);
        assert(!sound || courier_entry_sound(&n, entry.bytes, entry.count));
        entries++;
    }
    assert(entries <= opened.count / BLOCK);
    assert(courier_reader_at(r) <= opened.count);
    (void)courier_reader_cut_off(r);
    courier_reader_close(r);
    buffer_release(&entry);
}

static void read_name(const unsigned char *bytes, size_t count)
{
    char text[256], again[COURIER_NAME_BYTES];
    struct courier_name n, same;

    if (count >= sizeof text)
        return;
    memcpy(text, bytes, count);
    text[count] = '\0';
    if (!courier_name_read(&n, text))
        return;
    courier_name_write(again, &n);
    assert(courier_name_read(&same, again));
    assert(same.number == n.number && same.direction == n.direction);
    assert(courier_line_equal(&same.line, &n.line));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    unsigned char *tar;

    if (count < 1)
        return 0;
    tar = malloc(count);
    assert(tar != NULL);
    memcpy(tar, bytes + 1, count - 1);
    opened.bytes = tar;
    opened.count = count - 1;
    for (size_t at = 0; (bytes[0] & 1) != 0 && at + BLOCK <= opened.count; at += BLOCK)
        if (memcmp(tar + at, "tram1/", 6) == 0)
            mend(tar + at, (bytes[0] & 2) != 0);
    read_tar();
    read_name(tar, opened.count);
    free(tar);
    return 0;
}
