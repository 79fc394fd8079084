#include <stdlib.h>

#include "appliance/room.h"
#include "schema/statements.h"

#define COPY_BYTES 65536

enum {
    IS_AWAY,
    IS_WANTED,
    WANT,
    LACK,
    FIRST_WANTED,
    NEXT_WANTED,
    NAMED,
    HERE,
    CAME,
    TRY_IMAGES,
    SQL
};

static const char *const sql[SQL] = {
    [IS_AWAY] = "SELECT 1 FROM away_blob WHERE sha256 = ?1",
    [IS_WANTED] = "SELECT 1 FROM wanted_blob WHERE sha256 = ?1 AND back = 0",
    [WANT] = "INSERT INTO wanted_blob (sha256, back, boot, mono_ms, wall_ms,"
             " wall_confidence) SELECT ?1, 0, ?2, ?3, ?4, ?5 WHERE EXISTS"
             " (SELECT 1 FROM away_blob WHERE sha256 = ?1) ON CONFLICT DO NOTHING",
    [LACK] = "INSERT INTO wanted_blob (sha256, back, boot, mono_ms, wall_ms,"
             " wall_confidence) VALUES (?1, 0, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
    [FIRST_WANTED] = "SELECT sha256 FROM wanted_blob WHERE back = 0"
                     " ORDER BY sha256 LIMIT 1",
    [NEXT_WANTED] = "SELECT sha256 FROM wanted_blob WHERE back = 0 AND sha256 > ?1"
                    " ORDER BY sha256 LIMIT 1",
    [NAMED] = "SELECT 1 FROM original WHERE sha256 = ?1 UNION ALL"
              " SELECT 1 FROM image WHERE sha256 = ?1",
    [HERE] = "DELETE FROM away_blob WHERE sha256 = ?1",
    [CAME] = "UPDATE wanted_blob SET back = 1 WHERE sha256 = ?1",
    /* Images that could not be made because it was away: images.c. */
    [TRY_IMAGES] = "DELETE FROM image_refused WHERE reason = 'away' AND page IN"
                   " (SELECT p.id FROM page p JOIN original o ON o.id = p.original"
                   "  WHERE o.sha256 = ?1)",
};

/* Runs one of the above for one hash; *found is whether it has a row. */
static int run(struct box *b, int which, const struct hash *sha256, bool *found,
               struct err *e)
{
    sqlite3_stmt *s;
    int row;

    if (statements_prepare(store_db(b->store), &s, &sql[which], 1, e) != 0)
        return -1;
    bind_blob(s, 1, sha256->bytes, HASH_BYTES);
    row = statement_step(s, e);
    if (found != NULL)
        *found = row == 1;
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

int room_is_away(struct box *b, const struct hash *sha256, bool *away, struct err *e)
{
    return run(b, IS_AWAY, sha256, away, e);
}

/* -------------------------------------------------------------------- wishes */

static int insert_wish(struct box *b, int which, const struct hash *sha256, struct err *e)
{
    struct moment now;
    sqlite3_stmt *s;
    int rc;

    if (store_now(b->store, &now, e) != 0 ||
        statements_prepare(store_db(b->store), &s, &sql[which], 1, e) != 0)
        return -1;
    bind_blob(s, 1, sha256->bytes, HASH_BYTES);
    bind_moment(s, 2, &now);
    rc = statement_run(s, e);
    statements_finalize(&s, 1);
    return rc;
}

int room_is_wanted(struct box *b, const struct hash *sha256, bool *wanted, struct err *e)
{
    return run(b, IS_WANTED, sha256, wanted, e);
}

int room_want(struct box *b, const struct hash *sha256, struct err *e)
{
    if (store_write_begin(b->store, e) != 0)
        return -1;
    if (insert_wish(b, WANT, sha256, e) == 0)
        return store_write_commit(b->store, NULL, e);
    store_write_rollback(b->store);
    return -1;
}

int room_named(struct box *b, const struct hash *sha256, struct err *e)
{
    bool here;

    if (blob_exists(b->blobs, sha256, &here, e) != 0)
        return -1;
    return here ? 0 : insert_wish(b, LACK, sha256, e);
}

int room_next_wanted(struct box *b, bool first, struct hash *at, bool *found,
                     struct err *e)
{
    sqlite3_stmt *s;
    int row;

    *found = false;
    if (statements_prepare(store_db(b->store), &s,
                           &sql[first ? FIRST_WANTED : NEXT_WANTED], 1, e) != 0)
        return -1;
    if (!first)
        bind_blob(s, 1, at->bytes, HASH_BYTES);
    row = statement_step(s, e);
    *found = row == 1 && column_hash(s, 0, at);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

/* ------------------------------------------------------------------ coming back */

int room_came_back(struct box *b, const struct hash *sha256, struct err *e)
{
    if (run(b, HERE, sha256, NULL, e) != 0 || run(b, CAME, sha256, NULL, e) != 0)
        return -1;
    return run(b, TRY_IMAGES, sha256, NULL, e);
}

int room_is_back(struct box *b, const struct hash *sha256, struct err *e)
{
    if (store_write_begin(b->store, e) != 0)
        return -1;
    if (room_came_back(b, sha256, e) == 0)
        return store_write_commit(b->store, NULL, e);
    store_write_rollback(b->store);
    return -1;
}

/* Its file first: rows that still call it away do no harm, and it is asked for again. */
int room_take_written(struct box *b, struct blob_writer *w, const struct hash *sha256,
                      struct err *e)
{
    struct hash found, kept;
    bool named, was_there;
    uint64_t bytes;

    blob_writer_hash(w, &found);
    if (!hash_equal(&found, sha256))
        return err_set(e, ERR_CORRUPT, "what came back is not the original asked for");
    if (run(b, NAMED, sha256, &named, e) != 0)
        return -1;
    if (!named) /* a blob that no row names would be taken in as a paper */
        return err_set(e, ERR_REFUSED, "what came back is no original of this box");
    if (blob_writer_keep(w, &kept, &bytes, &was_there, e) != 0)
        return -1;
    return room_is_back(b, sha256, e);
}

static int copy_into(struct blob_writer *w, struct disk_file *from, struct err *e)
{
    unsigned char *chunk = malloc(COPY_BYTES);
    uint64_t at = 0;
    size_t got = 0;
    int rc = chunk == NULL ? err_set(e, ERR_MEMORY, "copy") : 0;

    while (rc == 0) {
        rc = disk_file_read(from, chunk, COPY_BYTES, at, &got, e);
        if (rc == 0)
            rc = blob_writer_add(w, chunk, got, e);
        at += got;
        if (got < COPY_BYTES)
            break;
    }
    free(chunk);
    return rc;
}

int room_take(struct box *b, struct disk_file *from, const struct hash *sha256,
              struct err *e)
{
    struct blob_writer *w = NULL;
    int rc = -1;

    if (blob_writer_create(&w, b->blobs, e) == 0 && copy_into(w, from, e) == 0)
        rc = room_take_written(b, w, sha256, e);
    blob_writer_destroy(w);
    return rc == 0 ? 0 : err_wrap(e, "room");
}
