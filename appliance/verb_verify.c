#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>

#include "appliance/verb_io.h"
#include "appliance/verify.h"

struct checking {
    struct verb_io *io;
    json_t *problems, *notes;
};

/* Kept for the end: they come while a snapshot is open, and a slow reader of ours is
 * not to hold that. */
static void add_problem(void *arg, const char *text)
{
    struct checking *c = arg;

    (void)json_array_append_new(c->problems, json_any_text(text));
}

static void add_note(void *arg, const char *text)
{
    struct checking *c = arg;

    (void)json_array_append_new(c->notes, json_any_text(text));
}

static int show_progress(void *arg, uint64_t originals)
{
    struct checking *c = arg;
    char number[24];

    (void)snprintf(number, sizeof number, "%" PRIu64, originals);
    progress_line(c->io, "verify.progress", (const char *const[]){number}, 1);
    return verb_cancelled(c->io) ? 1 : 0;
}

static void tell_each(struct verb_io *io, const char *key, const json_t *texts)
{
    size_t i;
    json_t *text;

    json_array_foreach(texts, i, text)
        tell(io, key, (const char *const[]){json_string_value(text)}, 1);
}

static int tell_verdict(struct checking *c)
{
    bool ok = json_array_size(c->problems) == 0;
    int rc = 0;

    if (c->io->json) {
        rc = verb_json(c->io, json_pack("{s:b, s:O, s:O}", "ok", (int)ok, "problems",
                                        c->problems, "notes", c->notes));
    } else {
        tell_each(c->io, "verify.problem", c->problems);
        tell_each(c->io, "verify.note", c->notes);
        tell(c->io, ok ? "verify.ok" : "verify.not_ok", NULL, 0);
    }
    return ok && rc == 0 ? EXIT_DONE : EXIT_FAILED;
}

int verb_verify(struct box *b, struct verb_io *io, int argc, char **argv)
{
    struct checking c = {.io = io};
    struct verify_sink sink = {
        .problem = add_problem, .note = add_note, .progress = show_progress, .arg = &c};
    struct err e;
    int status;

    if (options_take(io, NULL, 0, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 1)
        return verb_usage(io, "verify");
    c.problems = json_array();
    c.notes = json_array();
    if (verify_box(b, &sink, &e) != 0)
        status = verb_failed(io, &e);
    else
        status = tell_verdict(&c);
    json_decref(c.problems);
    json_decref(c.notes);
    return status;
}
