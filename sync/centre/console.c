#include "sync/centre/console.h"

#include "base/terminal.h"
#include "base/web/json_text.h"

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
    clear_line(c);
    terminal_sentence(to, c->language, key, args, count, end);
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

void console_tell_marked(struct console *c, const char *key, const char *const *args,
                         size_t count)
{
    clear_line(c);
    terminal_sentence_marked(c->out, c->language, key, args, count, "\n");
}

void console_progress(struct console *c, const char *key, const char *const *args,
                      size_t count)
{
    if (c->err_is_terminal)
        write_sentence(c, c->err, key, args, count, "");
}

int console_failed(struct console *c, const struct err *e)
{
    console_say(c, message_of_failure(e->code), (const char *const[]){e->text}, 1);
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

int console_options(struct console *c, const struct option_word *options, size_t count,
                    int *argc, char **argv)
{
    struct option_wrong wrong;

    if (options_parse(options, count, argc, argv, &wrong) == 0)
        return 0;
    console_say(c, wrong.key, wrong.args, wrong.args_count);
    return -1;
}

int console_number(struct console *c, const char *name, const char *text, uint64_t min,
                   uint64_t max, uint64_t *out)
{
    struct option_wrong wrong;

    if (option_parse_number(name, text, min, max, out, &wrong) == 0)
        return 0;
    console_say(c, wrong.key, wrong.args, wrong.args_count);
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
