/* Buffer: bytes that grow, up to a cap that is given at init, because whoever
 * fills it may be hostile. The first failure sticks: appends after it do
 * nothing, so that a writer checks once, at the end, with buffer_check(). */
#ifndef TRAM_BASE_BUFFER_H
#define TRAM_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buffer {
    unsigned char *bytes; /* NULL while empty; NUL-terminated otherwise */
    size_t count;
    size_t capacity;
    size_t count_max;
    enum err_code failed; /* ERR_NONE, ERR_TOO_BIG or ERR_MEMORY */
};

void buffer_init(struct buffer *b, size_t count_max);

/* A zeroed or released buffer is fine. */
void buffer_release(struct buffer *b);

/* Empties it and forgets a failure; keeps the memory. */
void buffer_clear(struct buffer *b);

void buffer_append(struct buffer *b, const void *bytes, size_t count);
void buffer_append_text(struct buffer *b, const char *text);
void buffer_append_byte(struct buffer *b, uint8_t byte);
void buffer_append_format(struct buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Little-endian fixed widths, and LEB128 varints (zigzag for signed): the only
 * integers in our disk and wire formats. */
void buffer_append_u16(struct buffer *b, uint16_t value);
void buffer_append_u32(struct buffer *b, uint32_t value);
void buffer_append_u64(struct buffer *b, uint64_t value);
void buffer_append_varint(struct buffer *b, uint64_t value);
void buffer_append_signed(struct buffer *b, int64_t value);

/* 0, or -1 with the sticky failure in `e`. */
int buffer_check(const struct buffer *b, struct err *e);

/* Reads `fd` to its end. The descriptor stays the caller's. */
int buffer_read_fd(struct buffer *b, int fd, struct err *e);

/* Cursor: reads what a buffer wrote, never past its end. A read beyond the end
 * or a varint of more than ten bytes sets `failed`, and yields zeroes from then
 * on; check once with cursor_done(). */
struct cursor {
    const unsigned char *at;
    const unsigned char *end;
    bool failed;
};

void cursor_init(struct cursor *c, const void *bytes, size_t count);
uint8_t cursor_byte(struct cursor *c);
uint16_t cursor_u16(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64(struct cursor *c);
uint64_t cursor_varint(struct cursor *c);
int64_t cursor_signed(struct cursor *c);

/* Points into the bytes given at init; NULL (and failed) when fewer are left. */
const unsigned char *cursor_take(struct cursor *c, size_t count);
size_t cursor_left(const struct cursor *c);

/* 0 when all was read and nothing failed; ERR_CORRUPT otherwise. */
int cursor_done(const struct cursor *c, const char *what, struct err *e);

#endif
