#include "appliance/people/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/statements.h"

enum { HEAD, ADD, SET_HEAD, LIST, ALL, GUARD, STATEMENTS };

#define COLUMNS                                                                          \
    "id, kind, actor, subject, detail, boot, mono_ms, wall_ms, wall_confidence, chain"

static const char *const sql[STATEMENTS] = {
    [HEAD] = "SELECT id, chain FROM audit_head",
    [ADD] = "INSERT INTO audit (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
            " ?10)",
    [SET_HEAD] = "INSERT INTO audit_head (one, id, chain) VALUES (1, ?1, ?2)"
                 " ON CONFLICT (one) DO UPDATE SET id = excluded.id,"
                 " chain = excluded.chain",
    [LIST] = "SELECT " COLUMNS " FROM audit WHERE ?1 = 0 OR id < ?1"
             " ORDER BY id DESC LIMIT ?2",
    [ALL] = "SELECT " COLUMNS " FROM audit ORDER BY id",
    [GUARD] = "SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'"
              " AND sql = ?1",
};

/* What refuses changes, word for word as migration 16 made it. */
static const char *const guards[] = {
    "CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit\n"
    "    BEGIN SELECT RAISE(ABORT, 'audit: rows never change'); END",
    "CREATE TRIGGER audit_never_leaves BEFORE DELETE ON audit\n"
    "    BEGIN SELECT RAISE(ABORT, 'audit: rows are never deleted'); END",
};

static int prepare(struct store *s, int which, sqlite3_stmt **out, struct err *e)
{
    return statements_prepare(store_db(s), out, &sql[which], 1, e);
}

/* ----------------------------------------------------------------- the chain */

static void chain_begin(struct hash *out)
{
    hash_of(out, "tram audit", strlen("tram audit"));
}

static void add_number(struct hasher *h, uint64_t n)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(n >> (8 * i));
    hasher_add(h, bytes, sizeof bytes);
}

static void add_text(struct hasher *h, const char *text)
{
    add_number(h, strlen(text));
    hasher_add(h, text, strlen(text));
}

static void chain_add(struct hash *chain, const struct audit_row *r)
{
    struct hasher h;

    hasher_init(&h);
    hasher_add(&h, chain->bytes, sizeof chain->bytes);
    add_number(&h, r->id);
    add_number(&h, r->when.boot);
    add_number(&h, (uint64_t)r->when.mono_ms);
    add_number(&h, (uint64_t)r->when.wall_ms);
    add_number(&h, r->when.confidence);
    add_text(&h, r->kind);
    add_text(&h, r->actor);
    add_text(&h, r->subject);
    add_text(&h, r->detail);
    hasher_finish(&h, chain);
}

/* ----------------------------------------------------------------- appending */

/* The trail's end: *id is 0 before its first row. */
static int read_head(struct store *s, uint64_t *id, struct hash *chain, struct err *e)
{
    sqlite3_stmt *q;
    int row;

    *id = 0;
    chain_begin(chain);
    if (prepare(s, HEAD, &q, e) != 0)
        return -1;
    row = statement_step(q, e);
    if (row == 1) {
        *id = (uint64_t)sqlite3_column_int64(q, 0);
        if (!column_hash(q, 1, chain))
            row = err_set(e, ERR_CORRUPT, "audit: the head is no hash");
    }
    statements_finalize(&q, 1);
    return row < 0 ? -1 : 0;
}

static int write_row(struct store *s, const struct audit_row *r, const struct hash *chain,
                     struct err *e)
{
    sqlite3_stmt *q;
    int rc;

    if (prepare(s, ADD, &q, e) != 0)
        return -1;
    bind_id(q, 1, r->id);
    bind_text(q, 2, r->kind);
    bind_text(q, 3, r->actor);
    bind_text(q, 4, r->subject);
    bind_text(q, 5, r->detail);
    bind_moment(q, 6, &r->when);
    bind_blob(q, 10, chain->bytes, HASH_BYTES);
    rc = statement_run(q, e);
    statements_finalize(&q, 1);
    if (rc != 0 || prepare(s, SET_HEAD, &q, e) != 0)
        return -1;
    bind_id(q, 1, r->id);
    bind_blob(q, 2, chain->bytes, HASH_BYTES);
    rc = statement_run(q, e);
    statements_finalize(&q, 1);
    return rc;
}

int audit_append(struct store *s, const char *kind, const char *actor,
                 const char *subject, const char *detail, struct err *e)
{
    struct audit_row r = {
        .kind = kind, .actor = actor, .subject = subject, .detail = detail};
    struct hash chain;

    if (store_now(s, &r.when, e) != 0 || read_head(s, &r.id, &chain, e) != 0)
        return -1;
    r.id++;
    chain_add(&chain, &r);
    return write_row(s, &r, &chain, e) == 0 ? 0 : err_wrap(e, "audit");
}

int audit_write(struct store *s, const char *kind, const char *actor, const char *subject,
                const char *detail, struct err *e)
{
    if (store_apply_begin(s, e) != 0)
        return -1;
    if (audit_append(s, kind, actor, subject, detail, e) == 0)
        return store_apply_commit(s, e);
    store_apply_rollback(s);
    return -1;
}

/* ------------------------------------------------------------------- reading */

static const char *text_of(sqlite3_stmt *q, int column)
{
    const char *text = (const char *)sqlite3_column_text(q, column);

    return text == NULL ? "" : text;
}

static void read_row(sqlite3_stmt *q, struct audit_row *r)
{
    *r = (struct audit_row){
        .id = (uint64_t)sqlite3_column_int64(q, 0),
        .kind = text_of(q, 1),
        .actor = text_of(q, 2),
        .subject = text_of(q, 3),
        .detail = text_of(q, 4),
        .when = {.boot = (uint32_t)sqlite3_column_int64(q, 5),
                 .mono_ms = sqlite3_column_int64(q, 6),
                 .wall_ms = sqlite3_column_int64(q, 7),
                 .confidence = (enum wall_confidence)sqlite3_column_int(q, 8)}};
}

int audit_each(struct store *s, uint64_t before, unsigned limit,
               int (*each)(void *arg, const struct audit_row *r, struct err *e),
               void *arg, struct err *e)
{
    struct audit_row r;
    sqlite3_stmt *q;
    int row;

    if (prepare(s, LIST, &q, e) != 0)
        return -1;
    (void)sqlite3_bind_int64(q, 1, (sqlite3_int64)before);
    (void)sqlite3_bind_int64(q, 2, limit);
    while ((row = statement_step(q, e)) == 1) {
        read_row(q, &r);
        if (each(arg, &r, e) != 0) {
            row = -1;
            break;
        }
    }
    statements_finalize(&q, 1);
    return row < 0 ? -1 : 0;
}

/* ----------------------------------------------------------------- verifying */

/* The first row that does not fit is told; those behind it hang on it. */
static int walk(sqlite3_stmt *q, uint64_t *last, struct hash *chain, char *problem,
                size_t bytes, struct err *e)
{
    struct audit_row r;
    struct hash told;
    int row;

    while ((row = statement_step(q, e)) == 1) {
        read_row(q, &r);
        if (r.id != *last + 1) {
            (void)snprintf(problem, bytes, "audit: row %" PRIu64 " follows row %" PRIu64,
                           r.id, *last);
            return 0;
        }
        chain_add(chain, &r);
        if (!column_hash(q, 9, &told) || !hash_equal(&told, chain)) {
            (void)snprintf(problem, bytes, "audit: row %" PRIu64 " was altered", r.id);
            return 0;
        }
        *last = r.id;
    }
    return row;
}

static int check_rows(struct store *s, char *problem, size_t bytes, struct err *e)
{
    struct hash chain, told;
    uint64_t last = 0, head;
    sqlite3_stmt *q;
    int rc;

    chain_begin(&chain);
    if (prepare(s, ALL, &q, e) != 0)
        return -1;
    rc = walk(q, &last, &chain, problem, bytes, e);
    statements_finalize(&q, 1);
    if (rc != 0 || problem[0] != '\0')
        return rc;
    if (read_head(s, &head, &told, e) != 0)
        return -1;
    if (head != last || !hash_equal(&told, &chain))
        (void)snprintf(problem, bytes,
                       "audit: the trail ends at row %" PRIu64 ", its head is %" PRIu64,
                       last, head);
    return 0;
}

static int check_guards(struct store *s, bool *there, struct err *e)
{
    *there = true;
    for (size_t i = 0; i < sizeof guards / sizeof *guards; i++) {
        sqlite3_stmt *q;
        int row;

        if (prepare(s, GUARD, &q, e) != 0)
            return -1;
        bind_text(q, 1, guards[i]);
        row = statement_step(q, e);
        statements_finalize(&q, 1);
        if (row < 0)
            return -1;
        *there = *there && row == 1;
    }
    return 0;
}

/* Whoever has an account was added, and that is a row. */
static int check_emptiness(struct store *s, char *problem, size_t bytes, struct err *e)
{
    int64_t missing;

    if (sql_number(store_db(s),
                   "SELECT EXISTS (SELECT 1 FROM account) AND NOT EXISTS"
                   " (SELECT 1 FROM audit)",
                   &missing, e) != 0)
        return -1;
    if (missing != 0)
        (void)snprintf(problem, bytes, "audit: there are accounts, and no trail of them");
    return 0;
}

int audit_verify(struct store *s, void (*each)(void *arg, const char *problem), void *arg,
                 struct err *e)
{
    char problem[128] = "";
    bool guarded;
    int rc;

    if (store_read_begin(s, e) != 0)
        return -1;
    rc = check_guards(s, &guarded, e);
    if (rc == 0)
        rc = check_rows(s, problem, sizeof problem, e);
    if (rc == 0 && problem[0] == '\0')
        rc = check_emptiness(s, problem, sizeof problem, e);
    store_read_end(s);
    if (rc != 0)
        return err_wrap(e, "audit");
    if (!guarded)
        each(arg, "audit: what refuses changes of its rows is not there");
    if (problem[0] != '\0')
        each(arg, problem);
    return 0;
}
