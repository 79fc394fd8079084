#include "sync/centre/originals.h"

#include <string.h>

#include <sodium/utils.h>

#include "schema/statements.h"
#include "sync/centre/site_keys.h"
#include "sync/centre/unpacking.h"
#include "sync/sealed_blob.h"

static int sink(void *arg, const void *bytes, size_t count, struct err *e)
{
    return blob_writer_add(arg, bytes, count, e);
}

/* The bytes, kept. ERR_REFUSED: they are not what they claim to be, or sealed by another. */
static int keep_sealed(struct centre *c, const struct site_row *site,
                       const struct public_key *key, struct partial *p,
                       struct hash *sha256, struct err *e)
{
    uint8_t shared[SHARED_BYTES];
    struct blob_writer *w = NULL;
    struct disk_file *f;
    struct hash kept;
    uint64_t bytes;
    bool was_there;
    int rc = -1;

    if (!key_agree(&c->key, key, shared))
        return err_set(e, ERR_REFUSED, "the key of site %u is no key", site->site);
    if (partial_whole(p, &f, e) != 0 || blob_writer_create(&w, c->blobs, e) != 0 ||
        sealed_blob_open(f, site->site, shared, sha256, sink, w, e) != 0)
        goto out;
    if (memcmp(sha256->bytes, partial_object(p)->id, OBJECT_ID_BYTES) != 0) {
        (void)err_set(e, ERR_REFUSED, "another original than it was offered as");
        goto out;
    }
    rc = blob_writer_keep(w, &kept, &bytes, &was_there, e);
out:
    sodium_memzero(shared, sizeof shared);
    blob_writer_destroy(w);
    return rc;
}

/* A stick may bring what a box that was replaced has sealed. */
static int keep_blob(struct centre *c, const struct site_row *site, struct partial *p,
                     struct hash *sha256, struct err *e)
{
    struct public_key key = site->key;
    bool found = true;

    for (unsigned n = 1; found; n++) {
        if (keep_sealed(c, site, &key, p, sha256, e) == 0)
            return 0;
        if (e->code != ERR_REFUSED || site_key_nth(c, site, n, &key, &found, e) != 0)
            return -1;
    }
    return -1;
}

static int insert_row(struct centre *c, uint16_t site, const struct hash *sha256,
                      struct err *e)
{
    sqlite3_stmt *s;
    int rc;

    if (centre_statement(c, &s,
                         "INSERT INTO held_blob (sha256, site, state) VALUES (?1, ?2, ?3)"
                         " ON CONFLICT DO NOTHING",
                         e) != 0)
        return -1;
    bind_blob(s, 1, sha256->bytes, HASH_BYTES);
    (void)sqlite3_bind_int(s, 2, site);
    (void)sqlite3_bind_int(s, 3, BLOB_RECEIVED);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int original_take(struct centre *c, const struct site_row *site, struct partial *p,
                  struct receipt_blob *out, bool *refused, struct err *e)
{
    bool held;

    *refused = false;
    if (keep_blob(c, site, p, &out->sha256, e) != 0) {
        if (e->code != ERR_REFUSED)
            return err_wrap(e, "original");
        *refused = true;
        return site_alarm(c, site->site, refused_name(REFUSED_FORGED),
                          "an original that was forged, altered or cut off", e);
    }
    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (insert_row(c, site->site, &out->sha256, e) == 0 &&
        unpacking_note(c, site->site, &out->sha256, e) == 0 &&
        original_held(c, site->site, partial_object(p), out, &held, e) == 0)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return err_wrap(e, "original");
}

/* One that came packed and was restored is held as its original. */
static const char held_sql[] =
    "SELECT sha256, state FROM held_blob WHERE sha256 BETWEEN ?1 AND ?2 AND site = ?3"
    " UNION ALL"
    " SELECT u.packed, h.state FROM unpacking u"
    " JOIN held_blob h ON h.sha256 = u.original AND h.site = u.site"
    " WHERE u.packed BETWEEN ?1 AND ?2 AND u.site = ?3"
    "  AND u.state IN ('restored', 'done')";

int original_held(struct centre *c, uint16_t site, const struct object_id *object,
                  struct receipt_blob *out, bool *held, struct err *e)
{
    uint8_t lowest[HASH_BYTES], highest[HASH_BYTES];
    sqlite3_stmt *s;
    int row;

    *held = false;
    memset(lowest, 0, sizeof lowest);
    memset(highest, 0xff, sizeof highest);
    memcpy(lowest, object->id, OBJECT_ID_BYTES);
    memcpy(highest, object->id, OBJECT_ID_BYTES);
    if (centre_statement(c, &s, held_sql, e) != 0)
        return -1;
    bind_blob(s, 1, lowest, sizeof lowest);
    bind_blob(s, 2, highest, sizeof highest);
    (void)sqlite3_bind_int(s, 3, site);
    row = statement_step(s, e);
    if (row == 1 && column_hash(s, 0, &out->sha256)) {
        out->state = centre_sabotaged(CENTRE_SAFE_BEFORE_BACKUP)
                         ? BLOB_SAFE
                         : (enum blob_state)sqlite3_column_int(s, 1);
        *held = true;
    }
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

int originals_untold(struct centre *c, uint16_t site, struct receipt_blob *out,
                     size_t room, size_t *count, struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *count = 0;
    if (centre_statement(c, &s,
                         "SELECT sha256 FROM held_blob WHERE site = ?1 AND state = 2"
                         " AND told < 2 ORDER BY sha256 LIMIT ?2",
                         e) != 0)
        return -1;
    (void)sqlite3_bind_int(s, 1, site);
    (void)sqlite3_bind_int64(s, 2, (sqlite3_int64)room);
    while ((row = statement_step(s, e)) == 1 && *count < room) {
        if (!column_hash(s, 0, &out[*count].sha256))
            continue;
        out[(*count)++].state = BLOB_SAFE;
    }
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static int write_told(struct centre *c, uint16_t site, const struct receipt_blob *blobs,
                      size_t count, struct err *e)
{
    sqlite3_stmt *s;
    int rc = 0;

    if (centre_statement(c, &s,
                         "UPDATE held_blob SET told = ?3 WHERE sha256 = ?1 AND site = ?2",
                         e) != 0)
        return -1;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        bind_blob(statement_fresh(s), 1, blobs[i].sha256.bytes, HASH_BYTES);
        (void)sqlite3_bind_int(s, 2, site);
        (void)sqlite3_bind_int(s, 3, blobs[i].state);
        rc = statement_run(s, e);
    }
    statements_finalize(&s, 1);
    return rc;
}

int originals_told(struct centre *c, uint16_t site, const struct receipt_blob *blobs,
                   size_t count, struct err *e)
{
    if (store_apply_begin(c->store, e) != 0)
        return -1;
    if (write_told(c, site, blobs, count, e) == 0)
        return store_apply_commit(c->store, e);
    store_apply_rollback(c->store);
    return -1;
}
