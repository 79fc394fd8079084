/* tram-ocr: reads documents to words, on the command line, and as the worker that
 * tram-box starts. */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cage.h"
#include "base/log.h"
#include "ocr/convert.h"
#include "ocr/protocol.h"
#include "ocr/recognise.h"
#include "ocr/run.h"
#include "ocr/worker.h"

#define EXIT_DONE   0
#define EXIT_FAILED 1
#define EXIT_WORDS  2 /* the command makes no sense */
#define EXIT_PARTLY 3

#define PAGE_SECONDS_MAX 86400

struct command {
    bool worker, no_cage, help, version;
    unsigned long jobs;         /* 0: one for each processor */
    unsigned long page_seconds; /* 0: as the worker has it */
    unsigned long page;         /* from 1, of --small and --thumbnail; 0: the first */
    enum format format;
    enum language language;
    const char *without_words; /* NULL: all is done */
    unsigned without;          /* the same as a set */
    const char *small, *thumbnail, *repacked,
        *restored; /* where to; NULL: not asked for */
};

/* A message and a line feed, to stdout or stderr. */
static void say_all(FILE *to, const struct command *c, const char *key,
                    const char *const *args, size_t count)
{
    struct buffer line;

    buffer_init(&line, 8192);
    message_append(&line, key, c->language, args, count);
    (void)fprintf(to, "%s\n", line.count == 0 ? "" : (const char *)line.bytes);
    buffer_release(&line);
}

static void say(FILE *to, const struct command *c, const char *key, const char *arg)
{
    say_all(to, c, key, &arg, arg == NULL ? 0 : 1);
}

static int bad_words(const struct command *c, const char *key, const char *arg)
{
    say(stderr, c, key, arg);
    return -1;
}

static int take_number(unsigned long *out, const char *text, unsigned long max,
                       const struct command *c)
{
    char *end;

    errno = 0;
    *out = strtoul(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || *text == '-' || *out < 1 ||
        *out > max)
        return bad_words(c, "ocr.bad_number", text);
    return 0;
}

static int take_format(struct command *c, const char *name)
{
    if (!format_from_name(name, &c->format))
        return bad_words(c, "ocr.bad_format", name);
    return 0;
}

/* --- options ------------------------------------------------------------- */

enum option_letter {
    OPTION_HELP = 'h',
    OPTION_FORMAT = 'f',
    OPTION_JOBS = 'j',
    OPTION_JSON = 256, /* these have no letter */
    OPTION_NO_CAGE,
    OPTION_PAGE_SECONDS,
    OPTION_PAGE,
    OPTION_REPACK,
    OPTION_RESTORE,
    OPTION_SMALL,
    OPTION_THUMBNAIL,
    OPTION_VERSION,
    OPTION_WITHOUT,
    OPTION_WORKER,
};

static int take_option(struct command *c, int letter, const char *word)
{
    switch (letter) {
    case OPTION_HELP:
        c->help = true;
        return 0;
    case OPTION_FORMAT:
        return take_format(c, optarg);
    case OPTION_JSON:
        c->format = FORMAT_JSON;
        return 0;
    case OPTION_JOBS:
        return take_number(&c->jobs, optarg, OCR_JOBS_MAX, c);
    case OPTION_PAGE_SECONDS:
        return take_number(&c->page_seconds, optarg, PAGE_SECONDS_MAX, c);
    case OPTION_NO_CAGE:
        c->no_cage = true;
        return 0;
    case OPTION_PAGE:
        return take_number(&c->page, optarg, PAGES_MAX, c);
    case OPTION_REPACK:
        c->repacked = optarg;
        return 0;
    case OPTION_RESTORE:
        c->restored = optarg;
        return 0;
    case OPTION_SMALL:
        c->small = optarg;
        return 0;
    case OPTION_THUMBNAIL:
        c->thumbnail = optarg;
        return 0;
    case OPTION_VERSION:
        c->version = true;
        return 0;
    case OPTION_WITHOUT:
        c->without_words = optarg;
        return reading_parts_from_words(optarg, &c->without)
                   ? 0
                   : bad_words(c, "ocr.bad_without", optarg);
    case OPTION_WORKER:
        c->worker = true;
        return 0;
    default:
        return bad_words(c, "ocr.bad_option", word);
    }
}

static int take_options(struct command *c, int argc, char **argv)
{
    static const struct option options[] = {
        {"help", no_argument, NULL, OPTION_HELP},
        {"version", no_argument, NULL, OPTION_VERSION},
        {"format", required_argument, NULL, OPTION_FORMAT},
        {"json", no_argument, NULL, OPTION_JSON},
        {"jobs", required_argument, NULL, OPTION_JOBS},
        {"page-seconds", required_argument, NULL, OPTION_PAGE_SECONDS},
        {"small", required_argument, NULL, OPTION_SMALL},
        {"thumbnail", required_argument, NULL, OPTION_THUMBNAIL},
        {"page", required_argument, NULL, OPTION_PAGE},
        {"repack", required_argument, NULL, OPTION_REPACK},
        {"restore", required_argument, NULL, OPTION_RESTORE},
        {"no-cage", no_argument, NULL, OPTION_NO_CAGE},
        {"without", required_argument, NULL, OPTION_WITHOUT},
        {"worker", no_argument, NULL, OPTION_WORKER},
        {NULL, 0, NULL, 0},
    };

    opterr = 0; /* our own words, in the user's language */
    for (;;) {
        int word = optind;
        int letter = getopt_long(argc, argv, "hf:j:", options, NULL);

        if (letter < 0)
            return 0;
        if (take_option(c, letter, argv[word]) != 0)
            return -1;
    }
}

/* --- what it does -------------------------------------------------------- */

static bool walls_are_missing(const char *report)
{
    return strstr(report, "=absent") != NULL || strncmp(report, "none", 4) == 0;
}

/* Said once for each worker, so that the log of whoever started it tells which wall
 * between a bad file and the machine is missing. All of them there is no news: a
 * clerk's command would say so each time. */
static void log_cage(const struct command *c)
{
    char report[128];

    if (c->no_cage)
        return; /* asked for */
    cage_report(report, sizeof report);
    if (walls_are_missing(report))
        log_line("ocr", "event=cage walls=\"%s\"", report);
}

static int work(const struct command *c)
{
    const struct worker_options o = {.uncaged = c->no_cage, .without = c->without};
    struct err e;

    log_cage(c);
    if (worker_serve(WORKER_FD, &o, &e) == 0)
        return EXIT_DONE;
    log_line("ocr", "event=worker_failed reason=\"%s\"", e.text);
    return EXIT_FAILED;
}

/* What is missing of the cage is said aloud, once. */
static void tell_cage(const struct command *c)
{
    char report[128];

    if (c->no_cage) {
        say(stderr, c, "ocr.uncaged", NULL);
        return;
    }
    cage_report(report, sizeof report);
    if (walls_are_missing(report))
        say(stderr, c, "ocr.cage", report);
}

static unsigned jobs_of(const struct command *c)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (c->jobs != 0)
        return (unsigned)c->jobs;
    return cores < 1 ? 1 : cores > OCR_JOBS_MAX ? OCR_JOBS_MAX : (unsigned)cores;
}

static struct ocr_client *start_reader(const struct command *c, unsigned jobs)
{
    const struct ocr_options o = {
        .program = "/proc/self/exe",
        .jobs = jobs,
        .uncaged = c->no_cage,
        .without = c->without_words,
        .page_wall_ms_max = (uint32_t)c->page_seconds * 1000,
    };
    struct ocr_client *client;
    struct err e;

    tell_cage(c);
    if (ocr_client_create(&client, &o, &e) != 0)
        say(stderr, c, "ocr.failed", e.text);
    return client;
}

static int read_files(const struct command *c, char **files, size_t files_count)
{
    const struct run_options run = {
        .format = c->format,
        .files = (const char *const *)files,
        .files_count = files_count,
        .jobs = jobs_of(c),
        .language = c->language,
        .tell_progress = isatty(STDERR_FILENO) == 1,
    };
    struct ocr_client *client = start_reader(c, run.jobs);
    uint64_t refused = 0;
    struct err e;
    int rc;

    if (client == NULL)
        return EXIT_FAILED;
    rc = run_files(client, &run, STDOUT_FILENO, &refused, &e);
    ocr_client_destroy(client);
    if (rc != 0) {
        say(stderr, c, "ocr.failed", e.text);
        return EXIT_FAILED;
    }
    return refused > 0 ? EXIT_PARTLY : EXIT_DONE;
}

static void say_refusal(const struct command *c, const char *path, enum refusal r)
{
    const char *args[2] = {path, NULL};
    struct buffer reason;
    char key[64];

    (void)snprintf(key, sizeof key, "refusal.%s", refusal_name(r));
    buffer_init(&reason, 1024);
    message_append(&reason, key, c->language, NULL, 0);
    args[1] = (const char *)reason.bytes;
    say_all(stderr, c, "ocr.file_refused", args, 2);
    buffer_release(&reason);
}

/* How many different things are to be made of the file. */
static int conversions_of(const struct command *c)
{
    return (c->small != NULL || c->thumbnail != NULL) + (c->repacked != NULL) +
           (c->restored != NULL);
}

static int make(const struct command *c, struct ocr_client *client, const char *path,
                bool *gained, enum refusal *refusal, struct err *e)
{
    *gained = true;
    if (c->repacked != NULL)
        return convert_file(client, CONVERT_REPACK, path, c->repacked, gained, refusal,
                            e);
    if (c->restored != NULL)
        return convert_file(client, CONVERT_RESTORE, path, c->restored, gained, refusal,
                            e);
    return convert_page(client, path, c->page == 0 ? 0 : (uint32_t)c->page - 1, c->small,
                        c->thumbnail, refusal, e);
}

static int convert(const struct command *c, const char *path)
{
    struct ocr_client *client = start_reader(c, 1);
    enum refusal refusal;
    bool gained;
    struct err e;
    int rc;

    if (client == NULL)
        return EXIT_FAILED;
    rc = make(c, client, path, &gained, &refusal, &e);
    ocr_client_destroy(client);
    if (rc != 0) {
        say(stderr, c, "ocr.failed", e.text);
        return EXIT_FAILED;
    }
    if (refusal != REFUSAL_NONE)
        say_refusal(c, path, refusal);
    else if (!gained)
        say(stderr, c, "ocr.no_smaller", path);
    return gained && refusal == REFUSAL_NONE ? EXIT_DONE : EXIT_PARTLY;
}

/* --help or --version. */
static int tell(const struct command *c)
{
    static const char *const lines[] = {"ocr.usage", "ocr.help", "ocr.help_options",
                                        "ocr.help_convert", "ocr.help_exit"};

    if (!c->help)
        (void)printf("tram-ocr %s\n", TRAM_VERSION);
    for (size_t i = 0; c->help && i < sizeof lines / sizeof *lines; i++)
        say(stdout, c, lines[i], NULL);
    return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}

int main(int argc, char **argv)
{
    struct command c = {.format = FORMAT_TEXT, .language = message_language()};

    if (take_options(&c, argc, argv) != 0)
        return EXIT_WORDS;
    if (c.worker)
        return work(&c);
    if (c.help || c.version) {
        return tell(&c);
    }
    if (optind == argc) {
        say(stderr, &c, "ocr.no_file", NULL);
        return EXIT_WORDS;
    }
    (void)signal(SIGPIPE, SIG_IGN); /* an output that has gone is an error */
    if (conversions_of(&c) > 1 || (conversions_of(&c) == 1 && argc - optind != 1) ||
        (c.page != 0 && c.small == NULL && c.thumbnail == NULL)) {
        say(stderr, &c, "ocr.one_conversion", NULL);
        return EXIT_WORDS;
    }
    if (c.format == FORMAT_PDF && isatty(STDOUT_FILENO) == 1) {
        say(stderr, &c, "ocr.pdf_terminal", NULL);
        return EXIT_WORDS;
    }
    if (conversions_of(&c) == 1)
        return convert(&c, argv[optind]);
    return read_files(&c, argv + optind, (size_t)(argc - optind));
}
