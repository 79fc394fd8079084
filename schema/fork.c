#include "schema/fork.h"

#include <inttypes.h>
#include <string.h>

#include "schema/chain.h"
#include "schema/fork_ids.h"
#include "schema/search.h"
#include "schema/statements.h"
#include "schema/store_internal.h"

enum {
    FORK_FRAMES,
    FORK_CHAIN,
    FORK_REPLACE,
    FORK_EPOCH,
    FORK_STATE,
    FORK_OUTBOX,
    FORK_STATEMENTS
};

static const char *const sql[FORK_STATEMENTS] = {
    [FORK_FRAMES] = "SELECT sequence, schema, changeset FROM changelog"
                    " WHERE sequence > ?1 ORDER BY sequence",
    [FORK_CHAIN] = "SELECT chain FROM changelog WHERE sequence = ?1",
    [FORK_REPLACE] = "UPDATE changelog SET epoch = ?2, chain = ?3, changeset = ?4"
                     " WHERE sequence = ?1",
    [FORK_EPOCH] = "UPDATE identity SET epoch = ?1",
    [FORK_STATE] = "UPDATE sync_state SET sent = min(sent, ?1),"
                   " received = min(received, ?1), applied = min(applied, ?1),"
                   " safe = min(safe, ?1)",
    [FORK_OUTBOX] = "DELETE FROM outbox WHERE last > ?1",
};

struct fork {
    struct records *records;
    struct store *store;
    sqlite3 *db;
    struct fork_ids ids;
    uint64_t last_common;
    sqlite3_stmt *statements[FORK_STATEMENTS];
};

/* -------------------------------------------------------------------- the frames */

static int collect(struct fork *f, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(f->statements[FORK_FRAMES]);
    int row;

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)f->last_common);
    while ((row = statement_step(s, e)) == 1)
        if (fork_ids_collect(&f->ids, sqlite3_column_blob(s, 2),
                             (size_t)sqlite3_column_bytes(s, 2), e) != 0) {
            row = err_wrap(e, "frame %lld", (long long)sqlite3_column_int64(s, 0));
            break;
        }
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    fork_ids_sort(&f->ids);
    return row;
}

static int chain_before(struct fork *f, struct hash *out, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(f->statements[FORK_CHAIN]);
    bool there;
    int row;

    if (f->last_common == 0) {
        chain_start(out, store_identity(f->store)->site);
        return 0;
    }
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)f->last_common);
    row = statement_step(s, e);
    if (row < 0)
        return -1;
    there = row == 1 && column_hash(s, 0, out);
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    if (!there)
        return err_set(e, ERR_REFUSED, "there is no frame %" PRIu64, f->last_common);
    return 0;
}

/* One frame, its ids renamed and its chain made anew. */
static int replace_frame(struct fork *f, sqlite3_stmt *frame, struct hash *chain,
                         struct err *e)
{
    sqlite3_stmt *s = statement_fresh(f->statements[FORK_REPLACE]);
    uint64_t sequence = (uint64_t)sqlite3_column_int64(frame, 0);
    struct buffer changeset;
    int rc = -1;

    buffer_init(&changeset, STORE_CHANGESET_BYTES_MAX);
    buffer_append(&changeset, sqlite3_column_blob(frame, 2),
                  (size_t)sqlite3_column_bytes(frame, 2));
    if (buffer_check(&changeset, e) != 0 ||
        fork_ids_patch(&f->ids, changeset.bytes, changeset.count, e) != 0)
        goto out;
    chain_next(chain, chain, sequence, (uint32_t)sqlite3_column_int64(frame, 1),
               changeset.bytes, changeset.count);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)sequence);
    (void)sqlite3_bind_int(s, 2, f->ids.epoch);
    bind_blob(s, 3, chain->bytes, sizeof chain->bytes);
    bind_blob(s, 4, changeset.bytes, changeset.count);
    rc = statement_run(s, e);
out:
    buffer_release(&changeset);
    return rc == 0 ? 0 : err_wrap(e, "frame %" PRIu64, sequence);
}

static int replace_frames(struct fork *f, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(f->statements[FORK_FRAMES]);
    struct hash chain;
    int row;

    if (chain_before(f, &chain, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)f->last_common);
    /* The number is not changed, so that the walk meets each frame once. */
    while ((row = statement_step(s, e)) == 1)
        if (replace_frame(f, s, &chain, e) != 0) {
            row = -1;
            break;
        }
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    return row;
}

/* ---------------------------------------------------------------------- the rows */

static void tram_fork_id(sqlite3_context *c, int count, sqlite3_value **values)
{
    const struct fork_ids *ids = sqlite3_user_data(c);

    (void)count;
    sqlite3_result_int64(
        c, (sqlite3_int64)fork_ids_rename(ids, (uint64_t)sqlite3_value_int64(values[0])));
}

static int rename_column(struct fork *f, const struct fork_column *column, struct err *e)
{
    char *update =
        sqlite3_mprintf("UPDATE \"%w\" SET \"%w\" = tram_fork_id(\"%w\")"
                        " WHERE \"%w\" IS NOT NULL AND tram_fork_id(\"%w\") <> \"%w\"",
                        column->table, column->column, column->column, column->column,
                        column->column, column->column);
    int rc = update == NULL ? err_set(e, ERR_MEMORY, "fork") : sql_run(f->db, update, e);

    sqlite3_free(update);
    return rc == 0 ? 0 : err_wrap(e, "%s.%s", column->table, column->column);
}

static int rename_rows(struct fork *f, struct err *e)
{
    int rc = 0;

    if (sqlite3_create_function_v2(f->db, "tram_fork_id", 1,
                                   SQLITE_UTF8 | SQLITE_DIRECTONLY, &f->ids, tram_fork_id,
                                   NULL, NULL, NULL) != SQLITE_OK)
        return sqlite_err(f->db, e, "fork");
    for (size_t i = 0; rc == 0 && i < fork_columns_count; i++)
        rc = rename_column(f, &fork_columns[i], e);
    (void)sqlite3_create_function_v2(f->db, "tram_fork_id", 1, SQLITE_UTF8, NULL, NULL,
                                     NULL, NULL,
                                     NULL); /* forgets it: nothing uses it now */
    return rc;
}

/* The index knows pages and documents by their ids. Other ids have no row there, old
 * or new, and no text. */
static int index_anew(struct fork *f, struct err *e)
{
    struct buffer text;
    int rc = 0;

    buffer_init(&text, RECORD_CURRENT_BYTES_MAX);
    for (size_t i = 0; rc == 0 && i < f->ids.count; i++) {
        uint64_t id = fork_ids_rename(&f->ids, f->ids.ids[i]);

        buffer_clear(&text);
        if (search_put(f->store, f->ids.ids[i], "", e) != 0 ||
            record_search_text(f->records, id, &text, e) != 0)
            rc = -1;
        else if (text.count > 0)
            rc = search_put(f->store, id, (const char *)text.bytes, e);
    }
    buffer_release(&text);
    return rc;
}

/* --------------------------------------------------------------------- altogether */

static int set_number(struct fork *f, int statement, uint64_t number, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(f->statements[statement]);

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)number);
    return statement_run(s, e);
}

static int check_epoch(struct store *s, uint8_t epoch, struct err *e)
{
    if (epoch <= s->identity.epoch)
        return err_set(e, ERR_REFUSED, "epoch %u is not after %u", epoch,
                       s->identity.epoch);
    return 0;
}

static int replay(struct fork *f, struct err *e)
{
    const char *const *tables;
    size_t count = store_synced_tables(f->store, &tables);

    if (collect(f, e) != 0 || replace_frames(f, e) != 0 ||
        guard_lift(f->db, tables, count, e) != 0 || rename_rows(f, e) != 0 ||
        guard_put_back(f->db, tables, count, e) != 0 || index_anew(f, e) != 0)
        return -1;
    if (set_number(f, FORK_STATE, f->last_common, e) != 0 ||
        set_number(f, FORK_OUTBOX, f->last_common, e) != 0)
        return -1;
    return set_number(f, FORK_EPOCH, f->ids.epoch, e);
}

int fork_line(struct records *r, uint64_t last_common, uint8_t epoch, struct err *e)
{
    struct fork f = {.records = r,
                     .store = records_store(r),
                     .last_common = last_common,
                     .ids = {.epoch = epoch}};
    int rc = -1;

    f.db = store_db(f.store);
    if (check_epoch(f.store, epoch, e) != 0 || store_apply_begin(f.store, e) != 0)
        return err_wrap(e, "fork");
    if (statements_prepare(f.db, f.statements, sql, FORK_STATEMENTS, e) != 0)
        goto out;
    rc = replay(&f, e);
out:
    statements_finalize(f.statements, FORK_STATEMENTS);
    fork_ids_release(&f.ids);
    if (rc != 0)
        store_apply_rollback(f.store);
    else if ((rc = store_apply_commit(f.store, e)) == 0)
        f.store->identity.epoch = epoch;
    return rc == 0 ? 0 : err_wrap(e, "fork");
}

int fork_epoch(struct store *s, uint8_t epoch, struct err *e)
{
    sqlite3_stmt *update;
    int rc;

    if (check_epoch(s, epoch, e) != 0 || store_apply_begin(s, e) != 0)
        return err_wrap(e, "epoch");
    rc = statements_prepare(s->db, &update, &sql[FORK_EPOCH], 1, e);
    if (rc == 0) {
        (void)sqlite3_bind_int(update, 1, epoch);
        rc = statement_run(update, e);
        statements_finalize(&update, 1);
    }
    if (rc != 0)
        store_apply_rollback(s);
    else if ((rc = store_apply_commit(s, e)) == 0)
        s->identity.epoch = epoch;
    return rc == 0 ? 0 : err_wrap(e, "epoch");
}
