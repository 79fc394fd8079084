#include "tests/bench/points.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/buffer.h"

#define TEXT_BYTES_MAX  (16u << 20)
#define BYTE_ORDER_MARK 0xfeff
#define NOT_A_LETTER    "\xef\xbf\xbd"

void points_release(struct points *p)
{
    free(p->at);
    *p = (struct points){0};
}

static int points_room(struct points *out, size_t count, struct err *e)
{
    *out = (struct points){.at = malloc((count + 1) * sizeof *out->at)};
    if (out->at == NULL)
        return err_set(e, ERR_MEMORY, "%zu letters", count);
    return 0;
}

/* Unicode's White_Space, and the four separators of ASCII. */
static bool is_space(uint32_t p)
{
    return (p >= 0x09 && p <= 0x0d) || (p >= 0x1c && p <= 0x20) || p == 0x85 ||
           p == 0xa0 || p == 0x1680 || (p >= 0x2000 && p <= 0x200a) || p == 0x2028 ||
           p == 0x2029 || p == 0x202f || p == 0x205f || p == 0x3000;
}

static void collapse(struct points *p)
{
    size_t kept = 0;

    for (size_t i = 0; i < p->count; i++) {
        uint32_t point = p->at[i];

        if (point == BYTE_ORDER_MARK)
            continue;
        if (!is_space(point))
            p->at[kept++] = point;
        else if (kept > 0 && p->at[kept - 1] != ' ')
            p->at[kept++] = ' ';
    }
    p->count = kept > 0 && p->at[kept - 1] == ' ' ? kept - 1 : kept;
}

static void append_valid(struct buffer *out, const char *text, size_t bytes)
{
    while (bytes > 0) {
        utf8proc_int32_t point;
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text,
                                              (utf8proc_ssize_t)bytes, &point);

        if (n > 0) {
            buffer_append(out, text, (size_t)n);
        } else {
            buffer_append_text(out, NOT_A_LETTER);
            n = 1;
        }
        text += n;
        bytes -= (size_t)n;
    }
}

/* Valid UTF-8 in canonical parts. */
static int decompose(struct points *out, const void *text, size_t bytes, struct err *e)
{
    utf8proc_ssize_t count = utf8proc_decompose(text, (utf8proc_ssize_t)bytes, NULL, 0,
                                                UTF8PROC_DECOMPOSE | UTF8PROC_STABLE);

    *out = (struct points){0};
    if (count < 0)
        return err_set(e, ERR_CORRUPT, "text: %s", utf8proc_errmsg(count));
    if (points_room(out, (size_t)count, e) != 0)
        return -1;
    out->count = (size_t)utf8proc_decompose(text, (utf8proc_ssize_t)bytes,
                                            (utf8proc_int32_t *)out->at, count,
                                            UTF8PROC_DECOMPOSE | UTF8PROC_STABLE);
    return 0;
}

int points_of(struct points *out, const char *text, size_t bytes, struct err *e)
{
    struct buffer valid;
    int rc = -1;

    *out = (struct points){0};
    buffer_init(&valid, TEXT_BYTES_MAX);
    append_valid(&valid, text, bytes);
    if (buffer_check(&valid, e) != 0 || decompose(out, valid.bytes, valid.count, e) != 0)
        goto out;
    out->count = (size_t)utf8proc_normalize_utf32((utf8proc_int32_t *)out->at,
                                                  (utf8proc_ssize_t)out->count,
                                                  UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    collapse(out);
    rc = 0;
out:
    buffer_release(&valid);
    return rc;
}

int points_fold(struct points *out, const struct points *p, struct err *e)
{
    struct buffer text;
    size_t kept = 0;
    int rc = -1;

    *out = (struct points){0};
    buffer_init(&text, TEXT_BYTES_MAX);
    for (size_t i = 0; i < p->count; i++) {
        utf8proc_uint8_t bytes[4];
        utf8proc_int32_t point = (utf8proc_int32_t)p->at[i];

        point = point == 0x111 ? 'd' : point == 0x110 ? 'D' : point; /* đ and Đ */
        buffer_append(&text, bytes, (size_t)utf8proc_encode_char(point, bytes));
    }
    if (buffer_check(&text, e) != 0 || decompose(out, text.bytes, text.count, e) != 0)
        goto out;
    for (size_t i = 0; i < out->count; i++)
        if (utf8proc_get_property((utf8proc_int32_t)out->at[i])->combining_class == 0)
            out->at[kept++] = out->at[i];
    out->count = kept;
    rc = 0;
out:
    buffer_release(&text);
    return rc;
}

/* The word that begins at `at`: how long it is. */
static size_t word_length(const struct points *p, size_t at)
{
    size_t end = at;

    while (end < p->count && p->at[end] != ' ')
        end++;
    return end - at;
}

static uint32_t word_number(const struct points *a, const uint32_t *word, size_t length)
{
    uint32_t number = 0;

    for (size_t at = 0; at < a->count; number++) {
        size_t n = word_length(a, at);

        if (n == length && memcmp(a->at + at, word, n * sizeof *word) == 0)
            return number;
        at += n + 1;
    }
    return UINT32_MAX;
}

int points_words(struct points *out, const struct points *a, const struct points *b,
                 struct err *e)
{
    if (points_room(out, b->count / 2 + 1, e) != 0)
        return -1;
    for (size_t at = 0; at < b->count;) {
        size_t n = word_length(b, at);

        out->at[out->count++] = word_number(a, b->at + at, n);
        at += n + 1;
    }
    return 0;
}
