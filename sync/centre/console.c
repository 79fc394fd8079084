#include "sync/centre/console.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#define SENTENCE_BYTES_MAX 65536

static void clear_line(struct console *c)
{
    if (!c->err_is_terminal)
        return;
    (void)fputs("\r\033[K", c->err);
    (void)fflush(c->err);
}

static void write_sentence(struct console *c, FILE *to, const char *key,
                           const char *const *args, size_t count, const char *end)
{
    struct buffer b;

    clear_line(c);
    buffer_init(&b, SENTENCE_BYTES_MAX);
    message_append(&b, key, c->language, args, count);
    /* A sentence cut at its cap still says most of it. */
    (void)fprintf(to, "%s%s", b.bytes == NULL ? key : (const char *)b.bytes, end);
    (void)fflush(to);
    buffer_release(&b);
}

void console_say(struct console *c, const char *key, const char *const *args,
                 size_t count)
{
    write_sentence(c, c->err, key, args, count, "\n");
}

void console_tell(struct console *c, const char *key, const char *const *args,
                  size_t count)
{
    write_sentence(c, c->out, key, args, count, "\n");
}

void console_progress(struct console *c, const char *key, const char *const *args,
                      size_t count)
{
    if (c->err_is_terminal)
        write_sentence(c, c->err, key, args, count, "");
}

int console_failed(struct console *c, const struct err *e)
{
    const char *key = "error.failed";

    switch (e->code) {
    case ERR_NO_SPACE:
        key = "error.no_space";
        break;
    case ERR_BUSY:
        key = "error.busy";
        break;
    case ERR_CORRUPT:
        key = "error.corrupt";
        break;
    case ERR_IO:
        key = "error.io";
        break;
    case ERR_USAGE:
        key = "error.usage";
        break;
    case ERR_MEMORY:
        key = "error.memory";
        break;
    case ERR_NONE:
    case ERR_FAILED:
    case ERR_TOO_BIG:
    case ERR_REFUSED:
        break;
    }
    console_say(c, key, (const char *const[]){e->text}, 1);
    return e->code == ERR_USAGE ? CONSOLE_WORDS : CONSOLE_FAILED;
}

int console_json(struct console *c, json_t *j)
{
    int rc = -1;

    clear_line(c);
    if (j != NULL && json_dumpf(j, c->out, JSON_COMPACT) == 0 &&
        fputc('\n', c->out) != EOF && fflush(c->out) == 0)
        rc = 0;
    json_decref(j);
    return rc;
}

json_t *console_text(const char *text)
{
    json_t *j = json_string(text);
    struct buffer b;

    if (j != NULL)
        return j;
    buffer_init(&b, SIZE_MAX / 2);
    for (const char *at = text; *at != '\0';) {
        utf8proc_int32_t point;
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)at, -1, &point);

        if (n > 0)
            buffer_append(&b, at, (size_t)n);
        else
            buffer_append_text(&b, "\xef\xbf\xbd");
        at += n > 0 ? n : 1;
    }
    j = b.failed == ERR_NONE ? json_string((const char *)b.bytes) : NULL;
    buffer_release(&b);
    return j;
}

static json_t *sentence_in(const char *key, enum language language,
                           const char *const *args, size_t count)
{
    struct buffer b;
    json_t *j;

    buffer_init(&b, SENTENCE_BYTES_MAX);
    message_append(&b, key, language, args, count);
    j = console_text(b.bytes == NULL ? key : (const char *)b.bytes);
    buffer_release(&b);
    return j;
}

json_t *console_sentence(const char *key, const char *const *args, size_t count)
{
    return json_pack("{s:o, s:o}", "vi", sentence_in(key, LANGUAGE_VI, args, count), "en",
                     sentence_in(key, LANGUAGE_EN, args, count));
}

/* --------------------------------------------------------------------- options */

/* The option that `word` names; *value points behind its '=', or is NULL. */
static const struct console_option *find_option(const struct console_option *options,
                                                size_t count, const char *word,
                                                const char **value)
{
    size_t bytes = strcspn(word, "=");

    *value = word[bytes] == '=' ? word + bytes + 1 : NULL;
    for (size_t i = 0; i < count; i++)
        if (strlen(options[i].name) == bytes &&
            strncmp(options[i].name, word, bytes) == 0)
            return &options[i];
    return NULL;
}

/* One option at argv[*at]; moves *at to its last word. */
static int take_option(struct console *c, const struct console_option *options,
                       size_t count, int argc, char **argv, int *at)
{
    const char *value;
    const struct console_option *o = find_option(options, count, argv[*at], &value);

    if (o == NULL || (o->value == NULL && value != NULL)) {
        console_say(c, "error.option_unknown", (const char *const[]){argv[*at]}, 1);
        return -1;
    }
    if (o->value == NULL) {
        *o->flag = true;
        return 0;
    }
    if (value == NULL && *at + 1 < argc)
        value = argv[++*at];
    if (value == NULL) {
        console_say(c, "error.option_value", (const char *const[]){o->name}, 1);
        return -1;
    }
    *o->value = value;
    return 0;
}

int console_options(struct console *c, const struct console_option *options, size_t count,
                    int *argc, char **argv)
{
    int kept = 1;
    bool ended = false;

    for (int i = 1; i < *argc; i++) {
        if (!ended && strcmp(argv[i], "--") == 0) {
            ended = true;
        } else if (!ended && strncmp(argv[i], "--", 2) == 0) {
            if (take_option(c, options, count, *argc, argv, &i) != 0)
                return -1;
        } else {
            argv[kept++] = argv[i];
        }
    }
    *argc = kept;
    return 0;
}

int console_number(struct console *c, const char *name, const char *text, uint64_t min,
                   uint64_t max, uint64_t *out)
{
    char *end;
    char range[64];

    errno = 0;
    *out = strtoull(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *out >= min &&
        *out <= max)
        return 0;
    (void)snprintf(range, sizeof range, "%" PRIu64 "–%" PRIu64, min, max);
    console_say(c, "error.option_number", (const char *const[]){name, text, range}, 3);
    return -1;
}

int console_open(struct console *c, struct centre **out)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat there;
    struct err e;

    *out = NULL;
    if (disk_path(path, &e, "%s/tram.db", c->dir) == 0 &&
        disk_stat(disk_system(), path, &there, &e) == 0 && there.kind != DISK_FILE) {
        console_say(c, "centre.none", (const char *const[]){c->dir}, 1);
        return -1;
    }
    if (centre_open(out, disk_system(), clock_system(), random_system(), c->dir, &e) !=
        0) {
        (void)console_failed(c, &e);
        return -1;
    }
    return 0;
}
