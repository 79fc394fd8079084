#include "sync/rows/rows.h"

#include <stdlib.h>

#include "schema/migrations.h"
#include "schema/statements.h"
#include "schema/store.h"

#define HERE "id BETWEEN ?1 AND ?2 AND closed_by IS NULL"
/* Of one row: ?3 subject, ?4 table, ?5 key. */
#define OF_ROW                                                                           \
    "parked INDEXED BY parked_by_subject WHERE subject = ?3 AND name = ?4"               \
    " AND row = ?5 AND " HERE
#define OF_SITE "(parked >> 36) = ?1"

static const char *const sql[ROWS_STATEMENTS] = {
    [ROWS_PARKED_ANY] =
        "SELECT 1 FROM parked INDEXED BY parked_open WHERE " HERE " LIMIT 1",
    [ROWS_PARKED_ROW] = "SELECT id FROM " OF_ROW " ORDER BY id LIMIT 1",
    [ROWS_PARKED_ID] = "SELECT id FROM parked INDEXED BY parked_by_subject"
                       " WHERE subject = ?3 AND " HERE " AND row LIKE '{\"id\":%'"
                       " AND json_extract(incoming, '$.verb') = 'insert'"
                       " ORDER BY id LIMIT 1",
    [ROWS_KEEP] = "INSERT INTO parked_change (parked, schema, seen, seen_epoch,"
                  " changeset, tried) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [ROWS_READY] = "SELECT p.id, p.subject, p.name, p.row FROM parked_change k"
                   " JOIN parked p ON p.id = k.parked"
                   " WHERE (k.parked >> 36) = ?1 AND k.tried = 0"
                   " ORDER BY k.parked LIMIT 1",
    /* ?2: no later turn than this one. */
    [ROWS_OLDEST] = "SELECT p.id, p.subject, p.name, p.row FROM parked_change k"
                    " JOIN parked p ON p.id = k.parked"
                    " WHERE (k.parked >> 36) = ?1 AND k.tried BETWEEN 1 AND ?2"
                    " ORDER BY k.tried LIMIT 1",
    [ROWS_TURN_LAST] =
        "SELECT tried FROM parked_change WHERE " OF_SITE " ORDER BY tried DESC LIMIT 1",
    [ROWS_TURN] = "UPDATE parked_change SET tried = ?6 WHERE parked = ?7"
                  " OR parked IN (SELECT id FROM " OF_ROW ")",
    [ROWS_FORGET] = "DELETE FROM parked_change WHERE parked = ?1",
    [ROWS_RIPEN] = "UPDATE parked_change SET tried = 0 WHERE parked IN"
                   " (SELECT id FROM parked INDEXED BY parked_by_subject"
                   "  WHERE subject = ?3 AND " HERE ")",
    [ROWS_GROUP] = "SELECT k.changeset, k.schema, k.seen, k.seen_epoch, p.epoch,"
                   " p.sequence FROM (SELECT id, epoch, sequence FROM " OF_ROW ") p"
                   " CROSS JOIN parked_change k ON k.parked = p.id ORDER BY p.id",
    /* ?6: after this one. */
    [ROWS_OPEN_NEXT] = "SELECT id FROM " OF_ROW " AND id > ?6 ORDER BY id LIMIT 1",
    [ROWS_CLOSE] = "UPDATE parked SET applied = 1, closed_by = ?2, closed_wall_ms = ?3"
                   " WHERE id = ?1",
};

int rows_init(struct rows *r, sqlite3 *db, const char *const *names, size_t count,
              struct err *e)
{
    size_t schema;

    *r = (struct rows){0};
    (void)migrations_all(&schema);
    r->schema = (uint32_t)schema;
    if (rows_tables_init(&r->tables, db, names, count, e) != 0)
        return -1;
    return statements_prepare(db, r->statements, sql, ROWS_STATEMENTS, e);
}

void rows_release(struct rows *r)
{
    statements_finalize(r->statements, ROWS_STATEMENTS);
    rows_tables_release(&r->tables);
    rows_own_release(&r->own);
    rows_own_release(&r->newer);
    free(r->recent);
    r->recent = NULL;
    r->recent_count = r->recent_capacity = 0;
}

/* --------------------------------------------------------------------- one frame */

/* Walks once without a deed: a frame is well-formed to its end, and no longer than one
 * may be, or parked whole. The centre's may tell of what many of ours brought about. */
static const char *frame_objection(const struct rows *r, const struct frame *f)
{
    sqlite3_changeset_iter *iter = NULL;
    unsigned changes = 0;

    if (r->from_box && f->changeset_bytes > STORE_CHANGESET_BYTES_MAX)
        return "more bytes than a frame may have";
    if (f->changeset_bytes > INT32_MAX ||
        sqlite3changeset_start(&iter, (int)f->changeset_bytes,
                               (void *)(uintptr_t)f->changeset) != SQLITE_OK)
        return "the changeset is malformed";
    while (sqlite3changeset_next(iter) == SQLITE_ROW)
        changes++;
    if (sqlite3changeset_finalize(iter) != SQLITE_OK)
        return "the changeset is malformed";
    return changes > STORE_CHANGES_MAX ? "more rows than a frame may change" : NULL;
}

void rows_bind_here(const struct rows *r, sqlite3_stmt *s)
{
    bind_id(s, 1, id_make(r->site, r->from_box ? UINT8_MAX : 0, 0));
    bind_id(s, 2,
            id_make(r->site, r->from_box ? UINT8_MAX : UINT8_MAX - 1,
                    (1u << ID_COUNTER_BITS) - 1));
}

static int look_for_parked(struct rows *r, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(r->statements[ROWS_PARKED_ANY]);
    int row;

    rows_bind_here(r, s);
    row = statement_step(s, e);
    r->any_parked = row == 1;
    (void)statement_fresh(s); /* lets go of the row */
    return row < 0 ? -1 : 0;
}

/* A table that is unknown here comes with the last. */
static int rank_of(const struct row_change *c)
{
    return c->table == NULL ? TABLE_RANKS - 1 : c->table->rank;
}

static int apply_and_cut(struct rows *r, const struct row_change *c, struct err *e)
{
    if (rows_apply_change(r, c, e) != 0)
        return -1;
    return r->sink->cut == NULL ? 0 : r->sink->cut(r->sink->arg, 0, e);
}

/* Applies the changes of one rank; *more: there are some of higher ones. */
static int apply_rank(struct rows *r, const struct frame *f, int rank, bool *more,
                      struct err *e)
{
    sqlite3_changeset_iter *iter = NULL;
    struct row_change c;
    int rc = 0;

    *more = false;
    if (sqlite3changeset_start(&iter, (int)f->changeset_bytes,
                               (void *)(uintptr_t)f->changeset) != SQLITE_OK)
        return err_set(e, ERR_MEMORY, "changeset");
    while (rc == 0 && sqlite3changeset_next(iter) == SQLITE_ROW) {
        rc = change_read(&c, iter, e);
        if (rc == 0)
            rc = rows_table_find(&r->tables, c.name, &c.table, e);
        *more = *more || (rc == 0 && rank_of(&c) > rank);
        if (rc == 0 && rank_of(&c) == rank)
            rc = apply_and_cut(r, &c, e);
    }
    if (sqlite3changeset_finalize(iter) != SQLITE_OK && rc == 0)
        rc = err_set(e, ERR_MEMORY, "changeset"); /* it was well-formed a moment ago */
    return rc;
}

/* A changeset has its tables in the order of their names. Those that others refer to
 * come first here, so that who refers to a row that is parked is known. */
int rows_apply(struct rows *r, const struct rows_frame *f, struct err *e)
{
    const struct rows_parking whole = {.reason = frame_objection(r, f->frame)};
    bool more = true;

    r->at = f;
    r->recent_count = 0;
    if (look_for_parked(r, e) != 0)
        return -1;
    if (whole.reason != NULL)
        return rows_park(r, &whole, e);
    if (r->sink->own != NULL && r->sink->own(r->sink->arg, f, e) != 0)
        return -1;
    for (int rank = 0; more && rank < TABLE_RANKS; rank++)
        if (apply_rank(r, f->frame, rank, &more, e) != 0)
            return -1;
    return 0;
}
