#include "appliance/verb_package.h"

#include <inttypes.h>

#include "appliance/package.h"
#include "appliance/reader_own.h"
#include "appliance/verb_io.h"

struct packing {
    struct verb_io *io;
    json_t *told;
};

static bool go_on(void *arg, uint64_t done, uint64_t all)
{
    struct packing *p = arg;
    char at[24], of[24];

    (void)snprintf(at, sizeof at, "%" PRIu64, done);
    (void)snprintf(of, sizeof of, "%" PRIu64, all);
    progress_line(p->io, "package.progress", (const char *const[]){at, of}, 2);
    return !verb_cancelled(p->io);
}

static void tell_case(void *arg, uint64_t document, const char *sentence)
{
    struct packing *p = arg;
    char number[24];

    (void)snprintf(number, sizeof number, "%" PRIu64, document);
    say(p->io, "package.case", (const char *const[]){number, sentence}, 2);
    (void)json_array_append_new(p->told,
                                json_pack("{s:I, s:o}", "document", (json_int_t)document,
                                          "reason", json_any_text(sentence)));
}

/* Why no file was made. */
static int tell_none(struct verb_io *io, const struct package *k)
{
    switch (k->outcome) {
    case PACKAGE_WRITTEN:
        break;
    case PACKAGE_EMPTY:
        say(io, "export.nothing", NULL, 0);
        break;
    case PACKAGE_MIXED:
        if (k->two)
            say(io, "package.mixed", (const char *const[]){k->types[0], k->types[1]}, 2);
        else
            say(io, "package.no_type", (const char *const[]){k->types[0]}, 1);
        break;
    }
    return EXIT_FAILED;
}

static int tell_done(struct packing *p, const struct package *k, const char *out)
{
    char cases[24], pdfs[24], told[24];
    struct verb_io *io = p->io;

    (void)snprintf(cases, sizeof cases, "%" PRIu64, k->cases);
    (void)snprintf(pdfs, sizeof pdfs, "%" PRIu64, k->pdfs);
    (void)snprintf(told, sizeof told, "%" PRIu64, k->told);
    if (io->json)
        (void)verb_json(
            io,
            json_pack("{s:I, s:I, s:o, s:O}", "cases", (json_int_t)k->cases, "pdfs",
                      (json_int_t)k->pdfs, "out",
                      k->outcome == PACKAGE_WRITTEN ? json_any_text(out) : json_null(),
                      "told", p->told));
    if (k->outcome != PACKAGE_WRITTEN)
        return tell_none(io, k);
    if (!io->json)
        say(io, "package.written", (const char *const[]){cases, pdfs, out}, 3);
    if (k->told > 0)
        say(io, "package.told", (const char *const[]){told}, 1);
    return k->told > 0 ? EXIT_PARTLY : EXIT_DONE;
}

int verb_package(struct box *b, struct verb_io *io, const struct export_selection *what,
                 const char *out)
{
    struct packing p = {.io = io, .told = json_array()};
    const struct package_options o = {
        .language = io->language, .progress = go_on, .told = tell_case, .arg = &p};
    struct reader *own = NULL;
    char path[DISK_PATH_BYTES];
    struct package k;
    struct err e;
    int status;

    if (verb_path(path, io, out, &e) != 0 ||
        reader_own_begin(b, io->uncaged, &own, &e) != 0 ||
        package_write(b, what, &o, path, &k, &e) != 0)
        status = verb_failed(io, &e);
    else
        status = tell_done(&p, &k, out);
    reader_own_end(b, own);
    json_decref(p.told);
    return status;
}
