#include "appliance/backup.h"

#include <stdlib.h>
#include <string.h>

#include "appliance/backup_parts.h"
#include "schema/statements.h"

/* Blobs may leave while they are copied: a snapshot is taken anew, which takes little
 * since what is copied is copied. */
#define SNAPSHOTS_MAX 4

/* Objects that are there are read again in turns: all of them in so many runs. */
#define READ_AGAIN_RUNS 8

int backup_go_on(struct making_copy *m, struct err *e)
{
    const struct backup_options *o = m->options;

    if (o->progress == NULL || o->progress(o->arg, &m->progress) == 0)
        return 0;
    return err_set(e, ERR_FAILED, "stopped; the copy before it stands");
}

/* Whether the object is in DIR and, if it is its turn, still opens. *unread: the medium
 * does not say, which may pass. */
static int is_kept(struct making_copy *m, const struct hash *sha256, uint64_t bytes,
                   bool *kept, bool *unread, struct err *e)
{
    struct hash name;

    *kept = *unread = false;
    if (copy_has(&m->store, sha256, bytes, kept, e) != 0) {
        *unread = e->code == ERR_IO;
        return *unread ? 0 : -1;
    }
    copy_name(&m->store, sha256, &name);
    if (!*kept || (name.bytes[0] ^ m->manifest.generation) % READ_AGAIN_RUNS != 0)
        return 0;
    m->progress.bytes += bytes == UINT64_MAX ? 0 : bytes;
    return copy_check(&m->store, sha256, kept, unread, e);
}

static void count_copied(struct making_copy *m, uint64_t bytes)
{
    m->counts->copied++;
    m->counts->copied_bytes += bytes;
    m->progress.bytes += bytes;
}

int backup_add_piece(struct making_copy *m, struct manifest_pieces *p, const void *bytes,
                     size_t count, struct err *e)
{
    struct hash h, *grown;
    bool kept, unread; /* the latter is written anew */

    hash_of(&h, bytes, count);
    if (backup_go_on(m, e) != 0 || is_kept(m, &h, count, &kept, &unread, e) != 0 ||
        (!kept && copy_put_bytes(&m->store, bytes, count, &h, e) != 0))
        return -1;
    if (!kept)
        count_copied(m, count);
    grown = realloc(p->hashes, (p->count + 1) * sizeof *grown);
    if (grown == NULL)
        return err_set(e, ERR_MEMORY, "backup");
    p->hashes = grown;
    p->hashes[p->count++] = h;
    p->bytes += count;
    m->progress.done++;
    return 0;
}

static int sink_buffer(void *arg, const void *bytes, size_t count, struct err *e)
{
    buffer_append(arg, bytes, count);
    return buffer_check(arg, e);
}

int backup_read_pieces(struct copy_store *s, const struct manifest_pieces *p,
                       struct buffer *out, struct err *e)
{
    for (size_t i = 0; i < p->count; i++)
        if (copy_get(s, &p->hashes[i], sink_buffer, out, e) != 0)
            return -1;
    return 0;
}

/* ------------------------------------------------------------------------- blobs */

/* What a row names now and what has not left to make room ought to be here. */
static int ought_to_be_here(struct making_copy *m, const struct hash *sha256, bool *ought,
                            struct err *e)
{
    static const char *const sql =
        "SELECT (EXISTS (SELECT 1 FROM original WHERE sha256 = ?1)"
        "     OR EXISTS (SELECT 1 FROM image WHERE sha256 = ?1)"
        "     OR EXISTS (SELECT 1 FROM intake WHERE sha256 = ?1 AND state = 'cleared'))"
        " AND NOT EXISTS (SELECT 1 FROM away_blob WHERE sha256 = ?1)";
    sqlite3_stmt *s;
    int row;

    if (statements_prepare(store_db(m->box->store), &s, &sql, 1, e) != 0)
        return -1;
    bind_blob(s, 1, sha256->bytes, HASH_BYTES);
    row = statement_step(s, e);
    *ought = row == 1 && sqlite3_column_int(s, 0) != 0;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* *f is NULL if it is not here, or the disk does not give it. */
static void open_here(struct making_copy *m, const struct hash *sha256,
                      struct disk_file **f, uint64_t *bytes)
{
    struct err ignored; /* whatever it was: DIR may have it */
    bool there = false;

    *f = NULL;
    if (blob_exists(m->box->blobs, sha256, &there, &ignored) == 0 && there &&
        blob_open(m->box->blobs, f, sha256, &ignored) == 0 &&
        disk_file_size(*f, bytes, &ignored) == 0)
        return;
    disk_close(*f);
    *f = NULL;
    *bytes = UINT64_MAX;
}

/* *in: it is in DIR now. What is altered here and good there stays good there; and what
 * nothing here could mend stays named while the medium only does not give it, for that
 * may pass: what no generation names is swept. */
static int keep_blob(struct making_copy *m, const struct hash *sha256, bool *in,
                     struct err *e)
{
    struct disk_file *f = NULL;
    uint64_t bytes;
    bool unread;
    int rc;

    open_here(m, sha256, &f, &bytes);
    rc = is_kept(m, sha256, bytes, in, &unread, e);
    if (rc != 0)
        goto out;
    if (!*in && f != NULL) {
        rc = copy_put_file(&m->store, f, sha256, in, e);
        if (rc == 0 && *in)
            count_copied(m, bytes);
        else if (rc == 0) /* altered here, perhaps in its length: what has DIR of it? */
            rc = is_kept(m, sha256, UINT64_MAX, in, &unread, e);
    }
    if (rc == 0 && !*in && unread) {
        m->manifest.lacking++;
        *in = true;
    }
out:
    disk_close(f);
    return rc;
}

/* One that is neither here nor there: damage, or it left since the snapshot. */
static int judge_absent(struct making_copy *m, const struct hash *sha256, struct err *e)
{
    bool ought;

    if (ought_to_be_here(m, sha256, &ought, e) != 0)
        return -1;
    m->manifest.lacking += ought;
    m->vanished += !ought;
    return 0;
}

/* Leaves in m->blobs what DIR has. */
static int keep_blobs(struct making_copy *m, struct err *e)
{
    struct hash *hashes = (struct hash *)(void *)m->blobs.bytes;
    size_t count = m->blobs.count / HASH_BYTES, kept = 0;

    m->progress.total = m->progress.done + count;
    for (size_t i = 0; i < count; i++) {
        bool in;

        if (backup_go_on(m, e) != 0 || keep_blob(m, &hashes[i], &in, e) != 0)
            return -1;
        if (in)
            hashes[kept++] = hashes[i];
        else if (judge_absent(m, &hashes[i], e) != 0)
            return -1;
        m->progress.done++;
    }
    m->blobs.count = kept * HASH_BYTES;
    return 0;
}

/* What left to make room stays in DIR if a generation before had it. */
static int keep_away(struct making_copy *m, struct err *e)
{
    const struct hash *hashes = (const struct hash *)(const void *)m->away.bytes;

    for (size_t i = 0; i < m->away.count / HASH_BYTES; i++) {
        bool in;

        if (backup_go_on(m, e) != 0 || keep_blob(m, &hashes[i], &in, e) != 0)
            return -1;
        if (in)
            buffer_append(&m->blobs, hashes[i].bytes, HASH_BYTES);
    }
    return buffer_check(&m->blobs, e);
}

static int list_blobs(struct making_copy *m, struct err *e)
{
    const struct buffer *blobs = &m->blobs;
    struct manifest_pieces *p = &m->manifest.blobs;

    hash_of(&p->sha256, blobs->bytes, blobs->count);
    for (size_t at = 0; at < blobs->count; at += BACKUP_PIECE_BYTES) {
        size_t left = blobs->count - at;

        if (backup_add_piece(m, p, blobs->bytes + at,
                             left < BACKUP_PIECE_BYTES ? left : BACKUP_PIECE_BYTES,
                             e) != 0)
            return -1;
    }
    return 0;
}

/* -------------------------------------------------------------------- a generation */

static int begin_manifest(struct making_copy *m, uint64_t generation, struct err *e)
{
    const struct store_identity *who = store_identity(m->box->store);

    copy_manifest_release(&m->manifest);
    m->manifest.generation = generation;
    m->manifest.site = who->site;
    m->manifest.epoch = who->epoch;
    memcpy(m->manifest.name, who->name, sizeof m->manifest.name);
    m->vanished = 0;
    m->progress.total = 0;
    return backup_take_keys(m, e);
}

static int copy_everything(struct making_copy *m, uint64_t generation, struct err *e)
{
    int tries = 0;

    do {
        if (begin_manifest(m, generation, e) != 0 || backup_snapshot(m, e) != 0 ||
            keep_blobs(m, e) != 0 || keep_away(m, e) != 0)
            return -1;
    } while (m->vanished > 0 && ++tries < SNAPSHOTS_MAX);
    if (m->vanished > 0)
        return err_set(e, ERR_BUSY, "too much changes here meanwhile: try again");
    m->manifest.wall_ms = m->began.wall_ms;
    return list_blobs(m, e);
}

static int remember(struct making_copy *m, struct err *e)
{
    static const char *const sql =
        "INSERT INTO second_copy (one, generation, sequence, original, lacking, boot,"
        " mono_ms, wall_ms, wall_confidence) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        " ON CONFLICT (one) DO UPDATE SET generation = ?1, sequence = ?2, original = ?3,"
        " lacking = ?4, boot = ?5, mono_ms = ?6, wall_ms = ?7, wall_confidence = ?8";
    const int64_t values[] = {(int64_t)m->manifest.generation,
                              (int64_t)m->manifest.sequence,
                              (int64_t)m->manifest.original,
                              (int64_t)m->manifest.lacking,
                              m->began.boot,
                              m->began.mono_ms,
                              m->began.wall_ms,
                              (int64_t)m->began.confidence};
    struct store *store = m->box->store;
    sqlite3_stmt *s;
    int rc;

    if (store_write_begin(store, e) != 0)
        return -1;
    rc = statements_prepare(store_db(store), &s, &sql, 1, e);
    if (rc == 0) {
        for (int i = 0; i < 8; i++)
            (void)sqlite3_bind_int64(s, i + 1, values[i]);
        rc = statement_run(s, e);
        statements_finalize(&s, 1);
    }
    if (rc == 0)
        return store_write_commit(store, NULL, e);
    store_write_rollback(store);
    return -1;
}

/* The newest generation there, 0 if none. One that is damaged counts: its number is not
 * given again. None of our key: ERR_REFUSED, another box's copy, or of a lost key. */
static int find_newest(struct making_copy *m, uint64_t *newest, struct err *e)
{
    struct manifest of;
    uint64_t *numbers;
    size_t count, others = 0, at;
    bool ours = false;

    *newest = 0;
    if (copy_manifest_list(&m->store, &numbers, &count, e) != 0)
        return -1;
    if (count > 0)
        *newest = numbers[count - 1];
    for (at = count; at > 0 && !ours; at--) {
        ours = copy_manifest_read(&of, &m->store, numbers[at - 1], &m->key, e) == 0;
        others += !ours && e->code == ERR_REFUSED;
        copy_manifest_release(&of);
    }
    free(numbers);
    m->counts->other_key = !ours && others > 0;
    return m->counts->other_key
               ? err_set(e, ERR_REFUSED, "%s holds a copy of another recovery key",
                         m->store.dir)
               : 0;
}

static int make(struct making_copy *m, struct random *r, struct err *e)
{
    uint64_t before;

    if (find_newest(m, &before, e) != 0 || copy_store_prepare(&m->store, e) != 0 ||
        backup_write_words(m, e) != 0 || copy_everything(m, before + 1, e) != 0 ||
        copy_manifest_write(&m->manifest, &m->store, &m->key, r, e) != 0 ||
        remember(m, e) != 0)
        return -1;
    m->counts->generation = m->manifest.generation;
    m->counts->sequence = m->manifest.sequence;
    m->counts->epoch = m->manifest.epoch;
    m->counts->lacking = m->manifest.lacking;
    m->counts->held = m->manifest.held;
    m->counts->objects = m->manifest.database.count + m->blobs.count / HASH_BYTES;
    return backup_sweep(m, before, e);
}

int second_copy_make(struct box *b, struct disk *to, const char *dir, struct random *r,
                     const struct backup_options *o, struct second_copy_counts *out,
                     struct err *e)
{
    struct making_copy m = {.box = b, .options = o, .counts = out};
    int rc = -1;

    *out = (struct second_copy_counts){0};
    buffer_init(&m.blobs, MANIFEST_BYTES_MAX);
    buffer_init(&m.away, MANIFEST_BYTES_MAX);
    if (backup_key_ready(b, r, &m.key, &out->key_is_new, e) == 0 &&
        copy_store_init(&m.store, to, dir, &m.key, e) == 0)
        rc = make(&m, r, e);
    buffer_release(&m.blobs);
    buffer_release(&m.away);
    copy_manifest_release(&m.manifest);
    copy_store_wipe(&m.store);
    recovery_wipe(&m.key);
    return rc == 0 ? 0 : err_wrap(e, "backup");
}
