#include "appliance/verbs.h"

#include <stdio.h>
#include <string.h>

#include <sodium/utils.h>

#include "appliance/moved.h"
#include "appliance/outbox.h"
#include "appliance/verb_io.h"

#define DEMO_NAME "Xã Minh Họa"
#define KEY_NAME  "box"

static int tell_made(struct verb_io *io, const char *dir,
                     const struct store_identity *who, const struct enrolment *f)
{
    char site[8];

    if (io->json)
        return verb_json(io, json_pack("{s:o, s:i, s:o, s:s*}", "data",
                                       json_any_text(dir), "site", (int)who->site, "name",
                                       json_any_text(who->name), "province",
                                       f == NULL ? NULL : f->province)) == 0
                   ? EXIT_DONE
                   : EXIT_FAILED;
    (void)snprintf(site, sizeof site, "%u", who->site);
    if (f == NULL)
        tell(io, "init.done", (const char *const[]){who->name, dir}, 2);
    else
        tell(io, "init.enrolled",
             (const char *const[]){who->name, dir, f->province, site}, 4);
    return EXIT_DONE;
}

static int say_there_already(struct verb_io *io, const char *dir)
{
    say(io, "init.there_already", (const char *const[]){dir}, 1);
    return EXIT_FAILED;
}

static int make_demo(const char *dir, struct verb_io *io, const char *name)
{
    struct store_identity who = {.site = SITE_DEMO, .epoch = STORE_EPOCH_FIRST};
    struct err e;

    if (strlen(name) >= sizeof who.name) {
        say(io, "error.option_long", (const char *const[]){"--name"}, 1);
        return EXIT_WORDS;
    }
    (void)snprintf(who.name, sizeof who.name, "%s", name);
    if (box_init(disk_system(), clock_system(), dir, &who, &e) == 0)
        return tell_made(io, dir, &who, NULL);
    return e.code == ERR_BUSY ? say_there_already(io, dir) : verb_failed(io, &e);
}

/* -------------------------------------------------------------------- enrolment */

static int read_file(struct verb_io *io, const char *path, struct enrolment *out,
                     struct err *e)
{
    char absolute[DISK_PATH_BYTES];
    struct buffer bytes;
    int rc = -1;

    buffer_init(&bytes, ENROL_FILE_MAX);
    if (verb_path(absolute, io, path, e) == 0 &&
        disk_read_all(disk_system(), absolute, &bytes, e) == 0)
        rc = enrolment_decode(out, bytes.bytes, bytes.count, e);
    if (bytes.bytes != NULL)
        sodium_memzero(bytes.bytes, bytes.count); /* it holds the secret */
    buffer_release(&bytes);
    return rc;
}

/* Whether `dir` holds a box that is not the beginning of this one. */
static int look_for_other(const char *dir, const struct enrolment *f, bool *other,
                          struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat there;
    struct box *b = NULL;
    struct err ignored;
    bool enrolled = false;
    int rc;

    *other = false;
    if (disk_path(path, e, "%s/tram.db", dir) != 0 ||
        disk_stat(disk_system(), path, &there, e) != 0)
        return -1;
    if (there.kind == DISK_NOTHING ||
        box_open(&b, disk_system(), clock_system(), dir, NULL, &ignored) != 0)
        return 0; /* what an init left that was cut short: box_init() judges it */
    rc = outbox_enrolled(b, &enrolled, e);
    *other = enrolled || store_identity(b->store)->site != f->site;
    box_close(b);
    return rc;
}

/* The key is born here, and on disk before the box is; one that is there already is
 * of an init that was cut short. */
static int make_key(const char *dir, struct err *e)
{
    struct key_pair key;
    int rc;

    key_pair_make(&key, random_system());
    rc = key_pair_save(&key, disk_system(), dir, KEY_NAME, e);
    key_pair_wipe(&key);
    return rc == 0 || e->code == ERR_BUSY ? 0 : -1;
}

/* What is done already is passed over, so that it can be repeated after a power cut;
 * the centre's row comes last and makes the box an enrolled one. */
static int make_enrolled_box(const char *dir, const struct store_identity *who,
                             const struct enrolment *f, struct err *e)
{
    struct box *b = NULL;
    struct err ignored;
    bool moved;
    int rc;

    if (make_key(dir, e) != 0)
        return -1;
    if (box_init(disk_system(), clock_system(), dir, who, e) != 0 && e->code != ERR_BUSY)
        return -1;
    if (box_open(&b, disk_system(), clock_system(), dir, NULL, e) != 0)
        return -1;
    rc = outbox_enrol(b, f, e);
    if (rc == 0)
        (void)moved_check(b, "", &moved, &ignored); /* else by its start */
    box_close(b);
    return rc;
}

static int make_enrolled(const char *dir, struct verb_io *io, const char *file)
{
    struct store_identity who = {.epoch = STORE_EPOCH_FIRST};
    struct enrolment f;
    struct err e;
    bool other;
    int status;

    if (read_file(io, file, &f, &e) != 0)
        return verb_failed(io, &e);
    who.site = f.site;
    (void)snprintf(who.name, sizeof who.name, "%s", f.name);
    if (look_for_other(dir, &f, &other, &e) != 0)
        status = verb_failed(io, &e);
    else if (other)
        status = say_there_already(io, dir);
    else if (make_enrolled_box(dir, &who, &f, &e) != 0)
        status = verb_failed(io, &e);
    else
        status = tell_made(io, dir, &who, &f);
    sodium_memzero(&f, sizeof f);
    return status;
}

int verb_init(const char *dir, struct verb_io *io, int argc, char **argv)
{
    const char *name = NULL, *enrol = NULL;
    bool demo = false;
    const struct option_word options[] = {
        {"--demo", NULL, &demo}, {"--name", &name, NULL}, {"--enrol", &enrol, NULL}};

    if (options_take(io, options, 3, &argc, argv) != 0)
        return EXIT_WORDS;
    if (argc != 1 || demo == (enrol != NULL) || (enrol != NULL && name != NULL))
        return verb_usage(io, "init");
    if (enrol != NULL)
        return make_enrolled(dir, io, enrol);
    return make_demo(dir, io, name == NULL ? DEMO_NAME : name);
}
