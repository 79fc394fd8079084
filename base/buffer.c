#include "base/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CAPACITY_MIN     64
#define VARINT_BYTES_MAX 10
#define READ_BYTES       65536

void buffer_init(struct buffer *b, size_t count_max)
{
    *b = (struct buffer){.count_max = count_max};
}

void buffer_release(struct buffer *b)
{
    free(b->bytes);
    *b = (struct buffer){.count_max = b->count_max};
}

void buffer_clear(struct buffer *b)
{
    b->count = 0;
    b->failed = ERR_NONE;
    if (b->bytes != NULL)
        b->bytes[0] = '\0';
}

/* Makes room for `count` more and the NUL; 0 or -1 with the failure noted. */
static int make_room(struct buffer *b, size_t count)
{
    size_t capacity = b->capacity < CAPACITY_MIN ? CAPACITY_MIN : b->capacity;
    unsigned char *bytes;

    if (b->failed != ERR_NONE)
        return -1;
    if (count > b->count_max - b->count) {
        b->failed = ERR_TOO_BIG;
        return -1;
    }
    if (b->bytes != NULL && b->count + count < b->capacity)
        return 0;
    while (capacity <= b->count + count)
        capacity *= 2;
    bytes = realloc(b->bytes, capacity);
    if (bytes == NULL) {
        b->failed = ERR_MEMORY;
        return -1;
    }
    b->bytes = bytes;
    b->capacity = capacity;
    return 0;
}

void buffer_append(struct buffer *b, const void *bytes, size_t count)
{
    if (make_room(b, count) != 0)
        return;
    if (count > 0)
        memcpy(b->bytes + b->count, bytes, count);
    b->count += count;
    b->bytes[b->count] = '\0';
}

void buffer_append_text(struct buffer *b, const char *text)
{
    buffer_append(b, text, strlen(text));
}

void buffer_append_byte(struct buffer *b, uint8_t byte)
{
    buffer_append(b, &byte, 1);
}

void buffer_append_format(struct buffer *b, const char *format, ...)
{
    va_list args;
    int count;

    va_start(args, format);
    count = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (count < 0) {
        b->failed = ERR_TOO_BIG;
        return;
    }
    if (make_room(b, (size_t)count) != 0)
        return;
    va_start(args, format);
    (void)vsnprintf((char *)b->bytes + b->count, (size_t)count + 1, format, args);
    va_end(args);
    b->count += (size_t)count;
}

static void append_little_endian(struct buffer *b, uint64_t value, size_t width)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < width; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
    buffer_append(b, bytes, width);
}

void buffer_append_u16(struct buffer *b, uint16_t value)
{
    append_little_endian(b, value, 2);
}

void buffer_append_u32(struct buffer *b, uint32_t value)
{
    append_little_endian(b, value, 4);
}

void buffer_append_u64(struct buffer *b, uint64_t value)
{
    append_little_endian(b, value, 8);
}

void buffer_append_varint(struct buffer *b, uint64_t value)
{
    while (value >= 0x80) {
        buffer_append_byte(b, (uint8_t)(value | 0x80));
        value >>= 7;
    }
    buffer_append_byte(b, (uint8_t)value);
}

void buffer_append_signed(struct buffer *b, int64_t value)
{
    uint64_t shifted = (uint64_t)value << 1;

    buffer_append_varint(b, value < 0 ? ~shifted : shifted);
}

int buffer_check(const struct buffer *b, struct err *e)
{
    if (b->failed == ERR_TOO_BIG)
        return err_set(e, ERR_TOO_BIG, "more than %zu bytes", b->count_max);
    if (b->failed != ERR_NONE)
        return err_set(e, b->failed, "out of memory at %zu bytes", b->count);
    return 0;
}

int buffer_read_fd(struct buffer *b, int fd, struct err *e)
{
    unsigned char chunk[READ_BYTES];

    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(e, ERR_IO, "read");
        if (n == 0)
            return buffer_check(b, e);
        buffer_append(b, chunk, (size_t)n);
        if (buffer_check(b, e) != 0)
            return -1;
    }
}

void cursor_init(struct cursor *c, const void *bytes, size_t count)
{
    c->at = bytes;
    c->end = count == 0 ? c->at : c->at + count;
    c->failed = false;
}

const unsigned char *cursor_take(struct cursor *c, size_t count)
{
    const unsigned char *at = c->at;

    if (c->failed || count > (size_t)(c->end - c->at)) {
        c->failed = true;
        return NULL;
    }
    c->at += count;
    return at;
}

static uint64_t take_little_endian(struct cursor *c, size_t width)
{
    const unsigned char *bytes = cursor_take(c, width);
    uint64_t value = 0;

    for (size_t i = 0; bytes != NULL && i < width; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

uint8_t cursor_byte(struct cursor *c)
{
    return (uint8_t)take_little_endian(c, 1);
}

uint16_t cursor_u16(struct cursor *c)
{
    return (uint16_t)take_little_endian(c, 2);
}

uint32_t cursor_u32(struct cursor *c)
{
    return (uint32_t)take_little_endian(c, 4);
}

uint64_t cursor_u64(struct cursor *c)
{
    return take_little_endian(c, 8);
}

uint64_t cursor_varint(struct cursor *c)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < VARINT_BYTES_MAX; i++) {
        uint8_t byte = cursor_byte(c);

        /* The tenth byte holds the 64th bit and nothing else. */
        if (i == VARINT_BYTES_MAX - 1 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80)
            return c->failed ? 0 : value;
    }
    c->failed = true;
    return 0;
}

int64_t cursor_signed(struct cursor *c)
{
    uint64_t value = cursor_varint(c);

    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

size_t cursor_left(const struct cursor *c)
{
    return c->failed ? 0 : (size_t)(c->end - c->at);
}

int cursor_done(const struct cursor *c, const char *what, struct err *e)
{
    if (c->failed)
        return err_set(e, ERR_CORRUPT, "%s is cut off or malformed", what);
    if (c->at != c->end)
        return err_set(e, ERR_CORRUPT, "%s has %zu bytes too many", what,
                       (size_t)(c->end - c->at));
    return 0;
}
