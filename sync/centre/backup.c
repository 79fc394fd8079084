#include "sync/centre/backup_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/order.h"
#include "schema/statements.h"
#include "sync/centre/sites.h"
#include "sync/centre/verify.h"
#include "sync/dictionary.h"

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

/* What of the copy is not sound. */
struct findings {
    struct centre *centre; /* the one that is copied: alarms go there */
    char first[200];       /* with all of it */
    unsigned count;
    bool *withheld; /* by site: something of it is not sound */
    uint64_t withheld_count;
    struct buffer originals; /* hashes of those that the copy lacks */
    struct err err;          /* an alarm could not be written */
};

static void note_problem(void *arg, const char *text)
{
    struct findings *f = arg;

    if (f->count++ == 0)
        (void)snprintf(f->first, sizeof f->first, "%s", text);
}

static void alarm_site(struct findings *f, uint16_t site, const char *text)
{
    if (f->err.code == ERR_NONE)
        (void)site_alarm(f->centre, site, "backup", text, &f->err);
}

/* One commune's trouble is no reason for the others to go without backups: the first of
 * it is an alarm. */
static void withhold_site(void *arg, uint16_t site, const char *text)
{
    struct findings *f = arg;

    if (f->withheld[site])
        return;
    f->withheld[site] = true;
    f->withheld_count++;
    alarm_site(f, site, text);
}

static void withhold_original(void *arg, const struct hash *sha256)
{
    struct findings *f = arg;

    buffer_append(&f->originals, sha256->bytes, HASH_BYTES);
}

/* What of one site's originals the copy lacks. */
struct site_lacking {
    uint64_t count;
    struct hash first;
};

/* To each site that has delivered it. */
static int count_lacking(const struct findings *f, struct centre *copy,
                         struct site_lacking *sites, struct err *e)
{
    const struct hash *hashes = (const struct hash *)(const void *)f->originals.bytes;
    sqlite3_stmt *s;
    int row = 0;

    if (centre_statement(copy, &s, "SELECT site FROM held_blob WHERE sha256 = ?1", e) !=
        0)
        return -1;
    for (size_t i = 0; row == 0 && i < f->originals.count / HASH_BYTES; i++) {
        bind_blob(statement_fresh(s), 1, hashes[i].bytes, HASH_BYTES);
        while ((row = statement_step(s, e)) == 1) {
            struct site_lacking *at = &sites[(uint16_t)sqlite3_column_int(s, 0)];

            if (at->count++ == 0)
                at->first = hashes[i];
        }
    }
    statements_finalize(&s, 1);
    return row;
}

/* One alarm a site, however many it lacks: a disk that is going lacks thousands. */
static int alarm_originals(struct findings *f, struct centre *copy, struct err *e)
{
    struct site_lacking *sites = calloc(UINT16_MAX + 1, sizeof *sites);
    char hex[HASH_HEX_BYTES], text[128];
    int rc;

    if (sites == NULL)
        return err_set(e, ERR_MEMORY, "backup");
    rc = count_lacking(f, copy, sites, e);
    for (unsigned i = 0; rc == 0 && i <= UINT16_MAX; i++) {
        if (sites[i].count == 0)
            continue;
        hash_to_hex(hex, &sites[i].first);
        (void)snprintf(text, sizeof text,
                       "originals that are not in the backup: %llu, the first %.12s",
                       (unsigned long long)sites[i].count, hex);
        alarm_site(f, (uint16_t)i, text);
    }
    free(sites);
    return rc;
}

/* What cannot be restored stands in the copy as it stands here: no reason to go
 * without backups. */
static int verify_copy(struct findings *f, struct centre *copy, struct err *e)
{
    const struct centre_verify_sink sink = {.problem = note_problem,
                                            .of_site = withhold_site,
                                            .of_original = withhold_original,
                                            .arg = f};

    if (centre_verify(copy, &sink, e) != 0 || buffer_check(&f->originals, e) != 0)
        return -1;
    if (f->count > 0)
        return err_set(e, ERR_CORRUPT, "the copy is not sound, %u problems: %s", f->count,
                       f->first);
    if (f->originals.count > 0)
        qsort(f->originals.bytes, f->originals.count / HASH_BYTES, HASH_BYTES,
              order_hash);
    if (f->originals.count > 0 && alarm_originals(f, copy, e) != 0)
        return -1;
    if (f->err.code == ERR_NONE)
        return 0;
    *e = f->err;
    return -1;
}

static int copy_originals(struct centre *c, struct centre *copy, uint64_t *count,
                          struct err *e)
{
    struct buffer lacking; /* verifying finds them, and those that are lost on the way */
    int rc;

    buffer_init(&lacking, BACKUP_LACKING_BYTES_MAX);
    rc = backup_copy_originals(store_db(copy->store), c->blobs, copy->blobs, count,
                               &lacking, e);
    buffer_release(&lacking);
    return rc;
}

/* Everything but the manifest; *copy is open afterwards, and sound but for `f`. */
static int make_copy(struct findings *f, const char *dir, struct centre **copy,
                     struct backup_counts *counts, struct err *e)
{
    struct centre *c = f->centre;
    char path[DISK_PATH_BYTES];

    *copy = NULL;
    if (disk_path(path, e, "%s/tram.db", dir) != 0 || copy_database(c, path, e) != 0 ||
        backup_copy_keys(c->disk, c->dir, dir, e) != 0 ||
        dictionary_copy_all(c->disk, c->dir, dir, e) != 0 ||
        disk_sync_dir(c->disk, dir, e) != 0 ||
        centre_open(copy, c->disk, c->clock, c->random, dir, e) != 0 ||
        copy_originals(c, *copy, &counts->originals, e) != 0 ||
        verify_copy(f, *copy, e) != 0)
        return -1;
    counts->withheld = f->withheld_count;
    counts->lacking = f->originals.count / HASH_BYTES;
    return 0;
}

/* --------------------------------------------------------------------- what is safe */

struct marking {
    const struct findings *findings;
    sqlite3_stmt *site, *blob;
    uint64_t sites;
};

static int mark_site(void *arg, const struct site_row *row, struct err *e)
{
    struct marking *m = arg;

    m->sites++;
    if (m->findings->withheld[row->site])
        return 0;
    (void)sqlite3_bind_int(statement_fresh(m->site), 1, row->site);
    (void)sqlite3_bind_int64(m->site, 2, (sqlite3_int64)row->received);
    (void)sqlite3_bind_int(m->site, 3, row->epoch);
    return statement_run(m->site, e);
}

/* A packed form that is not restored yet may never be: its box keeps the original. */
static const char safe_sql[] =
    "SELECT h.sha256, h.site FROM held_blob h"
    " WHERE NOT EXISTS (SELECT 1 FROM unpacking u WHERE u.packed = h.sha256"
    "                   AND u.site = h.site AND u.state IN ('waiting', 'failed'))";

static bool is_in_copy(const struct marking *m, const struct hash *sha256, int site)
{
    const struct buffer *lacking = &m->findings->originals;

    if (site <= 0 || site > SITE_MAX || m->findings->withheld[site])
        return false;
    return lacking->count == 0 ||
           bsearch(sha256->bytes, lacking->bytes, lacking->count / HASH_BYTES, HASH_BYTES,
                   order_hash) == NULL;
}

static int mark_blobs(struct marking *m, struct centre *copy, struct err *e)
{
    sqlite3_stmt *s;
    struct hash h;
    int row;

    if (centre_statement(copy, &s, safe_sql, e) != 0)
        return -1;
    while ((row = statement_step(s, e)) == 1) {
        if (!column_hash(s, 0, &h) || !is_in_copy(m, &h, sqlite3_column_int(s, 1)))
            continue;
        bind_blob(statement_fresh(m->blob), 1, h.bytes, HASH_BYTES);
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
static int mark_safe(const struct findings *f, struct centre *copy, uint64_t *sites,
                     struct err *e)
{
    struct marking m = {.findings = f};
    struct centre *c = f->centre;
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

static int make(struct findings *f, const char *dir, struct backup_counts *out,
                struct err *e)
{
    struct centre *c = f->centre, *copy = NULL;
    char path[DISK_PATH_BYTES];
    struct hash database;
    int rc = -1;

    if (check_empty(c->disk, dir, e) != 0 || make_copy(f, dir, &copy, out, e) != 0 ||
        store_settle(copy->store, e) != 0)
        goto out;
    /* Closed for the hash: to close another descriptor of the file would drop
     * SQLite's locks on it. */
    centre_close(copy);
    copy = NULL;
    if (disk_path(path, e, "%s/tram.db", dir) != 0 ||
        backup_hash_file(c->disk, path, &database, e) != 0 ||
        centre_open(&copy, c->disk, c->clock, c->random, dir, e) != 0 ||
        manifest_write(copy, dir, &database, out, f->withheld, e) != 0)
        goto out;
    rc = mark_safe(f, copy, &out->sites, e);
out:
    centre_close(copy);
    return rc;
}

int backup_make(struct centre *c, const char *dir, struct backup_counts *out,
                struct err *e)
{
    struct findings f = {.centre = c, .withheld = withheld_create(e)};
    int rc = -1;

    *out = (struct backup_counts){.epoch = c->epoch};
    buffer_init(&f.originals, BACKUP_LACKING_BYTES_MAX);
    if (f.withheld != NULL)
        rc = make(&f, dir, out, e);
    buffer_release(&f.originals);
    free(f.withheld);
    return rc == 0 ? 0 : err_wrap(e, "backup");
}
