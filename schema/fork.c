#include "schema/fork.h"

#include <inttypes.h>
#include <stdio.h>
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
    FORK_LEASES,
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
    /* Whoever reads a page knows it by its old name. */
    [FORK_LEASES] = "UPDATE job SET state = 'waiting', lease_boot_id = NULL,"
                    " lease_pid = NULL, lease_started = NULL WHERE state = 'leased'",
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

/* ------------------------------------------------------------------------- epochs */

#define COUNTER_MAX (((uint32_t)1 << ID_COUNTER_BITS) - 1)

/* The greatest id between these two, in any table that has ids; 0: none. */
static int greatest_id(sqlite3 *db, uint64_t from, uint64_t to, uint64_t *out,
                       struct err *e)
{
    *out = 0;
    for (size_t i = 0; i < fork_columns_count; i++) {
        const struct fork_column *column = &fork_columns[i];
        int64_t found;
        char text[160];

        if (strcmp(column->column, "id") != 0)
            continue;
        (void)snprintf(text, sizeof text,
                       "SELECT coalesce(max(id), 0) FROM %s"
                       " WHERE id BETWEEN %" PRIu64 " AND %" PRIu64,
                       column->table, from, to);
        if (sql_number(db, text, &found, e) != 0)
            return -1;
        if ((uint64_t)found > *out)
            *out = (uint64_t)found;
    }
    return 0;
}

/* The last counter in use in this epoch: rows that came from the centre may have it. */
static int counter_in_use(struct store *s, uint8_t epoch, uint32_t *out, struct err *e)
{
    uint16_t site = s->identity.site;
    uint64_t id;

    if (greatest_id(s->db, id_make(site, epoch, 0), id_make(site, epoch, COUNTER_MAX),
                    &id, e) != 0)
        return -1;
    *out = (uint32_t)(id & COUNTER_MAX);
    return 0;
}

int fork_epoch_known(struct store *s, uint8_t *epoch, struct err *e)
{
    uint16_t site = s->identity.site;
    uint64_t id;

    if (store_epoch(s, epoch, e) != 0 ||
        greatest_id(s->db, id_make(site, 0, 0), id_make(site, 254, COUNTER_MAX), &id,
                    e) != 0)
        return -1;
    id = id >> ID_COUNTER_BITS & (((uint64_t)1 << ID_EPOCH_BITS) - 1);
    if (id > *epoch)
        *epoch = (uint8_t)id;
    return 0;
}

static int set_epoch(struct store *s, uint8_t epoch, uint32_t counter, struct err *e)
{
    char text[96];

    (void)snprintf(text, sizeof text,
                   "UPDATE identity SET epoch = %u, counter = %" PRIu32, epoch, counter);
    return sql_run(s->db, text, e);
}

static int check_epoch(struct store *s, uint8_t epoch, struct err *e)
{
    uint8_t now;

    if (store_epoch(s, &now, e) != 0)
        return -1;
    if (epoch <= now || epoch == UINT8_MAX)
        return err_set(e, ERR_REFUSED, "epoch %u is not after %u", epoch, now);
    return 0;
}

int fork_raise(struct store *s, uint8_t epoch, struct err *e)
{
    uint32_t counter;

    if (check_epoch(s, epoch, e) != 0 || counter_in_use(s, epoch, &counter, e) != 0 ||
        set_epoch(s, epoch, counter, e) != 0)
        return err_wrap(e, "epoch");
    return 0;
}

int fork_tell(struct records *r, const char *kind, const char *actor, const char *detail,
              struct err *e)
{
    struct store *s = records_store(r);
    int64_t epoch;

    if (sql_number(s->db, "SELECT epoch FROM identity", &epoch, e) != 0 ||
        store_apply_watch(s, true, e) != 0)
        return -1;
    return record_event(r, id_make(s->identity.site, (uint8_t)epoch, 0), kind, actor,
                        detail, e);
}

int fork_epoch(struct store *s, uint8_t epoch, struct err *e)
{
    if (store_apply_begin(s, e) != 0)
        return err_wrap(e, "epoch");
    if (fork_raise(s, epoch, e) != 0) {
        store_apply_rollback(s);
        return -1;
    }
    return store_apply_commit(s, e) == 0 ? store_epoch(s, &epoch, e) : -1;
}

/* --------------------------------------------------------------------- altogether */

static int run_from(struct fork *f, int statement, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(f->statements[statement]);

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)f->last_common);
    return statement_run(s, e);
}

static int replay(struct fork *f, struct err *e)
{
    const char *const *tables;
    size_t count = store_synced_tables(f->store, &tables);

    if (collect(f, e) != 0 || counter_in_use(f->store, f->ids.epoch, &f->ids.counter, e))
        return -1;
    if (f->ids.count > COUNTER_MAX - f->ids.counter)
        return err_set(e, ERR_FAILED, "epoch %u has no room for %zu ids", f->ids.epoch,
                       f->ids.count);
    if (replace_frames(f, e) != 0 ||
        statement_run(statement_fresh(f->statements[FORK_LEASES]), e) != 0 ||
        guard_lift(f->db, tables, count, e) != 0 || rename_rows(f, e) != 0 ||
        guard_put_back(f->db, tables, count, e) != 0 || index_anew(f, e) != 0)
        return -1;
    if (run_from(f, FORK_STATE, e) != 0 || run_from(f, FORK_OUTBOX, e) != 0)
        return -1;
    return set_epoch(f->store, f->ids.epoch, f->ids.counter + (uint32_t)f->ids.count, e);
}

static int tell_forked(struct fork *f, uint8_t before, const char *actor, struct err *e)
{
    char detail[96];

    (void)snprintf(detail, sizeof detail,
                   "{\"after\":%" PRIu64 ",\"epoch\":%u,\"before\":%u}", f->last_common,
                   f->ids.epoch, before);
    return fork_tell(f->records, "forked", actor, detail, e);
}

/* Inside the transaction. */
static int leave(struct fork *f, const char *actor, struct err *e)
{
    int rc = -1;

    if (check_epoch(f->store, f->ids.epoch, e) != 0)
        return -1;
    if (statements_prepare(f->db, f->statements, sql, FORK_STATEMENTS, e) == 0 &&
        replay(f, e) == 0)
        rc = tell_forked(f, f->store->identity.epoch, actor, e);
    statements_finalize(f->statements, FORK_STATEMENTS);
    fork_ids_release(&f->ids);
    return rc;
}

int fork_line(struct records *r, uint64_t last_common, uint8_t epoch, const char *actor,
              struct err *e)
{
    struct fork f = {.records = r,
                     .store = records_store(r),
                     .last_common = last_common,
                     .ids = {.epoch = epoch}};

    f.db = store_db(f.store);
    if (store_apply_begin(f.store, e) != 0)
        return err_wrap(e, "fork");
    if (leave(&f, actor, e) != 0) {
        store_apply_rollback(f.store);
        return err_wrap(e, "fork");
    }
    if (store_apply_commit(f.store, e) != 0)
        return err_wrap(e, "fork");
    f.store->identity.epoch = epoch;
    return 0;
}
