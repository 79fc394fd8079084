#include "appliance/verb_io.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
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

static void write_clean(FILE *to, enum language language, const char *key,
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

static void write_sentence(FILE *to, enum language language, const char *key,
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
    write_clean(to, language, key, clean, count, end);
    for (size_t i = 0; i < count; i++)
        buffer_release(&buffers[i]);
}

void progress_line_clear(struct verb_io *io)
{
    if (!io->err_is_terminal)
        return;
    (void)fputs("\r\033[K", io->err);
    (void)fflush(io->err);
}

void progress_line(struct verb_io *io, const char *key, const char *const *args,
                   size_t count)
{
    if (!io->err_is_terminal)
        return;
    progress_line_clear(io);
    write_sentence(io->err, io->language, key, args, count, "");
}

void say(struct verb_io *io, const char *key, const char *const *args, size_t count)
{
    progress_line_clear(io);
    write_sentence(io->err, io->language, key, args, count, "\n");
}

void tell(struct verb_io *io, const char *key, const char *const *args, size_t count)
{
    progress_line_clear(io);
    write_sentence(io->out, io->language, key, args, count, "\n");
}

void tell_marked(struct verb_io *io, const char *key, const char *const *args,
                 size_t count)
{
    progress_line_clear(io);
    write_clean(io->out, io->language, key, args, count, "\n");
}

static json_t *sentence_json(const char *key, enum language language,
                             const char *const *args, size_t count)
{
    struct buffer b;
    json_t *j;

    buffer_init(&b, SENTENCE_BYTES_MAX);
    message_append(&b, key, language, args, count);
    j = json_any_text(b.bytes == NULL ? key : (const char *)b.bytes);
    buffer_release(&b);
    return j;
}

json_t *message_json(const char *key, const char *const *args, size_t count)
{
    return json_pack("{s:o, s:o}", "vi", sentence_json(key, LANGUAGE_VI, args, count),
                     "en", sentence_json(key, LANGUAGE_EN, args, count));
}

int verb_failed(struct verb_io *io, const struct err *e)
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
    say(io, key, (const char *const[]){e->text}, 1);
    return e->code == ERR_USAGE ? EXIT_WORDS : EXIT_FAILED;
}

json_t *json_any_text(const char *text)
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
            buffer_append_text(&b, NOT_A_LETTER);
        at += n > 0 ? n : 1;
    }
    j = b.failed == ERR_NONE ? json_string((const char *)b.bytes) : NULL;
    buffer_release(&b);
    return j;
}

int verb_json(struct verb_io *io, json_t *j)
{
    int rc = -1;

    progress_line_clear(io);
    if (j != NULL && json_dumpf(j, io->out, JSON_COMPACT) == 0 &&
        fputc('\n', io->out) != EOF && fflush(io->out) == 0)
        rc = 0;
    json_decref(j);
    return rc;
}

bool verb_cancelled(struct verb_io *io)
{
    /* Nobody reads the results any more: as good as gone. */
    if (ferror(io->out))
        return true;
    return io->cancelled != NULL && io->cancelled(io->cancelled_arg);
}

int verb_path(char out[DISK_PATH_BYTES], const struct verb_io *io, const char *path,
              struct err *e)
{
    if (path[0] == '\0')
        return err_set(e, ERR_USAGE, "an empty path");
    if (path[0] == '/')
        return disk_path(out, e, "%s", path);
    return disk_path(out, e, "%s/%s", io->cwd, path);
}

/* The option that `word` names; *value points behind its '=', or is NULL. */
static const struct option_word *find_option(const struct option_word *options,
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
static int take_option(struct verb_io *io, const struct option_word *options,
                       size_t count, int argc, char **argv, int *at)
{
    const char *value;
    const struct option_word *o = find_option(options, count, argv[*at], &value);

    if (o == NULL || (o->value == NULL && value != NULL)) {
        say(io, "error.option_unknown", (const char *const[]){argv[*at]}, 1);
        return -1;
    }
    if (o->value == NULL) {
        *o->flag = true;
        return 0;
    }
    if (value == NULL && *at + 1 < argc)
        value = argv[++*at];
    if (value == NULL) {
        say(io, "error.option_value", (const char *const[]){o->name}, 1);
        return -1;
    }
    *o->value = value;
    return 0;
}

int options_take(struct verb_io *io, const struct option_word *options, size_t count,
                 int *argc, char **argv)
{
    int kept = 1;
    bool ended = false;

    for (int i = 1; i < *argc; i++) {
        if (!ended && strcmp(argv[i], "--") == 0) {
            ended = true;
        } else if (!ended && strncmp(argv[i], "--", 2) == 0) {
            if (take_option(io, options, count, *argc, argv, &i) != 0)
                return -1;
        } else {
            char *word = argv[i];

            argv[i] = argv[kept]; /* every word stays in argv: somebody owns them */
            argv[kept++] = word;
        }
    }
    *argc = kept;
    return 0;
}

int option_number(struct verb_io *io, const char *name, const char *text, uint64_t min,
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
    say(io, "error.option_number", (const char *const[]){name, text, range}, 3);
    return -1;
}

int verb_usage(struct verb_io *io, const char *name)
{
    const struct verb *v = verb_find(name);

    say(io, "verb.usage", (const char *const[]){v == NULL ? name : v->usage}, 1);
    return EXIT_WORDS;
}
