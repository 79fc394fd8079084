#include "appliance/restore_parts.h"

#include "schema/statements.h"

struct blob_sink {
    struct blob_writer *writer;
    bool failed; /* so it was not the copy */
};

static int sink_blob(void *arg, const void *bytes, size_t count, struct err *e)
{
    struct blob_sink *s = arg;

    s->failed = blob_writer_add(s->writer, bytes, count, e) != 0;
    return s->failed ? -1 : 0;
}

/* *lost: the copy does not give it. */
static int write_blob(struct restoring *r, struct blobs *to, const struct hash *sha256,
                      bool *lost, struct err *e)
{
    struct blob_sink sink = {0};
    struct hash kept;
    uint64_t bytes;
    bool was_there;
    int rc = -1;

    *lost = false;
    if (blob_writer_create(&sink.writer, to, e) != 0)
        goto out;
    if (copy_get(&r->store, sha256, sink_blob, &sink, e) != 0) {
        *lost = !sink.failed && (e->code == ERR_CORRUPT || e->code == ERR_IO);
        rc = *lost ? 0 : -1;
    } else if (blob_writer_keep(sink.writer, &kept, &bytes, &was_there, e) == 0) {
        r->progress.bytes += bytes;
        rc = 0;
    }
out:
    blob_writer_destroy(sink.writer);
    return rc;
}

/* A medium that was pulled out has lost nothing, and neither has one that fails for the
 * moment. A piece of the records was read in this very run, and whole: who does not give
 * it any more is gone. It comes from the medium, not from what the kernel remembers. */
static int check_medium(struct restoring *r, struct err *e)
{
    const struct manifest_pieces *p = &r->manifest.database;

    if (copy_get(&r->store, &p->hashes[p->count - 1], NULL, NULL, e) == 0)
        return 0;
    e->code = ERR_IO;
    return err_wrap(e, "the medium is gone, or fails: there is no box yet, put it back"
                       " and restore again");
}

/* Lost is what a medium that is there does not give, nor when asked again: it may have
 * been out for a moment. */
static int bring_blob(struct restoring *r, struct blobs *to, const struct hash *sha256,
                      bool *lost, struct err *e)
{
    if (write_blob(r, to, sha256, lost, e) != 0)
        return -1;
    if (!*lost)
        return 0;
    if (check_medium(r, e) != 0)
        return -1;
    return write_blob(r, to, sha256, lost, e);
}

/* What the new box has to ask for. It counts as let go only where the centre has it safe:
 * else `verify` tells of it until it is here, and the paper brings it too. */
static const char lost_sql[] =
    "INSERT INTO wanted_blob (sha256, back, boot, mono_ms, wall_ms, wall_confidence)"
    " SELECT ?1, 0, boot, last_mono_ms, last_wall_ms, last_confidence FROM boot"
    " WHERE true ORDER BY boot DESC LIMIT 1 ON CONFLICT DO UPDATE SET back = 0";
static const char lost_away_sql[] =
    "INSERT INTO away_blob (sha256, gone) SELECT ?1, 1 WHERE EXISTS"
    " (SELECT 1 FROM blob_sent WHERE sha256 = ?1 AND state = 2) ON CONFLICT DO NOTHING";
static const char lost_name_sql[] = "SELECT name FROM original WHERE sha256 = ?1";

static int note_lost(struct restoring *r, const struct hash *sha256, struct err *e)
{
    static const char *const sql[] = {lost_sql, lost_away_sql, lost_name_sql};
    struct store *store = r->staged_store;
    sqlite3_stmt *s[3];
    int rc = -1;

    if (store_apply_begin(store, e) != 0)
        return -1;
    if (statements_prepare(store_db(store), s, sql, 3, e) == 0) {
        for (int i = 0; i < 3; i++)
            bind_blob(s[i], 1, sha256->bytes, HASH_BYTES);
        if (statement_run(s[0], e) == 0 && statement_run(s[1], e) == 0)
            rc = statement_step(s[2], e);
        if (rc >= 0 && r->options->lost != NULL)
            r->options->lost(r->options->arg, sha256,
                             rc == 1 ? (const char *)sqlite3_column_text(s[2], 0) : "");
        statements_finalize(s, 3);
    }
    if (rc >= 0) {
        r->counts->lost++;
        return store_apply_commit(store, e);
    }
    store_apply_rollback(store);
    return -1;
}

/* What had left to make room need not come back: it is at the centre. */
static int is_away(struct restoring *r, const struct hash *sha256, bool *away,
                   struct err *e)
{
    static const char *const sql = "SELECT 1 FROM away_blob WHERE sha256 = ?1";
    sqlite3_stmt *s;
    int row;

    if (statements_prepare(store_db(r->staged_store), &s, &sql, 1, e) != 0)
        return -1;
    bind_blob(s, 1, sha256->bytes, HASH_BYTES);
    row = statement_step(s, e);
    *away = row == 1;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

int restore_blobs(struct restoring *r, const struct buffer *list, struct err *e)
{
    const struct hash *hashes = (const struct hash *)(const void *)list->bytes;
    struct blobs *to = NULL;
    int rc = blobs_open(&to, r->disk, r->dir, e);

    if (rc == 0)
        rc = blobs_sweep(to, e);
    for (size_t i = 0; rc == 0 && i < list->count / HASH_BYTES; i++) {
        bool away, lost;

        rc = restore_go_on(r, e);
        if (rc == 0)
            rc = is_away(r, &hashes[i], &away, e);
        if (rc == 0 && !away)
            rc = bring_blob(r, to, &hashes[i], &lost, e);
        if (rc == 0 && !away && lost)
            rc = note_lost(r, &hashes[i], e);
        r->progress.done++;
    }
    blobs_close(to);
    return rc;
}
