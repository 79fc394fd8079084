#include "appliance/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium/utils.h>

#include "appliance/backup.h"
#include "appliance/verb_io.h"
#include "base/lock.h"
#include "base/terminal.h"

#define KEY_TEXT_MAX 512

struct asked {
    const char *key_file, *generation;
    const char *from; /* as it was said */
};

static int show_progress(void *arg, const struct backup_progress *p)
{
    struct verb_io *io = arg;
    char bar[TERMINAL_BAR_BYTES], done[24], mib[24];

    terminal_bar(bar, p->done, p->total);
    (void)snprintf(done, sizeof done, "%" PRIu64, p->done);
    (void)snprintf(mib, sizeof mib, "%" PRIu64, p->bytes >> 20);
    progress_line(io, "restore.progress", (const char *const[]){bar, done, mib}, 3);
    return verb_cancelled(io) ? 1 : 0;
}

/* ------------------------------------------------------------------------- the key */

/* From the file, or a line of standard input. Never from an argument: those are seen by
 * everybody on the machine, and stay in the shell's history. */
static int read_text(struct verb_io *io, const char *file, char out[KEY_TEXT_MAX],
                     struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct buffer text;
    int rc = -1;

    if (file == NULL) {
        say(io, "restore.ask_key", NULL, 0);
        if (fgets(out, KEY_TEXT_MAX, stdin) == NULL)
            return err_set(e, ERR_USAGE, "no recovery key came");
        return 0;
    }
    buffer_init(&text, KEY_TEXT_MAX - 1);
    if (verb_path(path, io, file, e) == 0 &&
        disk_read_all(disk_system(), path, &text, e) == 0) {
        memcpy(out, text.count > 0 ? (char *)text.bytes : "", text.count);
        out[text.count] = '\0';
        rc = 0;
    }
    if (text.bytes != NULL)
        sodium_memzero(text.bytes, text.count);
    buffer_release(&text);
    return rc;
}

static int read_key(struct verb_io *io, const char *file, struct recovery_key *out)
{
    char text[KEY_TEXT_MAX], group[16];
    struct err e;
    unsigned bad;

    if (read_text(io, file, text, &e) != 0)
        return verb_failed(io, &e);
    bad = recovery_from_text(out, text);
    sodium_memzero(text, sizeof text);
    if (bad == 0)
        return EXIT_DONE;
    (void)snprintf(group, sizeof group, "%u", bad);
    if (bad > RECOVERY_GROUPS)
        say(io, "restore.key_length", NULL, 0);
    else
        say(io, "restore.key_group", (const char *const[]){group}, 1);
    return EXIT_WORDS;
}

/* ------------------------------------------------------------------------ the box */

static void tell_lost(void *arg, const struct hash *sha256, const char *name)
{
    char hex[HASH_HEX_BYTES];

    hash_to_hex(hex, sha256);
    say(arg, "restore.lost_one", (const char *const[]){hex, name}, 2);
}

static int tell_done(struct verb_io *io, const char *dir,
                     const struct second_copy_counts *n)
{
    char generation[24], lacking[24], held[24], skipped[24], lost[24], epoch[8];

    (void)snprintf(generation, sizeof generation, "%" PRIu64, n->generation);
    (void)snprintf(lacking, sizeof lacking, "%" PRIu64, n->lacking);
    (void)snprintf(held, sizeof held, "%" PRIu64, n->held);
    (void)snprintf(skipped, sizeof skipped, "%" PRIu64, n->skipped);
    (void)snprintf(lost, sizeof lost, "%" PRIu64, n->lost);
    (void)snprintf(epoch, sizeof epoch, "%u", n->epoch);
    if (n->skipped > 0)
        say(io, "restore.skipped", (const char *const[]){skipped, generation}, 2);
    if (n->lost > 0)
        say(io, "restore.lost", (const char *const[]){lost}, 1);
    if (n->lacking > 0)
        say(io, "restore.lacking", (const char *const[]){lacking}, 1);
    if (n->held > 0)
        say(io, "restore.held", (const char *const[]){held}, 1);
    if (io->json)
        return verb_json(
            io, json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i}", "data",
                          json_any_text(dir), "generation", (json_int_t)n->generation,
                          "sequence", (json_int_t)n->sequence, "objects",
                          (json_int_t)n->objects, "lacking", (json_int_t)n->lacking,
                          "lost", (json_int_t)n->lost, "held", (json_int_t)n->held,
                          "skipped", (json_int_t)n->skipped, "epoch", (int)n->epoch));
    tell(io, "restore.done", (const char *const[]){dir, generation, epoch}, 3);
    return 0;
}

static int failed(struct verb_io *io, const struct asked *asked,
                  const struct second_copy_counts *n, const struct err *e)
{
    if (!n->other_key)
        return verb_failed(io, e);
    say(io, "restore.other_key", (const char *const[]){asked->from}, 1);
    return EXIT_FAILED;
}

static int restore(const char *dir, struct verb_io *io, const struct asked *asked)
{
    struct backup_options o = {.progress = show_progress, .lost = tell_lost, .arg = io};
    struct second_copy_counts counts;
    char path[DISK_PATH_BYTES];
    struct recovery_key key;
    struct err e;
    int status;

    if (asked->generation != NULL && option_number(io, "--generation", asked->generation,
                                                   1, UINT32_MAX, &o.generation) != 0)
        return EXIT_WORDS;
    status = read_key(io, asked->key_file, &key);
    if (status != EXIT_DONE)
        return status;
    if (verb_path(path, io, asked->from, &e) != 0)
        status = verb_failed(io, &e);
    else if (second_copy_restore(disk_system(), clock_system(), dir, disk_system(), path,
                                 &key, &o, &counts, &e) != 0)
        status = failed(io, asked, &counts, &e);
    else if (tell_done(io, dir, &counts) != 0)
        status = EXIT_FAILED;
    else
        status =
            counts.lacking + counts.skipped + counts.lost > 0 ? EXIT_PARTLY : EXIT_DONE;
    recovery_wipe(&key);
    return status;
}

/* Before the key is asked for: the answer would be no. */
static int look_for_box(const char *dir, struct verb_io *io)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat there;
    struct err e;

    if (disk_path(path, &e, "%s/tram.db", dir) != 0 ||
        disk_stat(disk_system(), path, &there, &e) != 0)
        return verb_failed(io, &e);
    if (there.kind == DISK_NOTHING)
        return EXIT_DONE;
    say(io, "restore.there_already", (const char *const[]){dir}, 1);
    return EXIT_FAILED;
}

int verb_restore(const char *dir, struct verb_io *io, int argc, char **argv)
{
    struct asked asked = {0};
    const struct option_word words[] = {{"--key-file", &asked.key_file, NULL},
                                        {"--generation", &asked.generation, NULL}};
    struct lock *owner = NULL;
    struct err e;
    int status;

    if (options_take(io, words, 2, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 2)
        return verb_usage(io, "restore");
    asked.from = argv[1];
    status = look_for_box(dir, io);
    if (status != EXIT_DONE)
        return status;
    if (disk_make_dirs(disk_system(), dir, &e) != 0 || lock_try(&owner, dir, &e) != 0)
        return verb_failed(io, &e);
    if (owner == NULL) {
        (void)err_set(&e, ERR_BUSY, "%s", dir);
        return verb_failed(io, &e);
    }
    status = restore(dir, io, &asked);
    lock_release(owner);
    return status;
}
