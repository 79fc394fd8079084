#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/export.h"
#include "appliance/verb_io.h"

/* What was asked for, as words. */
struct asked {
    const char *format, *out;
    bool all;
    struct export_selection what;
    uint64_t *ids; /* owned */
};

static bool go_on(void *arg, uint64_t done, uint64_t all)
{
    struct verb_io *io = arg;
    char at[24], of[24];

    (void)snprintf(at, sizeof at, "%" PRIu64, done);
    (void)snprintf(of, sizeof of, "%" PRIu64, all);
    if (done % 100 == 0)
        progress_line(io, "export.progress", (const char *const[]){at, of}, 2);
    return !verb_cancelled(io);
}

static int take_ids(struct verb_io *io, struct asked *a, int argc, char **argv)
{
    a->ids = calloc((size_t)argc, sizeof *a->ids); /* argv[0] is the word itself */
    if (a->ids == NULL)
        return -1;
    for (int i = 1; i < argc; i++)
        if (option_number(io, "ID", argv[i], 1, INT64_MAX, &a->ids[i - 1]) != 0)
            return -1;
    a->what.ids = a->ids;
    a->what.ids_count = (size_t)(argc - 1);
    return 0;
}

/* Something must be named, so that nobody gives out all of it by leaving words out. */
static bool is_sound(const struct asked *a, enum export_format *format)
{
    bool names = a->what.query != NULL || a->what.dossier != NULL ||
                 a->what.type != NULL || a->what.ids_count > 0;

    if (a->format == NULL || a->out == NULL || names == a->all)
        return false;
    *format = strcmp(a->format, "csv") == 0 ? EXPORT_CSV : EXPORT_JSONL;
    return *format == EXPORT_CSV || strcmp(a->format, "jsonl") == 0;
}

static int write_it(struct box *b, struct verb_io *io, const struct asked *a,
                    enum export_format format)
{
    const struct export_options o = {.format = format, .progress = go_on, .arg = io};
    char path[DISK_PATH_BYTES], number[24];
    uint64_t documents;
    struct err e;

    if (verb_path(path, io, a->out, &e) != 0 ||
        export_write(b, &a->what, &o, path, &documents, &e) != 0)
        return verb_failed(io, &e);
    (void)snprintf(number, sizeof number, "%" PRIu64, documents);
    if (documents == 0) {
        say(io, "export.nothing", NULL, 0);
        return EXIT_FAILED;
    }
    if (io->json)
        (void)verb_json(io, json_pack("{s:I, s:o}", "documents", (json_int_t)documents,
                                      "out", json_any_text(a->out)));
    else
        say(io, "export.written", (const char *const[]){number, a->out}, 2);
    return EXIT_DONE;
}

int verb_export(struct box *b, struct verb_io *io, int argc, char **argv)
{
    struct asked a = {0};
    const struct option_word words[] = {{"--format", &a.format, NULL},
                                        {"--query", &a.what.query, NULL},
                                        {"--dossier", &a.what.dossier, NULL},
                                        {"--type", &a.what.type, NULL},
                                        {"--out", &a.out, NULL},
                                        {"--all", NULL, &a.all}};
    enum export_format format;
    int status = EXIT_WORDS;

    if (options_take(io, words, sizeof words / sizeof *words, &argc, argv) != 0)
        return EXIT_WORDS;
    if (take_ids(io, &a, argc, argv) == 0)
        status = is_sound(&a, &format) ? write_it(b, io, &a, format)
                                       : verb_usage(io, "export");
    free(a.ids);
    return status;
}
