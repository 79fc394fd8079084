#include "appliance/packing.h"

#include "appliance/loose.h"
#include "appliance/outbox.h"
#include "schema/statements.h"

#define NO_GAIN "no_gain"

/* Below this nothing more is packed, as the clerk is told that the disk is low
 * (status.c): the room is for papers. */
#define FREE_BYTES_MIN (1024ull << 20)

static const char next_sql[] =
    "SELECT o.id, o.sha256 FROM original o WHERE o.id > ?1"
    " AND NOT EXISTS (SELECT 1 FROM packing k WHERE k.original = o.sha256)"
    " AND NOT EXISTS (SELECT 1 FROM blob_sent b WHERE b.sha256 = o.sha256)"
    " ORDER BY o.id LIMIT 1";
/* Another process may have tried it meanwhile: then that one's word stands. */
static const char put_sql[] =
    "INSERT INTO packing (original, packed, bytes, here, reason)"
    " VALUES (?1, ?2, ?3, ?2 IS NOT NULL, ?4) ON CONFLICT DO NOTHING";
static const char safe_sql[] =
    "SELECT k.original, k.packed FROM packing k"
    " JOIN blob_sent b ON b.sha256 = k.original WHERE k.here = 1 AND b.state = 2 LIMIT 1";
static const char away_sql[] = "UPDATE packing SET here = 0 WHERE original = ?1";

/* *id is 0 if there is none. */
static int find_next(struct box *b, uint64_t after, uint64_t *id, struct hash *sha256,
                     struct err *e)
{
    const char *sql = next_sql;
    sqlite3_stmt *s;
    int row;

    *id = 0;
    if (statements_prepare(store_db(b->store), &s, &sql, 1, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)after);
    row = statement_step(s, e);
    if (row == 1 && column_hash(s, 1, sha256))
        *id = (uint64_t)sqlite3_column_int64(s, 0);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

struct packed_result {
    struct hash packed;
    uint64_t bytes;
    const char *reason; /* NULL: it is packed */
};

static int insert_row(struct box *b, const struct hash *original,
                      const struct packed_result *r, struct err *e)
{
    const char *sql = put_sql;
    sqlite3_stmt *s;
    int rc;

    if (statements_prepare(store_db(b->store), &s, &sql, 1, e) != 0)
        return -1;
    bind_blob(s, 1, original->bytes, HASH_BYTES);
    if (r->reason == NULL) {
        bind_blob(s, 2, r->packed.bytes, HASH_BYTES);
        (void)sqlite3_bind_int64(s, 3, (sqlite3_int64)r->bytes);
    }
    bind_text(s, 4, r->reason);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

static int put_row(struct box *b, const struct hash *original,
                   const struct packed_result *r, struct err *e)
{
    if (store_write_begin(b->store, e) != 0)
        return -1;
    if (insert_row(b, original, r, e) == 0 &&
        (r->reason != NULL || loose_named(b, &r->packed, e) == 0))
        return store_write_commit(b->store, NULL, e);
    store_write_rollback(b->store);
    return -1;
}

/* To the end of its blob, which is loose yet. */
static int pack(struct box *b, struct disk_file *f, const struct hash *original,
                struct packed_result *out, struct err *e)
{
    struct blob_writer *w = NULL;
    enum refusal refusal;
    bool gained;
    int rc = -1;

    *out = (struct packed_result){0};
    if (blob_writer_create(&w, b->blobs, e) != 0 ||
        b->reader->repack(b->reader, f, original, blob_writer_file(w), &gained, &refusal,
                          e) != 0)
        goto out;
    if (!gained) {
        out->reason = refusal == REFUSAL_NONE ? NO_GAIN : refusal_name(refusal);
        rc = 0;
        goto out;
    }
    if (blob_writer_filled(w, e) == 0)
        rc = loose_keep(b, w, &out->packed, &out->bytes, e);
out:
    blob_writer_destroy(w);
    return rc;
}

static int try_original(struct box *b, const struct hash *original, bool *gained,
                        struct err *e)
{
    struct packed_result result = {.reason = refusal_name(REFUSAL_DAMAGED)};
    struct disk_file *f = NULL;
    bool there;
    int rc = blob_exists(b->blobs, original, &there, e);

    if (rc == 0 && there) {
        rc = blob_open(b->blobs, &f, original, e);
        if (rc == 0)
            rc = pack(b, f, original, &result, e);
        disk_close(f);
    }
    *gained = rc == 0 && result.reason == NULL;
    return rc == 0 ? put_row(b, original, &result, e) : -1;
}

int packing_next(struct box *b, struct packer *p, bool *gained, struct err *e)
{
    struct hash original;
    uint64_t id, free_bytes;
    bool enrolled;

    *gained = false;
    if (outbox_enrolled(b, &enrolled, e) != 0 ||
        disk_free_bytes(b->disk, b->dir, &free_bytes, e) != 0)
        return err_wrap(e, "packing");
    if (!enrolled || free_bytes < FREE_BYTES_MIN)
        return 0;
    if (find_next(b, p->after, &id, &original, e) != 0)
        return err_wrap(e, "packing");
    if (id == 0)
        return 0;
    if (try_original(b, &original, gained, e) != 0)
        return err_wrap(e, "packing");
    p->after = id;
    return 1;
}

/* ------------------------------------------------------------------ not needed */

static int find_safe(struct box *b, struct hash *original, struct hash *packed,
                     bool *found, struct err *e)
{
    const char *sql = safe_sql;
    sqlite3_stmt *s;
    int row;

    if (statements_prepare(store_db(b->store), &s, &sql, 1, e) != 0)
        return -1;
    row = statement_step(s, e);
    *found = row == 1 && column_hash(s, 0, original) && column_hash(s, 1, packed);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static int let_go(struct box *b, const struct hash *original, const struct hash *packed,
                  struct err *e)
{
    const char *sql = away_sql;
    sqlite3_stmt *s = NULL;
    int rc = -1;

    if (store_write_begin(b->store, e) != 0)
        return -1;
    if (statements_prepare(store_db(b->store), &s, &sql, 1, e) == 0) {
        bind_blob(s, 1, original->bytes, HASH_BYTES);
        rc = statement_run(s, e);
    }
    statements_finalize(&s, 1);
    if (rc == 0 && loose_let_go(b, packed, e) == 0)
        return store_write_commit(b->store, NULL, e);
    store_write_rollback(b->store);
    return -1;
}

int packing_drop_next(struct box *b, struct err *e)
{
    struct hash original, packed;
    bool found;

    if (find_safe(b, &original, &packed, &found, e) != 0)
        return err_wrap(e, "packing");
    if (!found)
        return 0;
    if (let_go(b, &original, &packed, e) != 0 || loose_remove(b, &packed, e) != 0)
        return err_wrap(e, "packing");
    return 1;
}
