#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/courier.h"
#include "appliance/verb_io.h"
#include "base/terminal.h"

#define NUMBERS 3
#define MB      1000000

struct number_texts {
    char text[NUMBERS][24];
};

static const char *put(struct number_texts *t, int place, uint64_t number)
{
    (void)snprintf(t->text[place], sizeof t->text[place], "%" PRIu64, number);
    return t->text[place];
}

static bool show(void *arg, uint64_t bytes, uint64_t bytes_in_all)
{
    struct verb_io *io = arg;
    char bar[TERMINAL_BAR_BYTES];
    struct number_texts t;

    terminal_bar(bar, bytes, bytes_in_all);
    progress_line(io, "courier.progress",
                  (const char *const[]){bar, put(&t, 0, bytes / MB),
                                        put(&t, 1, (bytes_in_all + MB - 1) / MB)},
                  3);
    return !verb_cancelled(io);
}

/* ------------------------------------------------------------------------ import */

/* Every sentence about what was on the stick that a person may have to act on. */
static void say_trouble(struct verb_io *io, const struct courier_imported *in)
{
    struct number_texts t;

    if (in->damaged > 0)
        say(io, "courier.damaged", (const char *const[]){put(&t, 0, in->damaged)}, 1);
    if (in->refused > 0)
        say(io, "courier.receipt_refused", (const char *const[]){put(&t, 0, in->refused)},
            1);
    if (in->forked)
        say(io, "sync.forked", NULL, 0);
    if (in->unhealed)
        say(io, "courier.unhealed", NULL, 0);
    if (in->foreign > 0)
        say(io, "courier.foreign", (const char *const[]){put(&t, 0, in->foreign)}, 1);
}

static bool is_trouble(const struct courier_imported *in)
{
    return in->damaged > 0 || in->refused > 0 || in->unhealed || in->foreign > 0;
}

static const char *import_state(const struct courier_imported *in)
{
    if (in->tars == 0)
        return in->foreign > 0 ? "foreign" : "nothing";
    return in->news ? "received" : "old";
}

static json_t *import_json(const struct courier_imported *in)
{
    return json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:I, s:I}", "state",
                     import_state(in), "receipts", (int)in->receipts, "bundles",
                     (int)in->bundles, "changes", (int)in->changes, "refused",
                     (int)in->refused, "damaged", (int)in->damaged, "foreign",
                     (int)in->foreign, "removed", (int)in->removed, "received",
                     (json_int_t)in->received, "applied", (json_int_t)in->applied, "safe",
                     (json_int_t)in->safe);
}

static int tell_import(struct verb_io *io, const struct courier_imported *in)
{
    struct number_texts t;
    char key[32];

    if (io->json)
        return verb_json(io, import_json(in));
    (void)snprintf(key, sizeof key, "courier.import.%s", import_state(in));
    tell(io, key,
         (const char *const[]){put(&t, 0, in->received), put(&t, 1, in->applied),
                               put(&t, 2, in->safe)},
         3);
    if (in->changes > 0)
        tell(io, "courier.import.changes", (const char *const[]){put(&t, 0, in->changes)},
             1);
    say_trouble(io, in);
    return 0;
}

/* ------------------------------------------------------------------------ export */

static const char *export_state(const struct courier_exported *x)
{
    if (x->stopped)
        return "stopped";
    if (x->full)
        return "full";
    if (x->bundles + x->blobs + x->parts > 0)
        return "written";
    return x->carried > 0 ? "carried" : "nothing";
}

static int tell_export(struct verb_io *io, const struct courier_exported *x)
{
    struct number_texts t;
    char key[32];

    if (io->json)
        return verb_json(
            io, json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:I, s:o}", "state",
                          export_state(x), "tars", (int)x->tars, "bundles",
                          (int)x->bundles, "blobs", (int)x->blobs, "parts", (int)x->parts,
                          "carried", (int)x->carried, "unreadable", (int)x->unreadable,
                          "bytes", (json_int_t)x->bytes, "last", (json_int_t)x->last,
                          "import", import_json(&x->in)));
    (void)snprintf(key, sizeof key, "courier.export.%s", export_state(x));
    if (strcmp(export_state(x), "carried") == 0)
        tell(io, key, (const char *const[]){put(&t, 0, x->carried)}, 1);
    else
        tell(io, key,
             (const char *const[]){put(&t, 0, x->bundles),
                                   put(&t, 1, x->blobs + x->parts),
                                   put(&t, 2, (x->bytes + 999) / 1000)},
             3);
    if (x->unreadable > 0)
        say(io, "courier.unreadable", (const char *const[]){put(&t, 0, x->unreadable)},
            1);
    say_trouble(io, &x->in);
    return 0;
}

/* -------------------------------------------------------------------------- verb */

static int run(struct box *b, struct verb_io *io, bool export, const char *dir)
{
    const struct courier_options o = {.box = b,
                                      .random = random_system(),
                                      .stick = disk_system(),
                                      .dir = dir,
                                      .go_on = show,
                                      .arg = io};
    struct courier_exported x = {0};
    struct err e;
    int told;

    if ((export ? courier_export(&o, &x, &e) : courier_import(&o, &x.in, &e)) != 0) {
        if (export && x.tars > 0)
            (void)tell_export(io, &x); /* what was finished is on the stick */
        return verb_failed(io, &e);
    }
    told = export ? tell_export(io, &x) : tell_import(io, &x.in);
    if (told != 0)
        return EXIT_FAILED;
    return x.full || x.stopped || x.unreadable > 0 || is_trouble(&x.in) ? EXIT_PARTLY
                                                                        : EXIT_DONE;
}

int verb_courier(struct box *b, struct verb_io *io, int argc, char **argv)
{
    char dir[DISK_PATH_BYTES];
    struct disk_stat there;
    bool enrolled, export;
    struct err e;

    if (options_take(io, NULL, 0, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 3 || (strcmp(argv[1], "export") != 0 && strcmp(argv[1], "import") != 0))
        return verb_usage(io, "courier");
    export = argv[1][0] == 'e';
    if (verb_path(dir, io, argv[2], &e) != 0 || outbox_enrolled(b, &enrolled, &e) != 0 ||
        disk_stat(disk_system(), dir, &there, &e) != 0)
        return verb_failed(io, &e);
    if (there.kind != DISK_DIR) {
        say(io, "courier.no_stick", (const char *const[]){argv[2]}, 1);
        return EXIT_FAILED;
    }
    if (!enrolled) {
        say(io, "sync.not_enrolled", NULL, 0);
        return EXIT_FAILED;
    }
    return run(b, io, export, dir);
}
