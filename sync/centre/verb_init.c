#include "sync/centre/verbs.h"

#include <stdio.h>
#include <string.h>

#include "sync/centre/sites.h"

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

static int enrol_in(struct centre *centre, struct console *c, const char *name,
                    const char *url, const char *path)
{
    struct enrolment f = {0};
    struct public_key tls;
    char number[16];
    struct err e;

    if (check_place(centre, path, &e) != 0 || read_tls_key(centre, &tls, &e) != 0 ||
        site_enrol(centre, name, url, &tls, &f, &e) != 0 ||
        write_file(centre, &f, path, &e) != 0)
        return console_failed(c, &e);
    (void)snprintf(number, sizeof number, "%u", f.site);
    if (c->json)
        return console_json(c, json_pack("{s:i, s:s, s:o}", "site", (int)f.site, "name",
                                         f.name, "out", json_any_text(path))) == 0
                   ? CONSOLE_DONE
                   : CONSOLE_FAILED;
    console_tell(c, "centre.enrol.done", (const char *const[]){f.name, number, path}, 3);
    return CONSOLE_DONE;
}

int centre_verb_enrol(struct console *c, int argc, char **argv)
{
    const char *name = NULL, *url = NULL, *path = NULL;
    const struct option_word options[] = {
        {"--site", &name, NULL}, {"--url", &url, NULL}, {"--out", &path, NULL}};
    struct centre *centre;
    int status;

    if (console_options(c, options, 3, &argc, argv) != 0)
        return CONSOLE_WORDS;
    if (argc != 1 || name == NULL || url == NULL || path == NULL)
        return centre_verb_usage(c, "enrol");
    if (console_open(c, &centre) != 0)
        return CONSOLE_FAILED;
    status = enrol_in(centre, c, name, url, path);
    centre_close(centre);
    return status;
}
