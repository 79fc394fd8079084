#include <stdlib.h>
#include <string.h>

#include "appliance/backup_parts.h"
#include "schema/statements.h"

/* What must be in a copy: see backup.h for what need not. */
static const char blobs_sql[] =
    "SELECT n.sha256, a.sha256 IS NOT NULL FROM (SELECT sha256 FROM original"
    "  UNION SELECT sha256 FROM image UNION SELECT sha256 FROM intake"
    "  WHERE state = 'cleared') n LEFT JOIN away_blob a ON a.sha256 = n.sha256";
static const char held_sql[] =
    "SELECT count(*) FROM intake WHERE state IN ('held', 'taken')";
/* SQLite gives the pages of its file as this snapshot sees them, the log included: no
 * copy of the database needs room anywhere but in DIR. */
static const char pages_sql[] = "SELECT data FROM sqlite_dbpage ORDER BY pgno";
static const char check_sql[] = "PRAGMA quick_check(1)";

static int read_numbers(struct making_copy *m, struct err *e)
{
    sqlite3 *db = store_db(m->box->store);
    int64_t sequence, original, held;

    if (sql_number(db, "SELECT coalesce(max(sequence), 0) FROM changelog", &sequence,
                   e) != 0 ||
        sql_number(db, "SELECT coalesce(max(id), 0) FROM original", &original, e) != 0 ||
        sql_number(db, held_sql, &held, e) != 0)
        return -1;
    m->manifest.sequence = (uint64_t)sequence;
    m->manifest.original = (uint64_t)original;
    m->manifest.held = (uint64_t)held;
    return 0;
}

/* A damaged database would push the good one out of DIR, two generations on. */
static int check_database(struct making_copy *m, struct err *e)
{
    const char *sql = check_sql;
    sqlite3_stmt *s;
    const char *word;
    int row;

    if (statements_prepare(store_db(m->box->store), &s, &sql, 1, e) != 0)
        return -1;
    row = statement_step(s, e);
    word = row == 1 ? (const char *)sqlite3_column_text(s, 0) : NULL;
    if (row >= 0 && (word == NULL || strcmp(word, "ok") != 0))
        row = err_set(e, ERR_CORRUPT, "the records here are damaged, run verify: %s",
                      word == NULL ? "?" : word);
    statements_finalize(&s, 1);
    return row < 0 ? -1 : 0;
}

static int list_blobs(struct making_copy *m, struct err *e)
{
    const char *sql = blobs_sql;
    sqlite3_stmt *s;
    struct hash h;
    int row;

    buffer_clear(&m->blobs);
    buffer_clear(&m->away);
    if (statements_prepare(store_db(m->box->store), &s, &sql, 1, e) != 0)
        return -1;
    while ((row = statement_step(s, e)) == 1)
        if (column_hash(s, 0, &h)) /* else verify tells of it */
            buffer_append(sqlite3_column_int(s, 1) != 0 ? &m->away : &m->blobs, h.bytes,
                          HASH_BYTES);
    statements_finalize(&s, 1);
    return row < 0 || buffer_check(&m->blobs, e) != 0 ? -1 : buffer_check(&m->away, e);
}

/* ------------------------------------------------------------------------- pages */

static int add_pages(struct making_copy *m, sqlite3_stmt *s, struct buffer *piece,
                     struct err *e)
{
    struct manifest_pieces *p = &m->manifest.database;
    struct hasher whole;
    int row;

    hasher_init(&whole);
    while ((row = statement_step(s, e)) == 1) {
        size_t count = (size_t)sqlite3_column_bytes(s, 0);

        buffer_append(piece, sqlite3_column_blob(s, 0), count);
        hasher_add(&whole, sqlite3_column_blob(s, 0), count);
        if (piece->count + count <= BACKUP_PIECE_BYTES)
            continue;
        if (backup_add_piece(m, p, piece->bytes, piece->count, e) != 0)
            return -1;
        buffer_clear(piece);
    }
    if (row < 0 || buffer_check(piece, e) != 0)
        return -1;
    hasher_finish(&whole, &p->sha256);
    return piece->count == 0 ? 0 : backup_add_piece(m, p, piece->bytes, piece->count, e);
}

static int copy_pages(struct making_copy *m, struct err *e)
{
    const char *sql = pages_sql;
    struct buffer piece;
    sqlite3_stmt *s;
    int rc;

    if (statements_prepare(store_db(m->box->store), &s, &sql, 1, e) != 0)
        return -1;
    buffer_init(&piece, BACKUP_PIECE_BYTES);
    rc = add_pages(m, s, &piece, e);
    buffer_release(&piece);
    statements_finalize(&s, 1);
    return rc;
}

int backup_snapshot(struct making_copy *m, struct err *e)
{
    struct store *store = m->box->store;
    int rc = -1;

    if (store_now(store, &m->began, e) != 0 || store_read_begin(store, e) != 0)
        return -1;
    if (read_numbers(m, e) == 0 && check_database(m, e) == 0 && list_blobs(m, e) == 0)
        rc = copy_pages(m, e);
    store_read_end(store);
    return rc;
}
