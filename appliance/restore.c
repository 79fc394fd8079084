#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium/utils.h>

#include "appliance/people/audit.h"
#include "appliance/restore_parts.h"
#include "schema/fork.h"
#include "schema/statements.h"

int restore_go_on(struct restoring *r, struct err *e)
{
    const struct backup_options *o = r->options;

    if (o->progress == NULL || o->progress(o->arg, &r->progress) == 0)
        return 0;
    return err_set(e, ERR_FAILED, "stopped; there is no box yet");
}

static int prepare(struct restoring *r, struct err *e)
{
    struct disk_stat there;

    if (disk_path(r->staging, e, "%s/restoring", r->dir) != 0 ||
        disk_path(r->staged, e, "%s/tram.db", r->staging) != 0 ||
        disk_path(r->final, e, "%s/tram.db", r->dir) != 0 ||
        disk_stat(r->disk, r->final, &there, e) != 0)
        return -1;
    if (there.kind != DISK_NOTHING)
        return err_set(e, ERR_BUSY, "there is a box in %s already", r->dir);
    return 0;
}

/* --------------------------------------------------------------------- which one */

/* The newest that opens, or the one asked for. What was cut short has no manifest, so
 * one that does not open is damaged: it is counted, and told. With the wrong key none
 * opens, and that is what is said. */
static int choose(struct restoring *r, const uint64_t *numbers, size_t count,
                  struct err *e)
{
    uint64_t asked = r->options->generation;
    struct err other;

    for (size_t i = count; i > 0; i--) {
        if (asked != 0 && numbers[i - 1] != asked)
            continue;
        if (copy_manifest_read(&r->manifest, &r->store, numbers[i - 1], r->key,
                               r->counts->skipped == 0 ? e : &other) == 0)
            return 0;
        r->counts->skipped++;
    }
    r->counts->other_key = r->counts->skipped > 0 && e->code == ERR_REFUSED;
    return r->counts->skipped > 0
               ? -1
               : err_set(e, ERR_REFUSED, "%s holds no copy of a box%s", r->store.dir,
                         asked != 0 ? " of that generation" : "");
}

static int find_manifest(struct restoring *r, struct err *e)
{
    uint64_t *numbers;
    size_t count;
    int rc;

    if (copy_manifest_list(&r->store, &numbers, &count, e) != 0)
        return -1;
    rc = choose(r, numbers, count, e);
    free(numbers);
    return rc;
}

/* --------------------------------------------------------------------- the database */

struct file_sink {
    struct disk_file *file;
    uint64_t at;
    struct hasher hasher;
};

static int sink_file(void *arg, const void *bytes, size_t count, struct err *e)
{
    struct file_sink *s = arg;

    if (disk_file_write(s->file, bytes, count, s->at, e) != 0)
        return -1;
    hasher_add(&s->hasher, bytes, count);
    s->at += count;
    return 0;
}

static int write_database(struct restoring *r, struct err *e)
{
    const struct manifest_pieces *p = &r->manifest.database;
    struct file_sink sink = {0};
    struct hash found;
    int rc = -1;

    hasher_init(&sink.hasher);
    if (disk_open(r->disk, &sink.file, r->staged, DISK_CREATE, e) != 0)
        return -1;
    for (size_t i = 0; i < p->count; i++) {
        if (restore_go_on(r, e) != 0 ||
            copy_get(&r->store, &p->hashes[i], sink_file, &sink, e) != 0)
            goto out;
        r->progress.done++;
        r->progress.bytes = sink.at;
    }
    hasher_finish(&sink.hasher, &found);
    if (sink.at != p->bytes || !hash_equal(&found, &p->sha256))
        (void)err_set(e, ERR_CORRUPT, "the database is not what its manifest says");
    else
        rc = disk_file_sync(sink.file, e);
out:
    disk_close(sink.file);
    return rc;
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
    if (disk_make_dirs(r->disk, r->staging, e) != 0 || clear_staging(r, e) != 0 ||
        write_database(r, e) != 0)
        return -1;
    return store_open(&r->staged_store, r->disk, r->clock, r->staging, e);
}

/* ------------------------------------------------------------------------ the epoch */

/* With the epoch: what is not in the copy is not looked for, and who was reading reads no
 * more. */
static const char anew_sql[] =
    "DELETE FROM intake WHERE state IN ('held', 'taken'); DELETE FROM account_first;"
    "UPDATE packing SET here = 0 WHERE here = 1;"
    "UPDATE job SET state = 'waiting', lease_boot_id = NULL, lease_pid = NULL,"
    " lease_started = NULL WHERE state = 'leased';"
    "INSERT INTO second_copy (one, generation, sequence, original, lacking, boot,"
    " mono_ms, wall_ms, wall_confidence) SELECT 1, %llu, %llu, %llu, %llu, boot,"
    " last_mono_ms, last_wall_ms, last_confidence FROM boot ORDER BY boot DESC LIMIT 1"
    " ON CONFLICT (one) DO UPDATE SET generation = excluded.generation,"
    " sequence = excluded.sequence, original = excluded.original,"
    " lacking = excluded.lacking, boot = excluded.boot, mono_ms = excluded.mono_ms,"
    " wall_ms = excluded.wall_ms, wall_confidence = excluded.wall_confidence";

/* The event begins the new line, so that the centre gives back what this copy lacks, also
 * where nobody writes anything more. */
static int begin_epoch(struct restoring *r, const char *sql, struct err *e)
{
    struct records *records = NULL;
    char detail[64];
    int rc = -1;

    (void)snprintf(detail, sizeof detail, "{\"generation\":%llu,\"epoch\":%u}",
                   (unsigned long long)r->manifest.generation, r->counts->epoch);
    if (records_create(&records, r->staged_store, e) != 0)
        return -1;
    if (fork_raise(r->staged_store, r->counts->epoch, e) == 0 &&
        sql_run(store_db(r->staged_store), sql, e) == 0 &&
        audit_append(r->staged_store, "restored", "tram-box", "tram-box", detail, e) == 0)
        rc = fork_tell(records, "restored", "tram-box", detail, e);
    records_destroy(records);
    return rc;
}

static int write_epoch(struct restoring *r, struct err *e)
{
    const struct manifest *m = &r->manifest;
    char sql[sizeof anew_sql + 128];

    (void)snprintf(sql, sizeof sql, anew_sql, (unsigned long long)m->generation,
                   (unsigned long long)m->sequence, (unsigned long long)m->original,
                   (unsigned long long)m->lacking);
    if (store_apply_begin(r->staged_store, e) != 0)
        return -1;
    if (begin_epoch(r, sql, e) == 0)
        return store_apply_commit(r->staged_store, e);
    store_apply_rollback(r->staged_store);
    return -1;
}

/* Before anybody can write: with the old epoch, with that of another box made of this
 * copy, or with one that rows here have from a copied card's box, ids would be given
 * twice. */
static int raise_epoch(struct restoring *r, struct err *e)
{
    uint8_t known;

    if (fork_epoch_known(r->staged_store, &known, e) != 0 ||
        backup_next_epoch(&r->store, known, &r->counts->epoch, e) != 0)
        return -1;
    return write_epoch(r, e);
}

/* ------------------------------------------------------------------------- the rest */

static int write_key(struct restoring *r, const char *name, const void *bytes,
                     size_t count, struct err *e)
{
    char path[DISK_PATH_BYTES];

    if (disk_path(path, e, "%s/keys/%s", r->dir, name) != 0)
        return -1;
    return disk_replace(r->disk, path, bytes, count, e);
}

static int write_keys(struct restoring *r, struct err *e)
{
    char keys[DISK_PATH_BYTES];

    if (disk_path(keys, e, "%s/keys", r->dir) != 0 ||
        disk_make_dirs(r->disk, keys, e) != 0)
        return -1;
    for (size_t i = 0; i < r->manifest.keys_count; i++) {
        const struct manifest_key *k = &r->manifest.keys[i];

        if (write_key(r, k->name, k->bytes, k->count, e) != 0)
            return -1;
    }
    return write_key(r, BACKUP_KEY_NAME, r->key->bytes, sizeof r->key->bytes, e);
}

static int read_list(struct restoring *r, struct buffer *list, struct err *e)
{
    const struct manifest_pieces *p = &r->manifest.blobs;
    struct hash found;

    if (backup_read_pieces(&r->store, p, list, e) != 0)
        return -1;
    hash_of(&found, list->bytes, list->count);
    if (list->count != p->bytes || list->count % HASH_BYTES != 0 ||
        !hash_equal(&found, &p->sha256))
        return err_set(e, ERR_CORRUPT,
                       "the list of originals is not what its manifest"
                       " says");
    r->progress.total = r->manifest.database.count + list->count / HASH_BYTES;
    r->counts->objects = r->progress.total;
    return 0;
}

/* ---------------------------------------------------------------------------- a box */

/* All of it is in the one file, and then the file has its name. */
static int settle(struct restoring *r, struct err *e)
{
    if (store_settle(r->staged_store, e) != 0)
        return -1;
    store_close(r->staged_store);
    r->staged_store = NULL;
    if (store_remove_log(r->disk, r->final, e) != 0 ||
        disk_sync_dir(r->disk, r->dir, e) != 0 ||
        disk_rename(r->disk, r->staged, r->final, e) != 0 ||
        disk_sync_dir(r->disk, r->dir, e) != 0 || clear_staging(r, e) != 0)
        return -1;
    return disk_sync_dir(r->disk, r->staging, e);
}

static int restore(struct restoring *r, struct buffer *list, struct err *e)
{
    if (prepare(r, e) != 0 || find_manifest(r, e) != 0 || read_list(r, list, e) != 0 ||
        stage_database(r, e) != 0 || raise_epoch(r, e) != 0 || write_keys(r, e) != 0 ||
        restore_blobs(r, list, e) != 0 || settle(r, e) != 0)
        return -1;
    r->counts->generation = r->manifest.generation;
    r->counts->sequence = r->manifest.sequence;
    r->counts->lacking = r->manifest.lacking;
    r->counts->held = r->manifest.held;
    return 0;
}

int second_copy_restore(struct disk *d, struct clock *c, const char *dir,
                        struct disk *from, const char *from_dir,
                        const struct recovery_key *key, const struct backup_options *o,
                        struct second_copy_counts *out, struct err *e)
{
    struct restoring r = {
        .disk = d, .clock = c, .options = o, .key = key, .counts = out, .dir = dir};
    struct buffer list;
    int rc = -1;

    *out = (struct second_copy_counts){0};
    buffer_init(&list, MANIFEST_BYTES_MAX);
    if (copy_store_init(&r.store, from, from_dir, key, e) == 0)
        rc = restore(&r, &list, e);
    store_close(r.staged_store);
    buffer_release(&list);
    copy_manifest_release(&r.manifest);
    copy_store_wipe(&r.store);
    return rc == 0 ? 0 : err_wrap(e, "restore");
}
