#include "sync/centre/centre.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/search/search.h"
#include "schema/statements.h"
#include "sync/centre/down.h"
#include "sync/centre/lines.h"

static enum centre_sabotage sabotage = CENTRE_SOUND;

void centre_sabotage(enum centre_sabotage how)
{
    sabotage = how;
}

bool centre_sabotaged(enum centre_sabotage how)
{
    return sabotage == how;
}

int centre_statement(struct centre *c, sqlite3_stmt **out, const char *sql, struct err *e)
{
    return statements_prepare(store_db(c->store), out, &sql, 1, e);
}

/* ------------------------------------------------------------------ beginning */

/* Makes the key unless an init that was cut short has made it. */
static int make_key(struct disk *d, struct random *r, const char *dir, const char *name,
                    struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat there;
    struct key_pair k;
    int rc;

    if (disk_path(path, e, "%s/keys/%s", dir, name) != 0 ||
        disk_stat(d, path, &there, e) != 0)
        return -1;
    if (there.kind != DISK_NOTHING)
        return 0;
    key_pair_make(&k, r);
    rc = key_pair_save(&k, d, dir, name, e);
    key_pair_wipe(&k);
    return rc;
}

static int make_dirs(struct disk *d, const char *dir, struct err *e)
{
    char partial[DISK_PATH_BYTES];
    struct blobs *blobs = NULL;

    if (disk_path(partial, e, "%s/partial", dir) != 0 ||
        disk_make_dirs(d, partial, e) != 0 || blobs_open(&blobs, d, dir, e) != 0)
        return -1;
    blobs_close(blobs);
    return 0;
}

/* The row that makes a store a centre's: it comes last. */
static int write_state(struct store *s, struct err *e)
{
    int64_t rows;

    if (store_apply_begin(s, e) != 0)
        return -1;
    if (sql_number(store_db(s), "SELECT count(*) FROM centre_state", &rows, e) != 0)
        goto failed;
    if (rows != 0) {
        (void)err_set(e, ERR_BUSY, "there is a centre here already");
        goto failed;
    }
    if (sql_run(store_db(s),
                "INSERT INTO centre_state (one, epoch, next_site) VALUES (1, 0, 1)",
                e) == 0)
        return store_apply_commit(s, e);
failed:
    store_apply_rollback(s);
    return -1;
}

/* Nothing is made in a directory that holds a box, or a centre already. A store that
 * cannot be opened is store_init()'s to judge. */
static int check_free(struct disk *d, struct clock *c, const char *dir, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat there;
    struct store *s = NULL;
    struct err ignored;
    int64_t rows;
    int rc = -1;

    if (disk_path(path, e, "%s/tram.db", dir) != 0)
        return -1;
    if (disk_stat(d, path, &there, e) != 0)
        return -1;
    if (there.kind == DISK_NOTHING || store_open(&s, d, c, dir, &ignored) != 0)
        return 0;
    if (store_identity(s)->site != CENTRE_SITE)
        (void)err_set(e, ERR_BUSY, "%s holds a box, not a centre", dir);
    else if (sql_number(store_db(s), "SELECT count(*) FROM centre_state", &rows, e) == 0)
        rc = rows == 0 ? 0 : err_set(e, ERR_BUSY, "there is a centre in %s already", dir);
    store_close(s);
    return rc;
}

int centre_init(struct disk *d, struct clock *c, struct random *r, const char *dir,
                const char *name, struct err *e)
{
    struct store_identity who = {.site = CENTRE_SITE};
    struct store *s = NULL;
    int rc = -1;

    if (name[0] == '\0' || strlen(name) >= sizeof who.name)
        return err_set(e, ERR_USAGE, "a name has 1 to %zu bytes", sizeof who.name - 1);
    (void)snprintf(who.name, sizeof who.name, "%s", name);
    if (check_free(d, c, dir, e) != 0 || make_dirs(d, dir, e) != 0 ||
        make_key(d, r, dir, CENTRE_KEY_SIGN, e) != 0 ||
        make_key(d, r, dir, CENTRE_KEY_TLS, e) != 0)
        return -1;
    /* ERR_BUSY: a store is there, perhaps one that lacks only its last row. */
    if (store_init(d, c, dir, &who, e) != 0 && e->code != ERR_BUSY)
        return -1;
    if (store_open(&s, d, c, dir, e) != 0)
        return -1;
    rc = write_state(s, e);
    store_close(s);
    return rc == 0 ? 0 : err_wrap(e, "%s", dir);
}

/* -------------------------------------------------------------------- opening */

static int load_epoch(struct centre *c, struct err *e)
{
    int64_t epoch, rows;

    if (store_identity(c->store)->site != CENTRE_SITE)
        return err_set(e, ERR_REFUSED, "%s holds a box, not a centre", c->dir);
    if (sql_number(store_db(c->store), "SELECT count(*) FROM centre_state", &rows, e) !=
            0 ||
        sql_number(store_db(c->store), "SELECT epoch FROM centre_state", &epoch, e) != 0)
        return -1;
    if (rows == 0)
        return err_set(e, ERR_REFUSED, "%s was not finished: run init again", c->dir);
    c->epoch = (uint8_t)epoch;
    return 0;
}

int centre_open(struct centre **out, struct disk *d, struct clock *clock,
                struct random *r, const char *dir, struct err *e)
{
    struct centre *c = calloc(1, sizeof *c);
    int rc = -1;

    *out = NULL;
    if (c == NULL)
        return err_set(e, ERR_MEMORY, "out of memory for a centre");
    c->disk = d;
    c->clock = clock;
    c->random = r;
    if (disk_path(c->dir, e, "%s", dir) != 0 ||
        store_open(&c->store, d, clock, dir, e) != 0)
        goto out;
    if (load_epoch(c, e) != 0 || lines_name_old(c, e) != 0 ||
        records_create(&c->records, c->store, e) != 0 ||
        search_begin(c->records, e) != 0 || blobs_open(&c->blobs, d, dir, e) != 0 ||
        key_pair_load(&c->key, d, dir, CENTRE_KEY_SIGN, e) != 0)
        goto out;
    *out = c;
    c = NULL; /* now the caller's */
    rc = 0;
out:
    centre_close(c);
    return rc;
}

void centre_close(struct centre *c)
{
    if (c == NULL)
        return;
    down_close(c);
    blobs_close(c->blobs);
    records_destroy(c->records);
    store_close(c->store); /* last: the records hold statements of it */
    key_pair_wipe(&c->key);
    free(c);
}
