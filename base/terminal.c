#include "base/terminal.h"

#include <assert.h>
#include <string.h>

#include <utf8proc.h>

#define SENTENCE_BYTES_MAX 65536

/* No more places than "{0}" to "{9}" in a sentence. */
#define ARGUMENTS_MAX 10

#define NOT_A_LETTER "\xef\xbf\xbd"

void terminal_append(struct buffer *out, const char *text, size_t count, const char *kept)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;

    while (count > 0) {
        utf8proc_int32_t c;
        utf8proc_ssize_t n = utf8proc_iterate(at, (utf8proc_ssize_t)count, &c);
        size_t bytes = n > 0 ? (size_t)n : 1;
        bool good = n > 0 && c >= ' ' && (c < 0x7f || c > 0x9f);

        if (good || (n == 1 && c != 0 && strchr(kept, c) != NULL))
            buffer_append(out, at, bytes);
        else
            buffer_append_text(out, NOT_A_LETTER);
        at += bytes;
        count -= bytes;
    }
}

void terminal_append_hits(struct buffer *out, const char *snippet, char begin, char end,
                          bool bold)
{
    const char marks[] = {begin, end, '\0'};

    for (const char *at = snippet; *at != '\0';) {
        size_t bytes = strcspn(at, marks);

        terminal_append(out, at, bytes, "");
        at += bytes;
        if (*at == '\0')
            break;
        if (bold)
            buffer_append_text(out, *at == begin ? "\033[1m" : "\033[0m");
        at++;
    }
}

void terminal_write(FILE *to, bool is_terminal, const char *text, size_t count,
                    const char *kept)
{
    struct buffer clean;

    buffer_init(&clean, SIZE_MAX / 2); /* a byte becomes at most three */
    if (is_terminal) {
        terminal_append(&clean, text, count, kept);
        text = (const char *)clean.bytes;
        count = clean.count;
    }
    if (count > 0)
        (void)fwrite(text, 1, count, to); /* the caller looks */
    buffer_release(&clean);
}

void terminal_sentence_marked(FILE *to, enum language language, const char *key,
                              const char *const *args, size_t count, const char *end)
{
    struct buffer b;

    buffer_init(&b, SENTENCE_BYTES_MAX);
    message_append(&b, key, language, args, count);
    /* A sentence cut at its cap still says most of it. */
    (void)fprintf(to, "%s%s", b.bytes == NULL ? key : (const char *)b.bytes, end);
    (void)fflush(to);
    buffer_release(&b);
}

void terminal_sentence(FILE *to, enum language language, const char *key,
                       const char *const *args, size_t count, const char *end)
{
    struct buffer buffers[ARGUMENTS_MAX];
    const char *clean[ARGUMENTS_MAX] = {NULL};

    assert(count <= ARGUMENTS_MAX);
    for (size_t i = 0; i < count; i++) {
        buffer_init(&buffers[i], SENTENCE_BYTES_MAX);
        if (args[i] == NULL)
            continue;
        terminal_append(&buffers[i], args[i], strlen(args[i]), "");
        clean[i] = buffers[i].bytes == NULL ? "" : (const char *)buffers[i].bytes;
    }
    terminal_sentence_marked(to, language, key, clean, count, end);
    for (size_t i = 0; i < count; i++)
        buffer_release(&buffers[i]);
}

void terminal_bar(char out[TERMINAL_BAR_BYTES], uint64_t done, uint64_t all)
{
    unsigned percent = done >= all ? 100 : (unsigned)((double)done * 100 / (double)all);
    size_t at = 0;

    for (unsigned i = 0; i < TERMINAL_BAR_CELLS; i++, at += 3)
        memcpy(out + at, i < percent * TERMINAL_BAR_CELLS / 100 ? "█" : "░", 3);
    (void)snprintf(out + at, TERMINAL_BAR_BYTES - at, " %u %%", percent);
}
