#include "ocr/alternatives.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define VERSION 1
/* Of a word with all its alternatives, at its longest. */
#define WORD_BYTES_MAX (11 + ALTERNATIVES_EACH_MAX * (1 + ALTERNATIVE_BYTES))
#define HEAD_BYTES_MAX 11

void alternatives_release(struct alternatives *a)
{
    free(a->words);
    *a = (struct alternatives){0};
}

int alternatives_add(struct alternatives *a, const struct alternatives_word *w,
                     struct err *e)
{
    if (a->count == a->room) {
        size_t room = a->room == 0 ? 32 : 2 * a->room;
        struct alternatives_word *words = realloc(a->words, room * sizeof *words);

        if (words == NULL)
            return err_set(e, ERR_MEMORY, "out of memory for alternatives");
        a->words = words;
        a->room = room;
    }
    a->words[a->count++] = *w;
    return 0;
}

static int compare_words(const void *word, const void *with)
{
    uint32_t a = *(const uint32_t *)word,
             b = ((const struct alternatives_word *)with)->word;

    return (a > b) - (a < b);
}

const struct alternatives_word *alternatives_of(const struct alternatives *a,
                                                uint32_t word)
{
    if (a->count == 0)
        return NULL;
    return bsearch(&word, a->words, a->count, sizeof *a->words, compare_words);
}

/* --- packing ------------------------------------------------------------------------ */

static void append_word(struct buffer *out, const struct alternatives_word *w,
                        uint32_t next)
{
    buffer_append_varint(out, w->word - next);
    buffer_append_byte(out, (uint8_t)w->count);
    for (uint32_t i = 0; i < w->count; i++) {
        size_t bytes = strlen(w->texts[i]);

        buffer_append_byte(out, (uint8_t)bytes);
        buffer_append(out, w->texts[i], bytes);
    }
}

void alternatives_pack(const struct alternatives *a, struct buffer *out)
{
    struct buffer words;
    uint32_t next = 0;
    size_t i;

    buffer_init(&words, ALTERNATIVES_BYTES_MAX);
    for (i = 0; i < a->count &&
                words.count + WORD_BYTES_MAX + HEAD_BYTES_MAX <= ALTERNATIVES_BYTES_MAX;
         i++) {
        append_word(&words, &a->words[i], next);
        next = a->words[i].word + 1;
    }
    buffer_append_byte(out, VERSION);
    buffer_append_varint(out, i);
    buffer_append(out, words.bytes, words.count);
    if (words.failed != ERR_NONE && out->failed == ERR_NONE)
        out->failed = words.failed;
    buffer_release(&words);
}

/* --- unpacking ---------------------------------------------------------------------- */

/* One word of UTF-8: nothing that would part it or steer a terminal. */
static bool is_word(const unsigned char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        utf8proc_int32_t letter;
        utf8proc_ssize_t n =
            utf8proc_iterate(text + at, (utf8proc_ssize_t)(bytes - at), &letter);

        if (n <= 0 || letter == ' ' || utf8proc_category(letter) == UTF8PROC_CATEGORY_CC)
            return false;
        at += (size_t)n;
    }
    return bytes > 0;
}

static void take_word(struct cursor *c, struct alternatives_word *w, uint64_t next,
                      size_t words)
{
    uint64_t step = cursor_varint(c);
    unsigned count = cursor_byte(c);

    if (step >= words || next + step >= words || count == 0 ||
        count > ALTERNATIVES_EACH_MAX)
        c->failed = true;
    w->word = (uint32_t)(next + step);
    for (; !c->failed && w->count < count; w->count++) {
        size_t bytes = cursor_byte(c);
        const unsigned char *text = cursor_take(c, bytes);

        if (text == NULL || bytes >= ALTERNATIVE_BYTES || !is_word(text, bytes))
            c->failed = true;
        else
            memcpy(w->texts[w->count], text, bytes);
    }
}

static int take_all(struct cursor *c, struct alternatives *a, size_t words, struct err *e)
{
    uint64_t count, next = 0;

    if (cursor_byte(c) != VERSION)
        c->failed = true;
    count = cursor_varint(c);
    for (uint64_t i = 0; i < count && !c->failed; i++) {
        struct alternatives_word w = {0};

        take_word(c, &w, next, words);
        if (!c->failed && alternatives_add(a, &w, e) != 0)
            return -1;
        next = (uint64_t)w.word + 1;
    }
    return cursor_done(c, "alternatives", e);
}

int alternatives_unpack(struct alternatives *out, const void *bytes, size_t count,
                        size_t words, struct err *e)
{
    struct alternatives a = {0};
    struct cursor c;

    *out = (struct alternatives){0};
    if (count == 0)
        return 0;
    if (count > ALTERNATIVES_BYTES_MAX)
        return err_set(e, ERR_CORRUPT, "alternatives of %zu bytes", count);
    cursor_init(&c, bytes, count);
    if (take_all(&c, &a, words, e) != 0) {
        alternatives_release(&a);
        return -1;
    }
    *out = a;
    return 0;
}
