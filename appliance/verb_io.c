#include "appliance/verb_io.h"

#include <time.h>

#include "base/terminal.h"

#define COUNTRY_S 25200ll /* seven hours ahead of UTC, all year */

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
    terminal_sentence(io->err, io->language, key, args, count, "");
}

void say(struct verb_io *io, const char *key, const char *const *args, size_t count)
{
    progress_line_clear(io);
    terminal_sentence(io->err, io->language, key, args, count, "\n");
}

void tell(struct verb_io *io, const char *key, const char *const *args, size_t count)
{
    progress_line_clear(io);
    terminal_sentence(io->out, io->language, key, args, count, "\n");
}

void tell_marked(struct verb_io *io, const char *key, const char *const *args,
                 size_t count)
{
    progress_line_clear(io);
    terminal_sentence_marked(io->out, io->language, key, args, count, "\n");
}

int verb_failed(struct verb_io *io, const struct err *e)
{
    say(io, message_of_failure(e->code), (const char *const[]){e->text}, 1);
    return e->code == ERR_USAGE ? EXIT_WORDS : EXIT_FAILED;
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

int options_take(struct verb_io *io, const struct option_word *options, size_t count,
                 int *argc, char **argv)
{
    struct option_wrong wrong;

    if (options_parse(options, count, argc, argv, &wrong) == 0)
        return 0;
    say(io, wrong.key, wrong.args, wrong.args_count);
    return -1;
}

int option_number(struct verb_io *io, const char *name, const char *text, uint64_t min,
                  uint64_t max, uint64_t *out)
{
    struct option_wrong wrong;

    if (option_parse_number(name, text, min, max, out, &wrong) == 0)
        return 0;
    say(io, wrong.key, wrong.args, wrong.args_count);
    return -1;
}

int verb_usage(struct verb_io *io, const char *name)
{
    const struct verb *v = verb_find(name);

    say(io, "verb.usage", (const char *const[]){v == NULL ? name : v->usage}, 1);
    return EXIT_WORDS;
}

void verb_when(char out[VERB_WHEN_BYTES], int64_t wall_ms, enum wall_confidence c)
{
    time_t seconds = (time_t)(wall_ms / 1000 + COUNTRY_S);
    struct tm t;

    if (c == WALL_UNKNOWN || gmtime_r(&seconds, &t) == NULL ||
        strftime(out, VERB_WHEN_BYTES, "%Y-%m-%d %H:%M", &t) == 0)
        (void)snprintf(out, VERB_WHEN_BYTES, "-");
}
