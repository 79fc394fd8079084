#include "sync/centre/verbs.h"

#include <stdio.h>
#include <string.h>

#include "sync/centre/site_again.h"

int centre_verb_init(struct console *c, int argc, char **argv)
{
    const char *name = NULL;
    const struct option_word options[] = {{"--name", &name, NULL}};
    struct err e;

    if (console_options(c, options, 1, &argc, argv) != 0)
        return CONSOLE_WORDS;
    if (argc != 1 || name == NULL)
        return centre_verb_usage(c, "init");
    if (centre_init(disk_system(), clock_system(), random_system(), c->dir, name, &e) !=
        0) {
        if (e.code != ERR_BUSY)
            return console_failed(c, &e);
        console_say(c, "centre.init.there", (const char *const[]){c->dir}, 1);
        return CONSOLE_FAILED;
    }
    if (c->json)
        return console_json(c, json_pack("{s:o, s:o}", "data", json_any_text(c->dir),
                                         "name", json_any_text(name))) == 0
                   ? CONSOLE_DONE
                   : CONSOLE_FAILED;
    console_tell(c, "centre.init.done", (const char *const[]){name, c->dir}, 2);
    return CONSOLE_DONE;
}

/* ----------------------------------------------------------------------- enrol */

/* The public half of the key that makes the certificate. */
static int read_tls_key(struct centre *centre, struct public_key *out, struct err *e)
{
    struct key_pair k;

    if (key_pair_load(&k, centre->disk, centre->dir, CENTRE_KEY_TLS, e) != 0)
        return -1;
    *out = k.public_key;
    key_pair_wipe(&k);
    return 0;
}

static int write_file(struct centre *centre, const struct enrolment *f, const char *path,
                      struct err *e)
{
    struct buffer text;
    int rc;

    buffer_init(&text, ENROL_FILE_MAX);
    rc = enrolment_encode(f, &text, e);
    if (rc == 0)
        rc = disk_replace(centre->disk, path, text.bytes, text.count, e);
    buffer_release(&text);
    return rc;
}

/* Before a number is given out: that the file can be written where it is wanted. */
static int check_place(struct centre *centre, const char *path, struct err *e)
{
    char parent[DISK_PATH_BYTES];
    struct disk_stat there;

    if (disk_stat(centre->disk, path, &there, e) != 0)
        return -1;
    if (there.kind != DISK_NOTHING)
        return err_set(e, ERR_USAGE, "%s is there already", path);
    if (disk_parent(parent, path, e) != 0 ||
        disk_stat(centre->disk, parent, &there, e) != 0)
        return -1;
    if (there.kind != DISK_DIR)
        return err_set(e, ERR_USAGE, "%s is not a directory", parent);
    return 0;
}

/* What is asked for. */
struct enrolling {
    const char *name; /* NULL: another box for site `again` */
    uint64_t again;
    const char *url, *path;
};

static int make_file(struct centre *centre, const struct enrolling *n,
                     struct enrolment *out, struct err *e)
{
    struct public_key tls;
    int rc;

    if (check_place(centre, n->path, e) != 0 || read_tls_key(centre, &tls, e) != 0)
        return -1;
    if (n->name == NULL)
        rc = site_enrol_again(centre, (uint16_t)n->again, n->url, &tls, out, e);
    else
        rc = site_enrol(centre, n->name, n->url, &tls, out, e);
    return rc == 0 ? write_file(centre, out, n->path, e) : -1;
}

static int enrol_in(struct centre *centre, struct console *c, const struct enrolling *n)
{
    struct enrolment f = {0};
    char number[16];
    struct err e;

    if (make_file(centre, n, &f, &e) != 0)
        return console_failed(c, &e);
    (void)snprintf(number, sizeof number, "%u", f.site);
    if (c->json)
        return console_json(c, json_pack("{s:i, s:i, s:s, s:o}", "site", (int)f.site,
                                         "epoch", (int)f.epoch, "name", f.name, "out",
                                         json_any_text(n->path))) == 0
                   ? CONSOLE_DONE
                   : CONSOLE_FAILED;
    console_tell(c, n->name == NULL ? "centre.enrol.again" : "centre.enrol.done",
                 (const char *const[]){f.name, number, n->path}, 3);
    return CONSOLE_DONE;
}

int centre_verb_enrol(struct console *c, int argc, char **argv)
{
    struct enrolling n = {0};
    const char *again = NULL;
    const struct option_word options[] = {{"--site", &n.name, NULL},
                                          {"--again", &again, NULL},
                                          {"--url", &n.url, NULL},
                                          {"--out", &n.path, NULL}};
    struct centre *centre;
    int status;

    if (console_options(c, options, 4, &argc, argv) != 0)
        return CONSOLE_WORDS;
    if (argc != 1 || (n.name == NULL) == (again == NULL) || n.url == NULL ||
        n.path == NULL)
        return centre_verb_usage(c, "enrol");
    if (again != NULL && console_number(c, "--again", again, 1, SITE_MAX, &n.again) != 0)
        return CONSOLE_WORDS;
    if (console_open(c, &centre) != 0)
        return CONSOLE_FAILED;
    status = enrol_in(centre, c, &n);
    centre_close(centre);
    return status;
}
