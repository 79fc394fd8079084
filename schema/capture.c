#include "schema/capture.h"

#include <string.h>

#include "schema/chain.h"
#include "schema/statements.h"
#include "schema/store.h"

static const char *const sql[CAPTURE_STATEMENTS] = {
    [CAPTURE_LAST] = "SELECT sequence, chain FROM changelog"
                     " ORDER BY sequence DESC LIMIT 1",
    [CAPTURE_STATE] = "SELECT site, epoch, seen, (SELECT user_version FROM"
                      "  pragma_user_version), seen_epoch FROM identity, sync_state",
    [CAPTURE_APPEND] = "INSERT INTO changelog (sequence, epoch, schema, seen, chain,"
                       "  changeset, changes, boot, mono_ms, wall_ms, wall_confidence,"
                       "  seen_epoch)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
};

int capture_init(struct capture *c, sqlite3 *db, const char *const *tables,
                 size_t tables_count, struct err *e)
{
    *c = (struct capture){.db = db, .tables = tables, .tables_count = tables_count};
    buffer_init(&c->changeset, STORE_CHANGESET_BYTES_MAX);
    touched_init(&c->touched, db);
    return statements_prepare(db, c->statements, sql, CAPTURE_STATEMENTS, e);
}

void capture_release(struct capture *c)
{
    capture_end(c);
    buffer_release(&c->changeset);
    touched_release(&c->touched);
    statements_finalize(c->statements, CAPTURE_STATEMENTS);
}

int capture_session(sqlite3_session **out, sqlite3 *db, const char *const *tables,
                    size_t tables_count, struct err *e)
{
    sqlite3_session *session = NULL;
    int sizes = 1, rc = sqlite3session_create(db, "main", &session);

    *out = NULL;
    if (rc == SQLITE_OK)
        (void)sqlite3session_object_config(session, SQLITE_SESSION_OBJCONFIG_SIZE,
                                           &sizes);
    for (size_t i = 0; rc == SQLITE_OK && i < tables_count; i++)
        rc = sqlite3session_attach(session, tables[i]);
    if (rc != SQLITE_OK) {
        if (session != NULL)
            sqlite3session_delete(session);
        return err_set(e, ERR_MEMORY, "session: out of memory");
    }
    *out = session;
    return 0;
}

int capture_begin(struct capture *c, struct err *e)
{
    return capture_session(&c->session, c->db, c->tables, c->tables_count, e);
}

void capture_end(struct capture *c)
{
    if (c->session != NULL)
        sqlite3session_delete(c->session);
    c->session = NULL;
    buffer_clear(&c->changeset);
}

uint64_t capture_bytes(struct capture *c)
{
    return (uint64_t)sqlite3session_changeset_size(c->session);
}

static int take(void *arg, const void *bytes, int count)
{
    struct buffer *b = arg;

    buffer_append(b, bytes, (size_t)count);
    return b->failed == ERR_NONE ? SQLITE_OK : SQLITE_ABORT;
}

/* Streamed, so that an over-long changeset is never held whole. */
static int extract(struct capture *c, struct err *e)
{
    int rc = sqlite3session_changeset_strm(c->session, take, &c->changeset);

    if (buffer_check(&c->changeset, e) != 0)
        return err_wrap(e, "changeset");
    if (rc == SQLITE_OK)
        return 0;
    /* The session's own failures do not reach the connection's message. */
    return err_set(e, (rc & 0xff) == SQLITE_NOMEM ? ERR_MEMORY : ERR_FAILED,
                   "changeset: %s", sqlite3_errstr(rc));
}

static bool is_among(const char *name, const char *const *tables, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sqlite3_stricmp(name, tables[i]) == 0)
            return true;
    return false;
}

int changeset_count(const struct buffer *changeset, const char *const *tables,
                    size_t tables_count, uint64_t *changes, struct err *e)
{
    sqlite3_changeset_iter *iter = NULL;
    int rc = -1;

    *changes = 0;
    if (sqlite3changeset_start(&iter, (int)changeset->count, changeset->bytes) !=
        SQLITE_OK)
        return err_set(e, ERR_MEMORY, "changeset: out of memory");
    while (sqlite3changeset_next(iter) == SQLITE_ROW) {
        const char *name = NULL;
        int columns, verb, indirect;

        if (sqlite3changeset_op(iter, &name, &columns, &verb, &indirect) != SQLITE_OK ||
            name == NULL || !is_among(name, tables, tables_count)) {
            (void)err_set(e, ERR_CORRUPT, "changeset names %s, not a synced table",
                          name == NULL ? "nothing" : name);
            goto out;
        }
        ++*changes;
    }
    rc = 0;
out:
    /* Repeats what stopped the walk, if anything did. */
    if (sqlite3changeset_finalize(iter) != SQLITE_OK && rc == 0)
        return err_set(e, ERR_CORRUPT, "changeset is cut off or malformed");
    return rc;
}

/* What the new row stands on. */
struct footing {
    uint64_t sequence; /* the last one; 0: none */
    struct hash chain;
    uint16_t site;
    uint8_t epoch;
    uint64_t seen;
    uint8_t seen_epoch;
    uint32_t schema;
};

static int footing_of(struct capture *c, struct footing *out, struct err *e)
{
    sqlite3_stmt *state = statement_fresh(c->statements[CAPTURE_STATE]);
    sqlite3_stmt *last = statement_fresh(c->statements[CAPTURE_LAST]);
    int row = statement_step(state, e);

    if (row < 0)
        return -1;
    if (row == 0)
        return err_set(e, ERR_CORRUPT, "identity or sync_state has no row");
    out->site = (uint16_t)sqlite3_column_int64(state, 0);
    out->epoch = (uint8_t)sqlite3_column_int64(state, 1);
    out->seen = (uint64_t)sqlite3_column_int64(state, 2);
    out->schema = (uint32_t)sqlite3_column_int64(state, 3);
    out->seen_epoch = (uint8_t)sqlite3_column_int64(state, 4);
    (void)sqlite3_reset(state); /* only read: nothing can fail */

    row = statement_step(last, e);
    if (row < 0)
        return -1;
    if (row == 0) {
        out->sequence = 0;
        chain_start(&out->chain, out->site);
        return 0;
    }
    out->sequence = (uint64_t)sqlite3_column_int64(last, 0);
    row = column_hash(last, 1, &out->chain);
    (void)sqlite3_reset(last); /* only read: nothing can fail */
    return row ? 0 : err_set(e, ERR_CORRUPT, "the last chain hash is malformed");
}

static int insert(struct capture *c, const struct footing *f,
                  const struct buffer *changeset, uint64_t changes,
                  const struct moment *now, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(c->statements[CAPTURE_APPEND]);
    struct hash chain;

    chain_next(&chain, &f->chain, f->sequence + 1, f->schema, changeset->bytes,
               changeset->count);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)f->sequence + 1);
    (void)sqlite3_bind_int64(s, 2, f->epoch);
    (void)sqlite3_bind_int64(s, 3, f->schema);
    (void)sqlite3_bind_int64(s, 4, (sqlite3_int64)f->seen);
    bind_blob(s, 5, chain.bytes, sizeof chain.bytes);
    bind_blob(s, 6, changeset->bytes, changeset->count);
    (void)sqlite3_bind_int64(s, 7, (sqlite3_int64)changes);
    bind_moment(s, 8, now);
    (void)sqlite3_bind_int64(s, 12, f->seen_epoch);
    return statement_run(s, e);
}

int capture_append_given(struct capture *c, const struct buffer *changeset,
                         const struct moment *now, uint64_t *sequence, struct err *e)
{
    struct footing f = {0};
    uint64_t changes;

    *sequence = 0;
    if (changeset->count == 0)
        return 0;
    if (changeset_count(changeset, c->tables, c->tables_count, &changes, e) != 0)
        return -1;
    if (changes > STORE_CHANGES_MAX)
        return err_set(e, ERR_TOO_BIG, "%llu rows in one transaction, at most %d",
                       (unsigned long long)changes, STORE_CHANGES_MAX);
    if (footing_of(c, &f, e) != 0 || insert(c, &f, changeset, changes, now, e) != 0 ||
        touched_note(&c->touched, changeset, f.sequence + 1, e) != 0)
        return -1;
    *sequence = f.sequence + 1;
    return 0;
}

int capture_append(struct capture *c, const struct moment *now, uint64_t *sequence,
                   struct err *e)
{
    *sequence = 0;
    if (extract(c, e) != 0)
        return -1;
    return capture_append_given(c, &c->changeset, now, sequence, e);
}
