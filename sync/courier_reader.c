#include "sync/courier_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#define WINDOW_BYTES 65536
#define BLOCK        COURIER_BLOCK_BYTES

struct courier_reader {
    struct disk_file *file;
    uint64_t file_bytes;
    uint64_t next;                      /* where the next header is looked for */
    uint64_t header_at;                 /* of the entry at hand */
    struct courier_entry entry;         /* … and what its name says */
    uint64_t fed;                       /* what libarchive was shown of the file */
    unsigned char window[WINDOW_BYTES]; /* a stretch of the file */
    uint64_t window_at;
    size_t window_count;
    struct err read_err; /* of the stick, inside libarchive */
    unsigned stretches;
    unsigned zeroes; /* blocks of zeroes just before `next` */
};

/* -------------------------------------------------------------------------- gate */

/* Where the fields of a ustar header are. */
enum {
    NAME = 0,
    NAME_BYTES = 100,
    NUMBERS = 100, /* mode, uid, gid, size, mtime, checksum: up to the type */
    SIZE = 124,
    SIZE_BYTES = 12,
    SUM = 148,
    SUM_BYTES = 8,
    TYPE = 156,
    LINK = 157,
    LINK_BYTES = 100,
    MAGIC = 257,
    OWNERS = 265, /* user, group: 32 each; devices: 8 each */
    DEVICES = 329,
    PREFIX = 345,
};

static bool all_zero(const unsigned char *at, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (at[i] != 0)
            return false;
    return true;
}

/* Octal digits, then nothing but blanks and NULs. */
static bool octal(const unsigned char *at, size_t count, uint64_t *out)
{
    size_t i = 0;

    *out = 0;
    while (i < count && at[i] >= '0' && at[i] <= '7')
        *out = *out * 8 + (uint64_t)(at[i++] - '0');
    if (i == 0)
        return false;
    for (; i < count; i++)
        if (at[i] != ' ' && at[i] != 0)
            return false;
    return true;
}

static bool sum_is_right(const unsigned char *block)
{
    uint64_t said, sum = 0;

    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= SUM && i < SUM + SUM_BYTES ? ' ' : block[i];
    return octal(block + SUM, SUM_BYTES, &said) && said == sum;
}

/* Digits and blanks only, so that no number is of another kind than octal. */
static bool numbers_are_plain(const unsigned char *at, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (at[i] != ' ' && at[i] != 0 && (at[i] < '0' || at[i] > '7'))
            return false;
    return true;
}

bool courier_gate(const unsigned char block[BLOCK], struct courier_entry *out)
{
    char name[NAME_BYTES + 1];
    uint64_t bytes;

    if (block[TYPE] != '0' ||
        memcmp(block + MAGIC,
               "ustar\0"
               "00",
               8) != 0 ||
        !sum_is_right(block) || !numbers_are_plain(block + NUMBERS, TYPE - NUMBERS) ||
        !octal(block + SIZE, SIZE_BYTES, &bytes) || bytes > COURIER_ENTRY_BYTES_MAX ||
        !all_zero(block + LINK, LINK_BYTES) ||
        !all_zero(block + OWNERS, DEVICES - OWNERS) ||
        !numbers_are_plain(block + DEVICES, PREFIX - DEVICES) ||
        !all_zero(block + PREFIX, BLOCK - PREFIX))
        return false;
    memcpy(name, block + NAME, NAME_BYTES);
    name[NAME_BYTES] = '\0';
    if (!all_zero(block + NAME + strlen(name), NAME_BYTES - strlen(name)) ||
        !courier_entry_read(out, name))
        return false;
    out->bytes = bytes;
    return true;
}

/* ------------------------------------------------------------------------ window */

/* Makes the window hold what is at `at`; *count of it are there (0 at the end). */
static int window_at(struct courier_reader *r, uint64_t at, const unsigned char **out,
                     size_t *count, struct err *e)
{
    if (at < r->window_at || at >= r->window_at + r->window_count) {
        r->window_count = 0;
        r->window_at = at;
        if (disk_file_read(r->file, r->window, sizeof r->window, at, &r->window_count,
                           e) != 0) {
            r->window_count = 0;
            return -1;
        }
    }
    *out = r->window + (at - r->window_at);
    *count = r->window_count - (size_t)(at - r->window_at);
    return 0;
}

int courier_reader_open(struct courier_reader **out, struct disk *stick, const char *path,
                        struct err *e)
{
    struct courier_reader *r = calloc(1, sizeof *r);

    *out = NULL;
    if (r == NULL)
        return err_set(e, ERR_MEMORY, "courier");
    if (disk_open(stick, &r->file, path, DISK_READ, e) != 0 ||
        disk_file_size(r->file, &r->file_bytes, e) != 0) {
        courier_reader_close(r);
        return err_wrap(e, "courier");
    }
    *out = r;
    return 0;
}

void courier_reader_close(struct courier_reader *r)
{
    if (r == NULL)
        return;
    disk_close(r->file);
    free(r);
}

/* -------------------------------------------------------------------------- next */

static uint64_t padded(uint64_t bytes)
{
    return (bytes + BLOCK - 1) / BLOCK * BLOCK;
}

int courier_reader_next(struct courier_reader *r, struct courier_entry *out,
                        struct err *e)
{
    bool in_stretch = false;
    const unsigned char *block;
    size_t count;

    for (; r->next < r->file_bytes; r->next += BLOCK) {
        if (window_at(r, r->next, &block, &count, e) != 0)
            return err_wrap(e, "courier");
        if (count < BLOCK)
            break;
        if (courier_gate(block, &r->entry)) {
            r->header_at = r->next;
            r->next += BLOCK + padded(r->entry.bytes);
            r->zeroes = 0;
            *out = r->entry;
            return 1;
        }
        if (all_zero(block, BLOCK)) {
            r->zeroes++;
            in_stretch = false;
            continue;
        }
        r->zeroes = 0;
        r->stretches += in_stretch ? 0 : 1;
        in_stretch = true;
    }
    return 0;
}

/* ------------------------------------------------------------------------- bytes */

/* To libarchive: the file from the header on, and no further than its entry. */
static la_ssize_t feed(struct archive *a, void *arg, const void **out)
{
    struct courier_reader *r = arg;
    uint64_t end = r->header_at + BLOCK + padded(r->entry.bytes);
    const unsigned char *at;
    size_t count;

    if (r->fed >= end)
        return 0;
    if (window_at(r, r->fed, &at, &count, &r->read_err) != 0) {
        archive_set_error(a, EIO, "the stick cannot be read");
        return ARCHIVE_FATAL;
    }
    if (count > end - r->fed)
        count = (size_t)(end - r->fed);
    r->fed += count;
    *out = at;
    return (la_ssize_t)count;
}

static bool read_entry(struct courier_reader *r, struct archive *a, struct buffer *out)
{
    struct archive_entry *entry;
    unsigned char piece[16384];
    la_ssize_t n;

    if (archive_read_support_format_tar(a) != ARCHIVE_OK ||
        archive_read_open2(a, r, NULL, feed, NULL, NULL) != ARCHIVE_OK ||
        archive_read_next_header(a, &entry) != ARCHIVE_OK ||
        archive_entry_filetype(entry) != AE_IFREG ||
        archive_entry_size(entry) != (la_int64_t)r->entry.bytes)
        return false;
    while ((n = archive_read_data(a, piece, sizeof piece)) > 0) {
        buffer_append(out, piece, (size_t)n);
        if (out->count > r->entry.bytes)
            return false;
    }
    return n == 0;
}

int courier_reader_bytes(struct courier_reader *r, struct buffer *out, bool *sound,
                         struct err *e)
{
    struct archive *a = archive_read_new();

    buffer_clear(out);
    *sound = false;
    if (a == NULL)
        return err_set(e, ERR_MEMORY, "courier");
    r->fed = r->header_at;
    *sound = read_entry(r, a, out);
    archive_read_free(a);
    if (out->failed == ERR_MEMORY)
        return err_set(e, ERR_MEMORY, "courier: an entry of a stick");
    *sound = *sound && out->failed == ERR_NONE &&
             courier_entry_sound(&r->entry, out->bytes, out->count);
    return 0;
}

uint64_t courier_reader_at(const struct courier_reader *r)
{
    return r->next < r->file_bytes ? r->next : r->file_bytes;
}

unsigned courier_reader_stretches(const struct courier_reader *r)
{
    return r->stretches;
}

bool courier_reader_cut_off(const struct courier_reader *r)
{
    return r->zeroes < 2 || r->next > r->file_bytes;
}
