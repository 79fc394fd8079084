#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appliance/box_types.h"
#include "appliance/intake.h"
#include "appliance/intake_words.h"
#include "appliance/verb_io.h"

/* A batch of the command line. */
struct batch {
    struct verb_io *io;
    const char *given;          /* the word at hand as it was typed … */
    char path[DISK_PATH_BYTES]; /* … and the path it stands for */
    uint64_t files, not_taken;
};

/* What the file is called in the asker's words: results name the path we gave. */
static const char *file_as_given(struct batch *b, const char *file, struct buffer *out)
{
    size_t bytes = strlen(b->path);

    if (b->given == NULL || strncmp(file, b->path, bytes) != 0)
        return file;
    buffer_append_text(out, b->given);
    /* "dir/" and "/file": one separator is enough. */
    if (out->count > 0 && out->bytes[out->count - 1] == '/' && file[bytes] == '/')
        bytes++;
    buffer_append_text(out, file + bytes);
    return out->failed == ERR_NONE ? (const char *)out->bytes : file;
}

static int tell_result(struct batch *b, const struct intake_result *r, struct err *e)
{
    struct verb_io *io = b->io;
    char document[24], pages[16];

    b->files++;
    if (r->state == INTAKE_REFUSED || r->state == INTAKE_HELD) {
        b->not_taken++;
        intake_say(io, r);
    }
    if (io->json) {
        if (verb_json(io, intake_json(r)) != 0)
            return err_set(e, ERR_FAILED, "the results could not be written");
    } else if (r->document != 0) {
        (void)snprintf(document, sizeof document, "%" PRIu64, r->document);
        (void)snprintf(pages, sizeof pages, "%" PRIu32, r->pages);
        tell(io, r->state == INTAKE_KEPT ? "intake.kept" : "intake.duplicate",
             (const char *const[]){document, pages, r->file}, 3);
    }
    return 0;
}

static int each_result(void *arg, const struct intake_result *r, struct err *e)
{
    struct batch *b = arg;
    struct intake_result named = *r;
    struct buffer name;
    int rc;

    buffer_init(&name, 65536);
    named.file = file_as_given(b, r->file, &name);
    rc = tell_result(b, &named, e);
    buffer_release(&name);
    if (rc == 0 && verb_cancelled(b->io))
        return err_set(e, ERR_FAILED, "stopped; what was told is kept");
    return rc;
}

static bool batch_cancelled(void *arg)
{
    return verb_cancelled(((struct batch *)arg)->io);
}

static void show_progress(void *arg, const char *file, uint64_t bytes)
{
    struct batch *b = arg;
    const char *slash = strrchr(file, '/');
    char files[24], megabytes[24];

    (void)snprintf(files, sizeof files, "%" PRIu64, b->files);
    (void)snprintf(megabytes, sizeof megabytes, "%.1f", (double)bytes / 1e6);
    progress_line(
        b->io, "intake.progress",
        (const char *const[]){files, slash == NULL ? file : slash + 1, megabytes}, 3);
}

static int take_path(struct intake *i, struct batch *b, const char *given, struct err *e)
{
    struct intake_result refused = {
        .file = given, .state = INTAKE_REFUSED, .reason = INTAKE_NOT_FOUND};
    struct err too_long;

    b->given = NULL;
    if (given[0] == '\0')
        return err_set(e, ERR_USAGE, "an empty path");
    if (verb_path(b->path, b->io, given, &too_long) != 0)
        return each_result(b, &refused, e); /* no file has so long a name */
    b->given = given;
    return intake_path(i, disk_system(), b->path, e);
}

/* An unknown type is kept as it was given; the clerk is told at once. */
static int check_type(struct box *b, struct verb_io *io, const char *type, struct err *e)
{
    const struct box_types *t;
    struct buffer known;

    if (type == NULL)
        return 0;
    if (box_types(b, &t, e) != 0)
        return -1;
    buffer_init(&known, 4096);
    if (!box_type_known(t, type, &known) && known.count > 0)
        say(io, "types.unknown", (const char *const[]){type, (char *)known.bytes}, 2);
    buffer_release(&known);
    return 0;
}

int verb_intake(struct box *b, struct verb_io *io, int argc, char **argv)
{
    struct batch batch = {.io = io};
    struct intake_options options = {.each = each_result,
                                     .progress = show_progress,
                                     .cancelled = batch_cancelled,
                                     .arg = &batch};
    const struct option_word words[] = {{"--dossier", &options.dossier, NULL},
                                        {"--type", &options.type, NULL}};
    struct intake *i = NULL;
    struct err e;
    int rc;

    if (options_take(io, words, 2, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc < 2)
        return verb_usage(io, "intake");
    rc = check_type(b, io, options.type, &e);
    if (rc == 0)
        rc = intake_create(&i, b, &options, &e);
    for (int n = 1; n < argc && rc == 0; n++)
        rc = take_path(i, &batch, argv[n], &e);
    intake_destroy(i);
    if (rc != 0)
        return verb_failed(io, &e);
    if (batch.files == 0)
        say(io, "intake.nothing", NULL, 0);
    return batch.not_taken > 0 ? EXIT_PARTLY : EXIT_DONE;
}
