#include "sync/centre/backup_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "schema/statements.h"
#include "sync/centre/sites.h"
#include "sync/dictionary.h"

/* Numbers that were given out after the backup are not given out again: a box that
 * has one says so, and is seen. */
#define SITES_PASSED_OVER 100

#define RESTORED_BYTES_MAX 16 /* an epoch in decimal, and a line's end */

/* A centre in the making: its database stands in DIR/partial until it is one. */
struct restoring {
    struct disk *disk;
    struct clock *clock;
    const char *from, *dir;
    char staging[DISK_PATH_BYTES], staged[DISK_PATH_BYTES], final[DISK_PATH_BYTES];
    struct store *store; /* of the staged database */
    bool *withheld;      /* by site: what the manifest says of it */
};

static int prepare(struct restoring *r, struct err *e)
{
    struct disk_stat there;

    if (disk_path(r->staging, e, "%s/partial", r->dir) != 0 ||
        disk_path(r->staged, e, "%s/tram.db", r->staging) != 0 ||
        disk_path(r->final, e, "%s/tram.db", r->dir) != 0 ||
        disk_stat(r->disk, r->final, &there, e) != 0)
        return -1;
    if (there.kind != DISK_NOTHING)
        return err_set(e, ERR_BUSY, "there is a centre in %s already", r->dir);
    return disk_make_dirs(r->disk, r->staging, e);
}

/* What a restore that was cut short has left. */
static int clear_staging(struct restoring *r, struct err *e)
{
    char reserve[DISK_PATH_BYTES];

    if (disk_path(reserve, e, "%s/reserve", r->staging) != 0 ||
        disk_remove(r->disk, reserve, e) != 0 || disk_remove(r->disk, r->staged, e) != 0)
        return -1;
    return store_remove_log(r->disk, r->staged, e);
}

static int stage_database(struct restoring *r, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct hash promised, copied;

    if (manifest_read(r->disk, r->from, &promised, r->withheld, e) != 0 ||
        disk_path(path, e, "%s/tram.db", r->from) != 0 || clear_staging(r, e) != 0 ||
        backup_copy_file(r->disk, path, r->staged, &copied, e) != 0)
        return -1;
    if (!hash_equal(&promised, &copied))
        return err_set(e, ERR_CORRUPT, "%s is not what its manifest says", path);
    return store_open(&r->store, r->disk, r->clock, r->staging, e);
}

/* FROM/restored: the last epoch that a centre made of this backup was given. *epoch is
 * left alone where there is none. */
static int epoch_given(struct restoring *r, int64_t *epoch, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat there;
    struct buffer text;
    long long given = 0;
    int rc = -1;

    buffer_init(&text, RESTORED_BYTES_MAX);
    if (disk_path(path, e, "%s/restored", r->from) != 0 ||
        disk_stat(r->disk, path, &there, e) != 0)
        goto out;
    if (there.kind != DISK_NOTHING) {
        if (disk_read_all(r->disk, path, &text, e) != 0)
            goto out;
        if (text.count == 0 || sscanf((const char *)text.bytes, "%lld", &given) != 1) {
            err_set(e, ERR_CORRUPT, "%s holds no number", path);
            goto out;
        }
        if (given > *epoch)
            *epoch = given;
    }
    rc = 0;
out:
    buffer_release(&text);
    return rc;
}

/* Kept before the epoch is used: cut short, a restore passes one over. */
static int note_epoch(struct restoring *r, uint8_t epoch, struct err *e)
{
    char path[DISK_PATH_BYTES], text[RESTORED_BYTES_MAX];
    int count = snprintf(text, sizeof text, "%u\n", epoch);

    if (disk_path(path, e, "%s/restored", r->from) != 0)
        return -1;
    if (disk_replace(r->disk, path, text, (size_t)count, e) != 0)
        return err_wrap(e, "a backup must remember that it was restored: copy it to"
                           " where it can be written");
    return 0;
}

/* Before anybody can serve it: with the old epoch, boxes would believe that it has
 * what it has lost; so they would of a second centre made of the same backup, if it
 * had the epoch of the first. What is safe here is told again under the new one: until
 * then no box lets go of an original. */
static int raise_epoch(struct restoring *r, uint8_t *epoch, struct err *e)
{
    sqlite3 *db = store_db(r->store);
    char sql[200];
    int64_t number;

    if (sql_number(db, "SELECT epoch FROM centre_state", &number, e) != 0 ||
        epoch_given(r, &number, e) != 0)
        return -1;
    if (number >= UINT8_MAX)
        return err_set(e, ERR_FAILED, "restored %d times: no epoch is left", UINT8_MAX);
    *epoch = (uint8_t)(number + 1);
    if (note_epoch(r, *epoch, e) != 0 || store_apply_begin(r->store, e) != 0)
        return -1;
    (void)snprintf(sql, sizeof sql,
                   "UPDATE centre_state SET epoch = %u,"
                   " next_site = min(next_site + %d, %d);"
                   "UPDATE held_blob SET told = 0",
                   *epoch, SITES_PASSED_OVER, SITE_MAX + 1);
    if (sql_run(db, sql, e) == 0)
        return store_apply_commit(r->store, e);
    store_apply_rollback(r->store);
    return -1;
}

/* What is not here was not delivered: its box sends it again. */
static int forget_lacking(struct restoring *r, const struct buffer *lacking,
                          struct err *e)
{
    static const char *const sql = "DELETE FROM held_blob WHERE sha256 = ?1";
    sqlite3_stmt *s = NULL;
    int rc = 0;

    if (lacking->count == 0)
        return 0;
    if (store_apply_begin(r->store, e) != 0)
        return -1;
    if (statements_prepare(store_db(r->store), &s, &sql, 1, e) != 0)
        rc = -1;
    for (size_t at = 0; rc == 0 && at < lacking->count; at += HASH_BYTES) {
        bind_blob(statement_fresh(s), 1, lacking->bytes + at, HASH_BYTES);
        rc = statement_run(s, e);
    }
    statements_finalize(&s, 1);
    if (rc == 0)
        return store_apply_commit(r->store, e);
    store_apply_rollback(r->store);
    return -1;
}

static int copy_originals(struct restoring *r, struct backup_counts *counts,
                          struct err *e)
{
    struct blobs *from = NULL, *to = NULL;
    struct buffer lacking;
    int rc = -1;

    buffer_init(&lacking, BACKUP_LACKING_BYTES_MAX);
    if (blobs_open(&from, r->disk, r->from, e) == 0 &&
        blobs_open(&to, r->disk, r->dir, e) == 0 &&
        backup_copy_originals(store_db(r->store), from, to, &counts->originals, &lacking,
                              e) == 0)
        rc = forget_lacking(r, &lacking, e);
    counts->lacking = lacking.count / HASH_BYTES;
    blobs_close(from);
    blobs_close(to);
    buffer_release(&lacking);
    return rc;
}

/* Keys that an earlier attempt has copied are the same ones. */
static int copy_keys(struct restoring *r, struct err *e)
{
    static const char *const names[] = {CENTRE_KEY_SIGN, CENTRE_KEY_TLS};
    char path[DISK_PATH_BYTES];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (disk_path(path, e, "%s/keys/%s", r->dir, names[i]) != 0 ||
            disk_remove(r->disk, path, e) != 0)
            return -1;
    return backup_copy_keys(r->disk, r->from, r->dir, e);
}

/* All of it is in the one file, and then the file has its name. */
static int settle(struct restoring *r, struct err *e)
{
    if (store_settle(r->store, e) != 0)
        return -1;
    store_close(r->store);
    r->store = NULL;
    if (store_remove_log(r->disk, r->final, e) != 0 ||
        disk_rename(r->disk, r->staged, r->final, e) != 0 ||
        disk_sync_dir(r->disk, r->dir, e) != 0 || clear_staging(r, e) != 0)
        return -1;
    return disk_sync_dir(r->disk, r->staging, e);
}

/* What was not sound when the backup was made is not sound here. */
static int alarm_withheld(const struct restoring *r, struct centre *c,
                          struct backup_counts *counts, struct err *e)
{
    for (unsigned i = 1; i <= UINT16_MAX; i++) {
        if (!r->withheld[i])
            continue;
        counts->withheld++;
        if (site_alarm(c, (uint16_t)i, "backup",
                       "what came from it was not sound when the backup was made, of"
                       " which this centre is restored",
                       e) != 0)
            return -1;
    }
    return 0;
}

int backup_restore(struct disk *d, struct clock *c, struct random *random,
                   const char *from, const char *dir, struct backup_counts *out,
                   struct err *e)
{
    struct restoring r = {
        .disk = d, .clock = c, .from = from, .dir = dir, .withheld = withheld_create(e)};
    struct centre *centre = NULL;
    int64_t sites;
    int rc = -1;

    *out = (struct backup_counts){0};
    if (r.withheld == NULL || prepare(&r, e) != 0 || stage_database(&r, e) != 0 ||
        raise_epoch(&r, &out->epoch, e) != 0 || copy_keys(&r, e) != 0 ||
        dictionary_copy_all(d, from, dir, e) != 0 || copy_originals(&r, out, e) != 0 ||
        settle(&r, e) != 0 || centre_open(&centre, d, c, random, dir, e) != 0 ||
        sql_number(store_db(centre->store), "SELECT count(*) FROM site", &sites, e) !=
            0 ||
        alarm_withheld(&r, centre, out, e) != 0)
        goto out;
    out->sites = (uint64_t)sites;
    rc = 0;
out:
    store_close(r.store);
    centre_close(centre);
    free(r.withheld);
    return rc == 0 ? 0 : err_wrap(e, "restore");
}
