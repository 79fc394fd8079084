#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>

#include "appliance/backup.h"
#include "appliance/verb_io.h"
#include "base/terminal.h"

static int show_progress(void *arg, const struct backup_progress *p)
{
    struct verb_io *io = arg;
    char bar[TERMINAL_BAR_BYTES] = "…", done[24], mib[24];

    if (p->total > 0) /* it is known once the records have been read */
        terminal_bar(bar, p->done, p->total);
    (void)snprintf(done, sizeof done, "%" PRIu64, p->done);
    (void)snprintf(mib, sizeof mib, "%" PRIu64, p->bytes >> 20);
    progress_line(io, "backup.progress", (const char *const[]){bar, done, mib}, 3);
    return verb_cancelled(io) ? 1 : 0;
}

/* NULL if there is none to show. */
static const char *key_text(struct box *b, bool wanted, char out[RECOVERY_TEXT_BYTES])
{
    struct recovery_key key;
    struct err ignored; /* it was read a moment ago */
    bool found;

    if (!wanted || second_copy_key(b, &key, &found, &ignored) != 0 || !found)
        return NULL;
    recovery_to_text(out, &key);
    recovery_wipe(&key);
    return out;
}

static void tell_number(struct verb_io *io, const char *key, uint64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRIu64, number);
    if (number > 0)
        say(io, key, (const char *const[]){text}, 1);
}

static void tell_key(struct verb_io *io, const char *key)
{
    tell(io, "backup.key", (const char *const[]){key}, 1);
    tell(io, "backup.keep_key", NULL, 0);
}

static int tell_done(struct verb_io *io, const char *dir,
                     const struct second_copy_counts *n, const char *key)
{
    char generation[24], objects[24], copied[24], mib[24];

    (void)snprintf(generation, sizeof generation, "%" PRIu64, n->generation);
    (void)snprintf(objects, sizeof objects, "%" PRIu64, n->objects);
    (void)snprintf(copied, sizeof copied, "%" PRIu64, n->copied);
    (void)snprintf(mib, sizeof mib, "%" PRIu64, (n->copied_bytes + 1048575) >> 20);
    tell_number(io, "backup.lacking", n->lacking);
    tell_number(io, "backup.held", n->held);
    if (io->json)
        return verb_json(
            io, json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:s*}", "dir",
                          json_any_text(dir), "generation", (json_int_t)n->generation,
                          "sequence", (json_int_t)n->sequence, "objects",
                          (json_int_t)n->objects, "copied", (json_int_t)n->copied,
                          "copied_bytes", (json_int_t)n->copied_bytes, "lacking",
                          (json_int_t)n->lacking, "held", (json_int_t)n->held, "epoch",
                          (int)n->epoch, "recovery_key", key));
    tell(io, "backup.done", (const char *const[]){dir, generation, objects, copied, mib},
         5);
    if (key != NULL)
        tell_key(io, key);
    return 0;
}

static int make(struct box *b, struct verb_io *io, const char *to)
{
    const struct backup_options o = {.progress = show_progress, .arg = io};
    struct second_copy_counts counts;
    char path[DISK_PATH_BYTES], key[RECOVERY_TEXT_BYTES];
    struct err e;

    if (verb_path(path, io, to, &e) != 0)
        return verb_failed(io, &e);
    if (second_copy_make(b, b->disk, path, random_system(), &o, &counts, &e) != 0) {
        if (!counts.other_key)
            return verb_failed(io, &e);
        say(io, "backup.other_key", (const char *const[]){to}, 1);
        return EXIT_FAILED;
    }
    if (tell_done(io, to, &counts, key_text(b, counts.key_is_new, key)) != 0)
        return EXIT_FAILED;
    return counts.lacking > 0 ? EXIT_PARTLY : EXIT_DONE;
}

static int show_key(struct box *b, struct verb_io *io)
{
    char text[RECOVERY_TEXT_BYTES];
    const char *key = key_text(b, true, text);

    if (key == NULL) {
        say(io, "backup.no_key", NULL, 0);
        return EXIT_FAILED;
    }
    if (io->json)
        return verb_json(io, json_pack("{s:s}", "recovery_key", key)) == 0 ? EXIT_DONE
                                                                           : EXIT_FAILED;
    tell_key(io, key);
    return EXIT_DONE;
}

int verb_backup(struct box *b, struct verb_io *io, int argc, char **argv)
{
    bool key = false;
    const struct option_word words[] = {{"--show-key", NULL, &key}};

    if (options_take(io, words, 1, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != (key ? 1 : 2))
        return verb_usage(io, "backup");
    return key ? show_key(b, io) : make(b, io, argv[1]);
}
