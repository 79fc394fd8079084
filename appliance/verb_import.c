#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/box_types.h"
#include "appliance/import.h"
#include "appliance/verb_io.h"

#define REFUSALS_TOLD_MAX 1000 /* in JSON; the count says how many there are */
#define UNKNOWN_TYPES_MAX 20

struct importing {
    struct verb_io *io;
    const char *file;
    json_t *refusals;
    const struct box_types *types;
    json_t *unknown; /* types that no record type has the name of: said once each */
};

static void tell_refused(void *arg, uint64_t line, const char *why)
{
    struct importing *i = arg;
    char number[24];

    (void)snprintf(number, sizeof number, "%" PRIu64, line);
    say(i->io, "import.refused", (const char *const[]){i->file, number, why}, 3);
    if (json_array_size(i->refusals) < REFUSALS_TOLD_MAX)
        (void)json_array_append_new(i->refusals,
                                    json_pack("{s:I, s:o}", "line", (json_int_t)line,
                                              "reason", json_any_text(why)));
}

static void show_progress(void *arg, const struct import_counts *c)
{
    struct importing *i = arg;
    char lines[24];

    (void)snprintf(lines, sizeof lines, "%" PRIu64, c->lines);
    progress_line(i->io, "import.progress", (const char *const[]){lines}, 1);
}

static int tell_counts(struct importing *i, const struct import_counts *c)
{
    char numbers[5][24];
    const uint64_t counts[] = {c->added, c->changed, c->unchanged, c->deleted,
                               c->refused};

    if (i->io->json)
        return verb_json(
            i->io, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:O, s:O}", "lines",
                             (json_int_t)c->lines, "added", (json_int_t)c->added,
                             "changed", (json_int_t)c->changed, "unchanged",
                             (json_int_t)c->unchanged, "deleted", (json_int_t)c->deleted,
                             "refused", (json_int_t)c->refused, "refusals", i->refusals,
                             "unknown_types", i->unknown));
    for (int n = 0; n < 5; n++)
        (void)snprintf(numbers[n], sizeof numbers[n], "%" PRIu64, counts[n]);
    tell(
        i->io, "import.done",
        (const char *const[]){numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]},
        5);
    return 0;
}

/* The records are taken all the same. */
static void tell_unknown(struct importing *i)
{
    size_t n;
    json_t *type;

    json_array_foreach(i->unknown, n, type)
    {
        struct buffer known;

        buffer_init(&known, 4096);
        if (!box_type_known(i->types, json_string_value(type), &known) && known.count > 0)
            say(i->io, "types.unknown",
                (const char *const[]){json_string_value(type), (char *)known.bytes}, 2);
        buffer_release(&known);
    }
}

static void note_type(void *arg, const char *type)
{
    struct importing *i = arg;
    json_t *told;
    size_t n;

    if (types_find(i->types->types, type) != NULL ||
        json_array_size(i->unknown) == UNKNOWN_TYPES_MAX)
        return;
    json_array_foreach(i->unknown, n, told)
    {
        if (strcmp(json_string_value(told), type) == 0)
            return;
    }
    (void)json_array_append_new(i->unknown, json_string(type));
}

static int open_lines(struct verb_io *io, const char *file, int *fd, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_file *f = NULL;
    int rc = -1;

    *fd = -1;
    if (verb_path(path, io, file, e) == 0 &&
        disk_open(disk_system(), &f, path, DISK_READ, e) == 0)
        rc = disk_file_descriptor(f, fd, e);
    disk_close(f);
    return rc;
}

int verb_import(struct box *b, struct verb_io *io, int argc, char **argv)
{
    struct importing i = {.io = io};
    struct import_options o = {.refused = tell_refused,
                               .progress = show_progress,
                               .typed = note_type,
                               .arg = &i};
    bool exported = false;
    const struct option_word words[] = {{"--source", &o.source, NULL},
                                        {"--exported", NULL, &exported}};
    struct import_counts counts;
    int status, fd;
    struct err e;

    if (options_take(io, words, 2, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 2 || (o.source == NULL) != exported ||
        (o.source != NULL && o.source[0] == '\0'))
        return verb_usage(io, "import");
    i.file = argv[1];
    if (box_types(b, &i.types, &e) != 0 || open_lines(io, i.file, &fd, &e) != 0)
        return verb_failed(io, &e);
    i.refusals = json_array();
    i.unknown = json_array();
    if (import_lines(b, fd, &o, &counts, &e) != 0)
        status = verb_failed(io, &e);
    else
        status = counts.refused > 0 ? EXIT_PARTLY : EXIT_DONE;
    /* After a failure too: what was counted is kept. */
    if (tell_counts(&i, &counts) != 0)
        status = EXIT_FAILED;
    tell_unknown(&i);
    json_decref(i.unknown);
    json_decref(i.refusals);
    (void)close(fd); /* opened to read */
    return status;
}
