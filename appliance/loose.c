#include "appliance/loose.h"

#include "appliance/made.h"
#include "schema/statements.h"

static const char add_sql[] = "INSERT INTO loose_blob (sha256) VALUES (?1)"
                              " ON CONFLICT DO NOTHING";
static const char delete_sql[] = "DELETE FROM loose_blob WHERE sha256 = ?1";
static const char named_sql[] =
    "SELECT EXISTS (SELECT 1 FROM original WHERE sha256 = ?1)"
    " OR EXISTS (SELECT 1 FROM image WHERE sha256 = ?1)"
    " OR EXISTS (SELECT 1 FROM packing WHERE packed = ?1 AND here = 1)"
    " OR EXISTS (SELECT 1 FROM intake WHERE sha256 = ?1"
    "            AND state IN ('taken', 'cleared', 'held'))";
static const char first_sql[] = "SELECT sha256 FROM loose_blob LIMIT 1";

/* Runs one of the above for one hash; *number is its answer, 0 without a row. */
static int run(struct box *b, const char *sql, const struct hash *sha256, int *number,
               struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (statements_prepare(store_db(b->store), &s, &sql, 1, e) != 0)
        return -1;
    bind_blob(s, 1, sha256->bytes, HASH_BYTES);
    row = statement_step(s, e);
    if (number != NULL)
        *number = row == 1 ? sqlite3_column_int(s, 0) : 0;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* A write of its own. */
static int add_alone(struct box *b, const struct hash *sha256, struct err *e)
{
    if (store_write_begin(b->store, e) != 0)
        return -1;
    if (run(b, add_sql, sha256, NULL, e) != 0) {
        store_write_rollback(b->store);
        return -1;
    }
    return store_write_commit(b->store, NULL, e);
}

int loose_keep(struct box *b, struct blob_writer *w, struct hash *sha256, uint64_t *bytes,
               struct err *e)
{
    bool was_there;

    blob_writer_hash(w, sha256);
    if (made_note(b, sha256, e) != 0 || add_alone(b, sha256, e) != 0)
        return -1;
    return blob_writer_keep(w, sha256, bytes, &was_there, e);
}

int loose_named(struct box *b, const struct hash *sha256, struct err *e)
{
    bool there;

    if (blob_exists(b->blobs, sha256, &there, e) != 0)
        return -1;
    if (!there)
        return err_set(e, ERR_FAILED, "what was just made is gone from the disk");
    return run(b, delete_sql, sha256, NULL, e);
}

int loose_let_go(struct box *b, const struct hash *sha256, struct err *e)
{
    return run(b, add_sql, sha256, NULL, e);
}

int loose_is_named(struct box *b, const struct hash *sha256, bool *named, struct err *e)
{
    int number;

    if (run(b, named_sql, sha256, &number, e) != 0)
        return -1;
    *named = number != 0;
    return 0;
}

int loose_remove(struct box *b, const struct hash *sha256, struct err *e)
{
    bool named;

    if (store_write_begin(b->store, e) != 0)
        return -1;
    /* The blob before the commit: a row whose blob is gone is removed again. */
    if (loose_is_named(b, sha256, &named, e) == 0 &&
        (named || blob_remove(b->blobs, sha256, e) == 0) &&
        run(b, delete_sql, sha256, NULL, e) == 0)
        return store_write_commit(b->store, NULL, e);
    store_write_rollback(b->store);
    return -1;
}

static int first(struct box *b, struct hash *out, bool *found, struct err *e)
{
    const char *sql = first_sql;
    sqlite3_stmt *s;
    int row;

    if (statements_prepare(store_db(b->store), &s, &sql, 1, e) != 0)
        return -1;
    row = statement_step(s, e);
    *found = row == 1 && column_hash(s, 0, out);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

int loose_sweep(struct box *b, struct err *e)
{
    struct hash h;
    bool found;

    for (;;) {
        if (first(b, &h, &found, e) != 0)
            return err_wrap(e, "loose blobs");
        if (!found)
            return 0;
        if (loose_remove(b, &h, e) != 0)
            return err_wrap(e, "loose blobs");
    }
}
