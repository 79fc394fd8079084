/* tram-centre: the province. Reads the command line and runs its word. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium/core.h>

#include "base/stop.h"
#include "sync/centre/verbs.h"

#define DATA_DEFAULT "/var/lib/tram-centre"

struct command {
    struct console console;
    int argc; /* the word and what follows it, without the options for all words */
    char **argv;
    bool version, help;
};

/* One of the options that stand before or behind the word; 0 if it is none, else
 * how many words it takes; -1 if its value is missing. */
static int take_common(struct command *c, int left, char **at)
{
    if (strcmp(at[0], "--json") == 0) {
        c->console.json = true;
    } else if (strncmp(at[0], "--data=", 7) == 0) {
        c->console.dir = at[0] + 7;
    } else if (strcmp(at[0], "--data") == 0) {
        if (left < 2)
            return -1;
        c->console.dir = at[1];
        return 2;
    } else if (c->argc == 0 && strcmp(at[0], "--version") == 0) {
        c->version = true;
    } else if (strcmp(at[0], "--help") == 0) {
        c->help = true;
    } else {
        return 0;
    }
    return 1;
}

static int parse(struct command *c, int argc, char **argv)
{
    bool ended = false;

    for (int i = 1; i < argc;) {
        int taken = ended ? 0 : take_common(c, argc - i, argv + i);

        if (taken < 0) {
            console_say(&c->console, "error.option_value",
                        (const char *const[]){"--data"}, 1);
            return -1;
        }
        if (taken > 0) {
            i += taken;
            continue;
        }
        ended = ended || strcmp(argv[i], "--") == 0;
        argv[c->argc++] = argv[i++]; /* never ahead of the reading */
    }
    c->argv = argv;
    c->argv[c->argc] = NULL;
    return 0;
}

static int print_help(struct command *c)
{
    const struct centre_verb *all;
    size_t count = centre_verb_all(&all);
    const struct centre_verb *one = c->argc == 0 ? NULL : centre_verb_find(c->argv[0]);

    if (one != NULL) {
        console_tell(&c->console, "centre.usage", (const char *const[]){one->usage}, 1);
        console_tell(&c->console, one->help, NULL, 0);
        return CONSOLE_DONE;
    }
    console_tell(&c->console, "centre.program", NULL, 0);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(c->console.out, "\n  tram-centre %s\n    ", all[i].usage);
        console_tell(&c->console, all[i].help, NULL, 0);
    }
    (void)fputc('\n', c->console.out);
    console_tell(&c->console, "centre.options", NULL, 0);
    return CONSOLE_DONE;
}

static int run(struct command *c)
{
    const struct centre_verb *v;
    int status;

    if (c->version) {
        (void)printf("tram-centre %s\n", TRAM_VERSION);
        return CONSOLE_DONE;
    }
    if (c->help)
        return print_help(c);
    if (c->argc == 0) {
        console_say(&c->console, "centre.no_verb", NULL, 0);
        return CONSOLE_WORDS;
    }
    v = centre_verb_find(c->argv[0]);
    if (v == NULL) {
        console_say(&c->console, "centre.verb_unknown", (const char *const[]){c->argv[0]},
                    1);
        return CONSOLE_WORDS;
    }
    status = v->run(&c->console, c->argc, c->argv);
    /* Results that reached nobody were not delivered, whatever the word did. */
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == CONSOLE_DONE)
        status = CONSOLE_FAILED;
    return status;
}

int main(int argc, char **argv)
{
    const char *from_environment = getenv("TRAM_DATA");
    struct command c = {.console = {.out = stdout,
                                    .err = stderr,
                                    .dir = DATA_DEFAULT,
                                    .out_is_terminal = isatty(STDOUT_FILENO) == 1,
                                    .err_is_terminal = isatty(STDERR_FILENO) == 1,
                                    .stopped = stop_asked}};

    /* Picks this machine's fastest ciphers; without it the plainest serve. */
    if (sodium_init() < 0) {
        fputs("tram-centre: libsodium cannot start\n", stderr);
        return CONSOLE_FAILED;
    }
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    c.console.language = message_language();
    if (from_environment != NULL && from_environment[0] != '\0')
        c.console.dir = from_environment;
    if (parse(&c, argc, argv) != 0)
        return CONSOLE_WORDS;
    stop_listen();
    return run(&c);
}
