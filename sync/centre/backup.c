#include "sync/centre/backup_parts.h"

#include <stdio.h>

#include "schema/statements.h"
#include "sync/centre/sites.h"
#include "sync/centre/verify.h"

static int refuse_name(void *arg, const char *name, struct err *e)
{
    return err_set(e, ERR_USAGE, "%s is not empty: %s is in it", (const char *)arg, name);
}

static int check_empty(struct disk *d, const char *dir, struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct disk_stat there;

    if (disk_stat(d, dir, &there, e) != 0)
        return -1;
    if (there.kind == DISK_NOTHING)
        return disk_make_dirs(d, dir, e);
    if (there.kind != DISK_DIR)
        return err_set(e, ERR_USAGE, "%s is not a directory", dir);
    if (disk_path(path, e, "%s", dir) != 0)
        return -1;
    return disk_list(d, dir, refuse_name, path, e);
}

/* As of one instant, page by page, while others may write here. */
static int copy_database(struct centre *c, const char *path, struct err *e)
{
    struct disk_file *f = NULL;
    sqlite3 *copy = NULL;
    sqlite3_backup *b;
    int rc = -1;

    /* SQLite would make a file that everybody may read. */
    if (disk_open(c->disk, &f, path, DISK_CREATE, e) != 0)
        return -1;
    disk_close(f);
    if (sqlite3_open_v2(path, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        c->disk->vfs) != SQLITE_OK) {
        (void)sqlite3_close(copy);
        return err_set(e, ERR_IO, "%s cannot be made", path);
    }
    (void)sqlite3_extended_result_codes(copy, 1);
    if (sql_run(copy, "PRAGMA synchronous = FULL", e) != 0)
        goto out;
    b = sqlite3_backup_init(copy, "main", store_db(c->store), "main");
    if (b == NULL) {
        (void)sqlite_err(copy, e, "backup");
        goto out;
    }
    (void)sqlite3_backup_step(b, -1); /* _finish repeats what failed */
    rc = sqlite3_backup_finish(b) == SQLITE_OK ? 0 : sqlite_err(copy, e, "backup");
out:
    (void)sqlite3_close(copy); /* everything on it is finished */
    return rc;
}

/* --------------------------------------------------------------------- the copy */

struct first_problem {
    char text[200];
    unsigned count;
};

static void note_problem(void *arg, const char *text)
{
    struct first_problem *p = arg;

    if (p->count++ == 0)
        (void)snprintf(p->text, sizeof p->text, "%s", text);
}

/* What cannot be restored stands in the copy as it stands here: no reason to go
 * without backups. */
static int verify_copy(struct centre *copy, struct err *e)
{
    struct first_problem first = {0};
    const struct centre_verify_sink sink = {.problem = note_problem, .arg = &first};

    if (centre_verify(copy, &sink, e) != 0)
        return -1;
    if (first.count > 0)
        return err_set(e, ERR_CORRUPT, "the copy is not sound, %u problems: %s",
                       first.count, first.text);
    return 0;
}

/* Everything but the manifest; *copy is open afterwards, and sound. */
static int make_copy(struct centre *c, const char *dir, struct centre **copy,
                     struct backup_counts *counts, struct err *e)
{
    char path[DISK_PATH_BYTES];

    *copy = NULL;
    if (disk_path(path, e, "%s/tram.db", dir) != 0 || copy_database(c, path, e) != 0 ||
        backup_copy_keys(c->disk, c->dir, dir, e) != 0 ||
        disk_sync_dir(c->disk, dir, e) != 0 ||
        centre_open(copy, c->disk, c->clock, c->random, dir, e) != 0)
        return -1;
    if (backup_copy_originals(store_db((*copy)->store), c->blobs, (*copy)->blobs,
                              &counts->originals, e) != 0)
        return -1;
    return verify_copy(*copy, e);
}

/* --------------------------------------------------------------------- what is safe */

struct marking {
    struct centre *centre;
    sqlite3_stmt *site, *blob;
    uint64_t sites;
};

static int mark_site(void *arg, const struct site_row *row, struct err *e)
{
    struct marking *m = arg;

    (void)sqlite3_bind_int(statement_fresh(m->site), 1, row->site);
    (void)sqlite3_bind_int64(m->site, 2, (sqlite3_int64)row->received);
    (void)sqlite3_bind_int(m->site, 3, row->epoch);
    m->sites++;
    return statement_run(m->site, e);
}

/* A packed form that is not restored yet may never be: its box keeps the original. */
static const char safe_sql[] =
    "SELECT h.sha256, h.site FROM held_blob h"
    " WHERE NOT EXISTS (SELECT 1 FROM unpacking u WHERE u.packed = h.sha256"
    "                   AND u.site = h.site AND u.state IN ('waiting', 'failed'))";

static int mark_blobs(struct marking *m, struct centre *copy, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (centre_statement(copy, &s, safe_sql, e) != 0)
        return -1;
    while ((row = statement_step(s, e)) == 1) {
        (void)sqlite3_bind_value(statement_fresh(m->blob), 1, sqlite3_column_value(s, 0));
        (void)sqlite3_bind_int(m->blob, 2, sqlite3_column_int(s, 1));
        if (statement_run(m->blob, e) != 0) {
            row = -1;
            break;
        }
    }
    statements_finalize(&s, 1);
    return row;
}

/* What the copy holds, and no more: others have gone on writing here. A centre that
 * was restored meanwhile has fewer; max() and the row's own `received` keep its
 * numbers true. */
static int mark_safe(struct centre *c, struct centre *copy, uint64_t *sites,
                     struct err *e)
{
    struct marking m = {.centre = c};
    int rc = -1;

    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (centre_statement(c, &m.site,
                         "UPDATE site SET safe = max(safe, min(received, ?2))"
                         " WHERE site = ?1 AND epoch = ?3",
                         e) == 0 &&
        centre_statement(c, &m.blob,
                         "UPDATE held_blob SET state = 2 WHERE sha256 = ?1 AND site = ?2",
                         e) == 0 &&
        site_each(copy, mark_site, &m, e) == 0)
        rc = mark_blobs(&m, copy, e);
    statements_finalize(&m.site, 1);
    statements_finalize(&m.blob, 1);
    *sites = m.sites;
    if (rc == 0)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return -1;
}

int backup_make(struct centre *c, const char *dir, struct backup_counts *out,
                struct err *e)
{
    char path[DISK_PATH_BYTES];
    struct centre *copy = NULL;
    struct hash database;
    int rc = -1;

    *out = (struct backup_counts){.epoch = c->epoch};
    if (check_empty(c->disk, dir, e) != 0 || make_copy(c, dir, &copy, out, e) != 0 ||
        store_settle(copy->store, e) != 0)
        goto out;
    /* Closed for the hash: to close another descriptor of the file would drop
     * SQLite's locks on it. */
    centre_close(copy);
    copy = NULL;
    if (disk_path(path, e, "%s/tram.db", dir) != 0 ||
        backup_hash_file(c->disk, path, &database, e) != 0 ||
        centre_open(&copy, c->disk, c->clock, c->random, dir, e) != 0 ||
        manifest_write(copy, dir, &database, out, e) != 0)
        goto out;
    rc = mark_safe(c, copy, &out->sites, e);
out:
    centre_close(copy);
    return rc == 0 ? 0 : err_wrap(e, "backup");
}
