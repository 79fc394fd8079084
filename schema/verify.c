#include "schema/verify_internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema/capture.h"
#include "schema/chain.h"
#include "schema/empty.h"
#include "schema/migrations.h"
#include "schema/statements.h"

/* A damaged box may have a problem a row; nobody reads more than this. */
#define PROBLEMS_MAX 100

static const char *const sql[VERIFY_STATEMENTS] = {
    [VERIFY_INTEGRITY] = "PRAGMA integrity_check",
    [VERIFY_FRAMES] = "SELECT sequence, schema, chain, changeset, changes, seen,"
                      " seen_epoch FROM changelog ORDER BY sequence",
};

void verification_problem(struct verification *v, const char *format, ...)
{
    char text[512];
    va_list args;

    if (++v->problems > PROBLEMS_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); /* a cut text is fine */
    va_end(args);
    v->each(v->arg, text);
}

static int check_integrity(struct verification *v, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(v->statements[VERIFY_INTEGRITY]);
    int row;

    while ((row = statement_step(s, e)) == 1) {
        const char *text = (const char *)sqlite3_column_text(s, 0);

        if (text == NULL || strcmp(text, "ok") != 0)
            verification_problem(v, "database: %s", text == NULL ? "?" : text);
    }
    return row;
}

/* --------------------------------------------------------------- the frames */

struct frame {
    uint64_t sequence, changes, seen;
    uint8_t seen_epoch;
    uint32_t schema;
    struct buffer changeset; /* borrows the statement's bytes */
    const void *chain;
    size_t chain_bytes;
};

static struct frame frame_of(sqlite3_stmt *s)
{
    struct frame f = {
        .sequence = (uint64_t)sqlite3_column_int64(s, 0),
        .schema = (uint32_t)sqlite3_column_int64(s, 1),
        .chain = sqlite3_column_blob(s, 2),
        .chain_bytes = (size_t)sqlite3_column_bytes(s, 2),
        .changes = (uint64_t)sqlite3_column_int64(s, 4),
        .seen = (uint64_t)sqlite3_column_int64(s, 5),
        .seen_epoch = (uint8_t)sqlite3_column_int(s, 6),
    };

    f.changeset.bytes = (unsigned char *)(uintptr_t)sqlite3_column_blob(s, 3);
    f.changeset.count = (size_t)sqlite3_column_bytes(s, 3);
    return f;
}

static const char *conflict_name(int kind)
{
    switch (kind) {
    case SQLITE_CHANGESET_DATA:
        return "the row is not as it was";
    case SQLITE_CHANGESET_NOTFOUND:
        return "the row is not there";
    case SQLITE_CHANGESET_CONFLICT:
        return "the row is there already";
    case SQLITE_CHANGESET_CONSTRAINT:
        return "a constraint fails";
    default:
        return "a reference fails";
    }
}

static bool values_equal(sqlite3_value *a, sqlite3_value *b)
{
    int type = sqlite3_value_type(a), bytes = sqlite3_value_bytes(a);

    if (type != sqlite3_value_type(b))
        return false;
    if (type == SQLITE_INTEGER)
        return sqlite3_value_int64(a) == sqlite3_value_int64(b);
    return bytes == sqlite3_value_bytes(b) &&
           (bytes == 0 ||
            memcmp(sqlite3_value_blob(a), sqlite3_value_blob(b), (size_t)bytes) == 0);
}

/* The row holds what the change says: what came was told again to a centre that had lost
 * it (store_apply_say). */
static bool is_said_again(int kind, sqlite3_changeset_iter *iter, int columns)
{
    if (kind != SQLITE_CHANGESET_DATA && kind != SQLITE_CHANGESET_CONFLICT)
        return false;
    for (int i = 0; i < columns; i++) {
        sqlite3_value *new = NULL, *here = NULL;

        if (sqlite3changeset_new(iter, i, &new) != SQLITE_OK ||
            sqlite3changeset_conflict(iter, i, &here) != SQLITE_OK ||
            (new != NULL && !values_equal(new, here)))
            return false;
    }
    return true;
}

static int on_conflict(void *arg, int kind, sqlite3_changeset_iter *iter)
{
    struct verification *v = arg;
    const char *table = NULL;
    int columns = 0, verb = 0, indirect;

    if (sqlite3changeset_op(iter, &table, &columns, &verb, &indirect) != SQLITE_OK)
        table = NULL;
    if (v->came != NULL && verb != SQLITE_DELETE && is_said_again(kind, iter, columns))
        return SQLITE_CHANGESET_OMIT;
    verification_problem(v, "fold: %s: %s", table == NULL ? "?" : table,
                         conflict_name(kind));
    return SQLITE_CHANGESET_OMIT;
}

/* Applying skips a table that it does not know in silence, so that names are
 * looked at first. */
static int apply(struct verification *v, const struct frame *f, struct err *e)
{
    uint64_t changes;
    struct err why;
    int rc;

    if (changeset_count(&f->changeset, v->tables, v->tables_count, &changes, &why) != 0) {
        verification_problem(v, "frame %" PRIu64 ": %s", f->sequence, why.text);
        return 0;
    }
    if (changes != f->changes || changes == 0)
        verification_problem(v,
                             "frame %" PRIu64 ": says %" PRIu64 " rows, holds %" PRIu64,
                             f->sequence, f->changes, changes);
    rc = sqlite3changeset_apply_v2(v->fold, (int)f->changeset.count, f->changeset.bytes,
                                   NULL, on_conflict, v, NULL, NULL, 0);
    if (rc == SQLITE_NOMEM)
        return err_set(e, ERR_MEMORY, "fold: out of memory");
    if (rc != SQLITE_OK)
        verification_problem(v, "frame %" PRIu64 ": cannot be applied: %s", f->sequence,
                             sqlite3_errstr(rc));
    return 0;
}

static void check_chain(struct verification *v, const struct frame *f,
                        uint64_t sequence_expected, struct hash *chain)
{
    struct hash next;

    if (f->sequence != sequence_expected)
        verification_problem(v, "changelog: frame %" PRIu64 " where %" PRIu64 " must be",
                             f->sequence, sequence_expected);
    chain_next(&next, chain, f->sequence, f->schema, f->changeset.bytes,
               f->changeset.count);
    if (f->chain_bytes != HASH_BYTES || memcmp(f->chain, next.bytes, HASH_BYTES) != 0)
        verification_problem(v, "changelog: the chain breaks at frame %" PRIu64,
                             f->sequence);
    /* Goes on from what is written: one break is one problem. */
    if (f->chain_bytes == HASH_BYTES)
        memcpy(next.bytes, f->chain, HASH_BYTES);
    *chain = next;
}

static int bring_came(struct verification *v, uint64_t frame, uint64_t seen,
                      uint8_t seen_epoch, struct err *e)
{
    if (v->came == NULL)
        return 0;
    return v->came->until(v->came->arg, v->fold, frame, seen, seen_epoch, e);
}

static int walk_frames(struct verification *v, struct err *e)
{
    sqlite3_stmt *s = statement_fresh(v->statements[VERIFY_FRAMES]);
    uint64_t expected = 1;
    struct hash chain;
    size_t newest;
    int row;

    (void)migrations_all(&newest);
    chain_start(&chain, store_identity(v->store)->site);
    while ((row = statement_step(s, e)) == 1) {
        struct frame f = frame_of(s);

        check_chain(v, &f, expected, &chain);
        expected = f.sequence + 1;
        if (f.schema == 0 || f.schema > newest)
            verification_problem(v, "frame %" PRIu64 ": unknown schema version %" PRIu32,
                                 f.sequence, f.schema);
        if (bring_came(v, f.sequence, f.seen, f.seen_epoch, e) != 0 ||
            apply(v, &f, e) != 0) {
            (void)sqlite3_reset(s); /* only read: nothing can fail */
            return -1;
        }
    }
    return row != 0 ? row : bring_came(v, INT64_MAX, INT64_MAX, UINT8_MAX, e);
}

/* ---------------------------------------------------------------- altogether */

static int check_all(struct verification *v, struct err *e)
{
    if (statements_prepare(v->db, v->statements, sql, VERIFY_STATEMENTS, e) != 0 ||
        check_integrity(v, e) != 0 || walk_frames(v, e) != 0)
        return -1;
    for (size_t i = 0; i < v->tables_count; i++)
        if (verification_table(v, v->tables[i], e) != 0)
            return -1;
    return 0;
}

int store_verify(struct store *s, const struct store_came *came,
                 void (*each)(void *arg, const char *problem), void *arg, struct err *e)
{
    struct verification v = {
        .store = s, .db = store_db(s), .came = came, .each = each, .arg = arg};
    int rc = -1;

    v.tables_count = store_synced_tables(s, &v.tables);
    if (store_read_begin(s, e) != 0)
        return err_wrap(e, "verify");
    /* In memory: the one part of verify that grows with the records. */
    if (empty_open(&v.fold, EMPTY_NEWEST, e) != 0)
        goto out;
    rc = check_all(&v, e);
    if (rc != 0 && e->code == ERR_CORRUPT) {
        /* The damage is the answer. */
        verification_problem(&v, "%s", e->text);
        rc = 0;
    }
    if (v.problems > PROBLEMS_MAX) {
        char more[64];

        (void)snprintf(more, sizeof more, "… and %u more", v.problems - PROBLEMS_MAX);
        v.each(v.arg, more);
    }
out:
    statements_finalize(v.statements, VERIFY_STATEMENTS);
    (void)sqlite3_close(v.fold); /* everything on it is finalised */
    store_read_end(s);
    return rc == 0 ? 0 : err_wrap(e, "verify");
}
