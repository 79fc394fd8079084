#include "appliance/verbs.h"

#include <string.h>

#include "appliance/verb_io.h"

static const struct verb verbs[] = {
    {"init", "init --demo [--name \"Xã …\"] | --enrol FILE", "verb.init", false, NULL,
     verb_init},
    {"intake", "intake [--dossier CODE] [--type T] FILE|DIR|ARCHIVE…", "verb.intake",
     true, verb_intake, NULL},
    {"read", "read [--wait] [--jobs N]", "verb.read", true, verb_read, NULL},
    {"import", "import --source NAME FILE.jsonl", "verb.import", true, verb_import, NULL},
    {"search", "search QUERY [--limit N]", "verb.search", true, verb_search, NULL},
    {"show", "show ID [--text|--pdf OUT|--original OUT]", "verb.show", true, verb_show,
     NULL},
    {"status", "status", "verb.status", true, verb_status, NULL},
    {"sync", "sync [--once] [--max-bytes N]", "verb.sync", true, verb_sync, NULL},
    {"serve", "serve --listen ADDR:PORT [--open]", "verb.serve", false, NULL, verb_serve},
    {"verify", "verify", "verb.verify", true, verb_verify, NULL},
};

const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

size_t verb_all(const struct verb **out)
{
    *out = verbs;
    return sizeof verbs / sizeof *verbs;
}

bool verb_asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

static int help(const struct verb *v, struct verb_io *io)
{
    tell(io, "verb.usage", (const char *const[]){v->usage}, 1);
    tell(io, v->help, NULL, 0);
    return EXIT_DONE;
}

int verb_run(const struct verb *v, struct box *b, const char *dir, struct verb_io *io,
             int argc, char **argv)
{
    int status;

    if (verb_asks_for_help(argc, argv))
        status = help(v, io);
    else if (v->run_dir != NULL)
        status = v->run_dir(dir, io, argc, argv);
    else
        status = v->run(b, io, argc, argv);
    progress_line_clear(io);
    /* Results that reached nobody were not delivered, whatever the word did. */
    if (fflush(io->out) != 0 || ferror(io->out))
        status = status == EXIT_DONE ? EXIT_FAILED : status;
    (void)fflush(io->err);
    return status;
}

int verb_run_in(const struct verb *v, const char *dir, struct reader *reader,
                struct verb_io *io, int argc, char **argv)
{
    struct box *b = NULL;
    struct err e;
    int status;

    if (box_open(&b, disk_system(), clock_system(), dir, reader, &e) != 0)
        return verb_failed(io, &e);
    status = verb_run(v, b, dir, io, argc, argv);
    box_close(b);
    return status;
}
