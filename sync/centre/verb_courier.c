#include "sync/centre/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/lock.h"
#include "base/terminal.h"
#include "sync/centre/apply.h"
#include "sync/centre/courier.h"

#define SLICE_FRAMES 1000
#define LOOK_MS      200   /* between looks at what a serve has applied */
#define STILL_MS_MAX 10000 /* … and how long it may stand still */
#define MB           1000000

struct handling {
    struct console *console;
    struct courier courier;
    struct courier_answered answered;
    json_t *tars;
    unsigned told;
    bool trouble; /* something was left alone */
};

static const char *put(char out[24], uint64_t number)
{
    (void)snprintf(out, 24, "%" PRIu64, number);
    return out;
}

/* ------------------------------------------------------------------------ telling */

static bool show(void *arg, uint64_t bytes, uint64_t bytes_in_all)
{
    struct handling *h = arg;
    char bar[TERMINAL_BAR_BYTES], done[24], all[24];

    terminal_bar(bar, bytes, bytes_in_all);
    console_progress(h->console, "courier.progress",
                     (const char *const[]){bar, put(done, bytes / MB),
                                           put(all, (bytes_in_all + MB - 1) / MB)},
                     3);
    return !h->console->stopped();
}

static json_t *tar_json(const struct tar_told *t, const char *name)
{
    return json_pack("{s:s, s:i, s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:b, s:s*}",
                     "file", name, "site", (int)t->name->line.site, "state",
                     tar_state_name(t->state), "bundles", (int)t->bundles, "blobs",
                     (int)t->blobs, "parts", (int)t->parts, "known", (int)t->known,
                     "waiting", (int)t->waiting, "crowded", (int)t->crowded, "damaged",
                     (int)t->damaged, "cut_off", (int)t->cut_off, "refused",
                     t->why == 0 ? NULL : refused_name(t->why));
}

static void say_refused(struct handling *h, const struct tar_told *t, const char *name)
{
    char key[64];
    struct buffer why;

    (void)snprintf(key, sizeof key, "sync.refused.%s", refused_name(t->why));
    buffer_init(&why, 1024);
    message_append(&why, key, h->console->language, NULL, 0);
    console_tell(
        h->console, "courier.tar.refused",
        (const char *const[]){name, why.bytes == NULL ? key : (const char *)why.bytes},
        2);
    buffer_release(&why);
}

/* A line for what became of it, and one for each thing that a person may act on. */
static void say_tar(struct handling *h, const struct tar_told *t, const char *name)
{
    char key[32], site[24], bundles[24], blobs[24], known[24], number[24];

    (void)snprintf(key, sizeof key, "courier.tar.%s", tar_state_name(t->state));
    if (t->state != TAR_REFUSED)
        console_tell(h->console, key,
                     (const char *const[]){name, put(site, t->name->line.site),
                                           put(bundles, t->bundles), put(blobs, t->blobs),
                                           put(known, t->known)},
                     5);
    if (t->why != 0)
        say_refused(h, t, name);
    if (t->damaged > 0)
        console_tell(h->console, "courier.tar.damaged",
                     (const char *const[]){name, put(number, t->damaged)}, 2);
    if (t->cut_off)
        console_tell(h->console, "courier.tar.cut_off", (const char *const[]){name}, 1);
    if (t->crowded > 0)
        console_tell(h->console, "courier.tar.crowded", (const char *const[]){name}, 1);
    if (t->waiting > 0)
        console_tell(h->console, "courier.tar.waiting", (const char *const[]){name}, 1);
}

static void told(void *arg, const struct tar_told *t)
{
    struct handling *h = arg;
    char name[COURIER_NAME_BYTES];

    courier_name_write(name, t->name);
    h->told++;
    h->trouble = h->trouble || t->state >= TAR_FOREIGN || t->why != 0 || t->damaged > 0 ||
                 t->cut_off || t->crowded > 0;
    if (h->console->json)
        (void)json_array_append_new(h->tars, tar_json(t, name));
    else
        say_tar(h, t, name);
}

static int tell_end(struct handling *h)
{
    char tars[24];

    if (h->console->json)
        return console_json(h->console, json_pack("{s:O, s:i, s:i, s:b}", "tars", h->tars,
                                                  "answers", (int)h->answered.tars,
                                                  "receipts", (int)h->answered.receipts,
                                                  "full", (int)h->answered.full));
    if (h->told == 0 && h->answered.tars == 0)
        console_tell(h->console, "courier.nothing", NULL, 0);
    if (h->answered.tars > 0)
        console_tell(h->console, "courier.answered",
                     (const char *const[]){put(tars, h->answered.tars)}, 1);
    if (h->answered.full)
        console_tell(h->console, "courier.answer_full", NULL, 0);
    return 0;
}

/* ---------------------------------------------------------------------- applying */

/* How many frames of the stick's sites have still to be applied. */
static int read_left(struct handling *h, uint64_t *left, struct err *e)
{
    struct site_row row;
    bool found;

    *left = 0;
    for (size_t i = 0; i < h->courier.sites_count; i++) {
        if (site_find(h->courier.centre, h->courier.sites[i].line.site, &row, &found,
                      e) != 0)
            return -1;
        *left += found ? row.received - row.applied : 0;
    }
    return 0;
}

/* Somebody serves, and applies: the answer is worth more when it has. */
static int wait_applied(struct handling *h, struct err *e)
{
    const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
    uint64_t left, before = UINT64_MAX;

    for (int still_ms = 0; still_ms < STILL_MS_MAX; still_ms += LOOK_MS) {
        if (read_left(h, &left, e) != 0)
            return -1;
        if (left == 0 || h->console->stopped())
            return 0;
        if (left < before)
            still_ms = 0;
        before = left;
        (void)nanosleep(&pause, NULL); /* a signal makes us look earlier */
    }
    return 0;
}

/* By us if nobody serves. */
static int apply(struct handling *h, struct err *e)
{
    struct lock *lock;
    unsigned applied = 1;
    int rc = 0;

    if (lock_try(&lock, h->console->dir, e) != 0)
        return -1;
    if (lock == NULL)
        return wait_applied(h, e);
    while (rc == 0 && applied > 0 && !h->console->stopped())
        rc = apply_some(h->courier.centre, SLICE_FRAMES, &applied, e);
    lock_release(lock);
    return rc;
}

/* -------------------------------------------------------------------------- words */

static int add_claimed(void *arg, const struct site_row *row, struct err *e)
{
    return row->claimed ? courier_add_site(arg, row->site, e) : 0;
}

static int take_in(struct handling *h, struct err *e)
{
    if (courier_take(&h->courier, told, h, e) != 0)
        return -1;
    return apply(h, e);
}

static int give_out(struct handling *h, uint64_t site, struct err *e)
{
    struct site_row row;
    bool found;

    if (site == 0)
        return site_each(h->courier.centre, add_claimed, &h->courier, e);
    if (site_find(h->courier.centre, (uint16_t)site, &row, &found, e) != 0)
        return -1;
    if (!found || !row.claimed)
        return err_set(e, ERR_FAILED, "site %u has not claimed its number",
                       (unsigned)site);
    return courier_add_site(&h->courier, (uint16_t)site, e);
}

/* What was taken is answered also when not all of it could be. */
static int handle(struct handling *h, bool export, uint64_t site)
{
    struct err e, answer;
    int rc = export ? give_out(h, site, &e) : take_in(h, &e);
    int answered = courier_answer(&h->courier, &h->answered, &answer);
    int told_all = tell_end(h);

    if (rc != 0)
        return console_failed(h->console, &e);
    if (answered != 0)
        return console_failed(h->console, &answer);
    if (told_all != 0)
        return CONSOLE_FAILED;
    return h->trouble || h->answered.full || h->courier.stopped ? CONSOLE_PARTLY
                                                                : CONSOLE_DONE;
}

static int run(struct console *c, bool export, uint64_t site, const char *dir)
{
    struct handling h = {.console = c, .tars = json_array()};
    struct centre *centre;
    struct err e;
    int status;

    if (console_open(c, &centre) != 0) {
        status = CONSOLE_FAILED;
    } else if (courier_open(&h.courier, centre, disk_system(), dir, &e) != 0) {
        status = console_failed(c, &e);
    } else {
        h.courier.go_on = show;
        h.courier.arg = &h;
        status = handle(&h, export, site);
    }
    courier_close(&h.courier);
    centre_close(centre);
    json_decref(h.tars);
    return status;
}

int centre_verb_courier(struct console *c, int argc, char **argv)
{
    const char *number = NULL;
    const struct option_word words[] = {{"--site", &number, NULL}};
    struct disk_stat there;
    uint64_t site = 0;
    bool export;
    struct err e;

    if (console_options(c, words, 1, &argc, argv) != 0)
        return CONSOLE_WORDS;
    export = argc == 3 && strcmp(argv[1], "export") == 0;
    if (argc != 3 || (!export && strcmp(argv[1], "import") != 0) ||
        (!export && number != NULL))
        return centre_verb_usage(c, "courier");
    if (number != NULL && console_number(c, "--site", number, 1, UINT16_MAX, &site) != 0)
        return CONSOLE_WORDS;
    if (disk_stat(disk_system(), argv[2], &there, &e) != 0)
        return console_failed(c, &e);
    if (there.kind != DISK_DIR) {
        console_say(c, "courier.no_stick", (const char *const[]){argv[2]}, 1);
        return CONSOLE_FAILED;
    }
    return run(c, export, site, argv[2]);
}
