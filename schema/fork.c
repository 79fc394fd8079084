#include "schema/fork_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/search/search.h"
#include "schema/statements.h"
#include "schema/store_internal.h"

enum { FORK_FRAMES, FORK_REPLACE, FORK_LEASES, FORK_STATE, FORK_OUTBOX, FORK_STATEMENTS };

static const char *const sql[FORK_STATEMENTS] = {
    [FORK_FRAMES] = FORK_FRAMES_SQL,
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
    const struct fork_names *names; /* behind names->after the line leaves */
    uint8_t epoch;                  /* the new line's */
    sqlite3_stmt *statements[FORK_STATEMENTS];
};

/* -------------------------------------------------------------------- the frames */

/* Those that a line has named already get the same names again. */
static int collect(struct fork *f, struct err *e)
{
    sqlite3_stmt *frames = f->statements[FORK_FRAMES];
    uint64_t after = f->names->after;

    f->ids.site = store_identity(f->store)->site;
    if (f->names->epoch != 0) {
        f->ids.epoch = f->names->epoch;
        if (fork_collect(&f->ids, frames, after, f->names->last, e) != 0)
            return -1;
        after = f->names->last;
    }
    f->ids.epoch = f->epoch;
    if (fork_counter_in_use(f->store, f->epoch, &f->ids.counter, e) != 0 ||
        fork_collect(&f->ids, frames, after, INT64_MAX, e) != 0)
        return -1;
    fork_ids_sort(&f->ids);
    return 0;
}

static uint8_t epoch_of(const struct fork *f, uint64_t sequence)
{
    return f->names->epoch != 0 && sequence <= f->names->last ? f->names->epoch
                                                              : f->epoch;
}

/* Of the line that begins with this frame; 0: none does. */
static uint8_t begins(const struct fork *f, uint64_t sequence)
{
    bool is_first = sequence == f->names->after + 1 ||
                    (f->names->epoch != 0 && sequence == f->names->last + 1);

    return is_first ? epoch_of(f, sequence) : 0;
}

/* One frame, its ids renamed and its chain made anew. */
static int replace_frame(struct fork *f, sqlite3_stmt *frame, struct buffer *changeset,
                         struct hash *chain, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(f->statements[FORK_REPLACE]);
    uint64_t sequence = (uint64_t)sqlite3_column_int64(frame, 0);

    if (fork_rename_frame(&f->ids, frame, begins(f, sequence), changeset, chain, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)sequence);
    (void)sqlite3_bind_int(s, 2, epoch_of(f, sequence));
    bind_blob(s, 3, chain->bytes, sizeof chain->bytes);
    bind_blob(s, 4, changeset->bytes, changeset->count);
    return statement_run(s, e);
}

static int replace_frames(struct fork *f, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(f->statements[FORK_FRAMES]);
    struct buffer changeset;
    struct hash chain;
    int row;

    if (fork_chain_at(f->store, f->names->after, &chain, e) != 0)
        return -1;
    buffer_init(&changeset, STORE_CHANGESET_BYTES_MAX);
    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)f->names->after);
    (void)sqlite3_bind_int64(s, 2, INT64_MAX);
    /* The number is not changed, so that the walk meets each frame once. */
    while ((row = statement_step(s, e)) == 1)
        if (replace_frame(f, s, &changeset, &chain, e) != 0) {
            row = -1;
            break;
        }
    (void)sqlite3_reset(s); /* only read: nothing can fail */
    buffer_release(&changeset);
    return row;
}

/* ---------------------------------------------------------------------- the rows */

/* A new name, below zero until all have theirs: it may be the old name of another. */
static void tram_fork_id(sqlite3_context *c, int count, sqlite3_value **values)
{
    const struct fork_ids *ids = sqlite3_user_data(c);
    sqlite3_int64 id = sqlite3_value_int64(values[0]);
    sqlite3_int64 name = (sqlite3_int64)fork_ids_rename(ids, (uint64_t)id);

    (void)count;
    sqlite3_result_int64(c, name == id ? id : -name);
}

/* An event's detail, with the new names of ids in it. */
static void tram_fork_detail(sqlite3_context *c, int count, sqlite3_value **values)
{
    const char *text = (const char *)sqlite3_value_text(values[0]);
    size_t bytes = (size_t)sqlite3_value_bytes(values[0]);
    char *named = text == NULL ? NULL : sqlite3_malloc64(bytes + 1);

    (void)count;
    if (text != NULL && named == NULL) {
        sqlite3_result_error_nomem(c);
        return;
    }
    if (named == NULL) {
        sqlite3_result_null(c);
        return;
    }
    memcpy(named, text, bytes); /* a NUL may be in it */
    named[bytes] = '\0';
    fork_ids_rename_in(sqlite3_user_data(c), named, bytes);
    sqlite3_result_text64(c, named, bytes, sqlite3_free, SQLITE_UTF8);
}

static int update_column(struct fork *f, const struct fork_column *column,
                         const char *value, struct err *e)
{
    char *update = sqlite3_mprintf("UPDATE \"%w\" SET \"%w\" = %s(\"%w\")"
                                   " WHERE \"%w\" IS NOT NULL AND %s(\"%w\") <> \"%w\"",
                                   column->table, column->column, value, column->column,
                                   column->column, value, column->column, column->column);
    int rc = update == NULL ? err_set(e, ERR_MEMORY, "fork") : sql_run(f->db, update, e);

    sqlite3_free(update);
    return rc == 0 ? 0 : err_wrap(e, "%s.%s", column->table, column->column);
}

static int rename_column(struct fork *f, const struct fork_column *column, struct err *e)
{
    return update_column(f, column, "tram_fork_id", e) == 0
               ? update_column(f, column, "abs", e)
               : -1;
}

/* Ids that are no column's value, or whose order says something. */
static const char rename_rest_sql[] =
    "UPDATE event SET detail = tram_fork_detail(detail)"
    " WHERE instr(detail, '\"#') > 0 AND detail <> tram_fork_detail(detail);"
    /* A pair is kept under the greater id, which may be the other one's now. */
    "INSERT INTO twin (page, other, agreeing, dismissed)"
    " SELECT other, page, agreeing, dismissed FROM twin WHERE page < other;"
    "DELETE FROM twin WHERE page < other";

/* NULL: forgets it. */
static int define(struct fork *f, const char *name,
                  void (*call)(sqlite3_context *, int, sqlite3_value **), struct err *e)
{
    return sqlite3_create_function_v2(f->db, name, 1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                      &f->ids, call, NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : sqlite_err(f->db, e, "fork");
}

static int rename_rows(struct fork *f, struct err *e)
{
    struct err ignored;
    int rc = define(f, "tram_fork_id", tram_fork_id, e);

    if (rc == 0)
        rc = define(f, "tram_fork_detail", tram_fork_detail, e);
    for (size_t i = 0; rc == 0 && i < fork_columns_count; i++)
        rc = rename_column(f, &fork_columns[i], e);
    if (rc == 0)
        rc = sql_run(f->db, rename_rest_sql, e);
    (void)define(f, "tram_fork_id", NULL, &ignored); /* nothing uses them now */
    (void)define(f, "tram_fork_detail", NULL, &ignored);
    return rc;
}

/* The index knows pages and documents by their ids. Other ids have no row there, old
 * or new, and no text. One's new name may have been another's. */
static int index_anew(struct fork *f, struct err *e)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < f->ids.count; i++)
        rc = search_put(f->store, f->ids.ids[i].id, "", e);
    for (size_t i = 0; rc == 0 && i < f->ids.count; i++)
        rc = records_refresh(f->records, f->ids.ids[i].name, e);
    return rc;
}

/* --------------------------------------------------------------------- altogether */

static int run_from(struct fork *f, int statement, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(f->statements[statement]);

    (void)sqlite3_bind_int64(s, 1, (sqlite3_int64)f->names->after);
    return statement_run(s, e);
}

static int replay(struct fork *f, struct err *e)
{
    const char *const *tables;
    size_t count = store_synced_tables(f->store, &tables);

    if (collect(f, e) != 0 || replace_frames(f, e) != 0 ||
        statement_run(statement_fresh(f->statements[FORK_LEASES]), e) != 0 ||
        guard_lift(f->db, tables, count, e) != 0 || rename_rows(f, e) != 0 ||
        guard_put_back(f->db, tables, count, e) != 0 || index_anew(f, e) != 0)
        return -1;
    if (run_from(f, FORK_STATE, e) != 0 || run_from(f, FORK_OUTBOX, e) != 0)
        return -1;
    return fork_set_epoch(f->store, f->epoch, f->ids.counter, e);
}

static int tell_forked(struct fork *f, uint8_t before, const char *actor, struct err *e)
{
    char detail[96];

    (void)snprintf(detail, sizeof detail,
                   "{\"after\":%" PRIu64 ",\"epoch\":%u,\"before\":%u}", f->names->after,
                   f->epoch, before);
    return fork_tell(f->records, "forked", actor, detail, e);
}

/* Inside the transaction. */
static int leave(struct fork *f, const char *actor, struct err *e)
{
    int rc = -1;

    if (fork_check_epoch(f->store, f->epoch, e) != 0)
        return -1;
    if (statements_prepare(f->db, f->statements, sql, FORK_STATEMENTS, e) == 0 &&
        replay(f, e) == 0)
        rc = tell_forked(f, f->store->identity.epoch, actor, e);
    statements_finalize(f->statements, FORK_STATEMENTS);
    fork_ids_release(&f->ids);
    return rc;
}

int fork_line_as(struct records *r, const struct fork_names *names, uint8_t epoch,
                 const char *actor, struct err *e)
{
    struct fork f = {
        .records = r, .store = records_store(r), .names = names, .epoch = epoch};

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

int fork_line(struct records *r, uint64_t last_common, uint8_t epoch, const char *actor,
              struct err *e)
{
    const struct fork_names none = {.after = last_common};

    return fork_line_as(r, &none, epoch, actor, e);
}
