#include "base/messages.h"

#include <stdlib.h>
#include <string.h>

#include "base/embed.h"

EMBED(messages_tsv, "base/messages.tsv");

#define COLUMNS 3 /* key, Vietnamese, English */

struct text {
    const char *at;
    size_t count;
};

enum language message_language(void)
{
    static const char *const names[] = {"TRAM_LANG", "LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);

        if (value != NULL && value[0] != '\0')
            return strncmp(value, "en", 2) == 0 ? LANGUAGE_EN : LANGUAGE_VI;
    }
    return LANGUAGE_VI;
}

/* The line of the table that starts at `line`; returns the start of the next. */
static const char *line_split(const char *line, struct text columns[COLUMNS])
{
    const char *end = line + strcspn(line, "\n");

    for (size_t i = 0; i < COLUMNS; i++) {
        const char *tab = memchr(line, '\t', (size_t)(end - line));
        const char *stop = tab == NULL ? end : tab;

        columns[i] = (struct text){line, (size_t)(stop - line)};
        line = tab == NULL ? end : tab + 1;
    }
    return *end == '\n' ? end + 1 : end;
}

/* A few hundred short lines: looking through them costs less than an index that
 * somebody has to build and own. */
static struct text sentence_find(const char *key, enum language language)
{
    const char *line = messages_tsv;
    size_t key_count = strlen(key);
    struct text columns[COLUMNS];

    while (*line != '\0') {
        line = line_split(line, columns);
        if (columns[0].count == key_count && columns[0].at[0] != '#' &&
            memcmp(columns[0].at, key, key_count) == 0)
            return columns[language == LANGUAGE_EN ? 2 : 1];
    }
    return (struct text){key, 0};
}

/* "{7}" at `at`: its number, else -1. */
static int place_at(const char *at, const char *end)
{
    if (end - at < 3 || at[0] != '{' || at[2] != '}' || at[1] < '0' || at[1] > '9')
        return -1;
    return at[1] - '0';
}

void message_append(struct buffer *out, const char *key, enum language language,
                    const char *const *args, size_t args_count)
{
    struct text sentence = sentence_find(key, language);
    const char *at = sentence.at;
    const char *end = sentence.at + sentence.count;

    if (sentence.count == 0)
        buffer_append_text(out, key);
    while (at < end) {
        int place = place_at(at, end);

        if (place >= 0 && (size_t)place < args_count && args[place] != NULL) {
            buffer_append_text(out, args[place]);
            at += 3;
        } else {
            buffer_append_byte(out, (uint8_t)*at++);
        }
    }
}

const char *message_of_failure(enum err_code code)
{
    switch (code) {
    case ERR_NO_SPACE:
        return "error.no_space";
    case ERR_BUSY:
        return "error.busy";
    case ERR_CORRUPT:
        return "error.corrupt";
    case ERR_IO:
        return "error.io";
    case ERR_USAGE:
        return "error.usage";
    case ERR_MEMORY:
        return "error.memory";
    case ERR_NONE:
    case ERR_FAILED:
    case ERR_TOO_BIG:
    case ERR_REFUSED:
        break;
    }
    return "error.failed";
}
