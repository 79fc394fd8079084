#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/export.h"
#include "appliance/people/audit.h"
#include "appliance/verb_io.h"
#include "appliance/verb_package.h"

/* What was asked for, as words. */
struct asked {
    const char *format, *out;
    bool all;
    struct export_selection what;
    uint64_t *ids; /* owned */
};

struct exporting {
    struct verb_io *io;
    json_t *refused;
};

static bool go_on(void *arg, uint64_t done, uint64_t all)
{
    struct exporting *x = arg;
    char at[24], of[24];

    (void)snprintf(at, sizeof at, "%" PRIu64, done);
    (void)snprintf(of, sizeof of, "%" PRIu64, all);
    if (done % 100 == 0)
        progress_line(x->io, "export.progress", (const char *const[]){at, of}, 2);
    return !verb_cancelled(x->io);
}

static void tell_refused(void *arg, uint64_t document, const char *why)
{
    struct exporting *x = arg;
    char number[24];

    (void)snprintf(number, sizeof number, "%" PRIu64, document);
    say(x->io, "export.refused", (const char *const[]){number, why}, 2);
    (void)json_array_append_new(x->refused,
                                json_pack("{s:I, s:o}", "document", (json_int_t)document,
                                          "reason", json_any_text(why)));
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
static bool is_sound(const struct asked *a)
{
    bool names = a->what.query != NULL || a->what.dossier != NULL ||
                 a->what.type != NULL || a->what.ids_count > 0;

    return a->format != NULL && a->out != NULL && names != a->all;
}

static int tell_done(struct exporting *x, const struct asked *a,
                     const struct export_counts *c)
{
    struct verb_io *io = x->io;
    char number[24];

    (void)snprintf(number, sizeof number, "%" PRIu64, c->documents);
    if (io->json)
        (void)verb_json(
            io, json_pack("{s:I, s:o, s:O}", "documents", (json_int_t)c->documents, "out",
                          c->documents == 0 ? json_null() : json_any_text(a->out),
                          "refused", x->refused));
    if (c->documents == 0) {
        say(io, "export.nothing", NULL, 0);
        return EXIT_FAILED;
    }
    if (!io->json)
        say(io, "export.written", (const char *const[]){number, a->out}, 2);
    return c->refused > 0 ? EXIT_PARTLY : EXIT_DONE;
}

static int write_records(struct box *b, struct verb_io *io, const struct asked *a,
                         enum export_format format)
{
    struct exporting x = {.io = io, .refused = json_array()};
    const struct export_options o = {
        .format = format, .progress = go_on, .refused = tell_refused, .arg = &x};
    char path[DISK_PATH_BYTES];
    struct export_counts counts;
    struct err e;
    int status;

    if (verb_path(path, io, a->out, &e) != 0 ||
        export_write(b, &a->what, &o, path, &counts, &e) != 0)
        status = verb_failed(io, &e);
    else
        status = tell_done(&x, a, &counts);
    json_decref(x.refused);
    return status;
}

/* Before a byte is written: what nobody can be told of is not given out. */
static int tell_trail(struct box *b, const struct asked *a, struct err *e)
{
    json_t *j =
        json_pack("{s:s, s:b, s:s?, s:s?, s:s?, s:I}", "format", a->format, "all",
                  (int)a->all, "query", a->what.query, "dossier", a->what.dossier, "type",
                  a->what.type, "documents", (json_int_t)a->what.ids_count);
    char *detail = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);
    int rc = detail == NULL
                 ? err_set(e, ERR_USAGE, "the words are no UTF-8")
                 : audit_write(b->store, "exported", b->actor, a->out, detail, e);

    free(detail);
    json_decref(j);
    return rc;
}

static int write_it(struct box *b, struct verb_io *io, const struct asked *a)
{
    bool package = strcmp(a->format, "package") == 0;
    bool csv = strcmp(a->format, "csv") == 0;
    struct err e;

    if (!package && !csv && strcmp(a->format, "jsonl") != 0)
        return verb_usage(io, "export");
    if (tell_trail(b, a, &e) != 0)
        return verb_failed(io, &e);
    return package ? verb_package(b, io, &a->what, a->out)
                   : write_records(b, io, a, csv ? EXPORT_CSV : EXPORT_JSONL);
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
    int status = EXIT_WORDS;

    if (options_take(io, words, sizeof words / sizeof *words, &argc, argv) != 0)
        return EXIT_WORDS;
    if (take_ids(io, &a, argc, argv) == 0)
        status = is_sound(&a) ? write_it(b, io, &a) : verb_usage(io, "export");
    free(a.ids);
    return status;
}
