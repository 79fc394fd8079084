#include "sync/centre/verbs.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/lock.h"
#include "sync/centre/backup.h"

static void say_number(struct console *c, const char *key, uint64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRIu64, number);
    if (number > 0)
        console_say(c, key, (const char *const[]){text}, 1);
}

/* What was done, and what it says of boxes whose data is not sound. */
struct words {
    const char *done, *withheld;
};

static int tell_counts(struct console *c, const struct words *w, const char *dir,
                       const struct backup_counts *n)
{
    int status = n->withheld + n->lacking > 0 ? CONSOLE_PARTLY : CONSOLE_DONE;
    char sites[24], originals[24];

    if (c->json)
        return console_json(
                   c, json_pack("{s:o, s:I, s:I, s:I, s:I, s:i}", "dir",
                                json_any_text(dir), "sites", (json_int_t)n->sites,
                                "originals", (json_int_t)n->originals, "withheld",
                                (json_int_t)n->withheld, "lacking",
                                (json_int_t)n->lacking, "epoch", (int)n->epoch)) == 0
                   ? status
                   : CONSOLE_FAILED;
    (void)snprintf(sites, sizeof sites, "%" PRIu64, n->sites);
    (void)snprintf(originals, sizeof originals, "%" PRIu64, n->originals);
    console_tell(c, w->done, (const char *const[]){dir, sites, originals}, 3);
    say_number(c, w->withheld, n->withheld);
    say_number(c, "centre.backup.lacking", n->lacking);
    return status;
}

int centre_verb_backup(struct console *c, int argc, char **argv)
{
    static const struct words words = {"centre.backup.done", "centre.backup.withheld"};
    struct backup_counts counts;
    struct centre *centre;
    struct err e;
    int status;

    if (console_options(c, NULL, 0, &argc, argv) != 0)
        return CONSOLE_WORDS;
    if (argc != 2)
        return centre_verb_usage(c, "backup");
    if (console_open(c, &centre) != 0)
        return CONSOLE_FAILED;
    if (backup_make(centre, argv[1], &counts, &e) != 0)
        status = console_failed(c, &e);
    else
        status = tell_counts(c, &words, argv[1], &counts);
    centre_close(centre);
    return status;
}

int centre_verb_restore(struct console *c, int argc, char **argv)
{
    static const struct words words = {"centre.restore.done", "centre.restore.withheld"};
    struct backup_counts counts;
    struct lock *lock = NULL;
    struct err e;
    int status;

    if (console_options(c, NULL, 0, &argc, argv) != 0)
        return CONSOLE_WORDS;
    if (argc != 2)
        return centre_verb_usage(c, "restore");
    if (disk_make_dirs(disk_system(), c->dir, &e) != 0 ||
        lock_try(&lock, c->dir, &e) != 0)
        return console_failed(c, &e);
    if (lock == NULL) {
        console_say(c, "centre.serve.already", (const char *const[]){c->dir}, 1);
        return CONSOLE_FAILED;
    }
    if (backup_restore(disk_system(), clock_system(), random_system(), argv[1], c->dir,
                       &counts, &e) != 0)
        status = console_failed(c, &e);
    else
        status = tell_counts(c, &words, c->dir, &counts);
    lock_release(lock);
    return status;
}
