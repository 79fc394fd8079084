/* tram-box: the commune's box. Reads the command line, and runs its word here, or
 * has it run by the process that serves the data directory. */
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium/core.h>

#include "appliance/handover.h"
#include "appliance/intake_words.h"
#include "appliance/moved.h"
#include "appliance/verb_io.h"
#include "base/lock.h"
#include "base/stop.h"
#include "schema/search/search.h"

#define DATA_DEFAULT  "/var/lib/tram"
#define BUILDING_STEP 10
#define OWNER_WAIT_MS 10000 /* how long a command waits for another one to end */
#define OWNER_LOOK_MS 100   /* between looks at a lock that somebody holds */

struct command {
    const char *dir;
    struct verb_io io;
    int argc; /* the word and what follows it, without the options for all words */
    char **argv;
    bool version, help;
    unsigned building_next; /* per cent that are told next */
};

static bool stop_is_asked(void *arg)
{
    (void)arg;
    return stop_asked();
}

/* One of the options that stand before or behind the word; 0 if it is none, else
 * how many words it takes; -1 if its value is missing. */
static int take_common(struct command *c, int left, char **at)
{
    if (strcmp(at[0], "--json") == 0) {
        c->io.json = true;
    } else if (strcmp(at[0], "--no-cage") == 0) {
        c->io.uncaged = true;
    } else if (strncmp(at[0], "--data=", 7) == 0) {
        c->dir = at[0] + 7;
    } else if (strcmp(at[0], "--data") == 0) {
        if (left < 2)
            return -1;
        c->dir = at[1];
        return 2;
    } else if (c->argc == 0 && strcmp(at[0], "--version") == 0) {
        c->version = true;
    } else if (c->argc == 0 && strcmp(at[0], "--help") == 0) {
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
            say(&c->io, "error.option_value", (const char *const[]){"--data"}, 1);
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

static int print_help(struct verb_io *io)
{
    const struct verb *all;
    size_t count = verb_all(&all);

    tell(io, "verb.program", NULL, 0);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(io->out, "\n  tram-box %s\n    ", all[i].usage);
        tell(io, all[i].help, NULL, 0);
    }
    (void)fputc('\n', io->out);
    tell(io, "verb.options", NULL, 0);
    return fflush(io->out) == 0 ? EXIT_DONE : EXIT_FAILED;
}

/* ------------------------------------------------- the box, here or there */

/* An older box's index is made anew before a word is run; one that serves does it while
 * it works (reading_loop.c). */
static bool say_building(void *arg, unsigned per_cent)
{
    struct command *c = arg;
    char number[8];

    if (per_cent >= c->building_next) {
        (void)snprintf(number, sizeof number, "%u", per_cent);
        say(&c->io, "search.building", (const char *const[]){number}, 1);
        c->building_next = per_cent + BUILDING_STEP;
    }
    return true;
}

static int run_in_box(struct command *c, const struct verb *v, struct reader *reader)
{
    struct box *b = NULL;
    struct err e;
    int status;

    if (box_open(&b, disk_system(), clock_system(), c->dir, reader, &e) != 0)
        return verb_failed(&c->io, &e);
    if (strcmp(v->name, "serve") != 0 &&
        search_build(b->records, say_building, c, &e) != 0) {
        box_close(b);
        return verb_failed(&c->io, &e);
    }
    if (!v->asks_only)
        moved_look(b, &c->io);
    /* What a power cut interrupted goes first; only who owns the directory may do
     * that, or it would take up what another thread has in hand. */
    if ((strcmp(v->name, "intake") == 0 || strcmp(v->name, "read") == 0) &&
        intake_catch_up(b, &c->io, &e) != 0)
        status = verb_failed(&c->io, &e);
    else
        status = verb_run(v, b, c->dir, &c->io, c->argc, c->argv);
    box_close(b);
    return status;
}

static int run_here(struct command *c, const struct verb *v)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct ocr_options options = {.jobs = cores < 1 ? 1 : (unsigned)cores,
                                  .uncaged = c->io.uncaged};
    struct reader *reader = NULL;
    struct err e;
    int status;

    if (options.jobs > OCR_JOBS_MAX)
        options.jobs = OCR_JOBS_MAX;
    if (reader_ocr_create(&reader, &options, &e) != 0)
        return verb_failed(&c->io, &e);
    status = run_in_box(c, v, reader);
    reader->destroy(reader);
    return status;
}

/* 1: it was run there, *status is set. 0: nobody serves. -1: told why not. */
static int run_there(struct command *c, int *status)
{
    struct handover_request r = {.json = c->io.json,
                                 .out_is_terminal = c->io.out_is_terminal,
                                 .err_is_terminal = c->io.err_is_terminal,
                                 .language = c->io.language,
                                 .cwd = (char *)c->io.cwd,
                                 .argc = c->argc,
                                 .argv = c->argv};
    bool served;
    struct err e;

    /* There the asker's end is what cancels the word, so Ctrl-C is to end us. */
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    if (handover_ask(c->dir, &r, STDOUT_FILENO, STDERR_FILENO, &served, status, &e) !=
        0) {
        *status = verb_failed(&c->io, &e);
        return -1;
    }
    stop_listen();
    return served ? 1 : 0;
}

/* Takes the directory, or hands the word to who serves it, or waits a while for
 * another command to end. */
static int run_owned(struct command *c, const struct verb *v)
{
    const struct timespec pause = {.tv_nsec = OWNER_LOOK_MS * 1000000L};
    struct lock *o = NULL;
    struct err e;
    int status;

    for (int waited_ms = 0;; waited_ms += OWNER_LOOK_MS) {
        if (lock_try(&o, c->dir, &e) != 0)
            return verb_failed(&c->io, &e);
        if (o != NULL)
            break;
        if (v->handed_over && run_there(c, &status) != 0)
            return status;
        if (stop_asked() || waited_ms >= OWNER_WAIT_MS) {
            (void)err_set(&e, ERR_BUSY, "%s", c->dir);
            return verb_failed(&c->io, &e);
        }
        if (waited_ms == 0)
            say(&c->io, "error.waiting", (const char *const[]){c->dir}, 1);
        (void)nanosleep(&pause, NULL); /* a signal makes us look earlier */
    }
    status = run_here(c, v);
    lock_release(o);
    return status;
}

/* Who changes nothing need not wait for who works, nor own anything. */
static int run_asking(struct command *c, const struct verb *v)
{
    int status;

    return run_there(c, &status) != 0 ? status : run_here(c, v);
}

static bool box_is_there(const char *dir, struct verb_io *io)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat stat;
    struct err e;

    if (disk_path(path, &e, "%s/tram.db", dir) != 0 ||
        disk_stat(disk_system(), path, &stat, &e) != 0) {
        (void)verb_failed(io, &e); /* it may be there, but not for us */
        return false;
    }
    if (stat.kind != DISK_FILE)
        say(io, "error.no_box", (const char *const[]){dir}, 1);
    return stat.kind == DISK_FILE;
}

static int run(struct command *c)
{
    const struct verb *v = verb_find(c->argv[0]);

    if (v == NULL) {
        say(&c->io, "error.verb_unknown", (const char *const[]){c->argv[0]}, 1);
        return EXIT_WORDS;
    }
    if (v->makes_box || verb_asks_for_help(c->argc, c->argv))
        return verb_run(v, NULL, c->dir, &c->io, c->argc, c->argv);
    if (!box_is_there(c->dir, &c->io))
        return EXIT_FAILED;
    if (v->run_dir != NULL)
        return verb_run(v, NULL, c->dir, &c->io, c->argc, c->argv);
    return v->asks_only ? run_asking(c, v) : run_owned(c, v);
}

int main(int argc, char **argv)
{
    const char *from_environment = getenv("TRAM_DATA");
    char cwd[DISK_PATH_BYTES];
    struct command c = {.dir = DATA_DEFAULT,
                        .io = {.out = stdout,
                               .err = stderr,
                               .out_is_terminal = isatty(STDOUT_FILENO) == 1,
                               .err_is_terminal = isatty(STDERR_FILENO) == 1,
                               .cwd = cwd,
                               .cancelled = stop_is_asked}};

    /* Picks this machine's fastest ciphers; without it the plainest serve. */
    if (sodium_init() < 0) {
        fputs("tram-box: libsodium cannot start\n", stderr);
        return 1;
    }
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    c.io.language = message_language();
    if (from_environment != NULL && from_environment[0] != '\0')
        c.dir = from_environment;
    if (getcwd(cwd, sizeof cwd) == NULL)
        (void)snprintf(cwd, sizeof cwd, "/");
    if (parse(&c, argc, argv) != 0)
        return EXIT_WORDS;
    if (c.dir[0] == '\0') {
        say(&c.io, "error.option_value", (const char *const[]){"--data"}, 1);
        return EXIT_WORDS;
    }
    stop_listen();
    if (c.version) {
        (void)printf("tram-box %s\n", TRAM_VERSION);
        return EXIT_DONE;
    }
    if (c.help)
        return print_help(&c.io);
    if (c.argc == 0) {
        say(&c.io, "verb.none", NULL, 0);
        return EXIT_WORDS;
    }
    return run(&c);
}
