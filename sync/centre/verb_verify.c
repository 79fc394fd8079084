#include "sync/centre/verbs.h"

#include <inttypes.h>

#include "sync/centre/verify.h"

struct checking {
    struct console *console;
    json_t *problems, *notes;
};

static void add_problem(void *arg, const char *text)
{
    struct checking *k = arg;

    (void)json_array_append_new(k->problems, json_any_text(text));
    if (!k->console->json)
        console_tell(k->console, "verify.problem", (const char *const[]){text}, 1);
}

static void add_note(void *arg, const char *text)
{
    struct checking *k = arg;

    (void)json_array_append_new(k->notes, json_any_text(text));
    if (!k->console->json)
        console_tell(k->console, "verify.note", (const char *const[]){text}, 1);
}

static int show_progress(void *arg, uint64_t originals)
{
    struct checking *k = arg;
    char number[24];

    (void)snprintf(number, sizeof number, "%" PRIu64, originals);
    console_progress(k->console, "verify.progress", (const char *const[]){number}, 1);
    return k->console->stopped() ? 1 : 0;
}

static int tell_verdict(struct checking *k)
{
    bool ok = json_array_size(k->problems) == 0;
    int rc = 0;

    if (k->console->json)
        rc = console_json(k->console,
                          json_pack("{s:b, s:O, s:O}", "ok", (int)ok, "problems",
                                    k->problems, "notes", k->notes));
    else
        console_tell(k->console, ok ? "verify.ok" : "centre.verify.not_ok", NULL, 0);
    return ok && rc == 0 ? CONSOLE_DONE : CONSOLE_FAILED;
}

int centre_verb_verify(struct console *c, int argc, char **argv)
{
    struct checking k = {.console = c};
    const struct centre_verify_sink sink = {.problem = add_problem,
                                            .unrestored = add_problem,
                                            .note = add_note,
                                            .progress = show_progress,
                                            .arg = &k};
    struct centre *centre;
    struct err e;
    int status;

    if (console_options(c, NULL, 0, &argc, argv) != 0)
        return CONSOLE_WORDS;
    if (argc != 1)
        return centre_verb_usage(c, "verify");
    if (console_open(c, &centre) != 0)
        return CONSOLE_FAILED;
    k.problems = json_array();
    k.notes = json_array();
    if (centre_verify(centre, &sink, &e) != 0)
        status = console_failed(c, &e);
    else
        status = tell_verdict(&k);
    json_decref(k.problems);
    json_decref(k.notes);
    centre_close(centre);
    return status;
}
